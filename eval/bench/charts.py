"""A run as drawings: the rivals side by side, and the encoder beside matrix products."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from eval.bench.bars import list_asked
from eval.bench.rivals import IBID
from eval.bench.rounds import Record
from eval.bench.run import Run
from eval.bench.spread import Spread, summarise
from eval.plots import ACCENT, SOFT, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_charts(run: Run) -> dict[str, str]:
    """Return files of SVG by name."""
    peers = [record for record in run.records if list_asked(record)]
    return {
        "cold": _draw_bars(
            "seconds from the start of a process to its first answer",
            _summarise(peers, lambda record: [each.cold_s for each in list_asked(record)]),
        ),
        "question": _draw_bars(
            "milliseconds of a warm question, median",
            _summarise(peers, lambda record: [each.question_ms.p50 for each in list_asked(record)]),
        ),
        "build": _draw_bars(
            "passages indexed a second",
            _summarise(run.records, lambda record: [each.built_per_s for each in record.rounds]),
        ),
        "limits": _draw_bars("10⁹ operations a second", run.limits.rates),
    }


def _summarise(records: Sequence[Record], figures: Callable[[Record], list[float]]) -> dict[str, Spread]:
    return {record.name: summarise(figures(record)) for record in records}


def _draw_bars(label: str, spreads: Mapping[str, Spread]) -> str:
    """Draw a bar each, with the least and the most as a line."""

    def paint(axes: "Axes") -> None:
        medians = [spread.median for spread in spreads.values()]
        errors = [
            [spread.median - spread.low for spread in spreads.values()],
            [spread.high - spread.median for spread in spreads.values()],
        ]
        colours = [ACCENT if name in (IBID.name, "encoder") else SOFT for name in spreads]
        axes.barh(list(spreads), medians, xerr=errors, color=colours, ecolor=SOFT, height=0.6, alpha=0.8)
        axes.invert_yaxis()
        axes.set(xlabel=label)
        axes.grid(visible=False, axis="y")

    return draw(paint, height=0.6 + 0.35 * len(spreads))
