"""Make pieces of lines of the glyphs of a page: accents put onto their letters, ligatures taken apart, words spaced."""

import functools
import math
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from index.pdf.lines import HYPHEN, Fragment

_GAP_EM = 0.8  # a wider gap may part two columns or cells of a table
_SPACE_EM = 0.17
_BACKWARDS_EM = 0.1
_CROOKED = 0.05  # of a quarter turn
_BASELINE_EM = 0.08
_ACCENT_REACH = 150  # glyphs before and behind an accent among which its letter is sought
_ACCENTS = dict(
    zip(
        "`\u00b4\u02c6\u02dc¯˘˙¨˚˝ˇ\u00b8",
        "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327",
        strict=True,
    )
)
_DOTLESS = {"\u0131": "i", "\u0237": "j"}
# Symbol fonts of word processors: their bullets; the rest of the private use area is no text.
_BULLETS = {"\uf0b7": "•", "\uf0a7": "▪", "\uf076": "❖", "\uf0d8": "➢", "\uf0fc": "✓", "\uf02d": "–"}
_LIGATURES = {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
# PDFium puts 2 (in its strings U+FFFE) for a hyphen that ends a line.
_HYPHENS = dict.fromkeys(("\x02", "\ufffe"), HYPHEN) | {"\u00ad": "\u00ad"}
_KEPT = _BULLETS | _LIGATURES | _HYPHENS | {"\t": " ", "\n": "\n", "\r": "\n", "\ufffd": "\ufffd"}


@dataclass(frozen=True, slots=True)
class Style:
    """How glyphs are set: size in points, font, weight, and in quarter turns the way in which they run."""

    size: float
    font: str
    bold: bool
    turns: int | None = 0


class Glyph(NamedTuple):
    """A letter and its place; a space that is only a gap has no style."""

    char: str
    x0: float
    x1: float
    y: float
    style: Style | None


def make_fragments(glyphs: Sequence[Glyph]) -> list[Fragment]:
    """Return the pieces of the lines in the order of the glyphs, which all run the same way."""
    return list(_iter_fragments(_put_accents(glyphs)))


@functools.cache
def clean_char(code: int) -> str:
    """Return the text that a glyph stands for, which is nothing for control characters and unknown ones."""
    char = chr(code) if 0 <= code <= sys.maxunicode else ""
    if char in _KEPT:
        return _KEPT[char]
    if unicodedata.category(char or "\0") in ("Cc", "Cf", "Cs", "Co", "Cn"):
        return ""
    return " " if char.isspace() else char


def find_turns(angles: Counter[int]) -> int:
    """Return in quarter turns the way in which most of the text of a page runs."""
    return max(angles, key=lambda turns: (angles[turns], turns == 0)) if angles else 0


def _put_accents(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Put accents that are printed as glyphs of their own onto the letters that they stand over."""
    placed = list(glyphs)
    accents = [at for at, glyph in enumerate(placed) if glyph.char in _ACCENTS and glyph.style]
    for at in accents[:2000]:
        letter = _find_letter(placed, at)
        if letter is not None:
            base = _DOTLESS.get(placed[letter].char, placed[letter].char)
            placed[letter] = placed[letter]._replace(
                char=unicodedata.normalize("NFC", base + _ACCENTS[placed[at].char])
            )
            placed[at] = placed[at]._replace(char="")
    return [glyph for glyph in placed if glyph.char]


def _find_letter(glyphs: Sequence[Glyph], at: int) -> int | None:
    """Return where the letter is that an accent stands over, if the two make one letter."""
    accent = glyphs[at]
    size = accent.style.size if accent.style else 1.0
    nearest, found = 0.3 * size, None
    for place in range(max(0, at - _ACCENT_REACH), min(len(glyphs), at + _ACCENT_REACH)):
        glyph = glyphs[place]
        if not glyph.char.isalpha() or abs(glyph.y - accent.y) > size / 2:
            continue
        distance = abs(glyph.x0 + glyph.x1 - accent.x0 - accent.x1) / 2
        base = _DOTLESS.get(glyph.char, glyph.char)
        if distance < nearest and len(unicodedata.normalize("NFC", base + _ACCENTS[accent.char])) == 1:
            nearest, found = distance, place
    return found


def _iter_fragments(glyphs: Sequence[Glyph]) -> Iterator[Fragment]:
    run: list[Glyph] = []
    spaced = False  # whether a space stands in the file behind the run
    order = 0
    for glyph in glyphs:
        if glyph.char == HYPHEN and glyph.style is None and run:
            run.append(run[-1]._replace(char=HYPHEN))
        elif glyph.char == "\n" and run:
            yield _close(run, order, spaced=False)
            run, spaced, order = [], False, order + 1
        elif glyph.char == " ":
            spaced = spaced or (glyph.style is not None and bool(run))
        if glyph.style is None or glyph.char in " \n":
            continue
        if run and _is_apart(run[-1], glyph):
            yield _close(run, order, spaced=spaced)
            run, spaced, order = [], False, order + 1
        if run and (spaced or glyph.x0 - run[-1].x1 > _SPACE_EM * glyph.style.size):
            run.append(Glyph(" ", run[-1].x1, glyph.x0, glyph.y, run[-1].style))
        run.append(glyph)
        spaced = False
    if run:
        yield _close(run, order, spaced=False)


def _is_apart(last: Glyph, glyph: Glyph) -> bool:
    """Say whether a glyph begins a piece of its own."""
    if last.style is not glyph.style and last.style != glyph.style:
        return True
    size = glyph.style.size if glyph.style else 1.0
    gap = glyph.x0 - last.x1
    # The letters of a ligature all stand where it begins.
    is_back = glyph.x0 < last.x0 - _BACKWARDS_EM * size
    return gap > _GAP_EM * size or is_back or abs(glyph.y - last.y) > _BASELINE_EM * size


def _close(run: Sequence[Glyph], order: int, *, spaced: bool) -> Fragment:
    style = run[0].style or Style(1.0, "", bold=False)
    text = "".join(glyph.char for glyph in run)
    x0, x1 = run[0].x0, max(run[0].x1, run[-1].x1)
    return Fragment(text + " " * spaced, x0, x1, run[0].y, style.size, style.font, style.bold, order)


def quarter_turns(angle: float) -> int | None:
    """Return an angle in radians as quarter turns, or None where it is none."""
    turns = angle / (math.pi / 2)
    return round(turns) % 4 if abs(turns - round(turns)) < _CROOKED else None
