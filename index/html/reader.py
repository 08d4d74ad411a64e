"""Read a web page into blocks and facts: its main text, without what only frames it.

A scholarly page is read whole from the element that holds its paragraphs; of any other, trafilatura finds the main
text. What a reader cannot see is left out.
"""

import functools
import logging
import re
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from itertools import pairwise

import lxml.etree
from lxml.html import HtmlElement

from index.errors import SourceError
from index.html.article import drop_frame, drop_menus, find_body, is_scholarly
from index.html.blocks import keep_lines, read_blocks, set_levels
from index.html.endnotes import read_entries
from index.html.metadata import choose_facts, read_metadata
from index.html.page import drop_marks, parse_as_written, read_line
from index.html.scholarly import put_in_words
from index.html.shown import read_shown
from index.html.visible import drop_hidden
from index.model import Block, Fact, Reading

# From so many elements on, trafilatura compares no second opinion, and then is not asked at all: it copies the tree
# several times, and two attributes take the memory of an element.
_FAST_ELEMENTS, _OWN_ELEMENTS = 20_000, 60_000
# It looks at each element once for every one around it, about 20 on ordinary pages, and at links several times.
_OWN_LEVELS, _LINK_WEIGHT = 1_200_000, 4
_COMPARED_BLOCKS, _COMPARED_CHARS = 5000, 500_000
_SHORT_CHARS = 250
_SHARE_MIN = 0.3  # of a page's visible words, of which a short main text is trusted to be all
_SMALL_PAGE_CHARS = 3000
_AS_MUCH, _LITTLE_MORE = 0.9, 1.15
_SHELL_CHARS = 250
_TITLE_WORDS_SHARED = 0.6
_BIBLIOGRAPHY_TITLE = "References"
_ASKED = r"enable|turn on|requires?|need|without|disabled|required|aktivier|activ|habilit|abilit|bật|启用|啟用|有効"
_NEEDS_SCRIPTS = re.compile(
    rf"(?:{_ASKED}).{{0,60}}javascript|javascript.{{0,60}}(?:{_ASKED})", re.IGNORECASE | re.DOTALL
)
_SAVE = "open it in a browser and save it from there as PDF or as a whole page"


def read_html(content: bytes, name: str, *, content_type: str = "") -> Reading:
    """Read a web page.

    Args:
        content: The page; any bytes are accepted.
        name: What to call it in errors.
        content_type: The header that came with it, which may name the charset.

    Returns:
        Its blocks, the title first where it has one, and what it says of its work.

    Raises:
        SourceError: It holds no text, has too many tags, or writes its text by a script that is not run here.
    """
    tree = parse_as_written(content, content_type, name)
    searched = read_shown(tree)
    drop_marks(tree)
    facts = read_metadata(tree)
    notice = " ".join(read_line(each) for each in tree.iter("noscript"))[:2000]
    scripts = tree.find(".//script") is not None
    headings = [read_line(heading) for heading in tree.iter("h1")]
    of_paper = is_scholarly(tree)
    put_in_words(tree)
    drop_hidden(tree)
    blocks = _read_main_text(tree, of_paper=of_paper)
    shown = sum(len(block.text) for block in blocks if not block.level)
    if shown < _SHELL_CHARS and scripts and _NEEDS_SCRIPTS.search(f"{notice} {read_line(tree, 3000)}"):
        raise SourceError(f"{name} is a page that shows its text by JavaScript only", _SAVE)
    if not shown:
        raise SourceError(f"{name} is a page without text", _SAVE)
    return Reading(tuple(_put_title_first(blocks, facts, headings)), facts, _name_extractor(), searched)


@functools.cache
def _name_extractor() -> str:
    return f"trafilatura {version('trafilatura')}"


def _read_main_text(tree: HtmlElement, *, of_paper: bool) -> list[Block]:
    if of_paper:
        blocks = _read_whole(tree)
        if _count(blocks) >= _SHORT_CHARS:
            return blocks
    entries = read_entries(tree)
    blocks = _ask_trafilatura(tree)
    blocks = _restore(blocks, _read_whole(tree)) if blocks else blocks
    if _is_short(blocks, tree):
        whole = _read_body(tree)
        blocks = whole if _count(whole) >= _AS_MUCH * _count(blocks) else blocks
    return _append_entries(blocks, entries)


def _read_whole(tree: HtmlElement) -> list[Block]:
    from copy import deepcopy

    copied = deepcopy(tree)
    drop_frame(copied)
    return read_blocks(find_body(copied))


def _ask_trafilatura(tree: HtmlElement) -> list[Block]:
    """Return what trafilatura takes for the main text; the tree stays as it is."""
    from copy import deepcopy

    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.ERROR)  # it warns of every page that it finds no text in
    elements, attributes, levels = _count_elements(tree)
    if elements + attributes // 2 > _OWN_ELEMENTS or levels > _OWN_LEVELS:
        return []
    copied = deepcopy(tree)
    for preformatted in list(copied.iter("pre")):
        keep_lines(preformatted)
    found = trafilatura.bare_extraction(copied, fast=elements > _FAST_ELEMENTS, include_comments=False)
    return [] if found is None or isinstance(found, dict) or found.body is None else read_blocks(found.body)


def _count_elements(tree: HtmlElement) -> tuple[int, int, int]:
    """Return how many elements and attributes a tree has, and how many elements they stand in, in all."""
    elements = attributes = levels = depth = 0
    for event, element in lxml.etree.iterwalk(tree, events=("start", "end")):
        if event == "start":
            elements += 1
            attributes += len(element.attrib)
            levels += depth * (_LINK_WEIGHT if element.tag == "a" else 1)
        depth += 1 if event == "start" else -1
    return elements, attributes, levels


def _restore(chosen: list[Block], whole: list[Block]) -> list[Block]:
    """Return the main text with its headings, lists and tables.

    Args:
        chosen: What trafilatura takes for the main text, at times without any structure.
        whole: The element that holds the page's paragraphs, read whole; it is believed where both are about as long.
    """
    if _AS_MUCH * _count(chosen) <= _count(whole) <= _LITTLE_MORE * _count(chosen):
        return whole
    if any(block.level for block in chosen) or sum(1 for block in whole if block.level) < 2:  # noqa: PLR2004 - a title alone is no structure
        return chosen
    if len(whole) > _COMPARED_BLOCKS or _count(chosen) > _COMPARED_CHARS:
        return chosen
    words = " ".join(" ".join(block.text for block in chosen).split())
    kept = [block for block in whole if block.level or block.text in words]
    followed = [
        block
        for block, after in pairwise([*kept, Block("", level=1)])
        if not block.level or not 0 < after.level <= block.level
    ]
    return followed if _count(followed) >= _AS_MUCH * _count(chosen) else chosen


def _is_short(blocks: Sequence[Block], tree: HtmlElement) -> bool:
    """Say whether so little was found on a page that most of it may have been missed."""
    found = _count(blocks)
    if found < _SHORT_CHARS:
        return True
    body = len(" ".join(tree.text_content().split()))
    return found < _SMALL_PAGE_CHARS and found < _SHARE_MIN * min(body, _SMALL_PAGE_CHARS)


def _read_body(tree: HtmlElement) -> list[Block]:
    """Return all that a page shows but its frame, or with it where nothing else is there."""
    body = tree.find("body")
    whole = read_blocks(tree if body is None else body)
    drop_frame(tree)
    drop_menus(tree)
    return read_blocks(tree if body is None else body) or whole


def _append_entries(blocks: list[Block], entries: Sequence[Block]) -> list[Block]:
    """Return the blocks with the entries of a bibliography that are missing among them at their end."""
    known = {block.text for block in blocks}
    missing = [entry for entry in entries if entry.text not in known]
    if len(missing) < max(2, len(entries) / 2):
        return blocks
    outermost = min((block.level for block in blocks if block.level), default=2)
    return [*blocks, Block(_BIBLIOGRAPHY_TITLE, level=outermost), *missing]


def _count(blocks: Iterable[Block]) -> int:
    return sum(len(block.text) for block in blocks)


def _put_title_first(blocks: Sequence[Block], facts: Iterable[Fact], headings: Iterable[str]) -> list[Block]:
    """Return the blocks with the page's title before them, as its heading words it where they agree."""
    fact = choose_facts(facts).get("title")
    if fact is None:
        return set_levels(blocks)
    title = str(fact.value)
    place = next((n for n, block in enumerate(blocks) if block.level and _is_same(block.text, title)), None)
    shown = next((heading for heading in headings if _is_same(heading, title)), title)
    rest = [block for n, block in enumerate(blocks) if n != place]
    return [Block(shown if place is None else blocks[place].text, role="title"), *set_levels(rest)]


def _is_same(heading: str, title: str) -> bool:
    """Say whether a heading and a title are the same but for a word or two."""
    shown, named = (set(re.findall(r"\w+", text.casefold())) for text in (heading, title))
    return bool(shown) and len(shown & named) >= _TITLE_WORDS_SHARED * len(shown | named)
