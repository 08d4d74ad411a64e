"""Text folded as far as any browser's search may fold it: case, accents, widths, forms of quotes, dashes and digits.

A browser that searches for words compares them at the primary strength of the Unicode collation, and skips what weighs
nothing there. Here a little more is folded, so that what a browser takes for the same is the same here, too.
"""

import functools
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_QUOTES = dict.fromkeys("‘’‚‛′‹›`´", "'") | dict.fromkeys("“”„‟″«»", '"')
_DASHES = dict.fromkeys("\u2010\u2011\u2012–—―−", "-")
_LETTERS = dict(zip("øłđħŧıðɨƀǥﬅىةہکیٱ", "oldhtidibgtيههكيا", strict=False)) | {"æ": "ae", "œ": "oe"}
_SAME: Mapping[str, str] = _QUOTES | _DASHES | _LETTERS | {"ـ": ""}
_HANGUL = range(0xAC00, 0xD7A4)
_KATAKANA = range(0x30A1, 0x30F7)
_TO_HIRAGANA = 0x60
# From so many different characters on, one pass over the text costs less than one for each.
_PASSES_MAX = 24


@dataclass(frozen=True, slots=True)
class Folded:
    """A text folded; `starts` holds where in it each character of the text begins, and its end, unless that is plain."""

    text: str
    starts: npt.NDArray[np.int64] | None

    def at(self, offset: int) -> int:
        """Return where a place of the text is in the folded one."""
        return offset if self.starts is None else int(self.starts[offset])

    def first(self, place: int) -> int:
        """Return the place of the text at which a place of the folded one begins."""
        return place if self.starts is None else int(np.searchsorted(self.starts, place, "right")) - 1

    def last(self, place: int) -> int:
        """Return the place of the text at which a place of the folded one ends: what folds to nothing is not passed."""
        return place if self.starts is None else int(np.searchsorted(self.starts, place, "left"))


def fold(text: str) -> Folded:
    """Return a text folded; line ends stay."""
    if text.isascii():
        return Folded(text.lower(), None)
    changed = {char: folded for char in set(text) if (folded := fold_character(char)) != char}
    moved = [char for char, folded in changed.items() if len(folded) != 1]
    if len(changed) > _PASSES_MAX:
        folded = text.translate({ord(char): folded for char, folded in changed.items()})
    else:
        folded = functools.reduce(lambda done, each: done.replace(*each), changed.items(), text)
    return Folded(folded, _count(text, {char: len(changed[char]) for char in moved}) if moved else None)


def _count(text: str, sizes: Mapping[str, int]) -> npt.NDArray[np.int64]:
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    widths = np.ones(len(points) + 1, np.int64)
    for char, size in sizes.items():
        widths[1:][points == ord(char)] = size
    widths[0] = 0
    return np.cumsum(widths)


@functools.lru_cache(maxsize=8192)
def fold_character(char: str) -> str:
    """Return a character folded; marks and what no reader sees fold to nothing."""
    if char == "\n":
        return char
    if ord(char) in _HANGUL:
        return char
    if ord(char) in _KATAKANA:
        char = chr(ord(char) - _TO_HIRAGANA)
    decomposed = unicodedata.normalize("NFKD", char.casefold()).casefold()
    return "".join(map(_fold_part, decomposed))


def _fold_part(char: str) -> str:
    kind = unicodedata.category(char)
    if kind in ("Mn", "Me", "Cf", "Cc", "Cs") or char in "\u115f\u1160\u3164":
        return ""
    if kind == "Nd":
        return str(unicodedata.decimal(char))
    return " " if char.isspace() else _SAME.get(char, char)
