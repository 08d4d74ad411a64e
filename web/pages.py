"""What each page shows: one frozen dataclass a page, and nothing else reaches its template.

On every page `title` names the window, and `question` stands in the ask box.
"""

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from web.segments import Run


@dataclass(frozen=True, slots=True)
class Link:
    """Words and the address that they lead to."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """Nothing asked yet: the paper's card, and questions to begin with."""

    template: ClassVar[str] = "home.html"
    title: str
    question: str
    paper: Link
    byline: str
    abstract: str
    holdings: str
    examples: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Quotation:
    """A sentence of the answer and the ranks of the passages that it stands in."""

    runs: tuple[Run, ...]
    ranks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A marker of the paper and the entry that it names; None where there is no such entry."""

    marker: str
    entry: Link | None


@dataclass(frozen=True, slots=True)
class Card:
    """A passage with its citation.

    Attributes:
        rank: Its number; 1 is best.
        is_open: Whether it is unfolded at first.
        lead: The sentence by which it is known while folded.
        place: Section, paragraph and page on one line.
        source: Whose text it is.
        path: Headings from the outermost to its own.
        runs: Its text with highlight and markers.
        notes: What its markers point to.
        citation: How to cite it.
        document: Opens the document at the highlight.
        original: Opens the original at the highlight, if it has an address.
        is_verbatim: Whether its document says so, word by word.
        score: For those who ask.
    """

    rank: int
    is_open: bool
    lead: str
    place: str
    source: str
    path: tuple[str, ...]
    runs: tuple[Run, ...]
    notes: tuple[Note, ...]
    citation: str
    document: str
    original: str | None
    is_verbatim: bool
    score: str


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """An answer; `more` asks for further passages, where there may be some."""

    template: ClassVar[str] = "answer.html"
    title: str
    question: str
    is_answerable: bool
    sentences: tuple[Quotation, ...]
    cards: tuple[Card, ...]
    more: str | None
    confidence: str
    milliseconds: str
    model: str


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of a document: its role, its number in its section, and its text with marks."""

    anchor: str
    role: str
    number: int
    runs: tuple[Run, ...]
    url: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """A section of a document; `level` counts from 1."""

    anchor: str
    heading: str
    level: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """A whole document; `has_heading` says whether its own text begins with its title.

    `is_moved` says that the words which the address names are no longer where it says.
    """

    template: ClassVar[str] = "document.html"
    title: str
    question: str
    heading: str
    has_heading: bool
    byline: str
    original: str | None
    is_moved: bool
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry of a bibliography.

    Attributes:
        text: As printed.
        document: Opens the paper at the entry.
        url: Its own address.
        state: What became of its text, in words.
        is_held: Whether its text can be asked.
        text_url: Opens its text.
        note: Where its text came from, or why it did not and what to do, a sentence each.
    """

    text: str
    document: str
    url: str | None
    state: str
    is_held: bool
    text_url: str | None
    note: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A paper with its bibliography; `counts` says how much of it can be asked, `is_waiting` that some may come."""

    document: Link
    byline: str
    original: str | None
    counts: str
    is_waiting: bool
    entries: tuple[EntryRow, ...]


@dataclass(frozen=True, slots=True)
class PaperChoice:
    """A paper of the home, and the address that opens it."""

    title: str
    name: str
    url: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class SourcesPage:
    """The papers of the home, and what the open one cites; `trouble` says why it cannot be opened."""

    template: ClassVar[str] = "sources.html"
    title: str
    question: str
    rows: tuple[DocumentRow, ...]
    papers: tuple[PaperChoice, ...]
    trouble: str


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What went wrong, and what to do next: words and, in turn, what to type."""

    template: ClassVar[str] = "error.html"
    title: str
    question: str
    status: int
    message: str
    hint: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApiPage:
    """The description of the API for people."""

    template: ClassVar[str] = "docs.html"
    title: str
    question: str
    schema: str


Page: TypeAlias = HomePage | AnswerPage | DocumentPage | SourcesPage | ErrorPage | ApiPage
