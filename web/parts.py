"""What stands on pages: links, passages, notes, rows and pictures, ready to be shown."""

from dataclasses import dataclass

from markupsafe import Markup

from web.segments import Run


@dataclass(frozen=True, slots=True)
class Link:
    """Words and the address that they lead to."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Quotation:
    """A sentence of the answer and the ranks of the passages that it stands in."""

    runs: tuple[Run, ...]
    ranks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A marker of the paper and the entry that it names.

    Attributes:
        marker: As printed.
        entry: None where the list has none such.
        verdict: How the audit sees it: "ok", "wrong", "same", "missing" or "unclear".
        meant: The entry that its words match, where that is another one.
        hint: What the audit says, for those who ask.
    """

    marker: str
    entry: Link | None
    verdict: str
    meant: Link | None
    hint: str


@dataclass(frozen=True, slots=True)
class CiteMenu:
    """Ways to cite one passage: pages by style, one that takes any other style, and files."""

    styles: tuple[Link, ...]
    other: str
    files: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A passage with its citation.

    Attributes:
        rank: Its number; 1 is best.
        is_open: Whether it is unfolded at first.
        lead: The sentence by which it is known while folded.
        place: Section, paragraph and page on one line.
        is_own: Whether it is of the paper itself.
        source: Whose text it is.
        path: Headings from the outermost to its own.
        runs: Its text with highlight and markers.
        notes: What its markers point to.
        citation: How to cite it.
        menu: Further ways to cite it.
        document: Opens the document at the highlight.
        original: Opens the original at the highlight, if it has an address.
        is_verbatim: Whether its document says so, word by word.
        score: For those who ask.
    """

    rank: int
    is_open: bool
    lead: str
    place: str
    is_own: bool
    source: str
    path: tuple[str, ...]
    runs: tuple[Run, ...]
    notes: tuple[Note, ...]
    citation: str
    menu: CiteMenu
    document: str
    original: str | None
    is_verbatim: bool
    score: str


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
        cite: How to cite it, where it can be cited.
        note: Where its text came from, or why it did not and what to do, a sentence each.
    """

    text: str
    document: str
    url: str | None
    state: str
    is_held: bool
    text_url: str | None
    cite: str | None
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
class StyleChoice:
    """A citation style by its name, and as people call it."""

    name: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class InText:
    """A place that is cited, and how it is cited in running text, in HTML."""

    source: Link
    citation: Markup
