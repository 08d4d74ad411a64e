"""The vocabulary that every other file speaks: documents, their parts, and the places in them.

All spans are half-open character ranges `[start, end)` in the text of one document.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Span: TypeAlias = tuple[int, int]
DocumentKind: TypeAlias = Literal["paper", "reference"]
SectionRole: TypeAlias = Literal["front", "abstract", "body", "references"]
ParagraphRole: TypeAlias = Literal["title", "author", "affiliation", "doi", "keywords", "entry", "text"]
# What became of the text of a work that the paper cites; "unreadable" came, but holds no text that can be had.
FetchState: TypeAlias = Literal[
    "indexed",
    "by_hand",
    "not_fetched",
    "blocked_by_robots",
    "paywalled",
    "not_found",
    "no_url",
    "unreachable",
    "offline",
    "unreadable",
]
FetchRoute: TypeAlias = Literal["doi", "open_access", "landing_page", "archive", "by_hand"]


@dataclass(frozen=True, slots=True)
class Block:
    """A heading or a paragraph as a reader of files hands it over, in reading order.

    Attributes:
        text: As a reader sees it, on one line but for tables and code.
        level: Of a heading, 1 for the outermost; 0 for what is no heading.
        role: What it is, where the layout tells; "text" leaves it to the words.
        is_item: Whether it is an item of a list, or an entry of a bibliography.
        pages: Where printed pages begin in it: offset in `text` and number of the page, counted from 1. A block that
            begins on another page than the one before it ended on begins with such a pair, at offset 0.
    """

    text: str
    level: int = 0
    role: ParagraphRole = "text"
    is_item: bool = False
    pages: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """What a file says of its work: the `value` of a field of `Work`, and where it stands, such as "JSON-LD"."""

    field: str
    value: str | int | tuple[str, ...]
    provenance: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from a file: its blocks, what it says of its work, most trusted first, and what read it.

    `shown` is, for a web page, all text that a browser searches on it, one block a line; empty for any other file.
    """

    blocks: tuple[Block, ...]
    facts: tuple[Fact, ...] = ()
    extractor: str = "text"
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A block of text; `number` counts from 1 within its section."""

    number: int
    start: int
    end: int
    role: ParagraphRole = "text"


@dataclass(frozen=True, slots=True)
class Section:
    """A titled span; its subsections are sections of their own, so spans do not overlap.

    `start` is where the heading begins (for a section without one, its first paragraph); `path` holds the headings
    from the outermost to this one, as printed.
    """

    title: str
    level: int
    path: tuple[str, ...]
    role: SectionRole
    start: int
    end: int
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """An author: a person's family and given name, or, as `literal`, what cannot be taken apart, such as a body."""

    family: str = ""
    given: str = ""
    literal: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """An entry of a bibliography. A field that is not found is absent, never guessed; `raw` is the entry as printed.

    Attributes:
        number: As printed, or its place in the list from 1 where none is.
        raw: The entry as printed.
        start: Where it begins in its document's text.
        end: Where it ends there.
        authors: As printed.
        names: The authors one by one.
        year: Of publication.
        issued: Date of publication in ISO 8601, as far as it is told: "2024-05-03", "2024-05" or "2024".
        title: Of the work.
        container: Journal, proceedings, book or site that holds it.
        publisher: Who published it.
        volume: Of the journal.
        issue: Of the journal.
        pages: As printed, with a plain hyphen.
        url: Whole, rejoined where a line break cut it.
        doi: Without "https://doi.org/", in lower case.
        arxiv: Without the version.
        accessed: Date on which the URL was read, in ISO 8601.
        confidence: How sure each field is that was found, 0 to 1, by its name here.
        completed: Where each field comes from that the entry does not print, by its name here, such as "Crossref".
    """

    number: str
    raw: str
    start: int
    end: int
    authors: str | None = None
    names: tuple[Name, ...] = ()
    year: int | None = None
    issued: str | None = None
    title: str | None = None
    container: str | None = None
    publisher: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    url: str | None = None
    doi: str | None = None
    arxiv: str | None = None
    accessed: str | None = None
    confidence: Mapping[str, float] = field(default_factory=dict)
    completed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Marker:
    """A `[8]` or `(Smith, 2023)` in running text; `points_to` is an entry's number as printed, or None.

    A marker that names several entries, `[3, 5]`, stands once for each, with the same span. `sentence` is the span of
    the sentence that it stands in, `clause` that of the part of the sentence that it ends: what it is meant to support.
    `number` is what it prints of an entry, whether or not the list has it; None where it goes by author and year.
    """

    text: str
    start: int
    end: int
    points_to: str | None
    sentence: Span = (0, 0)
    clause: Span = (0, 0)
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """What a document is: the facts that a citation names. What the document does not say is absent.

    Attributes:
        id: The document's id, which is stable.
        kind: Whether it is the paper or a work that the paper cites.
        title: Of the work.
        authors: Each as written.
        affiliation: Of the first author.
        year: Of publication.
        doi: In lower case.
        url: Where a reader finds it.
        abstract: As printed.
        keywords: As printed.
        container: Journal, proceedings, book or site that holds it.
        provenance: Where each of these was found, by its name here, such as "citation_title" or "first page".
        cited_by: Of a reference: the id of the paper that cites it.
        entries: Of a reference: the numbers of the paper's entries that name it.
    """

    id: str
    kind: DocumentKind
    title: str
    authors: tuple[str, ...] = ()
    affiliation: str | None = None
    year: int | None = None
    doi: str | None = None
    url: str | None = None
    abstract: str | None = None
    keywords: tuple[str, ...] = ()
    container: str | None = None
    provenance: Mapping[str, str] = field(default_factory=dict)
    cited_by: str | None = None
    entries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed text; `text` is what every span counts in, and `work.id` is stable.

    `pages` says where printed pages begin: offset in `text` and number of the page, in reading order; empty for a text
    without pages. `shown` is what was read of the web page that it comes from, as in `Reading`.
    """

    work: Work
    text: str
    sections: tuple[Section, ...]
    references: tuple[Reference, ...] = ()
    markers: tuple[Marker, ...] = ()
    pages: tuple[tuple[int, int], ...] = ()
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a text came from.

    Attributes:
        route: By which way it was found; "archive" is a copy that an archive keeps, not the original.
        asked: The URL that was asked for, or the name of the file that was put in by hand.
        got: The URL that answered in the end, or the same name.
        fetched_at: When, in ISO 8601 and UTC.
        status: Of HTTP; 0 for a file that was put in by hand.
        content_type: What the bytes are, whatever their label says: "text/html", "application/pdf" or "text/plain".
        sha256: Of the bytes.
        size_bytes: Of the bytes, decompressed.
        licence: Under which the work may be used, where that is stated.
        extractor: What read the text out of the bytes.
    """

    route: FetchRoute
    asked: str
    got: str
    fetched_at: str
    status: int
    content_type: str
    sha256: str
    size_bytes: int
    licence: str | None = None
    extractor: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A URL that was tried for an entry, and what became of it in one line."""

    url: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an entry of a bibliography: whether its text came, why not, and what a reader can do then.

    `provenance` is that of the text, where it came; `attempts` are in the order in which they were made.
    """

    state: FetchState = "not_fetched"
    reason: str = ""
    hint: str = ""
    provenance: Provenance | None = None
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """The smallest retrieval scale: whole sentences of one paragraph; `indexed` is the text by which it is found."""

    start: int
    end: int
    indexed: str


@dataclass(frozen=True, slots=True)
class Passage:
    """What is shown: whole sentences of one section, as text and span, with the windows inside it."""

    document_id: str
    start: int
    end: int
    text: str
    windows: tuple[Window, ...] = ()

    @property
    def indexed(self) -> str:
        """The text by which it is found."""
        return "\n".join(window.indexed for window in self.windows)


@dataclass(frozen=True, slots=True)
class Context:
    """What is encoded at once: consecutive passages of one section.

    `lead` stands for what a reader of the passages would know, the title; it is read with them, never quoted.
    """

    document_id: str
    passages: tuple[Passage, ...]
    lead: str = ""

    @property
    def indexed(self) -> str:
        """The text by which it is found."""
        return "\n".join(passage.indexed for passage in self.passages)


@dataclass(frozen=True, slots=True)
class Locator:
    """Where a reader finds a passage.

    Attributes:
        id: As `document:start-end`.
        section: Its title.
        paragraph: Of what answers in the passage; counts from 1 in its section.
        page: Of what answers in the passage; None for a document without pages.
        start: Where the passage begins in the document's text.
        end: Where it ends there.
        path: Headings from the outermost to the section's own.
        paragraphs: The first and the last that the passage touches.
        pages: The first and the last that it touches, or none.
    """

    id: str
    section: str
    paragraph: int
    page: int | None
    start: int
    end: int
    path: tuple[str, ...] = ()
    paragraphs: tuple[int, ...] = ()
    pages: tuple[int, ...] = ()


def format_locator(document_id: str, start: int, end: int) -> str:
    """Return the id of the place `[start, end)` in a document."""
    return f"{document_id}:{start}-{end}"


def make_outcome(fields: Mapping[str, Any]) -> Outcome:
    """Return the outcome that `asdict` took apart.

    Raises:
        TypeError: A field is missing, or there is one that is none of an outcome.
    """
    provenance = fields.get("provenance")
    attempts = tuple(Attempt(**attempt) for attempt in fields.get("attempts", ()))
    return Outcome(**{**fields, "provenance": Provenance(**provenance) if provenance else None, "attempts": attempts})
