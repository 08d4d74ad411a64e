"""The sequence model against an oracle that enumerates all paths, and on lists that drift."""

import numpy as np
import pytest

from qa.alignment import _LACK, _SWAP, Pointing, _price_skips, _walk, align

FITS, NOT = 5.0, -3.0


def enumerate_paths(fits, prices):
    """Return what `_walk` should, by adding up every path one by one."""
    numbers, entries = fits.shape[0], fits.shape[1] - 1
    weights = np.zeros_like(fits)

    def walk(number, used, logs, taken):
        if number == numbers:
            chance = np.exp(logs + prices[used:].sum())
            for row, entry in enumerate(taken):
                weights[row, entry] += chance
            return
        for at in range(used, entries + 1):
            own = logs + prices[used:at].sum()
            if at < entries:
                walk(number + 1, at + 1, own + fits[number, at], [*taken, at])
            walk(number + 1, at, own + fits[number, entries] + np.log(_LACK), [*taken, entries])
            if at + 1 < entries and number + 1 < numbers:
                swap = fits[number, at + 1] + fits[number + 1, at] + np.log(_SWAP)
                walk(number + 2, at + 2, own + swap, [*taken, at + 1, at])

    walk(0, 0, 0.0, [])
    return weights / weights.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(("numbers", "entries"), [(1, 1), (3, 4), (4, 3), (5, 5), (4, 5), (5, 1), (2, 0)])
def test_the_chances_are_those_of_all_paths(numbers, entries):
    fits = np.random.default_rng(numbers * 10 + entries).normal(0, 2, (numbers, entries + 1))
    skips = _price_skips(entries, [1] if entries > 1 else [])
    np.testing.assert_allclose(
        _walk(fits, skips, np.full(numbers, np.log(_LACK))), enumerate_paths(fits, np.diff(skips)), atol=1e-12
    )


def evidence(about, entries):
    """Return likelihoods for markers that are about these entries, None for none."""
    table = np.full((len(about), entries), NOT)
    for row, entry in enumerate(about):
        if entry is not None:
            table[row, entry] = FITS
    return table


def point(numbers, entries):
    return [Pointing(n - 1 if n <= entries else None, n) for n in numbers]


DRIFTS = {
    "nothing is wrong": (list(range(8)), 8),
    "an entry that nothing cites": ([0, 1, 2, 4, 5, 6, 7], 8),
    "a lost entry": ([0, 1, 2, None, 3, 4, 5, 6], 7),
    "two entries the other way round": ([0, 1, 3, 2, 4, 5, 6, 7], 8),
    "one wrong marker": ([0, 1, 6, 3, 4, 5, 6, 7], 8),
    "a drift, a swap and a lost end": ([0, 1, 3, 4, 6, 5, 7, 8, 9, None], 10),
}


@pytest.mark.parametrize("name", DRIFTS)
def test_each_marker_is_about_its_entry_whatever_moved_the_list(name):
    about, entries = DRIFTS[name]
    chances = align(evidence(about, entries), point(range(1, len(about) + 1), entries))
    assert chances.argmax(axis=1).tolist() == [entries if entry is None else entry for entry in about]
    np.testing.assert_allclose(chances.sum(axis=1), 1)


def test_a_marker_without_evidence_follows_its_neighbours():
    table = evidence([0, 1, 3, 4, 5, 6, 7], 8)
    table[4] = 0.0
    chances = align(table, point(range(1, 8), 8))
    assert chances[4].argmax() == 5
    assert chances[4, 5] > 0.9


def test_a_marker_is_right_where_nothing_speaks_against_it():
    chances = align(np.zeros((4, 4)), point(range(1, 5), 4))
    assert chances.argmax(axis=1).tolist() == [0, 1, 2, 3]
    assert (chances.max(axis=1) > 0.9).all()


def test_a_number_that_is_used_often_gathers_the_evidence_of_all_its_markers():
    weak = np.array([[0.4, 0.9, 0.0]] * 3 + [[0.0, 0.0, 4.0]])
    alone, together = (
        align(weak[rows], point(numbers, 3)) for rows, numbers in (([0], [1]), ([0, 1, 2, 3], [1, 1, 1, 2]))
    )
    assert together[0, 1] > alone[0, 1]


def test_an_entry_that_repeats_another_is_skipped_more_readily():
    table = np.vstack([evidence([0, 1], 5), [[0, 0, 0.6, 1.2, 0]], evidence([4], 5)])
    as_any, as_repeat = (align(table, point(range(1, 5), 5), repeats)[2, 3] for repeats in ([], [2]))
    assert as_repeat > as_any


def test_a_list_cited_by_author_and_year_has_no_drift():
    table = evidence([0, 2, 3, 4], 5)
    chances = align(table, [Pointing(at, None) for at in range(4)])
    assert chances[0].argmax() == 0
    table[3] = 0.0
    assert align(table, [Pointing(at, None) for at in range(4)])[3].argmax() == 3


def test_a_name_that_the_list_lacks_is_no_proof_that_it_lacks_the_work():
    chances = align(np.array([[NOT, FITS, NOT]]), [Pointing(None, None)])
    assert chances[0].argmax() == 1


def test_a_list_of_a_thousand_entries_is_walked_in_bounded_memory_and_time():
    about = [*range(500), *range(501, 1000)]
    chances = align(evidence(about, 1000), point(range(1, 1000), 1000))
    assert chances.argmax(axis=1).tolist() == about
