"""What a reader of a page cannot see: hidden by attribute, by style, or by being no text at all.

Only the plain means are known: attributes, inline styles, and rules of the page's own style sheets that name a single
class or id. A style sheet that lies elsewhere is not fetched.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from lxml.html import HtmlElement

from index.html.page import drop

_STYLE_MAX_CHARS = 300_000
_OFF_SCREEN_PX = -900.0
_UNREADABLE_PX = 2.5
_UNREADABLE_OPACITY = 0.02
_GLYPH_MAX_CHARS = 3
_PX = {"px": 1.0, "": 1.0, "pt": 1.33, "em": 16.0, "rem": 16.0, "%": 0.16, "vw": 10.0, "vh": 10.0}
# Shown by a script once the page is there, whatever its styles say.
_NEVER_HIDDEN = frozenset({"html", "body", "main"})
_NO_TEXT = frozenset(
    "script style template noscript head link meta title iframe object embed applet canvas audio video svg map input"
    " select textarea datalist progress rp rt rtc frameset".split()
)
_UNSEEN_CLASSES = frozenset(
    "sr-only visually-hidden visuallyhidden visuallyHidden screen-reader-text screen-reader-only screenreader-only"
    " off-screen u-visually-hidden element-invisible show-for-sr govuk-visually-hidden".split()
)
_CLOSED = re.compile(r"\b(?:modal|dialog|popup|drawer|tooltip|off-?canvas|dropdown|menu|overlay)", re.IGNORECASE)
_DECLARATION = re.compile(r"([a-z-]{3,40})\s{0,20}:\s{0,20}([^;{}!]{1,200})", re.IGNORECASE)
_SELECTOR = re.compile(r"([a-z][a-z0-9]{0,15})?[.#][\w-]{1,100}", re.IGNORECASE)
_NAME = re.compile(r"([.#])([\w-]{1,100})")
_SIZE = re.compile(r"(-?\d{0,9}(?:\.\d{0,9})?)\s?(px|pt|r?em|%|v[wh])?")


def drop_hidden(tree: HtmlElement) -> None:
    """Take out of a tree, in place, what a reader of the page cannot see."""
    hidden = _read_style_sheets(tree, _hides_for_good)
    for element in list(tree.iter("*")):
        if element.tag not in _NEVER_HIDDEN and element.getparent() is not None and _is_hidden(element, hidden):
            drop(element)


def find_unlaid(tree: HtmlElement) -> frozenset[HtmlElement]:
    """Return the elements of a tree that a browser gives no layout, or makes invisible; the tree stays as it is."""
    hidden = _read_style_sheets(tree, _unlays)
    return frozenset(
        element
        for element in tree.iter("*")
        if element.tag not in _NEVER_HIDDEN
        and (
            element.get("hidden", "until-found").lower() != "until-found"
            or "inert" in element.attrib
            or (element.tag == "dialog" and "open" not in element.attrib)
            or ("style" in element.attrib and _unlays(_read_declarations(element.get("style"))))
            or not hidden.isdisjoint(_iter_selectors(element))
        )
    )


def _is_hidden(element: HtmlElement, hidden: frozenset[str]) -> bool:
    tag = element.tag.rpartition(":")[2]
    return (
        tag in _NO_TEXT
        or (tag == "dialog" and "open" not in element.attrib)
        or (tag == "button" and not any(outer.tag in ("h1", "h2", "h3", "h4") for outer in element.iterancestors()))
        or element.get("hidden", "until-found").lower() != "until-found"
        or not _UNSEEN_CLASSES.isdisjoint(element.get("class", "").split())
        or ("style" in element.attrib and _hides(_read_declarations(element.get("style"))))
        or (element.get("aria-hidden") == "true" and _is_closed(element))
        or not hidden.isdisjoint(_iter_selectors(element))
    )


def _is_closed(element: HtmlElement) -> bool:
    """Say whether what is kept from screen readers is kept from everyone: a closed dialogue or menu, a lone glyph."""
    if element.get("role") in ("dialog", "alertdialog", "menu", "tooltip") or _CLOSED.search(element.get("class", "")):
        return True
    return len(element) == 0 and len((element.text or "").strip()) <= _GLYPH_MAX_CHARS


def _read_declarations(style: str) -> dict[str, str]:
    """Return what a style declares, in lower case; the last declaration of a property wins."""
    return {name.lower(): value.strip().lower() for name, value in _DECLARATION.findall(style[:4000])}


def _hides(style: Mapping[str, str]) -> bool:
    """Say whether an inline style keeps an element's text from being seen."""
    moving = "transform" in style or "transition" in style  # faded in by a script
    return (
        _hides_for_good(style)
        or (not moving and _is_below(style, "opacity", _UNREADABLE_OPACITY))
        or style.get("color", "") in ("transparent", style.get("background-color", style.get("background")))
        or (style.get("height") in ("0", "0px") and style.get("overflow") == "hidden")
        or style.get("clip-path", "").startswith(("inset(50%", "inset(100%"))
        or bool(re.match(r"rect\(\s?[01](?:px)?[\s,]", style.get("clip", "")))
    )


def _unlays(style: Mapping[str, str]) -> bool:
    """Say whether a style keeps text from being searched by a browser."""
    return style.get("display") == "none" or style.get("visibility") in ("hidden", "collapse")


def _hides_for_good(style: Mapping[str, str]) -> bool:
    """Say whether a style keeps text from being seen by more than a passing effect."""
    placed = style.get("position") in ("absolute", "fixed")
    return (
        _unlays(style)
        or _is_below(style, "font-size", _UNREADABLE_PX)
        or any(_is_below(style, name, _OFF_SCREEN_PX) for name in ("text-indent", "margin-left", "margin-top"))
        or (placed and any(_is_below(style, name, _OFF_SCREEN_PX) for name in ("left", "top", "right")))
    )


def _is_below(style: Mapping[str, str], name: str, limit: float) -> bool:
    """Say whether a property has a size below `limit`, in pixels where it has a unit."""
    size = _SIZE.fullmatch(style.get(name, ""))
    try:
        return bool(size) and float(size[1]) * _PX[size[2] or ""] < limit  # type: ignore[index]
    except ValueError:
        return False


def _iter_selectors(element: HtmlElement) -> Iterator[str]:
    """Yield the selectors of one name that choose an element."""
    names = [f".{name}" for name in element.get("class", "").split()]
    if element.get("id"):
        names.append(f"#{element.get('id').strip()}")
    for name in names:
        yield name
        yield f"{element.tag}{name}"


def _read_style_sheets(tree: HtmlElement, hides: Callable[[Mapping[str, str]], bool]) -> frozenset[str]:
    """Return the selectors of one name by which a page's style sheets hide what they choose, as `hides` says.

    What another rule shows again, as a tab or a fold that opens, a reader can see.
    """
    sheets = [sheet.text or "" for sheet in tree.iter("style") if sheet.get("media", "all") in ("all", "screen", "")]
    hidden: set[str] = set()
    shown: set[str] = set()
    for selectors, style in _iter_rules("\n".join(sheets)[:_STYLE_MAX_CHARS]):
        plain = {selector for selector in selectors if _SELECTOR.fullmatch(selector)}
        if hides(style):
            hidden |= plain
        elif "display" in style or "visibility" in style:
            shown |= {"".join(name) for selector in selectors for name in _NAME.findall(selector)}
    return frozenset(
        selector for selector in hidden if selector.lstrip("abcdefghijklmnopqrstuvwxyz123456") not in shown
    )


def _iter_rules(sheet: str) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Yield selectors and declarations of the rules of a sheet that hold on any screen."""
    depth, prelude = 0, ""
    pieces = re.split(r"([{}])", "".join(part.rpartition("*/")[2] for part in sheet.split("/*")))
    for text, brace in zip(pieces[::2], pieces[1::2], strict=False):
        if brace == "{":
            prelude = text.strip() if depth == 0 else prelude
            depth += 1
            continue
        depth = max(0, depth - 1)
        if depth == 0 and not prelude.startswith("@"):
            yield [selector.strip() for selector in prelude.split(",")][:200], _read_declarations(text)
