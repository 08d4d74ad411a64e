"""Several segments as one: the same units, numbered through, with what was dropped left out.

Each class does for all segments what its namesake does for one, and adds what lies before a segment to its numbers.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from index.joined_corpus import AnyCorpus, join_corpora
from index.lexical import LexicalIndex
from index.numbering import Numbering, list_sizes
from index.segment import Segment
from index.terms import SCALES, TermCounts, TermTable, weigh_counts
from index.vectors import Ids, Scores, VectorScores, VectorStore
from index.windows import ROW, WindowTable

# What is asked of a segment beside twice its share, so that a small one need not be asked again.
_SHARE_MIN = 16
_PASSAGES = SCALES.index("passages")
_Search: TypeAlias = Callable[[int], tuple[Ids, Scores]]


class Dropped:
    """Ranges of units that are no longer in force, of one segment."""

    def __init__(self, ranges: Sequence[tuple[int, int]]) -> None:
        self._edges = np.array(sorted(ranges), np.int64).reshape(-1, 2)

    def keep(self, found: tuple[Ids, Scores]) -> tuple[Ids, Scores]:
        """Return what of a list is in force."""
        ids, scores = found
        before = np.searchsorted(self._edges[:, 0], ids, side="right") - 1
        gone = (before >= 0) & (ids < np.append(self._edges[:, 1], 0)[before])
        return ids[~gone], scores[~gone]

    def search(self, search: _Search, k: int) -> tuple[Ids, Scores]:
        """Return the first k of what `search` finds that are in force; it is asked for more until there are as many."""
        asked = k
        while True:
            found = search(asked)
            kept = self.keep(found)
            if len(kept[0]) >= k or len(found[0]) < asked:
                return kept[0][:k], kept[1][:k]
            asked *= 2


def take_best(found: Sequence[tuple[Ids, Scores]], k: int) -> tuple[Ids, Scores]:
    """Return the first k of several lists by score, ties by id."""
    ids = np.concatenate([np.empty(0, np.int64), *(each for each, _ in found)])
    scores = np.concatenate([np.empty(0, np.float32), *(each for _, each in found)])
    order = np.lexsort((ids, -scores))[: max(k, 0)]
    return ids[order], scores[order]


@cache
def _open_pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count())


def _search_all(searches: Sequence[_Search], units: Sequence[int], k: int) -> tuple[Ids, Scores]:
    """Return the first k of what is found in all segments, each core at one of them.

    To find few takes less than to find many. So a segment is asked for twice its share of the k, and for k only if even
    the last of these is among the first k of all.

    Args:
        searches: Return the first of a segment, as many as they are asked for.
        units: How many each goes through.
        k: How many.
    """
    shares = [min(k, _SHARE_MIN + 2 * k * each // sum(units)) for each in units]
    found = list(_open_pool().map(lambda search, share: search(share), searches, shares))
    _, scores = take_best(found, k)
    lowest = scores[-1] if len(scores) == k > 0 else -np.inf
    for at, (_, own) in enumerate(found):
        if len(own) == shares[at] < k and own[-1] >= lowest:
            found[at] = searches[at](k)
    return take_best(found, k)


class JoinedScores:
    """Vectors of several segments, which are scored."""

    def __init__(self, stores: Sequence[VectorScores]) -> None:
        self._scored = stores
        self._numbers = Numbering([len(store) for store in stores])

    def __len__(self) -> int:
        return len(self._numbers)

    def score(self, vector: Scores, ids: Ids) -> Scores:
        """Return the scores of the given ids, in their order."""
        scores = np.zeros(len(ids), np.float32)
        for segment, which, own in self._numbers.split(ids):
            scores[which] = self._scored[segment].score(vector, own)
        return scores


class JoinedVectors(JoinedScores):
    """Vectors of several segments, which are searched, too."""

    def __init__(self, stores: Sequence[VectorStore], dropped: Sequence[Dropped]) -> None:
        super().__init__(stores)
        self._stores, self._dropped = stores, dropped

    def search(self, vector: Scores, k: int, *, first: int, stop: int) -> tuple[Ids, Scores]:
        """Return the ids in `[first, stop)` with the k largest scores and those scores, best first, ties by id."""
        places = list(self._numbers.clip(first, stop))
        searches = [partial(self._search, vector, *place) for place in places]
        return _search_all(searches, [high - low for _, low, high in places], k)

    def _search(self, vector: Scores, segment: int, first: int, stop: int, k: int) -> tuple[Ids, Scores]:
        search = partial(self._stores[segment].search, vector, first=first, stop=stop)
        ids, scores = self._dropped[segment].search(search, k)
        return ids + self._numbers.firsts[segment], scores


class JoinedTerms:
    """Terms of several segments, which weigh alike in all."""

    def __init__(self, tables: Sequence[TermTable]) -> None:
        self._tables = tables
        self._numbers = Numbering([table.rows for table in tables])
        self.units = np.sum([table.units for table in tables], axis=0)
        self.lengths = np.sum([table.lengths for table in tables], axis=0)
        self.mean_lengths = np.maximum(1, self.lengths / np.maximum(1, self.units))

    def weigh(self, terms: Iterable[str]) -> dict[str, float]:
        """Return the inverse document frequency of each term among windows; one that none holds weighs most."""
        wanted = list(terms)
        return dict(zip(wanted, self.weigh_scales(wanted)[0].tolist(), strict=True))

    def weigh_scales(self, terms: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return the inverse document frequency for each scale and term, of shape (3, terms)."""
        held = np.sum([table.count_holders(terms) for table in self._tables], axis=0)
        return weigh_counts(held, self.units)

    def count(self, terms: Sequence[str], firsts: Ids, stops: Ids) -> TermCounts:
        """Return how often each of `terms` stands in some rows, as `TermTable.count`; contexts in ascending order."""
        found = []
        for segment, which, own in self._numbers.split(firsts):
            found.append(self._tables[segment].count(terms, own, stops[which] - self._numbers.firsts[segment]))
        sizes = np.cumsum([0, *(len(each.counts) for each in found)])
        return TermCounts(
            np.concatenate([np.empty((0, len(terms) + 1), np.int64), *(each.counts for each in found)]),
            np.concatenate(
                [np.empty(0, np.int64), *(each.starts + at for each, at in zip(found, sizes, strict=False))]
            ),
        )


class JoinedLexical:
    """The words' search over several segments: a term weighs in each what it weighs in all."""

    def __init__(
        self, indexes: Sequence[LexicalIndex], sizes: Sequence[int], terms: JoinedTerms, dropped: Sequence[Dropped]
    ) -> None:
        self._indexes, self._terms, self._dropped = indexes, terms, dropped
        self._numbers = Numbering(sizes)

    def analyze(self, text: str) -> list[str]:
        """Return the terms of a text in its order."""
        return self._indexes[0].analyze(text)

    def search(
        self, terms: Sequence[str], k: int, *, first: int, stop: int, weights: Mapping[str, float] | None = None
    ) -> tuple[Ids, Scores]:
        """Return the ids in `[first, stop)` with the k largest BM25 scores above 0, best first, ties by id."""
        weights = weights or dict(zip(terms, self._terms.weigh_scales(terms)[_PASSAGES].tolist(), strict=True))
        places = list(self._numbers.clip(first, stop))
        searches = [partial(self._search, terms, weights, *place) for place in places]
        return _search_all(searches, [high - low for _, low, high in places], k)

    def _search(
        self, terms: Sequence[str], weights: Mapping[str, float], segment: int, first: int, stop: int, k: int
    ) -> tuple[Ids, Scores]:
        search = partial(self._indexes[segment].search, terms, first=first, stop=stop, weights=weights)
        ids, scores = self._dropped[segment].search(search, k)
        return ids + self._numbers.firsts[segment], scores


class JoinedWindows:
    """The tables of windows of several segments; `sizes` has the passages, contexts and documents of each."""

    def __init__(self, tables: Sequence[WindowTable], sizes: Mapping[str, Sequence[int]]) -> None:
        self._tables = tables
        self._windows = Numbering([len(table) for table in tables])
        self._units = {unit: Numbering(of_segments) for unit, of_segments in sizes.items()}

    def __len__(self) -> int:
        return len(self._windows)

    def load(self, ids: Ids) -> npt.NDArray[np.void]:
        """Return the rows of windows, in the order given."""
        rows = np.empty(len(ids), ROW)
        for segment, which, own in self._windows.split(ids):
            of_segment = self._tables[segment].load(own)
            for unit, numbers in self._units.items():
                of_segment[unit] += numbers.firsts[segment]
            rows[which] = of_segment
        return rows

    def find_documents(self, first: int, stop: int) -> tuple[int, int]:
        """Return the first passage of the documents numbered `first` up to `stop`, and the one behind their last."""
        ranges = []
        for segment, low, high in self._units["document"].clip(first, stop):
            before = self._units["passage"].firsts[segment]
            own = self._tables[segment].find_documents(low, high)
            ranges += [(own[0] + before, own[1] + before)] if own[0] < own[1] else []
        return (ranges[0][0], ranges[-1][1]) if ranges else (0, 0)

    def find_windows(self, passages: Ids) -> tuple[Ids, Ids]:
        """Return the first window of each of some passages, and the one behind its last."""
        return self._find("passage", passages, WindowTable.find_windows)

    def find_inside(self, contexts: Ids) -> tuple[Ids, Ids]:
        """Return the first window of each of some contexts, and the one behind its last."""
        return self._find("context", contexts, WindowTable.find_inside)

    def _find(self, unit: str, numbers: Ids, find: Callable[[WindowTable, Ids], tuple[Ids, Ids]]) -> tuple[Ids, Ids]:
        firsts, stops = np.zeros((2, len(numbers)), np.int64)
        for segment, which, own in self._units[unit].split(numbers):
            low, high = find(self._tables[segment], own)
            firsts[which], stops[which] = low + self._windows.firsts[segment], high + self._windows.firsts[segment]
        return firsts, stops


AnyTerms: TypeAlias = TermTable | JoinedTerms


@dataclass(frozen=True, slots=True)
class Joined:
    """All segments as one."""

    corpus: AnyCorpus
    table: WindowTable | JoinedWindows
    terms: AnyTerms
    lexical: LexicalIndex
    windows: VectorScores
    passages: VectorStore
    contexts: VectorScores


def join_segments(segments: Sequence[Segment]) -> Joined:
    """Return segments as one; a single one, of which nothing was dropped, as it is."""
    cards = [segment.card for segment in segments]
    if len(segments) == 1 and not cards[0].dropped:
        only = segments[0]
        parts = (only.corpus, only.table, only.terms, only.lexical, only.windows, only.passages, only.contexts)
        return Joined(*parts)
    dropped = [Dropped([(first, stop) for _, first, stop in card.dropped]) for card in cards]
    terms = JoinedTerms([segment.terms for segment in segments])
    return Joined(
        corpus=join_corpora([segment.corpus for segment in segments], cards),
        table=JoinedWindows([segment.table for segment in segments], list_sizes(cards)),
        terms=terms,
        lexical=JoinedLexical(
            [segment.lexical for segment in segments], [card.passages for card in cards], terms, dropped
        ),
        windows=JoinedScores([segment.windows for segment in segments]),
        passages=JoinedVectors([segment.passages for segment in segments], dropped),
        contexts=JoinedScores([segment.contexts for segment in segments]),
    )
