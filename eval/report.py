"""An evaluation as one HTML page that loads nothing: figures, plots, and the questions that went worst."""

import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from eval.outcome import Evaluation, Layout, Outcome
from eval.saved import write_whole
from eval.significance import Values, estimate_interval
from index.errors import shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# The measure by which the questions of a layout are ranked, where the evaluation has it.
_MAIN: Mapping[Layout, str] = {"beir": "ndcg@10", "spans": "recall@5p", "questions": "answer_recall@1"}
_LOWEST = 20
# What shows why a passage was taken; a BEIR document may be a book.
_PASSAGE_CHARACTERS = 1500
# Points of the mean curve less the first; every tenth stands in its table.
_STEPS = 100
_MAX_BARS = 30
# The colours drawn with, and the page's own that take their place, so that plots follow light and dark.
_ACCENT, _INK, _SOFT, _LINE = "#0b5d5e", "#1c2226", "#59636a", "#dcd8cf"
_COLOURS = {_ACCENT: "var(--accent)", _INK: "var(--ink)", _SOFT: "var(--soft)", _LINE: "var(--line)"}
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "ibid",
    "font.size": 10,
    "axes.edgecolor": _SOFT,
    "axes.labelcolor": _SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": _LINE,
    "text.color": _SOFT,
    "xtick.color": _SOFT,
    "ytick.color": _SOFT,
}


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A measure over all questions; `bar` is low, value and high as shares of 1, where the interval can be drawn."""

    name: str
    value: str
    questions: str
    interval: str
    bar: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing, its text alternative and its numbers; without a drawing, `caption` says why."""

    heading: str
    caption: str
    svg: Markup | None = None
    alternative: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A passage that was returned."""

    place: str
    score: str
    text: str


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question that went badly, with all its scores on one line."""

    id: str
    text: str
    score: str
    scores: str
    passages: tuple[PassageRow, ...]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """All that the page shows; `ranking` says what `questions` are, or why there are none."""

    dataset: str
    layout: str
    date: str
    figures: tuple[FigureRow, ...]
    plots: tuple[Plot, ...]
    ranking: str
    questions: tuple[QuestionRow, ...]
    origins: tuple[tuple[str, str], ...]
    settings: tuple[tuple[str, str], ...]


def write_report(evaluation: Evaluation, path: Path) -> None:
    """Write the page of an evaluation, dated today.

    Raises:
        DatasetError: The file cannot be written.
    """
    page = compose_report(evaluation, datetime.now(UTC).date().isoformat())
    write_whole(path, _load_environment().get_template("report.html").render(page=page))


def compose_report(evaluation: Evaluation, date: str) -> ReportPage:
    """Return what the page of an evaluation shows."""
    outcomes = evaluation.outcomes
    ranking, lowest = _rank_lowest(outcomes, _choose_measure(evaluation))
    model = evaluation.settings.get("model")
    return ReportPage(
        dataset=evaluation.dataset,
        layout=evaluation.layout,
        date=date,
        figures=tuple(_compose_figure(evaluation, name) for name in evaluation.figures),
        plots=(plot_recall(outcomes), plot_reliability(outcomes), plot_latency(outcomes)),
        ranking=ranking,
        questions=lowest,
        origins=(
            ("Dataset hash (SHA-256)", evaluation.sha256),
            ("Index", evaluation.index),
            ("Model", "not stated" if model is None else str(model)),
        ),
        settings=tuple((name, "–" if value is None else str(value)) for name, value in evaluation.settings.items()),
    )


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
        axes.step(budgets, means, where="post", color=_ACCENT)
        axes.set(xlabel="tokens returned", ylabel="mean recall", ylim=(0, 1.02), xlim=(0, budgets[-1]))

    rows = tuple((f"{budgets[i]:,.0f}", f"{means[i]:.3f}") for i in range(0, _STEPS + 1, _STEPS // 10))
    points = ", ".join(f"{means[i]:.2f} at {budgets[i]:,.0f} tokens" for i in (_STEPS // 4, _STEPS // 2, _STEPS))
    caption = f"Mean over {_count(len(curves))} of the share of relevant text in the passages that fit."
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
        axes.plot([0, 1], [0, 1], color=_SOFT, linestyle="--", linewidth=1)
        axes.plot(confidences, shares, color=_ACCENT)
        # The area is as the number of questions, yet one question can still be seen.
        axes.scatter(confidences, shares, s=[12 + 240 * count / len(known) for count in counts], color=_ACCENT)
        axes.set(xlabel="confidence", ylabel="share right", xlim=(0, 1.02), ylim=(0, 1.05))

    rows = tuple(
        (f"{tenth / 10:.1f}–{(tenth + 1) / 10:.1f}", str(count), f"{confidence:.3f}", f"{share:.3f}")
        for tenth, count, confidence, share in bins
    )
    error = f"Expected calibration error {measure_calibration(bins):.3f} over {_count(len(known))}"
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
        axes.stairs(counts, edges, fill=True, color=_ACCENT, alpha=0.6)
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
    tail = f" The last bar also holds {_count(beyond)} slower than it shows." if beyond else ""
    summary = f"Median {p50:.1f} ms, 95th percentile {p95:.1f} ms, slowest {times.max():.1f} ms."
    rows = tuple((f"{edges[i]:.1f}–{edges[i + 1]:.1f}", str(count)) for i, count in enumerate(counts))
    return Plot(heading, summary + tail, _draw("latency", paint), summary, ("Milliseconds", "Questions"), rows)


def _draw(name: str, paint: Callable[["Axes"], None]) -> Markup:
    """Return a drawing as inline SVG in the page's colours; no text of a dataset reaches it."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    drawn = io.StringIO()
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(5, 3.2), layout="constrained")
        FigureCanvasSVG(figure)
        paint(figure.add_subplot())
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(drawn, format="svg", transparent=True, metadata=nothing)
    return _inline(drawn.getvalue(), name)


def _inline(svg: str, name: str) -> Markup:
    """Return a file of SVG as an element: no prolog, no style for the whole page, ids that no other drawing has."""
    svg = re.sub(r"<style.*?</style>|\sxmlns(:xlink)?=\"[^\"]*\"", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", svg)
    for drawn, colour in _COLOURS.items():
        svg = svg.replace(drawn, colour)
    return Markup(svg)  # noqa: S704 - matplotlib's, from our own numbers


def _compose_figure(evaluation: Evaluation, name: str) -> FigureRow:
    figure = evaluation.figures[name]
    values = np.array([o.scores[name] for o in evaluation.outcomes if name in o.scores], dtype=np.float64)
    if figure is None or len(values) <= 1:
        return FigureRow(name, _format(name, figure), str(len(values) or ""), "", None)
    low, high = estimate_interval(values)
    bar = (low, float(figure), high) if min(low, figure) >= 0 and max(high, figure) <= 1 else None
    return FigureRow(name, _format(name, figure), str(len(values)), f"{low:.3f}–{high:.3f}", bar)


def _format(name: str, figure: float | None) -> str:
    if figure is None:
        return "–"
    if isinstance(figure, int):
        return f"{figure:,}"
    return f"{figure:.1f} ms" if "_ms" in name else f"{figure:.3f}"


def _count(questions: int) -> str:
    return f"{questions:,} question{'' if questions == 1 else 's'}"


def _is_right(outcome: Outcome) -> list[bool]:
    """Return whether the answer is right, or nothing where the set does not say."""
    if "answer_recall@1" in outcome.scores:
        return [outcome.scores["answer_recall@1"] == 1]
    return [] if outcome.answerable is None else [outcome.answerable]


def _choose_measure(evaluation: Evaluation) -> str | None:
    """Return the layout's main measure, or else the first figure that single questions have."""
    scored = {name for outcome in evaluation.outcomes for name in outcome.scores}
    names = [name for name in evaluation.figures if name in scored]
    wanted = _MAIN[evaluation.layout]
    return next((name for name in names if name.casefold() == wanted), next(iter(names), None))


def _rank_lowest(outcomes: Sequence[Outcome], measure: str | None) -> tuple[str, tuple[QuestionRow, ...]]:
    """Return the questions that a measure puts lowest; among equals, those that their other measures put lower."""
    scored = [outcome for outcome in outcomes if measure in outcome.scores]
    if measure is None or not scored:
        return "Left out: no measure has a value for single questions.", ()
    lossy = [outcome for outcome in scored if outcome.scores[measure] < 1]
    if not lossy:
        return f"None: {measure} is 1 for every question that it applies to.", ()
    lossy.sort(key=lambda outcome: (outcome.scores[measure], math.fsum(outcome.scores.values())))
    ranking = f"{measure} is below 1 for {len(lossy):,} of {_count(len(scored))}"
    shown = f"; the lowest {_LOWEST} are shown." if len(lossy) > _LOWEST else "."
    return ranking + shown, tuple(_compose_question(outcome, measure) for outcome in lossy[:_LOWEST])


def _compose_question(outcome: Outcome, measure: str) -> QuestionRow:
    scores = [f"{name} {score:.3f}" for name, score in outcome.scores.items()]
    if outcome.confidence is not None:
        scores.append(f"confidence {outcome.confidence:.3f}")
    passages = tuple(
        PassageRow(f"{p.document_id}:{p.start}-{p.end}", f"{p.score:.3f}", shorten(p.text, _PASSAGE_CHARACTERS))
        for p in outcome.returned
    )
    return QuestionRow(outcome.id, outcome.text, f"{outcome.scores[measure]:.3f}", " · ".join(scores), passages)


@cache
def _load_environment() -> Environment:
    # An environment of one's own escapes nothing by itself.
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
