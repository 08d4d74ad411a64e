"""Make the pages of the papers of a home, and the form that adds one."""

from collections.abc import Sequence

from index.errors import IbidError
from index.library import list_papers, load_paper
from index.settings import Settings
from web.addresses import job_url, paper_url, removal_url
from web.compose import SITE, make_sentence, name_window
from web.compose_jobs import name_work
from web.job_parts import AddForm
from web.jobs import Job
from web.pages import EmptyPage, PapersPage, RemovePage
from web.parts import Link, PaperChoice
from web.texts import say


def compose_papers(
    settings: Settings,
    unfinished: Sequence[Job],
    *,
    is_open: str,
    may_add: bool,
    error: IbidError | None = None,
    address: str = "",
) -> PapersPage:
    """Return the papers of the home.

    Args:
        settings: Which home.
        unfinished: Works that wait or run.
        is_open: The name of the paper that this browser has open.
        may_add: Whether papers may be added.
        error: Why the last one was not, if one was to be.
        address: What was typed then.
    """
    return PapersPage(
        title=name_window(say("papers.heading")),
        question="",
        papers=list_choices(settings, is_open=is_open, may_remove=may_add),
        works=tuple(Link(name_work(job), job_url(job.id)) for job in unfinished),
        add=make_form(settings, error, address) if may_add and settings.index is None else None,
    )


def list_choices(settings: Settings, *, is_open: str, may_remove: bool) -> tuple[PaperChoice, ...]:
    """Return the papers of the home that are read; one that was begun and never read has no title."""
    papers = [] if settings.index else [paper for paper in list_papers(settings) if paper.title]
    return tuple(
        PaperChoice(
            title=paper.title,
            name=paper.name,
            url=paper_url(paper.name),
            remove=removal_url(paper.name) if may_remove else "",
            is_open=paper.name == is_open,
        )
        for paper in papers
    )


def make_form(settings: Settings, error: IbidError | None = None, address: str = "") -> AddForm:
    """Return the form that adds a paper, with what went wrong and what was typed."""
    return AddForm(
        address=address,
        size=say("add.size", megabytes=settings.upload_max_bytes // 1_000_000),
        trouble=make_sentence(error.message) if error else "",
        hint=make_sentence(error.hint) if error else "",
    )


def compose_removal(settings: Settings, name: str) -> RemovePage:
    """Return the question whether a paper is to be removed."""
    title = load_paper(settings.papers_folder / name).title or name
    return RemovePage(
        title=name_window(say("papers.remove_paper", title=title)),
        question="",
        heading=say("papers.remove_paper", title=title),
        words=say("papers.remove_words"),
        action=removal_url(name),
        back="/papers",
    )


def compose_empty(settings: Settings, unfinished: Sequence[Job], *, may_add: bool) -> EmptyPage:
    """Return the first view of a home without a paper."""
    return EmptyPage(
        title=SITE,
        question="",
        works=tuple(Link(name_work(job), job_url(job.id)) for job in unfinished),
        add=make_form(settings) if may_add else None,
    )
