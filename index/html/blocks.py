"""A tree as blocks: headings, paragraphs, items, tables and code, in the order in which a reader meets them.

It knows the tags of HTML and those into which trafilatura turns them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

import lxml.etree
from lxml.html import HtmlElement

from index.html.page import read_line
from index.model import Block

_HEADINGS = {f"h{rank}": rank for rank in range(1, 7)}
_HEADING_MAX_CHARS = 300
_ITEMS = frozenset({"li", "item", "dt", "dd"})
_ROWS, _CELLS = frozenset({"tr", "row"}), frozenset({"td", "th", "cell"})
_LINE_BREAKS = frozenset({"br", "lb"})
_BLOCKS = frozenset(
    "p div section article aside main header footer nav ul ol list dl figure figcaption quote blockquote form fieldset"
    " details summary address center hr table caption thead tbody tfoot tr td th row cell body hgroup search legend"
    " d-article d-abstract d-appendix d-footnote-list d-citation-list".split()
)
_ROWS_MAX, _CELLS_MAX, _CELL_MAX_CHARS = 5000, 60, 1000
_CELL_PROSE_CHARS = 400  # on average, from which a table only lays out the page
_BREAK = "\x1e"
# Stand for the line breaks and spaces of code on its way through what would fold them.
_KEPT = str.maketrans({"\n": "\ue000", " ": "\ue001"})
_GIVEN_BACK = {ord(kept): chr(given) for given, kept in _KEPT.items()}
_PARAGRAPH_BREAK = re.compile(rf"{_BREAK}\s*{_BREAK}")


class _Writer:
    """Gathers words until a block ends."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.rank = 0  # of the heading that is being read
        self._words: list[str] = []
        self._is_item = False

    def add(self, text: str | None) -> None:
        if text:
            self._words.append(text)

    def close(self) -> None:
        """End the block that is being read, if any; blank lines in it part paragraphs."""
        if not self._words:
            return
        text = "".join(self._words)
        self._words.clear()
        for part in _PARAGRAPH_BREAK.split(text):
            folded = " ".join(part.split())
            level = self.rank if len(folded) <= _HEADING_MAX_CHARS else 0
            self._put(Block(folded.translate(_GIVEN_BACK), level=level, is_item=self._is_item and not level))

    def open_item(self) -> None:
        self.close()
        self._is_item = True

    def put_lines(self, text: str) -> None:
        """Put what keeps its line breaks."""
        self.close()
        self._put(Block(text))

    def _put(self, block: Block) -> None:
        if block.text and not (self.blocks and self.blocks[-1] == block):
            self.blocks.append(block)
            self._is_item = False


def read_blocks(root: HtmlElement) -> list[Block]:
    """Return the blocks of a tree; a heading has the rank of its tag as its level."""
    writer = _Writer()
    walk = lxml.etree.iterwalk(root, events=("start", "end"))
    for event, node in walk:
        if event == "start":
            if _start(node, writer):
                walk.skip_subtree()
        else:
            _end(node, writer)
            writer.add(node.tail if node is not root else None)
    writer.close()
    return writer.blocks


def keep_lines(preformatted: HtmlElement) -> None:
    """Make a paragraph of preformatted text, in place, whose lines are there again when its block is read."""
    text = _read_lines(preformatted)
    for child in list(preformatted):
        preformatted.remove(child)
    preformatted.tag, preformatted.text = "p", text.translate(_KEPT)


def _read_lines(preformatted: HtmlElement) -> str:
    for line_break in preformatted.iter(*_LINE_BREAKS):
        line_break.text = "\n"
    return "".join(preformatted.itertext()).expandtabs(4).strip("\r\n").rstrip()


def set_levels(blocks: Iterable[Block]) -> list[Block]:
    """Return blocks with the outermost heading at level 1."""
    listed = list(blocks)
    outermost = min((block.level for block in listed if block.level), default=1)
    return [replace(block, level=block.level - outermost + 1) if block.level else block for block in listed]


def _start(node: HtmlElement, writer: _Writer) -> bool:
    """Begin an element; say whether it was read whole."""
    rows = list(_read_rows(node)) if node.tag == "table" and not writer.rank else []
    if rows:
        writer.put_lines("\n".join(rows))
        return True
    if node.tag == "pre" or (node.tag == "code" and _has_lines(node)):
        writer.put_lines(_read_lines(node))
        return True
    if node.tag in _HEADINGS or node.tag == "head":
        writer.close()
        writer.rank = _HEADINGS.get(node.get("rend", "h2") if node.tag == "head" else node.tag, 2)
    elif node.tag in _ITEMS and not writer.rank:
        writer.open_item()
    elif node.tag in _BLOCKS or node.tag in _LINE_BREAKS:
        _break(node, writer)
    writer.add(node.text)
    return False


def _end(node: HtmlElement, writer: _Writer) -> None:
    if node.tag in _HEADINGS or node.tag == "head":
        writer.close()
        writer.rank = 0
    elif node.tag in _BLOCKS or node.tag in _ITEMS:
        _break(node, writer)


def _break(node: HtmlElement, writer: _Writer) -> None:
    if node.tag in _LINE_BREAKS:
        writer.add(_BREAK)
    elif writer.rank:
        writer.add(" ")
    else:
        writer.close()


def _has_lines(node: HtmlElement) -> bool:
    return any("\n" in text.strip("\n") for text in node.itertext()) or node.find(".//lb") is not None


def _read_rows(table: HtmlElement) -> Iterator[str]:
    """Yield the rows of a table as Markdown writes them; none for one that only lays out the page."""
    if table.get("role") in ("presentation", "none") or table.find(".//table") is not None:
        return  # before its rows are read, which would be done once for each table around them
    rows = [
        [read_line(cell, _CELL_MAX_CHARS) for cell in islice((cell for cell in row if cell.tag in _CELLS), _CELLS_MAX)]
        for row in islice(table.iter(*_ROWS), _ROWS_MAX)
    ]
    filled = [row for row in rows if any(row)]
    cells = [cell for row in filled for cell in row if cell]
    prose = sum(map(len, cells)) > _CELL_PROSE_CHARS * len(cells)
    if not prose and len(filled) > 1 and max(map(len, filled)) > 1:
        caption = table.find("caption")
        if caption is not None:
            yield read_line(caption)
        yield from (f"| {' | '.join(row)} |" for row in filled)
