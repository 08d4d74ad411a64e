"""The page of a long work, its progress as a stream of events, and the button that ends it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse
from fastapi.sse import format_sse_event

from web.addresses import job_url
from web.compose_frame import compose_open_frame
from web.compose_jobs import compose_job
from web.errors import answer_fault, own_fault
from web.jobs import Job, Jobs
from web.render import render, render_block
from web.state import PAPER_COOKIE, JobsInForce, SettingsInForce, check_may_add, get_settings
from web.stream import MEDIA_TYPE

_METHODS = ["GET", "HEAD"]
_SEE_OTHER = 303
_LOOK_EVERY_S = 0.2
# A browser asks again by itself; so no stream is left behind for long, nor keeps a server from ending.
_STREAM_S = 20.0

router = APIRouter(include_in_schema=False)


@router.api_route("/jobs/{name}", methods=_METHODS)
def show_job(request: Request, jobs: JobsInForce, settings: SettingsInForce, name: str) -> Response:
    """Show how far a work is; a paper that was added is open in this browser from then on."""
    job = jobs.find(name)
    if job is None:
        return answer_fault(request, own_fault(404, "old_job"))
    answer = render(replace(compose_job(job, settings), frame=compose_open_frame(request)), request)
    if job.state == "done" and job.task.kind == "add":
        answer.set_cookie(PAPER_COOKIE, job.paper, httponly=True, samesite="strict")
    return answer


@router.get("/jobs/{name}/events")
async def follow_job(request: Request, jobs: JobsInForce, name: str) -> Response:
    """Stream how far a work is: `step` in words when another step begins, the steps when anything changes, `end`."""
    if jobs.find(name) is None:
        return answer_fault(request, own_fault(404, "old_job"))
    events = _watch(jobs, name, request)
    return StreamingResponse(events, media_type=MEDIA_TYPE, headers={"x-accel-buffering": "no"})


async def _watch(jobs: Jobs, name: str, request: Request) -> AsyncIterator[bytes]:
    shown: Job | None = None
    told = ""
    until = asyncio.get_running_loop().time() + _STREAM_S
    while (job := jobs.find(name)) and asyncio.get_running_loop().time() < until:
        if job != shown:
            page = compose_job(job, get_settings(request))
            if page.told != told:
                yield format_sse_event(event="step", data_str=page.told)
            yield format_sse_event(event="message", data_str=render_block(page, "progress"))
            shown, told = job, page.told
        if job.is_finished:
            yield format_sse_event(event="end", data_str=job.state)
            return
        await asyncio.sleep(_LOOK_EVERY_S)


@router.post("/jobs/{name}/cancel", dependencies=[Depends(check_may_add)])
def cancel_job(jobs: JobsInForce, name: str) -> RedirectResponse:
    """End a work."""
    jobs.cancel(name)
    return RedirectResponse(job_url(name), _SEE_OTHER)
