"""What an evaluation finds: one record per question, and the figures over all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Layout: TypeAlias = Literal["beir", "spans", "questions", "dialogues"]


@dataclass(frozen=True, slots=True)
class Returned:
    """A piece of text that retrieval returned: its document, span and score."""

    document_id: str
    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question.

    Attributes:
        id: The question's id in its dataset.
        text: The question.
        scores: The value of each measure for this question alone; a measure that does not apply to it is absent.
        latency_ms: Wall time of the answer.
        confidence: The probability given that the first passage answers; None where it was not asked for.
        answerable: Whether the dataset holds an answer; None where it does not say.
        returned: The first passages, best first.
        curve: Points (cl100k tokens returned, share of the relevant text among them), tokens ascending.
    """

    id: str
    text: str
    scores: Mapping[str, float]
    latency_ms: float
    confidence: float | None = None
    answerable: bool | None = None
    returned: tuple[Returned, ...] = ()
    curve: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One run over one dataset.

    Attributes:
        dataset: Its name: that of its folder or file.
        layout: How it is laid out.
        sha256: Hash of the dataset's files.
        index: Id of the index that answered.
        settings: All settings in force, by name.
        figures: The measures over all questions as `ibid eval --json` prints them; None where the set cannot give one.
        outcomes: One per question, in the dataset's order.
    """

    dataset: str
    layout: Layout
    sha256: str
    index: str
    settings: Mapping[str, str | int | float | None]
    figures: Mapping[str, float | int | None]
    outcomes: tuple[Outcome, ...]
