"""Who is answered first, where several ask at once."""

import contextlib
import os
import threading
import time

from web.answering import Answering

AT_ONCE = max(2, os.cpu_count() or 1)


def begin(work):
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_as_many_are_answered_at_once_as_there_are_cores():
    answering, ends = Answering(), threading.Event()
    inside = [threading.Event() for _ in range(AT_ONCE + 1)]

    def answer(at):
        with answering:
            inside[at].set()
            ends.wait()

    threads = [begin(lambda at=at: answer(at)) for at in range(AT_ONCE)]
    assert all(each.wait(60) for each in inside[:-1])
    threads.append(begin(lambda: answer(AT_ONCE)))
    assert not inside[-1].wait(0.1)
    ends.set()
    assert inside[-1].wait(60)
    for thread in threads:
        thread.join(60)


def test_what_can_wait_comes_after_the_beginnings_of_all_answers():
    answering, begun, came = Answering(patience_s=60), threading.Event(), []

    def answer():
        with answering:
            begun.set()
            time.sleep(0.1)
            came.append("beginning")

    thread = begin(answer)
    assert begun.wait(60)
    answering.give_way()
    came.append("rest")
    thread.join(60)
    assert came == ["beginning", "rest"]


def test_what_can_wait_comes_also_where_questions_never_cease():
    answering = Answering(patience_s=0.01)
    with answering:
        answering.give_way()
    answering.give_way()


def test_an_answer_that_fails_gives_its_place_back():
    answering = Answering(patience_s=60)
    for _ in range(2 * AT_ONCE):
        with contextlib.suppress(ZeroDivisionError), answering:
            1 / 0  # noqa: B018 - what fails
    with answering:
        pass
    answering.give_way()
