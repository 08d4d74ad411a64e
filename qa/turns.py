"""Turns and conversations: the words in which kept questions and answers are spoken of, and answers as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from index.bundle import SourceFilter
from qa.answer import Answer

if TYPE_CHECKING:  # it takes as long to load as all of a cold answer
    from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Turn:
    """A question with its answer.

    Attributes:
        number: In the conversation, from 1.
        question: As typed.
        read_as: As it was completed from the turns before it; None where it was asked as typed.
        k: How many passages were asked for.
        source: Which documents were to answer.
        answer: All of it.
        asked_at: In ISO 8601 and UTC.
        thumbs: Judgements of passages by rank; that at 0 judges that the sources do not answer.
    """

    number: int
    question: str
    read_as: str | None
    k: int
    source: SourceFilter
    answer: Answer
    asked_at: str
    thumbs: Mapping[int, bool]


@dataclass(frozen=True, slots=True)
class Conversation:
    """Questions about a paper, by the name of its folder, in the order in which they were asked."""

    id: str
    title: str
    paper: str
    started_at: str
    changed_at: str
    turns: tuple[Turn, ...]

    @property
    def numbered(self) -> tuple[str, ...]:
        """The ids of the sources used so far, in the order of their numbers, as `answer_question` takes them.

        A source that a corrected turn no longer uses keeps its number: in its place is a name that no source has.
        """
        names = {source.number: source.document.id for turn in self.turns for source in turn.answer.sources}
        return tuple(names.get(number, f"?{number}") for number in range(1, max(names, default=0) + 1))


@dataclass(frozen=True, slots=True)
class Summary:
    """A conversation in a list; `turns` counts them."""

    id: str
    title: str
    paper: str
    changed_at: str
    turns: int

    @property
    def cursor(self) -> str:
        """Where the list goes on after this one, for `before`."""
        return f"{self.changed_at} {self.id}"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A thumb, up where `verdict` is true, on a turn of a conversation about a paper; rank as in `Turn.thumbs`."""

    conversation: str
    paper: str
    turn: Turn
    rank: int
    verdict: bool
    judged_at: str


@cache
def _adapt_answers() -> "TypeAdapter[Answer]":
    """Return what writes answers as JSON and reads them; it ignores fields of later versions."""
    from pydantic import TypeAdapter

    return TypeAdapter(Answer)


@cache
def _adapt_conversations() -> "TypeAdapter[Conversation]":
    from pydantic import TypeAdapter

    return TypeAdapter(Conversation)


def write_answer(answer: Answer) -> str:
    """Return an answer as JSON, in the schema of `POST /api/ask`."""
    return _adapt_answers().dump_json(answer).decode()


def read_answer(written: str) -> Answer:
    """Return the answer that `write_answer` wrote, in this version, an earlier one, or a later one that only adds.

    Raises:
        ValueError: It is no such answer.
    """
    return _adapt_answers().validate_json(written)


def write_conversation(conversation: Conversation) -> str:
    """Return a conversation as JSON: its fields by name, with the answers as `write_answer` writes them."""
    return _adapt_conversations().dump_json(conversation).decode()


def read_conversation(written: str) -> Conversation:
    """Return the conversation that was written; fields that are none of its own are ignored.

    Raises:
        ValueError: It is no conversation.
    """
    return _adapt_conversations().validate_json(written)
