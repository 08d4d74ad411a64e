"""The pages for people; every one works without JavaScript."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from index.bundle import Index
from index.errors import DamagedIndexError, ForeignIndexError
from index.library import find_name, list_papers
from qa.answer import answer_question, parse_locator
from qa.retrieve import SourceFilter
from web.compose import SITE, compose_answer, compose_document, compose_home, compose_papers, compose_sources
from web.pages import ApiPage
from web.render import render
from web.state import PAPER_COOKIE, IndexInForce, SettingsInForce, get_index

_METHODS = ["GET", "HEAD"]

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

    `digest`, which an address calls `is`, tells which words they were when the address was made.
    """

    at: str | None = None
    start: str | None = None
    end: str | None = None
    mark: str | None = None
    digest: Annotated[str | None, Query(alias="is")] = None

    @property
    def passage(self) -> str | None:
        """The passage's span, as it stands in a locator."""
        return self.at if self.start is None and self.end is None else f"{self.start}-{self.end}"


@router.api_route("/", methods=_METHODS)
def show_home(request: Request, index: IndexInForce) -> HTMLResponse:
    """Show the paper's card."""
    return render(compose_home(index), request)


@router.api_route("/ask", methods=_METHODS)
def show_answer(
    request: Request, index: IndexInForce, settings: SettingsInForce, asked: Annotated[PageQuestion, Depends()]
) -> HTMLResponse:
    """Show the answer to a question, as a page or, for htmx, without what is around it."""
    answer = answer_question(index, asked.q, settings, k=asked.k, source=asked.source)
    return render(compose_answer(index, answer, k=asked.k, source=asked.source), request)


@router.api_route("/documents/{document}", methods=_METHODS)
def show_document(
    request: Request, index: IndexInForce, document: str, spans: Annotated[PageSpans, Depends()]
) -> HTMLResponse:
    """Show a whole document, with a passage and a highlight in it marked."""
    passage, highlight = (_find_span(index, document, span, spans.digest) for span in (spans.passage, spans.mark))
    return render(
        compose_document(index.corpus.load_document(document), passage, highlight, digest=spans.digest), request
    )


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
        page = compose_sources(get_index(request), papers)
    except (DamagedIndexError, ForeignIndexError) as error:
        if len(papers) < 2:  # noqa: PLR2004 - there is no other
            raise
        page = compose_papers(papers, str(error))
    return render(page, request)


@router.get("/papers/{name}")
def open_paper(settings: SettingsInForce, name: str) -> RedirectResponse:
    """Open a paper of the home in this browser, and go to its card."""
    answer = RedirectResponse("/", status_code=303)
    answer.set_cookie(PAPER_COOKIE, find_name(settings, name), httponly=True, samesite="strict")
    return answer


@router.api_route("/docs", methods=_METHODS)
def show_api(request: Request) -> HTMLResponse:
    """Show the description of the API."""
    schema = str(request.app.openapi_url)
    return render(ApiPage(title=f"API · {SITE}", question="", schema=schema), request)
