"""Several segments as one: the same units, numbered through, with what was dropped left out.

Each class does for all segments what its namesake does for one, and adds what lies before a segment to its numbers.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache, partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from index.corpus import Corpus, Place
from index.errors import LocatorError
from index.lexical import LexicalIndex
from index.model import Document, Outcome, Reference, Work
from index.segment import Segment, SegmentCard
from index.terms import SCALES, TermCounts, TermTable, weigh_counts
from index.vectors import Ids, Scores, VectorScores, VectorStore
from index.windows import ROW, WindowTable

_PASSAGES = SCALES.index("passages")
_PLACES_KEPT = 1024  # documents whose segment is remembered


class Numbering:
    """Where each segment begins among the units of all."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self.firsts: list[int] = np.cumsum([0, *sizes], dtype=np.int64).tolist()

    def __len__(self) -> int:
        return self.firsts[-1]

    def find(self, number: int) -> tuple[int, int]:
        """Return the segment of a unit, and its number there."""
        segment = int(np.searchsorted(self.firsts, number, side="right")) - 1
        return segment, number - self.firsts[segment]

    def split(self, numbers: npt.NDArray[np.integer]) -> Iterator[tuple[int, npt.NDArray[np.bool_], Ids]]:
        """Yield each segment that holds some of the units, which those are, and their numbers there."""
        segments = np.searchsorted(self.firsts, numbers, side="right") - 1
        for segment in np.unique(segments).tolist():
            of_segment = segments == segment
            yield segment, of_segment, np.asarray(numbers[of_segment] - self.firsts[segment], np.int64)

    def clip(self, first: int, stop: int) -> Iterator[tuple[int, int, int]]:
        """Yield each segment that a range touches, and the range there."""
        for segment, (low, high) in enumerate(zip(self.firsts, self.firsts[1:], strict=False)):
            inside = max(first, low), min(stop, high)
            if inside[0] < inside[1]:
                yield segment, inside[0] - low, inside[1] - low


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

    def search(self, search: Callable[[int], tuple[Ids, Scores]], k: int) -> tuple[Ids, Scores]:
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


def _search_all(searches: Iterable[Callable[[], tuple[Ids, Scores]]], k: int) -> tuple[Ids, Scores]:
    """Return the first k of what is found in all segments, each core at one of them."""
    return take_best(list(_open_pool().map(lambda search: search(), searches)), k)


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
        own = (partial(self._search, vector, k, *place) for place in self._numbers.clip(first, stop))
        return _search_all(own, k)

    def _search(self, vector: Scores, k: int, segment: int, first: int, stop: int) -> tuple[Ids, Scores]:
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
        own = (partial(self._search, terms, weights, k, *place) for place in self._numbers.clip(first, stop))
        return _search_all(own, k)

    def _search(
        self, terms: Sequence[str], weights: Mapping[str, float], k: int, segment: int, first: int, stop: int
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


def _find_corpus(corpora: Sequence[Corpus], dropped: Sequence[frozenset[int]], document: str) -> Corpus:
    """Return the texts of the segment that holds a document; raise LocatorError where none does."""
    for corpus, gone in zip(corpora, dropped, strict=True):
        position = corpus.find_document(document)
        if position is not None and position not in gone:
            return corpus
    raise LocatorError(document)


class JoinedCorpus:
    """The texts of several segments; a document that was dropped from one is not there."""

    def __init__(
        self, corpora: Sequence[Corpus], sizes: Mapping[str, Sequence[int]], dropped: Sequence[frozenset[int]]
    ) -> None:
        self._corpora, self._dropped = corpora, dropped
        self._units = {unit: Numbering(of_segments) for unit, of_segments in sizes.items()}
        # Of a method, it would keep closed indexes alive: a ring goes only when garbage is looked for.
        self._of = lru_cache(_PLACES_KEPT)(partial(_find_corpus, corpora, dropped))

    def find_digest(self, document: str) -> str:
        """Return what stands for all that is kept of a document; nothing where there is no such document."""
        try:
            return self._of(document).find_digest(document)
        except LocatorError:
            return ""

    def list_cited(self, paper: str) -> list[tuple[int, Work]]:
        """Return the works that a paper cites and whose texts are here, each with its position."""
        return [
            (position + first, work)
            for corpus, first, dropped in zip(
                self._corpora, self._units["document"].firsts[:-1], self._dropped, strict=True
            )
            for position, work in corpus.list_cited(paper)
            if position not in dropped
        ]

    def name_documents(self, positions: Sequence[int]) -> dict[int, str]:
        """Return the ids of documents by position."""
        names: dict[int, str] = {}
        numbers = self._units["document"]
        for segment, _, own in numbers.split(np.array(positions, np.int64)):
            found = self._corpora[segment].name_documents(own.tolist())
            names |= {position + numbers.firsts[segment]: name for position, name in found.items()}
        return names

    def list_passages(self, document: str) -> list[int]:
        """Return the ids of a document's passages in reading order."""
        corpus = self._of(document)
        before = self._units["passage"].firsts[self._corpora.index(corpus)]
        return [number + before for number in corpus.list_passages(document)]

    def load_words(self, contexts: Sequence[int]) -> dict[int, bytes]:
        """Return the signs of the vectors of the words of some contexts, by context in ascending order."""
        words: dict[int, bytes] = {}
        numbers = self._units["context"]
        for segment, _, own in numbers.split(np.array(contexts, np.int64)):
            found = self._corpora[segment].load_words(own.tolist())
            words |= {number + numbers.firsts[segment]: of_context for number, of_context in found.items()}
        return words

    def load_place(self, passage_id: int) -> Place:
        """Return a passage with all that stands around it."""
        return self.load_places([passage_id])[0]

    def load_places(self, passage_ids: Sequence[int]) -> tuple[Place, ...]:
        """Return different passages, in the order given, with all that stands around them."""
        places: dict[int, Place] = {}
        numbers = self._units["passage"]
        for segment, _, own in numbers.split(np.array(passage_ids, np.int64)):
            found = self._corpora[segment].load_places(own.tolist())
            places |= {
                number + numbers.firsts[segment]: place for number, place in zip(own.tolist(), found, strict=True)
            }
        return tuple(places[number] for number in passage_ids)

    def find_place(self, document: str, start: int, stop: int) -> Place:
        """Return the span `[start, stop)` of a document; raise LocatorError where there is none."""
        return self._of(document).find_place(document, start, stop)

    def has_pages(self, document: str) -> bool:
        """Say whether it is known where the printed pages of a document begin."""
        try:
            return self._of(document).has_pages(document)
        except LocatorError:
            return False

    def load_document(self, document: str) -> Document:
        """Return a whole document; raise LocatorError where there is none."""
        return self._of(document).load_document(document)

    def load_text(self, document: str, start: int = 0, stop: int | None = None) -> str:
        """Return the text of a document, or what it has of `[start, stop)`; nothing where there is no such document."""
        try:
            corpus = self._of(document)
        except LocatorError:
            return ""
        return corpus.load_text(document, start) if stop is None else corpus.load_text(document, start, stop)

    def load_shown(self, document: str) -> str:
        """Return what the web page of a document shows, one block a line; nothing for any other document."""
        try:
            return self._of(document).load_shown(document)
        except LocatorError:
            return ""

    def load_work(self, document: str) -> Work:
        """Return what a document is; raise LocatorError where there is none."""
        return self._of(document).load_work(document)

    def list_works(self) -> tuple[Work, ...]:
        """Return what each document is, in the order in which they were indexed."""
        return tuple(
            work
            for corpus, dropped in zip(self._corpora, self._dropped, strict=True)
            for position, work in enumerate(corpus.list_works())
            if position not in dropped
        )

    def list_marked_papers(self) -> tuple[str, ...]:
        """Return the ids of the papers that hold a marker, in the order in which they were indexed."""
        return tuple(
            name
            for corpus, dropped in zip(self._corpora, self._dropped, strict=True)
            for name in corpus.list_marked_papers()
            if corpus.find_document(name) not in dropped
        )

    def is_marked_paper(self, document: str) -> bool:
        """Say whether a document is a paper that holds a marker."""
        try:
            return self._of(document).is_marked_paper(document)
        except LocatorError:
            return False

    def list_references(self, document: str) -> tuple[Reference, ...]:
        """Return the bibliography of a document, as printed and in its order."""
        try:
            return self._of(document).list_references(document)
        except LocatorError:
            return ()

    @cached_property
    def held_references(self) -> tuple[int, int]:
        """Of how many entries of bibliographies the text is held, and how many there are."""
        counts = [
            corpus.count_references(sorted(dropped))
            for corpus, dropped in zip(self._corpora, self._dropped, strict=True)
        ]
        return sum(held for held, _ in counts), sum(listed for _, listed in counts)

    def load_outcomes(self, document: str) -> dict[str, Outcome]:
        """Return what became of the entries of a document's bibliography, by number, of those that were looked for."""
        try:
            return self._of(document).load_outcomes(document)
        except LocatorError:
            return {}


AnyCorpus: TypeAlias = Corpus | JoinedCorpus
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
        table=JoinedWindows([segment.table for segment in segments], _list_sizes(cards)),
        terms=terms,
        lexical=JoinedLexical(
            [segment.lexical for segment in segments], [card.passages for card in cards], terms, dropped
        ),
        windows=JoinedScores([segment.windows for segment in segments]),
        passages=JoinedVectors([segment.passages for segment in segments], dropped),
        contexts=JoinedScores([segment.contexts for segment in segments]),
    )


def join_corpora(corpora: Sequence[Corpus], cards: Sequence[SegmentCard]) -> AnyCorpus:
    """Return the texts of segments as one; those of a single one, of which nothing was dropped, as they are."""
    if len(corpora) == 1 and not cards[0].dropped:
        return corpora[0]
    dropped = [frozenset(position for position, *_ in card.dropped) for card in cards]
    return JoinedCorpus(corpora, _list_sizes(cards), dropped)


def _list_sizes(cards: Sequence[SegmentCard]) -> dict[str, list[int]]:
    """Return how many passages, contexts and documents each segment has."""
    return {
        "passage": [card.passages for card in cards],
        "context": [card.contexts for card in cards],
        "document": [card.documents for card in cards],
    }
