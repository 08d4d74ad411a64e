"""The first page of a paper: which lines are its title, who wrote it, its DOI, and what the file says of itself."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from index.model import Fact
from index.pdf.heading_words import is_caption, is_named, number_level, plain
from index.pdf.lines import Line
from index.pdf.measures import Measures
from index.references import find_doi

_METADATA, _FIRST_PAGE = "PDF metadata", "first page"
_TITLE_MAX_LINES = 8
_FRONT_LINES = 40
_NAMES_MAX_CHARS = 3000
_MIN_WORDS = 2
_SHORT_TITLE = 0.8  # names of journals are short as well
_TOLD = 5.0  # what a title weighs that the file tells as well
_KNOWN_SHARE = 0.7  # of the words of a title that stand where it is sought
_SAME_SIZE = 0.05
_TITLE_MIN_CHARS, _TITLE_MAX_CHARS = 8, 400
_LARGE = 1.1
_UPPER_SHARE = 0.7  # of the first page, from its top, in which a title stands
_TITLE_LEADING = 1.9
_XMP_MAX_BYTES = 100_000
# What stands large above titles.
_NOT_TITLE = re.compile(
    r"journal of|proceedings of|international journal|ieee transactions|transactions on|lecture notes|arxiv:|doi:"
    r"|https?:|www\.|(?:research|review|original) (?:article|paper)|article$|open access|contents lists|preprint"
    r"|available online|vol(?:ume|\.) ?\d|published|technical report|working paper|accepted manuscript",
    re.IGNORECASE,
)
# What programs put down as titles.
_NO_TITLE = re.compile(
    r"(?:untitled|no title|title|document|paper|manuscript|template|print|main|final|slide|layout)[\W\d]*$|\W*$"
    r"|microsoft (?:word|powerpoint)|arxiv:|doi:|pii:|10\.\d{4}|\S+\.(?:docx?|tex|pdf|indd|qxd|dvi|rtf|odt|wpd)\b",
    re.IGNORECASE,
)
_NO_AUTHOR = re.compile(
    r"(?:author|user|admin|administrator|unknown|anonymous|owner|root|windows|microsoft|pc|default)\b", re.IGNORECASE
)
_NAME = re.compile(
    r"(?:(?:[A-ZÀ-ÖØ-ÞĀ-Ž][\w'’\-]{0,25}\.?(?:-[A-Z]\.)?|[A-Z]\.(?:[A-Z]\.){0,3}|de|del|della|der|den|di|da|dos|du|la|le|van|von|ter|ten"
    r"|al|el|bin|ibn|y|zu|zur|Jr\.?|I{2,3})(?:\s|$)){2,6}"
)
_NOT_NAMES = re.compile(
    r"universit|institut|department|college|school|laborator|facult|academ|cent(?:er|re)\b|hospital|\bInc\b|Ltd|GmbH|\d{4}|@|https?:"
    r"|journal|abstract|keywords|received|research\b|corporation|foundation|ministry|\b(?:the|of|for|with|on)\b",
    re.IGNORECASE,
)
_DEGREES = re.compile(
    r",?\s?\b(?:Ph\.?\s?D\.?|M\.?D\.?|MSc|M\.Sc\.?|MPH|B\.?Sc\.?|Dr\.?|Prof\.?|FRCP|RN|MBA|M\.?A\.?)(?=[\s,;]|$)"
)
_NOTES = re.compile(
    r"[*†‡§¶\u2217#✉⋆]|(?<=[^\W\d_.])\s?\d{1,2}(?:\s?,\s?\d{1,2}){0,5}(?=\s|,|;|$)|(?<=\s)[a-h](?:,[a-h]){0,3}(?=,|\s|$)"
)
# Where a first page tells the year, the surest first.
_YEARS = (
    re.compile(
        r"\bpublished\b[^\d]{0,30}(?:\d{1,2}\.?\s[^\W\d]{3,9}\.?\s|\d{1,2},\s)?((?:19|20)\d\d)\b", re.IGNORECASE
    ),
    re.compile(r"(?:©|\(c\)|\bcopyright)\s{0,3}(?:©\s?)?((?:19|20)\d\d)\b", re.IGNORECASE),
    re.compile(r"\barXiv:\S{5,30}\s.{0,30}\b((?:19|20)\d\d)$"),
)
_LINE_MAX_CHARS = 500
_XMP = {
    "title": re.compile(rb"<dc:title>\s{0,200}<rdf:Alt>\s{0,200}<rdf:li[^>]{0,100}>([^<]{1,1000})</rdf:li>"),
    "doi": re.compile(
        rb"<(?:prism|pdfx|crossmark|jav):doi>\s{0,50}(?:doi:)?(10\.[^<\s]{3,200})\s{0,50}<|prism:doi=\"(10\.[^\"\s]{3,200})\"",
        re.IGNORECASE,
    ),
    "year": re.compile(rb"<prism:(?:coverDate|publicationDate|coverDisplayDate)>[^<]{0,40}?((?:19|20)\d\d)[^<]{0,40}<"),
}


class Set(NamedTuple):
    """A text, and how it is set."""

    text: str
    size: float
    font: str
    bold: bool


def find_title(lines: Sequence[Line], usual: Measures, hint: str) -> tuple[int, int] | None:
    """Return which of the lines of the first page are its title, as a range, or None.

    Args:
        lines: Those of the first page in the order of reading.
        usual: What is usual in the document.
        hint: What the file says its title is; an empty text where it says nothing.

    Returns:
        Where it begins and ends among the lines.
    """
    best: tuple[float, int, int] | None = None
    bottom = max((line.y for line in lines), default=0.0)
    at = 0
    while at < len(lines):
        end = _find_run(lines, at)
        text = " ".join(plain(line.text) for line in lines[at:end])
        score = _score_title(text, lines[at], usual, hint)
        if score and lines[at].y < _UPPER_SHARE * bottom and (best is None or score > best[0]):
            best = (score, at, end)
        at = end
    return best[1:] if best else None


def read_metadata(metadata: Mapping[str, str], content: bytes, first_pages: str) -> Iterator[Fact]:
    """Yield what the file says of itself, as far as its first pages bear it out."""
    packet = _find_xmp(content)
    title = _find_xmp_text(packet, "title") or metadata.get("Title", "")
    title = " ".join(title.split())
    if is_credible_title(title, first_pages):
        yield Fact("title", title, _METADATA)
    authors = tuple(split_names(metadata.get("Author", "")))
    if authors and not _NO_AUTHOR.match(authors[0]) and authors[0].split()[-1].casefold() in first_pages.casefold():
        yield Fact("authors", authors, _METADATA)
    year = _find_xmp_text(packet, "year")
    if year:
        yield Fact("year", int(year), _METADATA)
    doi = find_doi(_find_xmp_text(packet, "doi") or metadata.get("Subject", ""))
    if doi:
        yield Fact("doi", doi.casefold(), _METADATA)
    keywords = tuple(word.strip() for word in re.split(r"[;,]", metadata.get("Keywords", "")) if word.strip())
    if len(keywords) > 1 and keywords[0].casefold() in first_pages.casefold():
        yield Fact("keywords", keywords, _METADATA)


def read_first_page(title: str, texts: Sequence[str], front: Sequence[Set]) -> Iterator[Fact]:
    """Yield what the first page tells by its looks.

    Args:
        title: The title as found, or an empty text.
        texts: The lines in which its DOI and year may stand, running heads and stamps included.
        front: The lines behind the title, as far as the abstract.

    Yields:
        What it tells, each field at most once.
    """
    if title:
        yield Fact("title", title, _FIRST_PAGE)
    authors = tuple(dict.fromkeys(_find_authors(front)))
    if authors:
        yield Fact("authors", authors, _FIRST_PAGE)
    found = [doi for text in texts if (doi := find_doi(text)) and not doi.endswith(("-", "/", "_"))]
    if found:
        yield Fact("doi", found[0].casefold(), _FIRST_PAGE)
    years = [year[1] for pattern in _YEARS for text in texts if (year := pattern.search(text[:_LINE_MAX_CHARS]))]
    if years:
        yield Fact("year", int(years[0]), _FIRST_PAGE)


def is_credible_title(title: str, first_pages: str) -> bool:
    """Say whether what a file says is its title stands on its first pages."""
    if not _TITLE_MIN_CHARS <= len(title) <= _TITLE_MAX_CHARS or _NO_TITLE.match(title) or " " not in title:
        return False
    words = re.findall(r"\w{3,}", title.casefold())
    known = set(re.findall(r"\w{3,}", first_pages.casefold()))
    return bool(words) and sum(word in known for word in words) >= _KNOWN_SHARE * len(words)


def read_names(text: str) -> list[str]:
    """Return the people whom a line of the front matter names, or nothing if it does not read as a list of names."""
    head, _, place = text.partition(", ")
    if _is_capital_name(head) and _NOT_NAMES.search(place):
        return [head]
    if len(text) > _NAMES_MAX_CHARS or _NOT_NAMES.search(text) or is_named(text) or text.endswith(":"):
        return []
    names = split_names(text)
    return names if names and all(_NAME.fullmatch(name) for name in names) else []


def _is_capital_name(text: str) -> bool:
    """Say whether a text is the name of one person in capitals, behind which an address may stand."""
    return text.isupper() and bool(_NAME.fullmatch(text)) and not _NOT_NAMES.search(text)


def split_names(text: str) -> list[str]:
    """Return the names that a text lists, without degrees, signs of notes and addresses."""
    text = re.sub(
        r"\s{2,}", " ", _NOTES.sub(" ", _DEGREES.sub("", re.sub(r"\S{1,60}@\S{1,80}", "", text[:_NAMES_MAX_CHARS])))
    )
    parts = (
        re.split(r"\s?;\s?|\s?,?\s&\s|,?\s\band\b\s", text)
        if ";" in text
        else re.split(r"\s?[,&]\s?(?:(?:and|AND)\s)?|\s\b(?:and|AND)\b\s", text)
    )
    names = [part.strip(" ,.;") if not part.strip().endswith(("Jr.", "Sr.")) else part.strip(" ,;") for part in parts]
    return [name for name in names if len(name.split()) > 1]


def _find_authors(front: Sequence[Set]) -> Iterator[str]:
    """Yield the people that lines behind the title name, all set like the first of these lines."""
    styled: list[object] | None = None
    for text, *style in front[:_FRONT_LINES]:
        names = read_names(text) if styled in (None, style) else []
        if names:
            styled = style
        yield from names


def _find_run(lines: Sequence[Line], at: int) -> int:
    """Return where the lines end that are set like the one at `at` and follow it closely."""
    end = at + 1
    while end < min(len(lines), at + _TITLE_MAX_LINES):
        above, line = lines[end - 1], lines[end]
        near = 0 < line.y - above.y < _TITLE_LEADING * above.size
        if not near or abs(line.size - above.size) > _SAME_SIZE * above.size:
            break
        end += 1
    return end


def _score_title(text: str, first: Line, usual: Measures, hint: str) -> float:
    """Return how much lines look like the title, 0 for not at all."""
    words = re.findall(r"[^\W\d_]{2,}", text)
    if not _TITLE_MIN_CHARS <= len(text) <= _TITLE_MAX_CHARS or len(words) < _MIN_WORDS or is_caption(text):
        return 0.0
    if _NOT_TITLE.match(text) or is_named(text) or number_level(text):
        return 0.0
    score = first.size / usual.size
    told = set(re.findall(r"\w{3,}", hint.casefold()))
    mine = set(re.findall(r"\w{3,}", text.casefold()))
    if told and len(told & mine) > _KNOWN_SHARE * max(len(told), len(mine)):
        return score + _TOLD
    if score < _LARGE and not (first.bold and not usual.bold):
        return 0.0
    return score * (1 if len(words) > _MIN_WORDS else _SHORT_TITLE)


def _find_xmp(content: bytes) -> bytes:
    """Return the last packet of XMP metadata that names a title or a DOI."""
    end = len(content)
    for _ in range(8):
        start = content.rfind(b"<x:xmpmeta", 0, end)
        if start < 0:
            return b""
        packet = content[start : start + _XMP_MAX_BYTES].partition(b"</x:xmpmeta>")[0]
        if any(pattern.search(packet) for pattern in _XMP.values()):
            return packet
        end = start
    return b""


def _find_xmp_text(packet: bytes, field: str) -> str:
    found = _XMP[field].search(packet)
    value = next((group for group in found.groups() if group), b"") if found else b""
    text = value.decode("utf-8", "replace")
    return html.unescape(text).strip()
