"""Bibliographies and the markers that point into them.

Entries are read in the author-date shape of APA, `Authors. (2024, May 3). Title. Container. URL`; an entry of another
shape keeps its text, its number and the identifiers found in it.
"""

import re
from collections.abc import Iterable, Sequence

from index.model import Marker, Reference

_NUMBER = re.compile(r"\s*(?:\[(\d{1,4})\]|(\d{1,4})[.)])\s+")
_URL = re.compile(r"https?://[^\s<>]+")
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s<>\"]+")
_ARXIV = re.compile(r"\barxiv(?:\.org/abs/|:)\s*(\d{4}\.\d{4,5}|[a-z-]+/\d{7})(?:v\d+)?", re.IGNORECASE)
_AUTHOR_DATE = re.compile(
    r"(?P<authors>.{2,400}?)\s*\((?P<year>\d{4}|n\.d\.)[a-z]?(?:,[^)]{0,40})?\)\.?\s*(?P<rest>.*)", re.DOTALL
)
# A title ends at a full stop (or a closing quote behind one) before a capital, not at the stop of an initial.
_TITLE_END = re.compile(r"(?<!\b[A-Z])[.?!][”\"]?(?:\s+(?=[A-Z\[“\"])|\s*$)|\s+(?=arXiv:)")

_NUMBERED_MARKER = re.compile(r"\[(\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)\]")
_AUTHOR_YEAR_MARKER = re.compile(r"\(([^()]{2,200}?,\s*(?:(?:1[89]|20)\d\d[a-z]?|n\.d\.)(?:;[^()]{2,200})?)\)")
_MARKER_RANGE_MAX = 50
_NAME_WORD = re.compile(r"[^\W\d_]{2,}")
_NAME_STOP_WORDS = frozenset({"and", "the", "of", "in", "for", "et", "al"})


def find_doi(text: str) -> str | None:
    """Return the first DOI in `text`, without the punctuation behind it."""
    found = _DOI.search(text)
    return found.group().rstrip(".,;:?)]") if found else None


def find_url(text: str) -> str | None:
    """Return the first URL in `text`, without the punctuation behind it."""
    found = _URL.search(text)
    return found.group().rstrip(".,;:?)]") if found else None


def parse_reference(raw: str, start: int, position: int) -> Reference:
    """Read one entry of a bibliography.

    Args:
        raw: The entry as printed, with its number if it has one.
        start: Where it begins in its document.
        position: Its place in the list from 1, which is its number if none is printed.
    """
    number = _NUMBER.match(raw)
    body = raw[number.end() :] if number else raw
    arxiv = _ARXIV.search(body)
    shape = _AUTHOR_DATE.match(body)
    title, container = _split_title(shape["rest"]) if shape else (None, None)
    return Reference(
        number=(number[1] or number[2]) if number else str(position),
        raw=raw,
        start=start,
        end=start + len(raw),
        authors=_trim_authors(shape["authors"]) if shape else None,
        year=int(shape["year"]) if shape and shape["year"].isdigit() else None,
        title=title,
        container=container,
        url=find_url(body),
        doi=find_doi(body),
        arxiv=arxiv[1] if arxiv else None,
    )


def _trim_authors(authors: str) -> str:
    """Drop the full stop behind the authors, but not the one of a last initial or of "et al."."""
    authors = authors.strip()
    return authors if re.search(r"\b(?:[A-Z]|al)\.$", authors) else authors.rstrip(".")


def _split_title(rest: str) -> tuple[str | None, str | None]:
    rest = re.split(r"<?https?://", rest, maxsplit=1)[0].strip()
    end = _TITLE_END.search(rest)
    if not end:
        return rest or None, None
    title = (rest[: end.start()] + end.group().strip()).rstrip(".").replace(".”", "”")
    container = re.sub(r"^In\s+", "", rest[end.end() :]).strip(" .")
    return title or None, container or None


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
