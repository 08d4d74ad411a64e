"""Find words in a document whatever their case, accents, widths and line breaks; time is linear in it."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.model import Span
from qa.fold import fold

# More marks would make a page slow, and nobody walks through them.
MARKED_MAX = 500
_CODE = "utf-32-le"


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Where words stand in a text: how often, and the spans of the first `MARKED_MAX`."""

    count: int
    spans: tuple[Span, ...]


def find_occurrences(text: str, words: str) -> Occurrences:
    """Return where words stand in a text, in its order and without overlaps; words without a letter or sign nowhere."""
    needle, _ = _close_gaps(fold(words.strip()).text.strip())
    if not needle.strip():
        return Occurrences(0, ())
    folded = fold(text)
    searched, places = _close_gaps(folded.text)
    spans: list[Span] = []
    count = 0
    for at in _iter_matches(searched, needle):
        count += 1
        if count <= MARKED_MAX:
            start, end = folded.first(int(places[at])), folded.last(int(places[at + len(needle) - 1]) + 1)
            spans.append((start, _pass_marks(text, end)))
    return Occurrences(count, tuple(spans))


def _pass_marks(text: str, end: int) -> int:
    """Return where a letter ends with the accents that are written behind it."""
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return end


def _iter_matches(text: str, needle: str) -> Iterator[int]:
    at = text.find(needle)
    while at >= 0:
        yield at
        at = text.find(needle, at + len(needle))


def _close_gaps(text: str) -> tuple[str, npt.NDArray[np.int64]]:
    """Return a text with each run of white space as one space, and where each of its characters stood."""
    points = np.frombuffer(text.encode(_CODE, "surrogatepass"), np.uint32)
    blank = (points == ord(" ")) | ((points >= ord("\t")) & (points <= ord("\r")))
    kept = ~blank
    kept[1:] |= blank[1:] & ~blank[:-1]
    kept[:1] = True
    closed = np.where(blank, np.uint32(ord(" ")), points)[kept]
    return closed.tobytes().decode(_CODE, "surrogatepass"), np.flatnonzero(kept)
