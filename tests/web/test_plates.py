"""Printed pages of a PDF beside its text."""

import html
import os
import re
from dataclasses import replace

import httpx
import pytest
from movement import HALF_A_ROW, SLOW_LINE, shifts, watch
from test_reader import DOCUMENT, NO_SCRIPT, PHONE, WIDE, browser

from index.build import build_index
from index.bundle import open_index
from index.settings import Settings
from web.app import create_app

pytestmark = [pytest.mark.model, pytest.mark.server]

PAGES = """<style>@page { size: 400pt 600pt; margin: 40pt } body { font: 12pt "Liberation Serif" }
.next { break-before: page }</style><html lang=en><h1>On the Weather of Wales and Its Hills</h1><p>Jane Roe</p>
<h2>1 Introduction</h2><p>Rain falls on the hills of Wales for forty days, and the sheep stand in the barn until it is
over [1].</p><h2 class=next>2 Snow</h2><p>Snow falls on the mountains of Wales in January, and nobody goes up there
before the spring has come [1].</p><div class=next></div><p class=next>Hail falls on the cars of Wales in May, and their
owners go to the smith, who is glad of it.</p><h2>References</h2><p>[1] Smith, S. (2020). Rain on hills. Wet Press.</p>
"""


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
    with page.expect_request("**/*.png*"):
        page.locator("details.plate summary").nth(1).click()
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
