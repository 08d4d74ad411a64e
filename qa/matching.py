"""How well the words of windows, of their passages and of their contexts match a question: BM25 at three scales.

Terms are counted in the units themselves, so that each has its score, found by the words' search or not; title and
headings count in each. A score is given as a share of the most that BM25 could give for these terms, with k1 = 1.2 and
b = .75 (Robertson and Zaragoza, 2009).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.bundle import Index
from index.vectors import Ids, Scores

_K1, _B = 1.2, 0.75


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """What words are looked for: terms, each once, and what each weighs at each scale, of shape (3, terms)."""

    terms: list[str]
    weights: npt.NDArray[np.float64]


def read_query(index: Index, text: str) -> Query:
    """Return the terms of a text, in its order."""
    terms = list(dict.fromkeys(index.lexical.analyze(text)))
    return Query(terms, index.terms.weigh_scales(terms))


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """A query's terms as they stand in some contexts.

    Attributes:
        query: What is looked for.
        counts: As in `TermCounts`: a row for the title and headings of each context, then one per window.
        before: The sums of all rows before each, and last of all.
        starts: The row with which each context begins.
        firsts: The number of its first window.
        mean_lengths: How many terms a window, a passage and a context have on average.
    """

    query: Query
    counts: Ids
    before: Ids
    starts: Ids
    firsts: Ids
    mean_lengths: Sequence[float]

    def locate(self, windows: Ids, of_context: Ids) -> Ids:
        """Return the rows of windows, of which each lies in one of the contexts or ends the one before it."""
        return windows + (self.starts + 1 - self.firsts).take(of_context)

    def lead(self, of_context: Ids) -> Ids:
        """Return the rows of title and headings of contexts, which stand in each of their units."""
        return self.counts.take(self.starts.take(of_context), axis=0)


def count_terms(index: Index, query: Query, contexts: Ids) -> Counted:
    """Count a query's terms in contexts, whose numbers ascend."""
    firsts, stops = index.table.find_inside(contexts)
    found = index.terms.count(query.terms, firsts + contexts, stops + contexts + 1)
    before = np.zeros((len(found.counts) + 1, found.counts.shape[1]), np.int64)
    np.cumsum(found.counts, axis=0, out=before[1:])
    return Counted(query, found.counts, before, found.starts, firsts, index.terms.mean_lengths.tolist())


def match_windows(counted: Counted, of_context: Ids, windows: Ids) -> Scores:
    """Return the share of each of some windows; `of_context` says which of the contexts counted each lies in."""
    held = counted.counts.take(counted.locate(windows, of_context), axis=0)
    return _share(counted, 0, held + counted.lead(of_context))


def match_passages(counted: Counted, of_context: Ids, firsts: Ids, stops: Ids) -> Scores:
    """Return the share of each of some passages, from its first window and the one behind its last."""
    held = counted.before.take(counted.locate(stops, of_context), axis=0)
    held -= counted.before.take(counted.locate(firsts, of_context), axis=0)
    return _share(counted, 1, held + counted.lead(of_context))


def match_contexts(counted: Counted) -> Scores:
    """Return the share of each context."""
    edges = np.append(counted.starts, len(counted.counts))
    sums = counted.before.take(edges, axis=0)
    return _share(counted, 2, sums[1:] - sums[:-1])


def _share(counted: Counted, scale: int, counts: Ids) -> Scores:
    """Return the share of each of some units, of which each row counts the terms, and last all that it has."""
    if not counted.query.terms:
        return np.zeros(len(counts), np.float32)
    weights = counted.query.weights[scale]
    held = counts[:, :-1].astype(np.float64)
    held /= held + _K1 * (1 - _B + _B / counted.mean_lengths[scale] * counts[:, -1:])
    return np.asarray(held @ weights / weights.sum(), np.float32)
