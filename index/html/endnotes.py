"""The entries of a page's bibliography, and its notes at the end."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from lxml.html import HtmlElement

from index.html.facts import find_doi
from index.html.page import drop, read_line
from index.model import Block
from index.references.headings import is_bibliography_title

_HEADS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ENTRY_MIN_CHARS, _ENTRY_MAX_CHARS = 15, 4000
_SCOPE_LEVELS = 10
_NO_SCOPE = frozenset({"nav", "footer", "aside", "header", "form"})
_DEEPEST = 7  # rank, below which no heading is
_BIBLIOGRAPHY = re.compile(
    r"(?:^|[\s_-])(?:references?|ref-?list|reflist|bibliography|biblist|citations|works-?cited|footnotes|endnotes)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
_NUMBER_OR_YEAR = re.compile(r"^\[?\d{1,4}[\].)]|\b(?:1[5-9]|20)\d\d[a-z]?\b|\(n\.d\.\)")
_PARTS = re.compile(r"ltx_bibblock|ltx_tag|label|counter|number", re.IGNORECASE)
_ENTRY_CLASSES = frozenset({"ltx_bibitem", "ref-cit-blk", "csl-entry"})
_LOOK_UP = re.compile(
    r"\W*(?:google scholar|cross ?ref|pub ?med(?: central)?|pubmed/ncbi|pmc(?: free article)?|view article|article"
    r"|view(?: in| at)? (?:publisher|scopus|record in scopus|pdf)|full[ -]?text|abstract|cas|ads|isi|web of science"
    r"|scopus|mathscinet|medline|math|mr|zbl|doi|download pdf|search ads|semantic scholar|europe pmc|open url"
    r"|download references|go to reference|top|jump up(?: to:?)?|\^|↩︎?|↑)\W*",
    re.IGNORECASE,
)
_SEARCHES = re.compile(
    r"scholar\.google|google\.\w{2,3}/search|scopus\.com|webofknowledge|crossref\.org|serialssolutions"
)


def iter_entries(tree: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the elements that are entries of a bibliography or notes at the end."""
    scope, rank = None, 0  # of the heading that announces a bibliography
    for element in tree.iter("*"):
        if element.tag in _HEADS and not rank < int(element.tag[1]) < _DEEPEST * bool(rank):
            announces = is_bibliography_title(read_line(element, 80))
            scope, rank = (_find_scope(element), int(element.tag[1])) if announces else (None, 0)
        named = not _ENTRY_CLASSES.isdisjoint(element.get("class", "").split())
        listed = element.tag == "li" and (_is_listed(element) or _is_inside(element, scope))
        listed = listed or (element.tag == "p" and _is_inside(element, scope) and _tells_year(element))
        if named or listed or element.get("role") in ("doc-biblioentry", "doc-endnote"):
            yield element


def _tells_year(paragraph: HtmlElement) -> bool:
    """Say whether a paragraph has the number or the year that an entry has."""
    return bool(_NUMBER_OR_YEAR.search(read_line(paragraph, _ENTRY_MAX_CHARS)))


def read_entries(tree: HtmlElement) -> list[Block]:
    """Return the entries of a tree that is put in words already."""
    texts = [" ".join((entry.text or "").split()) for entry in iter_entries(tree)]
    return [Block(text, is_item=True) for text in texts if len(text) >= _ENTRY_MIN_CHARS]


def _find_scope(heading: HtmlElement) -> HtmlElement:
    """Return the element that holds a heading and what stands below it."""
    outer = heading.getparent()
    while outer is not None and len(outer) == 1 and outer.getparent() is not None:
        outer = outer.getparent()
    return outer


def _is_inside(item: HtmlElement, scope: HtmlElement | None) -> bool:
    """Say whether an item stands in `scope` and not in the frame of the page."""
    outer = item.getparent()
    for _ in range(_SCOPE_LEVELS if scope is not None else 0):
        if outer is scope or outer is None or outer.tag in _NO_SCOPE:
            return outer is scope
        outer = outer.getparent()
    return False


def _is_listed(item: HtmlElement) -> bool:
    """Say whether an item stands in what its names say to be a bibliography."""
    for level, outer in enumerate(item.iterancestors()):
        if level > 3 or outer.tag in ("body", "main", "nav"):  # noqa: PLR2004 - list, division, section
            return False
        if _BIBLIOGRAPHY.search(f"{outer.get('class', '')[:200]} {outer.get('id', '')[:100]}"):
            return True
    return False


def tidy_entry(entry: HtmlElement) -> None:
    """Make one line of an entry, with the address to which it is linked and without the links that look it up."""
    if entry.getparent() is None:
        return
    addresses = [link.get("href", "")[:2000] for link in entry.iter("a")]
    for tag in list(entry.iter("span")):
        tag.tail = f" {tag.tail or ''}" if _PARTS.search(tag.get("class", "")) else tag.tail
        label = read_line(tag, 100) if "ltx_tag_bibitem" in tag.get("class", "") else ""
        if label and not re.fullmatch(r"\W*\d{1,4}\W*", label):
            drop(tag)
    for link in list(entry.iter("a", "button")):
        if _LOOK_UP.fullmatch(read_line(link, 60)) or not read_line(link, 60):
            drop(link)
    text = re.sub(r"\[[\s,]{0,9}\]|\([\s,]{0,9}\)", "", read_line(entry, _ENTRY_MAX_CHARS)).strip()
    for child in list(entry):
        entry.remove(child)
    entry.text = " ".join(f"{text} {_find_address(text, addresses)}".split())
    entry.tag = "li"


def _find_address(text: str, addresses: list[str]) -> str:
    """Return the address to which an entry is linked, where its words name none."""
    doi = next(filter(None, (find_doi(unquote(address)) for address in addresses)), None)
    if doi and not find_doi(text):
        return f"https://doi.org/{doi}"
    outside = [each for each in addresses if each.startswith(("http://", "https://")) and not _SEARCHES.search(each)]
    return outside[0] if outside and text and not re.search(r"https?:|\bdoi\b|10\.\d{4}", text, re.IGNORECASE) else ""
