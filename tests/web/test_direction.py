"""Text that runs from right to left: a paper in Arabic on a page in English, and a page in such a language."""

import pytest

from index.build import build_index
from index.settings import Settings
from web import texts
from web.app import create_app

pytestmark = [pytest.mark.model, pytest.mark.server, pytest.mark.browser]

SENTENCE = "تحوم الصقور فوق جوانب الطرق عندما تهب رياح قوية [1]."
BIRDS = f"""# عن الطيور

جين رو

## المطابخ

{SENTENCE} تحتوي كنوز العملات البيزنطية على فضة أقل.

## References

[1] Roe, B. (2021). Kestrels that hover over roadside verges. Journal of Birds.
"""
QUESTION = "أين تحوم الصقور؟"


@pytest.fixture(scope="module")
def arabic(tmp_path_factory, model_folder, serving):
    """A home with a paper in Arabic."""
    home = tmp_path_factory.mktemp("arabic")
    (home / "models").symlink_to(model_folder.parent, target_is_directory=True)
    (home / "birds.md").write_text(BIRDS, encoding="utf-8")
    build_index([home / "birds.md"], Settings(home=home))
    with serving(create_app(Settings(home=home, threshold=0.0))) as url:
        yield url


@pytest.fixture
def turned(monkeypatch):
    """Turn every page, as a file of a language does that is written from right to left."""
    monkeypatch.setitem(texts.TEXTS, "page.direction", "rtl")


def measure(page, selector):
    """Return the direction of an element, its bars on the left and right, and the sides where its text begins."""
    return page.locator(selector).first.evaluate(
        """element => {
            const style = getComputedStyle(element), box = element.getBoundingClientRect();
            const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
            while (walker.nextNode() && !walker.currentNode.data.trim());
            const range = document.createRange(), data = walker.currentNode.data;
            const at = data.search(/\\S/);
            range.setStart(walker.currentNode, at);
            range.setEnd(walker.currentNode, at + 1);
            const letter = range.getBoundingClientRect();
            return {
                direction: style.direction,
                bars: [style.borderLeftWidth, style.borderRightWidth].map(parseFloat),
                side: letter.left - box.left < box.right - letter.right ? "left" : "right",
            };
        }"""
    )


QUOTED = [
    ("/ask?q={q}", ".card blockquote"),
    ("/ask?q={q}", ".sentence"),
    ("/documents/{d}", "h1"),
    ("/documents/{d}", "h2"),
    ("/documents/{d}", ".block.text .words"),
]


def find_document(page):
    return page.locator(".card a.open").first.get_attribute("href").partition("?")[0]


@pytest.fixture
def visit_arabic(visit, arabic):
    """Give a function that opens a page about the paper in Arabic."""

    def open_page(path):
        page = visit(f"{arabic}/ask?q={QUESTION}")
        if "{d}" in path:
            page.goto(f"{arabic}{find_document(page)}")
        return page

    return open_page


@pytest.mark.parametrize(("path", "selector"), QUOTED)
def test_what_is_quoted_runs_its_own_way(visit_arabic, path, selector):
    found = measure(visit_arabic(path), selector)
    assert (found["direction"], found["side"]) == ("rtl", "right")


def test_the_bar_of_a_sentence_stands_where_the_sentence_begins(visit_arabic):
    assert measure(visit_arabic("/ask"), ".sentence")["bars"] == [0, 3]


def test_the_page_around_it_stays_as_it_is(visit_arabic):
    page = visit_arabic("/ask")
    assert measure(page, ".why summary")["direction"] == "ltr"
    assert page.locator(".card blockquote").first.inner_text().startswith(SENTENCE)


def test_the_ask_box_turns_with_what_is_typed(visit):
    page = visit("/")
    box = page.locator("#q")
    directions = []
    for words in ("Where?", QUESTION):
        box.fill(words)
        directions.append(box.evaluate("e => getComputedStyle(e).direction"))
    assert directions == ["ltr", "rtl"]


def test_a_turned_page_has_its_bars_on_the_right(visit, doubting_url, turned):
    doubt = measure(visit(f"{doubting_url}/ask?q=bread"), ".doubt")
    assert (doubt["direction"], doubt["bars"]) == ("rtl", [0, 3])
    assert measure(visit("/citations"), ".verdict")["bars"] == [0, 3]


def test_on_a_turned_page_english_quotes_run_from_the_left(visit, turned):
    page = visit("/ask?q=How much will Toyota invest?")
    assert [measure(page, of)["direction"] for of in ("body", ".card blockquote")] == ["rtl", "ltr"]
    assert measure(page, ".card blockquote")["side"] == "left"


@pytest.mark.parametrize("path", ["/", "/ask?q=How much will Toyota invest?", "/sources", "/citations", "/cite?at=7"])
@pytest.mark.parametrize("width", [360, 1440])
def test_nothing_sticks_out_of_a_turned_page(visit, turned, path, width):
    page = visit(path, viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == width
