"""How well the words of windows, of their passages and of their contexts match a question: BM25 at three scales.

Terms are counted in the units themselves, so that each has its score, found by the words' search or not; title and
headings count in each. A score is given as a share of the most that BM25 could give for these terms, with k1 = 1.2 and
b = .75 (Robertson and Zaragoza, 2009).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.arrays import find_runs
from index.bundle import Index
from index.terms import TermCounts
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


def match_terms(index: Index, rows: npt.NDArray[np.void], ids: Ids, query: Query) -> Scores:
    """Return the share of each window, its passage and its context, of shape (3, windows).

    Args:
        index: The open index.
        rows: The windows' rows of their table.
        ids: Their numbers, ascending; with a window, all of its passage are among them.
        query: What is looked for.
    """
    if not query.terms or not len(ids):
        return np.zeros((3, len(ids)), np.float32)
    first_of_context, of_context = find_runs(rows["context"])
    first_of_passage, of_passage = find_runs(rows["passage"])
    contexts = rows["context"][first_of_context].astype(np.int64)
    firsts, stops = index.table.find_inside(contexts)
    counted = index.terms.count(query.terms, firsts + contexts, stops + contexts + 1)
    places = (counted.starts + 1 - firsts)[of_context] + ids
    units = _list_units(counted, places, of_context, first_of_passage)
    of_windows, of_passages, of_contexts = map(_share, units, query.weights, index.terms.mean_lengths.tolist())
    return np.stack([of_windows, of_passages[of_passage], of_contexts[of_context]])


def _list_units(counted: TermCounts, places: Ids, of_context: Ids, first_of_passage: Ids) -> Iterator[Ids]:
    """Yield how often windows, passages and contexts hold each term, and last their lengths: (n, terms + 1) each."""
    counts = counted.counts
    before = np.zeros((len(counts) + 1, counts.shape[1]), np.int64)
    np.cumsum(counts, axis=0, out=before[1:])
    leads = counts.take(counted.starts, axis=0)
    yield counts.take(places, axis=0) + leads.take(of_context, axis=0)
    last_of_passage = np.append(first_of_passage[1:], len(places)) - 1
    own = before.take(places[last_of_passage] + 1, axis=0) - before.take(places[first_of_passage], axis=0)
    yield own + leads.take(of_context[first_of_passage], axis=0)
    stops = np.append(counted.starts[1:], len(counts))
    yield before.take(stops, axis=0) - before.take(counted.starts, axis=0)


def _share(counts: Ids, weights: npt.NDArray[np.float64], mean_length: float) -> Scores:
    """Return the share of each of some units, of which each row counts the terms, and last all that it has."""
    held = counts[:, :-1].astype(np.float64)
    held /= held + _K1 * (1 - _B + _B / mean_length * counts[:, -1:])
    return np.asarray(held @ weights / weights.sum(), np.float32)
