"""Citation styles by name."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import StyleError
from qa.styles import NAMES, find_style, load_style


@pytest.mark.parametrize("name", NAMES)
def test_every_short_name_has_its_style(name):
    assert b"<style" in load_style(name)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("APA", "apa"),
        (" apa.csl ", "apa"),
        ("mla", "modern-language-association"),
        ("chicago", "chicago-author-date"),
        ("chicago-notes", "chicago-notes-bibliography"),
        ("vancouver", "nlm-citation-sequence"),
        ("2d-materials", "institute-of-physics-numeric"),
        ("nature-physics", "nature"),
    ],
)
def test_a_style_is_found_by_its_names_and_a_dependent_one_gives_way_to_its_parent(name, file):
    assert find_style(name).stem == file


@pytest.mark.parametrize(
    ("name", "near"),
    [("appa", "such as apa,"), ("chigaco", "chicago"), ("vancuver", "such as vancouver,"), ("springer", "springer-")],
)
def test_an_unknown_style_is_told_with_near_names(name, near):
    with pytest.raises(StyleError, match=re.escape(near)):
        find_style(name)


@pytest.mark.parametrize(
    "name", ["", "../apa", "/etc/passwd", "dependent/nature-physics", "apa\0", "a" * 10_000, "..", "ápa"]
)
def test_a_name_that_is_no_plain_name_is_no_style(name):
    with pytest.raises(StyleError, match="any style of the Citation Style Language"):
        find_style(name)


@given(st.text(alphabet="ap./\\-~%\0*?[]", max_size=12))
def test_no_name_leads_out_of_the_folder_of_styles(name):
    try:
        found = find_style(name)
    except StyleError:
        return
    assert found.resolve().parent.name == "styles"


def test_a_style_does_not_sort_its_bibliography():
    sheet = load_style("chicago-author-date-17th-edition").decode()
    bibliography = sheet[sheet.index("<bibliography") :]
    assert "<sort" not in bibliography
    assert "subsequent-author-substitute" not in bibliography


def test_a_style_still_sorts_the_works_of_one_citation():
    assert "<sort" in load_style("apa").decode().partition("<bibliography")[0]
