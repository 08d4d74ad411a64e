"""The reader: find in document, the way back, printed pages beside the text."""

import html
import os
import re
from dataclasses import replace
from urllib.parse import quote

import httpx
import pytest
from movement import HALF_A_ROW, SLOW_LINE, shifts, watch

from index.build import build_index
from index.bundle import open_index
from index.settings import Settings
from web.addresses import add_back, read_back
from web.app import create_app

pytestmark = [pytest.mark.model, pytest.mark.server]

DOCUMENT = "/documents/us-japan-science-technology-2021-2025"
PASSAGE = f"{DOCUMENT}?at=9090-10069&mark=9188-9411"
NO_SCRIPT = {"java_script_enabled": False}
WIDE = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 360, "height": 740}}
BACK = "/ask?q=How+much%3F"

PAGES = """<style>@page { size: 400pt 600pt; margin: 40pt } body { font: 12pt "Liberation Serif" }
.next { break-before: page }</style><html lang=en><h1>On the Weather of Wales and Its Hills</h1><p>Jane Roe</p>
<h2>1 Introduction</h2><p>Rain falls on the hills of Wales for forty days, and the sheep stand in the barn until it is
over [1].</p><h2 class=next>2 Snow</h2><p>Snow falls on the mountains of Wales in January, and nobody goes up there
before the spring has come [1].</p><div class=next></div><p class=next>Hail falls on the cars of Wales in May, and their
owners go to the smith, who is glad of it.</p><h2>References</h2><p>[1] Smith, S. (2020). Rain on hills. Wet Press.</p>
"""


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


# Printed pages


@pytest.fixture(scope="module")
def printed_home(tmp_path_factory, model_folder):
    """A home with a paper that is a PDF of four pages, the third of them blank."""
    try:
        import weasyprint
    except OSError as missing:  # it needs Pango, a library of the system
        if os.environ.get("CI"):
            raise
        pytest.skip(f"weasyprint cannot set PDFs here: {missing}")
    folder = tmp_path_factory.mktemp("printed")
    (folder / "models").symlink_to(model_folder.parent, target_is_directory=True)
    (folder / "weather.pdf").write_bytes(weasyprint.HTML(string=PAGES).write_pdf())
    settings = Settings(home=folder, threshold=0.0)
    build_index([folder / "weather.pdf"], settings)
    return settings


@pytest.fixture(scope="module")
def printed_url(serving, printed_home):
    with serving(create_app(printed_home)) as served:
        yield served


@pytest.fixture(scope="module")
def printed(printed_url):
    with httpx.Client(base_url=printed_url, timeout=30) as connected:
        yield connected


@pytest.fixture(scope="module")
def snow(printed_home):
    """Return the address of a sentence on the second page."""
    corpus = open_index(printed_home).corpus
    start = corpus.load_text("weather").index("Snow falls on the mountains")
    return f"/documents/weather?at={start}-{start + 45}"


def list_pictures(shown):
    return [html.unescape(address) for address in re.findall(r'src="(/documents/[^"]+)"', shown)]


def test_every_page_is_shown_beside_the_text_and_told_by_its_number(printed):
    shown = printed.get("/documents/weather").text
    assert re.findall(r'alt="(Page \d) of On the Weather', shown) == [f"Page {n}" for n in (1, 2, 3, 4) for _ in "ab"]
    assert re.findall(r'<img loading="lazy" decoding="async" width="480" height="(\d+)"', shown) == ["720"] * 8


def test_a_picture_is_a_png_that_a_browser_keeps(printed):
    address = list_pictures(printed.get("/documents/weather").text)[0]
    found = printed.get(address)
    assert (found.status_code, found.headers["content-type"]) == (200, "image/png")
    again = printed.get(address, headers={"If-None-Match": found.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_only_the_page_of_the_passage_has_it_marked(printed, snow):
    marked = [address for address in list_pictures(printed.get(snow).text) if "mark=" in address]
    assert {address.partition("?")[0] for address in marked} == {"/documents/weather/pages/2.png"}
    plain = printed.get("/documents/weather/pages/2.png")
    assert printed.get(marked[0]).content != plain.content


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("weather/pages/5.png", 422),
        ("weather/pages/0.png", 422),
        ("weather/pages/999999999.png", 422),
        (f"weather/pages/{'9' * 5000}.png", 404),
        ("weather/pages/x.png", 404),
        ("weather/pages/-1.png", 404),
        ("nothing/pages/1.png", 404),
        ("..%2Fweather/pages/1.png", 404),
        ("weather/pages/1.png?width=481", 422),
        ("weather/pages/1.png?width=99999", 422),
        ("weather/pages/1.png?mark=0-99999999", 404),
        ("weather/pages/1.png?mark=x", 404),
    ],
)
def test_a_page_that_is_not_there_is_told(printed, path, status):
    assert printed.get(f"/documents/{path}").status_code == status


def test_a_document_that_is_no_pdf_has_no_pictures(client):
    assert list_pictures(client.get(DOCUMENT).text) == []
    assert client.get(f"{DOCUMENT}/pages/1.png").status_code == 404


def test_a_pdf_that_is_gone_leaves_the_text(printed_home, serving, tmp_path):
    (folder,) = (printed_home.home / "papers" / "weather" / "originals").iterdir()
    kept = folder.read_bytes()
    folder.write_bytes(b"%PDF-1.7 damaged")
    try:
        with serving(create_app(replace(printed_home))) as url:
            shown = httpx.get(f"{url}/documents/weather", timeout=30)
            assert (shown.status_code, list_pictures(shown.text)) == (200, [])
            assert "Rain falls on the hills of Wales" in shown.text
            assert httpx.get(f"{url}/documents/weather/pages/1.png", timeout=30).status_code == 422
    finally:
        folder.write_bytes(kept)


@browser
def test_on_a_wide_screen_a_page_stands_beside_its_text(visit, printed_url, snow):
    page = visit(f"{printed_url}{snow}#here", **WIDE)
    picture = page.locator("figure.plate img").nth(1)
    picture.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    assert picture.evaluate("e => e.naturalWidth") > 0
    text, beside = page.locator("#here").bounding_box(), picture.bounding_box()
    assert text["x"] + text["width"] < beside["x"]
    assert beside["y"] < text["y"] + text["height"] < beside["y"] + beside["height"]
    assert page.evaluate("document.documentElement.scrollWidth") == 1440


@browser
def test_on_a_phone_a_page_is_folded_away_and_not_fetched_before_it_is_opened(visit, printed_url, snow):
    page = visit("about:blank", **PHONE)
    asked = []
    page.on("request", lambda request: asked.append(request.url) if ".png" in request.url else None)
    page.goto(f"{printed_url}{snow}#here")
    page.wait_for_load_state("networkidle")
    assert asked == []
    page.locator("details.plate summary").nth(1).click()
    page.wait_for_load_state("networkidle")
    assert [address.partition("?")[0] for address in asked] == [f"{printed_url}/documents/weather/pages/2.png"]


@browser
def test_a_page_is_unfolded_without_javascript(visit, printed_url):
    page = visit(f"{printed_url}/documents/weather", **PHONE, **NO_SCRIPT)
    assert not page.locator("details.plate img").first.is_visible()
    page.locator("details.plate summary").first.click()
    assert page.locator("details.plate img").first.is_visible()


@browser
@pytest.mark.parametrize("line", [None, SLOW_LINE // 5], ids=["fast", "slow"])
def test_nothing_moves_while_pages_come(visit, printed_url, line):
    page = watch(visit, f"{printed_url}/documents/weather", bytes_per_s=line, **WIDE)
    assert sum(shifts(page)) < HALF_A_ROW
