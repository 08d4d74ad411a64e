"""Read the glyphs of a PDF, and refuse what cannot be opened: the one file that knows pypdfium2.

What a reader cannot see is left out: glyphs of no size or ink, white on white, outside the page, or clipped away. Text
that is not drawn at all is kept only where it lies over a picture of a page, as programs put it that read scans.
PDFium knows no threads, so one file is read at a time; everything that is opened is closed.
"""

import ctypes
import math
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from index.errors import SourceError
from index.fragments import Glyph, Style, clean_char, find_turns, make_fragments, quarter_turns
from index.lines import Sheet

_LOCK = threading.Lock()
_MAX_CHARS = 60_000  # of one page; a printed one has a tenth of it
_MAX_TOTAL_CHARS = 20_000_000
_MAX_OBJECTS = 20_000  # of one page that are looked at for what lies below white text
_MAX_LINKS, _MAX_URL_BYTES = 2_000, 2_000
_MAX_CLIP_PATHS, _MAX_CLIP_POINTS = 8, 64
_MIN_SIZE = 1.0
_PASSWORD_ERROR = 4
_NOT_DRAWN = (3, 7)  # modes of rendering: invisible, and clipping only
_WHITE = 250
_PICTURE_SHARE = 0.5
_BOLD_NAMES = ("bold", "black", "heavy", "demi", "cmbx", "cmb10", "cmssbx", "-medi", "sfbx", "lmbx")
_FORCE_BOLD = 1 << 18
_METADATA = ("Title", "Author", "Subject", "Keywords")
_METADATA_MAX_CHARS = 5_000

_Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Print:
    """A PDF as read: its pages, what it says of itself by the field's name, and what read it."""

    sheets: tuple[Sheet, ...]
    metadata: dict[str, str]
    extractor: str


def read_print(content: bytes, name: str, max_pages: int) -> Print:
    """Read all pages of a PDF.

    Raises:
        SourceError: It cannot be opened, or has no page or too many.
    """
    import pypdfium2

    extractor = f"pypdfium2 {pypdfium2.version.PYPDFIUM_INFO.version}"
    with _LOCK, closing(_open(content, name)) as pdf:
        count = len(pdf)
        if not count:
            raise SourceError(f"{name} has no page", "save it as a PDF again, or fetch it anew")
        if count > max_pages:
            hint = "cut out the pages of the paper, for instance with `qpdf --pages`"
            raise SourceError(f"{name} has {count} pages, more than {max_pages}", hint)
        metadata = {key: pdf.get_metadata_value(key)[:_METADATA_MAX_CHARS] for key in _METADATA}
        sheets: list[Sheet] = []
        total = 0
        for number in range(1, count + 1):
            sheets.append(_read_sheet(pdf, number, name))
            total += sum(len(fragment.text) for fragment in sheets[-1].fragments)
            if total > _MAX_TOTAL_CHARS:
                raise SourceError(f"{name} holds more text than a paper", "cut out the pages of the paper")
    return Print(tuple(sheets), metadata, extractor)


def _open(content: bytes, name: str) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD_ERROR or "assword" in str(error):
            hint = "remove the password, for instance with `qpdf --decrypt`, and add it again"
            raise SourceError(f"{name} is encrypted and needs a password", hint) from error
        raise SourceError(f"{name} is a damaged PDF", "fetch it anew, or repair it with `qpdf`") from error


def _read_sheet(pdf: Any, number: int, name: str) -> Sheet:
    """Read one page; one that PDFium cannot load is empty, so that the rest of the paper is not lost."""
    import pypdfium2

    try:
        page = pdf[number - 1]
    except pypdfium2.PdfiumError:
        return Sheet(number, 0.0, 0.0, ())
    with closing(page):
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
    """How the glyphs of one object of a page are set and drawn, and the box outside which they are clipped away."""

    style: Style
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
        self._inks: dict[int, _Ink | None] = {}

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
        return Sheet(
            number,
            *(size if turns % 2 == 0 else size[::-1]),
            fragments=tuple(make_fragments(_select(drawn, turns))),
            urls=tuple(self._iter_urls()),
            stamps=tuple(f.text for side in (1, 3) for f in make_fragments(_select(drawn, (turns + side) % 4))),
            unmapped=sum(1 for glyph, ink in drawn if ink and glyph.char == "\ufffd"),
            has_picture=has_picture,
        )

    def _iter_glyphs(self) -> Iterator[tuple[Glyph, _Ink | None]]:
        """Yield what can be seen, each glyph with its ink; gaps and line ends that PDFium makes up have none."""
        c, text = self._c, self._text
        rect, x, y = c.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
        to_rect, to_x, to_y = ctypes.byref(rect), ctypes.byref(x), ctypes.byref(y)
        for at in range(self._count):
            code: int = c.FPDFText_GetUnicode(text, at)
            made = c.FPDFText_GetTextObject(text, at)
            if not made:
                yield Glyph(clean_char(code), 0.0, 0.0, 0.0, None), None
                continue
            ink = self._find_ink(made, at)
            if ink is None or not c.FPDFText_GetLooseCharBox(text, at, to_rect):
                continue
            c.FPDFText_GetCharOrigin(text, at, to_x, to_y)
            box = (rect.left, rect.bottom, rect.right, rect.top)
            if not _is_inside(box, ink.clip) or (ink.is_white and not self._is_on_paint(box)):
                continue
            yield self._place(clean_char(code) or "\ufffd" * (code == 0), box, (x.value, y.value), ink.style), ink

    def _place(self, char: str, box: _Box, origin: tuple[float, float], style: Style) -> Glyph:
        """Return a glyph where a reader sees it who turns the page so that it stands upright."""
        left, bottom, right, top = self._box
        if not style.turns:
            return Glyph(char, box[0] - left, box[2] - left, top - origin[1], style)
        places = (
            (box[1] - bottom, box[3] - bottom, origin[0] - left),
            (right - box[2], right - box[0], origin[1] - bottom),
            (top - box[3], top - box[1], right - origin[0]),
        )
        return Glyph(char, *places[style.turns - 1], style)

    def _find_ink(self, made: Any, at: int) -> _Ink | None:
        """Return how the object that holds a glyph is set and drawn, or None where it cannot be seen at all."""
        address = ctypes.cast(made, ctypes.c_void_p).value or 0
        if address not in self._inks:
            self._inks[address] = self._read_ink(made, at)
        return self._inks[address]

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
        return _Ink(style, is_drawn, is_white and is_drawn, self._read_clip(made, matrix))

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
