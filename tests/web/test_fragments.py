"""Links to words, as a real browser follows them."""

import re
import unicodedata

import pytest
from hostile import Hostile

from index.html.page import parse_as_written
from index.html.shown import read_shown
from qa.finder import Finder
from qa.fragments import make_directive

pytestmark = pytest.mark.browser

PAGES, QUOTES_A_PAGE = 100, 10
FLAG = "--enable-blink-features=TextFragmentAPI"  # with it, a page is told which range each directive has found
# Text before and in each range that was found, and all of it, of what a browser shows.
READ = """async () => {
  const shown = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, around = node.parentElement;
    if (!around.closest('script, style, template, noscript') && around.checkVisibility({visibilityProperty: true}))
      shown.push(node);
  }
  const cut = (range) => shown.map((node) => {
    const low = range.startContainer, high = range.endContainer;
    if (node !== low && range.comparePoint(node, node === high ? 0 : node.length) > 0 && node !== high) return '';
    if (range.comparePoint(node, node === low ? node.length : 0) < 0) return '';
    return node.data.slice(node === low ? range.startOffset : 0, node === high ? range.endOffset : node.length);
  }).join('');
  const late = () => new Promise((_, fail) => setTimeout(() => fail('late'), 3000));
  const found = [];
  for (const directive of document.fragmentDirective.items) {
    try {
      const range = await Promise.race([directive.getMatchingRange(), late()]);
      const before = document.createRange();
      before.setStart(document.body, 0);
      before.setEnd(range.startContainer, range.startOffset);
      found.push([cut(before), cut(range)]);
    } catch (error) { found.push(['', String(error)]); }
  }
  const all = document.createRange();
  all.selectNodeContents(document.body);
  return [cut(all), found];
}"""
UNSEEN = re.compile("[\\s\xad\u200b\u200e\u200f\u2060\ufeff]")


def read(text):
    """Return what of a text is seen."""
    return unicodedata.normalize("NFC", UNSEEN.sub("", text))


@pytest.fixture(scope="module")
def judge(chromium_with):
    """Give a function that opens a page at directives, and returns its text and what was found of each."""
    page = chromium_with(FLAG).new_page()
    pages = {}
    page.route("**/*", lambda route: route.fulfill(body=pages["source"], content_type="text/html; charset=utf-8"))

    def follow(source, directives):
        pages["source"] = source
        pages["count"] = pages.get("count", 0) + 1
        joined = "&".join(directive.removeprefix(":~:") for directive in directives)
        page.goto(f"http://page.test/{pages['count']}#:~:{joined}")
        text, found = page.evaluate(READ)
        return read(text), [tuple(map(read, each)) for each in found]

    return follow


def test_a_thousand_quotes_from_hostile_pages_are_selected_exactly(judge):
    exact = wider = none = 0
    wrong = []
    for seed in range(PAGES):
        page = Hostile(seed)
        text = read_shown(parse_as_written(page.source.encode()))
        finder = Finder(text)
        spans = [page.choose(text) for _ in range(QUOTES_A_PAGE)]
        made = [(span, made) for span in spans if text[slice(*span)].strip() and (made := make_directive(finder, span))]
        seen, found = judge(page.source, [directive.text for _, directive in made])
        if seen != read(text):
            n = next(i for i, (a, b) in enumerate(zip(seen, read(text) + "#")) if a != b)
            print("TEXT", seed, repr(seen[n - 20 : n + 30]), repr(read(text)[n - 20 : n + 30]))
            continue
        none += len(spans) - len(made)
        for (span, directive), got in zip(made, found, strict=True):
            low, high = directive.selected
            if got != (read(text[:low]), read(text[low:high])):
                wrong.append((seed, directive, text[low:high], got[1]))
            exact += directive.is_exact
            wider += not directive.is_exact
    for each in wrong[:30]:
        print(each)
    print(exact, wider, none, len(wrong))
    assert not wrong
