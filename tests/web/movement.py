"""What moves on a page of itself while it comes in."""

HALF_A_ROW = 0.005  # of the window: a row that is drawn before its end is there, which chance decides; a jump is more
SLOW_LINE = 15_000  # bytes a second: a page is drawn several times before it is whole
_WATCH = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.shifts.push(shift.value);
}).observe({ type: "layout-shift", buffered: true });
"""
_REST = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 100))))"


def watch(visit, path, *, bytes_per_s=None, **window):
    """Return a page that takes note of what moves; on a slow line, its style and scripts are there before it."""
    page = visit("about:blank", **window)
    if bytes_per_s:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        protocol = page.context.new_cdp_session(page)
        protocol.send("Network.enable")
        line = {"offline": False, "latency": 20, "downloadThroughput": bytes_per_s, "uploadThroughput": bytes_per_s}
        protocol.send("Network.emulateNetworkConditions", line)
        page.goto("about:blank")
    page.add_init_script(_WATCH)
    page.goto(path)
    page.wait_for_load_state("networkidle")
    return page


def shifts(page):
    """Return how far things moved of themselves, once the page has come to rest."""
    page.evaluate(_REST)
    return page.evaluate("window.shifts")
