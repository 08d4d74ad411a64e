"""Units are numbered through all segments."""

import numpy as np
import pytest

from index.numbering import Numbering

NUMBERS = Numbering([3, 0, 2])


@pytest.mark.parametrize(("number", "place"), [(0, (0, 0)), (2, (0, 2)), (3, (2, 0)), (4, (2, 1))])
def test_a_unit_is_found_in_its_segment(number, place):
    assert NUMBERS.find(number) == place


def test_units_are_split_by_their_segments():
    found = [(segment, which.tolist(), own.tolist()) for segment, which, own in NUMBERS.split(np.array([4, 0, 3, 2]))]
    assert found == [(0, [False, True, False, True], [0, 2]), (2, [True, False, True, False], [1, 0])]


def test_no_units_lie_in_no_segment():
    assert list(NUMBERS.split(np.empty(0, np.int64))) == []


@pytest.mark.parametrize(
    ("first", "stop", "places"),
    [(0, 5, [(0, 0, 3), (2, 0, 2)]), (1, 4, [(0, 1, 3), (2, 0, 1)]), (3, 3, []), (-5, 50, [(0, 0, 3), (2, 0, 2)])],
)
def test_a_range_is_cut_at_the_ends_of_segments(first, stop, places):
    assert list(NUMBERS.clip(first, stop)) == places


def test_there_are_as_many_units_as_in_all_segments():
    assert len(NUMBERS) == 5
