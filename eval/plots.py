"""The plots of a report: recall against returned tokens, reliability, latency, each as SVG inside the page."""

import io
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from eval.outcome import Outcome
from eval.significance import Values

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Points of the mean curve less the first; every tenth stands in its table.
_STEPS = 100
_MAX_BARS = 30
# The colours drawn with, and the page's own that take their place, so that plots follow light and dark.
ACCENT, _INK, SOFT, _LINE = "#0b5d5e", "#1c2226", "#59636a", "#dcd8cf"
_COLOURS = {ACCENT: "var(--accent)", _INK: "var(--ink)", SOFT: "var(--soft)", _LINE: "var(--line)"}
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "ibid",
    "font.size": 10,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": _LINE,
    "text.color": SOFT,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
}


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing, its text alternative and its numbers; without a drawing, `caption` says why."""

    heading: str
    caption: str
    svg: Markup | None = None
    alternative: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def average_curves(curves: Sequence[Sequence[tuple[int, float]]]) -> tuple[Values, Values]:
    """Return token budgets and the mean share of the relevant text in the passages that fit each.

    A curve is a staircase: a passage counts from where all its tokens fit, nothing counts before the first, and the
    last share holds for every larger budget.
    """
    top = max(curve[-1][0] for curve in curves)
    budgets = np.linspace(0, max(1, math.ceil(top / _STEPS)) * _STEPS, _STEPS + 1)
    total = np.zeros(_STEPS + 1)
    for curve in curves:
        shares = np.array([0.0, *(share for _, share in curve)])
        total += shares[np.searchsorted([tokens for tokens, _ in curve], budgets, side="right")]
    return budgets, total / len(curves)


def bin_confidence(confidences: Values, right: Values) -> list[tuple[int, int, float, float]]:
    """Return of each tenth of confidence that is not empty: its number, questions, mean confidence, share right."""
    tenths = np.digitize(confidences, np.arange(1, 10) / 10)
    return [
        (int(tenth), int(inside.sum()), float(confidences[inside].mean()), float(right[inside].mean()))
        for tenth in np.unique(tenths)
        for inside in [tenths == tenth]
    ]


def measure_calibration(bins: Sequence[tuple[int, int, float, float]]) -> float:
    """Return the expected calibration error: the mean gap of confidence and share right (Guo et al., 2017)."""
    gaps = sum(questions * abs(confidence - share) for _, questions, confidence, share in bins)
    return gaps / sum(questions for _, questions, _, _ in bins)


def plot_recall(outcomes: Sequence[Outcome]) -> Plot:
    """Return the mean recall against the tokens returned."""
    heading = "Recall against returned tokens"
    curves = [outcome.curve for outcome in outcomes if outcome.curve]
    if not curves:
        return Plot(heading, "Left out: the set does not say which text is relevant to a question.")
    budgets, means = average_curves(curves)

    def paint(axes: "Axes") -> None:
        axes.step(budgets, means, where="post", color=ACCENT)
        axes.set(xlabel="tokens returned", ylabel="mean recall", ylim=(0, 1.02), xlim=(0, budgets[-1]))

    rows = tuple((f"{budgets[i]:,.0f}", f"{means[i]:.3f}") for i in range(0, _STEPS + 1, _STEPS // 10))
    points = ", ".join(f"{means[i]:.2f} at {budgets[i]:,.0f} tokens" for i in (_STEPS // 4, _STEPS // 2, _STEPS))
    caption = f"Mean over {count_questions(len(curves))} of the share of relevant text in the passages that fit."
    return Plot(heading, caption, _draw("recall", paint), f"Mean recall is {points}.", ("Tokens", "Mean recall"), rows)


def plot_reliability(outcomes: Sequence[Outcome]) -> Plot:
    """Return confidence against the share that is right."""
    heading = "Reliability of the confidence"
    known = [(o.confidence, right) for o in outcomes if o.confidence is not None for right in _is_right(o)]
    if not known:
        return Plot(heading, "Left out: no question has both a confidence and an answer known to the set.")
    bins = bin_confidence(*np.array(known, dtype=np.float64).T)
    _, counts, confidences, shares = zip(*bins, strict=True)

    def paint(axes: "Axes") -> None:
        axes.plot([0, 1], [0, 1], color=SOFT, linestyle="--", linewidth=1)
        axes.plot(confidences, shares, color=ACCENT)
        # The area is as the number of questions, yet one question can still be seen.
        axes.scatter(confidences, shares, s=[12 + 240 * count / len(known) for count in counts], color=ACCENT)
        axes.set(xlabel="confidence", ylabel="share right", xlim=(0, 1.02), ylim=(0, 1.05))

    rows = tuple(
        (f"{tenth / 10:.1f}–{(tenth + 1) / 10:.1f}", str(count), f"{confidence:.3f}", f"{share:.3f}")
        for tenth, count, confidence, share in bins
    )
    error = f"Expected calibration error {measure_calibration(bins):.3f} over {count_questions(len(known))}"
    caption = (
        f"{error}. On the dashed line confidence keeps its word; larger dots are more questions. Right: the first"
        " passage holds an answer or, where no such score is given, the set has one."
    )
    pairs = ", ".join(f"{share:.2f} right at {confidence:.2f}" for _, _, confidence, share in bins)
    columns = ("Confidence", "Questions", "Mean confidence", "Share right")
    return Plot(heading, caption, _draw("reliability", paint), f"{error}: {pairs}.", columns, rows)


def plot_latency(outcomes: Sequence[Outcome]) -> Plot:
    """Return how long answers took."""
    heading = "Latency"
    if not outcomes:
        return Plot(heading, "Left out: no question was asked.")
    times = np.array([outcome.latency_ms for outcome in outcomes])
    p50, p95 = np.percentile(times, (50, 95))
    # One slow answer would press all others into a single bar.
    shown = np.minimum(times, 2 * p95)
    counts, edges = np.histogram(shown, bins=min(_MAX_BARS, math.ceil(math.sqrt(len(times))) + 4))

    def paint(axes: "Axes") -> None:
        axes.stairs(counts, edges, fill=True, color=ACCENT, alpha=0.6)
        # Above the bars, to either side: they stay apart where the two are one.
        for name, place, side, shift in (("p50", p50, "right", -3), ("p95", p95, "left", 3)):
            axes.axvline(place, color=_INK, linestyle="--", linewidth=1)
            axes.annotate(
                name,
                (place, 1),
                (shift, 2),
                xycoords=axes.get_xaxis_transform(),
                textcoords="offset points",
                ha=side,
            )
        axes.set(xlabel="milliseconds", ylabel="questions")
        axes.grid(visible=False, axis="x")
        axes.locator_params(axis="y", integer=True)

    beyond = int((times > shown).sum())
    tail = f" The last bar also holds {count_questions(beyond)} slower than it shows." if beyond else ""
    summary = f"Median {p50:.1f} ms, 95th percentile {p95:.1f} ms, slowest {times.max():.1f} ms."
    rows = tuple((f"{edges[i]:.1f}–{edges[i + 1]:.1f}", str(count)) for i, count in enumerate(counts))
    return Plot(heading, summary + tail, _draw("latency", paint), summary, ("Milliseconds", "Questions"), rows)


def draw(paint: Callable[["Axes"], None], *, height: float = 3.2) -> str:
    """Return a drawing as a file of SVG, 5 inches wide and so many high."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    drawn = io.StringIO()
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(5, height), layout="constrained")
        FigureCanvasSVG(figure)
        paint(figure.add_subplot())
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(drawn, format="svg", transparent=True, metadata=nothing)
    return drawn.getvalue()


def _draw(name: str, paint: Callable[["Axes"], None]) -> Markup:
    """Return a drawing as inline SVG in the page's colours; no text of a dataset reaches it."""
    return _inline(draw(paint), name)


def _inline(svg: str, name: str) -> Markup:
    """Return a file of SVG as an element: no prolog, no style for the whole page, ids that no other drawing has."""
    svg = re.sub(r"<style.*?</style>|\sxmlns(:xlink)?=\"[^\"]*\"", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", svg)
    for drawn, colour in _COLOURS.items():
        svg = svg.replace(drawn, colour)
    return Markup(svg)  # noqa: S704 - matplotlib's, from our own numbers


def count_questions(questions: int) -> str:
    """Return a number of questions in words."""
    return f"{questions:,} question{'' if questions == 1 else 's'}"


def _is_right(outcome: Outcome) -> list[bool]:
    """Return whether the answer is right, or nothing where the set does not say."""
    if "answer_recall@1" in outcome.scores:
        return [outcome.scores["answer_recall@1"] == 1]
    return [] if outcome.answerable is None else [outcome.answerable]
