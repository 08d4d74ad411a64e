"""Hybrid retrieval: a vector search and a BM25 look-up over windows and over passages, fused.

At each scale the score is a convex combination of two numbers that mean the same for every question: the cosine of the
embedding, and the BM25 score as a share of the most that BM25 could give for this question's words (a theoretical bound
as in Bruch, Gai and Ingber, 2023, in place of the highest score found). So a question in words of its own, which no
window matches, is led by the embeddings without any change of weights. A window's score carries its passage's.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, TypeAlias

import numpy as np

from index.bundle import Index, Scale
from index.corpus import Place
from index.vectors import Ids, Scores

SourceFilter: TypeAlias = Literal["paper", "references", "all"]

# What BM25 gives at most for one term: its inverse document frequency times k1 + 1, with k1 = 1.2.
_BM25_PER_IDF = 2.2
# Share of the window's own score in its score; the rest is its passage's.
_WINDOW_WEIGHT = 2 / 3
# An entry of a bibliography repeats in its title what the text says in a sentence; where both match, the text answers.
_ENTRY_HANDICAP = 0.05


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that answers: its number and place, its score, and its best window's span, cosine and matched share."""

    passage_id: int
    place: Place
    score: float
    window: tuple[int, int]
    cosine: float
    matched: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """The hits for a question, best first.

    Attributes:
        hits: At most k passages.
        weights: The inverse document frequency of each of the question's terms.
        pieces: The question's word pieces.
        piece_vectors: Their unit vectors, a row each.
        encode_ms: Milliseconds spent on encoding.
        retrieve_ms: Milliseconds spent on all else.
    """

    hits: tuple[Hit, ...]
    weights: dict[str, float]
    pieces: list[str]
    piece_vectors: Scores
    encode_ms: float
    retrieve_ms: float


def retrieve(  # noqa: PLR0913 - the two settings are keywords
    index: Index, question: str, *, k: int, source: SourceFilter, dense_weight: float, candidates: int
) -> Ranking:
    """Return the k passages that answer `question` best, ties in reading order.

    Args:
        index: The open index.
        question: Any text; what to make of a bad one is for the caller to say.
        k: How many passages, from 1; fewer come back where the corpus has no more.
        source: Which documents may answer.
        dense_weight: Share of the cosine in the score.
        candidates: Windows, and as many passages, that each search contributes.
    """
    started = time.perf_counter()
    vector, pieces, piece_vectors = index.encoder.read_question(question)
    encoded = time.perf_counter()
    terms = dict.fromkeys(index.windows.lexical.analyze(question))
    weights = index.windows.lexical.weigh(terms)
    windows = _Scored(index.windows, vector, terms, source, candidates)
    passages = _Scored(index.passages, vector, terms, source, candidates)
    hits = _rank(index, windows, passages, k, dense_weight)
    done = time.perf_counter()
    return Ranking(hits, weights, pieces, piece_vectors, (encoded - started) * 1e3, (done - encoded) * 1e3)


class _Scored:
    """What the two searches of one scale find for a question, and the scores of any of its units."""

    def __init__(
        self, scale: Scale, vector: Scores, terms: Iterable[str], source: SourceFilter, candidates: int
    ) -> None:
        end = len(scale.vectors)
        bounds = {"paper": (0, scale.papers), "references": (scale.papers, end), "all": (0, end)}
        first, stop = bounds[source]
        terms = list(terms)
        self._scale, self._vector = scale, vector
        self._dense_ids, _ = scale.vectors.search(vector, candidates, first=first, stop=stop)
        self._word_ids, self._word_scores = scale.lexical.search(terms, candidates, first=first, stop=stop)
        self._best_words = _BM25_PER_IDF * sum(scale.lexical.weigh(terms).values())

    @property
    def ids(self) -> list[int]:
        """The units that either search found."""
        return [int(unit) for unit in np.union1d(self._dense_ids, self._word_ids)]

    def score(self, ids: Ids) -> tuple[Scores, Scores]:
        """Return cosines and shares of matched words of the given units; one that no search listed matches none."""
        listed = dict(zip(self._word_ids.tolist(), (self._word_scores / self._best_words).tolist(), strict=True))
        matched = np.array([listed.get(unit, 0.0) for unit in ids.tolist()], np.float32)
        return self._scale.vectors.score(self._vector, ids), matched


def _rank(index: Index, windows: _Scored, passages: _Scored, k: int, dense_weight: float) -> tuple[Hit, ...]:
    """Take windows from the best down until they make k passages."""
    rows = index.corpus.load_windows(windows.ids, passages.ids)
    cosines, matched = windows.score(np.array([row.id for row in rows], np.int64))
    outer_cosines, outer_matched = passages.score(np.array([row.passage for row in rows], np.int64))
    own = dense_weight * cosines + (1 - dense_weight) * matched
    outer = dense_weight * outer_cosines + (1 - dense_weight) * outer_matched
    entries = np.array([row.is_entry for row in rows], np.float32)
    scores = _WINDOW_WEIGHT * own + (1 - _WINDOW_WEIGHT) * outer - _ENTRY_HANDICAP * entries
    best: dict[int, int] = {}
    for at in np.argsort(-scores, kind="stable").tolist():
        best.setdefault(rows[at].passage, at)
    return tuple(
        Hit(
            passage_id=passage,
            place=index.corpus.load_place(passage),
            score=float(scores[at]),
            window=(rows[at].start, rows[at].end),
            cosine=float(cosines[at]),
            matched=float(matched[at]),
        )
        for passage, at in islice(best.items(), k)
    )


def weigh_shared(terms: Sequence[str], weights: dict[str, float]) -> float:
    """Return the share of a question's weight that `terms` cover, 0 to 1; 0 for a question without terms."""
    total = sum(weights.values())
    return sum(weights[term] for term in set(terms) & weights.keys()) / total if total else 0.0
