"""A reader who uses no mouse."""

import pytest
from test_browser import ANSWER, PASSAGE, ask

pytestmark = [pytest.mark.model, pytest.mark.server, pytest.mark.browser]

WIDE = {"viewport": {"width": 1440, "height": 900}}
NARROW = {"viewport": {"width": 1000, "height": 800}}
FOCUS = "document.activeElement.closest('.card')?.id ?? document.activeElement.id"


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def is_in_sight(page):
    return page.evaluate("""() => {
      const { top, bottom } = document.activeElement.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    }""")


@pytest.fixture
def talk(visit):
    """Give a function that opens a conversation of two turns, with the focus nowhere."""

    def open_window(**window):
        page = visit("/", **window)
        ask(page)
        page.locator("#t1-foot .why").wait_for()
        page.get_by_label("Ask the paper a question").fill("And who backs the Geodesic Alliance Fund?")
        press(page, "Enter")
        page.locator("#t2-foot .why").wait_for()
        press(page, "Escape")
        return page

    return open_window


def test_j_and_k_walk_the_passages_of_all_turns_and_keep_them_in_sight(talk):
    page = talk(**WIDE)
    page.evaluate("scrollTo(0, 0)")
    walked = []
    for key in "jjjjjjkk":
        press(page, key)
        walked.append(page.evaluate(FOCUS))
        assert is_in_sight(page)
    assert walked == ["t1-p1", "t1-p2", "t1-p3", "t1-p4", "t1-p5", "t2-p1", "t1-p5", "t1-p4"]


def test_j_begins_with_the_passage_in_sight(talk):
    page = talk(**WIDE)
    press(page, "j")
    assert page.evaluate(FOCUS) == "t2-p1"


@pytest.mark.parametrize(("key", "walked"), [("k", "t1-p1"), ("j", "t1-p5")])
def test_the_walk_stops_at_both_ends(visit, key, walked):
    page = visit(ANSWER)
    press(page, "j", *[key] * 6)
    assert page.evaluate(FOCUS) == walked


def test_enter_unfolds_the_passage_that_was_walked_to(visit):
    page = visit(ANSWER)
    press(page, "j", "j", "Enter")
    assert page.locator("#t1-p2 blockquote").is_visible()


def test_o_opens_the_passage_beside_the_answers_where_there_is_room(talk):
    page = talk(**WIDE)
    press(page, "j", "j", "o")
    page.locator("#reader #here").wait_for()
    assert page.locator("#t2-p2").is_visible()


def test_o_opens_the_passage_instead_of_the_answers_elsewhere(talk):
    page = talk(**NARROW)
    press(page, "j", "o")
    page.locator(".document #here").wait_for()
    assert page.url.partition("?")[0].rpartition("/")[2] == "us-japan-science-technology-2021-2025"


def test_o_opens_the_first_passage_in_sight_where_none_was_walked_to(visit):
    page = visit(ANSWER, **NARROW)
    press(page, "o")
    page.locator(".document #here").wait_for()


def test_c_opens_the_ways_to_cite_the_passage(visit):
    page = visit(ANSWER)
    press(page, "j", "j", "c")
    assert page.locator("#t1-p2 .sheet").is_visible()
    press(page, "Tab", "Enter")
    page.wait_for_url("**/cite?*style=apa")


def test_escape_closes_one_thing_at_a_time(talk):
    page = talk(**WIDE)
    press(page, "j", "o")
    page.locator("#reader #here").wait_for()
    press(page, "c")
    assert page.locator("#t2-p1 .sheet").is_visible()
    press(page, "?", "Escape")
    assert not page.locator("#keys").is_visible()
    assert page.locator("#t2-p1 .sheet").is_visible()
    press(page, "Escape")
    assert not page.locator("#t2-p1 .sheet").is_visible()
    assert page.locator("#reader").is_visible()
    press(page, "Escape")
    assert not page.locator("#reader").is_visible()


def test_the_focus_comes_back_from_the_document_to_its_passage(talk):
    page = talk(**WIDE)
    press(page, "j", "j", "o")
    page.locator("#reader #here").wait_for()
    assert page.evaluate("document.activeElement.id") == "reader"
    press(page, "Escape")
    assert page.evaluate(FOCUS) == "t2-p2"


def test_escape_leaves_the_ask_box_so_that_keys_can_be_pressed(visit):
    page = visit("/")
    ask(page)
    page.locator("#q").focus()
    press(page, "Escape", "j")
    assert page.evaluate(FOCUS) == "t1-p1"


@pytest.mark.parametrize("path", ["/", PASSAGE, "/sources", "/no"])
def test_a_question_mark_shows_all_keys_and_escape_hides_them(visit, path):
    page = visit(path)
    press(page, "Escape", "?")
    assert page.locator("#keys kbd").all_inner_texts() == ["/", "j", "k", "o", "c", "Esc", "?"]
    press(page, "Escape")
    assert not page.locator("#keys").is_visible()


def test_a_button_shows_the_keys_too(visit):
    page = visit(ANSWER)
    page.get_by_role("button", name="Keys").click()
    assert page.get_by_role("dialog", name="Keys").is_visible()
    page.get_by_role("button", name="Close").click()
    assert not page.locator("#keys").is_visible()


def test_without_a_script_no_keys_are_promised(visit):
    assert not visit(ANSWER, java_script_enabled=False).locator(".help").is_visible()


def test_the_keys_can_be_turned_off_and_stay_so(visit):
    page = visit(ANSWER)
    press(page, "?")
    page.get_by_label("Use these keys").uncheck()
    press(page, "Escape", "j")
    assert page.evaluate(FOCUS) == page.evaluate("document.activeElement.id")
    page.reload()
    press(page, "j")
    assert page.evaluate(FOCUS) == ""


def test_keys_are_letters_where_one_types(visit):
    page = visit("/")
    page.locator("#q:focus").wait_for()  # which it gets when the page is drawn
    page.keyboard.type("jock?/")
    assert page.locator("#q").input_value() == "jock?/"


@pytest.mark.parametrize("key", ["Control+j", "Alt+c", "Meta+o", "J"])
def test_keys_with_modifiers_are_the_browser_s(visit, key):
    page = visit(ANSWER)
    press(page, key)
    assert page.evaluate(FOCUS) == ""
    assert page.locator(".menu[open]").count() == 0


ACTIONS = "a[href], button, input:not([type=hidden]), select, summary"


@pytest.mark.parametrize("path", ["/", ANSWER, PASSAGE, "/sources", "/citations"])
def test_every_action_is_reached_by_tab_in_reading_order(visit, path):
    page = visit(path, **WIDE)
    page.evaluate("document.body.tabIndex = -1; document.body.focus()")
    wanted = page.locator(ACTIONS).evaluate_all(
        "all => all.filter(e => e.checkVisibility({ visibilityProperty: true })).map((e, n) => (e.dataset.stop = n))"
    )
    reached = []
    while len(reached) < min(len(wanted), 60):
        press(page, "Tab")
        stop = page.evaluate("document.activeElement.dataset.stop")
        reached += [int(stop)] if stop else []  # a part that scrolls is a stop too
    assert reached == wanted[:60]


def test_what_has_the_focus_is_seen(visit):
    page = visit(ANSWER)
    for _ in range(20):
        press(page, "Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", page.evaluate(FOCUS)
