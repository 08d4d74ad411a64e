import re

import pytest

pytestmark = [pytest.mark.model, pytest.mark.server, pytest.mark.browser]

QUESTION = "How much will Toyota invest?"
ANSWER = f"/ask?q={QUESTION}"
DOCUMENT = "/documents/us-japan-science-technology-2021-2025"
PASSAGE = f"{DOCUMENT}?at=9090-10069&mark=9188-9411#here"
CITE = "/cite?at=7&at=us-japan-science-technology-2021-2025:9188-9411&style=ieee"
PAGES = [
    "/",
    ANSWER,
    PASSAGE,
    f"{DOCUMENT}?find=Toyota",
    "/conversations",
    "/papers",
    "/sources",
    "/citations",
    CITE,
    "/docs",
]
PHONE = {"viewport": {"width": 360, "height": 740}}
NO_SCRIPT = {"java_script_enabled": False}
HIGHLIGHT = "Toyota has committed to invest US$13.9 billion"


def ask(page, question=QUESTION):
    page.get_by_label("Ask the paper a question").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()
    page.locator("#t1-p1, .fault").first.wait_for()


def is_in_viewport(page, selector):
    box = page.locator(selector).first.bounding_box()
    return box["y"] >= 0 and box["y"] + box["height"] <= page.viewport_size["height"]


def test_the_ask_box_has_the_focus_at_first(visit):
    assert visit("/").evaluate("document.activeElement.id") == "q"


def test_a_question_is_answered_by_the_sentence_in_its_place(visit):
    page = visit("/")
    ask(page)
    assert page.locator(".sentence").inner_text().startswith(HIGHLIGHT)
    assert page.locator("#t1-p1 mark").inner_text().startswith(HIGHLIGHT)


def test_the_highlight_stands_inside_its_card(visit):
    page = visit("/")
    ask(page)
    card, mark = (page.locator(selector).bounding_box() for selector in ("#t1-p1", "#t1-p1 mark"))
    assert card["y"] < mark["y"] < mark["y"] + mark["height"] < card["y"] + card["height"]
    assert card["x"] <= mark["x"] < mark["x"] + mark["width"] <= card["x"] + card["width"]


def test_the_highlight_is_seen_without_colour(visit):
    assert visit(ANSWER).locator("#t1-p1 mark").evaluate("e => getComputedStyle(e).textDecorationLine") == "underline"


def test_only_the_answers_are_fetched(visit):
    page = visit("/")
    fetched = []
    page.on("request", lambda request: fetched.append((request.resource_type, request.url)))
    ask(page)
    loaded = [(kind, url.partition("?")[0]) for kind, url in fetched if kind in ("document", "fetch", "xhr")]
    assert [(kind, path.rpartition("/")[2]) for kind, path in loaded] == [("fetch", "ask")]


def test_an_answer_has_an_address_and_a_title_of_its_own(visit):
    page = visit("/")
    ask(page)
    assert re.fullmatch(r"http://[^/]+/conversations/[\w-]{22}#t1", page.url)
    assert page.title() == f"{QUESTION} · Ibid"


def test_reload_keeps_the_answer(visit):
    page = visit("/")
    ask(page)
    page.locator("#t1-foot .why").wait_for()
    page.reload()
    assert page.locator("#t1-p1 mark").inner_text().startswith(HIGHLIGHT)
    assert page.locator("#t1-q").inner_text() == QUESTION


def test_back_and_forward_walk_through_the_answers(visit):
    page = visit("/")
    ask(page)
    page.go_back()
    page.locator(".paper").wait_for()
    assert page.locator("#t1-p1").count() == 0
    page.go_forward()
    page.locator("#t1-p1").wait_for()
    assert page.locator("#t1-q").inner_text() == QUESTION


def test_back_from_the_document_finds_the_answer_again(visit):
    page = visit("/")
    ask(page)
    page.locator("#t1-p1").get_by_role("link", name="Open").click()
    page.locator(".document").wait_for()
    page.go_back()
    page.locator("#t1-p1").wait_for()
    assert page.locator(".sentence").inner_text().startswith(HIGHLIGHT)


@pytest.mark.parametrize("window", [{}, PHONE, NO_SCRIPT])
def test_the_source_opens_at_the_highlight(visit, window):
    page = visit(ANSWER, **window)
    page.locator("#t1-p1").get_by_role("link", name="Open").click()
    page.locator(".document").wait_for()
    assert page.locator("#here").inner_text().startswith(HIGHLIGHT)
    assert is_in_viewport(page, "#here")


def test_a_marker_opens_the_source_at_its_entry(visit):
    page = visit(ANSWER)
    page.locator("#t1-p1 .notes").get_by_role("link").first.click()
    page.locator(".document").wait_for()
    assert page.url.endswith("#entry-13")
    assert is_in_viewport(page, "#entry-13")


def test_all_works_without_javascript(visit):
    page = visit("/", **NO_SCRIPT)
    ask(page)
    assert page.locator("#t1-p1 mark").inner_text().startswith(HIGHLIGHT)
    assert page.locator("#t1-p1 .citation").is_visible()
    assert not page.locator("#t1-p1 .copy").is_visible()


def test_a_folded_passage_opens_without_javascript(visit):
    page = visit(ANSWER, **NO_SCRIPT)
    assert not page.locator("#t1-p2 blockquote").is_visible()
    page.locator("#t1-p2 > summary").click()
    assert page.locator("#t1-p2 blockquote").is_visible()


@pytest.mark.parametrize("window", [{}, PHONE])
def test_a_folded_passage_shows_two_lines_at_most(visit, window):
    page = visit(ANSWER, **window)
    heights = page.locator(".card:not([open]) .lead").evaluate_all("all => all.map(e => e.clientHeight)")
    assert len(heights) == 4
    assert max(heights) <= 48


def test_what_cannot_be_asked_is_told_in_place(visit):
    page = visit("/")
    ask(page, "?!")
    assert page.locator("#faults h1").inner_text() == "The question is not text."


def test_what_is_not_answered_is_said_in_words(visit, doubting_url):
    page = visit(f"{doubting_url}/ask?q={QUESTION}")
    assert page.locator(".doubt").inner_text() == "The sources do not seem to answer this. Nearest passages:"
    assert page.locator(".sentence").count() == 0


def test_scores_and_shared_words_are_for_those_who_ask(visit):
    page = visit(ANSWER)
    told = page.locator("#t1-p1 .ask-more .why")
    assert not told.locator("p").is_visible()
    told.get_by_text("Why this passage?").click()
    assert told.locator("p").inner_text().startswith("It shares with the question: Toyota, invest. Score ")


def test_a_server_that_is_gone_is_told(visit):
    page = visit("/")
    page.context.set_offline(offline=True)
    page.get_by_label("Ask the paper a question").fill(QUESTION)
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_text("No answer came.").wait_for()
    page.context.set_offline(offline=False)
    ask(page)
    assert not page.get_by_text("No answer came.").is_visible()


def test_the_citation_is_copied(visit):
    page = visit(ANSWER, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy citation").first.click()
    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#t1-p1 .citation").text_content()
    assert "10.37602/ijssmr.2025.8436" in copied


def test_a_button_that_is_pressed_twice_gets_its_words_back(visit):
    page = visit(ANSWER, permissions=["clipboard-read", "clipboard-write"])
    button = page.locator("#t1-p1 .copy")
    words = button.inner_text()
    button.dblclick()
    page.get_by_role("button", name="Copied").wait_for()
    page.wait_for_timeout(2300)  # milliseconds; the word stays for 2000
    assert button.inner_text() == words


def test_a_slash_goes_to_the_ask_box_and_is_not_typed(visit):
    page = visit(ANSWER)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    assert page.get_by_label("Ask the paper a question").input_value() == ""


def test_a_slash_in_the_ask_box_is_typed(visit):
    page = visit("/")
    page.locator("#q:focus").wait_for()  # which it gets when the page is drawn
    page.keyboard.type("5G/6G")
    assert page.get_by_label("Ask the paper a question").input_value() == "5G/6G"


def test_the_first_stop_of_tab_skips_to_the_text(visit):
    page = visit(ANSWER)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the text"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_answers_are_read_out_as_they_come(visit):
    page = visit("/")
    ask(page)
    assert page.get_by_role("status").first.text_content().startswith(f"Answered: {HIGHLIGHT}")


@pytest.mark.parametrize("path", PAGES)
def test_no_page_reaches_beyond_the_server_or_breaks_its_own_rules(visit, url, path):
    page = visit("about:blank")
    asked, wrong = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(path)
    page.wait_for_load_state("networkidle")
    assert [address for address in asked if not address.startswith((f"{url}/", "data:image/"))] == []
    assert wrong == []


def test_the_description_of_the_api_is_drawn_and_can_be_tried(visit):
    page = visit("/docs")
    page.get_by_text("/api/ask").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    page.locator(".live-responses-table .response-col_status").get_by_text("200").wait_for()


@pytest.mark.parametrize("path", [*PAGES, "/nothing"])
def test_nothing_sticks_out_of_a_phone(visit, path):
    page = visit(path, **PHONE)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_the_page_follows_the_reader_s_light(visit, path, scheme, dark):
    page = visit(path, color_scheme=scheme)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert all((int(part) < 64) == dark for part in re.findall(r"\d+", paper))


@pytest.mark.parametrize("path", [ANSWER, PASSAGE])
def test_a_line_of_quoted_text_holds_sixty_to_seventy_five_characters(visit, path):
    page = visit(path, viewport={"width": 1440, "height": 900})
    text = page.locator("#t1-p1 blockquote, #s6-p6").first
    lines = text.evaluate("e => e.getBoundingClientRect().height / parseFloat(getComputedStyle(e).lineHeight)")
    assert 60 <= len(text.inner_text()) / lines <= 75


def test_what_is_drawn_is_not_empty(visit):
    blank, drawn = visit("about:blank"), visit(ANSWER)
    assert len(drawn.screenshot(caret="initial")) > 10 * len(blank.screenshot(caret="initial"))


def test_on_paper_stand_question_passages_and_full_citations_alone(visit):
    page = visit(ANSWER)
    page.emulate_media(media="print")
    assert page.get_by_role("heading", name=QUESTION).is_visible()
    assert [page.locator(f"#t1-p{rank} blockquote").is_visible() for rank in (1, 2)] == [True, True]
    assert page.locator("#t1-p2 .citation").is_visible()
    assert not any(page.locator(selector).first.is_visible() for selector in (".ask", ".top", ".actions", ".why"))
