"""Markers that name entries by number or key: `[3, 5–7]`, `[1]–[3]`, `[Smith20]`, `¹,³⁻⁵` and `(3)`."""

import re
from collections.abc import Iterator, Sequence

from index.markers.sightings import Sighting
from index.model import Reference, Span

_RANGE_MAX = 50  # entries that one range may name
_ROUND_MIN = 3  # different entries that round brackets must name before they are taken for markers
_ROUND_SHARE = 0.8  # of the numbers in round brackets that must be in the list
_LIST = r"\d{1,3}(?:\s?[,;–—-]\s?\d{1,3}){0,40}"
_PLACE = (
    r"(?:,\s?(?:pp?\.|ch(?:ap)?\.|sec(?:t|tion)?\.?|theorem|lemma|fig(?:ure)?\.?|table|eq\.|appendix|§)"
    r"\s?[^\[\]()]{1,40})?"
)
_SQUARE = re.compile(
    rf"\[(?:(?:see(?:\salso)?|cf\.|e\.g\.,?)\s)?(?P<numbers>{_LIST}){_PLACE}\](?:\s?[–—-]\s?\[(?P<last>\d{{1,3}})\])?",
    re.IGNORECASE,
)
# What stands before square brackets that hold an interval, an index or a size.
_NO_MARKER_BEFORE = re.compile(
    r"(?:\b(?:interval|range|domain|vector|matrix|array|shape|size)\s?|[∈=\u223c~±\u00d7<>≤≥]\s?|(?<!\w)[A-Za-z]"
    r"|\w_\w{0,30}|[\])}]\.?\w{1,30})$"
)
_RAISED_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_RAISED = re.compile(
    r"(?:(?<=[^\W\d_][^\W\d_])|(?<=[.,;:)\]”\"’%]))[⁰¹²³⁴-⁹]{1,3}(?:[,⁻–-]\s?[⁰¹²³⁴-⁹]{1,3}){0,40}(?![\w⁰¹²³⁴-⁹])"
)
# Words that a raised number is a power of.
_UNIT = re.compile(
    r"(?<![^\W\d_])(?:[kcmnµμpd]?m|[kmµμ]?g|m?s|ft|in|yd|mi|ha|Pa|Hz|[kM]?W|J|N|K|sin|cos|tan|log|ln|exp|min|h|[A-Z]{2}|[^\W\d_])$"
)
_ROUND = re.compile(rf"\((?P<numbers>{_LIST})\)")
_NO_ROUND_BEFORE = re.compile(
    r"(?:\b(?:eqs?|equations?|figs?|figures?|tables?|steps?|cases?|types?|sections?|ineq\w*|no|n|n =|part|phase|grade"
    r"|level)\.?\s?|[:;]\s?|,\s?(?:and|or)\s|^\s{0,4})$",
    re.IGNORECASE,
)


def find_square(text: str, span: Span, numbers: frozenset[str]) -> Iterator[Sighting]:
    """Yield `[3]`, `[3, 5–7]` and `[1]–[3]`; one with a 0 is an interval."""
    for found in _SQUARE.finditer(text, *span):
        listed = found["numbers"] + (f"–{found['last']}" if found["last"] else "")
        if _holds_zero(listed) or _NO_MARKER_BEFORE.search(text, max(span[0], found.start() - 40), found.start()):
            continue
        yield _see(found, expand(listed), numbers)


def find_keys(text: str, span: Span, numbers: frozenset[str]) -> Iterator[Sighting]:
    """Yield `[Smith20]` and `[Smith20, Lee21]`, if the list has one of the keys."""
    keys = [number for number in numbers if not number.isdigit()]
    if not keys:
        return
    for found in re.finditer(r"\[([^\[\]]{2,300})\]", text[slice(*span)]):
        named = [part.strip() for part in re.split(r"[,;]", found[1])]
        if any(name in numbers for name in named):
            found_keys = tuple(name if name in numbers else None for name in named if re.search(r"\d|^\w+$", name))
            yield Sighting(span[0] + found.start(), span[0] + found.end(), found_keys)


def find_raised(text: str, span: Span, numbers: frozenset[str]) -> Iterator[Sighting]:
    """Yield `¹,³⁻⁵`, but no power: a raised number is a marker behind a word or a stop, not behind a unit."""
    for found in _RAISED.finditer(text, *span):
        named = expand(re.sub(r"[⁻–]", "-", found.group()).translate(_RAISED_DIGITS))
        is_power = _UNIT.search(text, max(span[0], found.start() - 6), found.start())
        if not is_power and any(number in numbers for number in named):
            yield _see(found, named, numbers)


def find_round(text: str, spans: Sequence[Span], numbers: frozenset[str]) -> list[Sighting]:
    """Return `(3)` and `(3, 5)`, if enough of them fit the list that it must be cited by them."""
    seen = [
        _see(found, expand(found["numbers"]), numbers)
        for span in spans
        for found in _ROUND.finditer(text, *span)
        if not _holds_zero(found["numbers"]) and not _is_label(text, span, found)
    ]
    named = [name for sighting in seen for name in sighting.names]
    fitting = {name for name in named if name}
    is_style = len(fitting) >= _ROUND_MIN and sum(map(bool, named)) >= _ROUND_SHARE * len(named)
    return seen if is_style else []


def _is_label(text: str, span: Span, found: re.Match[str]) -> bool:
    """Say whether a number in round brackets is that of an equation, or of an item in a list."""
    before, after = text[max(span[0], found.start() - 16) : found.start()], text[found.end() : span[1]]
    return bool(_NO_ROUND_BEFORE.search(before)) or not after.strip() or before.endswith("  ")


def _see(found: re.Match[str], named: Sequence[str], numbers: frozenset[str]) -> Sighting:
    names = tuple(name if name in numbers else None for name in named)
    return Sighting(found.start(), found.end(), names, tuple(named))


def _holds_zero(listed: str) -> bool:
    return any(int(number) == 0 for number in re.findall(r"\d+", listed))


def expand(listed: str) -> list[str]:
    """Return the numbers that `3, 5–7` names; a range that runs backwards is its first number."""
    numbers: list[str] = []
    for part in re.split(r"\s?[,;]\s?", listed):
        first, *others = (int(number) for number in re.findall(r"\d+", part))
        last = min(others[-1] if others else first, first + _RANGE_MAX)
        numbers.extend(str(number) for number in range(first, max(first, last) + 1))
    return numbers


def is_numbered(references: Sequence[Reference]) -> bool:
    """Say whether a list prints a number or key before most of its entries."""
    printed = sum(bool(re.match(rf"\W{{0,3}}{re.escape(r.number)}(?!\w)", r.raw)) for r in references)
    return 2 * printed >= len(references)
