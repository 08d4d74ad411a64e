"""Asking on: a conversation without a browser, as a plain form sends it."""

import re
import sqlite3
from contextlib import closing
from dataclasses import replace

import httpx
import pytest

from index.build import build_index
from qa import conversations
from qa.conversations import FILE_NAME, Conversations
from web.app import create_app

pytestmark = [pytest.mark.model, pytest.mark.server]

STREAM = {"HX-Request": "true", "Accept": "text/html, text/event-stream"}
FIRST, NEXT = "How large is the Geodesic Alliance Fund?", "and who backs it?"
ANSWERING = "Furthermore, the Geodesic Alliance Fund, jointly backed by the United States and Japan"


def ask(client, question, **fields):
    """Ask as a plain form does, and return the conversation's address without its turn."""
    answer = client.post("/ask", data={"q": question, **fields})
    assert answer.status_code == 303
    return answer.headers["location"].partition("#")[0]


def ask_on(client, address, question):
    return ask(client, question, conversation=address.rpartition("/")[2])


def list_names(answer):
    return re.findall(r'<article class="turn" id="(t\w+)"', answer.text)


def test_a_question_begins_a_conversation(client):
    address = ask(client, FIRST)
    shown = client.get(address).text
    assert f'<h2 class="asked" id="t1-q" dir="auto">{FIRST}</h2>' in shown
    assert f"<title>{FIRST} · Ibid</title>" in shown


def test_the_next_question_is_completed_from_the_one_before_and_told_so(client):
    address = ask(client, FIRST)
    assert ask_on(client, address, NEXT) == address
    shown = client.get(address).text
    assert f'<h2 class="asked" id="t2-q" dir="auto">{NEXT}</h2>' in shown
    assert "Geodesic Alliance Fund" in re.search(r'Read as: <q dir="auto">(.*?)</q>', shown)[1]


def test_an_answer_that_was_only_looked_at_becomes_the_first_turn(client):
    shown = client.get(ask(client, NEXT, first=FIRST)).text
    assert re.findall(r'<h2 class="asked" id="(t\d)-q" dir="auto">(.*?)</h2>', shown) == [("t1", FIRST), ("t2", NEXT)]


def test_a_reading_is_taken_back_with_one_click_and_later_turns_stay(client):
    address = ask(client, FIRST)
    ask_on(client, address, NEXT)
    ask_on(client, address, "How much will Toyota invest?")
    again = client.post(f"{address}/turns/2", data={"reading": NEXT, "k": "5"})
    assert (again.status_code, again.headers["location"]) == (303, f"{address}#t2")
    shown = client.get(address).text
    assert "Read as:" not in shown
    assert shown.count('class="asked"') == 3


def test_a_question_is_read_in_other_words(client):
    address = ask(client, "Tell me of the fund")
    client.post(f"{address}/turns/1", data={"reading": FIRST, "k": "5"})
    shown = client.get(address).text
    assert f'Read as: <q dir="auto">{FIRST}</q>' in shown
    assert 'id="t1-q" dir="auto">Tell me of the fund</h2>' in shown


def test_more_passages_come_in_the_place_of_the_answer(client):
    address = ask(client, FIRST)
    client.post(f"{address}/turns/1", data={"k": "10"})
    assert client.get(address).text.count('class="card"') == 10


def test_a_full_conversation_says_so_before_it_answers(client, monkeypatch):
    monkeypatch.setattr(conversations, "TURNS_MAX", 1)
    data = {"q": NEXT, "conversation": ask(client, FIRST).rpartition("/")[2]}
    answer = client.post("/ask", data=data, headers=STREAM)
    assert (answer.status_code, "begin a new one" in answer.text.casefold()) == (422, True)


def test_numbers_of_sources_go_on_through_a_conversation(client):
    address = ask(client, FIRST)
    ask_on(client, address, "How much will Toyota invest?")
    exported = client.get(f"{address}/export", params={"format": "json"}).json()
    assert [source["number"] for source in exported["sources"]] == [1]


@pytest.mark.parametrize(("form", "begins"), [("md", "# "), ("html", "<!doctype html>"), ("json", "{")])
def test_a_conversation_is_taken_along_as_a_file(client, form, begins):
    taken = client.get(f"{ask(client, FIRST)}/export", params={"format": form})
    assert taken.headers["content-disposition"].startswith("attachment; filename=")
    assert taken.text.startswith(begins)
    assert ANSWERING in taken.text.replace("\\", "")


def test_a_conversation_is_renamed_listed_and_removed(client):
    address = ask(client, FIRST)
    client.post(address, data={"title": "The fund"})
    assert f'href="{address}">The fund</a>' in client.get("/conversations").text
    assert "Remove “The fund”?" in client.get(f"{address}/remove").text
    assert client.post(f"{address}/remove").headers["location"] == "/conversations"
    assert client.get(address).status_code == 404
    assert address not in client.get("/conversations").text


def test_a_thumb_is_kept_and_taken_back(client):
    address = ask(client, FIRST)
    judged = client.post(f"{address}/turns/1/thumbs", data={"rank": "1", "verdict": "up"})
    assert (judged.status_code, judged.headers["location"]) == (303, f"{address}#t1-p1")
    assert 'value="none" aria-pressed="true">Yes' in client.get(address).text
    client.post(f"{address}/turns/1/thumbs", data={"rank": "1", "verdict": "none"})
    assert 'aria-pressed="true"' not in client.get(address).text


def test_a_thumb_comes_back_to_htmx_as_its_form(client):
    address = ask(client, FIRST)
    data = {"rank": "2", "verdict": "down"}
    judged = client.post(f"{address}/turns/1/thumbs", data=data, headers={"HX-Request": "true"})
    assert judged.text.strip().startswith('<form class="thumbs"')
    assert 'value="none" aria-pressed="true">No' in judged.text


def test_a_document_is_shown_beside_the_answers_by_its_address(client):
    address = ask(client, FIRST)
    beside = re.search(r'data-beside="([^"]+)"', client.get(address).text)[1].replace("&amp;", "&")
    shown = client.get(beside).text
    assert '<div class="desk split">' in shown
    assert re.search(r'<mark id="here">Furthermore, the Geodesic', shown)
    pane = client.get(beside, headers={"HX-Request": "true", "HX-Target": "aside#reader"}).text
    assert pane.strip().startswith('<p class="close">')


@pytest.mark.parametrize(
    ("method", "path", "data", "status"),
    [
        ("GET", "/conversations/nothing", None, 404),
        ("POST", "/conversations/nothing", {"title": "x"}, 404),
        ("POST", "/conversations/nothing/remove", None, 404),
        ("POST", "/conversations/nothing/turns/1", {"k": "5"}, 404),
        ("POST", "/conversations/nothing/turns/1/thumbs", {"rank": "1", "verdict": "up"}, 404),
        ("GET", "/conversations/nothing/export?format=md", None, 404),
        ("POST", "/ask", {"q": "Who?", "conversation": "nothing"}, 404),
        ("POST", "/ask", {"q": ""}, 422),
        ("POST", "/ask", {}, 422),
        ("POST", "/ask", {"q": "Who?", "k": "0"}, 422),
        ("POST", "/ask", {"q": "Who?", "k": "x"}, 422),
        ("GET", "/conversations?before=%00", None, 200),
    ],
)
def test_what_is_not_there_or_cannot_be_asked_is_told(client, method, path, data, status):
    assert client.request(method, path, data=data).status_code == status


@pytest.mark.parametrize("k", ["0", "101", "x"])
def test_a_turn_cannot_be_asked_again_for_no_or_too_many_passages(client, k):
    address = ask(client, FIRST)
    assert client.post(f"{address}/turns/1", data={"k": k}).status_code == 422
    assert client.get(address).text.count('class="card"') == 5


def test_a_restart_loses_nothing(own):
    with own() as url, httpx.Client(base_url=url, timeout=30) as client:
        address = ask(client, FIRST)
    with own() as url, httpx.Client(base_url=url, timeout=30) as client:
        ask_on(client, address, NEXT)
        assert client.get(address).text.count('class="asked"') == 2


CITING = """# A paper

## 1 Money

The fund holds 250 million dollars [1].

## References

1. Lovelace, A. (2021). On funds.
"""


def test_where_cited_works_can_be_asked_the_reader_chooses_and_the_choice_stays(
    tmp_path, settings, serving, model_folder
):
    home = replace(settings, home=tmp_path / "home")
    home.home.mkdir()
    home.models_folder.symlink_to(model_folder.parent, target_is_directory=True)
    (tmp_path / "references").mkdir()
    (tmp_path / "references" / "1.txt").write_text(
        "On funds\n\nThe fund was founded by Ada in Turin.\n", encoding="utf-8"
    )
    (tmp_path / "paper.md").write_text(CITING, encoding="utf-8")
    build_index([tmp_path / "paper.md"], home)
    with serving(create_app(home)) as url, httpx.Client(base_url=url, timeout=30) as client:
        assert re.findall(r'<option value="(\w+)"', client.get("/").text) == ["all", "paper", "references"]
        shown = client.get(ask(client, "Who founded the fund?", source="references")).text
        assert re.findall(r'<option value="(\w+)"', shown) == ["references", "all", "paper"]
        assert "The fund was founded by Ada in Turin." in re.sub("<[^>]+>", "", shown)
        assert "250 million" not in shown


def test_a_rebuild_loses_nothing_and_what_has_moved_is_told(tmp_path, settings, serving, model_folder):
    seed, home = tmp_path / "paper.md", replace(settings, home=tmp_path / "home")
    home.home.mkdir()
    home.models_folder.symlink_to(model_folder.parent, target_is_directory=True)
    text = "# A paper\n\n## 1 Money\n\nThe fund holds 250 million dollars.\n\n## 2 People\n\nAda Byron leads it.\n"
    seed.write_text(text, encoding="utf-8")
    build_index([seed], home)
    with serving(create_app(home)) as url, httpx.Client(base_url=url, timeout=30) as client:
        address = ask(client, "How much does the fund hold?")
        seed.write_text(text.replace("# A paper\n\n", "# A paper\n\nA new first paragraph.\n\n"), encoding="utf-8")
        build_index([seed], home)
        shown = client.get(address).text
        assert "The fund holds 250 million dollars." in re.sub("<[^>]+>", "", shown)
        assert "does not say this word by word now" in shown
        ask_on(client, address, "Who leads it?")
        assert client.get(address).text.count('class="asked"') == 2


def test_where_nothing_can_be_kept_questions_are_answered_and_that_is_told(own, tmp_path):
    (tmp_path / FILE_NAME).write_bytes(b"no such file" * 1000)
    with own() as url, httpx.Client(base_url=url, timeout=30) as client:
        answer = client.post("/ask", data={"q": FIRST})
        assert answer.status_code == 200
        assert ANSWERING in answer.text
        assert "This conversation is not kept: " in answer.text
        stream = client.post("/ask", data={"q": FIRST}, headers=STREAM)
        assert "hx-push-url" not in stream.headers
        assert "This conversation is not kept: " in stream.text
        again = client.post("/ask", data={"q": NEXT, "first": FIRST}, headers=STREAM)
        assert set(list_names(stream)).isdisjoint(list_names(again))
        assert client.get("/").status_code == 200


def test_on_a_server_for_others_each_browser_sees_its_own_conversations(own):
    with (
        own(hosts=("127.0.0.1", "0.0.0.0")) as url,
        httpx.Client(base_url=url) as one,
        httpx.Client(base_url=url) as two,
    ):
        address = ask(one, FIRST)
        assert (one.get(address).status_code, two.get(address).status_code) == (200, 404)
        assert address in one.get("/").text
        assert address not in two.get("/").text


def test_a_conversation_stays_with_its_paper(own, tmp_path, settings):
    with own() as url, httpx.Client(base_url=url, timeout=30) as client:
        address = ask(client, FIRST)
        kept = Conversations(tmp_path / FILE_NAME).load("", address.rpartition("/")[2])
        assert kept.paper == (settings.home / "index").resolve().name


def test_what_was_asked_of_a_paper_that_is_gone_stays_and_no_other_paper_answers(own, tmp_path):
    with own() as url, httpx.Client(base_url=url, timeout=30) as client:
        address = ask(client, FIRST)
        with closing(sqlite3.connect(tmp_path / FILE_NAME)) as db, db:
            db.execute("UPDATE conversations SET paper = 'us-japan'")  # a part of the name of the one that is there
        tries = (
            client.post("/ask", data={"q": NEXT, "conversation": address.rpartition("/")[2]}),
            client.post(f"{address}/turns/1", data={"k": "10"}),
        )
        assert [answer.status_code for answer in tries] == [422, 422]
        assert all("is not here any more" in answer.text for answer in tries)
        assert client.get(address).text.count('class="card"') == 5
        assert client.get(f"{address}/export").status_code == 200


def test_a_conversation_opens_its_paper_to_which_its_pages_lead(tmp_path, settings, serving):
    (tmp_path / "models").symlink_to(settings.home / "models", target_is_directory=True)
    (tmp_path / "papers").mkdir()
    for name in ("one", "two"):
        (tmp_path / "papers" / name).symlink_to((settings.home / "index").resolve(), target_is_directory=True)
    (tmp_path / "index").symlink_to("papers/one", target_is_directory=True)
    with serving(create_app(replace(settings, home=tmp_path))) as url:
        two = {"ibid_paper": "two"}
        with httpx.Client(base_url=url, timeout=30, cookies=two) as client:
            address = ask(client, FIRST)
        cookies = [httpx.get(f"{url}{address}", cookies=had).cookies.get("ibid_paper") for had in ({}, two)]
        assert cookies == ["two", None]
