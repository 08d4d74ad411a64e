"""A conversation as a reader has it in a real browser."""

import re

import pytest

pytestmark = [pytest.mark.model, pytest.mark.server, pytest.mark.browser]

FIRST, NEXT = "How large is the Geodesic Alliance Fund?", "and who backs it?"
WIDE = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 360, "height": 740}}
NO_SCRIPT = {"java_script_enabled": False}
WINDOWS = [WIDE, PHONE, NO_SCRIPT]


def ask(page, question, turn):
    page.get_by_label("Ask the paper a question").fill(question)
    page.keyboard.press("Enter")
    page.locator(f"#t{turn}-foot .why").wait_for()


@pytest.fixture
def talk(visit):
    """Give a function that opens a window in which two questions were asked."""

    def open_window(**window):
        page = visit("/", **window)
        ask(page, FIRST, 1)
        ask(page, NEXT, 2)
        return page

    return open_window


@pytest.mark.parametrize("window", WINDOWS)
def test_a_reader_asks_on_and_is_told_how_it_was_read(talk, window):
    page = talk(**window)
    assert [each.inner_text() for each in page.locator(".asked").all()] == [FIRST, NEXT]
    assert "Geodesic Alliance Fund" in page.locator("#t2 .reading q").inner_text()
    assert re.search(r"/conversations/[\w-]{22}#t2$", page.url)


def test_the_new_turn_is_at_the_top_and_the_box_is_empty_and_has_the_focus(talk):
    page = talk(**WIDE)
    assert 0 <= page.locator("#t2").bounding_box()["y"] < 120
    assert page.evaluate("[document.activeElement.id, document.activeElement.value]") == ["q", ""]


def test_the_ask_box_stays_in_sight(talk):
    page = talk(**PHONE)
    page.mouse.wheel(0, -400)
    box = page.locator("#q").bounding_box()
    assert 0 < box["y"] < box["y"] + box["height"] <= 740


def test_a_question_that_is_sent_twice_is_asked_once(visit):
    page = visit("/", **WIDE)
    page.locator(".examples button").first.dblclick()
    page.locator("#t1-foot .why").wait_for()
    assert page.locator("#t1 .card").count() == 5
    page.get_by_label("Ask the paper a question").fill(FIRST)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.locator("#t2-foot .why").wait_for()
    page.reload()
    assert page.locator(".turn").count() == 2


@pytest.mark.parametrize("window", WINDOWS)
def test_a_reading_is_taken_back_with_one_click(talk, window):
    page = talk(**window)
    page.get_by_role("button", name="Ask as I typed it").click()
    page.locator("#t2 .reading").wait_for(state="detached")
    assert page.locator("#t2-q").inner_text() == NEXT


@pytest.mark.parametrize("window", WINDOWS)
def test_reload_keeps_the_conversation(talk, window):
    page = talk(**window)
    page.reload()
    assert page.locator(".turn").count() == 2


def test_back_leads_to_the_turn_before_and_then_to_the_first_view(talk):
    page = talk(**WIDE)
    page.go_back()
    page.wait_for_url("**#t1")
    page.go_back()
    page.locator(".paper").wait_for()
    assert page.locator(".turn").count() == 0


def test_a_document_opens_beside_the_answers_at_the_words(talk):
    page = talk(**WIDE)
    page.locator("#t2-p1").get_by_role("link", name="Open").click()
    page.locator("#reader #here").wait_for()
    here, pane = (page.locator(each).bounding_box() for each in ("#reader #here", "#reader"))
    assert pane["y"] <= here["y"] < here["y"] + here["height"] <= pane["y"] + pane["height"]
    assert page.locator("#t2-p1").is_visible()


def test_what_is_open_beside_the_answers_has_an_address(talk):
    page = talk(**WIDE)
    page.locator("#t2-p1").get_by_role("link", name="Open").click()
    page.locator("#reader #here").wait_for()
    page.reload()
    assert page.locator("#reader #here").is_visible()
    assert page.locator(".turn").count() == 2


def test_back_closes_what_is_open_beside_the_answers(talk):
    page = talk(**WIDE)
    page.locator("#t2-p1").get_by_role("link", name="Open").click()
    page.locator("#reader #here").wait_for()
    page.go_back()
    page.locator("#reader").wait_for(state="hidden")
    assert page.locator(".turn").count() == 2


def test_the_document_is_closed_and_the_answers_stay(talk):
    page = talk(**WIDE)
    page.locator("#t2-p1").get_by_role("link", name="Open").click()
    page.locator("#reader #here").wait_for()
    page.get_by_role("link", name="Close").click()
    page.locator("#reader").wait_for(state="hidden")
    assert page.locator(".turn").count() == 2
    assert "read=" not in page.url


@pytest.mark.parametrize("window", [PHONE, NO_SCRIPT])
def test_where_there_is_no_room_the_document_leads_back_to_the_turn(talk, window):
    page = talk(**window)
    page.locator("#t2-p1").get_by_role("link", name="Open").click()
    page.locator("article.document").wait_for()
    page.get_by_role("link", name="Back to the answer").first.click()
    page.locator("#t2-p1").wait_for()
    assert page.url.endswith("#t2")


@pytest.mark.parametrize("window", WINDOWS)
def test_a_thumb_is_kept(talk, window):
    page = talk(**window)
    page.locator("#t2-p1 .thumbs").get_by_role("button", name="Yes").click()
    page.locator("#t2-p1 .thumbs [aria-pressed=true]").wait_for()
    page.reload()
    assert page.locator("#t2-p1 .thumbs [aria-pressed=true]").inner_text() == "Yes"


@pytest.mark.parametrize("window", WINDOWS)
def test_a_conversation_is_renamed_and_removed(talk, window):
    page = talk(**window)
    page.locator(".bar summary").click()
    page.get_by_label("Title").fill("About the fund")
    page.get_by_role("button", name="Rename").click()
    page.locator(".bar summary", has_text="About the fund").wait_for()
    page.goto("/conversations")
    page.get_by_role("link", name="Remove About the fund").first.click()
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("heading", name="Conversations").wait_for()
    assert page.get_by_role("link", name="About the fund", exact=True).count() == 0


@pytest.mark.parametrize(("name", "end"), [("Markdown", "md"), ("Web page", "html"), ("JSON", "json")])
def test_a_conversation_is_taken_along(talk, name, end):
    page = talk(**WIDE)
    page.locator(".bar summary").click()
    with page.expect_download() as file:
        page.locator(".bar").get_by_role("link", name=name).click()
    assert file.value.suggested_filename == f"how-large-is-the-geodesic-alliance-fund.{end}"


def test_what_cannot_be_asked_is_told_below_the_turns_and_goes_with_the_next_answer(talk):
    page = talk(**WIDE)
    page.get_by_label("Ask the paper a question").fill("?!")
    page.keyboard.press("Enter")
    page.locator("#faults").get_by_text("The question is not text.").wait_for()
    assert page.locator(".turn").count() == 2
    ask(page, "How much will Toyota invest?", 3)
    assert page.locator("#faults").inner_text() == ""


def test_two_windows_ask_in_the_same_conversation_and_nothing_is_lost(talk, visit):
    one = talk(**WIDE)
    two = visit(one.url)
    ask(two, "How much will Toyota invest?", 3)
    ask(one, "Who is Kyocera's partner?", 4)
    one.reload()
    assert one.locator(".turn").count() == 4


def test_back_while_an_answer_still_comes_leaves_the_way_forward(visit):
    page = visit("/")
    page.get_by_label("Ask the paper a question").fill(FIRST)
    page.keyboard.press("Enter")
    page.locator("#t1-p1").wait_for()
    page.go_back()
    page.locator(".paper").wait_for()
    page.wait_for_timeout(300)  # in which the other events would make entries of their own
    page.go_forward()
    page.locator("#t1-p1").wait_for()
