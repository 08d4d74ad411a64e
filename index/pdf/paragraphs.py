"""Paragraphs: printed lines brought together to pieces of text, and those joined that a column or a page cut in two."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from index.pdf.heading_words import is_caption
from index.pdf.joints import SOFT_HYPHEN
from index.pdf.lines import CELL_GAP_EM, HYPHEN, Fragment, Line, count_gaps, ends_sentence, join_fragments
from index.pdf.measures import Measures

PieceKind: TypeAlias = Literal["title", "heading", "front", "text", "item", "note", "table", "entry"]

_CHAR_EM = 0.5  # about how wide a letter is
_INDENT_EM, _INDENT_MAX_EM = 0.5, 6.0
_SMALL_GAP, _GAP, _BROKEN_GAP = (
    1.2,
    1.45,
    2.3,
)  # of the usual distance of lines: before a caption, a paragraph, and inside of a sentence
_SMALLER = 0.93
_OTHER_SIZE = 0.07
_ROWS_MIN = 3
_TINY_CHARS = 6
_RAGGED_EM, _FULL_SHARE, _PROSE_CHARS = 2.0, 0.7, 40  # of lines that are prose, even in the front matter
_INDENTED_SHARE = 0.4  # of the paragraphs of a document that marks them so

_ITEM = re.compile(r"(?:[•▪❖➢✓◦‣●○■□]\s{0,3}\S|[·–—*-]\s{1,3}\S|\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)]\s{1,3}\S)")
_ITEM_SIGN = re.compile(r"[•▪❖➢✓◦‣●○■□]")
_KEYWORDS = re.compile(r"(?:key\s?words|index terms)\s?:?$", re.IGNORECASE)
_HYPHENS = (HYPHEN, SOFT_HYPHEN, "-", "\u2010")
# An address that a line end cuts: one in angle brackets that are open still, or one that ends at a sign inside it.
_CUT_ADDRESS = re.compile(r"(?:<https?://[^\s>]{4,300}|(?:https?://|\b10\.\d{4,9}/)\S{3,300}[./_=&?-])$")


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines that make one block, and what it is; `level` is that of a heading."""

    lines: tuple[Line, ...]
    kind: PieceKind = "text"
    level: int = 0

    @property
    def text(self) -> str:
        """Its lines, as they are told apart."""
        return "\n".join(line.text for line in self.lines)


def make_paragraphs(lines: Sequence[Line], usual: Measures) -> list[Piece]:
    """Bring lines between two headings together to paragraphs, items of lists, rows of tables and notes."""
    tables = _find_tables(lines)
    pieces: list[Piece] = []
    block: list[Line] = []
    for at, line in enumerate(lines):
        below = lines[at + 1] if at + 1 < len(lines) else None
        turns_table = bool(block) and (tables[at] != tables[at - 1])
        if block and (turns_table or (_starts(block, line, below, usual) and not tables[at])):
            pieces.append(_close(block, usual, is_table=tables[at - 1]))
            block = []
        elif block and tables[at] and block[-1].column != line.column:
            pieces.append(_close(block, usual, is_table=True))
            block = []
        block.append(line)
    if block:
        pieces.append(_close(block, usual, is_table=tables[-1]))
    return pieces


def make_front(lines: Sequence[Line], usual: Measures) -> list[Piece]:
    """Make a piece of each line of the front matter, but for lines that go on and for paragraphs of several lines."""
    pieces: list[Piece] = []
    for piece in make_paragraphs(lines, usual):
        if _is_prose(piece.lines):
            pieces.append(piece)
            continue
        for line in (part for whole in piece.lines for part in _part_cells(whole)):
            if pieces and pieces[-1].kind == "front" and _is_keyword(pieces[-1].lines, line, usual):
                *above, last = pieces[-1].lines
                mark = ";" if above else ""
                lines_so_far = (*above, replace(last, text=last.text.rstrip(";,") + mark), line)
                pieces[-1] = replace(pieces[-1], lines=lines_so_far)
            elif pieces and pieces[-1].kind == "front" and _runs_on(pieces[-1].lines[-1], line, usual):
                pieces[-1] = replace(pieces[-1], lines=(*pieces[-1].lines, line))
            else:
                pieces.append(Piece((line,), "front"))
    return pieces


def join_broken(pieces: Sequence[Piece]) -> list[Piece]:
    """Join the paragraphs that a column, a page or a figure cut in two; what stood in between comes behind them."""
    joined: list[Piece] = []
    opened: int | None = None  # the last paragraph, as long as nothing but notes and tables follows it
    indented = _are_indented(pieces)
    for piece in pieces:
        if piece.kind in ("note", "table"):
            joined.append(piece)
            continue
        if piece.kind == "text" and opened is not None and _continues(joined[opened], piece, indented=indented):
            joined[opened] = replace(joined[opened], lines=(*joined[opened].lines, *piece.lines))
            continue
        opened = len(joined) if piece.kind in ("text", "item") else None
        joined.append(piece)
    return joined


def first_word_em(text: str) -> float:
    """Return about how wide the first word of a line is, with the space before it."""
    return _CHAR_EM * (len(text.split(" ", 1)[0]) + 1)


def _close(block: Sequence[Line], usual: Measures, *, is_table: bool) -> Piece:
    first = block[0]
    if first.column < 0:
        return Piece(tuple(block), "note")
    size = max(line.size for line in block)
    if is_table and len(block) > 1:
        return Piece(tuple(block), "table")
    if size < _SMALLER * usual.size or is_caption(first.text):
        return Piece(tuple(block), "note")
    return Piece(tuple(block), "item" if _ITEM.match(first.text) else "text")


def _starts(block: Sequence[Line], line: Line, below: Line | None, usual: Measures) -> bool:
    """Say whether a line begins a paragraph of its own behind the lines of a block."""
    above = block[-1]
    if line.column != above.column or line.column < 0:
        return line.column != above.column
    tiny = min(len(line.text), len(above.text)) <= _TINY_CHARS
    if abs(line.size - above.size) > _OTHER_SIZE * above.size and not tiny:
        return True
    ends, gap = ends_sentence(above.text), usual.gap(above, line)
    if gap > _GAP and (ends or gap > _BROKEN_GAP or not line.text[:1].islower()):
        return True
    if is_caption(line.text) and (ends or gap > _SMALL_GAP):
        return True
    return (
        _starts_item(above, line, ends=ends)
        or (ends and _is_short(block, line))
        or _is_indented(block, line, below, ends=ends)
    )


def _starts_item(above: Line, line: Line, *, ends: bool) -> bool:
    if not _ITEM.match(line.text):
        return False
    if _ITEM_SIGN.match(line.text):
        return True
    return ends or above.room > 2 * _INDENT_EM + first_word_em(line.text)


def _is_short(block: Sequence[Line], line: Line) -> bool:
    """Say whether the first word of a line would have fitted on the last line of a block."""
    above = block[-1]
    right = max(other.x1 for other in block[:-1]) if len(block) > _ROWS_MIN else above.right
    begins = not line.text[:1].islower()
    return begins and (right - above.x1) / above.size > first_word_em(line.text) + 1


def _is_indented(block: Sequence[Line], line: Line, below: Line | None, *, ends: bool) -> bool:
    """Say whether a line is moved in or out against the block before it, so that it begins something new."""
    above = block[-1]
    shift = (line.x0 - above.x0) / line.size
    if _INDENT_EM < shift < _INDENT_MAX_EM:
        if len(block) == 1 and _hangs(above, line, below):
            return False
        return ends or above.room > first_word_em(line.text) + 1
    if shift < -_INDENT_EM and len(block) > 1:
        return ends and all(other.x0 > line.x0 + _INDENT_EM * line.size for other in block)
    return False


def _hangs(above: Line, line: Line, below: Line | None) -> bool:
    """Say whether a line goes on with an item whose first line juts out."""
    if _ITEM.match(above.text):
        return True
    same = below is not None and below.column == line.column and abs(below.x0 - line.x0) < 0.3 * line.size
    return same and line.indent > _INDENT_EM and above.indent < _INDENT_EM and not ends_sentence(above.text)


def _find_tables(lines: Sequence[Line]) -> list[bool]:
    """Return for each line whether it is a row of a table, by the wide gaps between its cells."""
    gaps = [count_gaps(line) for line in lines]
    rows = [count > 1 for count in gaps]
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and gaps[end] and lines[end].column == lines[at].column:
            end += 1
        if end - at >= _ROWS_MIN:
            rows[at:end] = [True] * (end - at)
        at = max(end, at + 1)
    return [row and _has_neighbour(rows, at) and lines[at].column > 0 for at, row in enumerate(rows)]


def _has_neighbour(rows: Sequence[bool], at: int) -> bool:
    return (at > 0 and rows[at - 1]) or (at + 1 < len(rows) and rows[at + 1])


def _is_keyword(block: Sequence[Line], line: Line, usual: Measures) -> bool:
    """Say whether a line is one of the keywords that stand one by one below that word."""
    above = block[-1]
    listed = bool(_KEYWORDS.match(block[0].text)) and line.column == above.column
    return listed and 0 < usual.gap(above, line) < _GAP and abs(line.size - above.size) < _OTHER_SIZE * above.size


def _part_cells(line: Line) -> list[Line]:
    """Return what stands side by side on a line of the front matter, such as names, as lines of their own."""
    groups: list[list[Fragment]] = []
    for fragment in line.fragments:
        if groups and fragment.x0 - groups[-1][-1].x1 <= CELL_GAP_EM * line.size:
            groups[-1].append(fragment)
        else:
            groups.append([fragment])
    texts = [join_fragments(group) for group in groups]
    return [replace(line, text=text, fragments=tuple(group)) for text, group in zip(texts, groups, strict=True) if text]


def _is_prose(lines: Sequence[Line]) -> bool:
    """Say whether lines are a paragraph that fills its column, as an abstract without a heading does."""
    left, right = min(line.x0 for line in lines), max(line.x1 for line in lines)
    ends = ((line.x0 - left, right - line.x1, line.size) for line in lines[:-1])
    full = sum(before < 2 * _INDENT_EM * em and behind < _RAGGED_EM * em for before, behind, em in ends)
    return len(lines) > _ROWS_MIN and full >= _FULL_SHARE * (len(lines) - 1) and len(lines[0].text) > _PROSE_CHARS


def _runs_on(above: Line, line: Line, usual: Measures) -> bool:
    """Say whether a line of the front matter goes on with the one above it."""
    if line.column != above.column or abs(line.size - above.size) > _OTHER_SIZE * above.size:
        return False
    if not 0 < usual.gap(above, line) < _BROKEN_GAP:
        return False
    if above.text.endswith((",", "&", " and", " at", " for", " in", " of", " the", *_HYPHENS)):
        return True
    if _CUT_ADDRESS.search(above.text) and re.match(r"\S{0,300}?[\d/>]", line.text):
        return True
    return line.text[:1].islower() and not re.match(r"\S{1,60}@|[a-z]\s|https?:|doi", line.text)


def _are_indented(pieces: Sequence[Piece]) -> bool:
    """Say whether paragraphs of a document begin with an indent."""
    texts = [piece.lines[0] for piece in pieces if piece.kind == "text" and len(piece.lines) > 1]
    return sum(line.indent > _INDENT_EM for line in texts) > _INDENTED_SHARE * len(texts)


def _continues(piece: Piece, following: Piece, *, indented: bool) -> bool:
    """Say whether a paragraph goes on in another one that stands behind it."""
    last, first = piece.lines[-1], following.lines[0]
    if _is_other_style(last, first) or _ITEM_SIGN.match(first.text):
        return False
    if first.text[:1].islower() or (last.text.endswith(_HYPHENS) and first.text[:1].isalpha()):
        return True
    if last.column == first.column:
        return False
    is_full = last.room < 1 + first_word_em(first.text)
    if not ends_sentence(last.text):
        return is_full and first.indent < _INDENT_MAX_EM
    return indented and is_full and last.room < 1 and first.indent < _INDENT_EM and len(following.lines) > 1


def _is_other_style(last: Line, first: Line) -> bool:
    """Say whether two lines are set in sizes or weights too different to be of one paragraph."""
    return abs(last.size - first.size) > _OTHER_SIZE * last.size or (
        last.bold != first.bold and len(first.text) > _TINY_CHARS
    )
