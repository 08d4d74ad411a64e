"""The audit of citations and the ways to cite, as the page and the API show them."""

import html
import re

import pytest
import rispy

pytestmark = [pytest.mark.model, pytest.mark.server]

PAPER = "us-japan-science-technology-2021-2025"
PLACE = f"{PAPER}:4492-4794"
X_PAI = "How did Tsukuba, NVIDIA and Amazon cooperate?"


def read(text):
    return html.unescape(re.sub(r"\s+", " ", re.sub("<[^>]+>", "", text)))


def get_audit(client):
    return client.get("/api/audit").json()


def test_the_page_begins_with_the_pattern_in_words(client):
    shown = client.get("/citations").text
    assert get_audit(client)["pattern"] in read(shown)
    assert "25 markers: 17 point at another entry than the words match" in read(shown)


def test_each_marker_of_the_audit_stands_on_the_page_once(client):
    shown = client.get("/citations").text
    rows = re.findall(r'<tr role="row" id="m(\d+)" class="(\w+)">', shown)
    wrong = {"mismatch", "missing"}
    wanted = [str(at) for at, each in enumerate(get_audit(client)["markers"], 1) if each["verdict"] in wrong]
    assert [number for number, verdict in rows if verdict in {"wrong", "same", "missing"}] == wanted
    assert len(rows) == len(get_audit(client)["markers"])


def test_a_wrong_marker_leads_to_its_sentence_and_both_entries(client):
    row = find_row(client.get("/citations").text, "[6]")
    assert f'href="/documents/{PAPER}?at=4492-4794&amp;mark=4790-4793#here"' in row
    assert re.findall(r'href="/documents/[^"]+#(entry-\d+)"', row) == ["entry-6", "entry-7"]
    assert "means entry 7" in read(row)
    assert "almost certain" in read(row)
    assert "Shared words: Amazon, NVIDIA, PAI, Tsukuba, Washington, Initiative" in read(row)


def find_row(shown, marker):
    return next(row for row in re.findall(r'(?s)<tr role="row" id.*?</tr>', shown) if f">{marker}</a>" in row)


def test_an_entry_that_repeats_another_is_not_called_wrong(client):
    assert "same work as entry 19" in read(find_row(client.get("/citations").text, "[18]"))


def test_no_bare_score_is_shown(client):
    shown = read(re.sub("(?s)<svg.*?</svg>", "", client.get("/citations").text))
    assert re.findall(r"\b[01]\.\d\d", shown) == []


def test_uncited_sentences_have_the_entry_that_supports_them(client):
    shown = client.get("/citations").text
    assert "Innovation Challenge" in read(shown[shown.index("Sentences without a marker") :])


@pytest.mark.parametrize(
    "path", ["/", "/citations", "/sources", f"/documents/{PAPER}", "/cite?at=7", f"/ask?q={X_PAI}"]
)
def test_every_page_of_the_paper_counts_its_wrong_markers(client, path):
    assert "Citations ⚠ 17 17 wrong" in read(client.get(path).text)


def test_an_answer_tells_which_entry_a_wrong_marker_means(client):
    shown = client.get("/ask", params={"q": X_PAI}).text
    remark = next(each for each in re.findall(r'(?s)<p class="remark">.*?</p>', shown) if "[6]" in each)
    assert "The paper marks this [6]; its words match entry 7, University of Tsukuba, 2025" in read(remark)
    assert f'href="/documents/{PAPER}#entry-7"' in remark
    assert '<a class="marker wrong" href' in shown


def test_the_reader_tells_it_on_hover(client):
    shown = client.get(f"/documents/{PAPER}").text
    title = re.search(r'<a class="marker wrong" href="#entry-6" title="([^"]+)"', shown)[1]
    assert html.unescape(title).startswith("The paper marks this [6]; its words match entry 7, University of Tsukuba")


def test_a_card_can_be_cited_in_styles_and_as_files(client):
    shown = client.get("/ask", params={"q": X_PAI, "k": 1}).text
    links = [html.unescape(link) for link in re.findall(r'href="(/(?:api/)?cite[^"]+)"', shown)]
    assert len(links) == 7 + 1 + 4 + 1
    assert {client.get(link).status_code for link in links} == {200}
    ieee = next(link for link in links if "ieee" in link)
    assert "[1] A. C. Tran" in read(client.get(ieee).text)


def test_all_sources_of_an_answer_are_cited_each_once(client):
    shown = client.get("/ask", params={"q": X_PAI}).text
    link = html.unescape(re.search(r'href="([^"]+)">Cite all sources of this answer', shown)[1])
    page = client.get(link).text
    assert link.count("at=") == 5
    assert page.count("Tran, A. C. (2025)") == 1
    assert page.count('<span class="use" dir="auto">(Tran, 2025, para.') == 5


def test_a_passage_is_cited_at_the_paragraph_that_its_card_names(client):
    question = "Who leads the AI-ENGAGE initiative?"
    passages = client.post("/api/ask", json={"question": question}).json()["passages"]
    shown = client.get("/ask", params={"q": question}).text
    page = client.get(html.unescape(re.search(r'href="([^"]+)">Cite all', shown)[1])).text
    paragraphs = [passage["locator"]["paragraph"] for passage in passages]
    assert [int(number) for number in re.findall(r'"use" dir="auto">\(Tran, 2025, para\. (\d+)\)', page)] == paragraphs
    assert any(passage["locator"]["paragraphs"][0] != passage["locator"]["paragraph"] for passage in passages)


def test_the_page_of_a_citation_has_it_in_the_style_that_is_asked_for(client):
    shown = read(client.get("/cite", params={"at": PLACE, "style": "mla"}).text)
    assert "Tran, Anh Cong." in shown
    assert "(Tran, par. 2)" in shown


def test_a_style_by_name_comes_before_the_one_in_the_list(client):
    shown = client.get("/cite", params={"at": "7", "style": "apa", "other": "nature"}).text
    assert "1. University of Tsukuba" in read(shown)
    assert 'value="nature"' in shown


def test_a_style_that_is_not_there_is_told_beside_the_choice(client):
    found = client.get("/cite", params={"at": "7", "other": "natur"})
    assert found.status_code == 422
    assert "There is no citation style 'natur'. Name another, such as" in read(found.text)
    assert '<select name="style">' in found.text


@pytest.mark.parametrize(
    ("query", "status"), [("", 422), ("?at=99", 422), ("?at=nothing", 404), (f"?at={PAPER}:9-3", 404), ("?at=7", 200)]
)
def test_what_cannot_be_cited_is_told_on_a_page(client, query, status):
    found = client.get(f"/cite{query}")
    assert (found.status_code, found.headers["content-type"]) == (status, "text/html; charset=utf-8")


def test_the_bibliography_is_cited_as_the_text_means_it(client):
    shown = read(client.get("/cite?bibliography=1&style=ieee").text)
    assert "[6] White & Case LLP" in shown
    assert "The list has no entry for [23]." in shown


def test_each_entry_of_the_sources_can_be_cited(client):
    assert re.findall(r'href="/cite\?at=(\d+)"', client.get("/sources").text) == [str(n) for n in range(1, 24)]


def test_the_api_cites_in_json_with_notes(client):
    found = client.get("/api/cite", params={"at": ["7", PLACE], "in_text": True}).json()
    assert found == {"text": "(University of Tsukuba, 2025)\n(Tran, 2025, para. 2)\n", "notes": []}


def test_the_api_sends_a_file_for_a_manager_of_references(client):
    found = client.get("/api/cite", params={"at": "7", "format": "ris"})
    assert found.headers["content-type"] == "application/x-research-info-systems; charset=utf-8"
    assert re.match(r'attachment; filename="[a-z0-9]+\.ris"; filename\*=UTF-8', found.headers["content-disposition"])
    (entry,) = rispy.loads(found.text)
    assert entry["title"].startswith("University of Tsukuba to launch X-PAI")


def test_the_api_sends_the_whole_bibliography(client):
    found = client.get("/api/cite?bibliography=true&format=csl-json")
    assert 'filename="bibliography.json"' in found.headers["content-disposition"]
    assert len(found.json()) == 22  # two of the 23 entries are one work


@pytest.mark.parametrize(
    ("query", "status", "kind"),
    [
        ("", 422, "bad_citation"),
        ("?" + "at=7&" * 101, 422, "bad_citation"),
        ("?at=7&bibliography=true", 422, "bad_citation"),
        ("?bibliography=true&in_text=true", 422, "bad_citation"),
        ("?at=7&format=docx", 422, "bad_citation"),
        ("?at=7&format=ris&in_text=true", 422, "bad_citation"),
        ("?at=7&style=nothing-of-the-kind", 422, "unknown_style"),
        (f"?at=7&style={'a' * 5000}", 422, "unknown_style"),
        ("?at=../../etc/passwd", 404, "bad_locator"),
        ("?at=7&paper=owls", 404, "no_paper"),
        ("?at=7&in_text=perhaps", 422, "bad_question"),
    ],
)
def test_the_api_says_what_cannot_be_cited(client, query, status, kind):
    found = client.get(f"/api/cite{query}")
    assert (found.status_code, found.json()["error"]["kind"]) == (status, kind)
    assert len(found.json()["error"]["message"]) < 400


def test_no_name_of_a_style_becomes_markup(client):
    shown = client.get("/cite", params={"at": "7", "other": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in shown
