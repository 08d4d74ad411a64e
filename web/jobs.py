"""Long works of the server, one after the other: each is a program of its own, which can be told to end at any time.

What a work has finished is in the home, so nothing is lost with the server; only what was said of its progress is.
"""

import json
import logging
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from index.errors import JobsFullError
from index.settings import Settings
from index.storage import storage_errors
from web.job import Task, write_order

JobState: TypeAlias = Literal["waiting", "running", "done", "failed", "cancelled"]
# Works that wait or run; whoever comes then is told to come again.
UNFINISHED_MAX = 5
_FINISHED_MAX = 50  # that are remembered
INCOMING_FOLDER = "incoming"
_STALE_S = 24 * 3600
# A work that was told to end puts things in order first.
_GRACE_S = 10.0
_PROGRAM = (sys.executable, "-m", "web.job")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a work could not be done: as an `IbidError` says it."""

    kind: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Job:
    """A work, and how far it is.

    Attributes:
        id: Nobody can guess it.
        task: What is to be done.
        state: How it stands.
        stages: What was begun, in that order, the last one being done now.
        done: Steps of the last stage that are done.
        total: Steps that it has; 0 where that is not known.
        paper: The name of the paper, once that is known.
        title: Its title.
        failure: Why it failed.
    """

    id: str
    task: Task
    state: JobState = "waiting"
    stages: tuple[str, ...] = ()
    done: int = 0
    total: int = 0
    paper: str = ""
    title: str = ""
    failure: Failure | None = None

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will come."""
        return self.state in {"done", "failed", "cancelled"}


_CRASH = Failure("crash", "something broke inside Ibid", "try again; the server's log has the details")


class Jobs:
    """All works of a server; its methods may be called from any thread."""

    def __init__(self, settings: Settings, program: Sequence[str] = _PROGRAM) -> None:
        self._settings = settings
        self._program = program
        self._jobs: dict[str, Job] = {}
        self._running: dict[str, subprocess.Popen[str]] = {}
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="jobs")

    def start(self, task: Task) -> Job:
        """Begin a work, or let it wait for those before it.

        Raises:
            JobsFullError: Too many wait already.
        """
        job = Job(secrets.token_urlsafe(12), task)
        with self._lock:
            unfinished = sum(not each.is_finished for each in self._jobs.values())
            if unfinished >= UNFINISHED_MAX:
                raise JobsFullError(unfinished)
            self._jobs[job.id] = job
            finished = [each.id for each in self._jobs.values() if each.is_finished]
            for oldest in finished[:-_FINISHED_MAX]:
                del self._jobs[oldest]
        self._thread.submit(self._run, job.id)
        return job

    def find(self, name: str) -> Job | None:
        """Return a work as it stands; None where this server knows none of that id."""
        return self._jobs.get(name)

    def list_unfinished(self) -> tuple[Job, ...]:
        """Return what waits or runs, the first one first."""
        with self._lock:
            return tuple(job for job in self._jobs.values() if not job.is_finished)

    def cancel(self, name: str) -> None:
        """End a work, if it has not ended; what it has kept so far stays, and the index stays as it was."""
        with self._lock:
            job = self._jobs.get(name)
            if job is None or job.is_finished:
                return
            self._jobs[name] = replace(job, state="cancelled")
            process = self._running.get(name)
        if process:
            process.terminate()
            killing = threading.Timer(_GRACE_S, process.kill)
            killing.daemon = True
            killing.start()

    def close(self) -> None:
        """End all works, and wait for that."""
        for job in self.list_unfinished():
            self.cancel(job.id)
        self._thread.shutdown(wait=True)

    def keep_file(self) -> Path:
        """Return a new place in the home for a file that is being sent; `discard` takes it away again.

        Raises:
            StorageError: The home cannot be written.
        """
        folder = self._settings.home / INCOMING_FOLDER
        with storage_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            for file in folder.iterdir():  # what a server left that was killed
                if time.time() - file.stat().st_mtime > _STALE_S:
                    file.unlink(missing_ok=True)
        return folder / secrets.token_hex(16)

    def discard(self, file: Path | str) -> None:
        """Remove a file that was sent, and the folder of such files with the last one."""
        Path(file).unlink(missing_ok=True)
        try:
            (self._settings.home / INCOMING_FOLDER).rmdir()
        except OSError:  # others are in it
            return

    def _run(self, name: str) -> None:
        """Do a work, whatever comes of it; its file is gone when it has ended."""
        job = self._jobs[name]
        try:
            self._do(job)
        except Exception:  # the thread is the outermost layer
            logger.exception("the work %s broke", job.task.kind)
        finally:
            if job.task.file:
                self.discard(job.task.file)
        ended = self._jobs[name]
        state: JobState = "done" if ended.paper and not ended.failure else "failed"
        self._update(name, state=state, failure=None if state == "done" else ended.failure or _CRASH)

    def _do(self, job: Job) -> None:
        with self._lock:
            if self._jobs[job.id].is_finished:  # cancelled while it waited
                return
            process = subprocess.Popen(  # noqa: S603 - the program is our own
                self._program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
            )
            self._running[job.id] = process
            self._jobs[job.id] = replace(job, state="running")
        try:
            self._follow(job, process)
        finally:
            with self._lock:
                del self._running[job.id]
            process.kill()
            process.communicate()

    def _follow(self, job: Job, process: "subprocess.Popen[str]") -> None:
        """Read how far a work is, until it ends."""
        assert process.stdin  # noqa: S101 - for the type checker
        assert process.stdout  # noqa: S101
        process.stdin.write(write_order(job.task, self._settings))
        process.stdin.flush()
        for line in process.stdout:
            self._note(job.id, json.loads(line))
        process.wait()

    def _note(self, name: str, told: Mapping[str, Any]) -> None:
        if "stage" in told:
            job = self._jobs[name]
            stages = (*(stage for stage in job.stages if stage != told["stage"]), told["stage"])
            self._update(name, stages=stages, done=0, total=told["total"])
        elif "done" in told:
            self._update(name, done=self._jobs[name].done + told["done"])
        elif "paper" in told:
            self._update(name, paper=told["paper"], title=told["title"])
        elif "error" in told:
            self._update(name, failure=Failure(**told["error"]))

    def _update(self, name: str, **fields: Any) -> None:
        """Note how a work stands, unless it has ended."""
        with self._lock:
            if not self._jobs[name].is_finished:
                self._jobs[name] = replace(self._jobs[name], **fields)
