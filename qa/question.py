"""What can be asked: a question and the turns before it, within bounds that are the same for all who ask."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.errors import QuestionError

QUESTION_MAX_CHARS = 2000
K_MAX = 100
NUMBERED_MAX = 1000
EARLIER_MAX = 100
EARLIER_ANSWER_MAX_CHARS = 10_000

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Earlier:
    """A turn before: its question as it was read, and its answering sentence, "" where there was none."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A question as it is asked of the index.

    Attributes:
        text: The question, completed where it left something open.
        is_completed: Whether it differs from what was typed.
        taken: The words taken from before, each as it stands in the text.
    """

    text: str
    is_completed: bool = False
    taken: tuple[str, ...] = ()


def check_question(question: str) -> str:
    """Return the question without the white space around it.

    Raises:
        QuestionError: It is empty, too long, or holds no word.
    """
    question = question.strip()
    if not question:
        raise QuestionError("the question is empty", "ask something, such as: Who wrote this paper?")
    if len(question) > QUESTION_MAX_CHARS:
        length = f"{len(question):,} characters long"
        raise QuestionError(f"the question is {length}", f"shorten it to {QUESTION_MAX_CHARS:,} characters or fewer")
    if _CONTROL.search(question) or not re.search(r"[^\W_]", question):
        raise QuestionError("the question is not text", "ask in words, in UTF-8")
    return question


def check_k(k: int) -> None:
    """Raise QuestionError unless k is a number of passages that can be asked for."""
    if not 1 <= k <= K_MAX:
        raise QuestionError(f"k is {k}", f"ask for 1 to {K_MAX} passages")


def check_numbered(numbered: Sequence[str]) -> None:
    """Raise QuestionError unless these can be the sources that a conversation has used so far."""
    if len(numbered) > NUMBERED_MAX or len(set(numbered)) < len(numbered):
        raise QuestionError(
            f"{len(numbered)} sources are named as used so far, {len(set(numbered))} of them different",
            f"name each once, and {NUMBERED_MAX:,} at most",
        )


def check_earlier(earlier: Sequence[Earlier]) -> None:
    """Raise QuestionError unless these can be the turns before a question."""
    if len(earlier) > EARLIER_MAX:
        raise QuestionError(f"{len(earlier)} turns are named as earlier", f"name the last {EARLIER_MAX} at most")
    for number, turn in enumerate(earlier, 1):
        try:
            check_question(turn.question)
        except QuestionError as error:
            raise QuestionError(f"of earlier turn {number}, {error.message}", error.hint) from error
        if len(turn.answer) > EARLIER_ANSWER_MAX_CHARS:
            length = f"the answer of earlier turn {number} is {len(turn.answer):,} characters long"
            raise QuestionError(length, f"send its answering sentence, {EARLIER_ANSWER_MAX_CHARS:,} characters at most")
        if _CONTROL.search(turn.answer):
            raise QuestionError(f"the answer of earlier turn {number} is not text", "send its answering sentence")
