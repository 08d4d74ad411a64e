"""Names and dates that speak for or against an entry."""

import pytest

from index.model import Name, Reference
from qa.cues import CUES, list_cues


def entry(issued=None, *families):
    return Reference("1", "", 0, 0, issued=issued, names=tuple(Name(family) for family in families))


def cues(text, *entries, column=0):
    found = list_cues([text], [text], entries or [entry()])
    return {name for name, value in zip(CUES, found[0, column], strict=True) if value}


@pytest.mark.parametrize(
    ("text", "issued", "expected"),
    [
        ("Signed in May 2023 by both.", "2023-05-16", {"same_month", "same_year"}),
        ("Signed on 16 May 2023 by both.", "2023-05", {"same_month", "same_year"}),
        ("Signed on May 16, 2023, by both.", "2023-05-01", {"same_month", "same_year"}),
        ("Signed in May 2023 by both.", "2022-07-29", {"too_late"}),
        ("Signed in September 2023 by both.", "2023-03-28", {"too_late", "same_year"}),
        ("Signed in April 2023 by both.", "2023-03-28", {"same_year"}),  # a day's difference may be a month's
        ("Signed in 2024 by both.", "2023", {"too_late"}),
        ("Signed in 1988 by both.", "2023", set()),
        ("To be doubled by 2030 in all.", "2023", set()),
        ("Production will begin in 2027 at last.", "2025-01", set()),
        ("It costs $2023 in all.", "2023", set()),
        ("The 2,023 cases were counted.", "2023", set()),
        ("Signed in May 2023 by both.", None, set()),
    ],
)
def test_dates_speak_for_the_month_and_against_what_is_older(text, issued, expected):
    assert cues(text, entry(issued)) == expected


def test_authors_named_in_the_sentence_speak_for_their_entry_and_against_others():
    entries = [entry(None, "Lee", "Roe"), entry(None, "Smith")]
    assert cues("Lee et al. show that rain falls.", *entries) == {"people_named"}
    assert cues("Lee et al. show that rain falls.", *entries, column=1) == {"others_named"}


def test_a_name_that_no_entry_has_speaks_against_none():
    assert cues("Poe et al. show that rain falls.", entry(None, "Lee")) == set()


def test_a_family_name_in_the_clause_counts_even_without_others():
    assert cues("As Lee’s survey shows, rain falls.", entry(None, "Lee")) == {"people_named"}
