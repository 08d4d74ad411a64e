"""Long works, done by small programs that stand for the real one."""

import json
import sys
import time

import pytest

from index.errors import JobsFullError
from index.settings import Settings
from web.job import Task, read_order, write_order
from web.jobs import UNFINISHED_MAX, Jobs

TASK = Task("fetch", "herons")


@pytest.fixture
def begin(tmp_path):
    """Give a function that opens a server's works, done by a program in Python."""
    opened = []

    def open_jobs(program):
        opened.append(Jobs(Settings(home=tmp_path), (sys.executable, "-c", program)))
        return opened[-1]

    yield open_jobs
    for jobs in opened:
        jobs.close()


def wait(jobs, job, *states):
    ends = time.monotonic() + 20
    while jobs.find(job.id).state not in states:
        assert time.monotonic() < ends, jobs.find(job.id)
        time.sleep(0.01)
    return jobs.find(job.id)


def say_lines(*lines):
    return "\n".join(["input()", *(f"print({json.dumps(line)!r})" for line in lines)])


SLEEP = 'import time; input(); print(\'{"stage": "read", "total": 0}\', flush=True); time.sleep(60)'


def test_an_order_is_read_as_it_was_written(tmp_path):
    task = Task("text", "herons", file="/f", name="ü\n.md", number="12")
    settings = Settings(home=tmp_path, index=tmp_path / "i", contact="a@b.example", complete=True)
    assert read_order(write_order(task, settings)) == (task, settings)


def test_a_work_tells_how_far_it_is_and_what_it_made(begin):
    told = [{"stage": "read", "total": 0}, {"stage": "encode", "total": 9}, {"done": 2}, {"done": 3}]
    jobs = begin(say_lines(*told, {"paper": "herons", "title": "On Herons"}))
    job = wait(jobs, jobs.start(TASK), "done", "failed")
    assert (job.state, job.stages, job.done, job.total) == ("done", ("read", "encode"), 5, 9)
    assert (job.paper, job.title) == ("herons", "On Herons")


def test_a_stage_that_comes_again_is_the_last_one(begin):
    jobs = begin(
        say_lines({"stage": "read", "total": 0}, {"stage": "fetch", "total": 2}, {"stage": "read", "total": 0})
    )
    assert wait(jobs, jobs.start(TASK), "failed").stages == ("fetch", "read")


def test_a_failure_is_told_as_the_work_tells_it(begin):
    jobs = begin(say_lines({"error": {"kind": "network", "message": "no way", "hint": "walk"}}))
    failure = wait(jobs, jobs.start(TASK), "failed").failure
    assert (failure.kind, failure.message, failure.hint) == ("network", "no way", "walk")


@pytest.mark.parametrize("program", ["input(); raise SystemExit(3)", "raise SystemExit", "input(); print('no JSON')"])
def test_a_work_that_breaks_is_a_crash(begin, program):
    jobs = begin(program)
    assert wait(jobs, jobs.start(TASK), "failed").failure.kind == "crash"


def test_one_work_is_done_at_a_time(begin):
    jobs = begin(SLEEP)
    first, second = jobs.start(TASK), jobs.start(TASK)
    wait(jobs, first, "running")
    assert jobs.find(second.id).state == "waiting"
    jobs.cancel(first.id)
    wait(jobs, second, "running")


def test_a_work_that_waits_can_be_cancelled(begin):
    jobs = begin(SLEEP)
    first, second = jobs.start(TASK), jobs.start(TASK)
    jobs.cancel(second.id)
    assert jobs.list_unfinished() == (jobs.find(first.id),)


def test_who_comes_when_many_wait_is_told_to_come_again(begin):
    jobs = begin(SLEEP)
    for _ in range(UNFINISHED_MAX):
        jobs.start(TASK)
    with pytest.raises(JobsFullError, match="wait for one to end"):
        jobs.start(TASK)


def test_works_end_with_the_server(begin):
    jobs = begin(SLEEP)
    started = [jobs.start(TASK), jobs.start(TASK)]
    wait(jobs, started[0], "running")
    jobs.close()
    assert [jobs.find(job.id).state for job in started] == ["cancelled", "cancelled"]


@pytest.mark.parametrize("program", [say_lines({"paper": "herons", "title": ""}), "raise SystemExit"])
def test_the_file_that_was_sent_goes_when_the_work_has_ended(begin, tmp_path, program):
    jobs = begin(program)
    file = jobs.keep_file()
    file.write_bytes(b"paper")
    wait(jobs, jobs.start(Task("add", file=str(file), name="a.md")), "done", "failed")
    jobs.close()
    assert not (tmp_path / "incoming").exists()


def test_what_no_server_knows_cannot_be_cancelled(begin):
    jobs = begin(SLEEP)
    jobs.cancel("nothing")
    assert jobs.find("nothing") is None
