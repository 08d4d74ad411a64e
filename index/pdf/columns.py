"""The columns of a page: pieces of lines brought into the order of reading, and joined to lines.

A page may mix what runs across with two or three columns. What crosses the gutter between two columns parts the page
into bands, and each column of a band is read before the next one; either may be divided again.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from index.pdf.bands import find_overfull, find_spans
from index.pdf.cells import Cell
from index.pdf.lines import Line, dominant, join_fragments

_MAX_DEPTH = 4
_GUTTER_MIN_EM = 0.5
_OVERHANG_EM = 0.2  # by which a letter such as J may stand out of its column
_COLUMN_MIN_CELLS = 4
_COLUMN_MIN_CHARS = 10  # that a line of a column holds in the middle; cells of a table and labels hold fewer
_JUSTIFIED = 0.8
_ALTERNATION = 0.2
_BASELINE_EM = 0.3
_RAISED_EM, _RAISED_MAX_CHARS = 0.55, 8
_FEW_CELLS = 16
_MAX_STARTS = 40  # places at which a gutter may end that are tried
_MAX_ROW_CELLS = 100
_ALIGNED = 3.0  # points


def find_gutters(pages: Sequence[Sequence[Cell]]) -> list[float]:
    """Return the gutters that several pages have, as a page with little text shows its own by them alone."""
    counts = Counter(round(gutter) for cells in pages if (gutter := _find_gutter(cells)) is not None)
    return [float(gutter) for gutter, count in counts.items() if count > 1]


def read_columns(cells: Sequence[Cell], known: Sequence[float] = (), depth: int = 0) -> Iterator[list[Cell]]:
    """Yield the columns of a page in the order of reading, each with its cells from the top down.

    Args:
        cells: Of the page.
        known: Gutters that other pages have.
        depth: How often the cells have been parted already.
    """
    gutter = _find_gutter(cells) if depth < _MAX_DEPTH else None
    if gutter is None and depth == 0:
        gutter = next((place for place in known if _is_parted(cells, place)), None)
    if gutter is None:
        yield sorted(cells, key=lambda cell: (cell.y, cell.x0))
        return
    for part in _iter_parts(cells, gutter):
        if len(part) == len(cells):
            yield sorted(part, key=lambda cell: (cell.y, cell.x0))
        else:
            yield from read_columns(part, (), depth + 1)


def make_lines(cells: Sequence[Cell], page: int, column: int) -> list[Line]:
    """Join the cells of a column that stand on one line, and say how wide the column is."""
    rows: list[list[Cell]] = []
    for cell in sorted(cells, key=lambda cell: cell.y):
        row = next((row for row in reversed(rows[-3:]) if _is_level(row, cell)), None)
        if row is None:
            rows.append([cell])
        else:
            row.append(cell)
    rows.sort(key=lambda row: max(row, key=lambda cell: cell.chars).y)
    lines = [_make_line(row, page, column) for row in rows]
    left, right = _find_edges(lines)
    return [replace(line, left=left, right=right) for line in lines]


def _is_level(row: Sequence[Cell], cell: Cell) -> bool:
    """Say whether a cell stands on the line of a row, and overlaps none of it."""
    if len(row) >= _MAX_ROW_CELLS:
        return False
    main = max(row, key=lambda other: other.chars)
    size = max(main.size, cell.size)
    small = min(main.size, cell.size) < 0.87 * size
    raised = small and min(main.chars, cell.chars) < _RAISED_MAX_CHARS
    if abs(main.y - cell.y) > (_RAISED_EM if raised else _BASELINE_EM) * size:
        return False
    return not any(other.x0 < cell.x1 - 0.3 * size and cell.x0 < other.x1 - 0.3 * size for other in row)


def _make_line(row: Sequence[Cell], page: int, column: int) -> Line:
    fragments = tuple(f for cell in sorted(row, key=lambda cell: cell.x0) for f in cell.fragments)
    main = dominant(fragments)
    bold = sum(len(f.text.strip()) for f in fragments if f.bold)
    whole = sum(len(f.text.strip()) for f in fragments)
    x0, x1 = min(f.x0 for f in fragments), max(f.x1 for f in fragments)
    text = join_fragments(fragments)
    return Line(page, column, x0, x1, x0, x1, main.y, main.size, bold > 0.95 * whole, main.font, text, fragments)


def _find_edges(lines: Sequence[Line]) -> tuple[float, float]:
    """Return the edges of a column: where most of its lines begin, and the farthest that several of them reach."""
    starts = Counter(round(line.x0 * 2) / 2 for line in lines)
    most = max(starts.values())
    left = min(start for start, count in starts.items() if count >= max(1, most / 3))
    ends = sorted((line.x1 for line in lines), reverse=True)
    return left, ends[min(len(ends) // 10, 3)]


def _find_gutter(cells: Sequence[Cell]) -> float | None:
    """Return where the right one of two columns begins that stand side by side, or None."""
    if len(cells) < 2 * _COLUMN_MIN_CELLS:
        return None
    starts = Counter(round(cell.x0) for cell in cells)
    best, gutter = 0, None
    for start, count in starts.most_common(_MAX_STARTS):
        if count == 1 and len(cells) > _FEW_CELLS:
            break
        left, right = _part(cells, start - 1.0)
        weight = min(sum(cell.chars for cell in left), sum(cell.chars for cell in right))
        if weight > best and _are_columns(left, right):
            best, gutter = weight, start - 1.0
    return gutter


def _part(cells: Sequence[Cell], gutter: float) -> tuple[list[Cell], list[Cell]]:
    """Return the cells that lie on the left and on the right of a gutter that begins half an em before `gutter`.

    The em is that of the usual text: a title in one column stands no farther from the other than the text below it.
    """
    usual = sorted(cell.size for cell in cells)[len(cells) // 2] if cells else 0.0
    left = [cell for cell in cells if cell.x1 <= gutter - _GUTTER_MIN_EM * min(cell.size, usual)]
    return left, [cell for cell in cells if cell.x0 >= gutter - _OVERHANG_EM * usual]


def _are_columns(left: Sequence[Cell], right: Sequence[Cell]) -> bool:
    """Say whether cells on both sides are columns of text, and not those of a table, which is read across."""
    for side in (left, right):
        if len(side) < _COLUMN_MIN_CELLS or sum(cell.chars for cell in side) < _COLUMN_MIN_CHARS * len(side):
            return False
    top, bottom = max(_top(left), _top(right)), min(_bottom(left), _bottom(right))
    beside = [[cell for cell in side if top <= cell.y <= bottom] for side in (left, right)]
    if min(len({round(cell.y) for cell in side}) for side in beside) < _COLUMN_MIN_CELLS - 1:
        return False
    sides = sorted((cell.order, which) for which, side in enumerate(beside) for cell in side)
    turns = sum(1 for one, two in pairwise(sides) if one[1] != two[1])
    return turns <= max(2, _ALTERNATION * len(sides)) or (_is_justified(left) and _is_justified(right))


def _is_parted(cells: Sequence[Cell], gutter: float) -> bool:
    """Say whether a page with little text has the gutter that other pages have."""
    left, right = _part(cells, gutter)
    if not left or not right or len(left) + len(right) < len(cells) - len(cells) // 2:
        return False
    aligned = sum(abs(cell.x0 - gutter) < _ALIGNED for cell in right)
    return aligned * 2 >= len(right) and max(cell.order for cell in left) < max(cell.order for cell in right)


def _is_justified(cells: Sequence[Cell]) -> bool:
    widths = sorted(cell.x1 - cell.x0 for cell in cells)
    return len(cells) > 2 * _COLUMN_MIN_CELLS and widths[len(widths) // 3] > _JUSTIFIED * widths[-1 - len(widths) // 10]


def _top(cells: Sequence[Cell]) -> float:
    return min(cell.y for cell in cells)


def _bottom(cells: Sequence[Cell]) -> float:
    return max(cell.y for cell in cells)


def _iter_parts(cells: Sequence[Cell], gutter: float) -> Iterator[list[Cell]]:
    """Yield from the top down what runs across a gutter, and what stands on its left and right in between."""
    left, right = _part(cells, gutter)
    left += find_overfull(cells, left, right)
    sided = {id(cell): side for side, members in enumerate((left, right)) for cell in members}
    across = [cell for cell in cells if id(cell) not in sided]
    above = -1e9
    for top, bottom in [*find_spans(across, left, right), (1e9, 1e9)]:
        band = [cell for cell in cells if above < cell.y < top and id(cell) in sided]
        for side in (0, 1):
            column = [cell for cell in band if sided[id(cell)] == side]
            if column:
                yield column
        span = [cell for cell in cells if top <= cell.y <= bottom]
        if span:
            yield span
        above = bottom
