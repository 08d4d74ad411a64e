"""The papers of the home, and what readers may do to them: add one, complete it with what it cites, remove it."""

from dataclasses import replace
from typing import Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from index.address import parse_address
from index.build import remove_paper
from index.errors import AddingOffError, IbidError, NoIndexError, PaperError, SourceError
from index.library import has_paper, list_papers, read_in_use
from index.settings import Settings
from web.addresses import job_url
from web.compose_frame import compose_open_frame
from web.compose_papers import compose_papers, compose_removal
from web.job import Task
from web.pages import Page
from web.render import render
from web.state import PAPER_COOKIE, JobsInForce, SettingsInForce, check_may_add, get_jobs, get_settings, may_add
from web.texts import say
from web.uploads import Sent, read_form

_METHODS = ["GET", "HEAD"]
_SEE_OTHER = 303

router = APIRouter(include_in_schema=False)
_checked = [Depends(check_may_add)]


@router.api_route("/papers", methods=_METHODS)
def show_papers(request: Request) -> HTMLResponse:
    """Show the papers of the home, and how to add one."""
    return _show_papers(request)


def _show_papers(request: Request, error: IbidError | None = None, address: str = "") -> HTMLResponse:
    settings = get_settings(request)
    page = compose_papers(
        settings,
        get_jobs(request).list_unfinished(),
        is_open=_name_open(request, settings),
        may_add=may_add(request),
        error=error,
        address=address,
    )
    return _show(page, request, error)


def _show(page: Page, request: Request, error: IbidError | None = None) -> HTMLResponse:
    framed = replace(page, frame=compose_open_frame(request))
    return render(framed, request, status=error.http_status if error else 200)


def _name_open(request: Request, settings: Settings) -> str:
    """Return the name of the paper that this browser has open; empty where there is none."""
    chosen = request.cookies.get(PAPER_COOKIE, "")
    try:
        return chosen if has_paper(settings, chosen) else read_in_use(settings)
    except NoIndexError:
        return ""


@router.post("/papers", dependencies=_checked)
async def add_paper(request: Request, jobs: JobsInForce, settings: SettingsInForce) -> Response:
    """Begin to add a paper, and show how far that is; what cannot be added is told where it was asked for."""
    sent = Sent({}, None, "")
    try:
        sent = await read_form(request, jobs, settings)
        job = jobs.start(_read_wish(sent, settings))
    except IbidError as error:
        if sent.file:
            jobs.discard(sent.file)
        return await run_in_threadpool(_show_papers, request, error, sent.get("address"))
    return RedirectResponse(job_url(job.id), _SEE_OTHER)


def _read_wish(sent: Sent, settings: Settings) -> Task:
    """Return what a form wishes to be added.

    Raises:
        SourceError: It names nothing, two things, or no address.
        AddingOffError: The server answers from one index alone.
    """
    if settings.index:
        raise AddingOffError(say("add.one_index"))
    address = sent.get("address")
    if bool(sent.file) == bool(address):
        raise _refuse("both" if address else "nothing")
    if sent.file:
        return Task("add", file=str(sent.file), name=sent.name)
    if parse_address(address) is None:
        raise _refuse("no_address")
    return Task("add", address=address)


def _refuse(name: Literal["nothing", "both", "no_address"]) -> SourceError:
    match name:
        case "nothing":
            return SourceError(say("refusal.nothing.message"), say("refusal.nothing.hint"))
        case "both":
            return SourceError(say("refusal.both.message"), say("refusal.both.hint"))
        case "no_address":
            return SourceError(say("refusal.no_address.message"), say("refusal.no_address.hint"))


@router.api_route("/papers/{name}/remove", methods=_METHODS, dependencies=_checked)
def ask_to_remove(request: Request, settings: SettingsInForce, name: str) -> HTMLResponse:
    """Ask whether a paper is to be removed."""
    _check_name(settings, name)
    return _show(compose_removal(settings, name), request)


@router.post("/papers/{name}/remove", dependencies=_checked)
def remove(settings: SettingsInForce, name: str) -> RedirectResponse:
    """Remove a paper with its index and all texts that were fetched for it."""
    _check_name(settings, name)
    remove_paper(settings, name)
    return RedirectResponse("/papers", _SEE_OTHER)


def _check_name(settings: Settings, name: str) -> None:
    """Raise PaperError where the home has no paper of this name."""
    if settings.index or not has_paper(settings, name):
        raise PaperError(name, [] if settings.index else [paper.name for paper in list_papers(settings)])
