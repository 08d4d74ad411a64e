"""Scores at three scales: of passages with their contexts, and of the windows of those that do best so."""

from dataclasses import dataclass

import numpy as np

from index.arrays import find_runs, list_ranges
from index.bundle import Index
from index.vectors import Ids, Scores
from qa.matching import Counted, Query, count_terms, match_contexts, match_passages, match_windows

# An entry of a bibliography repeats in its title what the text says in a sentence; where both match, the text answers.
ENTRY_HANDICAP = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class ScoredPassages:
    """Passages in ascending order.

    Attributes:
        firsts: The first window of each.
        stops: The one behind its last.
        of_context: Which of the contexts that were counted it lies in.
        counted: How often these have the query's terms.
        scores: What passage and context add to the sum over all three scales.
    """

    firsts: Ids
    stops: Ids
    of_context: Ids
    counted: Counted
    scores: Scores


def score_passages(index: Index, query: Query, vector: Scores, passages: Ids, *, dense: float) -> ScoredPassages:
    """Return the scores of passages, whose numbers ascend; `dense` is what embeddings weigh."""
    firsts, stops = index.table.find_windows(passages)
    heads = index.table.load(firsts)
    begins, of_context = find_runs(heads["context"])
    contexts = heads["context"][begins].astype(np.int64)
    counted = count_terms(index, query, contexts)
    scores = _mix(index.contexts.score(vector, contexts), match_contexts(counted), dense)[of_context]
    scores += _mix(index.passages.score(vector, passages), match_passages(counted, of_context, firsts, stops), dense)
    scores -= 3 * ENTRY_HANDICAP * heads["is_entry"]
    return ScoredPassages(firsts, stops, of_context, counted, scores)


def score_windows(
    index: Index, vector: Scores, passages: ScoredPassages, count: int, *, dense: float
) -> tuple[Ids, Scores]:
    """Return the windows of the best passages, so many at most, in ascending order; and the mean over their scales."""
    best = np.sort(np.argsort(-passages.scores, kind="stable")[:count])
    firsts, stops = passages.firsts[best], passages.stops[best]
    ids, of_passage = list_ranges(firsts, stops), np.repeat(best, stops - firsts)
    own = _mix(
        index.windows.score(vector, ids),
        match_windows(passages.counted, passages.of_context[of_passage], ids),
        dense,
    )
    return ids, np.asarray((own + passages.scores[of_passage]) / 3, np.float32)


def _mix(cosines: Scores, matched: Scores, dense: float) -> Scores:
    return np.asarray(dense * cosines + (1 - dense) * matched, np.float32)
