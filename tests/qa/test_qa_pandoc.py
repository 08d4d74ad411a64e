"""Pandoc's citeproc, against a call of pandoc's own on the same works."""

import html
import json
import re
import subprocess
from pathlib import Path

import pytest

from qa import pandoc
from qa.pandoc import PandocError, find_pandoc, render
from qa.styles import find_style, load_style

WORKS = json.loads((Path(__file__).parents[1] / "index" / "works.json").read_text(encoding="utf-8"))["works"]
# Of all types, and none that a style sets apart from another by a letter or a dash.
VARIED = [work for work in WORKS if not re.search(r"<|“", work["title"])]
STYLES = ["apa", "mla", "chicago", "chicago-notes", "ieee", "harvard", "vancouver", "nature", "acm"]
HOSTILE = (
    "A <script>alert(1)</script> <img src=x onerror=y> $x$ *a* _b_ [@key] [l](javascript:z) \\emph{t} &lt;i&gt;"
    " <i>E. coli</i>"
)
NUMBER = re.compile(r"^(?:\[\d+\]|\d+\.)\s*")


def ask_pandoc(style, form):
    """Return what pandoc itself prints of the works, by id; HTML of what is inside an entry."""
    command = [
        find_pandoc(),
        "--from=csljson",
        f"--to={form}",
        "--wrap=none",
        "--citeproc",
        f"--csl={find_style(style)}",
    ]
    done = subprocess.run(command, input=json.dumps(VARIED), capture_output=True, text=True, check=True, timeout=60)
    entries = re.findall(
        r'<div id="ref-(\w+)" class="csl-entry"[^>]*>(.*?)\n?</div>(?=\s*(?:<div id|</div>))', done.stdout, re.DOTALL
    )
    return dict(entries)


def strip_tags(entry):
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", entry)).split())


@pytest.fixture(scope="module", params=STYLES)
def rendered(request):
    """A style, what is rendered in it, and what pandoc prints."""
    uses = [(work["id"], "") for work in VARIED]
    return render(VARIED, uses, load_style(request.param)).entries, ask_pandoc(request.param, "html")


def test_every_entry_is_pandocs_own_but_for_its_number(rendered):
    ours, pandocs = rendered
    assert list(ours) == [work["id"] for work in VARIED]
    assert {name: NUMBER.sub("", line.text) for name, line in ours.items()} == {
        name: NUMBER.sub("", strip_tags(entry)) for name, entry in pandocs.items()
    }


def test_italics_of_html_are_pandocs_own(rendered):
    ours, pandocs = rendered
    italics = {name: re.findall(r"<em>(.*?)</em>", line.html) for name, line in ours.items()}
    assert italics == {
        name: re.findall(r"<em>(.*?)</em>", re.sub("</?span[^>]*>", "", entry)) for name, entry in pandocs.items()
    }
    assert sum(map(len, italics.values())) > len(VARIED) / 3 or not any(map(len, italics.values()))


def test_links_of_html_are_pandocs_own(rendered):
    ours, pandocs = rendered
    links = {name: re.findall(r'href="([^"]*)"', line.html) for name, line in ours.items()}
    assert links == {name: re.findall(r'href="([^"]*)"', entry) for name, entry in pandocs.items()}


@pytest.mark.parametrize("style", ["ieee", "vancouver", "acm"])
def test_numbers_are_in_the_order_of_use(style):
    uses = [(work["id"], "") for work in reversed(VARIED[:5])]
    entries = render(VARIED[:5], uses, load_style(style)).entries
    first = [entries[name].text for name, _ in uses]
    assert [re.search(r"\d+", line)[0] for line in first] == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    ("style", "told"),
    [
        ("apa", ["(Okonkwo et al., 2019, p. 453)", "(Fujimoto & Reyes-Castellanos, 2021, para. 6)"]),
        ("mla", ["(Okonkwo et al. 453)", "(Fujimoto and Reyes-Castellanos, par. 6)"]),
        ("ieee", ["[1, p. 453]", "[2, Para. 6]"]),
        ("chicago", ["(Okonkwo et al. 2019, 453)", "(Fujimoto and Reyes-Castellanos 2021, para. 6)"]),
    ],
)
def test_a_citation_in_text_has_the_page_or_the_paragraph(style, told):
    done = render(WORKS[:2], [("w1", "p. 453"), ("w2", "para. 6")], load_style(style))
    assert [line.text for line in done.in_text] == told


def test_a_style_of_notes_gives_the_note_with_the_page():
    (note,) = render(WORKS[:1], [("w1", "p. 453")], load_style("chicago-notes")).in_text
    assert note.text.startswith("Adaeze N. Okonkwo et al., “Soil Moisture Memory")
    assert "<em>Journal of Hydrometeorology</em> 20, no. 3 (2019): 453, <a href=" in note.html


@pytest.mark.parametrize("style", STYLES)
def test_a_hostile_title_is_text_and_only_the_marks_of_csl_are_marks(style):
    item = {
        "id": "x",
        "type": "book",
        "title": HOSTILE,
        "author": [{"literal": "<b onclick=z>W</b> $y$"}],
        "URL": "javascript:z",
    }
    line = render([item], [("x", "")], load_style(style)).entries["x"]
    tags = set(re.findall(r"<[^>]*>", line.html)) - {'<a href="https://javascript:z">', "</a>"}
    assert tags <= {"<em>", "</em>", "<strong>", "</strong>"}
    for word in (
        "<script>alert(1)</script>",
        "<img src=x onerror=y>",
        "$x$",
        "*a*",
        "_b_",
        "[@key]",
        "\\emph{t}",
        "&lt;i&gt;",
    ):
        assert word.casefold() in line.text.casefold()
    assert strip_tags(line.html) == line.text
    assert "<i>e. coli" not in line.text.casefold()
    assert "e. coli" in line.text.casefold()


def test_an_address_that_is_no_web_address_is_no_link():
    item = {"id": "x", "type": "webpage", "title": "T", "URL": "ftp://a.org/x"}
    assert "<a" not in render([item], [("x", "")], load_style("apa")).entries["x"].html


def write_program(folder, lines):
    program = folder / "pandoc"
    program.write_text(f"#!/bin/sh\n{lines}\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("echo broken >&2; exit 3", "pandoc failed: broken"),
        ("echo '{}'", "pandoc cannot be used"),
        ("echo nonsense", "pandoc cannot be used"),
        ("exec sleep 9", "pandoc took longer than 0.2 s"),
    ],
)
def test_a_pandoc_that_does_not_do_is_told(tmp_path, monkeypatch, lines, told):
    program = write_program(tmp_path, lines)
    monkeypatch.setattr(pandoc, "find_pandoc", lambda: program)
    monkeypatch.setattr(pandoc, "_TIMEOUT_S", 0.2)
    with pytest.raises(PandocError, match=told):
        render(WORKS[:1], [("w1", "")], load_style("apa"))


def test_a_machine_without_pandoc_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(pandoc, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PandocError, match="pandoc is not installed"):
        find_pandoc()


def test_a_pandoc_of_the_machine_serves_where_the_package_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setattr(pandoc, "find_spec", lambda name: None)
    program = write_program(tmp_path, "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_pandoc() == program
