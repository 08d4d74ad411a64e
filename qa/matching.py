"""How well the words of windows, of their passages and of their contexts match a question: BM25 at three scales.

Terms are counted in the units themselves, so that each has its score, found by the words' search or not; title and
headings count in each. A score is given as a share of the most that BM25 could give for these terms, with k1 = 1.2 and
b = .75 (Robertson and Zaragoza, 2009).
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from index.arrays import find_runs
from index.bundle import Index
from index.terms import TermCounts
from index.vectors import Ids, Scores

_K1, _B = 1.2, 0.75


def match_terms(index: Index, rows: npt.NDArray[np.void], ids: Ids, terms: Sequence[str]) -> Scores:
    """Return the share of each window, its passage and its context, of shape (3, windows).

    Args:
        index: The open index.
        rows: The windows' rows of their table.
        ids: Their numbers, ascending; with a window, all of its passage are among them.
        terms: Those of the question, each once.
    """
    if not terms or not len(ids):
        return np.zeros((3, len(ids)), np.float32)
    first_of_context, of_context = find_runs(rows["context"])
    first_of_passage, of_passage = find_runs(rows["passage"])
    contexts = rows["context"][first_of_context].astype(np.int64)
    firsts, stops = index.table.find_inside(contexts)
    counted = index.terms.count(terms, firsts + contexts, stops + contexts + 1)
    places = (counted.starts + 1 - firsts)[of_context] + ids
    units = _list_units(counted, places, of_context, first_of_passage)
    weights, mean_lengths = index.terms.weigh_scales(terms), index.terms.mean_lengths.tolist()
    of_windows, of_passages, of_contexts = map(_share, units, weights, mean_lengths)
    return np.stack([of_windows, of_passages[of_passage], of_contexts[of_context]])


def _list_units(counted: TermCounts, places: Ids, of_context: Ids, first_of_passage: Ids) -> Iterator[Ids]:
    """Yield how often windows, passages and contexts hold each term, and last their lengths: (terms + 1, n) each."""
    counts = np.concatenate([counted.counts, counted.lengths[None]])
    before = np.concatenate([np.zeros((len(counts), 1), np.int64), np.cumsum(counts, axis=1)], axis=1)
    leads = counts[:, counted.starts]
    yield counts[:, places] + leads[:, of_context]
    stop_of_passage = np.append(first_of_passage[1:], len(places)) - 1
    own = before[:, places[stop_of_passage] + 1] - before[:, places[first_of_passage]]
    yield own + leads[:, of_context[first_of_passage]]
    yield before[:, np.append(counted.starts[1:], counts.shape[1])] - before[:, counted.starts]


def _share(counts: Ids, weights: npt.NDArray[np.float64], mean_length: float) -> Scores:
    """Return the share of each of some units, from a row of counts for each term, and one of their lengths."""
    held, lengths = counts[:-1], counts[-1]
    saturated = held / (held + _K1 * (1 - _B + _B / mean_length * lengths))
    return np.asarray(weights @ saturated / weights.sum(), np.float32)
