"""What a browser's search finds on a page: all of its text that is laid out, block by block, whatever it is for.

A link to words on a page has to single them out among everything that the page shows, menus and footers included, so
nothing is left out here but what a browser itself does not search: what has no layout, or is made invisible. Text that
is only hard to see, such as in white or off screen, is searched, and kept.
"""

import re
import unicodedata

import lxml.etree
from lxml.html import HtmlElement

from index.html.visible import find_unlaid

# Browsers lay their text out in line with what is around them; every other element may hold lines of its own.
_INLINE = frozenset(
    "a abbr acronym b basefont bdi bdo big cite code data del dfn em font i img ins kbd label mark nobr q s samp"
    " script small source span strike strong style sub sup template time track tt u var wbr noscript link meta map"
    " area".split()
)
_SKIPPED = frozenset(
    "script style template noscript head title iframe object embed applet canvas audio video select datalist progress"
    " meter noframes noembed frameset rp rt rtc".split()
)
_KEEPS_SPACE = frozenset({"pre", "textarea", "listing", "xmp", "plaintext"})
_BREAK = "\x1e"  # stands for the end of a line or block; no tree holds it
_SPACE = re.compile("[ \t\n\r\f]+")
_BREAKS = re.compile(f" ?(?:{_BREAK} ?)+")
# In what keeps its white space, more than one space can be searched for only by all of it.
_LAID_SPACE = re.compile("[\t\n\r\f]|  ")


def read_shown(tree: HtmlElement) -> str:
    """Return the text that a browser searches on a page, in NFC, one block a line.

    The tree must be as the page has it, with soft hyphens and other marks that nobody sees: a search passes over those
    inside words, but not at their ends. A line break in a block, and white space in preformatted text that is more than
    a space, begin a line as well: what is searched for cannot reach across them.
    """
    parts: list[str] = []
    unlaid = find_unlaid(tree)
    kept = 0  # how many of the elements around keep their white space
    walk = lxml.etree.iterwalk(tree, events=("start", "end"))
    for event, node in walk:
        breaks = _BREAK if node.tag not in _INLINE or _is_boxed(node) else ""
        keeps = _keeps_space(node)
        if event == "start":
            is_skipped = node.tag in _SKIPPED or node in unlaid
            parts += [breaks, "" if is_skipped else _lay(node.text, keeps=kept > 0 or keeps)]
            kept += keeps
            if is_skipped:
                walk.skip_subtree()
        else:
            kept -= keeps
            parts += [breaks, _lay(node.tail, keeps=kept > 0)]
    spaced = _SPACE.sub(lambda run: "\n" if "\n" in run[0] else " ", "".join(parts))
    # A line of the source that ends beside a zero-width space ends with no space.
    spaced = spaced.replace("\n\u200b", "\u200b").replace("\u200b\n", "\u200b").replace("\n", " ")
    text = _BREAKS.sub("\n", spaced)
    return unicodedata.normalize("NFC", text).strip(" \n")


def _lay(text: str | None, *, keeps: bool) -> str:
    return _LAID_SPACE.sub(_BREAK, text) if text and keeps else text or ""


def _keeps_space(node: HtmlElement) -> bool:
    style = node.get("style", "")
    return node.tag in _KEEPS_SPACE or ("white-space" in style and bool(re.search(r"white-space\s*:\s*pre", style)))


def _is_boxed(node: HtmlElement) -> bool:
    """Say whether a style gives an inline element a box of its own."""
    style = node.get("style", "")
    return bool(style) and bool(
        re.search(r"display\s*:\s*(?!inline\s*(?:;|$|!)|contents|none)\w|float\s*:\s*[lr]", style)
    )
