"""Draw pages of a PDF as pictures, with words marked in them: the one file that knows how PDFium draws.

It runs in a process of its own, which `index.pdf.facsimile` starts: PDFium may hang or crash on hostile files.
"""

import ctypes
import io
import json
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

from index.errors import SourceError
from index.pdf.glyphs import open_print
from index.pdf.press import bound_memory

MAX_PAGES = 2000
_MAX_SIDE = 100_000.0  # points, of a page
_MAX_RATIO = 4  # of a picture's height to its width: a longer page is drawn narrower
_MAX_CHARS = 60_000  # of a page in which words are looked for
_MIN_LETTERS = 8  # of words that are looked for: fewer stand in many places
_SENTENCE_END = ".!?"
_WASH, _LINE = (205, 232, 226), (11, 93, 94)
_Box = tuple[int, int, int, int]


def print_plate() -> None:
    """Be the child: read a PDF from standard input, and write what is asked for of it to standard output.

    The first line says "ok", or what is wrong and, after a line end, what to do.
    """
    bound_memory()
    wish = json.loads(sys.argv[1])
    content = sys.stdin.buffer.read()
    try:
        with open_print(content, wish["name"], MAX_PAGES) as opened:
            made = _draw(opened.pdf, wish) if wish["page"] is not None else json.dumps(_measure(opened.pdf)).encode()
        sys.stdout.buffer.write(b"ok\n" + made)
    except SourceError as error:
        sys.stdout.buffer.write(f"{error.message}\n{error.hint}".encode())


def _measure(pdf: Any) -> list[tuple[float, float]]:
    """Return the size of each page in points as it is read, turned; zeros for one that cannot be shown."""
    sizes = (pdf.get_page_size(at) for at in range(len(pdf)))
    return [size if all(0 < side < _MAX_SIDE for side in size) else (0.0, 0.0) for size in sizes]


def _draw(pdf: Any, wish: dict[str, Any]) -> bytes:
    import pypdfium2

    number = wish["page"]
    if not 1 <= number <= len(pdf):
        raise SourceError(f"{wish['name']} has no page {number}", "read its text")
    try:
        page = pdf[number - 1]
    except pypdfium2.PdfiumError as error:
        raise SourceError(f"page {number} of {wish['name']} cannot be drawn", "read its text") from error
    with closing(page):
        width, height = page.get_size()
        if not all(0 < side < _MAX_SIDE for side in (width, height)):
            raise SourceError(f"page {number} of {wish['name']} has no size", "read its text")
        scale = min(wish["width"] / width, _MAX_RATIO * wish["width"] / height)
        bitmap = page.render(scale=scale, may_draw_forms=False, limit_image_cache=True)
        picture = bitmap.to_pil().convert("RGB")
        for box in _find_boxes(page, wish["words"], picture.size):
            _mark(picture, box)
        return _compress(picture)


def _mark(picture: Any, box: _Box) -> None:
    """Lay a wash over a box as a marker pen does, with a line below it for those who see no colour."""
    from PIL import Image, ImageChops, ImageDraw

    part = picture.crop(box)
    picture.paste(ImageChops.multiply(part, Image.new("RGB", part.size, _WASH)), box[:2])
    left, _, right, bottom = box
    thick = max(1, picture.width // 480)
    ImageDraw.Draw(picture).rectangle((left, bottom - thick, right - 1, bottom - 1), fill=_LINE)


def _compress(picture: Any) -> bytes:
    """Return a picture as PNG; a grey one takes a third of the room."""
    written = io.BytesIO()
    (picture.convert("L") if _is_grey(picture) else picture).save(written, "PNG", compress_level=6)
    return written.getvalue()


def _is_grey(picture: Any) -> bool:
    from PIL import ImageChops

    red, green, blue = picture.split()
    return not any(ImageChops.difference(red, other).getbbox() for other in (green, blue))


def _find_boxes(page: Any, words: Sequence[str], size: tuple[int, int]) -> Iterator[_Box]:
    """Yield a box in the picture for each line of the words, as far as they are found on the page."""
    import pypdfium2

    if not words:
        return
    try:
        text = page.get_textpage()
    except pypdfium2.PdfiumError:
        return
    with closing(text):
        count = min(text.count_chars(), _MAX_CHARS)
        letters, places = _read_letters(text, count)
        for wanted in words:
            for low, high in _find_words(letters, wanted):
                first, last = places[low], places[high - 1]
                for at in range(text.count_rects(first, last - first + 1)):
                    box = _to_picture(page, text.get_rect(at), size)
                    if box[0] < box[2] and box[1] < box[3]:
                        yield box


def _read_letters(text: Any, count: int) -> tuple[str, list[int]]:
    """Return the letters and digits of a page, folded, and the place of each among the glyphs."""
    import pypdfium2.raw

    letters, places = [], []
    for at in range(count):
        for letter in fold_letters(chr(pypdfium2.raw.FPDFText_GetUnicode(text.raw, at))):
            letters.append(letter)
            places.append(at)
    return "".join(letters), places


def fold_letters(text: str) -> str:
    """Return the letters and digits of a text, folded: hyphens, spaces and marks fall between lines as they will."""
    return "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if char.isalnum())


def _find_words(letters: str, wanted: str) -> Iterator[tuple[int, int]]:
    """Yield where words stand: all of them, or else sentence by sentence."""
    needle = fold_letters(wanted)
    at = letters.find(needle) if len(needle) >= _MIN_LETTERS else -1
    if at >= 0:
        yield at, at + len(needle)
        return
    sentences = _split(wanted)
    if len(sentences) > 1:
        for sentence in sentences:
            yield from _find_words(letters, sentence)


def _split(text: str) -> list[str]:
    parts = [""]
    for word in text.split():
        parts[-1] = f"{parts[-1]} {word}"
        if word[-1] in _SENTENCE_END:
            parts.append("")
    return [part for part in parts if part.strip()]


def _to_picture(page: Any, rect: tuple[float, float, float, float], size: tuple[int, int]) -> _Box:
    """Return a box of a page, in points, as one of its picture, in whole pixels inside it."""
    import pypdfium2.raw

    corners = []
    for x, y in (rect[:2], rect[2:]):
        device_x, device_y = ctypes.c_int(), ctypes.c_int()
        pypdfium2.raw.FPDF_PageToDevice(page.raw, 0, 0, *size, 0, x, y, device_x, device_y)
        corners.append((device_x.value, device_y.value))
    (x0, y0), (x1, y1) = corners
    left, right = sorted((min(max(x0, 0), size[0]), min(max(x1, 0), size[0])))
    top, bottom = sorted((min(max(y0, 0), size[1]), min(max(y1, 0), size[1])))
    return max(0, left - 1), max(0, top - 1), min(size[0], right + 1), min(size[1], bottom + 2)
