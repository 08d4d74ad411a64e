"""Make the page of a long work, which says how far it is, and in the end what to do next."""

from collections.abc import Mapping, Sequence

from index.settings import Settings
from web.addresses import job_url, paper_url, sources_url
from web.compose import make_sentence, name_window
from web.job import TaskKind
from web.job_parts import AddForm, FetchForm, Step
from web.jobs import Failure, Job
from web.pages import JobPage
from web.parts import Link
from web.texts import say

_BUILD = ("model", "read", "encode", "write", "audit")
_STAGES: Mapping[TaskKind, Sequence[str]] = {
    "add": _BUILD,
    "fetch": ("fetch", *_BUILD),
    "text": _BUILD,
    "forget": _BUILD,
}
# Failures of which a page says better than a command line what to do.
_HINTS = frozenset({"network", "build_running"})


def compose_job(job: Job, settings: Settings) -> JobPage:
    """Return a work as it stands."""
    failure = job.failure if job.state == "failed" else None
    return JobPage(
        title=name_window(name_work(job)),
        question="",
        heading=say(f"job.kind.{job.task.kind}"),
        about=_name_subject(job),
        state=job.state,
        told=tell(job),
        steps=list_steps(job),
        events=job_url(job.id, "events"),
        cancel="" if job.is_finished else job_url(job.id, "cancel"),
        failure=make_sentence(failure.message) if failure else "",
        hint=_hint(failure) if failure else "",
        made=_lead_on(job) if job.state == "done" else None,
        paper=job.title,
        fetch=_offer_fetch(job),
        add=_offer_form(job, settings),
    )


def name_work(job: Job) -> str:
    """Return what a work does, in a few words."""
    return say("job.name", what=say(f"job.kind.{job.task.kind}"), about=_name_subject(job))


def _name_subject(job: Job) -> str:
    """Return what a work is about: an address, a file, or entries of a paper."""
    task = job.task
    if task.kind == "add":
        return task.address or task.name
    if task.number:
        return say("job.entry", number=task.number, paper=task.paper)
    return task.paper


def tell(job: Job) -> str:
    """Return how a work stands, in a sentence."""
    if job.state == "running" and job.stages:
        return say(f"job.now.{job.stages[-1]}")
    if job.state == "cancelled":
        return say("job.cancelled_fetch" if job.task.kind == "fetch" else "job.cancelled")
    return say(f"job.is.{job.state}")


def list_steps(job: Job) -> tuple[Step, ...]:
    """Return the steps of a work, each with its state."""
    stages = ("fetch", *_BUILD) if job.task.address else _STAGES[job.task.kind]
    return tuple(Step(say(f"job.stage.{stage}"), _find_state(job, stage), _count(job, stage)) for stage in stages)


def _find_state(job: Job, stage: str) -> str:
    if job.state == "done":
        return "done"
    if stage not in job.stages:
        return "waiting"
    if stage != job.stages[-1]:
        return "done"
    return "now" if job.state == "running" else "failed"


def _count(job: Job, stage: str) -> str:
    if not job.stages or stage != job.stages[-1] or not job.total or job.is_finished:
        return ""
    return say("job.count", done=min(job.done, job.total), total=job.total)


def _hint(failure: Failure) -> str:
    return say(f"job.hint.{failure.kind}") if failure.kind in _HINTS else make_sentence(failure.hint)


def _lead_on(job: Job) -> Link:
    """Return where to see what was made: the new paper, or what became of what a paper cites."""
    if job.task.kind == "add":
        return Link(say("job.open"), paper_url(job.paper))
    return Link(say("job.see"), sources_url())


def _offer_fetch(job: Job) -> FetchForm | None:
    """Return the next thing to do with a new paper; of a fetch that did not end well, the same again."""
    if job.state == "done" and job.task.kind == "add":
        return FetchForm(job.paper, "", say("job.fetch_cited"))
    if job.state in {"failed", "cancelled"} and job.task.kind == "fetch":
        return FetchForm(job.task.paper, job.task.number, say("job.again"))
    return None


def _offer_form(job: Job, settings: Settings) -> AddForm | None:
    """Return the form for another try where a paper could not be added, with what was typed."""
    if job.task.kind != "add" or job.state not in {"failed", "cancelled"}:
        return None
    return AddForm(job.task.address, say("add.size", megabytes=settings.upload_max_bytes // 1_000_000), "", "")
