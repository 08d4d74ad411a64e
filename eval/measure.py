"""Measures over outcomes: where the answer stands, means, abstention, latency."""

from collections.abc import Iterable, Sequence

import numpy as np

from eval.outcome import Outcome

RECALL_AT = (1, 3, 5)
ANSWER_RECALLS = tuple(f"answer_recall@{k}" for k in RECALL_AT)
# What is no share of the right, and has no floor.
COUNTS = ("queries", "latency_ms_p50", "latency_ms_p95")


def fold(text: str) -> str:
    """Return `text` with case and white space folded."""
    return " ".join(text.casefold().split())


def find_rank(texts: Iterable[str], answers: Sequence[str]) -> int | None:
    """Return the rank of the first text that holds one of the answers, or None."""
    wanted = [fold(answer) for answer in answers]
    return next((rank for rank, text in enumerate(texts, 1) if any(answer in fold(text) for answer in wanted)), None)


def score_rank(rank: int | None) -> dict[str, float]:
    """Return answer recall at each depth for one question."""
    return {name: float(rank is not None and rank <= k) for name, k in zip(ANSWER_RECALLS, RECALL_AT, strict=True)}


def summarise(
    outcomes: Sequence[Outcome], measures: Sequence[str], *, abstention: bool
) -> dict[str, float | int | None]:
    """Return the figures of a run by name.

    Args:
        outcomes: One per question.
        measures: What to average, over the questions that it applies to; None where it applies to none.
        abstention: Whether to add `abstention_auroc`, None where all or no questions are answerable.
    """
    figures: dict[str, float | int | None] = {name: _mean(outcomes, name) for name in measures}
    if abstention:
        figures["abstention_auroc"] = measure_abstention(outcomes)
    latencies = [outcome.latency_ms for outcome in outcomes]
    figures["queries"] = len(outcomes)
    figures["latency_ms_p50"] = round(float(np.percentile(latencies, 50)), 2)
    figures["latency_ms_p95"] = round(float(np.percentile(latencies, 95)), 2)
    return figures


def measure_abstention(outcomes: Sequence[Outcome]) -> float | None:
    """Return the chance that an answerable question has more confidence than an unanswerable one (AUROC)."""
    from sklearn.metrics import roc_auc_score

    known = [outcome for outcome in outcomes if outcome.answerable is not None and outcome.confidence is not None]
    answerable = [outcome.answerable for outcome in known]
    if len(set(answerable)) <= 1:
        return None
    return round(float(roc_auc_score(answerable, [outcome.confidence for outcome in known])), 4)


def _mean(outcomes: Sequence[Outcome], name: str) -> float | None:
    values = [outcome.scores[name] for outcome in outcomes if name in outcome.scores]
    return round(float(np.mean(values)), 4) if values else None
