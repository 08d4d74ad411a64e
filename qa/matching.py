"""How well the words of windows, of their passages and of their contexts match a question: BM25 at three scales.

Terms are counted in the units themselves, so that each has its score, found by the words' search or not; title and
headings count in each. A score is given as a share of the most that BM25 could give for these terms, with k1 = 1.2 and
b = .75 (Robertson and Zaragoza, 2009).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from index.bundle import Index
from index.terms import TermCounts
from index.vectors import Ids, Scores

_K1, _B = 1.2, 0.75


def match_terms(index: Index, rows: npt.NDArray[np.void], ids: Ids, terms: Sequence[str]) -> Scores:
    """Return the share of each window, its passage and its context, of shape (3, windows).

    Args:
        index: The open index.
        rows: The windows' rows of their table.
        ids: Their numbers; all windows of a passage follow each other.
        terms: Those of the question, each once.
    """
    if not terms or not len(ids):
        return np.zeros((3, len(ids)), np.float32)
    contexts, of_context = np.unique(rows["context"], return_inverse=True)
    firsts, stops = index.table.find_inside(contexts.astype(np.int64))
    counted = index.terms.count(terms, firsts + contexts, stops + contexts + 1)
    leads = counted.starts[of_context]
    places = leads + 1 + ids - firsts[of_context]
    passages = np.unique(rows["passage"], return_index=True, return_inverse=True)[1:]
    scales = (
        (counted.counts[:, places], counted.lengths[places]),
        _sum_passages(counted, places, *passages),
        _sum_contexts(counted, of_context),
    )
    lead_counts, lead_lengths = counted.counts[:, leads], counted.lengths[leads]
    shares = []
    for number, (counts, lengths) in enumerate(scales):
        weights, mean = index.terms.weigh_scales(terms)[number], index.terms.mean_lengths[number]
        total = lengths + lead_lengths
        found = counts + lead_counts
        saturated = found * (_K1 + 1) / (found + _K1 * (1 - _B + _B * total / mean))
        shares.append(weights @ saturated / ((_K1 + 1) * weights.sum()))
    return np.asarray(shares, np.float32)


def _sum_passages(counted: TermCounts, places: Ids, firsts: Ids, of_passage: Ids) -> tuple[Ids, Ids]:
    """Return the counts and lengths of the passage of each window, without its title and headings."""
    counts = np.add.reduceat(counted.counts[:, places], firsts, axis=1)
    lengths = np.add.reduceat(counted.lengths[places], firsts)
    return counts[:, of_passage], lengths[of_passage]


def _sum_contexts(counted: TermCounts, of_context: Ids) -> tuple[Ids, Ids]:
    """Return the counts and lengths of the context of each window, without its title and headings."""
    counts = np.add.reduceat(counted.counts, counted.starts, axis=1) - counted.counts[:, counted.starts]
    lengths = np.add.reduceat(counted.lengths, counted.starts) - counted.lengths[counted.starts]
    return counts[:, of_context], lengths[of_context]
