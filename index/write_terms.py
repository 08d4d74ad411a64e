"""Write the terms of windows, a context after the other, and count in how many units of each scale each term stands."""

import functools
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt

from index.arrays import GrowingArray, find_runs, list_ranges, save_array
from index.terms import ENTRY, FIRSTS_FILE, SCALES, TERMS_FILE, TOTALS_FILE, VOCABULARY_FILE, hash_term

# Terms that are counted together: the more, the less often they are added to what was counted before.
_ROUND = 1 << 18
_HASHES_KEPT = 1 << 18
_TERM_BITS = np.uint64(32)  # of a unit and a term as one number, the unit before the term
_Pairs: TypeAlias = npt.NDArray[np.uint64]
_Numbers: TypeAlias = npt.NDArray[np.int64]


@dataclass(slots=True)
class _Round:
    """Contexts whose terms are counted together.

    Attributes:
        terms: Of each context, the hashes of its terms.
        lengths: How many terms each row has, one for a context's title and headings and one per window.
        windows: How many windows each passage has.
        passages: How many passages each context has.
        size: How many terms there are.
    """

    terms: list[npt.NDArray[np.uint32]] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    windows: list[int] = field(default_factory=list)
    passages: list[int] = field(default_factory=list)
    size: int = 0


class TermsWriter:
    """Writes files that a `TermTable` opens, into a folder; whole when it is left."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with ExitStack() as files:
            self._terms = files.enter_context(GrowingArray(folder / TERMS_FILE, np.uint32))
            self._firsts = files.enter_context(GrowingArray(folder / FIRSTS_FILE, np.int64))
            self._files = files.pop_all()
        self._firsts.extend([0])
        self._totals = np.zeros((2, len(SCALES)), np.int64)
        self._vocabulary = np.empty(0, ENTRY)
        self._hash = functools.lru_cache(_HASHES_KEPT)(hash_term)
        self._round = _Round()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._files:
            if kind is None:
                self._finish_round()
                save_array(self._folder / TOTALS_FILE, self._totals)
                save_array(self._folder / VOCABULARY_FILE, self._vocabulary)

    def add(self, lead: Sequence[str], passages: Sequence[Sequence[Sequence[str]]]) -> None:
        """Write the next context: the terms of its title and headings, and those of its windows, by passage."""
        rows = [lead, *chain.from_iterable(passages)]
        lengths = list(map(len, rows))
        own = self._round
        own.terms.append(np.fromiter(map(self._hash, chain.from_iterable(rows)), np.uint32, count=sum(lengths)))
        own.lengths += lengths
        own.windows += map(len, passages)
        own.passages.append(len(passages))
        own.size += len(own.terms[-1])
        units = np.array([len(rows) - 1, len(passages), 1])
        self._totals += [sum(lengths[1:]) + units * lengths[0], units]
        if own.size >= _ROUND:
            self._finish_round()

    def _finish_round(self) -> None:
        """Write what has come since the last time."""
        own, self._round = self._round, _Round()
        if own.passages:
            terms, lengths = np.concatenate(own.terms), np.array(own.lengths, np.int64)
            self._firsts.extend(len(self._terms) + np.cumsum(lengths))
            self._terms.extend(terms)
            counted = _count_holders(terms, lengths, np.array(own.windows), np.array(own.passages))
            self._vocabulary = _add(self._vocabulary, counted)


def _count_holders(
    terms: npt.NDArray[np.uint32], lengths: _Numbers, windows: _Numbers, passages: _Numbers
) -> npt.NDArray[np.void]:
    """Return in how many units of each scale each term stands, by term; arguments are as in a round."""
    of_passage = np.repeat(np.arange(len(windows)), windows)  # of each window; the same of other units below
    of_context = np.repeat(np.arange(len(passages)), passages)
    context = of_context[of_passage]
    per_context = np.bincount(context, minlength=len(passages))
    leads = np.cumsum(per_context + 1) - per_context - 1  # rows
    own = np.delete(np.arange(len(lengths)), leads)
    stops = np.cumsum(lengths)
    rows = np.concatenate([own, leads[context]])  # each window's own row, and that which it shares
    units = np.repeat(np.tile(np.arange(len(own)), 2), lengths[rows])
    held = _pair(units, terms[list_ranges(stops[rows] - lengths[rows], stops[rows])])
    counts = []
    for outer in (of_passage, of_context, None):
        known, count = np.unique(held.astype(np.uint32), return_counts=True)  # which leaves the unit out
        counts.append(count)
        if outer is not None:
            held = _pair(outer[held >> _TERM_BITS], held.astype(np.uint32))
    entries = np.empty(len(known), ENTRY)
    entries["term"], entries["held"] = known, np.stack(counts, axis=1)
    return entries


def _pair(units: _Numbers, terms: npt.NDArray[np.uint32]) -> _Pairs:
    """Return each pair of a unit and a term once, in order."""
    pairs = np.sort(units.astype(np.uint64) << _TERM_BITS | terms)  # quicker by far than `unique`, which hashes
    return np.asarray(pairs[find_runs(pairs)[0]], np.uint64)


def _add(known: npt.NDArray[np.void], more: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
    """Return the sum of two counts, by term."""
    terms = np.union1d(known["term"], more["term"])
    total = np.zeros(len(terms), ENTRY)
    total["term"] = terms
    for each in (known, more):
        total["held"][np.searchsorted(terms, each["term"])] += each["held"]
    return total
