"""Ask the questions of dialogues one after the other, each after what the system itself made of those before."""

import time
from collections.abc import Iterator, Sequence

from eval.ask import PASSAGES, Advance, list_returned
from eval.dialogues import Dialogue, Turn
from eval.measure import ANSWER_RECALLS, find_rank, score_rank
from eval.outcome import Outcome
from index.bundle import Index
from index.errors import DatasetError, QuestionError
from index.settings import Settings
from qa.answer import Answer, answer_question
from qa.question import Earlier, check_question

# Of turns that leave something open: the recalls, and how many were completed. Of those that stand alone: recall after
# another topic, recall of the same asked first, and how many were read as they are.
DIALOGUE_MEASURES = (*ANSWER_RECALLS, "completed", "answer_recall@3_after", "answer_recall@3_alone", "left_alone")


def ask_dialogues(
    dialogues: Sequence[Dialogue], index: Index, settings: Settings, *, advance: Advance = lambda: None
) -> tuple[Outcome, ...]:
    """Ask all dialogues; return an outcome for each turn but the first ones."""
    _check(dialogues)
    answer_question(index, dialogues[0].turns[0].question, settings, k=PASSAGES)  # to warm up
    outcomes: list[Outcome] = []
    for dialogue in dialogues:
        outcomes.extend(_converse(dialogue, index, settings))
        advance()
    return tuple(outcomes)


def _check(dialogues: Sequence[Dialogue]) -> None:
    for dialogue in dialogues:
        for turn in dialogue.turns:
            try:
                check_question(turn.question)
            except QuestionError as error:
                raise DatasetError(f"{dialogue.place} cannot be asked: {error.message}", error.hint) from error


def _converse(dialogue: Dialogue, index: Index, settings: Settings) -> Iterator[Outcome]:
    earlier: list[Earlier] = []
    for number, turn in enumerate(dialogue.turns, 1):
        started = time.perf_counter()
        answer = answer_question(index, turn.question, settings, k=PASSAGES, earlier=earlier)
        latency_ms = (time.perf_counter() - started) * 1e3
        earlier.append(Earlier(answer.read_as or turn.question, answer.answer.text))
        if number > 1:
            alone = answer_question(index, turn.question, settings, k=PASSAGES) if turn.is_standalone else None
            yield Outcome(
                f"{dialogue.id}.{number}",
                turn.question + (f" (read as: {answer.read_as})" if answer.read_as else ""),
                _score(turn, answer, alone),
                latency_ms,
                answer.confidence,
                answerable=True,
                returned=list_returned(answer),
            )


def _score(turn: Turn, answer: Answer, alone: Answer | None) -> dict[str, float]:
    """Return the measures that a later turn has; `alone` is the answer to one that stands alone, asked first."""
    recalls = _recall(turn, answer)
    if alone is None:
        return {**recalls, "completed": float(answer.read_as is not None)}
    depth = "answer_recall@3"
    return {
        f"{depth}_after": recalls[depth],
        f"{depth}_alone": _recall(turn, alone)[depth],
        "left_alone": float(answer.read_as is None),
    }


def _recall(turn: Turn, answer: Answer) -> dict[str, float]:
    return score_rank(find_rank((passage.text for passage in answer.passages), turn.answers))
