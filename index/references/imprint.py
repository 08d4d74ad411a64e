"""What stands behind the title of an entry: journal, volume, issue and pages, or book, place and publisher."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from index.references.dates import MONTH, YEAR
from index.references.holders import drop_inner_editors, split_holder
from index.references.imprint_words import (
    EDITION,
    HOLDER,
    IN,
    INSTITUTION,
    PERIODICAL,
    PLACE,
    PUBLISHER,
    REPORT,
    THESIS,
    clean_name,
    find_publisher,
    find_stops,
    iter_parts,
)
from index.references.volumes import Locus, find_locus, take_long_dates, take_pages, take_volume, take_year

_SHORT_MAX_CHARS = 60  # of a piece that is a publisher's name and nothing else
# As in "The Book (University Press, Ghent, 2014)".
_PUBLISHER_INSIDE = re.compile(rf",?\s?\((?P<publisher>[^\W\d][^()]{{2,160}}?)(?:,\s(?P<year>{YEAR}))?\)")
_TYPE_IN_FRONT = re.compile(r"^\[[^\]]{1,80}\](?!:)[.,]?\s?")
_BRACKETED_PLACE = re.compile(r"\[([^\[\]]{2,40})\](?=:)")


@dataclass(frozen=True, slots=True)
class Imprint:
    """Where a work appeared, as printed; `date` is the first date there, whatever it dates."""

    container: str | None = None
    publisher: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    date: str | None = None


def read_imprint(tail: str, *, is_part: bool, is_linked: bool = False) -> Imprint:
    """Read what stands behind a title.

    Args:
        tail: Without identifiers, access dates and URLs.
        is_part: Whether the title is printed as that of a part of something, in quotation marks: then what follows is
            what holds it. Else a lone name behind it may be its publisher.
        is_linked: Whether the entry has a URL: a lone name is then that of the site.
    """
    text, date = take_long_dates(tail.strip(" .,;"))
    text = _level(text)
    locus = find_locus(text)
    if locus:
        found = Imprint(None, None, locus.volume, locus.issue, locus.pages, date or locus.date)
        if locus.volume and not IN.match(text) and text[: locus.start].strip(" ,.("):
            return _read_journal(text, locus, found)
        text = _cut_out(text, locus)
    else:
        text, pages = take_pages(text)
        found = Imprint(pages=pages, date=date)
    text, year = take_year(text)
    text, volume = (text, found.volume) if found.volume else take_volume(text)
    found = replace(found, volume=volume, date=found.date or year)
    return _read_book(text.strip(" ,;:"), found, is_part=is_part, is_linked=is_linked)


def _level(text: str) -> str:
    """Take out what styles put between the parts, and open "(Publisher, Place, 2014)"."""
    text = _BRACKETED_PLACE.sub(r"\1", _TYPE_IN_FRONT.sub("", text))
    text = EDITION.sub(lambda found: ", " if found.group().endswith(",") else ". ", text)
    text = drop_inner_editors(re.sub(r"\s+", " ", text).strip(" .,"))
    inside = find_publisher_inside(text)
    if inside is None:
        return text
    return f"{text[:inside]}{_PUBLISHER_INSIDE.sub(_open_publisher, text[inside:], count=1)}".lstrip(" .")


def _open_publisher(found: re.Match[str]) -> str:
    return f". {found['publisher']}, {found['year']}" if found["year"] else f". {found['publisher']}"


def _cut_out(text: str, locus: Locus) -> str:
    before, after = text[: locus.start].rstrip(" ,(:;"), text[locus.end :].lstrip(" ).,")
    return f"{before}{'.' if after[:1].isupper() else ''} {after}"


def _read_journal(text: str, locus: Locus, found: Imprint) -> Imprint:
    _, year = take_year(text[locus.end :])
    return replace(found, container=clean_name(text[: locus.start].rstrip(" ,;(:")), date=found.date or year)


def _read_book(text: str, found: Imprint, *, is_part: bool, is_linked: bool) -> Imprint:
    """Read what holds a work that is in no volume of a journal, or who published it."""
    inside = IN.match(text)
    if inside:
        return _read_inside(text[inside.end() :], found)
    thesis, report = THESIS.search(text), REPORT.search(text)
    if thesis or (report and not is_part and not HOLDER.match(text) and not _find_placed(text)):
        return replace(found, publisher=_read_institution(text, thesis or report))
    if HOLDER.match(text) or (found.pages and "-" in found.pages and _has_holder(text)):
        return _read_inside(text, found)
    placed = _find_placed(text)
    if placed and (not is_part or PLACE.fullmatch(text.rstrip(" ."))):
        return replace(found, publisher=placed)
    if is_part and not report:
        return _read_inside(text, found)
    return _read_lone(text, found, is_linked=is_linked, is_report=bool(report))


def _read_institution(text: str, kind: re.Match[str] | None) -> str | None:
    """Return who is behind a thesis or report: "PhD thesis, University of Ghent"."""
    low, high = kind.span() if kind else (0, 0)
    rest = f"{text[:low].rstrip(' [(')}, {text[high:].lstrip(' ])')}"
    words = (INSTITUTION,) if kind and kind.re is THESIS else (PUBLISHER, INSTITUTION)
    named = next((name for each in words if (name := find_publisher(rest, each))), None)
    return _find_placed(rest) or named or next(iter_parts(rest), None)


def _read_lone(text: str, found: Imprint, *, is_linked: bool, is_report: bool) -> Imprint:
    """Tell whether the first name is a publisher or what holds the work."""
    first = next(iter_parts(text), None)
    known = find_publisher(text, PUBLISHER)
    if not known and (is_report or not is_linked):
        known = find_publisher(text, INSTITUTION)
    if not first or known or is_report:
        return replace(found, publisher=known or first)
    if is_linked or found.pages or PERIODICAL.search(first):
        return replace(found, container=first)
    return replace(found, publisher=first)


def _has_holder(text: str) -> bool:
    """Say whether a book stands before its publisher, as in "The Book. Place: Publisher"."""
    stops = find_stops(text)
    first = text[: stops[0][0]] if stops else ""
    return bool(first) and not PUBLISHER.search(first) and not PLACE.match(first)


def _read_inside(text: str, found: Imprint) -> Imprint:
    """Read a book or proceedings that hold the work."""
    container, rest = split_holder(text)
    lone = next(iter_parts(rest), None) if rest.startswith(".") else None
    return replace(found, container=container, publisher=_find_placed(rest) or find_publisher(rest, PUBLISHER) or lone)


def _find_placed(text: str) -> str | None:
    """Return the publisher of "Place: Publisher", or of "Publisher: Place" where words tell."""
    for piece in _iter_pieces(text):
        starts = [0, *(comma.end() for comma in re.finditer(r",\s", piece))]
        found = next(filter(None, (PLACE.match(piece.strip(" .,;"), start) for start in starts)), None)
        if found:
            kinds = (PUBLISHER, INSTITUTION)
            swapped = any(kind.search(found["place"]) and not kind.search(found["publisher"]) for kind in kinds)
            name = found["place" if swapped else "publisher"]
            return clean_name(re.split(r",\s(?!Inc|Ltd|LLC|&)", name, maxsplit=1)[0])
    return None


def _iter_pieces(text: str) -> Iterator[str]:
    starts = [0, *(start for _, start in find_stops(text))]
    for low, high in zip(starts, [*starts[1:], len(text)], strict=True):
        yield from text[low:high].split("; ")


def find_publisher_inside(text: str) -> int | None:
    """Return where "(University Press, Place, 2014)" begins, if it is there."""
    for found in _PUBLISHER_INSIDE.finditer(text):
        is_date = re.search(MONTH, found["publisher"], re.IGNORECASE)
        if any(map(str.isdigit, found["publisher"])):
            continue  # as in "30th Security Symposium (USENIX Security 21)"
        if PUBLISHER.search(found["publisher"]) or (found["year"] and not is_date):
            return found.start()
        if INSTITUTION.search(found["publisher"]) and re.match(r"\.?$|,\spp", text[found.end() :]):
            return found.start()
    return None


def is_imprint(piece: str, after: str = "") -> bool:
    """Say whether a piece behind a possible title is where the work appeared, and not more of its title.

    Args:
        piece: The piece between two stops.
        after: What follows it; a date there makes the piece a journal.
    """
    is_dated = re.match(rf"\s?\(?(?:{YEAR}|\d{{1,4}}\s?[(:,])", after)
    is_short = len(piece) < _SHORT_MAX_CHARS and PUBLISHER.search(piece)
    is_placed = PLACE.fullmatch(piece.strip(" ."))
    return bool(IN.match(piece) or is_dated or is_placed or is_short or find_locus(piece) or not after.strip(" ."))
