"""The reader: find in document, the way back."""

import html
import re
from urllib.parse import quote

import pytest

from index.bundle import open_index
from web.addresses import add_back, read_back

pytestmark = [pytest.mark.model, pytest.mark.server]

DOCUMENT = "/documents/us-japan-science-technology-2021-2025"
PASSAGE = f"{DOCUMENT}?at=9090-10069&mark=9188-9411"
NO_SCRIPT = {"java_script_enabled": False}
WIDE = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 360, "height": 740}}
BACK = "/ask?q=How+much%3F"


def is_in_viewport(page, selector):
    box = page.locator(selector).first.bounding_box()
    return box["y"] >= 0 and box["y"] + box["height"] <= page.viewport_size["height"]


# The way back


@pytest.mark.parametrize("address", ["/conversations/aB3-_x#t12", "/conversations/aB3", BACK, "/ask?q=a&k=5#p2"])
def test_the_way_back_leads_to_answers_of_our_own(address):
    assert read_back(address) == address


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "//evil.example",
        "//evil.example/ask?q=a",
        "https://evil.example/conversations/a",
        "javascript:alert(1)",
        "/\\evil.example",
        "\\\\evil.example",
        "/conversations/../sources",
        "/conversations/a/b",
        "/conversations/a#javascript:x",
        "/conversations/a\n",
        "/ask?q=a\r\nset-cookie:b",
        "/ask",
        "/ask?",
        '/ask?q="><script>',
        "/ask?q=a b",
        "/sources",
        " /ask?q=a",
        "/ask?q=\u202ea",
    ],
)
def test_nothing_else_is_a_way_back(client, address):
    assert read_back(address) is None
    shown = client.get(DOCUMENT, params={"from": address} if address else {}).text
    assert 'class="back"' not in shown


def test_a_way_back_stands_before_the_fragment():
    assert add_back(f"{DOCUMENT}?at=1-2#here", "/conversations/a#t1") == (
        f"{DOCUMENT}?at=1-2&from=%2Fconversations%2Fa%23t1#here"
    )
    assert add_back(DOCUMENT, BACK) == f"{DOCUMENT}?from={quote(BACK, safe='')}"


# Find in document


def read_found(shown):
    return [
        html.unescape(re.sub("<[^>]+>", "", words))
        for words in re.findall(r'<mark class="found[^>]*>(.*?)</mark>', shown)
    ]


def test_words_are_found_in_the_whole_document(client, settings):
    text = open_index(settings).corpus.load_text(DOCUMENT.rpartition("/")[2])
    found = read_found(client.get(DOCUMENT, params={"find": "toyota"}).text)
    assert found == re.findall("toyota", text, re.IGNORECASE)


def test_what_is_found_is_told_and_the_next_place_is_a_link_away(client):
    shown = client.get(DOCUMENT, params={"find": "Japan", "n": 2, "from": BACK}).text
    count = len(read_found(shown))
    assert count > 10
    assert f'<p class="told" role="status">Place 2 of {count}.</p>' in shown
    links = dict(re.findall(r'<a href="([^"]+)" rel="(prev|next)">', shown))
    for address, relation in links.items():
        n = {"prev": 1, "next": 3}[relation]
        assert html.unescape(address) == f"{DOCUMENT}?from={quote(BACK, safe='')}&find=Japan&n={n}#found"


@pytest.mark.parametrize(("n", "place"), [(10_000, None), (1, 1)])
def test_the_places_go_around(client, n, place):
    shown = client.get(DOCUMENT, params={"find": "Japan", "n": n}).text
    count = len(read_found(shown))
    assert f"Place {place or (n - 1) % count + 1} of {count}." in shown


def test_words_that_are_not_there_are_told(client):
    assert "These words are not in this document." in client.get(DOCUMENT, params={"find": "walrus"}).text


@pytest.mark.parametrize("fields", [{"find": "a" * 201}, {"find": "a", "n": 0}, {"find": "a", "n": "x"}])
def test_a_search_that_cannot_be_is_refused(client, fields):
    assert client.get(DOCUMENT, params=fields).status_code == 422


def test_what_is_searched_for_is_never_markup(client):
    shown = client.get(DOCUMENT, params={"find": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in shown


def test_what_is_found_inside_the_passage_leaves_its_marks(client):
    shown = client.get(f"{PASSAGE}&find=toyota").text
    assert '<mark id="here"><mark class="found current" id="found">Toyota</mark> has committed' in shown


def test_an_entry_leads_back_to_the_markers_that_name_it(client):
    shown = client.get(DOCUMENT).text
    entry = re.search(r'<p [^>]*id="entry-13".*?</p>', shown, re.DOTALL)[0]
    place, name = re.search(r'Cited in <a [^>]*href="#(m\d+)"[^>]*>(.*?)</a>', entry).groups()
    assert name == "2.2 ¶6"
    assert re.search(rf'<a class="marker[^>]*href="#entry-13"[^>]* id="{place}">\[13\]</a>', shown)


# In a browser


browser = pytest.mark.browser


@browser
@pytest.mark.parametrize("window", [{}, PHONE, NO_SCRIPT])
def test_enter_in_the_field_goes_to_the_first_place(visit, window):
    page = visit(f"{PASSAGE}&from={quote(BACK)}#here", **window)
    page.get_by_role("searchbox", name="Find in this document").fill("ＲＡＰＩＤＵＳ")
    page.keyboard.press("Enter")
    page.locator("#found").wait_for()
    assert page.locator("#found").inner_text() == "Rapidus"
    assert is_in_viewport(page, "#found")
    assert page.get_by_role("link", name="Back to the answer").get_attribute("href") == BACK
    assert page.locator("#here").inner_text().startswith("Toyota has committed")


@browser
@pytest.mark.parametrize("window", [WIDE, NO_SCRIPT])
def test_next_and_previous_walk_through_the_places_and_back_returns(visit, window):
    page = visit(f"{DOCUMENT}?find=semiconductor", **window)
    tops = []
    for _ in range(3):
        tops.append(page.locator("#found").evaluate("e => e.getBoundingClientRect().top + scrollY"))
        page.get_by_role("link", name="Next").click()
        page.wait_for_url(f"**n={len(tops) + 1}#found")
        assert is_in_viewport(page, "#found")
    assert tops == sorted(tops)
    page.go_back()
    page.wait_for_url("**n=3#found")
    page.get_by_role("link", name="Previous").click()
    page.wait_for_url("**n=2#found")
    assert "Place 2 of" in page.locator(".told").inner_text()


@browser
def test_the_search_can_be_ended(visit):
    page = visit(f"{PASSAGE}&find=japan#found")
    page.get_by_role("link", name="Clear").click()
    page.locator("mark.found").first.wait_for(state="detached")
    assert is_in_viewport(page, "#here")


@browser
def test_what_is_found_is_told_from_the_passage_without_colour(visit):
    page = visit(f"{PASSAGE}&find=japan&n=3#found")
    styles = page.locator("mark.found").evaluate_all("all => all.map(e => getComputedStyle(e).outlineWidth)")
    assert styles.count("2px") == 1
    assert styles.count("1px") == len(styles) - 1


@browser
@pytest.mark.parametrize("window", [WIDE, PHONE])
def test_the_way_back_stays_in_sight(visit, window):
    page = visit(f"{PASSAGE}&from={quote(BACK)}#here", **window)
    assert is_in_viewport(page, ".back a")
    assert is_in_viewport(page, "#here")


@browser
def test_the_outline_marks_the_section_of_the_passage(visit):
    page = visit(f"{PASSAGE}#here", **WIDE)
    current = page.locator(".outline [aria-current]")
    assert current.all_inner_texts() == ["2.2 Cooperation and development of the electric vehicle industry"]
    assert is_in_viewport(page, ".outline [aria-current]")


@browser
def test_a_marker_and_its_entry_lead_to_each_other(visit):
    page = visit(f"{PASSAGE}#here", **NO_SCRIPT)
    page.locator("#s6-p6 a.marker").click()
    assert page.url.endswith("#entry-13")
    assert is_in_viewport(page, "#entry-13")
    page.locator("#entry-13 .cited a").first.click()
    assert is_in_viewport(page, "#s6-p6 a.marker")
