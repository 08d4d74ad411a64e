"""The bars: what each figure has to reach, as ratios within one run wherever two can be compared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from eval.bench.limits import Limits
from eval.bench.rivals import ENCODER, IBID
from eval.bench.rounds import Asked, Record
from eval.bench.spread import Spread, summarise, summarise_ratios

MB = 1e6


Side: TypeAlias = Literal["most", "least"]


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure, and the most or the least that it may be.

    `spread` is None where whom to compare with was not measured.
    """

    figure: str
    spread: Spread | None
    bar: float
    side: Side
    unit: str = ""

    @property
    def is_met(self) -> bool | None:
        """Whether the median reaches the bar; None where it was not measured."""
        if self.spread is None:
            return None
        return self.spread.median <= self.bar if self.side == "most" else self.spread.median >= self.bar


def list_bars(records: Sequence[Record], limits: Limits) -> list[Bar]:
    """Return all bars, ratios first."""
    own = next(record for record in records if record.name == IBID.name)
    asked = list_asked(own)
    dense = [record for record in records if record.kind == "dense"]
    peers = [record for record in records if record.kind in ("dense", "hybrid")]
    encoders = [record for record in records if record.name == ENCODER.name]
    built = [each.built_per_s for each in own.rounds]
    cold_s = [each.cold_s for each in asked]
    p50_ms = [each.question_ms.p50 for each in asked]
    quickest_cold = _find_least(peers, lambda each: each.cold_s)
    quickest_p50 = _find_least(dense, lambda each: each.question_ms.p50)
    return [
        Bar("cold process to first answer, over the fastest peer's", _divide(cold_s, quickest_cold), 1 / 8, "most"),
        Bar("warm question, p50, over the fastest dense peer's", _divide(p50_ms, quickest_p50), 1 / 3, "most"),
        Bar("build, passages/s, over the fastest dense peer's", _divide(built, _find_fastest(dense)), 3, "least"),
        Bar("build, passages/s, over sentence-transformers'", _divide(built, _find_fastest(encoders)), 4, "least"),
        Bar("encoder, operations/s, over float32 matrix products'", limits.encoder_over_float32, 1, "least"),
        Bar("cold process to first answer", summarise(cold_s), 0.6, "most", "s"),
        Bar("cold process, peak memory", summarise([each.cold_peak_bytes / MB for each in asked]), 200, "most", "MB"),
        Bar("warm question, p50", summarise(p50_ms), 4, "most", "ms"),
    ]


def list_asked(record: Record) -> list[Asked]:
    """Return what came of asking, a round each."""
    return [each.asked for each in record.rounds if each.asked is not None]


def _find_least(records: Sequence[Record], figure: Callable[[Asked], float]) -> list[float]:
    """Return a figure, round by round, of the one whose median is least; nothing where there is none."""
    figures = [[figure(each) for each in list_asked(record)] for record in records]
    return min(figures, key=lambda values: summarise(values).median, default=[])


def _find_fastest(records: Sequence[Record]) -> list[float]:
    """Return the passages a second, round by round, of the one that builds fastest; nothing where there is none."""
    figures = [[each.built_per_s for each in record.rounds] for record in records]
    return max(figures, key=lambda values: summarise(values).median, default=[])


def _divide(own: Sequence[float], other: Sequence[float]) -> Spread | None:
    return summarise_ratios(own, other) if other else None
