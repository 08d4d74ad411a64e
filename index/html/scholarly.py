"""The ways of scholarly pages: formulas, markers in superscript, notes in mid-sentence, entries of a bibliography.

Each is put into plain words in the tree itself, before anything chooses what of the page to keep.
"""

import re

from lxml.html import HtmlElement

from index.html.endnotes import iter_entries, tidy_entry
from index.html.formulas import write_formulas
from index.html.page import drop, read_line

_NOTE_MAX_CHARS = 4000
_NUMBERS = re.compile(r"[\d\s,;–—\u2010-]{1,80}")
_TO_ENTRY = re.compile(r"ref|bib|cit|note|(?:^|[^a-z])(?:fn|cr|r|b|en)[-_.]?\d", re.IGNORECASE)
_TO_OTHER = re.compile(
    r"(?:^|[-_.])(?:aff|af\d|cor|auth|contrib|fig|tab|tbl|eq|sec|supp|app|orcid|t\d+[-_.]?fn|tfn|tblfn)", re.IGNORECASE
)
_FURNITURE = frozenset(
    "mw-editsection mw-jump-link mw-cite-backlink navbox vertical-navbox catlinks printfooter sistersitebox ambox"
    " ltx_page_navbar ltx_page_footer ltx_page_logo ltx_bib_cited ltx_TOC toc"
    " headerlink anchorjs-link anchor-link ltx_tag_item ltx_ERROR".split()
)
_HEADS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_NEVER_FURNITURE = frozenset({"html", "body", "main", "article"})
_ANCHOR_GLYPHS = frozenset({"¶", "#", "§", "🔗", "[edit]", "permalink", "download references"})


def put_in_words(tree: HtmlElement) -> None:
    """Put a tree's formulas, markers, notes and entries into plain words, in place, and drop what only helps on screen.

    It is to be done before what is hidden is dropped: formulas are often kept hidden beside a picture of them.
    """
    write_formulas(tree)
    for element in list(tree.iter("*")):
        if _is_furniture(element):
            drop(element)
        elif element.tag in _HEADS and "ltx_title_abstract" in element.get("class", ""):
            element.tag = "h2"
        elif "descriptor" in element.get("class", "").split():
            _name_abstract(element)
    for note in [span for span in tree.iter("span") if "ltx_role_footnote" in span.get("class", "").split()]:
        _move_note(note)
    for raised in list(tree.iter("sup")):
        _bracket(raised)
    for entry in list(iter_entries(tree)):
        tidy_entry(entry)
    for figure in list(tree.iter("figure", "figcaption")):
        figure.tag = "div" if figure.tag == "figure" else "p"


def _name_abstract(label: HtmlElement) -> None:
    """Make a heading of the label before an abstract, as arXiv writes it; other labels go."""
    if read_line(label, 40).rstrip(":").lower() == "abstract":
        label.tag, label.text = "h2", "Abstract"
    else:
        drop(label)


def _is_furniture(element: HtmlElement) -> bool:
    """Say whether an element only helps on screen, such as a link to edit a section."""
    named = not _FURNITURE.isdisjoint(element.get("class", "").split()) and element.tag not in _NEVER_FURNITURE
    glyph = element.tag == "a" and len(element) <= 1
    return named or (glyph and read_line(element, 30).lower() in _ANCHOR_GLYPHS)


def _move_note(note: HtmlElement) -> None:
    """Put a note that stands in mid-sentence behind its paragraph."""
    outer = next((each for each in note.iterancestors() if each.tag in ("p", "li", "td", "figcaption")), None)
    content = next((each for each in note.iter("span") if "ltx_note_content" in each.get("class", "").split()), None)
    if content is not None and outer is not None and outer.tag == "p":
        for mark in [
            each
            for each in content.iter("sup", "span")
            if re.search("ltx_note_mark|ltx_tag_note", each.get("class", ""))
        ]:
            drop(mark)
        paragraph = outer.makeelement("p")
        paragraph.text = read_line(content, _NOTE_MAX_CHARS)
        outer.addnext(paragraph)
        paragraph.tail, outer.tail = outer.tail, None
    drop(note)


def _bracket(raised: HtmlElement) -> None:
    """Put brackets around numbers in superscript that lead to entries of a bibliography; an exponent stays as it is."""
    text = read_line(raised, 100)
    links = list(raised.iter("a")) or [outer for outer in list(raised.iterancestors())[:2] if outer.tag == "a"]
    if not _NUMBERS.fullmatch(text) or not any(map(str.isdigit, text)) or not any(map(_leads_to_entry, links)):
        return
    listed = re.sub(r"(?<=\d) (?=\d)", ",", text.strip(" ,;"))
    for child in list(raised):
        raised.remove(child)
    before = raised.getprevious()
    ahead = (before.tail if before is not None else raised.getparent().text) or ""
    raised.text = listed if ahead.rstrip().endswith("[") else f"[{listed}]"
    raised.tag = "span"


def _leads_to_entry(link: HtmlElement) -> bool:
    target = link.get("rid") or link.get("data-rid") or link.get("href", "").rpartition("#")[2]
    if "#" not in link.get("href", "#"):
        return False
    if link.get("role") in ("doc-biblioref", "doc-noteref") or "bibr" in link.get("class", ""):
        return True
    return bool(_TO_ENTRY.search(target[:200])) and not _TO_OTHER.search(target[:200])
