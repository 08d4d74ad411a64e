"""The pages for people; every one works without JavaScript."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from index.library import find_name
from qa.styles import DEFAULT_STYLE
from web.addresses import own_path, read_back
from web.compose import name_window
from web.compose_audit import compose_citations
from web.compose_cite import compose_cite
from web.compose_document import compose_document
from web.compose_frame import THEME_COOKIE
from web.frame import Theme
from web.pages import ApiPage
from web.parts import Link
from web.show import open_document, show
from web.spans import PageSpans
from web.state import PAPER_COOKIE, IndexInForce, SettingsInForce
from web.texts import say
from web.wanted import Wanted

_METHODS = ["GET", "HEAD"]
_YEAR_S = 365 * 24 * 3600

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class PageCite:
    """What is to be cited; `other` names a style that is not among those to choose from."""

    at: Annotated[list[str], Query(default_factory=list)]
    style: str = DEFAULT_STYLE
    other: str = ""
    bibliography: bool = False


@router.api_route("/documents/{document}", methods=_METHODS)
def show_document(
    request: Request, index: IndexInForce, document: str, spans: Annotated[PageSpans, Depends()]
) -> HTMLResponse:
    """Show a whole document, with a passage and a highlight in it marked."""
    back = Link(say("reader.back"), address) if (address := read_back(spans.back)) else None
    return show(compose_document(open_document(request, index, document, spans), back), request, index)


@router.api_route("/citations", methods=_METHODS)
def show_citations(request: Request, index: IndexInForce, settings: SettingsInForce) -> HTMLResponse:
    """Show what is wrong with the paper's citations."""
    return show(compose_citations(index, settings), request, index)


@router.api_route("/cite", methods=_METHODS)
def show_cite(
    request: Request, index: IndexInForce, settings: SettingsInForce, asked: Annotated[PageCite, Depends()]
) -> HTMLResponse:
    """Show how to cite sources, or the bibliography of the paper as its text means it."""
    wanted = Wanted(asked.at, asked.other.strip() or asked.style, asked.bibliography)
    page = compose_cite(index, settings, wanted)
    return show(page, request, index, status=422 if page.trouble else 200)


@router.get("/papers/{name}")
def open_paper(settings: SettingsInForce, name: str) -> RedirectResponse:
    """Open a paper of the home in this browser, and go to its card."""
    answer = RedirectResponse("/", status_code=303)
    answer.set_cookie(PAPER_COOKIE, find_name(settings, name), httponly=True, samesite="strict")
    return answer


@router.post("/theme")
def choose_theme(theme: Annotated[Theme, Form()], here: Annotated[str, Form()] = "/") -> RedirectResponse:
    """Show all pages in light, in dark or as the system has it, and go back to where the reader was."""
    answer = RedirectResponse(own_path(here), status_code=303)
    answer.set_cookie(THEME_COOKIE, theme, max_age=_YEAR_S, httponly=True, samesite="strict")
    return answer


@router.api_route("/docs", methods=_METHODS)
def show_api(request: Request) -> HTMLResponse:
    """Show the description of the API."""
    return show(ApiPage(name_window(say("page.api")), "", str(request.app.openapi_url)), request)
