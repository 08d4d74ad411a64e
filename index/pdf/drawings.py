"""The words inside of drawings: the labels of axes and parts, which are no lines of the text around them."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from index.pdf.lines import Line

_LONG = 40  # letters that a line of running text has at least
_SHORT = 30
_TEXT_SHARE = 0.01  # of all long lines that a font sets which is one of the text
_SMALL = 0.92  # of the size of running text
_MIN_LINES = 3


def part_drawings(lines: Sequence[Line], size: float) -> list[Line]:
    """Return the lines with those inside of drawings behind all others of their page, in a column below zero.

    Args:
        lines: In the order of reading.
        size: Of running text.

    Returns:
        As many lines as were given.
    """
    long = Counter[str]()
    for line in lines:
        if len(line.text) >= _LONG:
            long[line.font] += 1
    text_fonts = {font for font, count in long.items() if count >= max(1, _TEXT_SHARE * long.total())}
    parted: list[Line] = []
    for page in sorted({line.page for line in lines}):
        mine = [line for line in lines if line.page == page]
        drawn = [line for line in mine if _is_drawn(line, text_fonts, size)]
        families = {_family(line.font) for line in drawn} - {_family(font) for font in text_fonts}
        drawn += [line for line in mine if line.bold and len(line.text) < _LONG and _family(line.font) in families]
        drawn = drawn if len(drawn) >= _MIN_LINES else []
        gone = {id(line) for line in drawn}
        parted += [line for line in mine if id(line) not in gone]
        parted += [replace(line, column=-page) for line in drawn]
    return parted


def _family(font: str) -> str:
    """Return the name that the weights of a font share."""
    return re.split(r"[-,]", font, maxsplit=1)[0]


def _is_drawn(line: Line, text_fonts: set[str], size: float) -> bool:
    is_foreign = line.font not in text_fonts and not line.bold
    return is_foreign and len(line.text) < _SHORT and line.size < _SMALL * size
