"""Whether one evaluation is better than another, or its figures only look so: intervals and tests over questions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import stats  # type: ignore[import-untyped]

from eval.outcome import Evaluation, Outcome
from index.errors import DatasetError, shorten

LEVEL = 0.95
_RESAMPLES = 9999
# The same figures give the same interval, today and tomorrow.
_SEED = 0
# Numbers drawn at once, at 8 bytes each: bounds the memory whatever the number of questions.
_BATCH = 500_000
_HINT = "compare two runs over the same dataset"

Values: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the second evaluation differs from the first in one measure, higher being better.

    Attributes:
        measure: Its name.
        questions: How many questions have a value in both; the other fields are of these alone.
        first: Mean of the first evaluation.
        second: Mean of the second.
        difference: Second less first.
        low: Lower end of the 95 % interval of the difference.
        high: Its upper end.
        p: How often chance alone gives such a difference or a larger one, corrected for the number of measures.
        verdict: "second is better", "first is better" or "no difference shown".
    """

    measure: str
    questions: int
    first: float
    second: float
    difference: float
    low: float
    high: float
    p: float
    verdict: str


def compare(first: Evaluation, second: Evaluation) -> list[Comparison]:
    """Compare two evaluations question by question, in every measure that both give for single questions.

    The interval is a paired percentile bootstrap over questions (Efron & Tibshirani, 1993), of each measure by itself;
    p is a paired randomisation test (Fisher, 1935; for retrieval, Smucker, Allan & Carterette, 2007), corrected after
    Holm (1979) for all measures compared here. A difference is shown only where p is below 0.05 and the interval
    leaves out nought. Measures without a value per question, such as `abstention_auroc`, are not compared.

    Raises:
        DatasetError: They share no question or no measure, or a question has another text in the second.
    """
    pairs = _pair(first, second)
    scores = {name: _gather(pairs, name) for name in _list_measures(pairs)}
    if not scores:
        raise DatasetError(f"{first.dataset} and {second.dataset} have no measure in common", _HINT)
    ps = correct_holm([flip_signs(ours[1] - ours[0]) for ours in scores.values()])
    return [_compare(name, *ours, p) for (name, ours), p in zip(scores.items(), ps, strict=True)]


def estimate_interval(values: Values) -> tuple[float, float]:
    """Return the 95 % percentile bootstrap interval of the mean; equal values give an interval of no width."""
    if np.ptp(values) == 0:
        return float(values[0]), float(values[0])
    interval = stats.bootstrap(
        (values,),
        np.mean,
        method="percentile",
        confidence_level=LEVEL,
        n_resamples=_RESAMPLES,
        batch=_size_batch(values),
        rng=_SEED,
    ).confidence_interval
    return float(interval.low), float(interval.high)


def flip_signs(differences: Values) -> float:
    """Return the two-sided p of paired differences, were the sign of each a matter of chance.

    Exact up to 13 differences other than nought, from 9,999 draws beyond.
    """
    # A difference of nought is the same with either sign.
    moved = differences[differences != 0]
    if len(moved) <= 1:
        return 1.0
    tested = stats.permutation_test(
        (moved,),
        _add,
        permutation_type="samples",
        vectorized=True,
        n_resamples=_RESAMPLES,
        batch=_size_batch(moved),
        rng=_SEED,
    )
    return float(tested.pvalue)


def _add(values: Values, axis: int) -> Values:
    """Return sums to nine digits: differences that cancel out, added up in another order, leave a rest."""
    return np.asarray(np.round(np.sum(values, axis=axis), 9))


def correct_holm(ps: Sequence[float]) -> list[float]:
    """Return p values corrected for their number, in the order given (Holm, 1979)."""
    corrected, floor = [1.0] * len(ps), 0.0
    for done, place in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        floor = max(floor, min(1.0, (len(ps) - done) * ps[place]))
        corrected[place] = floor
    return corrected


def _compare(name: str, first: Values, second: Values, p: float) -> Comparison:
    low, high = estimate_interval(second - first)
    means = float(first.mean()), float(second.mean())
    verdict = _judge(low, high, p)
    return Comparison(name, len(first), *means, float((second - first).mean()), low, high, p, verdict)


def _judge(low: float, high: float, p: float) -> str:
    if low <= 0 <= high or p >= 1 - LEVEL:
        return "no difference shown"
    return "second is better" if low > 0 else "first is better"


def _pair(first: Evaluation, second: Evaluation) -> list[tuple[Outcome, Outcome]]:
    theirs = {outcome.id: outcome for outcome in second.outcomes}
    pairs = [(outcome, theirs[outcome.id]) for outcome in first.outcomes if outcome.id in theirs]
    if not pairs:
        raise DatasetError(f"{first.dataset} and {second.dataset} have no question in common", _HINT)
    for ours, other in pairs:
        if ours.text != other.text:
            raise DatasetError(f"question {shorten(ours.id)!r} reads differently in the two evaluations", _HINT)
    return pairs


def _list_measures(pairs: Sequence[tuple[Outcome, Outcome]]) -> list[str]:
    """Return the measures that some question has in both, in the order of their first appearance."""
    return list(dict.fromkeys(name for ours, other in pairs for name in ours.scores if name in other.scores))


def _gather(pairs: Sequence[tuple[Outcome, Outcome]], name: str) -> tuple[Values, Values]:
    both = [
        (ours.scores[name], other.scores[name]) for ours, other in pairs if {name} <= ours.scores.keys() & other.scores
    ]
    values = np.array(both, dtype=np.float64)
    return values[:, 0], values[:, 1]


def _size_batch(values: Values) -> int:
    return max(1, _BATCH // len(values))
