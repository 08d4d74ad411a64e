"""`ibid cite` as a reader of its output sees it."""

import json

import pytest

pytestmark = pytest.mark.model

LOCATOR = "us-japan-science-technology-2021-2025:9090-10069"
TSUKUBA = (
    "University of Tsukuba. (2025, May 16). University of Tsukuba to launch X-PAI initiative with University of"
    " Washington, NVIDIA, and Amazon. https://www.tsukuba.ac.jp/en/news/20250516152834.html\n"
)


def test_an_entry_is_cited_in_apa_by_default(ibid, home):
    done = ibid("cite", "7", home=home)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", TSUKUBA)


def test_a_place_is_cited_in_text_with_its_paragraph(ibid, home):
    done = ibid("cite", LOCATOR, "7", "--in-text", home=home)
    assert (done.stderr, done.stdout) == ("", "(Tran, 2025, para. 6)\n(University of Tsukuba, 2025)\n")


def test_notes_go_to_standard_error(ibid, home):
    done = ibid("cite", "1", "--style", "mla", home=home)
    assert (done.returncode, done.stderr) == (0, "ibid: entry 1 prints no title\n")
    assert done.stdout.startswith("[Web page at www.mofa.go.jp]. https://www.mofa.go.jp/")


def test_the_whole_bibliography_goes_to_a_file(ibid, home, tmp_path):
    done = ibid("cite", "--bibliography", "--format", "csl-json", "--output", str(tmp_path / "b.json"), home=home)
    assert (done.returncode, done.stdout) == (0, "")
    assert len(json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))) == 22
    assert [file.name for file in tmp_path.glob("[.b]*.json")] == ["b.json"]
