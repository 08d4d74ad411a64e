"""Volume, issue and pages, as the styles of bibliographies print them, and the dates between them."""

import re
from dataclasses import dataclass

from index.references.dates import MONTH, YEAR

_DASH = r"[–—\u2010\u2011\u2212-]{1,2}"
_VOLUME = r"(?P<volume>(?<![\w.–-])\d{1,4}[A-Za-z]?(?:[–/-]\d{1,4})?(?![\w–’']))"
_PAGE = r"[A-Za-z]{0,4}\d\w{0,12}(?:[.:]\d{1,6})?"
_PAGES = rf"(?P<pages>{_PAGE}(?:\s?{_DASH}\s?{_PAGE})?(?:,\s?\d{{1,5}}[–-]\d{{1,5}})?)(?!\w)"
_ISSUE_TEXT = rf"(?!{YEAR}\))(?!eds?\b|pp?\.|vol)[\w][\w\s.,&/–-]{{0,30}}"
_ISSUE = rf"(?P<issue>{_ISSUE_TEXT})"
_NUMBER = r"(?:no|nos|nr|num|number|issue|iss|n[°º]|№)\.?"
_LABEL = r"(?:(?:pp?|pages?|s|\u0441|art(?:icle)?|paper|id|no|number|numer)\b\.?,?\s?){1,3}"
_PART_END = r"(?=[,;:()\s]|\.\s|\.?$)"
_IN_YEAR = rf"\((?P<date>[^()]{{0,30}}?{YEAR}[a-z]?[^()]{{0,12}})\)"
_YEAR_FIRST = (  # 2019;20(3):451–468
    rf"(?P<date>\b{YEAR})\s?(?:;\s?|(?=:\s?\w))"
    r"(?:(?P<volume>[A-Za-z]?\d{1,4}[A-Za-z]?(?:[–-]\d{1,4}(?=[(:]))?(?=[\s(:]|\.?$)))?"
    rf"(?:\s?\((?P<issue>[^()]{{1,30}})\))?(?:\s?:?\s?{_PAGES})?"
)
_LABELLED = (  # vol. 20, no. 3, pp. 451–468
    rf"\b(?:vol(?:ume)?s?|bd|jg|т)\b\.?\s?(?P<volume>[\w./–-]{{1,12}}?){_PART_END}"
    rf"(?:[,;.]?\s?\(?{_NUMBER}\s?(?P<issue>[\w./–-]{{1,14}}?){_PART_END}\)?|\s?\((?P<issue2>{_ISSUE_TEXT})\))?"
    rf"(?:[,;.]?\s\(?(?P<date>{YEAR})\)?)?"
    rf"(?:[,:;.]?\s?{_LABEL}{_PAGES}|(?::\s?|\s(?=\d+[–-]\d))(?P<pages2>{_PAGE}(?:[–-]{_PAGE})?))?"
)
_HALF_LABELLED = (  # 31, no. 4 (2022): 489–506
    rf"{_VOLUME}[,.]?\s?\(?{_NUMBER}\s?(?P<issue>[\w./–-]{{1,14}}?)(?=[,;:()\s]|\.?$)\)?(?:\s?{_IN_YEAR})?"
    rf"(?:[:,]?\s?(?:{_LABEL})?{_PAGES})?"
)
_ISSUE_INSIDE = (  # 20(3), 451–468 (2019)
    rf"{_VOLUME}\s?\({_ISSUE}\)(?:\s?{_IN_YEAR})?(?:[,:;.]?\s?(?:{_LABEL})?{_PAGES})?"
    rf"(?:,?\s?\((?P<date2>{YEAR})\))?"
)
_DOTTED = (  # 86.11 (1980), pp. 12–34
    r"(?<=\s)(?P<volume>\d{1,4})\.(?P<issue>\d{1,4}(?:[–/-]\d{1,4})?)(?=\s?\(|[,:]\s?pp?\.)"
    rf"(?:\s?{_IN_YEAR})?(?:[,:]\s?(?:{_LABEL})?{_PAGES})?"
)
_BARE = (  # 31/4, 489–506
    rf"{_VOLUME}(?:\s?:\s?|,\s?(?!{YEAR}(?![–-]\d|\w)))(?:{_LABEL})?{_PAGES}(?:,?\s?\(?(?P<date>{YEAR})\)?)?"
)
_LOCI = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        _YEAR_FIRST,
        _LABELLED,
        _HALF_LABELLED,
        _DOTTED,
        rf"{_VOLUME},\s(?:{_LABEL})?{_PAGES}\s?\((?P<date>{YEAR})\)(?!\s?[,:]\s?\w)",  # 20, 451–468 (2019)
        rf"(?P<date>\b{YEAR}),\s{_VOLUME}(?:\s?\({_ISSUE}\))?[,:]\s?(?:{_LABEL})?{_PAGES}",  # 2005, 147(1), 66–74
        _ISSUE_INSIDE,
        rf"{_VOLUME},\s(?:(?P<issue>[\w–-]{{1,8}})\s)?{_IN_YEAR}(?:[,:]\s?(?:{_LABEL})?{_PAGES})?",  # 20, 3 (2019), 4
        rf"(?!\d+[–-]){_VOLUME},?\s?{_IN_YEAR}(?:[,:]?\s?(?:{_LABEL})?{_PAGES})?",  # 41 (2009): 733–736
        rf"{_VOLUME}\s(?P<pages>\d{{1,5}}[–-]\d{{1,5}})(?=[.,;]|$|\s\()",  # 20 451–468
        _BARE,
    )
)
_LONE_VOLUME = re.compile(r"[.,]?\s\(?\bvol(?:ume)?\b\.?\s(\w{1,8})\)?", re.IGNORECASE)
_LOOSE_PAGES = (
    re.compile(rf"[,(]?\s?\b(?:pp?\.|pages?\b|pp\b|S\.|\u0421\.)\s?{_PAGES}\)?", re.IGNORECASE),
    re.compile(rf"[,(]?\s?\bart(?:icle|\.)\s(?:no\.?\s|number\s|id\s)?{_PAGES}\)?", re.IGNORECASE),
    re.compile(r"[,:;]\s?(?P<pages>[A-Z]?\d{1,5}\s?[–—-]\s?[A-Z]?\d{1,5}|e\d{3,8}|[A-Z]\d{1,3})(?=[.,;)]|$|\s?\()"),
    re.compile(r",\s(?P<pages>\d{1,3})(?=\.?$)"),
    re.compile(r"(?<=[\w).])\s(?P<pages>\d{1,5}\s?[–—-]\s?\d{1,5}|[A-Z]\d{1,3})(?=\s?[(.;,]|$)"),
)
# What stands before a number that is no volume: "pp. 44–53, 2019", "ISO 690:2021".
_MISLEADING = re.compile(
    r"(?:\bpp?\.?|\bpages?|\b(?:ISO|IEC|IEEE|ANSI|ASTM|DIN|EN|BS|RFC|NISO)(?:[/ -][A-Z]{1,5})?)\s?\d?$", re.IGNORECASE
)
_DAYS = r"\d{1,2}(?:st|nd|rd|th)?(?:\s?[–—-]\s?\d{1,2})?"
_MONTHS = rf"\b{MONTH}(?:\s?[–—/-]\s?{MONTH})?"
_LONG_DATE = re.compile(
    rf"(?<![\w–-])({YEAR})[,\s]\s?{_MONTHS}(?:\s{_DAYS}(?![\w(]))?(?!,?\s{YEAR})"
    rf"|{_MONTHS}\s{_DAYS}(?:\s?[–—-]\s?{MONTH}\s{_DAYS})?,?\s({YEAR})"
    rf"|\b{_DAYS}(?:\s?[–—-]\s?{_DAYS})?\s{_MONTHS},?\s({YEAR})"
    rf"|{_MONTHS},?\s({YEAR})|\b(?:spring|summer|fall|autumn|winter),?\s({YEAR})",
    re.IGNORECASE,
)
_DAY_ALONE = re.compile(rf"(?:^|,\s)(?:\d{{1,2}}\s{_MONTHS}|{_MONTHS}\s\d{{1,2}}|{_MONTHS})(?=[,.]|$)", re.IGNORECASE)
_YEAR_ALONE = re.compile(rf"[,;(]?\s?(?<![\w–/-])(?:©\s?|c)?({YEAR})[a-z]?(?![\w–/-])\)?")


@dataclass(frozen=True, slots=True)
class Locus:
    """Where in a journal a work stands, as printed, and the span of all that in the text."""

    start: int
    end: int
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    date: str | None = None


def take_long_dates(text: str) -> tuple[str, str | None]:
    """Return `text` with its dates cut down to years, and the first of them whole."""
    found = _LONG_DATE.search(text)
    if not found:
        return _DAY_ALONE.sub("", text), None
    shortened = _LONG_DATE.sub(lambda match: next(filter(None, match.groups())), text)
    return _DAY_ALONE.sub("", shortened), found.group()


def find_locus(text: str) -> Locus | None:
    """Return volume, issue and pages, if `text` holds a volume, or pages behind a year."""
    for pattern in _LOCI:
        for found in pattern.finditer(text):
            parts = found.groupdict()
            volume = parts.get("volume")
            if _MISLEADING.search(text, max(0, found.start() - 12), found.start() + 1):
                continue
            is_year = re.fullmatch(rf"{YEAR}(?:[–-]{YEAR})?", volume or "") and not parts.get("issue")
            if not is_year and (volume or parts["pages"]):
                return _make_locus(found)
    return None


def _make_locus(found: re.Match[str]) -> Locus:
    parts = found.groupdict()
    issue = (parts.get("issue") or parts.get("issue2") or "").strip(" .,")
    return Locus(
        start=found.start(),
        end=found.end(),
        volume=parts["volume"],
        issue=None if re.fullmatch(MONTH, issue, re.IGNORECASE) else issue or None,
        pages=format_pages(parts["pages"] or parts.get("pages2")),
        date=parts.get("date") or parts.get("date2"),
    )


def format_pages(pages: str | None) -> str | None:
    """Return pages with a plain hyphen."""
    return re.sub(rf"\s?{_DASH}\s?", "-", pages) if pages else None


def take_pages(text: str) -> tuple[str, str | None]:
    """Return `text` without pages that stand alone, and those."""
    for pattern in _LOOSE_PAGES:
        found = pattern.search(text)
        if found and not re.fullmatch(rf"{YEAR}(?:\s?[–-]\s?{YEAR})?", found["pages"]):
            return f"{text[: found.start()]}{text[found.end() :]}", format_pages(found["pages"])
    return text, None


def take_year(text: str) -> tuple[str, str | None]:
    """Return `text` without the years that stand alone in it, and the last of them.

    A year goes only from the end of a part, so that "In Proceedings of the 2021 Conference" keeps its own.
    """
    ends = [m for m in _YEAR_ALONE.finditer(text) if re.match(r"\s?(?:[.,;:]|$)", text[m.end() :])]
    # "In ICML 2015. Place: Publisher, 2015" keeps the year of its name.
    apart = [m.group()[0] in ",;(" or text[: m.start()].rstrip()[-1:] in ("", ".", ",", ";") for m in ends]
    ends = [m for m, is_apart in zip(ends, apart, strict=True) if is_apart or not text[m.end() :].strip(" .")]
    for found in reversed(ends):
        text = f"{text[: found.start()]}{text[found.end() :]}"
    return text, ends[-1][1] if ends else None


def take_volume(text: str) -> tuple[str, str | None]:
    """Return `text` without a volume that stands apart from the pages, "Vol. 31", and that volume."""
    found = _LONE_VOLUME.search(text)
    return (f"{text[: found.start()]}{text[found.end() :]}", found[1]) if found else (text, None)


def find_volume(text: str) -> int | None:
    """Return where volume, issue and pages begin, if a volume is there."""
    locus = find_locus(text)
    return locus.start if locus and locus.volume and find_locus(take_long_dates(text)[0]) else None
