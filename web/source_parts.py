"""What stands on the page of sources: papers, the entries of their bibliographies, and what may be done to each."""

from dataclasses import dataclass

from web.job_parts import FetchForm
from web.parts import Link


@dataclass(frozen=True, slots=True)
class StateFilter:
    """A state of entries: how many there are, and the address that shows them alone."""

    label: str
    count: int
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class EntryChange:
    """What may be done to an entry.

    Attributes:
        paper: The name of the paper.
        number: Of the entry.
        upload: Takes a file as its text.
        fetch: What the button says that fetches its text; empty where there is no address.
        can_forget: Whether there is a text to remove.
        is_open: Whether this is unfolded at first.
        trouble: Why a file was not taken; empty where none was sent.
        hint: What to do then.
    """

    paper: str
    number: str
    upload: str
    fetch: str
    can_forget: bool
    is_open: bool
    trouble: str
    hint: str


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry of a bibliography.

    Attributes:
        anchor: Its name on the page.
        number: As printed.
        text: As printed, without the number.
        document: Opens the paper at the entry.
        url: Its own address.
        state: What became of its text, in words.
        sign: The same as one of "held", "waiting", "closed", "missing" and "trouble".
        text_url: Opens its text.
        cite: How to cite it, where it can be cited.
        came: How its text came, and when.
        source: Where its text came from.
        note: Why there is none and what to do, a sentence each.
        change: What may be done to it, where that is allowed.
    """

    anchor: str
    number: str
    text: str
    document: str
    url: str | None
    state: str
    sign: str
    text_url: str | None
    cite: str | None
    came: str
    source: Link | None
    note: tuple[str, ...]
    change: EntryChange | None


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A paper with its bibliography.

    Attributes:
        document: Opens it.
        byline: Who wrote it, and when.
        original: Its own address.
        counts: How much of what it cites can be asked.
        is_waiting: Whether some of that may come with a command.
        fetch: Fetches all of that, where that is allowed.
        entries: Those that are shown.
    """

    document: Link
    byline: str
    original: str | None
    counts: str
    is_waiting: bool
    fetch: FetchForm | None
    entries: tuple[EntryRow, ...]
