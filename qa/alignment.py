"""Which entry each marker is about: a sequence model over a whole bibliography.

Markers and entries both run in one order, so where a list has an entry that nothing cites, lacks one, or holds one
twice, all later numbers are off by the same count. A path aligns the printed numbers 1, 2, … with the entries: each
number takes the next entry, entries may be skipped, and a number may find none. On top of the path a single marker may
be wrong by itself, most often by a place or two. The posterior over all paths comes from the forward-backward algorithm
(Rabiner, 1989) on what is a pair hidden Markov model (Durbin et al., 1998, chapter 4).

A list that is cited by author and year has no path: each marker is about the entry that it names, or wrong by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Matrix: TypeAlias = npt.NDArray[np.float64]

# Prior chances, for a list made with usual care; they say how much evidence it takes to think otherwise: that the list
# holds an entry at one place that nothing cites, that it lacks one, that it has two the other way round, and that one
# marker is wrong by itself.
_SKIP, _LACK, _SWAP, _WRONG = 0.01, 0.01, 0.003, 0.03
_LACK_ABSENT = 0.5  # where the list does not print the number either
_SKIP_REPEAT = 0.3  # an entry that repeats an earlier one is seldom cited by its own number
# Of a marker that is wrong by itself: how often it means a neighbour of its entry, any entry, and none.
_NEAR, _ANY, _NONE = 0.5, 0.35, 0.15
_NEAR_PLACES = 2


@dataclass(frozen=True, slots=True)
class Pointing:
    """What a marker prints: the place of the entry that it names, from 0, and its number; None if there is none.

    Numbers count from 1 through all that list and markers print, without gaps. A marker by author and year has none,
    and one whose number the list lacks names no entry.
    """

    entry: int | None
    number: int | None


def align(likelihoods: Matrix, pointings: Sequence[Pointing], repeats: Sequence[int] = ()) -> Matrix:
    """Return the probability of each entry, and in the last column of none, to be what each marker is about.

    Args:
        likelihoods: Natural logarithm of how much likelier the marked words are if they are about an entry than if they
            are not, of shape (markers, entries).
        pointings: What each marker prints, in any order.
        repeats: Places of entries that repeat an earlier one.

    Returns:
        Of shape (markers, entries + 1); rows sum to 1.
    """
    entries = likelihoods.shape[1]
    ratios = np.exp(np.hstack([likelihoods, np.zeros((len(pointings), 1))]))
    blur = _blur(entries)
    fits = ratios @ blur.T  # how well a marker's words fit, by the entry that the marker should be about
    expected = np.zeros_like(ratios)
    for row, pointing in enumerate(pointings):
        if pointing.entry is not None:
            expected[row, pointing.entry] = 1
        else:  # a name that the list lacks may be one that it spells in another way
            expected[row] = np.append(np.full(entries, 0.5 / max(entries, 1)), 0.5)
    numbers = np.array([pointing.number or 0 for pointing in pointings])
    if numbers.any():
        absent = {pointing.number for pointing in pointings if pointing.entry is None}
        lacks = np.array([_LACK_ABSENT if n in absent else _LACK for n in range(1, int(numbers.max()) + 1)])
        by_number = _walk(_gather(np.log(fits), numbers), _price_skips(entries, repeats), np.log(lacks))
        expected[numbers > 0] = by_number[numbers[numbers > 0] - 1]
    return np.asarray((expected / fits) @ blur * ratios)


def _blur(entries: int) -> Matrix:
    """Return how often a marker is about each entry (or, last, none), by the one that it should be about (or none)."""
    places = np.arange(entries)
    apart = np.abs(places[:, None] - places[None, :])
    near = np.zeros((entries + 1, entries + 1))
    near[:entries, :entries] = (apart > 0) & (apart <= _NEAR_PLACES)
    near /= np.maximum(near.sum(axis=1, keepdims=True), 1)
    wrong = _NEAR * near
    wrong[:, :entries] += _ANY / max(entries, 1)
    wrong[:, entries] += _NONE
    return np.asarray((1 - _WRONG) * np.eye(entries + 1) + _WRONG * wrong / wrong.sum(axis=1, keepdims=True))


def _gather(logs: Matrix, numbers: npt.NDArray[np.int64]) -> Matrix:
    """Return the sum of the rows of each number from 1 to the last; a number that no marker prints fits anything."""
    total = np.zeros((int(numbers.max()), logs.shape[1]))
    np.add.at(total, numbers[numbers > 0] - 1, logs[numbers > 0])
    return total


def _price_skips(entries: int, repeats: Sequence[int]) -> Matrix:
    prices = np.full(entries, np.log(_SKIP))
    prices[list(repeats)] = np.log(_SKIP_REPEAT)
    return np.concatenate([[0.0], np.cumsum(prices)])


def _walk(fits: Matrix, skips: Matrix, lacks: Matrix) -> Matrix:
    """Return the probability of each entry, and of none, to be what each number should be about, over all paths.

    Weights are logarithms by how many entries are used up.

    Args:
        fits: Log likelihood of what is marked with each number, by entry and, last, none.
        skips: Log chance of skipping all entries before each.
        lacks: Log chance that the list lacks what each number is about.
    """
    numbers, size = len(fits), len(skips)
    taken, lacked = fits[:, :-1], fits[:, -1:] + lacks[:, None]
    # Two numbers that take two entries the other way round, by the entries used up before them.
    swapped = taken[:-1, 1:] + taken[1:, :-1] + np.log(_SWAP)
    ahead = np.full((numbers, size), -np.inf)  # before each number, after any skips
    reached = np.where(np.arange(size) == 0, 0.0, -np.inf)
    for row in range(numbers):
        ahead[row] = skips + np.logaddexp.accumulate(reached - skips)
        reached = np.logaddexp(_shift(ahead[row, :-1] + taken[row], 1), ahead[row] + lacked[row])
        if row and size > 2:  # noqa: PLR2004 - two entries to swap
            reached = np.logaddexp(reached, _shift(ahead[row - 1, :-2] + swapped[row - 1], 2))
    behind = np.full((numbers + 2, size), -np.inf)  # after each number, before any skips
    behind[numbers] = skips[-1] - skips
    weights = np.full((numbers, size), -np.inf)
    for row in range(numbers - 1, -1, -1):
        took, lack = taken[row] + behind[row + 1, 1:], lacked[row] + behind[row + 1]
        left = np.logaddexp(np.append(took, -np.inf), lack)
        weights[row, :-1] = np.logaddexp(weights[row, :-1], ahead[row, :-1] + took)
        weights[row, -1] = np.logaddexp.reduce(ahead[row] + lack)
        if row + 1 < numbers and size > 2:  # noqa: PLR2004 - two entries to swap
            swap = swapped[row] + behind[row + 2, 2:]
            left[:-2] = np.logaddexp(left[:-2], swap)
            weights[row, 1:-1] = np.logaddexp(weights[row, 1:-1], ahead[row, :-2] + swap)
            weights[row + 1, :-2] = np.logaddexp(weights[row + 1, :-2], ahead[row, :-2] + swap)
        behind[row] = np.logaddexp.accumulate((left + skips)[::-1])[::-1] - skips
    return np.asarray(np.exp(weights - np.logaddexp.reduce(weights, axis=1, keepdims=True)))


def _shift(weights: Matrix, places: int) -> Matrix:
    return np.concatenate([np.full(places, -np.inf), weights])
