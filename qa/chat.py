"""Follow-up questions: what a question leaves open is completed from the turns before it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.bundle import Index
from index.settings import Settings

READING_MAX_CHARS = 2000

_OPEN = re.compile(
    r"^\W*(?:and|but|or|what about|how about)\b"
    r"|\b(?:it|its|they|them|their|he|she|him|her|his|this|that|these|those|there)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<!^)\b[A-Z][\w-]*(?: [A-Z\d][\w-]*)*")


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
        taken: The words taken from before.
    """

    text: str
    is_completed: bool
    taken: tuple[str, ...]


def read_question(index: Index, question: str, earlier: Sequence[Earlier], settings: Settings) -> Reading:
    """Return a question as it is meant after the turns before it; one that stands alone as it is.

    Args:
        index: The open index.
        question: As typed.
        earlier: The turns before, the last one last; only the last few count.
        settings: How to search, where readings are compared.
    """
    del index, settings
    names = [found.group() for turn in earlier[-1:] for found in _NAME.finditer(turn.question)]
    if not names or not _OPEN.search(question):
        return Reading(question, is_completed=False, taken=())
    text = f"{question} ({', '.join(names)})"
    if len(text) > READING_MAX_CHARS:
        return Reading(question, is_completed=False, taken=())
    return Reading(text, is_completed=True, taken=tuple(names))
