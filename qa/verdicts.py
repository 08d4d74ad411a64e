"""What an audit says of a paper's citations; the one schema that `ibid audit --json` and `GET /api/audit` share."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Verdict: TypeAlias = Literal["ok", "mismatch", "missing", "unclear"]


@dataclass(frozen=True, slots=True)
class AuditedMarker:
    """A marker as judged.

    Attributes:
        marker: As printed.
        sentence: In which it stands.
        clause: The part of it that the marker supports.
        number: Of an entry as it prints it, whether or not the list has it; None for one by author and year.
        points_to: Number of the entry that it names, None where the list has none such.
        about: Number of the entry that the words are about, None where the list has none, or it is unclear.
        verdict: "ok" where the two agree, "mismatch" where they do not, "missing" where the list lacks what the words
            are about, "unclear" where that cannot be told.
        score: Probability of the verdict; for "unclear", that the marker is right.
        evidence: Log of how much likelier the words are by themselves if they are about the entry `about`; where it is
            not above 0, the place in the list decided.
        words: Words of the sentence that the entry has as well, the rarest first.
        locator: Of the sentence.
        start: Where the marker begins in the document.
        end: Where it ends there.
        same_as: Number of an entry that is the same work as `about`, where the marker points to it.
        support: Locator of the passage in the fetched text of `about` that holds the words best.
    """

    marker: str
    sentence: str
    clause: str
    number: str | None
    points_to: str | None
    about: str | None
    verdict: Verdict
    score: float
    evidence: float
    words: tuple[str, ...]
    locator: str
    start: int
    end: int
    same_as: str | None = None
    support: str | None = None


@dataclass(frozen=True, slots=True)
class UncitedSentence:
    """A sentence without a marker that an entry supports which no marker is about.

    Attributes:
        sentence: Its text.
        about: Number of the entry.
        score: Log of how much likelier its words are if they are about the entry.
        words: Words of it that the entry has as well, the rarest first.
        locator: Of the sentence.
        support: Locator of the passage in the entry's fetched text that holds the words best.
    """

    sentence: str
    about: str
    score: float
    words: tuple[str, ...]
    locator: str
    support: str | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """The audit of one paper.

    Attributes:
        document: Its id.
        markers: In reading order; a marker that names several entries stands once for each.
        pattern: What is wrong with the list as a whole, in words; empty where nothing is.
        uncited: Sentences without a marker that an entry supports, in reading order.
    """

    document: str
    markers: tuple[AuditedMarker, ...]
    pattern: str
    uncited: tuple[UncitedSentence, ...]
