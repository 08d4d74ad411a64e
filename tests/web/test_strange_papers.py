"""Citations of papers with a fault each: hostile, with the text of an entry, and without any citation."""

import contextlib
import html
import re

import httpx
import pytest

from index.build import build_index
from index.settings import Settings
from web.app import create_app

pytestmark = [pytest.mark.model, pytest.mark.server]


def read(text):
    return html.unescape(re.sub(r"\s+", " ", re.sub("<[^>]+>", "", text)))


EVIL = "<script>alert('bread')</script>"
HOSTILE = f"""# On {EVIL} & "Bread"

Jane {EVIL}

## Kitchens

Kestrels hover over roadside verges even when crosswinds {EVIL} are strong [1].
Hoards of Byzantine coins hold silver [2].

## References

[1] Salt, A. (2020). Silver of Byzantine coin hoards {EVIL}. https://example.org/?a="><script>alert(1)</script>

[2] Roe, B. (2021). Kestrels that hover over roadside verges in crosswinds "onload=alert(1). javascript:alert(1)
"""
BIRDS = """# On Birds

Jane Roe

## Kitchens

Kestrels hover over roadside verges even when crosswinds are strong [1]. Hoards of Byzantine coins from Thrace hold less
and less silver [2]. Sourdough starters in cold kitchens hold other lactic bacteria [3].

## References

[1] Salt, A. (2020). Silver content of Byzantine coin hoards from Thrace. Journal of Coins.

[2] Roe, B. (2021). Kestrels that hover over roadside verges in crosswinds. Journal of Birds.

[3] Poe, C. (2022). Lactic bacteria of sourdough starters kept in cold kitchens. Journal of Bread.
"""
KESTRELS = (
    "We filmed kestrels that hover over roadside verges even when crosswinds are strong, and found that they turn "
    "their heads into the wind and hold still for many seconds, while the verges below them are mown."
)
TEXT = f"""<!doctype html><title>Kestrels that hover over roadside verges in crosswinds</title>
<h1>Kestrels that hover over roadside verges in crosswinds</h1>
<p>Small falcons are seen along motorways in most months of the year, and much has been written of what they eat, where
they nest in towns and on farms, and how they raise their young.</p>
<p>{KESTRELS}</p>
<p>The verges were mown twice a year and held many voles, which were counted with traps in spring and in autumn.</p>"""
BARE = "# On Nothing\n\nNothing is cited here, and nothing is known of it."


@pytest.fixture(scope="module")
def strange(tmp_path_factory, model_folder, serving):
    """A home with a hostile paper, one with the text of an entry, and one without citations, which is in use."""
    home = tmp_path_factory.mktemp("strange")
    (home / "held").mkdir()
    (home / "held" / "2.html").write_text(TEXT)
    (home / "models").symlink_to(model_folder.parent, target_is_directory=True)
    for name, text in {"hostile": HOSTILE, "birds": BIRDS, "bare": BARE}.items():
        (home / f"{name}.md").write_text(text)
        build_index([home / f"{name}.md"], Settings(home=home), by_hand=home / "held" if name == "birds" else None)
    with serving(create_app(Settings(home=home, threshold=0.0))) as url:
        yield url


@contextlib.contextmanager
def browse(url, paper):
    with httpx.Client(base_url=url, follow_redirects=True, timeout=30) as client:
        client.get(f"/papers/{paper}")
        yield client


@pytest.fixture
def hostile(strange):
    with browse(strange, "hostile") as client:
        yield client


@pytest.fixture
def birds(strange):
    with browse(strange, "birds") as client:
        yield client


def test_a_note_opens_the_meant_entry_s_own_text_where_it_says_the_same(birds):
    shown = birds.get("/ask", params={"q": "Where do kestrels hover?", "source": "paper"}).text
    link = re.search(r'words match <a dir="auto" href="([^"]+)">entry 2, Roe, B., 2021', shown)[1]
    assert re.fullmatch(r"/documents/reference-2\?at=\d+-\d+#here", link)
    assert f'<span class="passage" id="here">{KESTRELS[:40]}' in birds.get(link).text


def test_the_audit_opens_that_text_as_well_and_tells_the_pattern(birds):
    shown = birds.get("/citations").text
    link = re.search(r'href="([^"]+)">Its text', shown)[1]
    assert f'id="here">{KESTRELS[:40]}' in birds.get(link).text
    assert "[1] is about entry 2 and [2] is about entry 1." in read(shown)


def test_a_work_with_its_own_text_is_cited_by_its_entry_s_number(birds):
    assert "Roe, B. (2021)" in read(birds.get("/cite?at=2").text)


@pytest.mark.parametrize(
    "path",
    ["/citations", "/cite?at=1&at=2&at=hostile", "/cite?bibliography=1", "/ask?q=kestrels", "/documents/hostile"],
)
def test_no_word_of_a_paper_becomes_markup(hostile, path):
    found = hostile.get(path)
    assert found.status_code == 200
    assert "alert(" in found.text
    assert (
        re.findall(
            r"<script(?! src=\"/static/)|\son\w+=|href=\"javascript", re.sub(r'"[^"]*onload[^"]*"', "", found.text)
        )
        == []
    )


def test_files_on_the_page_are_of_the_paper_that_is_open(hostile):
    shown = hostile.get("/cite?at=2").text
    link = html.unescape(re.search(r'href="(/api/cite[^"]+format=ris[^"]*)"', shown)[1])
    assert "Kestrels" in hostile.get(link).text


def test_a_paper_without_citations_is_told_so(strange):
    shown = httpx.get(f"{strange}/citations").text
    assert "Nothing to check: no citation marker" in read(shown)
    assert "<svg" not in shown
    assert "cite?bibliography" not in shown
    assert "⚠" not in shown
