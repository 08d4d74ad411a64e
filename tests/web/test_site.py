import html
import re

import pytest

from index.bundle import open_index

pytestmark = [pytest.mark.model, pytest.mark.server]

HTMX = {"HX-Request": "true"}
QUESTION = "How much will Toyota invest?"


@pytest.fixture(scope="module")
def paper(settings):
    corpus = open_index(settings).corpus
    return corpus.load_document(corpus.list_works()[0].id)


def count(pattern, text):
    return len(re.findall(pattern, text))


def test_the_first_view_is_the_paper_s_card(client, paper):
    shown = client.get("/").text
    assert paper.work.title in shown
    assert f"{len(paper.references)} references" in shown


def test_the_first_view_has_five_questions_and_all_are_answered(client):
    questions = re.findall(r'<button dir="auto" name="q" value="([^"]+)"', client.get("/").text)
    assert [client.get("/ask", params={"q": question}).status_code for question in questions] == [200] * 5


def test_an_answer_is_a_whole_page_under_its_question(client):
    shown = client.get("/ask", params={"q": QUESTION}).text
    assert shown.startswith("<!doctype html>")
    assert f'<h2 class="asked" id="t1-q" dir="auto">{QUESTION}</h2>' in shown


def test_an_answer_that_is_only_looked_at_is_kept_nowhere(client):
    shown = client.get("/ask", params={"q": QUESTION}).text
    assert f'name="first" value="{QUESTION}"' in shown
    assert "/conversations/" not in shown


def test_the_best_passage_is_open_and_the_others_are_folded(client):
    shown = client.get("/ask", params={"q": QUESTION}).text
    assert re.findall(r'<details class="card" id="t1-(p\d)"( open)?>', shown) == [
        ("p1", " open"),
        *((f"p{rank}", "") for rank in range(2, 6)),
    ]


def test_each_card_s_text_and_mark_are_the_api_s_to_the_letter(client):
    passages = client.post("/api/ask", json={"question": QUESTION}).json()["passages"]
    shown = client.get("/ask", params={"q": QUESTION}).text
    assert read("blockquote", shown) == [passage["text"] for passage in passages]
    lit = [[passage["text"][h["start"] : h["end"]] for h in passage["highlights"]] for passage in passages]
    assert read("mark", shown) == [sentence for sentence, *_ in lit]
    assert read("strong", "".join(re.findall("(?s)<mark>.*?</mark>", shown))) == [p for _, *inner in lit for p in inner]


def read(tag, shown):
    """Return the text inside each element of a kind."""
    return [
        html.unescape(re.sub("<[^>]+>", "", text))
        for text in re.findall(f'(?s)<{tag}(?: dir="auto")?>(.*?)</{tag}>', shown)
    ]


def test_more_passages_are_a_link_away(client):
    link = re.search(r'<a href="([^"]+)">More passages', client.get("/ask", params={"q": QUESTION}).text)[1]
    assert count('class="card"', client.get(link.replace("&amp;", "&")).text) == 10


def test_what_is_not_answered_is_said_and_no_sentence_is_put_forward(client, doubting_url):
    shown = client.get(f"{doubting_url}/ask", params={"q": QUESTION}).text
    assert "The sources do not seem to answer this.</strong> Nearest passages:" in shown
    assert 'class="sentence"' not in shown


def test_what_is_answered_has_its_sentence_first(client):
    shown = client.get("/ask", params={"q": QUESTION}).text
    assert (
        "Toyota has committed to invest <strong>US$13.9 billion</strong> to build"
        in re.search(r'<p class="sentence"[^>]*>(.*?)</p>', shown)[1]
    )
    assert "do not seem to answer" not in shown


def test_a_marker_is_resolved_to_its_entry_as_printed(client, paper):
    shown = client.get("/ask", params={"q": QUESTION, "k": 1}).text
    note = re.search(r'<span class="marker" dir="auto">\[13\]</span> <a dir="auto" href="([^"]+)">(.*?)</a>', shown)
    assert note[1] == f"/documents/{paper.work.id}#entry-13"
    assert note[2].startswith(paper.references[12].raw[:40])


def test_a_marker_without_an_entry_is_called_so(client):
    shown = client.get(
        "/ask", params={"q": "How many cooperative projects have been implemented in life sciences?"}
    ).text
    assert re.search(r"Ministry of Foreign Affairs of Japan, n\.d\.\)</span> <em[^>]*>no such entry", shown)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({}, "The question is empty."),
        ({"q": " "}, "The question is empty."),
        ({"q": "a" * 10_000}, "The question is 10,000 characters long."),
        ({"q": "?"}, "The question is not text."),
        ({"q": "a", "k": 0}, "K is 0."),
        ({"q": "a", "k": 101}, "K is 101."),
        ({"q": "a", "k": "many"}, "K: Input should be a valid integer, unable to parse string as an integer."),
        (
            {"q": "a", "source": "web"},
            "Source: Input should be &#39;paper&#39;, &#39;references&#39; or &#39;all&#39;.",
        ),
    ],
)
def test_a_bad_question_is_told_on_a_page(client, query, message):
    found = client.get("/ask", params=query)
    assert (found.status_code, found.headers["content-type"]) == (422, "text/html; charset=utf-8")
    assert f"<h1>{message}</h1>" in found.text


def test_a_bad_question_is_told_htmx_in_the_place_for_errors(client):
    found = client.post("/ask", data={"q": "?"}, headers=HTMX)
    assert found.status_code == 422
    assert (found.headers["hx-retarget"], found.headers["hx-reswap"]) == ("#faults", "innerHTML")
    assert found.text.strip().startswith('<section class="fault" role="alert">\n<h1>The question is not text.</h1>')


def test_a_question_is_never_markup(client):
    shown = client.get("/ask", params={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)" in shown


def test_a_document_is_shown_whole(client, paper):
    shown = client.get(f"/documents/{paper.work.id}").text
    assert count(r'<p dir="auto" id="s\d+-p\d+" class="block text">', shown) == count_role(paper, "text")
    assert re.findall(r'<p dir="auto" id="entry-(\d+)"', shown) == [reference.number for reference in paper.references]


def count_role(document, role):
    return sum(paragraph.role == role for section in document.sections for paragraph in section.paragraphs)


@pytest.mark.parametrize("query", ["at=9090-10069", "start=9090&end=10069"])
def test_a_document_opens_at_a_passage(client, paper, query):
    shown = client.get(f"/documents/{paper.work.id}?{query}").text
    assert '<span class="passage" id="here">Another facet of bilateral collaboration' in shown


def test_a_document_marks_the_highlight_in_the_passage(client, paper):
    shown = client.get(f"/documents/{paper.work.id}?at=9090-10069&mark=9188-9411").text
    assert '<mark id="here">Toyota has committed to invest' in shown
    assert '<span class="passage">Another facet' in shown


@pytest.mark.parametrize(
    "path",
    [
        "nothing",
        "..%2F..%2Fetc",
        "PAPER?at=0-5",
        "PAPER?at=5",
        "PAPER?at=9-3",
        "PAPER?at=0-999999999",
        "PAPER?at=0-99999999999999999999",
        "PAPER?start=3",
        "PAPER?start=-3&end=5",
        "PAPER?mark=x",
    ],
)
def test_a_place_that_is_not_there_is_not_found(client, paper, path):
    wanted = 200 if path == "PAPER?at=0-5" else 404
    found = client.get(f"/documents/{path.replace('PAPER', paper.work.id)}")
    assert (found.status_code, found.headers["content-type"]) == (wanted, "text/html; charset=utf-8")


def test_the_sources_are_the_document_and_its_entries_with_their_state(client, paper):
    shown = client.get("/sources").text
    assert paper.work.title in shown
    assert count(r"○</span> not fetched</span>", shown) == len(paper.references)


def test_an_address_that_is_not_there_is_a_page(client):
    found = client.get("/nothing")
    assert found.status_code == 404
    assert "There is nothing at this address." in found.text


@pytest.mark.parametrize("path", ["/", "/ask?q=Toyota", "/sources", "/citations", "/cite?at=7", "/docs"])
def test_a_page_s_headers_can_be_asked_for_alone(client, path):
    found = client.head(path)
    assert (found.status_code, found.text) == (200, "")


def test_the_vendored_script_comes_with_its_licence(client):
    assert client.get("/static/htmx.LICENSE.txt").text.startswith("Zero-Clause BSD")


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static/"])
def test_no_file_beside_the_static_ones_is_served(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("at", ["0-9", "99999990-99999999"])
def test_a_link_whose_words_have_moved_opens_the_document_and_says_so(client, at):
    document = client.get("/api/sources").json()["documents"][0]["id"]
    answer = client.get(f"/documents/{document}?at={at}&is=00000000")
    assert answer.status_code == 200
    assert "The text has changed since this link was made." in answer.text


def test_a_theme_is_kept_and_the_reader_goes_back_to_where_she_was(client):
    chosen = client.post("/theme", data={"theme": "dark", "here": "/sources"})
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/sources")
    page = client.get("/sources", headers={"cookie": chosen.headers["set-cookie"].partition(";")[0]})
    assert 'data-theme="dark"' in page.text
    client.cookies.clear()
    assert "data-theme" not in client.get("/sources").text


@pytest.mark.parametrize(
    "here", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "/\\evil", "x", ""]
)
def test_a_theme_leads_to_no_other_site(client, here):
    assert client.post("/theme", data={"theme": "auto", "here": here}).headers["location"] == "/"
    client.cookies.clear()
