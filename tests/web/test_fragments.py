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
EXACT_MIN = 900  # the others stand several times among the same words, or are cut where no search can begin
BLANK = " \n\t\u00a0\u2003\u2009\u3000\xad\u200b\u200e\u2060"
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


def list_directives(page, text):
    """Return ten directives for quotes from a page, no two the same: a browser takes those for one."""
    finder, made = Finder(text), {}
    while len(made) < QUOTES_A_PAGE:
        start, end = page.choose(text)
        if text[start:end].strip(BLANK):
            directive = make_directive(finder, (start, end))
            assert directive, text[start:end]
            made[directive.text] = directive
    return list(made.values())


@pytest.fixture(scope="module")
def judged(judge):
    """A thousand directives, each with the page's text, and what came before and in what the browser found of it."""
    results = []
    for seed in range(PAGES):
        page = Hostile(seed)
        text = read_shown(parse_as_written(page.source.encode()))
        directives = list_directives(page, text)
        seen, found = judge(page.source, [directive.text for directive in directives])
        assert seen == read(text)  # so that places in one are places in the other
        results += [(text, directive, got) for directive, got in zip(directives, found, strict=True)]
    return results


def test_a_thousand_links_select_exactly_what_they_say(judged):
    wrong = [
        (directive.text, got[1])
        for text, directive, got in judged
        if got != (read(text[: directive.selected[0]]), read(text[slice(*directive.selected)]))
    ]
    assert (len(judged), wrong) == (PAGES * QUOTES_A_PAGE, [])


def test_nearly_all_of_them_are_the_quote_and_nothing_more(judged):
    assert sum(directive.is_exact for _, directive, _ in judged) >= EXACT_MIN


@pytest.mark.parametrize(
    ("page", "directive", "found"),
    [
        ("<p>un<b>believ</b>able", "un-,believ,-able", "believ"),
        ("<p>un<b>believ</b>able", "believ", None),
        ("<p>one<br>two", "one%20two", None),
        ("<p>one<br>two", "one,two", "onetwo"),
        ("<p>one<p>two", "one-,two", "two"),
        ("<p>one <button>two</button> three", "one%20three", None),
        ("<p>o<img>ne", "one", "one"),
        ("<p>one&lrm; two", "one", None),
        ("<p>one&lrm; two", "one%20", "one"),
        ("<p>a&nbsp; b", "a%20b", None),
        ("<p>Café ÉTÉ", "cafe%20ete", "CaféÉTÉ"),
        ("<p style='opacity:0'>faint", "faint", "faint"),
        ("<p style='visibility:hidden'>gone", "gone", None),
        ("<p>a b<p>a c", "a,c", "aba" + "c"),
    ],
)
def test_chromium_searches_as_the_finder_takes_it_to(judge, page, directive, found):
    _, [(_, got)] = judge(f"<!doctype html><body>{page}", [f":~:text={directive}"])
    assert (None if "NotFoundError" in got else got) == found
