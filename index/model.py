"""The vocabulary that every other file speaks: documents, their parts, and the places in them.

All spans are half-open character ranges `[start, end)` in the text of one document.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Span: TypeAlias = tuple[int, int]
DocumentKind: TypeAlias = Literal["paper", "reference"]
SectionRole: TypeAlias = Literal["front", "abstract", "body", "references"]
ParagraphRole: TypeAlias = Literal["title", "author", "affiliation", "doi", "keywords", "entry", "text"]


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
class Reference:
    """An entry of a bibliography. A field that is not found is absent, never guessed; `raw` is the entry as printed."""

    number: str
    raw: str
    start: int
    end: int
    authors: str | None = None
    year: int | None = None
    title: str | None = None
    container: str | None = None
    url: str | None = None
    doi: str | None = None
    arxiv: str | None = None


@dataclass(frozen=True, slots=True)
class Marker:
    """A `[8]` or `(Smith, 2023)` in running text; `points_to` is an entry's number as printed, or None.

    A marker that names several entries, `[3, 5]`, stands once for each, with the same span.
    """

    text: str
    start: int
    end: int
    points_to: str | None


@dataclass(frozen=True, slots=True)
class Work:
    """What a document is: the facts that a citation names. What the document does not say is absent."""

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


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed text; `text` is what every span counts in, and `work.id` is stable."""

    work: Work
    text: str
    sections: tuple[Section, ...]
    references: tuple[Reference, ...] = ()
    markers: tuple[Marker, ...] = ()


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
    """Where a reader finds a passage; `id` is `document:start-end`, `paragraph` counts from 1 in its section."""

    id: str
    section: str
    paragraph: int
    page: int | None
    start: int
    end: int


def format_locator(document_id: str, start: int, end: int) -> str:
    """Return the id of the place `[start, end)` in a document."""
    return f"{document_id}:{start}-{end}"
