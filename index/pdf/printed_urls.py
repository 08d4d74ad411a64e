"""Addresses as they are printed: without the room that typesetting puts between their signs, and with a tilde."""

import re
from collections.abc import Sequence

_MAX = 500
_START = r"(?:https?\s?:\s?/\s?/\s?|(?<![\d.])10\s?\.\s?\d{4,9}\s?/\s?)"
_REST = r"(?:\S|\s(?=[/_=&?%#~+.:-](?:\s?\S|$))|(?<=[/_=&?%#~+:-])\s(?=\S)|(?<=\s\.)\s(?=\S))"
_SPACED = re.compile(rf"{_START}{_REST}{{1,{_MAX}}}", re.IGNORECASE)
_GOING_ON = re.compile(rf"{_REST}{{1,{_MAX}}}")
# Only what no sentence holds says that an address is spaced out.
_IS_SPACED = re.compile(r"https?\s:|https?:\s/|/\s/|\w\s/\s\w|^10\s\.", re.IGNORECASE)
_LEADING = re.compile(r"\S{0,60}\s?[/_=&?%#~+:-]\s")
_TILDES = re.compile(r"(?:https?://|www\.)[^\s\u223c\u02dc]{1,500}[\u223c\u02dc]\S{0,500}")


def close_up(texts: Sequence[str]) -> list[str]:
    """Return the lines of a block with the addresses closed up that are spaced out, and go on from line to line."""
    closed: list[str] = []
    is_open = False
    for text in texts:
        head = _GOING_ON.match(text) if is_open and _LEADING.match(text) else None
        start = _close(head.group()) if head else ""
        rest = text[head.end() :] if head else text
        spaced = [found for found in _SPACED.finditer(rest) if _IS_SPACED.search(found.group())]
        is_open = any(found.end() == len(rest) for found in spaced) or (is_open and " " not in (rest if head else text))
        for found in reversed(spaced):
            rest = rest[: found.start()] + _close(found.group()) + rest[found.end() :]
        closed.append(start + rest)
    return closed


def write_tildes(text: str) -> str:
    """Return a text with the sign that addresses have where one that looks alike is printed."""
    return _TILDES.sub(lambda found: re.sub("[\u223c\u02dc]", "~", found.group()), text)


def _close(address: str) -> str:
    return re.sub(r"\s", "", address)
