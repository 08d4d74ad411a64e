"""The page of sources, and what readers may do to the texts of what a paper cites: fetch, send and remove them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from index.errors import DamagedIndexError, ForeignIndexError, IbidError, NoIndexError, PaperError, SourceError
from index.library import has_paper, list_papers
from index.settings import Settings
from web.addresses import job_url
from web.compose_sources import SourcesView, compose_papers_alone, compose_sources
from web.job import Task
from web.show import show
from web.state import JobsInForce, SettingsInForce, check_may_add, get_index, get_live, get_settings, may_add
from web.texts import say
from web.uploads import Sent, read_form

_METHODS = ["GET", "HEAD"]
_SEE_OTHER = 303

router = APIRouter(include_in_schema=False)
_checked = [Depends(check_may_add)]
PaperField = Annotated[str, Form()]
NumberField = Annotated[str, Form(max_length=100)]


@router.api_route("/sources", methods=_METHODS)
def show_sources(request: Request, settings: SettingsInForce, state: str = "") -> HTMLResponse:
    """Show what the open paper cites, and the papers of the home; where that cannot be opened, the others can."""
    try:
        index = get_index(request)
    except (DamagedIndexError, ForeignIndexError, NoIndexError) as error:
        papers = () if settings.index else list_papers(settings)
        is_bare = isinstance(error, NoIndexError) and settings.index is None
        if len(papers) < 2 and not is_bare:  # noqa: PLR2004 - there is no other
            raise
        trouble = "" if is_bare else str(error)
        return show(compose_papers_alone(settings, "", trouble, may_add=may_add(request)), request)
    return show(compose_sources(index, settings, SourcesView(state, may_add(request))), request, index)


@router.post("/sources/fetch", dependencies=_checked)
def fetch(
    jobs: JobsInForce, settings: SettingsInForce, paper: PaperField, number: NumberField = ""
) -> RedirectResponse:
    """Begin to fetch the works that a paper cites, or one of them."""
    check_paper(settings, paper)
    job = jobs.start(Task("fetch", paper, number=number))
    return RedirectResponse(job_url(job.id), _SEE_OTHER)


@router.post("/sources/forget", dependencies=_checked)
def forget(jobs: JobsInForce, settings: SettingsInForce, paper: PaperField, number: NumberField) -> RedirectResponse:
    """Begin to remove the text of a work that a paper cites."""
    check_paper(settings, paper)
    return RedirectResponse(job_url(jobs.start(Task("forget", paper, number=number)).id), _SEE_OTHER)


@router.post("/sources/texts", dependencies=_checked)
async def take_text(
    request: Request, jobs: JobsInForce, settings: SettingsInForce, paper: str, number: str
) -> Response:
    """Begin to take a file as the text of a work that a paper cites; what cannot be taken is told at its entry.

    The address names the entry, for of a file that is too large the form is not read.
    """
    await run_in_threadpool(check_paper, settings, paper)
    sent = Sent({}, None, "")
    try:
        sent = await read_form(request, jobs, settings)
        if sent.file is None:
            raise SourceError(say("refusal.no_file.message"), say("refusal.no_file.hint"))
        job = jobs.start(Task("text", paper, file=str(sent.file), name=sent.name, number=number))
    except IbidError as error:
        if sent.file:
            jobs.discard(sent.file)
        view = SourcesView(may_add=True, number=number, error=error)
        return await run_in_threadpool(_show_trouble, request, paper, view)
    return RedirectResponse(job_url(job.id), _SEE_OTHER)


def _show_trouble(request: Request, paper: str, view: SourcesView) -> HTMLResponse:
    index = get_live(request).get(paper)
    status = view.error.http_status if view.error else 200
    return show(compose_sources(index, get_settings(request), view), request, index, status=status)


def check_paper(settings: Settings, name: str) -> None:
    """Raise PaperError unless a paper of this very name is served."""
    if settings.index is None and not has_paper(settings, name):
        raise PaperError(name, [paper.name for paper in list_papers(settings)])
    if settings.index is not None and settings.index.name != name:
        raise PaperError(name, [settings.index.name])
