"""Show a page about an index, with the frame of all pages."""

from dataclasses import replace

from fastapi import Request
from fastapi.responses import HTMLResponse

from index.bundle import Index
from web.compose_frame import compose_frame
from web.pages import Page
from web.render import render


def show(page: Page, request: Request, index: Index | None = None, *, status: int = 200) -> HTMLResponse:
    """Show a page, with what is known of the sources and markers of an index."""
    return render(replace(page, frame=compose_frame(request, index)), request, status=status)
