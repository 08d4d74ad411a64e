"""Read a PDF as a reader does: headings, paragraphs, entries of the bibliography, and the pages that they stand on."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.errors import SourceError
from index.model import Block, Fact, ParagraphRole, Reading
from index.pdf.cells import make_cells
from index.pdf.columns import find_gutters, make_lines, read_columns
from index.pdf.drawings import part_drawings
from index.pdf.entries import find_unannounced, split_entries
from index.pdf.furniture import drop_furniture
from index.pdf.heading_words import is_bibliography, plain
from index.pdf.headings import Heading, find_headings
from index.pdf.joints import Joints
from index.pdf.lines import HYPHEN, Line, Sheet
from index.pdf.measures import Measures, measure
from index.pdf.paragraphs import Piece, join_broken, make_front, make_paragraphs
from index.pdf.press import Print, read_print
from index.pdf.raised import drop_raised, resolve_raised, write_plain
from index.pdf.run_in import part_run_in
from index.pdf.title_page import Set, find_title, is_credible_title, read_first_page, read_metadata

_MAX_PAGES = 2000
_SCAN_CHARS = 40  # of text on a page on average, below which a paper of pictures is a scan
_UNMAPPED_MIN, _UNMAPPED_SHARE = 20, 0.3  # glyphs that stand for no letter; as a share of those that do
_ABSTRACT_MIN_CHARS = 200
_UNANNOUNCED = "References"  # what a bibliography is called that has no heading
_ABSTRACT = re.compile(r"(abstract|summary)(?:\s?[.:—–]\s?[-—–]?|\s?-\s|\s(?=[A-Z]))\s{0,3}(?=\S)", re.IGNORECASE)


def read_pdf(content: bytes, name: str, *, max_pages: int = _MAX_PAGES) -> Reading:
    """Read the text of a PDF in the order of reading.

    Args:
        content: The bytes of the file.
        name: What messages call it.
        max_pages: Pages that it may have.

    Returns:
        Its blocks with the pages on which they begin, and facts from its metadata before those of its first page.

    Raises:
        SourceError: It is encrypted, damaged, a scan or too long, or holds no text.
    """
    printed = read_print(content, name, max_pages)
    _check_text(printed.sheets, name)
    lines, first_page = _read_lines(printed.sheets)
    if not lines:
        raise SourceError(f"{name} holds no text", "name a file that holds the paper's text")
    usual = measure(lines)
    lines = part_run_in(part_drawings(lines, usual.size), usual)
    joints = Joints(lines, (url for sheet in printed.sheets for url in sheet.urls))
    pieces = _make_pieces(lines, usual, _credible_title(printed, first_page))
    blocks = tuple(_iter_blocks(pieces, joints))
    texts = [*(line.text for line in first_page), *printed.sheets[0].stamps]
    told = read_metadata(printed.metadata, content, _page_text(first_page))
    facts = (*told, *_read_looks(pieces, blocks, texts))
    return Reading(tuple(_split_abstract(blocks)), facts, printed.extractor)


def _check_text(sheets: Sequence[Sheet], name: str) -> None:
    """Refuse what holds no text that can be had, with a way out."""
    chars = sum(len(fragment.text.strip()) for sheet in sheets for fragment in sheet.fragments)
    unmapped = sum(sheet.unmapped for sheet in sheets)
    ocr = "make its text readable with `ocrmypdf --force-ocr` and add it again"
    if unmapped > max(_UNMAPPED_MIN, _UNMAPPED_SHARE * chars):
        raise SourceError(f"the fonts of {name} do not say which letters they show", ocr)
    if chars < _SCAN_CHARS * len(sheets) and any(sheet.has_picture for sheet in sheets):
        pictures = sum(sheet.has_picture for sheet in sheets)
        if chars < _SCAN_CHARS or 2 * pictures > len(sheets):
            raise SourceError(f"{name} is a scan: its pages are pictures without text", ocr.replace("--force-ocr ", ""))
    if not chars:
        raise SourceError(f"{name} holds no text", "name a file that holds the paper's text")


def _read_lines(sheets: Sequence[Sheet]) -> tuple[list[Line], list[Line]]:
    """Return all lines in the order of reading without the furniture, and those of the first page with it."""
    cells = [make_cells(sheet.fragments) for sheet in sheets]
    kept = drop_furniture(cells, [sheet.height for sheet in sheets])
    lines: list[Line] = []
    column = 0
    gutters = find_gutters(kept)
    for sheet, members in zip(sheets, kept, strict=True):
        for part in read_columns(members, gutters):
            if part:
                column += 1
                lines += make_lines(part, sheet.number, column)
    first = make_lines(cells[0], 1, 0) if cells[0] else []
    return [line for line in lines if line.text], first


def _credible_title(printed: Print, first_page: Sequence[Line]) -> str:
    title = " ".join(printed.metadata.get("Title", "").split())
    return title if is_credible_title(title, _page_text(first_page)) else ""


def _page_text(lines: Sequence[Line]) -> str:
    return "\n".join(write_plain(line.text) for line in lines)


def _make_pieces(lines: Sequence[Line], usual: Measures, hint: str) -> list[Piece]:
    """Return title, headings, front matter, paragraphs and entries in the order of reading."""
    pages = {line.page for line in lines}
    first = [line for line in lines if line.page == min(pages)]
    title = find_title(first, usual, hint)
    pieces: list[Piece] = []
    start = 0
    if title:
        pieces += make_front(first[: title[0]], usual)
        pieces.append(Piece(tuple(first[title[0] : title[1]]), "title"))
        start = title[1]
    headings = _announce(find_headings(lines, start, usual), lines)
    pieces += _make_opening(lines[start : headings[0].start if headings else len(lines)], usual)
    return join_broken([*pieces, *_iter_sections(lines, headings, usual)])


def _announce(headings: list[Heading], lines: Sequence[Line]) -> list[Heading]:
    """Return the headings with one that holds no line before a bibliography that has none of its own."""
    titles = [" ".join(line.text for line in lines[heading.start : heading.end]) for heading in headings]
    at = None if any(is_bibliography(plain(title)) for title in titles) else find_unannounced(lines)
    if at is None or not headings or at < headings[0].start:
        return headings
    return sorted([*headings, Heading(at, at, 1)], key=lambda heading: heading.start)


def _make_opening(lines: Sequence[Line], usual: Measures) -> list[Piece]:
    """Return the pieces between the title and the first heading; behind the first page they are no front matter."""
    end = next((at for at, line in enumerate(lines) if line.page != lines[0].page), len(lines))
    behind = make_paragraphs(lines[end:], usual) if end < len(lines) else []
    return [*(make_front(lines[:end], usual) if lines else []), *behind]


def _iter_sections(lines: Sequence[Line], headings: Sequence[Heading], usual: Measures) -> Iterator[Piece]:
    bibliography = 0  # level of the heading below which entries stand, if any
    ends = [heading.start for heading in headings[1:]] + [len(lines)]
    for heading, end in zip(headings, ends, strict=False):
        # What follows a bibliography is no part of it, however small its heading.
        level = min(heading.level, bibliography) if bibliography else heading.level
        title = lines[heading.start : heading.end]
        is_list = not title or is_bibliography(plain(" ".join(line.text for line in title)))
        bibliography = level if is_list else 0
        body = lines[heading.end : end]
        entries, floats, body = split_entries(body, usual) if bibliography and body else ([], [], body)
        if floats:
            yield from make_paragraphs(floats, usual)
        yield from (Piece(tuple(title), "heading", level), *entries)
        if body:
            yield from make_paragraphs(body, usual)


def _iter_blocks(pieces: Sequence[Piece], joints: Joints) -> Iterator[Block]:
    write = resolve_raised(pieces)
    page = 0
    for piece in pieces:
        is_prose = piece.kind in ("text", "item", "note", "table")
        lines = [replace(line, text=(write(line) if is_prose else write_plain(line.text))) for line in piece.lines]
        text, starts = _write_table(lines) if piece.kind == "table" else joints.join(lines)
        pages = []
        for line, start in zip(lines, starts, strict=True):
            if line.page != page:
                pages.append((start, line.page))
                page = line.page
        yield _make_block(piece, text.replace(HYPHEN, "-"), tuple(pages))


def _make_block(piece: Piece, text: str, pages: tuple[tuple[int, int], ...]) -> Block:
    role: ParagraphRole = "title" if piece.kind == "title" else "text"
    if piece.kind == "heading":
        text = plain(text) or _UNANNOUNCED
    return Block(text, piece.level, role, is_item=piece.kind in ("item", "entry"), pages=pages)


def _write_table(lines: Sequence[Line]) -> tuple[str, list[int]]:
    starts = [0]
    for line in lines[:-1]:
        starts.append(starts[-1] + len(line.text) + 1)
    return "\n".join(line.text for line in lines), starts


def _split_abstract(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield the blocks; an abstract that begins with that word gets it as a heading of its own."""
    is_front = True
    for block in blocks:
        found = _ABSTRACT.match(block.text) if is_front and not block.level else None
        is_front = is_front and not block.level
        if not found or len(block.text) < _ABSTRACT_MIN_CHARS:
            yield block
            continue
        is_front = False
        yield Block(found[1], level=1, pages=tuple(turn for turn in block.pages if turn[0] == 0))
        rest = tuple((start - found.end(), page) for start, page in block.pages if start >= found.end())
        yield replace(block, text=block.text[found.end() :], pages=rest)


def _read_looks(pieces: Sequence[Piece], blocks: Sequence[Block], texts: Sequence[str]) -> Iterator[Fact]:
    kinds = [piece.kind for piece in pieces]
    at = kinds.index("title") if "title" in kinds else -1
    front = []
    for piece in pieces[at + 1 :]:
        if piece.kind == "heading":
            break
        line = piece.lines[0]
        text = drop_raised(" ".join(line.text for line in piece.lines))
        front.append(Set(text, round(line.size * 2) / 2, line.font, line.bold))
    # As joined first: the end of a line may cut a DOI.
    joined = [block.text for block in blocks[: at + 1 + len(front)]]
    yield from read_first_page(blocks[at].text if at >= 0 else "", [*joined, *texts], front)
