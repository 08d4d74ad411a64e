"""What stands on the page of citations: the picture, the findings, and the audit of a paper with both."""

from dataclasses import dataclass

from web.parts import Link


@dataclass(frozen=True, slots=True)
class Dot:
    """A number on a rail of the picture: what markers print, or an entry; `note` says it in words."""

    x: float
    y: float
    label: str
    label_y: float
    is_wrong: bool
    note: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the picture from what markers print to an entry; `role` is "ok", "wrong", "printed" or "unclear"."""

    path: str
    role: str


@dataclass(frozen=True, slots=True)
class Rail:
    """A rail of the picture with its name."""

    y: float
    caption: str
    caption_y: float


@dataclass(frozen=True, slots=True)
class Picture:
    """Which entries markers print and which ones they mean, in pixels; `description` says it in words."""

    width: int
    height: int
    description: str
    rails: tuple[Rail, ...]
    lines: tuple[Line, ...]
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class MapDot:
    """A marker on the map: opens the paper at it; `note` says in words whether it is right."""

    url: str
    is_wrong: bool
    note: str


@dataclass(frozen=True, slots=True)
class MapColumn:
    """A number that markers print, as far as there is room for it, and in full."""

    label: str
    name: str


@dataclass(frozen=True, slots=True)
class MapRow:
    """A section on the map, with the markers in it for each column."""

    section: str
    cells: tuple[tuple[MapDot, ...], ...]


@dataclass(frozen=True, slots=True)
class CitationMap:
    """Which sections cite which entries; `description` says it in words."""

    description: str
    columns: tuple[MapColumn, ...]
    rows: tuple[MapRow, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A marker as the audit judges it, or a sentence without one.

    Attributes:
        anchor: Its name on the page.
        marker: As printed; empty where there is none.
        place: Opens the paper at it.
        verdict: "ok", "wrong", "same", "missing", "unclear" or "uncited".
        told: The verdict in words.
        likely: How sure that is, in words.
        words: The clause that it stands for.
        shared: Words of its sentence that the entry has as well.
        printed: The entry that it names.
        meant: The entry that its words are about, where that is another one or nothing is printed.
        text_url: Opens that entry's own text at what says the same.
        cite: How to cite that entry.
    """

    anchor: str
    marker: str
    place: str
    verdict: str
    told: str
    likely: str
    words: str
    shared: str
    printed: Link | None
    meant: Link | None
    text_url: str | None
    cite: str | None


@dataclass(frozen=True, slots=True)
class AuditPart:
    """The audit of one paper.

    Attributes:
        paper: Opens it.
        pattern: What is wrong with the list as a whole, in words.
        is_fine: Whether nothing is.
        counts: How many markers there are of each verdict, in words.
        picture: Absent where there is nothing to draw.
        map: The same.
        wrong: What to look at, in reading order.
        others: The rest.
        uncited: Sentences without a marker that an entry supports.
    """

    paper: Link
    pattern: str
    is_fine: bool
    counts: str
    picture: Picture | None
    map: CitationMap | None
    wrong: tuple[Finding, ...]
    others: tuple[Finding, ...]
    uncited: tuple[Finding, ...]
