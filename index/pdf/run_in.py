"""Headings that run in: a number and a title in a font of their own, before a paragraph on the same line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.pdf.heading_words import number_level, plain
from index.pdf.lines import Fragment, Line, join_fragments
from index.pdf.measures import Measures

_MAX_CHARS = 110
_END = re.compile(r"[.:]\s?[—–-]?$")
_HALF = re.compile(r"\d{1,2}\)\s")


def part_run_in(lines: Sequence[Line], usual: Measures) -> list[Line]:
    """Return the lines with each heading that runs in as a line of its own, level with what follows it."""
    return [part for line in lines for part in _part(line, usual)]


def is_run_in(lines: Sequence[Line], at: int) -> bool:
    """Say whether a line is such a heading."""
    line, below = lines[at], lines[at + 1] if at + 1 < len(lines) else None
    if below is None or (line.page, line.column, line.y) != (below.page, below.column, below.y):
        return False
    return bool(_END.search(line.text) and run_in_level(plain(line.text)))


def run_in_level(text: str) -> int:
    """Return how deep the number of such a heading lies; a number with a bracket counts as the third level."""
    return 3 if _HALF.match(text) else number_level(text)


def _part(line: Line, usual: Measures) -> Iterator[Line]:
    end = _find_title_end(line, usual) if number_level(plain(line.text)) and line.column >= 0 else 0
    if not end:
        yield line
        return
    for part in (line.fragments[:end], line.fragments[end:]):
        first = part[0]
        right = max(fragment.x1 for fragment in part)
        style = next(fragment for fragment in reversed(part) if fragment.text.strip())
        yield replace(
            line,
            x0=first.x0,
            x1=right,
            size=style.size,
            font=style.font,
            bold=style.bold,
            text=join_fragments(part),
            fragments=part,
        )


def _find_title_end(line: Line, usual: Measures) -> int:
    """Return how many fragments of a line are a heading that runs in, 0 for none."""
    for at, fragment in enumerate(line.fragments[1:], 1):
        head, text = line.fragments[:at], join_fragments(line.fragments[:at])
        if len(text) > _MAX_CHARS:
            return 0
        if _END.search(text) and _is_usual(fragment, usual) and not _is_usual(head[-1], usual):
            return at if run_in_level(plain(text)) else 0
    return 0


def _is_usual(fragment: Fragment, usual: Measures) -> bool:
    return (fragment.font, fragment.bold) == (usual.font, usual.bold)
