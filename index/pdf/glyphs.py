"""Read the glyphs of a PDF, and refuse what cannot be opened: the one file that knows pypdfium2.

What a reader cannot see is left out: glyphs of no size or ink, white on white, outside the page, or clipped away. Text
that is not drawn at all is kept only where it lies over a picture of a page, as programs put it that read scans.
PDFium knows no threads, and may hang or crash on hostile files: `index.pdf.press` gives it a process of its own.
"""

import ctypes
import math
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from index.errors import SourceError
from index.pdf.fragments import Glyph, Style, clean_char, find_turns, make_fragments, quarter_turns
from index.pdf.lines import Sheet
from index.pdf.underscores import Rule, put_underscores

_MAX_CHARS = 60_000  # of one page; a printed one has a tenth of it
_MAX_TOTAL_CHARS = 20_000_000
_MAX_OBJECTS = 20_000  # of one page that are looked at for what lies below white text
_MAX_LINKS, _MAX_URL_BYTES = 2_000, 2_000
_MAX_CLIP_PATHS, _MAX_CLIP_POINTS = 8, 64
_MIN_SIZE = 1.0
_MAX_SIDE = 100_000.0  # points, of a page
_NOT_DRAWN = (3, 7)  # modes of rendering: invisible, and clipping only
_WHITE = 250
_PICTURE_SHARE = 0.5
_RULE_MAX_HEIGHT, _RULE_MAX_WIDTH = 1.5, 12.0  # points, of an underscore that is drawn
_BOLD_NAMES = ("bold", "black", "heavy", "demi", "cmbx", "cmb10", "cmssbx", "-medi", "sfbx", "lmbx")
_FORCE_BOLD = 1 << 18
_HIGH, _LOW, _LOW_END = 0xD800, 0xDC00, 0xE000  # halves of letters beyond 16 bits
_METADATA = ("Title", "Author", "Subject", "Keywords")
_METADATA_MAX_CHARS = 5_000

_Box = tuple[float, float, float, float]


def open_print(content: bytes, name: str, max_pages: int) -> AbstractContextManager["Opened"]:
    """Open a PDF; it is closed on leaving the context.

    Args:
        content: The bytes of the file.
        name: What messages call it.
        max_pages: Pages that it may have.

    Returns:
        The PDF, open as long as the context lasts.

    Raises:
        SourceError: It cannot be opened, or has no page or too many.
    """
    opened = Opened(_open(content, name), content, name)
    count = len(opened)
    if 0 < count <= max_pages:
        return closing(opened)
    opened.close()
    if not count:
        raise SourceError(f"{name} has no page", "save it as a PDF again, or fetch it anew")
    hint = "cut out the pages of the paper, for instance with `qpdf --pages`"
    raise SourceError(f"{name} has {count} pages, more than {max_pages}", hint)


class Opened:
    """A PDF that is open: what it says of itself, and its pages one after the other."""

    def __init__(self, pdf: Any, content: bytes, name: str) -> None:
        self.pdf = pdf
        self._content = content  # PDFium reads from it as long as the file is open
        self._name = name

    def __len__(self) -> int:
        return len(self.pdf)

    def close(self) -> None:
        """Close it."""
        self.pdf.close()

    def read_metadata(self) -> dict[str, str]:
        """Return what it says of itself, by the names that it uses."""
        return {key: self.pdf.get_metadata_value(key)[:_METADATA_MAX_CHARS] for key in _METADATA}

    def iter_sheets(self) -> Iterator[Sheet]:
        """Yield its pages.

        Yields:
            Each page, one that cannot be loaded as an empty one.

        Raises:
            SourceError: It holds more text than a paper.
        """
        total = 0
        for number in range(1, len(self) + 1):
            sheet = _read_sheet(self.pdf, number, self._name)
            total += sum(len(fragment.text) for fragment in sheet.fragments)
            if total > _MAX_TOTAL_CHARS:
                raise SourceError(f"{self._name} holds more text than a paper", "cut out the pages of the paper")
            yield sheet


def find_version() -> str:
    """Return the name and the version of what reads the glyphs."""
    import pypdfium2

    return f"pypdfium2 {pypdfium2.version.PYPDFIUM_INFO.version}"


def _open(content: bytes, name: str) -> Any:
    import pypdfium2.raw

    # Not by pypdfium2's own way in, which takes a file without pages for one with the error of the file before.
    opened = pypdfium2.raw.FPDF_LoadMemDocument64(content, len(content), None)
    if opened:
        return pypdfium2.PdfDocument(opened)
    if pypdfium2.raw.FPDF_GetLastError() == pypdfium2.raw.FPDF_ERR_PASSWORD:
        hint = "remove the password, for instance with `qpdf --decrypt`, and add it again"
        raise SourceError(f"{name} is encrypted and needs a password", hint)
    raise SourceError(f"{name} is a damaged PDF", "fetch it anew, or repair it with `qpdf`")


def _read_sheet(pdf: Any, number: int, name: str) -> Sheet:
    """Read one page; one that PDFium cannot load is empty, so that the rest of the paper is not lost."""
    import pypdfium2

    try:
        page = pdf[number - 1]
    except pypdfium2.PdfiumError:
        return Sheet(number, 0.0, 0.0, ())
    with closing(page):
        if not all(0 < side < _MAX_SIDE for side in page.get_size()):
            return Sheet(number, 0.0, 0.0, ())
        try:
            text = page.get_textpage()
        except pypdfium2.PdfiumError:
            return Sheet(number, 0.0, 0.0, ())
        with closing(text):
            if text.count_chars() > _MAX_CHARS:
                raise SourceError(f"page {number} of {name} holds more text than a page can", "leave that page out")
            return _Reader(page, text).read(number)


@dataclass(frozen=True, slots=True)
class _Ink:
    """How the glyphs of one object of a page are set and drawn.

    `origin` is where the first of them stands on its line, `clip` the box outside which they are clipped away.
    """

    style: Style
    origin: tuple[float, float]
    is_drawn: bool
    is_white: bool
    clip: _Box


class _Reader:
    """Reads one page, with buffers that PDFium fills."""

    def __init__(self, page: Any, text: Any) -> None:
        import pypdfium2.raw

        self._c = pypdfium2.raw
        self._page, self._text = page, text.raw
        self._count: int = text.count_chars()
        self._box: _Box = page.get_bbox()
        self._inks: dict[int | None, _Ink | None] = {}

    def read(self, number: int) -> Sheet:
        glyphs = list(self._iter_glyphs())
        drawn = [(glyph, ink) for glyph, ink in glyphs if ink is None or ink.is_drawn]
        letters = sum(1 for _, ink in drawn if ink)
        hidden = len(glyphs) - len(drawn)
        has_picture = hidden + 100 > letters and self._has_picture()
        if has_picture and hidden > letters:
            drawn = glyphs  # the words of a scan, laid over its picture
        turns = find_turns(Counter(ink.style.turns for _, ink in drawn if ink and ink.style.turns is not None))
        left, bottom, right, top = self._box
        size = (right - left, top - bottom)
        rules = [] if turns else list(self._iter_rules())
        return Sheet(
            number,
            *(size if turns % 2 == 0 else size[::-1]),
            fragments=tuple(make_fragments(put_underscores(_select(drawn, turns), rules))),
            urls=tuple(self._iter_urls()),
            stamps=tuple(f.text for side in (1, 3) for f in make_fragments(_select(drawn, (turns + side) % 4))),
            unmapped=sum(1 for glyph, ink in drawn if ink and glyph.char in ("", "\ufffd")),
            has_picture=has_picture,
        )

    def _iter_glyphs(self) -> Iterator[tuple[Glyph, _Ink | None]]:
        """Yield what can be seen, each glyph with its ink; gaps and line ends that PDFium makes up have none."""
        c, text, inks, find_address = self._c, self._text, self._inks, ctypes.c_void_p.from_buffer
        rect = c.FS_RECTF()
        to_rect = ctypes.byref(rect)
        high = 0  # the first half of a letter that PDFium hands over in two
        for at in range(self._count):
            code: int = c.FPDFText_GetUnicode(text, at)
            if _HIGH <= code < _LOW:
                high = code
                continue
            if _LOW <= code < _LOW_END and high:
                code = 0x10000 + ((high - _HIGH) << 10) + code - _LOW
            high = 0
            made = c.FPDFText_GetTextObject(text, at)
            if not made:
                yield Glyph(clean_char(code), 0.0, 0.0, 0.0, None), None
                continue
            address = find_address(made).value
            if address not in inks:
                inks[address] = self._read_ink(made, at)
            ink = inks[address]
            if ink is None or not c.FPDFText_GetLooseCharBox(text, at, to_rect):
                continue
            box = (rect.left, rect.bottom, rect.right, rect.top)
            if not _is_inside(box, ink.clip) or (ink.is_white and not self._is_on_paint(box)):
                continue
            yield self._place(clean_char(code) or "\ufffd" * (code == 0), box, ink), ink

    def _place(self, char: str, box: _Box, ink: _Ink) -> Glyph:
        """Return a glyph where a reader sees it who turns the page so that it stands upright."""
        left, bottom, right, top = self._box
        style, (x, y) = ink.style, ink.origin
        if not style.turns:
            return Glyph(char, box[0] - left, box[2] - left, top - y, style)
        places = (
            (box[1] - bottom, box[3] - bottom, x - left),
            (right - box[2], right - box[0], y - bottom),
            (top - box[3], top - box[1], right - x),
        )
        return Glyph(char, *places[style.turns - 1], style)

    def _read_ink(self, made: Any, at: int) -> _Ink | None:
        c = self._c
        matrix = c.FS_MATRIX()
        c.FPDFText_GetMatrix(self._text, at, ctypes.byref(matrix))
        size = abs(c.FPDFText_GetFontSize(self._text, at)) * math.hypot(matrix.c, matrix.d)
        red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
        is_filled = c.FPDFPageObj_GetFillColor(made, red, green, blue, alpha)
        if not _MIN_SIZE <= size < math.inf or (is_filled and alpha.value == 0):
            return None
        font, is_bold = self._read_font(at)
        style = Style(round(size, 2), font, is_bold, quarter_turns(math.atan2(matrix.b, matrix.a)))
        is_white = bool(is_filled) and min(red.value, green.value, blue.value) >= _WHITE
        is_drawn = c.FPDFTextObj_GetTextRenderMode(made) not in _NOT_DRAWN
        return _Ink(style, self._read_origin(at), is_drawn, is_white and is_drawn, self._read_clip(made, matrix))

    def _read_origin(self, at: int) -> tuple[float, float]:
        x, y = ctypes.c_double(), ctypes.c_double()
        self._c.FPDFText_GetCharOrigin(self._text, at, ctypes.byref(x), ctypes.byref(y))
        return x.value, y.value

    def _read_font(self, at: int) -> tuple[str, bool]:
        """Return the name of a glyph's font without the mark of its subset, and whether it is bold."""
        name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
        self._c.FPDFText_GetFontInfo(self._text, at, name, 127, ctypes.byref(flags))
        font = name.value.decode("utf-8", "replace").rpartition("+")[2]
        return font, any(mark in font.casefold() for mark in _BOLD_NAMES) or bool(flags.value & _FORCE_BOLD)

    def _read_clip(self, made: Any, matrix: Any) -> _Box:
        """Return the box inside which an object can be seen; clips inside of forms, which are moved, are left out."""
        c, own = self._c, self._c.FS_MATRIX()
        path = c.FPDFPageObj_GetClipPath(made)
        if not path or not c.FPDFPageObj_GetMatrix(made, ctypes.byref(own)):
            return self._box
        if abs(own.e - matrix.e) > 1 or abs(own.f - matrix.f) > 1:
            return self._box
        box = self._box
        for number in range(min(c.FPDFClipPath_CountPaths(path), _MAX_CLIP_PATHS)):
            box = _cut(box, self._read_bounds(path, number))
        return box

    def _read_bounds(self, path: Any, number: int) -> _Box:
        count = self._c.FPDFClipPath_CountPathSegments(path, number)
        if not 0 < count <= _MAX_CLIP_POINTS:
            return self._box
        x, y = ctypes.c_float(), ctypes.c_float()
        places = []
        for at in range(count):
            self._c.FPDFPathSegment_GetPoint(self._c.FPDFClipPath_GetPathSegment(path, number, at), x, y)
            places.append((x.value, y.value))
        across, up = zip(*places, strict=True)
        return min(across), min(up), max(across), max(up)

    def _has_picture(self) -> bool:
        """Say whether a picture covers most of the page."""
        whole = _area(self._box)
        return any(
            _area(_cut(box, self._box)) > _PICTURE_SHARE * whole for kind, box in self._objects if kind == "picture"
        )

    def _is_on_paint(self, box: _Box) -> bool:
        """Say whether white text stands on something that is not white."""
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        return any(left <= x <= right and bottom <= y <= top for _, (left, bottom, right, top) in self._objects)

    @cached_property
    def _objects(self) -> list[tuple[str, _Box]]:
        """The boxes of pictures and of areas that are painted in another colour than white."""
        c = self._c
        found: list[tuple[str, _Box]] = []
        edges = tuple(ctypes.c_float() for _ in range(4))
        for at in range(min(c.FPDFPage_CountObjects(self._page), _MAX_OBJECTS)):
            made = c.FPDFPage_GetObject(self._page, at)
            kind = c.FPDFPageObj_GetType(made)
            if kind == c.FPDF_PAGEOBJ_TEXT or (kind == c.FPDF_PAGEOBJ_PATH and not self._is_painted(made)):
                continue
            if c.FPDFPageObj_GetBounds(made, *edges):
                left, bottom, right, top = (edge.value for edge in edges)
                found.append(("picture" if kind == c.FPDF_PAGEOBJ_IMAGE else "paint", (left, bottom, right, top)))
        return found

    def _iter_rules(self) -> Iterator[Rule]:
        """Yield the short and thin rules of the page, which may be underscores."""
        c, left, top = self._c, self._box[0], self._box[3]
        edges = tuple(ctypes.c_float() for _ in range(4))
        for at in range(min(c.FPDFPage_CountObjects(self._page), _MAX_OBJECTS)):
            made = c.FPDFPage_GetObject(self._page, at)
            if c.FPDFPageObj_GetType(made) != c.FPDF_PAGEOBJ_PATH or not c.FPDFPageObj_GetBounds(made, *edges):
                continue
            x0, y0, x1, y1 = (edge.value for edge in edges)
            if y1 - y0 < _RULE_MAX_HEIGHT and x1 - x0 < _RULE_MAX_WIDTH:
                yield x0 - left, x1 - left, top - (y0 + y1) / 2

    def _is_painted(self, path: Any) -> bool:
        mode, stroke = ctypes.c_int(), ctypes.c_int()
        self._c.FPDFPath_GetDrawMode(path, mode, stroke)
        red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
        if not mode.value or not self._c.FPDFPageObj_GetFillColor(path, red, green, blue, alpha):
            return False
        return bool(alpha.value) and min(red.value, green.value, blue.value) < _WHITE

    def _iter_urls(self) -> Iterator[str]:
        """Yield where the links of the page lead to in the web."""
        c = self._c
        place, link = ctypes.c_int(0), c.FPDF_LINK()
        for _ in range(_MAX_LINKS):
            if not c.FPDFLink_Enumerate(self._page, ctypes.byref(place), ctypes.byref(link)):
                return
            action = c.FPDFLink_GetAction(link)
            buffer = ctypes.create_string_buffer(_MAX_URL_BYTES)
            if action and 0 < c.FPDFAction_GetURIPath(self._page.pdf, action, buffer, _MAX_URL_BYTES) <= _MAX_URL_BYTES:
                yield buffer.value.decode("utf-8", "replace")


def _select(glyphs: list[tuple[Glyph, _Ink | None]], turns: int) -> list[Glyph]:
    """Return the glyphs that run one way."""
    return [glyph for glyph, ink in glyphs if ink is None or ink.style.turns == turns]


def _is_inside(box: _Box, clip: _Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return clip[0] <= x <= clip[2] and clip[1] <= y <= clip[3]


def _cut(box: _Box, other: _Box) -> _Box:
    return max(box[0], other[0]), max(box[1], other[1]), min(box[2], other[2]), min(box[3], other[3])


def _area(box: _Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])
