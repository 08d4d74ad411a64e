import json
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.references import parse_reference, split_bibliography

STYLES = json.loads((Path(__file__).parent / "works.json").read_text(encoding="utf-8"))["styles"]
# ACM orders its list by author, and numbers it so.
STYLES["acm"] = sorted(STYLES["acm"], key=lambda line: int(line[1 : line.index("]")]))
NUMBERED = {"ieee", "vancouver", "acm"}
# Entries that come out whole, of 60, where all stand in one block with lines of 90 characters.
WRAPPED_FLOOR = 54


def bare(text):
    return "".join(text.split())


def wrap(line, width=90):
    return textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False)


@pytest.mark.parametrize("style", STYLES)
def test_a_list_that_is_well_split_comes_out_as_it_is(style):
    assert split_bibliography(STYLES[style]) == STYLES[style]


@pytest.mark.parametrize("style", STYLES)
def test_the_lines_of_one_block_are_its_entries(style):
    assert split_bibliography(["\n".join(STYLES[style])]) == STYLES[style]


@pytest.mark.parametrize("style", STYLES)
def test_wrapped_entries_become_whole(style):
    lines = [piece for line in STYLES[style] for piece in wrap(line)]
    whole = {bare(entry) for entry in split_bibliography(["\n".join(lines)])}
    assert len(whole & {bare(line) for line in STYLES[style]}) >= WRAPPED_FLOOR


@pytest.mark.parametrize("style", sorted(NUMBERED))
def test_numbered_entries_in_one_paragraph_are_split(style):
    assert split_bibliography([" ".join(STYLES[style])]) == STYLES[style]


def test_the_paper_s_list_comes_out_as_it_is(paper):
    entries = [reference.raw for reference in paper.references]
    assert split_bibliography(entries) == entries


def test_the_paper_s_list_in_one_block_is_split(paper):
    entries = [reference.raw for reference in paper.references]
    assert split_bibliography(["\n".join(piece for entry in entries for piece in wrap(entry, 60))]) == entries


JOINED = {
    "See https://www.ex-\nample.org/a-b.": "See https://www.ex-ample.org/a-b.",
    "See https://example.org/news/\nstory-of-rain.html.": "See https://example.org/news/story-of-rain.html.",
    "See https://example.org/a_\nb-c/d.": "See https://example.org/a_b-c/d.",
    "See https://example.org/x?page=\n12.": "See https://example.org/x?page=12.",
    "See https://doi.org/10.1016/\nj.tra.2021.04.007.": "See https://doi.org/10.1016/j.tra.2021.04.007.",
    "See https://doi.\norg/10.1000/rain.": "See https://doi.org/10.1000/rain.",
    "See https://example.org/news/\naccessed 3 May 2024.": "See https://example.org/news/ accessed 3 May 2024.",
    "On inter-\nnational rain.": "On international rain.",
    "By Jean-\nPierre Rain.": "By Jean-Pierre Rain.",
    "Rain, 12, 34–\n56.": "Rain, 12, 34–56.",
}


@pytest.mark.parametrize("lines", JOINED)
def test_a_line_break_leaves_words_and_addresses_whole(lines):
    assert split_bibliography([f"1. Rain, A. Hail. 2020.\n2. {lines}"])[1] == f"2. {JOINED[lines]}"


@pytest.mark.parametrize("line", ["12", "– 12 –", "Page 3 of 10", "Received 3 May 2020", "References (continued)"])
def test_a_line_that_is_no_entry_is_left_out(line):
    entries = ["1. Rain, A. (2020). Hail on hills.", "2. Snow, B. (2021). Fog on land."]
    assert split_bibliography([entries[0], line, entries[1]]) == entries


def test_a_heading_between_entries_is_left_out():
    entries = ["Rain, A. (2020). Hail on hills.", "Snow, B. (2021). Fog on land."]
    assert split_bibliography(["Primary sources", entries[0], "Secondary sources", entries[1]]) == entries


def test_a_year_on_a_line_of_its_own_stays_in_its_entry():
    assert split_bibliography(["1. Rain, A. Hail. Ghent: Wet Press,\n2020.\n2. Snow, B. Fog. 2021."]) == [
        "1. Rain, A. Hail. Ghent: Wet Press, 2020.",
        "2. Snow, B. Fog. 2021.",
    ]


def test_an_entry_that_a_page_break_cuts_is_joined():
    blocks = ["1. Rain, A. (2020). Hail on the hills of", "Ghent. Wet Press.", "2. Snow, B. (2021). Fog."]
    assert split_bibliography(blocks) == ["1. Rain, A. (2020). Hail on the hills of Ghent. Wet Press.", blocks[2]]


def test_keys_begin_entries():
    lines = ["[Rai20] A. Rain. Hail on", "hills. 2020.", "[Sno21] B. Snow. Fog. 2021."]
    assert split_bibliography(["\n".join(lines)]) == ["[Rai20] A. Rain. Hail on hills. 2020.", lines[2]]


def test_a_number_that_does_not_count_on_begins_no_entry():
    lines = ["1. Rain, A. Hail, vol.", "12. Wet Press, 2020.", "2. Snow, B. Fog. 2021."]
    assert split_bibliography(["\n".join(lines)]) == ["1. Rain, A. Hail, vol. 12. Wet Press, 2020.", lines[2]]


def test_an_empty_list_has_no_entries():
    assert split_bibliography(["", " \n "]) == []


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(alphabet="abAB .,;:()[]12\n–-&’/", max_size=60), max_size=8))
def test_no_letter_is_lost_but_in_lines_that_are_no_entry(blocks):
    def letters(texts):
        return sum(char in "abAB" for text in texts for char in text)

    assert letters(split_bibliography(blocks)) >= letters(blocks) - sum(
        len(line) for block in blocks for line in block.split("\n") if len(line.split()) <= 6
    )


@pytest.mark.parametrize(
    "piece", ["[", "1. ", "[1] ", "A. ", "a\n", "A, B.\n", "[1] a [2] b ", "https://a.b/-\n", "(", ","]
)
def test_a_hostile_list_is_split_in_bounded_time(piece):
    assert isinstance(split_bibliography([piece * (100_000 // len(piece))]), list)


@pytest.mark.parametrize(
    "piece", ["(", ",", "A. ", "“", "[1] ", "Aa, B., ", "(2020). ", "in ", "1(2) ", "*a* ", "van "]
)
def test_a_hostile_entry_is_read_in_bounded_time(piece):
    assert parse_reference(piece * (100_000 // len(piece)), 0, 1).start == 0
