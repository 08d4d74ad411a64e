"""The texts of several segments as one, with the documents left out that were dropped."""

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache, partial
from typing import TypeAlias

import numpy as np

from index.corpus import Corpus, Place
from index.errors import LocatorError
from index.model import Document, Outcome, Reference, Work
from index.numbering import Numbering, list_sizes
from index.segment import SegmentCard

_PLACES_KEPT = 1024  # documents whose segment is remembered


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


def join_corpora(corpora: Sequence[Corpus], cards: Sequence[SegmentCard]) -> AnyCorpus:
    """Return the texts of segments as one; those of a single one, of which nothing was dropped, as they are."""
    if len(corpora) == 1 and not cards[0].dropped:
        return corpora[0]
    dropped = [frozenset(position for position, *_ in card.dropped) for card in cards]
    return JoinedCorpus(corpora, list_sizes(cards), dropped)
