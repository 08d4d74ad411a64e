"""One run over one dataset, from its files to its figures."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path

from eval.ask import COVERAGE_MEASURES, ask_beir, ask_questions, ask_spans
from eval.beir import BeirSet
from eval.cache import open_texts
from eval.converse import DIALOGUE_MEASURES, ask_dialogues
from eval.dataset import Dataset
from eval.dialogues import Dialogue
from eval.measure import ANSWER_RECALLS, summarise
from eval.outcome import Evaluation, Outcome
from eval.questions import Question
from eval.ranked import RANKED_MEASURES, Ranked
from eval.spans import SpanSet
from index.assemble import Progress
from index.bundle import Index, open_index
from index.settings import Settings


def evaluate_dataset(
    dataset: Dataset,
    settings: Settings,
    *,
    progress: Progress | None = None,
    keep_run: Callable[[Mapping[str, Ranked]], None] = lambda _run: None,
) -> Evaluation:
    """Ask all questions of a dataset; its index is built where needed, questions and dialogues ask the current one.

    Args:
        dataset: What to measure on.
        settings: Those in force.
        progress: How to tell how far it is.
        keep_run: Called with the ranked documents by query, for a set in the BEIR layout.

    Raises:
        IbidError: The index cannot be built or opened, or a question cannot be asked.
    """
    progress = progress or Progress()
    content = dataset.content
    index = open_index(settings) if isinstance(content, tuple) else open_texts(content.texts, settings, progress)
    measures, outcomes = _ask(dataset, index, settings, progress, keep_run)
    abstention = dataset.layout == "questions" or any(outcome.answerable is False for outcome in outcomes)
    return Evaluation(
        dataset=dataset.name,
        layout=dataset.layout,
        sha256=dataset.sha256,
        index=index.manifest.id,
        settings=list_settings(settings),
        figures=summarise(outcomes, measures, abstention=abstention),
        outcomes=outcomes,
    )


def list_settings(settings: Settings) -> dict[str, str | int | float | None]:
    """Return all settings by name, folders as text."""
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return {name: str(value) if isinstance(value, Path) else value for name, value in values.items()}


def _ask(
    dataset: Dataset,
    index: Index,
    settings: Settings,
    progress: Progress,
    keep_run: Callable[[Mapping[str, Ranked]], None],
) -> tuple[tuple[str, ...], tuple[Outcome, ...]]:
    """Return the measures of the dataset's layout, and an outcome per question."""
    content = dataset.content

    def advance() -> None:
        progress.advance(1)

    if isinstance(content, BeirSet):
        progress.announce("queries", len(content.queries))
        outcomes, run = ask_beir(content, index, settings, advance=advance)
        keep_run(run)
        marked = (*ANSWER_RECALLS, "highlight_accuracy") if content.has_answers else ()
        return (*RANKED_MEASURES, *marked), outcomes
    if isinstance(content, SpanSet):
        progress.announce("questions", len(content.questions))
        return COVERAGE_MEASURES, ask_spans(content, index, settings, advance=advance)
    if dialogues := [each for each in content if isinstance(each, Dialogue)]:
        progress.announce("dialogues", len(dialogues))
        return DIALOGUE_MEASURES, ask_dialogues(dialogues, index, settings, advance=advance)
    questions = [each for each in content if isinstance(each, Question)]
    progress.announce("questions", len(questions))
    return (*ANSWER_RECALLS, "mrr"), ask_questions(questions, index, settings, advance=advance)
