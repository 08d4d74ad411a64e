"""Pictures of printed pages over HTTP."""

import hashlib
import re
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from index.bundle import Index
from index.errors import LocatorError
from index.originals import find_original
from index.pdf.facsimile import Original
from qa.answer import parse_locator
from web.easel import get_easel
from web.sheets import cut_by_page
from web.state import IndexInForce

# Raised when pages are drawn in another way, so that browsers ask for them anew.
_STYLE = 1
_PAGE = re.compile(r"\d{1,9}", re.ASCII)

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class PagePicture:
    """How a page is to be drawn: in pixels, and with which words of the document marked."""

    width: Annotated[Literal["480", "960", "1440"], Query()] = "480"
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class _Plate:
    """A page to be drawn, and what tells its picture from others."""

    original: Original
    number: int
    width: int
    words: tuple[str, ...]

    @property
    def etag(self) -> str:
        told = repr((_STYLE, self.original.sha256, self.number, self.width, self.words))
        return f'"{hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'


@router.api_route("/documents/{document}/pages/{number}.png", methods=["GET", "HEAD"])
async def show_page(
    request: Request, index: IndexInForce, document: str, number: str, asked: Annotated[PagePicture, Depends()]
) -> Response:
    """Show a printed page of a document as a picture."""
    plate = await run_in_threadpool(_find_plate, index, document, number, asked)
    headers = {"etag": plate.etag}
    if plate.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    drawn = await get_easel(request).draw(plate.original, plate.number, plate.width, plate.words)
    return Response(drawn, media_type="image/png", headers=headers)


def _find_plate(index: Index, document: str, number: str, asked: PagePicture) -> _Plate:
    """Return the page that an address names.

    Raises:
        LocatorError: There is no such document or span, no PDF of it, or no number where that of a page should be.
    """
    original = find_original(index, index.corpus.load_work(document))
    if original is None or not index.corpus.has_pages(document) or not _PAGE.fullmatch(number):
        raise LocatorError(f"{document}, page {number}")
    page = int(number)
    words = _find_words(index, document, page, asked.mark) if asked.mark else ()
    return _Plate(original, page, int(asked.width), words)


def _find_words(index: Index, document: str, number: int, mark: str) -> tuple[str, ...]:
    """Return what of a span stands on a page, a paragraph each."""
    _, start, end = parse_locator(f"{document}:{mark}")
    place = index.corpus.find_place(document, start, end)
    parts = [span for page, span in cut_by_page(place.pages, (start, end)) if page == number]
    texts = (place.passage.text[low - start : high - start] for low, high in parts)
    return tuple(paragraph for text in texts for paragraph in text.split("\n\n") if paragraph.strip())
