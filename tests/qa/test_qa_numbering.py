"""Numbers of sources."""

from hypothesis import given
from hypothesis import strategies as st

from qa.numbering import number_sources

SAME = {"9": "5", "7": "5", "c": "b"}
NAMES = st.lists(st.sampled_from(["1", "2", "5", "7", "9", "a", "b", "c"]))


def test_sources_are_numbered_in_the_order_of_first_use():
    assert number_sources(["7", "paper", "7", "2"]) == {"7": 1, "paper": 2, "2": 3}


def test_entries_that_are_one_work_share_a_number():
    assert number_sources(["9", "2", "5", "7"], same=SAME) == {"9": 1, "2": 2, "5": 1, "7": 1}


def test_a_conversation_keeps_its_numbers_and_goes_on_counting():
    earlier = number_sources(["9", "2"], same=SAME)
    assert number_sources(["3", "2", "5"], earlier, SAME) == {"9": 1, "2": 2, "3": 3, "5": 1}


def test_nothing_used_has_no_numbers():
    assert number_sources([]) == {}


@given(NAMES, NAMES)
def test_numbers_have_no_gaps_and_one_work_has_one_number(first, then):
    earlier = number_sources(first, same=SAME)
    numbers = number_sources(then, earlier, SAME)
    works = {SAME.get(name, name): number for name, number in numbers.items()}
    assert sorted(works.values()) == list(range(1, len(works) + 1))
    assert set(numbers) == {*first, *then}
    assert numbers.items() >= earlier.items()
    assert all(numbers[name] == works[SAME.get(name, name)] for name in numbers)


@given(NAMES, NAMES)
def test_a_conversation_is_numbered_as_if_it_were_asked_at_once(first, then):
    assert number_sources(then, number_sources(first, same=SAME), SAME) == number_sources([*first, *then], same=SAME)


def test_a_number_is_never_given_twice_whatever_was_used_before():
    assert number_sources(["c"], {"a": 1, "b": 3}) == {"a": 1, "b": 3, "c": 4}
