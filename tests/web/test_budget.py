"""What a first answer costs: bytes, movement under the eye, and time until the page takes a question."""

import pytest
from test_browser import ANSWER, DOCUMENT, PAGES, PASSAGE, QUESTION, ask

pytestmark = [pytest.mark.model, pytest.mark.server, pytest.mark.browser]

BYTES_MAX, INTERACTIVE_MAX_MS, SLOWDOWN, TRIES = 150_000, 1000, 4, 3
DESK = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 360, "height": 740}}
WATCH = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.shifts.push(shift.value);
}).observe({ type: "layout-shift", buffered: true });
"""


def listen(page):
    """Return the browser's own protocol, and a list to which it adds the bytes of each answer."""
    protocol = page.context.new_cdp_session(page)
    protocol.send("Network.enable")
    protocol.send("Network.setCacheDisabled", {"cacheDisabled": True})
    received = []
    protocol.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    return protocol, received


def test_a_first_answer_takes_less_than_150_kb_in_all(visit):
    page = visit("about:blank")
    _, received = listen(page)
    page.goto("/")
    ask(page)
    page.locator("#t1-foot .why").wait_for()
    page.wait_for_load_state("networkidle")
    assert len(received) >= 6  # the page, the style, three scripts, the answer
    assert 30_000 < sum(received) < BYTES_MAX


def watch(visit, path, **window):
    page = visit("about:blank", **window)
    page.add_init_script(WATCH)
    page.goto(path)
    page.wait_for_load_state("networkidle")
    return page


def shifts(page):
    """Return how far things moved of themselves, once the page has come to rest."""
    page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 100))))"
    )
    return page.evaluate("window.shifts")


@pytest.mark.parametrize("window", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("path", [*PAGES, f"{DOCUMENT}?find=Toyota"])
def test_nothing_moves_while_a_page_loads(visit, path, window):
    assert shifts(watch(visit, path, **window)) == []


def test_what_moves_is_seen(visit):
    page = watch(visit, "/sources", **DESK)
    page.evaluate("document.querySelector('main').insertAdjacentHTML('afterbegin', '<p>in between</p>'.repeat(5))")
    assert sum(shifts(page)) > 0.01


@pytest.mark.parametrize("window", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_moves_while_an_answer_comes_in(visit, window):
    page = watch(visit, "/", **window)
    # Sent by the page itself, so that no movement is excused by a key that was pressed just before.
    page.evaluate(f"q.value = '{QUESTION}'; q.form.requestSubmit()")
    page.locator("#t1-foot .why").wait_for()
    assert shifts(page) == []


def test_nothing_moves_in_the_answers_when_a_document_opens_beside_them(visit):
    page = watch(visit, "/", **DESK)
    ask(page)
    page.locator("#t1-foot .why").wait_for()
    page.wait_for_timeout(600)  # until what was pressed excuses nothing any more
    page.locator("#t1-p1 .open").evaluate("link => link.click()")
    page.locator("#reader #here").wait_for()
    assert shifts(page) == []


@pytest.mark.parametrize("path", ["/", ANSWER, PASSAGE])
def test_a_page_takes_a_question_within_a_second_on_a_slow_machine(visit, path):
    taken = []
    for _ in range(TRIES):  # the best of them: what else this machine does is not the page's doing
        page = visit("about:blank")
        protocol, _ = listen(page)
        protocol.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
        page.goto(path, wait_until="commit")
        page.wait_for_selector("#q")
        taken.append(page.evaluate(TYPE))
    assert min(taken) < INTERACTIVE_MAX_MS


# Milliseconds from the start of the navigation until the scripts have run and the ask box has drawn what is typed.
TYPE = """new Promise((done) => {
  const type = () => {
    const box = document.getElementById("q");
    box.focus();
    document.execCommand("insertText", false, "a");
    requestAnimationFrame(() => setTimeout(() => done(box.value === "a" ? performance.now() : Infinity)));
  };
  document.readyState === "complete" ? type() : addEventListener("load", type);
})"""
