from dataclasses import replace

import pytest

from index.model import Name, Reference
from qa.marker_notes import MarkerNote
from web.bibliography import Bibliography, name_entry

SALT = Reference("6", "6. Salt, A. (2024). On salt.", 0, 28, authors="Salt, A.", year=2024, title="On salt")
BREAD = Reference("7", "7. Bread, B. (2025). On bread.", 30, 60, authors="Bread, B.", year=2025, title="On bread")
LIST = Bibliography("paper", (SALT, BREAD))


def make_note(**fields):
    return LIST.note(replace(MarkerNote("[6]", "6", "ok", None, 0.99, evidence=2.0), **fields))


def test_a_note_names_the_entry_that_the_marker_prints():
    assert (make_note().entry.text, make_note().entry.url) == (SALT.raw, "/documents/paper#entry-1")


def test_a_wrong_marker_is_told_with_the_entry_that_its_words_match():
    note = make_note(verdict="mismatch", suggested="7")
    assert note.verdict == "wrong"
    assert (note.meant.text, note.meant.url) == ("entry 7, Bread, B., 2025, On bread", "/documents/paper#entry-2")


def test_the_meant_entry_s_own_text_opens_where_it_says_the_same():
    note = make_note(verdict="mismatch", suggested="7", support="bread-b-2025:10-90")
    assert note.meant.url == "/documents/bread-b-2025?at=10-90#here"


def test_the_same_work_under_another_number_alarms_nobody():
    note = make_note(verdict="mismatch", suggested="7", same_as="6")
    assert (note.verdict, note.meant.text[:7]) == ("same", "entry 7")


def test_what_the_list_lacks_has_no_other_entry():
    note = make_note(verdict="missing", suggested=None)
    assert (note.verdict, note.meant) == ("missing", None)


@pytest.mark.parametrize(
    ("fields", "hint"),
    [
        ({}, "The words match this entry."),
        ({"evidence": -1.0}, "Its place in the list fits; the words do not tell."),
        ({"verdict": "unclear"}, "Whether the words match cannot be told."),
        ({"verdict": "unclear", "score": None}, "Not checked."),
    ],
)
def test_what_is_right_or_open_makes_no_noise(fields, hint):
    note = make_note(**fields)
    assert (note.meant, note.hint) == (None, hint)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({}, "Salt, A., 2024, On salt"),
        ({"authors": None}, "2024, On salt"),
        ({"authors": None, "title": None}, "Salt, A. (2024). On salt."),
        ({"authors": "Salt, A., " * 9, "names": (Name("Salt", "A."),) * 9}, "Salt et al., 2024, On salt"),
        ({"authors": "The Board of " * 9}, "The Board of The Board of The Board of …, 2024, On salt"),
        ({"title": "salt " * 40}, f"Salt, A., 2024, {'salt ' * 17}…"),
    ],
)
def test_an_entry_is_named_by_what_is_known_of_it(fields, name):
    assert name_entry(replace(SALT, **fields)) == name
