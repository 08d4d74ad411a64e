"""What there is to see of a page that tells content from what stands in its way."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from index.fetch.phrases import WORDS, Kind
from index.html.blocks import read_blocks
from index.html.linked import iter_linked_nodes
from index.html.page import read_line
from index.html.visible import drop_hidden
from index.model import Reading

_TINY_CHARS = 500
_SAID_CHARS = 240  # of a block that speaks to the reader; what is longer speaks of its subject
_TITLE_MAX_CHARS = 300
_LOOKED_AT_BLOCKS = 400
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # a character of these says as much as two letters
_TITLE_PART = re.compile(r"\s+[|»·•–—-]\s+|\s::\s|\s\|\|\s|\s*[|\uff5c]\s*")
_CHALLENGE = re.compile(
    r"challenge-platform|cf[-_]chl|cf-turnstile|_incapsula_resource|px-captcha|captcha-delivery|datadome|g-recaptcha"
    r"|h-captcha|awswaf|geo\.captcha|perimeterx",
    re.IGNORECASE,
)
_WALL = re.compile(r"paywall|regwall|piano-|tp-modal|subscriber-only|buy-?box|article-?gate|meter-?wall", re.IGNORECASE)
_STOP_WORD_CHARS = 3
_SAME_TITLE = 0.6


@dataclass(frozen=True, slots=True)
class Sight:
    """What there is to see of a page.

    Attributes:
        titles: The parts of its titles and first headings.
        said: Its short blocks but headings, in order.
        size: Of its main text in characters.
        spoken: How much of the main text its short blocks are that ask for consent, 0 to 1.
        is_walled: Whether a block asks to log in, subscribe or pay, and no prose goes on behind it.
        traces: What its markup betrays: "challenge", "wall", "password", "not free".
        is_expected: Whether it bears the title that was expected.
        is_other: Whether it bears quite another.
    """

    titles: tuple[str, ...]
    said: tuple[str, ...]
    size: int
    spoken: float
    is_walled: bool
    traces: frozenset[str]
    is_expected: bool
    is_other: bool


def look_at(tree: HtmlElement, reading: Reading, expected_title: str) -> Sight:
    """Return what there is to see of a parsed page, which is used up, and of what was read from it."""
    traces = frozenset(_find_traces(tree))
    window = [read_line(title, _TITLE_MAX_CHARS) for title in tree.iter("title")][:1]
    drop_hidden(tree)
    blocks = read_blocks(tree)[:_LOOKED_AT_BLOCKS]
    leading = [block for block in blocks if block.level][:3] or blocks[:1]
    headings = [_fold_title(block.text) for block in leading]
    short = [block for block in blocks if len(block.text) <= _SAID_CHARS and "\n" not in block.text]
    prose = [block.text for block in reading.blocks if block.role != "title" and not block.level]
    asking = [text for text in prose if WORDS["consent"].search(_plain(text[:1000]))]
    size = sum(map(_measure, prose))
    likeness = [_compare(title, expected_title) for title in [*window, *headings]]
    return Sight(
        titles=tuple(_plain(part) for title in [*window, *headings] for part in [title, *_TITLE_PART.split(title)]),
        said=tuple(_plain(block.text) for block in short if not block.level),
        size=size,
        spoken=sum(map(_measure, asking)) / size if size else 0.0,
        is_walled=_is_walled([block.text for block in short], prose),
        traces=traces,
        is_expected=bool(expected_title) and max(likeness, default=0.0) >= _SAME_TITLE,
        is_other=bool(expected_title) and max(likeness, default=0.0) == 0.0,
    )


def _is_walled(said: Iterable[str], prose: Sequence[str]) -> bool:
    """Say whether a short block asks to log in, subscribe or pay where the main text ends, or outside of it."""
    sizes = [_measure(text) for text in prose]
    behind = {text: sum(sizes[place + 1 :]) for place, text in enumerate(prose[:_LOOKED_AT_BLOCKS])}
    asking = [text for text in said if WORDS["paywall"].search(_plain(text))]
    return any(behind.get(text, 0) < _TINY_CHARS for text in asking)


def _fold_title(text: str) -> str:
    return " ".join(text[: 10 * _TITLE_MAX_CHARS].split())[:_TITLE_MAX_CHARS]


def _plain(text: str) -> str:
    return text.replace("’", "'").strip(" .!…:")


def _measure(text: str) -> int:
    return len(text) + len(_WIDE.findall(text))


def _compare(title: str, expected: str) -> float:
    """Return the share of the longer words of the expected title that a title has."""
    wanted, shown = (
        {word for word in re.findall(r"\w+", text.casefold()) if len(word) > _STOP_WORD_CHARS or _WIDE.match(word)}
        for text in (expected[:500], title[:500])
    )
    return len(wanted & shown) / len(wanted) if wanted else 0.0


def _find_traces(tree: HtmlElement) -> Iterator[str]:
    """Yield what a page's markup betrays of its kind."""
    for element in tree.iter("script", "iframe", "form", "div", "section", "input", "body"):
        named = " ".join(element.get(name, "")[:300] for name in ("class", "id", "src", "action", "data-testid"))
        if _CHALLENGE.search(named) or (element.tag == "script" and _CHALLENGE.search((element.text or "")[:5000])):
            yield "challenge"
        if element.tag in ("div", "section") and _WALL.search(named):
            yield "wall"
        if element.get("type") == "password":
            yield "password"
    if any(str(node.get("isAccessibleForFree", "")).lower() == "false" for node in iter_linked_nodes(tree)):
        yield "not free"


def is_said(kind: Kind, blocks: Iterable[str]) -> bool:
    """Say whether a short block speaks to the reader as such a page does."""
    return any(WORDS[kind].search(block) for block in blocks) if kind in WORDS else False
