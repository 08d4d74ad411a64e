"""What stands on the desk: turns of a conversation with their passages, the first view, and the ask box."""

from dataclasses import dataclass
from typing import Literal

from index.bundle import SourceFilter
from web.parts import Link, Note
from web.segments import Run


@dataclass(frozen=True, slots=True)
class Quotation:
    """A sentence of the answer, and the passages that it stands in."""

    runs: tuple[Run, ...]
    chips: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class CiteMenu:
    """Ways to cite one passage: pages by style, one that takes any other style, and files."""

    styles: tuple[Link, ...]
    other: str
    files: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Thumbs:
    """Whether the reader found something to answer the question; `action` takes what she finds now."""

    action: str
    rank: int
    verdict: Literal["", "up", "down"]


@dataclass(frozen=True, slots=True)
class Card:
    """A passage with its citation.

    Attributes:
        anchor: Its name on the page.
        rank: Its number; 1 is best.
        is_open: Whether it is unfolded at first.
        lead: The sentence by which it is known while folded.
        place: Section, paragraph and page on one line.
        source: Whose text it is.
        is_own: Whether it is the paper's.
        path: Headings from the outermost to its own.
        runs: Its text with highlight and markers.
        notes: What its markers point to.
        citation: How to cite it.
        menu: Further ways to cite it.
        document: Opens the document at the highlight.
        beside: Opens it beside the answers, where there is room.
        original: Opens the original at the highlight, if it has an address.
        warning: Why it is not to be quoted as it stands; empty where it is verbatim.
        score: For those who ask.
        shared: Words that it shares with the question.
        thumbs: Absent where nothing is kept.
    """

    anchor: str
    rank: int
    is_open: bool
    lead: str
    place: str
    source: str
    is_own: bool
    path: tuple[str, ...]
    runs: tuple[Run, ...]
    notes: tuple[Note, ...]
    citation: str
    menu: CiteMenu
    document: str | None
    beside: str | None
    original: str | None
    warning: str
    score: str
    shared: str
    thumbs: Thumbs | None


@dataclass(frozen=True, slots=True)
class Again:
    """How a question is asked again in its place: with more passages, or read in another way."""

    action: str
    k: int
    more_k: int | None


@dataclass(frozen=True, slots=True)
class TurnPart:
    """A question with its answer.

    Attributes:
        anchor: Its name on the page.
        question: As typed.
        read_as: As completed, where it left something open.
        again: Absent where nothing is kept.
        more: Shows further passages, where nothing is kept and there may be some.
        is_answerable: Whether the sources seem to answer it.
        sentences: The answer.
        cards: Its passages, best first.
        cite_all: Cites all that are shown.
        confidence: That the first passage answers it, in words.
        milliseconds: What it took, in words.
        model: What was asked.
        thumbs: On "the sources do not answer this".
    """

    anchor: str
    question: str
    read_as: str | None
    again: Again | None
    more: str | None
    is_answerable: bool
    sentences: tuple[Quotation, ...]
    cards: tuple[Card, ...]
    cite_all: str | None
    confidence: str
    milliseconds: str
    model: str
    thumbs: Thumbs | None


@dataclass(frozen=True, slots=True)
class Welcome:
    """Nothing asked yet: the paper's card, questions to begin with, and the last conversations."""

    paper: Link
    byline: str
    abstract: str
    holdings: str
    examples: tuple[str, ...]
    recent: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Thread:
    """The conversation that is open.

    Attributes:
        id: Its name in addresses.
        title: As the reader calls it.
        action: Takes a new title.
        remove: Asks whether it is to go.
        exports: Its files.
        earlier: Shows its turns before those that are shown, where there are some.
    """

    id: str
    title: str
    action: str
    remove: str
    exports: tuple[Link, ...]
    earlier: Link | None


@dataclass(frozen=True, slots=True)
class AskFields:
    """What the ask box sends beside the question.

    Attributes:
        conversation: That it is asked in, if it is kept.
        first: The question before it, which is not kept yet.
        sources: Which documents may answer, the chosen one first; empty where there is no choice.
    """

    conversation: str
    first: str
    sources: tuple[SourceFilter, ...] = ()


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """A conversation in the list of all."""

    link: Link
    told: str
    remove: str
