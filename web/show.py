"""Show a page with the frame of all pages, and open a document as an address names it."""

from collections.abc import Sequence
from dataclasses import replace

from fastapi import Request
from fastapi.responses import HTMLResponse

from index.bundle import Index
from qa.audits import load_audit
from web.compose_document import compose_document_part
from web.compose_frame import compose_frame, compose_open_frame
from web.easel import get_easel
from web.pages import Page
from web.reader_parts import DocumentPart
from web.render import render
from web.sheets import list_sheets
from web.spans import PageSpans, find_span
from web.state import get_settings
from web.view import View


def show(page: Page, request: Request, index: Index | None = None, *, status: int = 200) -> HTMLResponse:
    """Show a page, with what is known of the sources and markers of an index, by default of the open paper's."""
    frame = compose_frame(request, index) if index else compose_open_frame(request)
    return render(replace(page, frame=frame), request, status=status)


def open_document(
    request: Request,
    index: Index,
    name: str,
    spans: PageSpans,
    *,
    path: str = "",
    kept: Sequence[tuple[str, str]] = (),
    depth: int = 1,
) -> DocumentPart:
    """Return a document of an index with what an address names marked in it.

    Args:
        request: For what is shared by all.
        index: Holds the document.
        name: Its id.
        spans: What is marked, and searched for.
        path: As in `View`.
        kept: Further fields of the address.
        depth: As in `View`.

    Raises:
        LocatorError: There is no such document or place.
    """
    passage, highlight = (find_span(index, name, span, spans.digest) for span in (spans.passage, spans.mark))
    fields = (*kept, *spans.kept)
    view = View(passage, highlight, spans.digest, spans.find, spans.n, path=path, fields=fields, depth=depth)
    text, audit = index.corpus.load_document(name), load_audit(index, name, get_settings(request))
    sheets = list_sheets(get_easel(request).facsimiles, index, text, view)
    return compose_document_part(text, view, audit=audit, sheets=sheets)
