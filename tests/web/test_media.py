"""How pages look to those who read in another way: with less motion, in colours of their own, on paper, by touch."""

import pytest
from test_browser import ANSWER, DOCUMENT, PASSAGE, QUESTION, ask

pytestmark = [pytest.mark.model, pytest.mark.server, pytest.mark.browser]

WIDE = {"viewport": {"width": 1440, "height": 900}}
SHEET_OF_PAPER = {"width": 794, "height": 1123}  # A4 at 96 dpi: to a browser that prints, a narrow window


def style(page, selector, name):
    return page.locator(selector).first.evaluate("(e, name) => getComputedStyle(e)[name]", name)


@pytest.mark.parametrize(("motion", "duration"), [("no-preference", "0.16s"), ("reduce", "0s")])
def test_nothing_is_animated_for_who_wants_no_motion(visit, motion, duration):
    page = visit("/", reduced_motion=motion)
    assert style(page, ".ask button", "transitionDuration") == duration


LINE = "e => { const s = getComputedStyle(e, '::before'); return [s.animationName, s.height, s.opacity]; }"


@pytest.mark.parametrize(("motion", "name"), [("no-preference", "wait"), ("reduce", "none")])
def test_a_document_that_takes_its_time_is_told_of_with_motion_or_without(visit, motion, name):
    page = visit("/", reduced_motion=motion)
    page.locator("#reader").evaluate("pane => { pane.hidden = false; pane.ariaBusy = 'true'; }")
    name_now, height, opacity = page.locator("#reader").evaluate(LINE)
    assert (name_now, height) == (name, "2px")
    assert opacity == "1" or motion == "no-preference"


def test_marks_chips_and_what_is_chosen_are_seen_in_colours_of_the_reader_s_own(visit):
    page = visit("/", forced_colors="active")
    ask(page)
    page.locator("#t1-foot .why").wait_for()
    thumbs = page.locator("#t1-p1 .thumbs")
    thumbs.get_by_role("button", name="Yes").click()
    page.locator("#t1-p1 .thumbs [aria-pressed=true]").wait_for()
    plain = style(page, "#t1-p1 blockquote", "backgroundColor")
    assert style(page, "#t1-p1 mark", "backgroundColor") != plain
    assert style(page, "#t1-p1 mark", "textDecorationLine") == "underline"
    pressed, other = (
        style(page, f"#t1-p1 .thumbs [aria-pressed={state}]", "backgroundColor") for state in ("true", "false")
    )
    assert pressed != other
    assert style(page, ".sentence .chip", "borderTopColor") != "rgba(0, 0, 0, 0)"


@pytest.mark.parametrize("number", ["1", "2"])
def test_the_current_place_of_what_was_searched_is_told_from_the_others(visit, number):
    page = visit(f"{DOCUMENT}?find=Japan&n={number}", forced_colors="active")
    assert style(page, "mark.found.current", "outlineWidth") != style(page, "mark.found:not(.current)", "outlineWidth")


def test_a_conversation_on_paper_is_question_passages_and_full_citations(visit):
    page = visit("/", **WIDE)
    ask(page)
    page.locator("#t1-p1").get_by_role("link", name="Open", exact=True).click()
    page.locator("#reader #here").wait_for()
    page.emulate_media(media="print")
    page.set_viewport_size(SHEET_OF_PAPER)
    text = page.locator("body").inner_text()
    assert QUESTION in text
    assert "Toyota has committed to invest US$13.9 billion" in text
    assert "https://doi.org/10.37602/ijssmr.2025.8436" in text
    controls = page.locator("button, input:not([type=hidden]), select, nav, dialog, aside")
    assert [each.get_attribute("class") for each in controls.all() if each.is_visible()] == []


def test_a_document_on_paper_is_its_text(visit):
    page = visit(PASSAGE)
    page.emulate_media(media="print")
    assert page.locator("#here").is_visible()
    assert not any(page.locator(part).first.is_visible() for part in (".top", ".ask", ".find", ".outline"))


ACTING = (
    ".top a:not(.brand), .top button, .ask button, .ask input, .actions > a, .menu > summary, .copy, .examples button"
)


@pytest.mark.parametrize("path", ["/", ANSWER, "/conversations"])
def test_what_acts_under_a_finger_is_44_px_high(visit, path):
    page = visit(path, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    acting = page.locator(ACTING).filter(visible=True)
    heights = acting.evaluate_all("all => all.map((e) => e.getBoundingClientRect().height)")
    assert len(heights) >= 7
    assert min(heights) >= 44


def test_word_that_the_server_is_gone_is_in_sight_however_far_one_has_read(visit):
    page = visit(ANSWER)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.context.set_offline(offline=True)
    page.locator("#q").fill(QUESTION)
    page.keyboard.press("Enter")
    told = page.get_by_text("No answer came.")
    told.wait_for()
    assert 0 <= told.bounding_box()["y"] < page.viewport_size["height"] / 2
