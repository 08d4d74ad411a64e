"""Measures of ranked documents, computed by trec_eval's own code, and run files that trec_eval reads."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from index.errors import DatasetError

Ranked: TypeAlias = Sequence[tuple[str, float]]  # documents with their scores, best first
Qrels: TypeAlias = Mapping[str, Mapping[str, int]]

RANKED_MEASURES = ("ndcg@10", "recall@10", "recall@100", "mrr@10")
_STEP = 1e-6


def measure_run(qrels: Qrels, run: Mapping[str, Ranked]) -> dict[str, dict[str, float]]:
    """Return each judged query's measures by name; a query without documents has 0 in all."""
    import ir_measures
    from ir_measures import RR, R, nDCG

    names = dict(zip((nDCG @ 10, R @ 10, R @ 100, RR @ 10), RANKED_MEASURES, strict=True))
    judged = [ir_measures.Qrel(q, d, grade) for q, grades in qrels.items() for d, grade in grades.items()]
    scored = [ir_measures.ScoredDoc(q, d, score) for q, ranked in run.items() for d, score in separate(ranked)]
    measured: dict[str, dict[str, float]] = {query: {} for query in qrels}
    for metric in ir_measures.iter_calc(list(names), judged, scored):
        measured[metric.query_id][names[metric.measure]] = float(metric.value)
    return {query: {name: values[name] for name in RANKED_MEASURES} for query, values in measured.items()}


def save_run(run: Mapping[str, Ranked], path: Path) -> None:
    """Write a run file: query, Q0, document, rank, score and `ibid`, in this order.

    Raises:
        DatasetError: An id holds white space, which the format cannot, or the file cannot be written.
    """
    rows = [
        (query, "Q0", document, str(rank), f"{score:.6f}", "ibid")
        for query, ranked in run.items()
        for rank, (document, score) in enumerate(separate(ranked), 1)
    ]
    split = next((name for row in rows for name in (row[0], row[2]) if name.split() != [name]), None)
    if split is not None:
        raise DatasetError(f"the id {split!r} holds white space", "a run file separates by it; rename the id")
    try:
        path.write_text("".join(" ".join(row) + "\n" for row in rows), encoding="utf-8")
    except OSError as error:
        raise DatasetError(f"cannot write {path}: {error.strerror}", "name a file that can be written") from error


def separate(ranked: Ranked) -> list[tuple[str, float]]:
    """Return the same documents with scores that fall by a millionth at least.

    trec_eval goes by score alone and takes ties by document id, which is not the order in which they were ranked.
    """
    separated: list[tuple[str, float]] = []
    for document, score in ranked:
        highest = separated[-1][1] - _STEP if separated else score
        separated.append((document, round(min(score, highest), 6)))
    return separated
