"""Citations out of an index: what is named, in which order and form, and what is told with it."""

import json
import os
import re
from dataclasses import replace
from types import SimpleNamespace

import pytest
import rispy
from pybtex.database import parse_string

from index.corpus import Corpus
from index.errors import CitationError, LocatorError, StyleError
from index.model import Outcome, Provenance
from index.paper import parse_paper
from index.write_corpus import CorpusWriter
from qa import pandoc
from qa.citations import MEDIA, Citations, cite_bibliography, cite_targets, save_citations

PAPER = """# Weather of the Hills

Bo Snow

Rain fell [1].

# References

1. Rain, A., & Snow, B. (2020). Hail on hills. Wet Science, 12(3), 4–15. https://doi.org/10.1000/wet.1
2. Rain Office. (2021). Storms of the north. https://rain.example.org/storms
3. Rain, A., & Snow, B. (2020). Hail on hills. Wet Science, 12(3), 4–15. https://doi.org/10.1000/wet.1
4. Nguyễn, T. (2019). Fog & <i>mist</i> in 100% of valleys. Fog Press.
5. Rain Office. (2021). Storms of the north. https://rain.example.org/storms
"""
ARCHIVE = "https://web.archive.org/web/2022/https://rain.example.org/storms"
READ = Provenance("archive", ARCHIVE, ARCHIVE, "2025-06-01T10:00:00+00:00", 200, "text/html", "0", 1)
HAIL = "Rain, A., & Snow, B. (2020). Hail on hills. Wet Science, 12(3), 4–15. https://doi.org/10.1000/wet.1"
FOG = "Nguyễn, T. (2019). Fog & mist in 100% of valleys. Fog Press."
STORMS = "Rain Office. (2021). Storms of the north. https://rain.example.org/storms"


@pytest.fixture(scope="module")
def hills(tmp_path_factory):
    """An index of a paper with five entries of three works, of which that of 1 and 3 and that of 2 and 5 are held."""
    paper = parse_paper(PAPER, document_id="hills")
    hail = parse_paper(
        "# Hail on hills\n\nA first page.\n\nOn the second, hail fell.", document_id="reference-1", kind="reference"
    )
    storms = parse_paper("# Storms of the north\n\nOne.\n\nTwo storms.", document_id="reference-2", kind="reference")
    held = [
        replace(
            hail,
            pages=((0, 1), (hail.text.index("On the second"), 2)),
            work=replace(hail.work, entries=("1", "3"), cited_by="hills"),
        ),
        replace(storms, work=replace(storms.work, entries=("2", "5"), cited_by="hills", url=ARCHIVE)),
    ]
    outcomes = {"hills": {"2": Outcome("indexed", provenance=READ)}}
    path = tmp_path_factory.mktemp("hills") / "corpus.sqlite"
    with CorpusWriter(path) as writer:
        for document in (paper, *held):
            writer.begin(document, outcomes.get(document.work.id))
    return SimpleNamespace(corpus=Corpus(path))


def locate(hills, document, words):
    start = hills.corpus.load_document(document).text.index(words)
    return f"{document}:{start}-{start + len(words)}"


def test_sources_are_cited_in_the_order_in_which_they_are_named(hills):
    assert cite_targets(hills, ["4", "1", "2"]).text.splitlines() == [FOG, HAIL, STORMS]


def test_a_work_that_is_named_in_several_ways_is_cited_once(hills):
    names = ["3", "reference-1", "[1]", locate(hills, "reference-1", "hail fell"), " 1 "]
    assert cite_targets(hills, names).text == f"{HAIL}\n"


def test_numbers_of_a_style_are_the_order_of_use(hills):
    lines = cite_targets(hills, ["4", "3", "2", "1"], style="ieee").text.splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["[1]", "[2]", "[3]"]
    assert ["Nguyễn" in lines[0], "Hail" in lines[1], "Storms" in lines[2]] == [True, True, True]


def test_in_text_each_place_has_its_page_or_its_paragraph(hills):
    places = [("reference-1", "hail fell"), ("reference-1", "first page"), ("reference-2", "Two storms")]
    cited = cite_targets(hills, [*(locate(hills, *place) for place in places), "4"], in_text=True)
    assert cited.text.splitlines() == [
        "(Rain & Snow, 2020, p. 2)",
        "(Rain & Snow, 2020, p. 1)",
        "(Rain Office, 2021, para. 2)",
        "(Nguyễn, 2019)",
    ]


def test_in_text_a_style_of_numbers_counts_first_uses(hills):
    cited = cite_targets(hills, ["4", locate(hills, "reference-1", "hail fell"), "4", "3"], style="ieee", in_text=True)
    assert cited.text.splitlines() == ["[1]", "[2, p. 2]", "[1]", "[2]"]


def test_in_text_a_style_of_notes_gives_the_note(hills):
    cited = cite_targets(hills, [locate(hills, "reference-1", "hail fell")], style="chicago-notes", in_text=True)
    assert cited.text.startswith(
        "A. Rain and B. Snow, “Hail on Hills,” Wet Science 12, no. 3 (2020): 2, https://doi.org/"
    )


def test_a_style_without_a_bibliography_gives_its_note_and_says_so(hills):
    cited = cite_targets(hills, ["4", "1"], style="agora")
    assert [line.split()[0] for line in cited.text.splitlines()] == ["T.", "A."]
    assert cited.notes == ("the style agora has no bibliography; this is its note",)


def test_a_page_that_was_read_has_its_day_where_the_style_wants_it(hills):
    assert cite_targets(hills, ["2"], style="harvard").text == (
        "Rain Office (2021) Storms of the north."
        " Available at: https://rain.example.org/storms (Accessed: June 1, 2025).\n"
    )


def test_a_line_that_a_style_leaves_empty_is_a_plain_form_and_says_so(tmp_path):
    paper = parse_paper(
        "# Old Hills\n\nRain [1].\n\n# References\n\n1. The almanac\n2. Rain, A. (2020). Hail.", document_id="old"
    )
    with CorpusWriter(tmp_path / "corpus.sqlite") as writer:
        writer.begin(paper)
    old = SimpleNamespace(corpus=Corpus(tmp_path / "corpus.sqlite"))
    assert cite_targets(old, ["1", "2"], style="chicago-notes").text == "The Almanac. n.d.\nRain, A. Hail. 2020.\n"
    cited = cite_targets(old, ["1", "2"], style="plant-physiology", in_text=True)
    assert cited.text.splitlines() == ["(The almanac, n.d.)", "(Rain, 2020)"]
    assert cited.notes[-1] == (
        "the style plant-physiology prints nothing where so little is known; there, this is a plain form"
    )


def test_html_keeps_italics_and_links_and_escapes_the_rest(hills):
    lines = cite_targets(hills, ["4", "1"], form="html").text.splitlines()
    assert lines[0] == "<p>Nguyễn, T. (2019). <em>Fog &amp; <em>mist</em> in 100% of valleys</em>. Fog Press.</p>"
    assert lines[1].endswith('<a href="https://doi.org/10.1000/wet.1">https://doi.org/10.1000/wet.1</a></p>')


def test_the_bibliography_has_each_work_once_as_printed(hills):
    done = cite_bibliography(hills)
    assert done.text.splitlines() == [HAIL, STORMS, FOG]
    assert done.filename == "bibliography.txt"


def test_the_bibliography_takes_an_order_and_leaves_out_what_that_does(hills):
    assert cite_bibliography(hills, ["4", "3"]).text.splitlines() == [FOG, HAIL]


def test_an_archived_copy_is_noted(hills):
    assert cite_targets(hills, ["5", "2", "4"]).notes == (
        f"Storms of the north: what was read is an archived copy, {ARCHIVE}",
    )


@pytest.mark.parametrize("form", ["bibtex", "biblatex"])
def test_bibtex_has_a_record_a_work_with_its_doi(hills, form):
    entries = parse_string(cite_bibliography(hills, form=form).text, "bibtex").entries
    assert list(entries) == ["rain2020hail", "rainoffice2021storms", "nguyen2019fog"]
    assert entries["rain2020hail"].fields["doi"] == "10.1000/wet.1"
    assert entries["nguyen2019fog"].fields["title"] == "Fog \\& mist in 100\\% of valleys"
    assert entries["rainoffice2021storms"].fields["note"] == f"Archived copy at {ARCHIVE}"


def test_ris_has_a_record_a_work(hills):
    records = rispy.loads(cite_bibliography(hills, form="ris").text)
    assert [(record["id"], record["title"]) for record in records] == [
        ("rain2020hail", "Hail on hills"),
        ("rainoffice2021storms", "Storms of the north"),
        ("nguyen2019fog", "Fog & mist in 100% of valleys"),
    ]


def test_csl_json_has_the_items_with_their_keys(hills):
    items = json.loads(cite_bibliography(hills, form="csl-json").text)
    assert [(item["id"], item["type"]) for item in items] == [
        ("rain2020hail", "article-journal"),
        ("rainoffice2021storms", "webpage"),
        ("nguyen2019fog", "book"),
    ]


def test_a_key_is_the_same_whatever_else_is_cited(hills):
    alone = json.loads(cite_targets(hills, ["4"], form="csl-json").text)
    assert [alone[0]["id"], cite_targets(hills, ["4"], form="ris").filename] == ["nguyen2019fog", "nguyen2019fog.ris"]


@pytest.mark.parametrize("form", MEDIA)
def test_every_form_has_its_type_and_ends_in_one_line_break(hills, form):
    done = cite_targets(hills, ["1", "4"], form=form)
    assert (done.media_type, done.filename) == (MEDIA[form][0], f"citations.{MEDIA[form][1]}")
    assert re.search(r"[^\n]\n\Z", done.text)


@pytest.mark.parametrize("form", ["bibtex", "biblatex", "ris", "csl-json"])
def test_files_for_managers_need_no_pandoc(hills, monkeypatch, form):
    monkeypatch.setattr(pandoc, "find_pandoc", None)
    assert "nguyen2019fog" in cite_targets(hills, ["4"], form=form).text


def break_pandoc(monkeypatch, tmp_path):
    monkeypatch.setattr(pandoc, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))


def test_without_pandoc_a_plain_form_says_that_it_is_one(hills, monkeypatch, tmp_path):
    break_pandoc(monkeypatch, tmp_path)
    done = cite_targets(hills, ["1", "4"], style="ieee")
    assert done.text.splitlines() == [
        "Rain, A.; Snow, B. (2020). Hail on hills. Wet Science, 12, 3, 4-15. https://doi.org/10.1000/wet.1",
        "Nguyễn, T. (2019). Fog & mist in 100% of valleys. Fog Press.",
    ]
    (note,) = done.notes
    assert note.startswith("this is a plain form, not the style ieee: pandoc is not installed; ")
    assert note.endswith("; to have the style, install pandoc (pip install pypandoc-binary)")


def test_without_pandoc_a_citation_in_text_keeps_its_place_and_html_is_escaped(hills, monkeypatch, tmp_path):
    break_pandoc(monkeypatch, tmp_path)
    cited = cite_targets(hills, [locate(hills, "reference-1", "hail fell"), "4"], in_text=True)
    assert cited.text.splitlines() == ["(Rain et al., 2020, p. 2)", "(Nguyễn, 2019)"]
    assert "Fog &amp; mist" in cite_targets(hills, ["4"], form="html").text


def test_the_seed_paper_has_a_sensible_line_in_apa(index):
    assert cite_targets(index, ["us-japan-science-technology-2021-2025"]).text == (
        "Tran, A. C. (2025). SCIENTIFIC AND TECHNOLOGICAL COOPERATION BETWEEN THE UNITED STATES AND JAPAN (2021-2025)."
        " https://doi.org/10.37602/ijssmr.2025.8436\n"
    )


def test_the_seeds_bibliography_has_its_22_works(index):
    assert len(cite_bibliography(index).text.splitlines()) == 22  # 18 and 19 are one


@pytest.mark.parametrize(
    ("targets", "error", "told"),
    [
        ([], CitationError, "name 1 to 2,000 sources"),
        (["1"] * 2001, CitationError, "name 1 to 2,000 sources"),
        (["6"], CitationError, "no entry '6': it has 1 to 5"),
        (["hill"], LocatorError, "copy a locator"),
        (["hills:0-99999"], LocatorError, "copy a locator"),
        (["a:b"], LocatorError, "copy a locator"),
    ],
)
def test_what_is_not_there_is_told(hills, targets, error, told):
    with pytest.raises(error, match=told):
        cite_targets(hills, targets)


def test_an_order_with_an_unknown_entry_is_told(hills):
    with pytest.raises(CitationError, match="no entry '9'"):
        cite_bibliography(hills, ["1", "9"])


def test_an_unknown_form_or_style_is_told(hills):
    with pytest.raises(CitationError, match="ask for one of text, html"):
        cite_targets(hills, ["1"], form="docx")
    with pytest.raises(StyleError, match="such as apa"):
        cite_targets(hills, ["1"], style="appa")


def test_a_file_of_html_says_that_it_is_in_utf_8(hills, tmp_path):
    save_citations(cite_targets(hills, ["4"], form="html"), tmp_path / "cited.html")
    saved = (tmp_path / "cited.html").read_text(encoding="utf-8")
    assert saved.startswith('<!doctype html>\n<meta charset="utf-8">\n')
    assert saved.endswith("Fog Press.</p>\n")


def test_a_file_that_cannot_be_written_is_told_and_the_old_one_stays(hills, tmp_path):
    old = tmp_path / "cited.txt"
    old.mkdir()
    with pytest.raises(CitationError, match="name a file in a folder that can be written"):
        save_citations(cite_targets(hills, ["4"], form="ris"), old)
    assert old.is_dir()


def test_a_file_behind_a_link_is_written_and_the_link_stays(tmp_path):
    target, link = tmp_path / "target.txt", tmp_path / "link.txt"
    target.write_text("old")
    link.symlink_to(target)
    save_citations(Citations("new\n", "text/plain; charset=utf-8", "x.txt"), link)
    assert link.is_symlink()
    assert target.read_text() == "new\n"


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    save_citations(Citations("new \ud800\n", "text/plain; charset=utf-8", "x.txt"), pipe)
    assert os.read(reader, 100) == b"new ?\n"
    os.close(reader)
    assert pipe.is_fifo()
