"""The furniture of pages: running heads and feet, page numbers, and the numbers of lines in the margin.

What stands at the same place of several pages and says the same, but for its figures, is no part of the text.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.pdf.cells import Cell

_EDGE_ROWS = 4  # rows at the top and at the bottom of a page among which furniture is sought
_EDGE_SHARE = 0.2  # of the height of a page, from its top and its bottom
_SAME_PLACE = 4.0  # points
_NEAR_PAGES = 4
_USUAL_PAGES = 3  # with a running head at one place, from which whatever stands there is one
_END_CHARS = 3  # of a row, within which the number of a page stands
_NUMBER = re.compile(r"(?<![\d.])\d{1,4}(?!\d|\.\d)")
_BARE_NUMBER = re.compile(
    r"[\s\-–—|·.(\[]{0,4}(?:page\s{0,2}|p\.\s{0,2})?\d{1,4}(?:\s{0,2}(?:of|/)\s{0,2}\d{1,4})?[\s\-–—|·.)\]]{0,4}$",
    re.IGNORECASE,
)
_ROMAN_NUMBER = re.compile(r"[ivxl]{1,6}$")
_SIGNS = re.compile(r"[\d\W_]+")
# A running head that stands on one page only, as in a paper of two pages: "Smith et al.", "Rain 12 (2021) 1-9".
_HEAD = re.compile(
    r"[^.]{2,60}\set al\.?$|.{3,80}\s\d{1,4}\s?(?:\(\d{1,3}\)\s?)?[(,]\s?(?:19|20)\d\d\)?[\s,:]", re.IGNORECASE
)
_ENTRY = re.compile(r"\[\d{1,3}\]\s")
_LINE_NUMBER = re.compile(r"\d{1,4}$")
_LINE_NUMBERS_MIN = 5
_LONG = 12  # letters that a line has at least to be told by its words


@dataclass(frozen=True, slots=True)
class _Row:
    page: int
    y: float
    text: str
    masked: str
    is_top: bool
    is_edge: bool
    is_small: bool
    cells: tuple[Cell, ...]


def drop_furniture(pages: Sequence[Sequence[Cell]], heights: Sequence[float]) -> list[list[Cell]]:
    """Return the cells of each page without its furniture; `heights` are those of the pages."""
    pages = [_drop_line_numbers(cells) for cells in pages]
    rows = [row for page, cells in enumerate(pages) for row in _find_edge_rows(page, cells, heights[page])]
    repeated = _find_repeated(rows)
    numbered = [row for row in rows if row not in repeated and _is_numbered(row, rows)]
    lone = [row for row in rows if row.is_edge and _is_lone_number(row, heights[row.page])]
    level = _find_level(rows, [*repeated, *numbered])
    gone = {id(cell) for row in (*repeated, *numbered, *lone, *level) for cell in row.cells}
    return [[cell for cell in cells if id(cell) not in gone] for cells in pages]


def cell_text(cell: Cell) -> str:
    """Return the words of a cell."""
    return "".join(fragment.text for fragment in cell.fragments).strip()


def _find_edge_rows(page: int, cells: Sequence[Cell], height: float) -> list[_Row]:
    """Return the first and the last rows of a page, as far as they stand near its edges."""
    rows: list[list[Cell]] = []
    for cell in sorted(cells, key=lambda cell: cell.y):
        if rows and abs(cell.y - rows[-1][-1].y) < 0.4 * cell.size:
            rows[-1].append(cell)
        else:
            rows.append([cell])
    top = [row for row in rows[:_EDGE_ROWS] if row[0].y < _EDGE_SHARE * height]
    bottom = [row for row in rows[-_EDGE_ROWS:] if row[0].y > (1 - _EDGE_SHARE) * height and row not in top]
    sizes = sorted(cell.size for cell in cells)
    size = sizes[len(sizes) // 2] if sizes else 0.0
    made = [_make_row(page, row, (True, at == 0, row[0].size < size)) for at, row in enumerate(top)]
    return made + [
        _make_row(page, row, (False, at == 0, row[0].size < size)) for at, row in enumerate(reversed(bottom))
    ]


def _make_row(page: int, cells: Sequence[Cell], place: tuple[bool, bool, bool]) -> _Row:
    text = " ".join(cell_text(cell) for cell in sorted(cells, key=lambda cell: cell.x0))
    masked = _mask(text)
    return _Row(page, cells[0].y, text, masked, *place, tuple(cells))


def _mask(text: str) -> str:
    """Return the words of a text without figures and signs."""
    return _SIGNS.sub(" ", text[:300]).strip().casefold()


def _find_repeated(rows: Sequence[_Row]) -> list[_Row]:
    """Return the rows that stand at the same place of a page nearby with the same words."""
    places: dict[tuple[bool, str], list[_Row]] = defaultdict(list)
    for row in rows:
        cells = {_mask(cell_text(cell)) for cell in row.cells} if row.is_edge else set()
        for masked in {row.masked} | {cell for cell in cells if len(cell) >= _LONG}:
            if masked:
                places[row.is_top, masked].append(row)
    return [row for same in places.values() for row in same if any(_is_twin(row, other) for other in same)]


def _is_twin(row: _Row, other: _Row) -> bool:
    near = 0 < abs(row.page - other.page) <= _NEAR_PAGES
    return near and abs(row.y - other.y) < _SAME_PLACE and abs(row.cells[0].size - other.cells[0].size) < 1


def _is_numbered(row: _Row, rows: Sequence[_Row]) -> bool:
    """Say whether a row at the very edge holds the number of its page, as rows of other pages at its place do."""
    if not row.is_edge or len(row.masked) > 8 * _LONG or _ENTRY.match(row.text):
        return False
    shifts = _shifts(row)
    if row.is_small and (
        (row.text.endswith(str(row.page + 1)) and 1 in shifts) or (row.page and _HEAD.match(row.text))
    ):
        return True
    for other in rows:
        near = 0 < abs(row.page - other.page) <= _NEAR_PAGES and other.is_edge and row.is_top == other.is_top
        if near and abs(row.y - other.y) < _SAME_PLACE and shifts & _shifts(other):
            return True
    return False


def _shifts(row: _Row) -> set[int]:
    """Return by how much the numbers at the ends of a row differ from the count of its page."""
    text = row.text[:300]
    numbers = [n for n in _NUMBER.finditer(text) if n.start() < _END_CHARS or n.end() > len(text) - _END_CHARS]
    return {int(number.group()) - row.page for number in numbers}


def _is_lone_number(row: _Row, height: float) -> bool:
    """Say whether a row is nothing but a number in the margin."""
    in_margin = row.y < 0.1 * height or row.y > 0.88 * height
    return in_margin and bool(_BARE_NUMBER.match(row.text[:40]) or _ROMAN_NUMBER.match(row.text[:10]))


def _find_level(rows: Sequence[_Row], known: Sequence[_Row]) -> list[_Row]:
    """Return the rows at the very edge that stand where most pages have their running head, whatever they say."""
    places = Counter((row.is_top, round(row.y / _SAME_PLACE), round(row.cells[0].size)) for row in known if row.is_edge)
    return [
        row
        for row in rows
        if row.is_edge and places[row.is_top, round(row.y / _SAME_PLACE), round(row.cells[0].size)] >= _USUAL_PAGES
    ]


def _drop_line_numbers(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells without those that count the lines on the left or the right of the text."""
    others = [cell for cell in cells if cell.chars > _LONG]
    if not others:
        return list(cells)
    left, right = sorted(c.x0 for c in others)[len(others) // 20], sorted(c.x1 for c in others)[-1 - len(others) // 20]
    gone: set[int] = set()
    for is_outside in _outside(left, right):
        numbers = [c for c in cells if is_outside(c) and _LINE_NUMBER.match(cell_text(c))]
        numbers.sort(key=lambda cell: cell.y)
        steps = Counter(int(cell_text(b)) - int(cell_text(a)) for a, b in pairwise(numbers))
        if len(numbers) >= _LINE_NUMBERS_MIN and max(steps.values()) >= 0.7 * (len(numbers) - 1):
            gone |= {id(cell) for cell in numbers}
    return [cell for cell in cells if id(cell) not in gone]


def _outside(left: float, right: float) -> tuple[Callable[[Cell], bool], Callable[[Cell], bool]]:
    return (lambda cell: cell.x1 <= left), (lambda cell: cell.x0 >= right)
