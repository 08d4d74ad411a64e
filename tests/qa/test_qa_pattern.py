"""What is wrong with the numbers of a paper, in words."""

import pytest

from qa.pattern import Found, describe_pattern


def tell(places, *, first=1, entries=30, repeats=(), uncited=()):
    found = [Found(number, number - first + 1, place) for number, place in enumerate(places, first)]
    names = [str(number) for number in range(1, entries + 1)]
    return describe_pattern(found, names, repeats=dict(repeats), uncited=frozenset(uncited))


@pytest.mark.parametrize(
    ("places", "more", "words"),
    [
        ([1, 2, 3, 4], {}, ""),
        ([1, None, 3, None], {}, ""),
        ([1, 2, 4, 5, 6], {}, "From [3] on, entries run one ahead: no marker is about entry 3."),
        (
            [1, 2, 4, 5, 6],
            {"uncited": ["3"]},
            "From [3] on, entries run one ahead: entry 3 belongs to an uncited sentence.",
        ),
        (
            [1, 2, 4, 5, 6],
            {"repeats": {"3": "2"}},
            "From [3] on, entries run one ahead: entry 3 repeats entry 2.",
        ),
        (
            [1, 2, 5, 6, 7],
            {},
            "From [3] on, entries run two ahead: no marker is about entry 3; no marker is about entry 4.",
        ),
        (
            [1, 0, 2, 3, 4],
            {},
            "From [3] on, entries run one behind: the list lacks one. The list has no entry for [2].",
        ),
        ([1, 2, 9, 4, 5], {}, "[3] is about entry 9."),
        ([1, 2, 4, 3, 5, 6], {}, "[3] is about entry 4 and [4] is about entry 3."),
        ([1, 2, 3, 0, 0], {}, "The list has no entry for [4] or [5]."),
        (
            [1, 3, 4, 5, 6, 6, 7, 8],
            {},
            (
                "From [2] on, entries run one ahead: no marker is about entry 2. "
                "From [6] on, numbers and entries agree again."
            ),
        ),
    ],
)
def test_the_pattern_names_where_the_list_runs_off_and_why(places, more, words):
    assert tell(places, **more) == words


def test_many_stray_markers_are_counted():
    told = tell([n if n % 2 else (n + 7) % 30 + 1 for n in range(1, 25)])
    assert told.endswith("and 4 more are off by themselves.")


def test_entries_go_by_the_numbers_that_are_printed():
    found = [Found(10, 1, 1), Found(11, 2, 3), Found(12, 3, 4), Found(13, 4, 5)]
    told = describe_pattern(found, ["10", "11", "12", "13", "14"], repeats={}, uncited=frozenset())
    assert told == "From [11] on, entries run one ahead: no marker is about entry 11."
