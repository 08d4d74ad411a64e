"""The printed pages of a document beside its text: where each begins in it, and the addresses of its pictures."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from urllib.parse import urlencode

from index.bundle import Index
from index.errors import IbidError
from index.model import Document, Span
from index.originals import find_original
from index.pdf.facsimile import WIDTHS, Facsimiles
from qa.links import document_url
from web.reader_parts import Sheet
from web.texts import say
from web.view import View

_SHOWN_WIDTH = WIDTHS[0]


def list_sheets(facsimiles: Facsimiles, index: Index, document: Document, view: View) -> tuple[Sheet, ...]:
    """Return the pages of the PDF that a document was read from; none where there is none, or it cannot be drawn.

    Args:
        facsimiles: Draws them.
        index: Holds the document.
        document: Whose pages they are.
        view: What is marked in it is marked on its pages as well.
    """
    original = find_original(index, document.work) if document.pages else None
    if original is None:
        return ()
    try:
        sizes = facsimiles.measure(original)
    except IbidError:
        return ()
    marked = view.highlight or view.passage
    touched = {page for page, _ in cut_by_page(document.pages, marked)} if marked else set()
    return tuple(
        _make_sheet(document, number, size, marked if number in touched else None)
        for number, size in enumerate(sizes, 1)
        if all(size)
    )


def cut_by_page(pages: Sequence[Span], span: Span) -> Iterator[tuple[int, Span]]:
    """Yield the pages that a span touches, each with what of the span stands on it.

    Args:
        pages: Where pages begin and their numbers, as in `Document.pages`.
        span: In the same text.

    Yields:
        The number of a page, and a span of the text.
    """
    start, end = span
    for (low, number), (high, _) in pairwise([*pages, (end, 0)]):
        if max(low, start) < min(high, end):
            yield number, (max(low, start), min(high, end))


def find_page(pages: Sequence[Span], offset: int) -> int:
    """Return the number of the page on which a place of a text stands; 0 before the first."""
    at = bisect_right(pages, offset, key=lambda page: page[0])
    return pages[at - 1][1] if at else 0


def _make_sheet(document: Document, number: int, size: tuple[float, float], marked: Span | None) -> Sheet:
    width, height = size
    return Sheet(
        number=number,
        title=say("reader.page_of", page=number, title=document.work.title),
        pictures=tuple((_picture_url(document.work.id, number, pixels, marked), pixels) for pixels in WIDTHS),
        width=_SHOWN_WIDTH,
        height=round(_SHOWN_WIDTH * height / width),
    )


def _picture_url(document: str, number: int, width: int, marked: Span | None) -> str:
    fields = {"width": width} | ({"mark": f"{marked[0]}-{marked[1]}"} if marked else {})
    return f"{document_url(document)}/pages/{number}.png?{urlencode(fields)}"
