"""Wrong markers and ways to cite, as a reader meets them in a real browser."""

import time

import pytest
import rispy

pytestmark = [pytest.mark.model, pytest.mark.server, pytest.mark.browser]

X_PAI = "/ask?q=What is the X-PAI initiative?"
PHONE = {"viewport": {"width": 360, "height": 740}}
NO_SCRIPT = {"java_script_enabled": False}


def focus(page, locator):
    """Walk with Tab from the text until something has the focus."""
    page.locator("#main").focus()
    for _ in range(60):
        page.keyboard.press("Tab")
        if locator.evaluate("e => e === document.activeElement"):
            return
    pytest.fail("Tab does not get there")


@pytest.mark.parametrize("window", [{}, PHONE, NO_SCRIPT])
def test_a_wrong_marker_is_told_and_leads_to_the_entry_that_it_means(visit, window):
    page = visit(X_PAI, **window)
    card = page.locator(".card", has=page.locator(".remark", has_text="The paper marks this [6]")).first
    card.locator("> summary").click()
    remark = card.locator(".remark", has_text="[6]")
    assert "its words match entry 7, University of Tsukuba, 2025" in remark.inner_text()
    remark.get_by_role("link").click()
    page.locator(".document").wait_for()
    assert page.url.endswith("#entry-7")
    assert "launch X-PAI initiative" in page.locator("#entry-7").inner_text()


def test_a_wrong_marker_is_seen_without_colour(visit):
    page = visit("/documents/us-japan-science-technology-2021-2025")
    style = "e => [getComputedStyle(e).textDecorationStyle, getComputedStyle(e, '::after').content]"
    (wave, sign), (plain, _) = (page.locator(f'a.marker[href="#entry-{n}"]').first.evaluate(style) for n in (6, 3))
    assert (wave, plain) == ("wavy", "dotted")
    assert "⚠" in sign


def test_the_menu_opens_and_is_followed_by_keyboard_alone(visit):
    page = visit(X_PAI)
    focus(page, page.locator("#t1-p1 .menu > summary"))
    page.keyboard.press("Enter")
    assert page.locator("#t1-p1 .sheet").is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "APA"
    page.keyboard.press("Enter")
    page.locator("#citations").wait_for()
    assert page.get_by_label("Style").input_value() == "apa"


def test_escape_closes_the_menu_and_stays_there(visit):
    page = visit(X_PAI)
    page.locator("#t1-p1 .menu > summary").click()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert not page.locator("#t1-p1 .sheet").is_visible()
    assert page.evaluate("document.activeElement.textContent") == "Cite"


def test_a_click_elsewhere_closes_the_menu(visit):
    page = visit(X_PAI)
    page.locator("#t1-p1 .menu > summary").click()
    page.locator(".sentence").click()
    assert not page.locator("#t1-p1 .sheet").is_visible()


@pytest.mark.parametrize("window", [{}, NO_SCRIPT])
def test_a_file_is_downloaded_and_read_again(visit, window):
    page = visit(X_PAI, **window)
    page.locator("#t1-p1 .menu > summary").click()
    with page.expect_download() as started:
        page.locator("#t1-p1 .sheet").get_by_role("link", name="RIS").click()
    assert started.value.suggested_filename.endswith(".ris")
    (entry,) = rispy.loads(started.value.path().read_text(encoding="utf-8"))
    assert entry["doi"] == "10.37602/ijssmr.2025.8436"


@pytest.mark.parametrize("window", [{}, NO_SCRIPT])
def test_another_style_is_chosen(visit, window):
    page = visit("/cite?at=7", **window)
    page.get_by_label("Style").select_option("IEEE")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**/cite?*style=ieee*")
    assert page.locator("#citations").inner_text().startswith("[1] University of Tsukuba")


def test_a_citation_is_copied_with_its_italics(visit):
    page = visit("/cite?at=7", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#citations").inner_text()
    rich = "navigator.clipboard.read().then(([item]) => item.getType('text/html')).then(blob => blob.text())"
    assert "<em>" in page.evaluate(rich)


@pytest.mark.parametrize("window", [{}, PHONE, NO_SCRIPT])
def test_the_page_of_citations_tells_the_pattern_and_what_is_wrong(visit, window):
    page = visit("/citations", **window)
    assert page.locator(".verdict").inner_text().startswith("From [5] on, entries run one ahead")
    assert page.get_by_role("row").filter(has_text="⚠ means").count() + page.locator("tr.same").count() == 17
    assert page.get_by_role("img").get_attribute("aria-labelledby") == "picture-1"


def test_rows_stay_rows_for_a_voice_where_a_phone_stacks_them(visit):
    page = visit("/citations", **PHONE)
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="[6]"))
    assert row.get_by_role("cell").count() == 3


def test_the_picture_is_scrolled_by_keyboard_on_a_phone(visit):
    page = visit("/citations", **PHONE)
    scroll = page.locator(".picture .scroll")
    assert scroll.evaluate("e => e.scrollWidth > e.clientWidth")
    scroll.focus()
    page.keyboard.press("ArrowRight")
    deadline_s = time.monotonic() + 5
    while not scroll.evaluate("e => e.scrollLeft"):
        assert time.monotonic() < deadline_s, "it does not move"


def test_what_is_right_is_folded_away(visit):
    page = visit("/citations", **NO_SCRIPT)
    assert not page.locator("#m1").is_visible()
    page.get_by_text("The others: 7").click()
    assert page.locator("#m1").is_visible()


def test_nothing_of_an_open_menu_sticks_out_of_a_phone(visit):
    page = visit(X_PAI, **PHONE)
    page.locator("#t1-p1 .menu > summary").click()
    box = page.locator("#t1-p1 .sheet").bounding_box()
    assert 0 <= box["x"] < box["x"] + box["width"] <= 360
    assert page.evaluate("document.documentElement.scrollWidth") == 360
