"""No page breaks a rule of axe, in light and in dark, on a desk and on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from test_browser import PAGES, QUESTION, ask

pytestmark = [pytest.mark.model, pytest.mark.server, pytest.mark.browser]

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
# Swagger UI draws the inside of this; what is around it is ours.
FOREIGN = {"exclude": [["#api"]]}


def check(page):
    """Look at a page as it is, in both lights and both widths; each finding says where."""
    page.wait_for_load_state("networkidle")
    found = []
    for scheme in ("light", "dark"):
        for size in (DESK, PHONE):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size(size)
            rules = Axe().run(page, context=FOREIGN).response["violations"]
            found += [(scheme, size["width"], rule["id"], node["html"]) for rule in rules for node in rule["nodes"]]
    assert found == []


def converse(visit, **window):
    page = visit("/", **window)
    ask(page)
    page.locator("#t1-foot .why").wait_for()
    page.get_by_label("Ask the paper a question").fill("And who paid for it?")
    page.keyboard.press("Enter")
    page.locator("#t2-foot .why").wait_for()
    return page


@pytest.mark.parametrize("path", [*PAGES, "/no"])
def test_a_page_breaks_no_rule(visit, path):
    check(visit(path))


def test_an_answer_that_nothing_answers_breaks_no_rule(visit, doubting_url):
    check(visit(f"{doubting_url}/ask?q={QUESTION}"))


def test_a_conversation_breaks_no_rule_as_it_grows_and_when_it_is_opened_again(visit):
    page = converse(visit)
    check(page)
    page.reload()
    check(page)


def test_the_menus_of_a_conversation_break_no_rule(visit):
    page = converse(visit)
    for menu in (page.locator(".bar .menu"), page.locator("#t2-p1 .menu")):
        menu.locator("summary").click()
        check(page)


def test_a_conversation_with_a_document_beside_it_breaks_no_rule(visit):
    page = converse(visit, viewport=DESK)
    page.locator("#t1-p1").get_by_role("link", name="Open", exact=True).click()
    page.locator("#here").wait_for()
    check(page)


def test_the_list_of_conversations_and_the_word_before_one_goes_break_no_rule(visit):
    page = converse(visit)
    page.goto("/conversations")
    check(page)
    page.get_by_role("link", name="Remove").first.click()
    check(page)


def test_sources_and_citations_break_no_rule_when_all_is_unfolded(visit):
    for path, folded in (("/sources", ".change > summary"), ("/citations", ".map > summary")):
        page = visit(path)
        page.locator(folded).first.click()
        check(page)
