"""Figures that were measured more than once: the median, and how far the others lie from it."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some measurements, the smallest and the largest."""

    median: float
    low: float
    high: float

    def format(self, digits: int = 1, unit: str = "") -> str:
        """Return it as `1.5 ms (1.4–1.7)`."""
        places = [f"{value:,.{digits}f}" for value in (self.median, self.low, self.high)]
        return f"{places[0]}{unit and ' ' + unit} ({places[1]}–{places[2]})"


@dataclass(frozen=True, slots=True)
class Percentiles:
    """What half, nineteen of twenty and ninety-nine of a hundred measurements stay below."""

    p50: float
    p95: float
    p99: float


def summarise(values: Sequence[float]) -> Spread:
    """Return the spread of measurements, one or more."""
    return Spread(statistics.median(values), min(values), max(values))


def summarise_ratios(above: Sequence[float], below: Sequence[float]) -> Spread:
    """Return the spread of the ratios of measurements that were made in turn, one pair a round."""
    return summarise([one / other for one, other in zip(above, below, strict=True)])


def find_percentiles(values: Sequence[float]) -> Percentiles:
    """Return the percentiles of measurements, two or more."""
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return Percentiles(cuts[49], cuts[94], cuts[98])
