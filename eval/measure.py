"""The measures of a question set: answer recall, reciprocal rank, abstention, latency."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from eval.questions import Question
from index.bundle import Index
from index.settings import Settings
from qa.answer import answer_question

DEPTH = 10
_RECALL_AT = (1, 3, 5)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a question: the rank of the first passage that holds an answer (None: not within DEPTH)."""

    question: Question
    rank: int | None
    confidence: float
    latency_ms: float


def fold(text: str) -> str:
    """Return `text` with case and white space folded."""
    return " ".join(text.casefold().split())


def run_questions(
    index: Index,
    settings: Settings,
    questions: Sequence[Question],
    *,
    advance: Callable[[], None] = lambda: None,
) -> tuple[Outcome, ...]:
    """Ask every question, after one that warms up, and note what came of it."""
    answer_question(index, questions[0].text, settings, k=DEPTH)
    outcomes = []
    for question in questions:
        started = time.perf_counter()
        answer = answer_question(index, question.text, settings, k=DEPTH)
        latency_ms = (time.perf_counter() - started) * 1e3
        rank = find_rank((passage.text for passage in answer.passages), question.answers)
        outcomes.append(Outcome(question, rank, answer.confidence, latency_ms))
        advance()
    return tuple(outcomes)


def find_rank(texts: Iterable[str], answers: Sequence[str]) -> int | None:
    """Return the rank of the first text that holds one of the answers, or None."""
    wanted = [fold(answer) for answer in answers]
    return next((rank for rank, text in enumerate(texts, 1) if any(answer in fold(text) for answer in wanted)), None)


def measure(outcomes: Sequence[Outcome]) -> dict[str, float | int | None]:
    """Return the measures by name; one that the set cannot give (no unanswerable question, say) is None."""
    ranks = [outcome.rank for outcome in outcomes if outcome.question.answers]
    latencies = [outcome.latency_ms for outcome in outcomes]
    figures: dict[str, float | int | None] = {
        f"answer_recall@{k}": _mean([float(rank is not None and rank <= k) for rank in ranks]) for k in _RECALL_AT
    }
    figures["mrr"] = _mean([1 / rank if rank else 0.0 for rank in ranks])
    figures["abstention_auroc"] = measure_abstention(outcomes)
    figures["queries"] = len(outcomes)
    figures["latency_ms_p50"] = round(float(np.percentile(latencies, 50)), 2)
    figures["latency_ms_p95"] = round(float(np.percentile(latencies, 95)), 2)
    return figures


def measure_abstention(outcomes: Sequence[Outcome]) -> float | None:
    """Return the chance that an answerable question has more confidence than an unanswerable one (AUROC)."""
    from sklearn.metrics import roc_auc_score

    answerable = [bool(outcome.question.answers) for outcome in outcomes]
    if len(set(answerable)) == 1:
        return None
    return round(float(roc_auc_score(answerable, [outcome.confidence for outcome in outcomes])), 4)


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 4) if values else None
