"""Cells: pieces of a line that stand beside each other without a wide gap, raised and lowered ones included."""

from collections.abc import Sequence
from dataclasses import dataclass

from index.pdf.lines import Fragment, dominant

_SCRIPT = 0.87  # of the size of a letter, below which a sign beside it is its index
_STACKED_EM = 2.0  # that a lowered index begins before the end of a raised one


@dataclass(frozen=True, slots=True)
class Cell:
    """Pieces that stand beside each other on one line, without a wide gap."""

    fragments: tuple[Fragment, ...]
    x0: float
    x1: float
    y: float
    size: float
    chars: int
    order: int


def make_cells(fragments: Sequence[Fragment]) -> list[Cell]:
    """Join the pieces that follow each other on one line; a raised or lowered piece goes with what it stands beside."""
    groups: list[list[Fragment]] = []
    for fragment in fragments:
        if groups and _is_beside(groups[-1][-1], fragment, groups[-1]):
            groups[-1].append(fragment)
        else:
            groups.append([fragment])
    return [_make_cell(group) for group in groups]


def _make_cell(group: Sequence[Fragment]) -> Cell:
    main = dominant(group)
    return Cell(
        tuple(group),
        min(fragment.x0 for fragment in group),
        max(fragment.x1 for fragment in group),
        main.y,
        main.size,
        sum(len(fragment.text) for fragment in group),
        group[0].order,
    )


def _is_beside(last: Fragment, fragment: Fragment, group: Sequence[Fragment]) -> bool:
    """Say whether a piece goes on with the line of the last one; a raised piece may lie between two level ones."""
    size = max(last.size, fragment.size, group[0].size)
    base = next((other for other in reversed(group) if other.size > _SCRIPT * size), last)
    if _is_index(base, fragment, last):
        return True
    # The smaller of the two tells the gap: a heading stands no farther from the next column than its text.
    if not -0.5 * size < fragment.x0 - last.x1 < 0.8 * min(last.size, fragment.size):
        return False
    reach = 0.1 * size if fragment.size == last.size else 0.6 * size
    return abs(fragment.y - last.y) < reach or any(abs(fragment.y - other.y) < 0.1 * size for other in group[-4:])


def _is_index(base: Fragment, fragment: Fragment, last: Fragment) -> bool:
    """Say whether a piece is an index of a letter that has another one above or below it."""
    small = _SCRIPT * base.size
    if fragment.size > small or last.size > small or last.x0 < base.x1 - 0.3 * base.size:
        return False
    near = -_STACKED_EM * base.size < fragment.x0 - last.x1 < 0.3 * base.size
    return near and abs(fragment.y - base.y) < 0.6 * base.size and fragment.x0 > base.x1 - 0.3 * base.size
