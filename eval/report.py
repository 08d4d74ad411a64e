"""An evaluation as one HTML page that loads nothing: figures, plots, and the questions that went worst."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from eval.outcome import Evaluation, Layout, Outcome
from eval.plots import Plot, count_questions, plot_latency, plot_recall, plot_reliability
from eval.saved import write_whole
from eval.significance import estimate_interval
from index.errors import shorten

if TYPE_CHECKING:
    pass

# The measure by which the questions of a layout are ranked, where the evaluation has it.
_MAIN: Mapping[Layout, str] = {
    "beir": "ndcg@10",
    "spans": "recall@5p",
    "questions": "answer_recall@1",
    "dialogues": "answer_recall@3",
}
_LOWEST = 20
# What shows why a passage was taken; a BEIR document may be a book.
_PASSAGE_CHARACTERS = 1500


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A measure over all questions; `bar` is low, value and high as shares of 1, where the interval can be drawn."""

    name: str
    value: str
    questions: str
    interval: str
    bar: tuple[float, float, float] | None


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
    ranking = f"{measure} is below 1 for {len(lossy):,} of {count_questions(len(scored))}"
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
