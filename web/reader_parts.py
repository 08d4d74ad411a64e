"""What stands in the reader: a whole document with its outline, its paragraphs, and what is searched for in it."""

from dataclasses import dataclass

from web.parts import Link
from web.segments import Run


@dataclass(frozen=True, slots=True)
class OutlineRow:
    """A heading of the outline; `is_current` says that what the reader came for stands below it."""

    heading: str
    anchor: str
    level: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of a document.

    Attributes:
        anchor: Its name on the page.
        role: What it is.
        number: In its section, from 1.
        runs: Its text with marks.
        url: Of an entry of the bibliography: its own address.
        cited: Of an entry: the places that name it.
    """

    anchor: str
    role: str
    number: int
    runs: tuple[Run, ...]
    url: str | None
    cited: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A section of a document, or what of it begins on one page; `level` counts from 1.

    Only the first part of a section has its heading, and `runs`, which are that with marks.
    """

    anchor: str
    heading: str
    runs: tuple[Run, ...]
    level: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A printed page of the PDF that the document was read from.

    Attributes:
        number: Of the page, from 1.
        title: What it is, for those who do not see it.
        pictures: Addresses of it, each with its width in pixels, the smallest first.
        width: Of the smallest.
        height: Of the smallest.
    """

    number: int
    title: str
    pictures: tuple[tuple[str, int], ...]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Leaf:
    """What of the text begins on one printed page, beside its picture, and those of pages on which nothing begins."""

    parts: tuple[Part, ...]
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """The form that searches the document, and what it found.

    Attributes:
        path: Where it is sent.
        kept: What stands in the page's query beside it.
        words: What was searched for.
        told: What was found, in words; empty where nothing was searched for.
        previous: Goes to the place before, around the end.
        next: Goes to the place after, around the end.
        over: Ends the search.
    """

    path: str
    kept: tuple[tuple[str, str], ...]
    words: str
    told: str
    previous: str | None
    next: str | None
    over: str


@dataclass(frozen=True, slots=True)
class DocumentPart:
    """A whole document, to be read on a page of its own or beside something else.

    Attributes:
        heading: Its title.
        depth: Of the title among the headings of the page.
        has_heading: Whether its own text begins with its title.
        byline: Who wrote it, and when.
        original: Its own address.
        cite: How to cite it.
        is_moved: Whether the words which the address names are no longer where it says.
        outline: Its headings.
        search: Its form, with what it found.
        leaves: Its text, a leaf for each printed page; a text without pages is all on one.
    """

    heading: str
    depth: int
    has_heading: bool
    byline: str
    original: str | None
    cite: str
    is_moved: bool
    outline: tuple[OutlineRow, ...]
    search: Search
    leaves: tuple[Leaf, ...]
