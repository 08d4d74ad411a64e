"""Markers in running text, resolved to the entries that they name."""

import re
from collections.abc import Iterable, Sequence

from index.model import Marker, Reference

_NUMBERED_MARKER = re.compile(r"\[(\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)\]")
_AUTHOR_YEAR_MARKER = re.compile(r"\(([^()]{2,200}?,\s*(?:(?:1[89]|20)\d\d[a-z]?|n\.d\.)(?:;[^()]{2,200})?)\)")
_MARKER_RANGE_MAX = 50
_NAME_WORD = re.compile(r"[^\W\d_]{2,}")
_NAME_STOP_WORDS = frozenset({"and", "the", "of", "in", "for", "et", "al"})


def find_markers(text: str, spans: Iterable[tuple[int, int]], references: Sequence[Reference]) -> tuple[Marker, ...]:
    """Find the markers inside `spans` of `text`, in reading order, and resolve them to `references` as printed."""
    numbers = {reference.number for reference in references}
    markers: list[Marker] = []
    for start, end in spans:
        for found in _NUMBERED_MARKER.finditer(text, start, end):
            named = [number if number in numbers else None for number in _expand(found[1])]
            markers.extend(Marker(found.group(), *found.span(), points_to) for points_to in named)
        for found in _AUTHOR_YEAR_MARKER.finditer(text, start, end):
            named = [_match_author_year(part, references) for part in found[1].split(";")]
            markers.extend(Marker(found.group(), *found.span(), points_to) for points_to in named)
    return tuple(sorted(markers, key=lambda marker: marker.start))


def _expand(listed: str) -> list[str]:
    """Return the numbers that `3, 5–7` names."""
    numbers: list[str] = []
    for part in re.split(r"\s*[,;]\s*", listed):
        first, *last = (int(number) for number in re.findall(r"\d+", part))
        stop = min(last[0] if last else first, first + _MARKER_RANGE_MAX)
        numbers.extend(str(number) for number in range(first, max(first, stop) + 1))
    return numbers


def _match_author_year(part: str, references: Sequence[Reference]) -> str | None:
    """Return the number of the first entry with this year whose authors hold all the names of the marker."""
    names = _name_words(part.rpartition(",")[0])
    year = re.search(r"\d{4}", part.rpartition(",")[2])
    for reference in references:
        same_year = reference.year == (int(year.group()) if year else None)
        if names and same_year and names <= _name_words(reference.authors or ""):
            return reference.number
    return None


def _name_words(text: str) -> frozenset[str]:
    joined = re.sub(r"\b([A-Z])\.(?=[A-Z]\.)", r"\1", text)
    return frozenset(word.casefold() for word in _NAME_WORD.findall(joined)) - _NAME_STOP_WORDS
