"""The pages for people; every one works without JavaScript."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from index.bundle import Index
from index.errors import DamagedIndexError, ForeignIndexError
from index.library import find_name, list_papers
from qa.answer import answer_question, parse_locator
from qa.audits import load_audits
from qa.retrieve import SourceFilter
from qa.styles import DEFAULT_STYLE
from web.addresses import own_path, read_back
from web.compose import compose_home, compose_papers, compose_sources, name_window
from web.compose_answer import compose_answer
from web.compose_audit import compose_citations
from web.compose_cite import compose_cite
from web.compose_document import compose_document
from web.compose_frame import THEME_COOKIE, compose_frame
from web.easel import get_easel
from web.frame import Theme
from web.pages import ApiPage, Page
from web.parts import Link
from web.render import render
from web.sheets import list_sheets
from web.state import PAPER_COOKIE, IndexInForce, SettingsInForce, get_index
from web.texts import say
from web.view import View
from web.wanted import Wanted

_METHODS = ["GET", "HEAD"]
_YEAR_S = 365 * 24 * 3600

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class PageQuestion:
    """What the ask box sends; its values are checked where they are used."""

    q: str = ""
    k: int = 5
    source: SourceFilter = "all"


@dataclass(frozen=True, slots=True)
class PageSpans:
    """What is marked in a document: a passage, `at` or from `start` to `end`, and the words in it, `mark`.

    `digest`, which an address calls `is`, tells which words they were when the address was made. `find` is searched
    for; of the places where it stands, `n` is gone to. `back`, which an address calls `from`, is where the reader was.
    """

    at: str | None = None
    start: str | None = None
    end: str | None = None
    mark: str | None = None
    digest: Annotated[str | None, Query(alias="is")] = None
    find: Annotated[str, Query(max_length=200)] = ""
    n: Annotated[int, Query(ge=1, le=10_000)] = 1
    back: Annotated[str | None, Query(alias="from")] = None

    @property
    def passage(self) -> str | None:
        """The passage's span, as it stands in a locator."""
        return self.at if self.start is None and self.end is None else f"{self.start}-{self.end}"

    @property
    def kept(self) -> tuple[tuple[str, str], ...]:
        """What stays in the address of the page while something is searched for."""
        fields = {"at": self.passage, "mark": self.mark, "is": self.digest, "from": read_back(self.back)}
        return tuple((name, value) for name, value in fields.items() if value is not None)


@dataclass(frozen=True, slots=True)
class PageCite:
    """What is to be cited; `other` names a style that is not among those to choose from."""

    at: Annotated[list[str], Query(default_factory=list)]
    style: str = DEFAULT_STYLE
    other: str = ""
    bibliography: bool = False


def _show(page: Page, request: Request, index: Index, *, status: int = 200) -> HTMLResponse:
    """Show a page about an index, with what is known of its sources and markers."""
    return render(replace(page, frame=compose_frame(request, index)), request, status=status)


@router.api_route("/", methods=_METHODS)
def show_home(request: Request, index: IndexInForce) -> HTMLResponse:
    """Show the paper's card."""
    return _show(compose_home(index), request, index)


@router.api_route("/ask", methods=_METHODS)
def show_answer(
    request: Request, index: IndexInForce, settings: SettingsInForce, asked: Annotated[PageQuestion, Depends()]
) -> HTMLResponse:
    """Show the answer to a question, as a page or, for htmx, without what is around it."""
    answer = answer_question(index, asked.q, settings, k=asked.k, source=asked.source)
    return _show(compose_answer(index, answer, k=asked.k, source=asked.source), request, index)


@router.api_route("/documents/{document}", methods=_METHODS)
def show_document(
    request: Request,
    index: IndexInForce,
    settings: SettingsInForce,
    document: str,
    spans: Annotated[PageSpans, Depends()],
) -> HTMLResponse:
    """Show a whole document, with a passage and a highlight in it marked."""
    passage, highlight = (_find_span(index, document, span, spans.digest) for span in (spans.passage, spans.mark))
    view = View(passage, highlight, spans.digest, spans.find, spans.n, fields=spans.kept)
    text, audit = index.corpus.load_document(document), load_audits(index, settings).get(document)
    back = Link(say("reader.back"), address) if (address := read_back(spans.back)) else None
    sheets = list_sheets(get_easel(request).facsimiles, index, text, view)
    return _show(compose_document(text, view, audit=audit, back=back, sheets=sheets), request, index)


def _find_span(index: Index, document: str, span: str | None, digest: str | None) -> tuple[int, int] | None:
    """Return the span that an address names, if it names one.

    Raises:
        LocatorError: It is no span, or no text of the document; but for one with a digest, the page itself says that.
    """
    if span is None:
        return None
    name, start, end = parse_locator(f"{document}:{span}")
    if digest is None:
        index.corpus.find_place(name, start, end)
    return start, end


@router.api_route("/sources", methods=_METHODS)
def show_sources(request: Request, settings: SettingsInForce) -> HTMLResponse:
    """Show the papers of the home, and what the open one cites; where that cannot be opened, the others can."""
    papers = () if settings.index else list_papers(settings)
    try:
        index = get_index(request)
        return _show(compose_sources(index, papers), request, index)
    except (DamagedIndexError, ForeignIndexError) as error:
        if len(papers) < 2:  # noqa: PLR2004 - there is no other
            raise
        return render(replace(compose_papers(papers, str(error)), frame=compose_frame(request)), request)


@router.api_route("/citations", methods=_METHODS)
def show_citations(request: Request, index: IndexInForce, settings: SettingsInForce) -> HTMLResponse:
    """Show what is wrong with the paper's citations."""
    return _show(compose_citations(index, settings), request, index)


@router.api_route("/cite", methods=_METHODS)
def show_cite(
    request: Request, index: IndexInForce, settings: SettingsInForce, asked: Annotated[PageCite, Depends()]
) -> HTMLResponse:
    """Show how to cite sources, or the bibliography of the paper as its text means it."""
    wanted = Wanted(asked.at, asked.other.strip() or asked.style, asked.bibliography)
    page = compose_cite(index, settings, wanted)
    return _show(page, request, index, status=422 if page.trouble else 200)


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
    schema = str(request.app.openapi_url)
    page = ApiPage(title=name_window(say("page.api")), question="", schema=schema, frame=compose_frame(request))
    return render(page, request)
