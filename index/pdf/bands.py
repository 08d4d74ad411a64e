"""The bands of a page with columns: where what runs across, or a bibliography that begins, parts it."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

from index.pdf.cells import Cell
from index.pdf.heading_words import is_bibliography

_BASELINE_EM = 0.3
_TOUCH_EM = 0.5
_SAME_SPAN_EM = 2.2  # lines that run across belong together up to this distance
_MAX_SPANS = 200
_CUT_EM = 1.8  # that is free above a bibliography in both columns
_FEW_FRAGMENTS = 4
_FIRST_ENTRY = re.compile(r"\[1\](?:\s|$)")


def find_overfull(cells: Sequence[Cell], left: Sequence[Cell], right: Sequence[Cell]) -> list[Cell]:
    """Return the cells of the left column that are so long that they run into lines of the right one."""
    known = {id(cell) for cell in (*left, *right)}
    ranked = sorted(right, key=lambda cell: cell.y)
    levels = [cell.y for cell in ranked]
    found = []
    for cell in cells:
        first = bisect_left(levels, cell.y - _BASELINE_EM * cell.size)
        last = bisect_left(levels, cell.y + _BASELINE_EM * cell.size)
        touched = any(cell.x0 < other.x0 < cell.x1 + _TOUCH_EM * cell.size for other in ranked[first:last])
        if touched and id(cell) not in known:
            found.append(cell)
    return found


def find_spans(across: Sequence[Cell], left: Sequence[Cell], right: Sequence[Cell]) -> list[tuple[float, float]]:
    """Return from where to where what runs across a gutter fills the page, its short last lines included."""
    spans: list[list[float]] = []
    for cell in sorted(across, key=lambda cell: cell.y):
        if spans and cell.y - spans[-1][1] <= _SAME_SPAN_EM * cell.size:
            spans[-1][1] = max(spans[-1][1], cell.y + 0.3 * cell.size)
        else:
            spans.append([cell.y - 0.3 * cell.size, cell.y + 0.3 * cell.size])
    edge = Counter(round(cell.x0) for cell in left).most_common(1)[0][0]
    for span in spans[:_MAX_SPANS]:
        starts = {round(cell.x0) for cell in across if span[0] <= cell.y <= span[1]}
        near = [cell for cell in left if span[0] - 3 * cell.size < cell.y < span[1] + 3 * cell.size]
        for cell in sorted(near, key=lambda cell: cell.y):
            is_next = 0 < cell.y - span[1] < 1.1 * cell.size
            if is_next and not any(abs(other.y - cell.y) < cell.size for other in right):
                span[1] = cell.y + 0.3 * cell.size
            # What stands above lines that run across, and begins where they do but no column does, is their heading.
            if cell.y < span[0] and round(cell.x0) in starts and abs(cell.x0 - edge) > cell.size:
                span[0] = cell.y - 0.3 * cell.size
    cuts = ((y, y) for y in _find_cuts(left, right))
    return sorted([*((top, bottom) for top, bottom in spans), *cuts])


def _find_cuts(left: Sequence[Cell], right: Sequence[Cell]) -> Iterator[float]:
    """Yield where a bibliography begins on the left below the text of both columns."""
    levels = sorted(cell.y for cell in (*left, *right))
    for cell in left:
        text = "".join(fragment.text for fragment in cell.fragments[:_FEW_FRAGMENTS]).strip()
        top = cell.y - 0.3 * cell.size
        free = bisect_left(levels, top) == bisect_left(levels, top - _CUT_EM * cell.size)
        if free and levels[0] < top and (_FIRST_ENTRY.match(text) or is_bibliography(text)):
            yield top
