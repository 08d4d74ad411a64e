"""The article of a page, and the frame around it: menus, feet, boxes of links, and calls to share or subscribe."""

import re
from collections.abc import Callable

from lxml.html import HtmlElement

from index.html.page import drop

_SHARE_MIN = 0.9  # of the words of an element that one inside it must hold to stand for it
_FRAME_SHARE_MAX = 0.25  # of a page's words; what holds more is no frame, whatever it is called
_ASIDE_CHARS = 60
_MENU_LINKS, _MENU_CHARS_PER_LINK = 3, 4
_LISTS = frozenset({"ul", "ol", "div", "table", "p"})
_PAPERS = frozenset({"ltx_document", "mw-parser-output", "d-article", "ltx_page_main"})
_HOLDERS = frozenset(
    {"html", "body", "main", "div", "section", "article", "table", "tbody", "tr", "td", "form", "center"}
)
_FRAME_TAGS = frozenset({"nav", "footer", "menu", "form", "aside"})
_FRAME_ROLES = frozenset(
    "navigation banner contentinfo search complementary dialog alertdialog menu menubar toolbar".split()
)
_FRAME = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|breadcrumbs?|toolbar|pagination|pager|skip-?(?:link|nav)\w{0,8}"
    r"|site-?(?:header|footer|nav)|masthead|footer|sidebar|right-?rail|left-?rail"
    r"|shar(?:e|ing)|social|addthis|sharedaddy|follow-us|print-?button"
    r"|cookies?|consent|gdpr|cookie-?\w{1,12}|newsletter|subscri(?:be|ption)(?:-\w{1,12})?|sign-?up|log-?in|paywall-?\w{0,12}"
    r"|promo|advert\w{0,12}|ads?|sponsored|related(?:-?(?:articles?|content|posts?|stories|links|items))?"
    r"|recommend\w{0,12}|trending|popular|most-read|read-next|more-from|you-may-also"
    r"|comments?(?:-?(?:section|list|area))?|disqus\w{0,8}|respond"
    r"|altmetrics?|metrics|article-?(?:metrics|tools|actions)|citation-?(?:tools|export)|export-?citations?"
    r"|download-?(?:links|menu|options)|extra-?services|arxivlabs|labstabs|endorsers|submission-history"
    r"|magazine-promo|banner|toast|overlay|widget-?(?:area|title)?)(?:$|[\s_-])",
    re.IGNORECASE,
)
_ARXIV_ABSTRACT = ".//div[@id='abs']"


def is_scholarly(tree: HtmlElement) -> bool:
    """Say whether a tree is that of a paper, its abstract or an article of an encyclopaedia."""
    tagged = any((meta.get("name") or "").lower().startswith(("citation_", "bepress_")) for meta in tree.iter("meta"))
    named = (each.get("class", "").split() for each in tree.iter("article", "div"))
    return tagged or any(map(_meets_papers, named)) or tree.find(".//d-article") is not None


def _meets_papers(classes: list[str]) -> bool:
    return not _PAPERS.isdisjoint(classes)


def drop_frame(tree: HtmlElement) -> None:
    """Take out of a tree, in place, what frames the article of its page."""
    whole = _weigh(tree)
    limit = whole[tree] * _FRAME_SHARE_MAX
    _drop_outermost(tree, lambda element: whole[element] <= limit and _is_frame(element))


def _is_frame(element: HtmlElement) -> bool:
    if element.tag in ("body", "main", "article", "li", "h1", "h2", "h3", "h4", "a", "table", "tr", "td", "p"):
        return element.tag in ("p", "li") and element.get("role") in _FRAME_ROLES
    named = f"{element.get('class', '')[:300]} {element.get('id', '')[:100]}"
    return (
        element.tag in _FRAME_TAGS
        or element.get("role") in _FRAME_ROLES
        or (element.tag == "header" and element.find(".//nav") is not None)
        or bool(_FRAME.search(named))
    )


def drop_menus(tree: HtmlElement) -> None:
    """Take out of a tree, in place, lists and boxes that hold hardly anything but links."""
    weights = _weigh(tree)

    def is_menu(element: HtmlElement) -> bool:
        if element.tag not in _LISTS or weights[element] > _ASIDE_CHARS or element.find(".//h1") is not None:
            return False
        links = sum(1 for _ in element.iter("a"))
        return links >= _MENU_LINKS and weights[element] < _MENU_CHARS_PER_LINK * links

    _drop_outermost(tree, is_menu)


def _drop_outermost(tree: HtmlElement, is_unwanted: Callable[[HtmlElement], bool]) -> None:
    """Take elements out of a tree, in place; what lies in one that is taken out is not looked at."""
    waiting = [tree]
    while waiting:
        element = waiting.pop()
        if element.getparent() is not None and is_unwanted(element):
            drop(element)
        else:
            waiting.extend(child for child in reversed(element) if isinstance(child.tag, str))


def find_body(tree: HtmlElement) -> HtmlElement:
    """Return the smallest element that holds nearly all words of a tree that are no links."""
    known = tree.find(_ARXIV_ABSTRACT)
    if known is not None:
        return known
    weights = _weigh(tree)
    body = tree
    while True:
        inner = next((child for child in body if weights[child] >= _SHARE_MIN * weights[body]), None)
        if inner is None or inner.tag not in _HOLDERS or not weights[body]:
            return body
        body = inner


def _weigh(tree: HtmlElement) -> dict[HtmlElement, int]:
    """Return how many characters each element of a tree holds that are no links."""
    weights: dict[HtmlElement, int] = {}
    for element in reversed(list(tree.iter("*"))):
        own = len((element.text or "").strip()) + sum(
            weights[child] + len((child.tail or "").strip()) for child in element
        )
        weights[element] = 0 if element.tag == "a" else own
    return weights
