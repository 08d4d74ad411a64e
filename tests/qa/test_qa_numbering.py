"""Numbers of sources."""

from hypothesis import given
from hypothesis import strategies as st

from qa.numbering import number_sources

NAMES = st.lists(st.sampled_from(["1", "2", "5", "7", "9", "a", "b", "c"]))


def test_sources_are_numbered_in_the_order_of_first_use():
    assert number_sources(["7", "paper", "7", "2"]) == {"7": 1, "paper": 2, "2": 3}


def test_a_conversation_keeps_its_numbers_and_goes_on_counting():
    earlier = number_sources(["9", "2"])
    assert number_sources(["3", "2", "5"], earlier) == {"9": 1, "2": 2, "3": 3, "5": 4}


def test_nothing_used_has_no_numbers():
    assert number_sources([]) == {}


def test_a_number_is_never_given_twice_whatever_was_used_before():
    assert number_sources(["c"], {"a": 1, "b": 3}) == {"a": 1, "b": 3, "c": 4}


@given(NAMES, NAMES)
def test_numbers_have_no_gaps_and_each_source_has_one(first, then):
    earlier = number_sources(first)
    numbers = number_sources(then, earlier)
    assert sorted(numbers.values()) == list(range(1, len(numbers) + 1))
    assert set(numbers) == {*first, *then}
    assert numbers.items() >= earlier.items()


@given(NAMES, NAMES)
def test_a_conversation_is_numbered_as_if_it_were_one_answer(first, then):
    assert number_sources(then, number_sources(first)) == number_sources([*first, *then])
