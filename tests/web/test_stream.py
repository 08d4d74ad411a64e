"""An answer in events, as htmx asks for it: what comes first, what is kept, and who may go away or come between."""

import gc
import re
import socket
import threading
import time
from dataclasses import replace
from urllib.parse import urlencode

import httpx
import pytest
from test_talk import ANSWERING, FIRST, STREAM, list_names

from qa.conversations import Conversations

pytestmark = [pytest.mark.model, pytest.mark.server]


def list_events(answer):
    return [event for event in answer.text.split("\n\n") if event]


def test_for_htmx_an_answer_comes_in_events_the_sentence_first(client):
    answer = client.post("/ask", data={"q": FIRST}, headers=STREAM)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert re.fullmatch(r"/conversations/[\w-]{22}#t1", answer.headers["hx-push-url"])
    begun, *cards, end = list_events(answer)
    assert ANSWERING in begun
    assert [re.findall(r'<details class="card" id="(t\d-p\d)"', event) for event in [begun, *cards, end]] == [
        *([f"t1-p{rank}"] for rank in range(1, 6)),
        [],
    ]
    assert "Cite all sources of this answer" in end
    assert all(line.startswith("data: ") for event in list_events(answer) for line in event.splitlines())


def test_what_came_in_events_is_kept(client):
    answer = client.post("/ask", data={"q": FIRST}, headers=STREAM)
    shown = client.get(answer.headers["hx-push-url"].partition("#")[0]).text
    assert shown.count('class="card"') == 5


@pytest.fixture
def untidied():
    """Let nothing be done only because memory happens to be tidied."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("untidied")
def test_an_answer_is_kept_whole_when_nobody_listens_any_more(client):
    with client.stream("POST", "/ask", data={"q": FIRST}, headers=STREAM) as answer:
        address = answer.headers["hx-push-url"].partition("#")[0]
        next(answer.iter_bytes())
    ends = time.monotonic() + 30
    while client.get(address).text.count('class="card"') != 5:
        assert time.monotonic() < ends, "the turn is not kept whole"
        time.sleep(0.05)


@pytest.mark.usefixtures("untidied")
def test_an_answer_is_kept_when_nobody_listened_from_the_first(own):
    with own() as url, httpx.Client(base_url=url, timeout=30) as client:
        form = urlencode({"q": FIRST}).encode()
        head = [f"POST /ask HTTP/1.1\r\nHost: {httpx.URL(url).netloc.decode()}", f"Content-Length: {len(form)}"]
        head += ["Content-Type: application/x-www-form-urlencoded", *(f"{name}: {STREAM[name]}" for name in STREAM)]
        with socket.create_connection((httpx.URL(url).host, httpx.URL(url).port)) as gone:
            gone.sendall("\r\n".join([*head, "", ""]).encode() + form)
        ends = time.monotonic() + 30
        while "1 question" not in client.get("/conversations").text:
            assert time.monotonic() < ends, "the turn is not kept"
            time.sleep(0.05)


class Raced(Conversations):
    """Conversations in which another page's turn is kept just before each."""

    def add_turn(self, owner, conversation, answer, **how):
        super().add_turn(owner, conversation, replace(answer, question="Of another page"), **how)
        return super().add_turn(owner, conversation, answer, **how)


def test_a_turn_before_which_another_one_came_has_its_own_place_from_the_first(own):
    with own(store=Raced) as url, httpx.Client(base_url=url, timeout=30) as client:
        answer = client.post("/ask", data={"q": FIRST}, headers=STREAM)
        assert list_names(answer) == ["t2"]
        assert answer.headers["hx-push-url"].endswith("#t2")
        assert "/turns/1/thumbs" not in answer.text


class Held(Conversations):
    """Conversations in which the whole of an answer is kept only when the test says so."""

    may_go_on = threading.Event()

    def complete_turn(self, owner, conversation, turn, answer):
        assert self.may_go_on.wait(30)
        super().complete_turn(owner, conversation, turn, answer)


def test_a_page_that_is_loaded_while_an_answer_still_comes_shows_what_there_is(own):
    with (
        own(store=Held) as url,
        httpx.Client(base_url=url, timeout=30) as client,
        client.stream("POST", "/ask", data={"q": FIRST}, headers=STREAM) as answer,
    ):
        address = answer.headers["hx-push-url"].partition("#")[0]
        parts = answer.iter_text()
        assert ANSWERING in next(parts)
        assert client.get(address).text.count('class="card"') == 1
        Held.may_go_on.set()
        "".join(parts)
        assert client.get(address).text.count('class="card"') == 5


class Removed(Conversations):
    """Conversations that another page removes before a turn is kept."""

    def add_turn(self, owner, conversation, answer, **how):
        self.delete(owner, conversation)
        return super().add_turn(owner, conversation, answer, **how)


class RemovedLater(Conversations):
    """Conversations that another page removes before the whole of an answer is kept."""

    def complete_turn(self, owner, conversation, turn, answer):
        self.delete(owner, conversation)
        super().complete_turn(owner, conversation, turn, answer)


def test_an_answer_whose_conversation_was_removed_meanwhile_is_shown_and_that_is_told(own):
    with own(store=Removed) as url, httpx.Client(base_url=url, timeout=30) as client:
        begun = list_events(client.post("/ask", data={"q": FIRST}, headers=STREAM))[0]
        assert "This conversation is not kept: there is no conversation" in begun
        assert '<input type="hidden" name="conversation" value="">' in begun
        answer = client.post("/ask", data={"q": FIRST})
        assert (answer.status_code, ANSWERING in answer.text) == (200, True)


def test_an_answer_whose_conversation_was_removed_while_it_came_says_so_at_its_end(own):
    with own(store=RemovedLater) as url, httpx.Client(base_url=url, timeout=30) as client:
        last = list_events(client.post("/ask", data={"q": FIRST}, headers=STREAM))[-1]
        assert "This conversation is not kept: there is no conversation" in last
