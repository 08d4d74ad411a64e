"""Printed lines: what stands on a page, as pieces of text with their places, and the lines that they make.

Places are in points; x grows to the right and y downwards, as on the page that a reader holds.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

# A piece of text that is raised and small stands between these two until it is known what it is; HYPHEN is a hyphen
# at the end of a line. No text holds the three otherwise: the reader of glyphs drops what is for private use.
RAISED, LOWERED, HYPHEN = "\ue000", "\ue001", "\ue002"

_SAME_SIZE = 0.87  # a raised figure or letter is smaller than this share of the text beside it
_RAISED_MIN_EM = 0.12
_SPACE_MIN_EM = 0.17
_FEW_CHARS = 6
_LABEL_CHARS = 6
CELL_GAP_EM = 1.2  # between two cells of a table

_SENTENCE_END = re.compile(
    rf"[.!?:…](?:[\"'”’)\]»]|{RAISED}[^{LOWERED}]{{1,30}}{LOWERED}|\s?\[[\d,–\- ]{{1,30}}\]){{0,4}}\s?$"
)


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a line in one font; `order` is its place in the file, which tends to be the order of writing."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    font: str = ""
    bold: bool = False
    order: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A printed page, numbered from 1, with what it holds.

    Attributes:
        number: Of the page, counted from 1.
        width: In points, as a reader holds it.
        height: In points.
        fragments: In the order of the file.
        urls: Those that its links lead to.
        stamps: What is printed across or up the margin, such as the stamp of a preprint.
        unmapped: How many of its glyphs stand for no letter.
        has_picture: Whether a picture covers most of it.
    """

    number: int
    width: float
    height: float
    fragments: tuple[Fragment, ...]
    urls: tuple[str, ...] = ()
    stamps: tuple[str, ...] = ()
    unmapped: int = 0
    has_picture: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a column, whose edges are `left` and `right`; `column` counts columns through the whole file."""

    page: int
    column: int
    left: float
    right: float
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    font: str
    text: str
    fragments: tuple[Fragment, ...] = field(repr=False, default=())

    @property
    def indent(self) -> float:
        """How far it begins behind the left edge of its column, in ems."""
        return (self.x0 - self.left) / self.size

    @property
    def room(self) -> float:
        """What is free behind it, in ems."""
        return (self.right - self.x1) / self.size


def ends_sentence(text: str) -> bool:
    """Say whether a line ends where a sentence may."""
    return bool(_SENTENCE_END.search(text[-80:]))


def dominant(fragments: Sequence[Fragment]) -> Fragment:
    """Return a fragment of the size and font in which most of the letters are set."""
    weights: dict[tuple[float, str], int] = {}
    for fragment in fragments:
        style = (round(fragment.size, 1), fragment.font)
        weights[style] = weights.get(style, 0) + len(fragment.text)
    style = max(weights, key=lambda key: (weights[key], key))
    if weights[style] <= _FEW_CHARS:  # a line may hold little more than a raised figure
        style = max(weights)
    return next(fragment for fragment in fragments if (round(fragment.size, 1), fragment.font) == style)


def join_fragments(fragments: Sequence[Fragment]) -> str:
    """Return the text of a line from its pieces, left to right, with raised ones between `RAISED` and `LOWERED`."""
    main = dominant(fragments)
    text, right = "", fragments[0].x0
    for fragment in fragments:
        gap = fragment.x0 - right
        if text and not text.endswith(" ") and gap > _SPACE_MIN_EM * min(main.size, 2 * fragment.size):
            text += " "
        text += _mark_raised(fragment, main)
        right = fragment.x1
    return " ".join(text.replace(LOWERED + RAISED, "").split())


def _mark_raised(fragment: Fragment, main: Fragment) -> str:
    if fragment.size > _SAME_SIZE * main.size or main.y - fragment.y < _RAISED_MIN_EM * main.size:
        return fragment.text
    bare = fragment.text.strip()
    return fragment.text.replace(bare, RAISED + bare + LOWERED, 1) if bare else fragment.text


def count_gaps(line: Line) -> int:
    """Return how many wide gaps a line has, but for the one behind a label."""
    pairs = list(pairwise(line.fragments))
    wide = [at for at, (one, two) in enumerate(pairs) if two.x0 - one.x1 > CELL_GAP_EM * line.size]
    label = bool(wide) and sum(len(f.text.strip()) for f in line.fragments[: wide[0] + 1]) <= _LABEL_CHARS
    return len(wide) - (label and len(wide) == 1)
