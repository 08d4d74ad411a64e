"""Make the frame of a page from the request and the index in force."""

from fastapi import Request

from index.bundle import Index
from index.errors import IbidError
from web.compose_audit import count_wrong
from web.frame import THEMES, Frame, Theme
from web.state import get_index, get_settings

THEME_COOKIE = "ibid_theme"


def compose_frame(request: Request, index: Index | None = None) -> Frame:
    """Return the frame of a page, without counts where there is no index to count in."""
    theme: Theme = next((each for each in THEMES if each == request.cookies.get(THEME_COOKIE)), "auto")
    wrong, held, entries = 0, 0, 0
    if index:
        wrong = count_wrong(index, get_settings(request))
        held, entries = index.corpus.held_references
    return Frame(
        wrong=wrong,
        sources=f"{held}/{entries}" if entries else "",
        theme=theme,
        next_theme=THEMES[(THEMES.index(theme) + 1) % len(THEMES)],
        here=_name_address(request),
    )


def compose_open_frame(request: Request) -> Frame:
    """Return the frame of a page that is shown whether or not the open paper has an index."""
    try:
        return compose_frame(request, get_index(request))
    except IbidError:
        return compose_frame(request)


def _name_address(request: Request) -> str:
    """Return the path and query of a page; a form's own address is none to come back to."""
    if request.method not in {"GET", "HEAD"}:
        return "/"
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path
