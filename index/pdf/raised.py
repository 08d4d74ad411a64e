"""Raised figures: which of them are markers of a numbered bibliography, to be written as `[3]`."""

import re
from collections.abc import Callable, Iterator, Sequence

from index.pdf.entries import entry_number
from index.pdf.lines import LOWERED, RAISED, Line
from index.pdf.paragraphs import Piece

_RUN = re.compile(rf"{RAISED}\s?(\d{{1,3}}(?:\s?[,;–\u2212\-]\s?\d{{1,3}}){{0,15}})\s?{LOWERED}")
_ANY = re.compile(rf"[{RAISED}{LOWERED}]")
_RAISED_PIECE = re.compile(rf"{RAISED}[^{LOWERED}]{{0,100}}{LOWERED}")
_BRACKETED = re.compile(r"\[\d{1,3}(?:[,–\- ]{1,3}\d{1,3}){0,15}\]")
_UNIT = re.compile(r"(?<![^\W\d_])(?:[kcmdµμn]?m|s|kg|g|h|ha|cd|mol|K|ft|in|yr?|d|R|[xyznp])$")
_LETTERED = re.compile(r"(?:[^\W\d_]|(?<!\d)(?:19|20)\d\d)[.,;:!?'\"”’)\]%]{0,3}\s?$|\d[.,;:)\]%”’]\s?$")
_SPAN_MAX = 40
_SHARE = 0.4  # of the entries that raised figures name when they are markers


def resolve_raised(pieces: Sequence[Piece]) -> Callable[[Line], str]:
    """Return what writes a line of running text, with raised figures as markers where they are such."""
    numbers = {number for p in pieces if p.kind == "entry" if (number := entry_number(p.text)) is not None}
    prose = [line.text for piece in pieces if piece.kind in ("text", "item", "note") for line in piece.lines]
    named: set[int] = set()
    count = 0
    for text in prose:
        for found in _RUN.finditer(text):
            if _is_marker(text, found, numbers):
                count += 1
                named.update(_expand(found[1]))
    bracketed = sum(len(_BRACKETED.findall(text)) for text in prose)
    if not numbers or len(named & numbers) < max(2, _SHARE * len(numbers)) or bracketed > count:
        numbers = set()
    return lambda line: write_plain(_RUN.sub(lambda found: _write(found, numbers), line.text))


def write_plain(text: str) -> str:
    """Return a text without the signs around its raised pieces."""
    return _ANY.sub("", text)


def drop_raised(text: str) -> str:
    """Return a text without its raised pieces, such as the signs of notes behind a name."""
    return " ".join(_RAISED_PIECE.sub(" ", text).split())


def _write(found: re.Match[str], numbers: set[int]) -> str:
    if not _is_marker(found.string, found, numbers):
        return found.group()
    return "[" + re.sub(r"\s", "", found[1]).replace("\u2212", "–") + "]"


def _is_marker(text: str, found: re.Match[str], numbers: set[int]) -> bool:
    """Say whether raised figures name entries, and are no power, no unit's and no ordinal's."""
    before = text[max(0, found.start() - 30) : found.start()]
    if not _LETTERED.search(before) and found.start():
        return False
    if found[1] in ("2", "3") and _UNIT.search(before):
        return False
    highest = max(numbers, default=0)
    return all(0 < number <= highest for number in _expand(found[1]))


def _expand(listed: str) -> Iterator[int]:
    """Yield the numbers that `3,5–7` names."""
    for part in re.split(r"[,;]", listed):
        first, *last = (int(number) for number in re.findall(r"\d+", part))
        yield from range(first, max(first, min(last[0] if last else first, first + _SPAN_MAX)) + 1)
