"""Hybrid retrieval: passages found by vectors and by words, scored at three scales, then compared word by word.

At each scale the score is a convex combination of two numbers that mean the same for every question: the cosine of the
embedding, and the BM25 score as a share of the most that BM25 could give for this question's words (a theoretical bound
as in Bruch, Gai and Ingber, 2023, in place of the highest score found). So a question in words of its own, which no
window matches, is led by the embeddings without any change of weights. A window's score is the mean of its own, its
passage's and its context's. The searches find passages; those that are best with their contexts have their windows
scored.

The best windows are then compared with the question word by word, as `likeness.py` says.

Where a reranker is set, it reads the first passages, and their windows follow the order that it gives them.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from typing import overload

import numpy as np
import numpy.typing as npt

from index.arrays import list_distinct
from index.bundle import Index, SourceFilter
from index.corpus import Place
from index.joined import take_best
from index.model import Span
from index.settings import Settings
from index.vectors import Ids, Scores
from qa.likeness import WordWeights, blank_contractions, compare_words, share_pieces, weigh_words
from qa.matching import Query, read_query
from qa.rerank import open_reranker
from qa.scales import score_passages, score_windows

# What a word-by-word likeness of 1 adds to a score, and how many windows are looked at so.
_WORDS_WEIGHT = 0.5
_WORDS_DEPTH = 15
# How many passages' windows are ranked at all, and how many windows: enough for a hundred documents.
_PASSAGES = 150
_DEPTH = 500


@dataclass(frozen=True, slots=True)
class RankedWindow:
    """A window as found.

    Attributes:
        id: Its number.
        document: Its document's number.
        passage_id: Its passage's number.
        context_id: Its context's number.
        start: Where it begins in the document's text.
        end: Where it ends there.
        score: What it is ranked by; never rises down the list.
        fused: What the hybrid search gave it: its score, unless a reranker has moved it.
    """

    id: int
    document: int
    passage_id: int
    context_id: int
    start: int
    end: int
    score: float
    fused: float


@dataclass(frozen=True, slots=True, eq=False)
class RankedWindows:
    """Windows, best first, in columns: hundreds are ranked for a question, and few are looked at.

    Attributes:
        ids: Their numbers.
        rows: Their rows of the table of windows, of type `index.windows.ROW`.
        scores: What each is ranked by; never rises.
        fused: What the hybrid search gave each.
    """

    ids: Ids
    rows: npt.NDArray[np.void]
    scores: Scores
    fused: Scores

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[RankedWindow]:
        return (self[at] for at in range(len(self)))

    @overload
    def __getitem__(self, at: int) -> RankedWindow: ...
    @overload
    def __getitem__(self, at: slice) -> "RankedWindows": ...
    def __getitem__(self, at: int | slice) -> "RankedWindow | RankedWindows":
        if isinstance(at, slice):
            return RankedWindows(self.ids[at], self.rows[at], self.scores[at], self.fused[at])
        passage, context, document, start, end, *_ = self.rows[at].item()
        scores = (float(self.scores[at]), float(self.fused[at]))
        return RankedWindow(int(self.ids[at]), document, passage, context, start, end, *scores)


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that answers, and its best window."""

    place: Place
    window: RankedWindow


@dataclass(frozen=True, slots=True)
class Ranking:
    """The windows found for a question, best first.

    Attributes:
        windows: The best that the searches led to, a bounded number, ties in reading order.
        weights: The inverse document frequency of each of the question's terms.
        words: The unit vectors of the question's word pieces that carry content, a row each.
        shares: The share of each of these pieces in the question, as `share_pieces` gives it.
        encode_ms: Milliseconds spent on encoding.
        retrieve_ms: Milliseconds spent on all else.
    """

    windows: RankedWindows
    weights: dict[str, float]
    words: Scores
    shares: Scores
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
    ranges = index.list_ranges(source)
    matching = _open_pool().submit(_match_question, index, question, ranges, settings.candidates)
    reading = index.encoder.read_question(question)
    encoded = time.perf_counter()
    query, passages, words = matching.result()
    fused = _fuse(index, reading.vector, query, passages, ranges, settings)
    shares = share_pieces(words, reading)
    windows = _sort(_add_likeness(index, fused, reading.words, shares))
    windows = _rerank(index, question, windows, settings)
    done = time.perf_counter()
    of_windows = dict(zip(query.terms, query.weights[0].tolist(), strict=True))
    return Ranking(windows, of_windows, reading.words, shares, (encoded - started) * 1e3, (done - encoded) * 1e3)


@cache
def _open_pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count())


def _match_question(index: Index, question: str, ranges: Sequence[Span], count: int) -> tuple[Query, Ids, WordWeights]:
    """Return what a question's words find and weigh, which takes less time than its encoding and is done beside it."""
    query = read_query(index, blank_contractions(question))
    return query, _match(index, query, ranges, count), weigh_words(question, index.lexical, index.terms)


def rank_windows_of(
    index: Index, vector: Scores, text: str, settings: Settings, documents: tuple[int, int]
) -> RankedWindows:
    """Return the windows of some documents that are nearest to a text, best first, by the hybrid search alone.

    Args:
        index: The open index.
        vector: The text's unit vector.
        text: The text.
        settings: How to weigh, and how much to look at.
        documents: The numbers of the first document and of the one behind the last.
    """
    query, ranges = read_query(index, text), [index.table.find_documents(*documents)]
    return _fuse(index, vector, query, _match(index, query, ranges, settings.candidates), ranges, settings)


def group_passages(index: Index, ranking: Ranking, k: int, *, spread: bool = True) -> tuple[Hit, ...]:
    """Return k passages in the order of their best windows; fewer where fewer were found.

    They are the first k, unless `spread` keeps one document from filling the list: of more than half of it, rounded up,
    a document gives passages only where the others have none.
    """
    rows = ranking.windows.rows
    places = _choose(rows["passage"].tolist(), rows["document"].tolist(), k, -(-k // 2) if spread else k)
    windows = [ranking.windows[at] for at in places]
    found = index.corpus.load_places([window.passage_id for window in windows])
    return tuple(map(Hit, found, windows))


def _choose(passages: Sequence[int], documents: Sequence[int], k: int, most: int) -> list[int]:
    """Return in order the places of k passages, each at its first; at most so many of a document, unless k lack."""
    seen: set[int] = set()
    taken: list[int] = []
    left: list[int] = []
    given: Counter[int] = Counter()
    for at, (passage, document) in enumerate(zip(passages, documents, strict=True)):
        if passage in seen:
            continue
        seen.add(passage)
        (taken if given[document] < most else left).append(at)
        given[document] += 1
        if len(taken) == k:
            break
    return sorted([*taken, *left[: k - len(taken)]])


def _match(index: Index, query: Query, ranges: Sequence[Span], count: int) -> Ids:
    """Return the passages that the words' search puts first: all, where there are no more."""
    if _has_few(index, ranges, count):
        return np.concatenate([np.empty(0, np.int64), *(np.arange(*bounds) for bounds in ranges)])
    return take_best(
        [index.lexical.search(query.terms, count, first=first, stop=stop) for first, stop in ranges], count
    )[0]


def _has_few(index: Index, ranges: Sequence[Span], count: int) -> bool:
    return sum(stop - first for first, stop in ranges) <= count and not index.has_dropped


def _fuse(
    index: Index, vector: Scores, query: Query, matching: Ids, ranges: Sequence[Span], settings: Settings
) -> RankedWindows:
    """Return the best of the windows of the passages that match or are near.

    To search for windows as well finds none that ranks high, as measured: what is near has a passage that is near.
    """
    near = _find_near(index, vector, ranges, settings.candidates)
    dense = settings.dense_weight
    passages = score_passages(index, query, vector, list_distinct(np.append(near, matching)), dense=dense)
    ids, scores = score_windows(index, vector, passages, _PASSAGES, dense=dense)
    best = np.argsort(-scores, kind="stable")[:_DEPTH]
    return RankedWindows(ids[best], index.table.load(ids[best]), scores[best], scores[best])


def _find_near(index: Index, vector: Scores, ranges: Sequence[Span], count: int) -> Ids:
    """Return the passages that the vectors' search puts first; none, where all are looked at without it."""
    if _has_few(index, ranges, count):
        return np.empty(0, np.int64)
    return take_best([index.passages.search(vector, count, first=first, stop=stop) for first, stop in ranges], count)[0]


def _sort(windows: RankedWindows) -> RankedWindows:
    """Return the windows by their scores, ties in the order before."""
    order = np.argsort(-windows.scores, kind="stable")
    return RankedWindows(windows.ids[order], windows.rows[order], windows.scores[order], windows.fused[order])


def _add_likeness(index: Index, windows: RankedWindows, words: Scores, shares: Scores) -> RankedWindows:
    """Return the windows, their scores with the likeness of the words of those at the top added."""
    top = windows.rows[:_WORDS_DEPTH]
    if not len(top):
        return windows
    packed = index.corpus.load_words(sorted(set(top["context"].tolist())))
    scores = windows.scores.copy()
    scores[: len(top)] += _WORDS_WEIGHT * compare_words(top, packed, words, shares)
    return replace(windows, scores=scores, fused=scores)


def _rerank(index: Index, question: str, windows: RankedWindows, settings: Settings) -> RankedWindows:
    """Return the windows with those of the first passages in front, in the order that the reranker gives their texts.

    Only windows move. The scores stay, the best with whatever is now first: what a reranker gives is on a scale of its
    own, which neither the windows that it has not read nor the confidence know.
    """
    reranker = open_reranker(settings)
    if reranker is None:
        return windows
    passages = windows.rows["passage"].tolist()
    read = list(dict.fromkeys(passages))[: settings.reranked]
    scores = reranker.score(question, [place.passage.text for place in index.corpus.load_places(read)])
    places = {read[at]: place for place, at in enumerate(np.argsort(-scores, kind="stable").tolist())}
    order = np.argsort([places.get(passage, len(read)) for passage in passages], kind="stable")
    return RankedWindows(windows.ids[order], windows.rows[order], windows.scores, windows.fused[order])


def weigh_shared(terms: Sequence[str], weights: dict[str, float]) -> float:
    """Return the share of a question's weight that `terms` cover, 0 to 1; 0 for a question without terms."""
    total = sum(weights.values())
    return sum(weights[term] for term in set(terms) & weights.keys()) / total if total else 0.0
