"""Hybrid retrieval: a vector search and a BM25 look-up at three scales, fused, then a second look word by word.

At each scale the score is a convex combination of two numbers that mean the same for every question: the cosine of the
embedding, and the BM25 score as a share of the most that BM25 could give for this question's words (a theoretical bound
as in Bruch, Gai and Ingber, 2023, in place of the highest score found). So a question in words of its own, which no
window matches, is led by the embeddings without any change of weights. A window's score is the mean of its own, its
passage's and its context's.

The best windows are then compared with the question word by word: each of its words by the best cosine of its embedding
in the question with those of the window's words (MaxSim; Khattab and Zaharia, 2020).

Where a reranker is set, it reads the first passages, and their windows follow the order that it gives them.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from index.bundle import Index, Scale
from index.corpus import PassageWords, Place
from index.encode import unpack_words
from index.model import Span
from index.settings import Settings
from index.vectors import Ids, Scores
from qa.rerank import open_reranker

SourceFilter: TypeAlias = Literal["paper", "references", "all"]

# What BM25 gives at most for one term: its inverse document frequency times k1 + 1, with k1 = 1.2.
_BM25_PER_IDF = 2.2
# Units of a scale whose BM25 score is looked up; one beyond counts as matching no word.
_LISTED = 1000
# What a word-by-word likeness of 1 adds to a score, and how many windows are looked at so.
_WORDS_WEIGHT = 0.35
_WORDS_DEPTH = 50
# How many windows are ranked at all: enough for a hundred documents.
_DEPTH = 500
# An entry of a bibliography repeats in its title what the text says in a sentence; where both match, the text answers.
_ENTRY_HANDICAP = 0.05


@dataclass(frozen=True, slots=True)
class RankedWindow:
    """A window as found.

    Attributes:
        id: Its number.
        document_id: Its document's id.
        passage_id: Its passage's number.
        context_id: Its context's number.
        start: Where it begins in the document's text.
        end: Where it ends there.
        score: What it is ranked by; never rises down the list.
        fused: What the hybrid search gave it: its score, unless a reranker has moved it.
    """

    id: int
    document_id: str
    passage_id: int
    context_id: int
    start: int
    end: int
    score: float
    fused: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that answers: its number and place, its best window, and that window's score."""

    passage_id: int
    place: Place
    score: float
    window: RankedWindow


@dataclass(frozen=True, slots=True)
class Ranking:
    """The windows found for a question, best first.

    Attributes:
        windows: The best that the searches led to, a bounded number, ties in reading order.
        weights: The inverse document frequency of each of the question's terms.
        words: The unit vectors of the question's content words, a row each.
        encode_ms: Milliseconds spent on encoding.
        retrieve_ms: Milliseconds spent on all else.
    """

    windows: tuple[RankedWindow, ...]
    weights: dict[str, float]
    words: Scores
    encode_ms: float
    retrieve_ms: float


def rank_windows(index: Index, question: str, settings: Settings, *, source: SourceFilter = "all") -> Ranking:
    """Return the windows that may answer `question`, best first.

    Args:
        index: The open index.
        question: Any text; what to make of a bad one is for the caller to say.
        settings: How to weigh, and how much to look at.
        source: Which documents may answer.
    """
    started = time.perf_counter()
    vector, words = index.encoder.read_question(question)
    encoded = time.perf_counter()
    terms = dict.fromkeys(index.windows.lexical.analyze(question))
    scales = (index.windows, index.passages, index.contexts)
    fused = _fuse(index, *(_Asked(scale, vector, terms, source, settings) for scale in scales))
    windows = _list_ranked(index, fused, _add_likeness(index, fused, words))
    windows = _rerank(index, question, windows, settings)
    done = time.perf_counter()
    weights = index.windows.lexical.weigh(terms)
    return Ranking(windows, weights, words, (encoded - started) * 1e3, (done - encoded) * 1e3)


def group_passages(index: Index, ranking: Ranking, k: int) -> tuple[Hit, ...]:
    """Return the first k passages in the order of their best windows; fewer where fewer were found."""
    best: dict[int, RankedWindow] = {}
    for window in ranking.windows:
        best.setdefault(window.passage_id, window)
    return tuple(
        Hit(passage, index.corpus.load_place(passage), window.score, window)
        for passage, window in islice(best.items(), k)
    )


@dataclass(frozen=True, slots=True)
class _Fused:
    """Windows as found, best first: their numbers, rows of the table, and scores."""

    ids: Ids
    rows: npt.NDArray[np.void]
    scores: Scores


class _Asked:
    """One scale, asked one question: the units that its two searches find, and the score of any unit."""

    def __init__(
        self, scale: Scale, vector: Scores, terms: Iterable[str], source: SourceFilter, settings: Settings
    ) -> None:
        end = len(scale.vectors)
        bounds = {"paper": (0, scale.papers), "references": (scale.papers, end), "all": (0, end)}
        self._first, self._stop = bounds[source]
        terms = list(terms)
        self._scale, self._vector, self._settings = scale, vector, settings
        self._word_ids, scores = scale.lexical.search(terms, _LISTED, first=self._first, stop=self._stop)
        self._shares = scores / (_BM25_PER_IDF * sum(scale.lexical.weigh(terms).values())) if terms else scores

    def find(self) -> Ids:
        """Return the units that either search puts among its first."""
        count = self._settings.candidates
        ids, _ = self._scale.vectors.search(self._vector, count, first=self._first, stop=self._stop)
        return np.union1d(ids, self._word_ids[:count])

    def score(self, ids: Ids) -> Scores:
        """Return the fused scores of units; one that the words' search does not list matches no word."""
        unique, places = np.unique(ids, return_inverse=True)
        listed = dict(zip(self._word_ids.tolist(), self._shares.tolist(), strict=True))
        matched = np.array([listed.get(unit, 0.0) for unit in unique.tolist()], np.float32)
        cosines = self._scale.vectors.score(self._vector, unique)
        weight = self._settings.dense_weight
        return np.asarray((weight * cosines + (1 - weight) * matched)[places], np.float32)


def _fuse(index: Index, windows: _Asked, passages: _Asked, contexts: _Asked) -> _Fused:
    """Return the best of the windows that the searches led to: those found, and those of the passages found.

    A context is too large for its place in a list to say which of its windows answers: it scores, but leads to none.
    """
    ids = np.union1d(windows.find(), index.table.list_inside(passages.find()))
    rows = index.table.load(ids)
    units = (ids, rows["passage"], rows["context"])
    scored = [asked.score(of) for asked, of in zip((windows, passages, contexts), units, strict=True)]
    scores = np.mean(scored, axis=0) - _ENTRY_HANDICAP * rows["is_entry"].astype(np.float32)
    best = np.argsort(-scores, kind="stable")[:_DEPTH]
    return _Fused(ids[best], rows[best], scores[best])


def _add_likeness(index: Index, fused: _Fused, words: Scores) -> Scores:
    """Return the scores with the likeness of the words of those at the top added.

    As in the fusion, a window's likeness carries its passage's and its context's.
    """
    top = fused.rows[:_WORDS_DEPTH]
    if not len(top):
        return fused.scores
    loaded = index.corpus.load_words(np.unique(top["context"]).tolist())
    passages, contexts = _lay_words(loaded, -(-words.shape[1] // 8))
    likeness = match_words(words, b"".join(passage.packed for passage in loaded))
    outer = np.array([passages[passage] for passage in top["passage"].tolist()])
    own = outer[:, :1] + np.stack([top["first_word"], top["stop_word"]], axis=1)
    around = np.array([contexts[context] for context in top["context"].tolist()])
    likenesses = [take_best(likeness, ranges).mean(axis=0) for ranges in (own, outer, around)]
    scores = fused.scores.copy()
    scores[: len(top)] += _WORDS_WEIGHT * np.mean(likenesses, axis=0)
    return scores


def _list_ranked(index: Index, fused: _Fused, scores: Scores) -> tuple[RankedWindow, ...]:
    """Return the windows by their scores, ties in the order before."""
    order = np.argsort(-scores, kind="stable")
    names = index.corpus.name_documents(np.unique(fused.rows["document"]).tolist())
    columns = (fused.ids, fused.rows, scores)
    return tuple(
        RankedWindow(number, names[row[2]], row[0], row[1], row[3], row[4], score, score)
        for number, row, score in zip(*(column[order].tolist() for column in columns), strict=True)
    )


def _rerank(
    index: Index, question: str, windows: tuple[RankedWindow, ...], settings: Settings
) -> tuple[RankedWindow, ...]:
    """Return the windows with those of the first passages in front, in the order that the reranker gives their texts.

    Only windows move. The scores stay, the best with whatever is now first: what a reranker gives is on a scale of its
    own, which neither the windows that it has not read nor the confidence know.
    """
    reranker = open_reranker(settings)
    if reranker is None:
        return windows
    read = list(dict.fromkeys(window.passage_id for window in windows))[: settings.reranked]
    scores = reranker.score(question, [index.corpus.load_place(passage).passage.text for passage in read])
    places = {read[at]: place for place, at in enumerate(np.argsort(-scores, kind="stable").tolist())}
    moved = sorted(windows, key=lambda window: places.get(window.passage_id, len(read)))
    return tuple(replace(window, score=of.score) for window, of in zip(moved, windows, strict=True))


def _lay_words(loaded: Sequence[PassageWords], width: int) -> tuple[dict[int, Span], dict[int, Span]]:
    """Return where the words of each passage and of each context stand, laid end to end."""
    passages: dict[int, Span] = {}
    contexts: dict[int, Span] = {}
    end = 0
    for of in loaded:
        start, end = end, end + len(of.packed) // width
        passages[of.passage] = (start, end)
        contexts[of.context] = (contexts.get(of.context, (start, end))[0], end)
    return passages, contexts


def match_words(words: Scores, packed: bytes) -> Scores:
    """Return the cosine of each of a question's words (unit rows) with each packed one, of shape (words, packed)."""
    return np.asarray(words @ unpack_words(packed, words.shape[1]).T, np.float32)


def take_best(likeness: Scores, ranges: Ids) -> Scores:
    """Return the largest value of each row in each range of columns, of shape (rows, ranges); 0 in an empty range."""
    padded = np.pad(likeness, ((0, 0), (0, 1)))
    best = np.maximum.reduceat(padded, ranges.ravel(), axis=1)[:, ::2]
    return np.where(ranges[:, 0] < ranges[:, 1], best, np.float32(0))


def weigh_shared(terms: Sequence[str], weights: dict[str, float]) -> float:
    """Return the share of a question's weight that `terms` cover, 0 to 1; 0 for a question without terms."""
    total = sum(weights.values())
    return sum(weights[term] for term in set(terms) & weights.keys()) / total if total else 0.0
