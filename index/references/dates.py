"""Dates as bibliographies print them, and the phrases that say when a page was read; all come out in ISO 8601."""

import re

MONTH = (
    r"(?:jan(?:uary|\b)|feb(?:ruary|\b)|mar(?:ch|\b)|apr(?:il|\b)|may\b|june?\b|july?\b|aug(?:ust|\b)|sept?(?:ember|\b)"
    r"|oct(?:ober|\b)|nov(?:ember|\b)|dec(?:ember|\b))\.?+"
)
YEAR = r"(?:1[5-9]|20)\d\d"
NO_DATE = r"(?:n\.\s?d\.?|no date|s\.\s?a\.|in press|forthcoming|to appear|accepted|submitted|under review)"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_DAYS = rf"{_DAY}(?:\s?[–—-]\s?{_DAY})?"
_FREE_DATE = (
    rf"{YEAR}[/-][01]?\d(?:[/-][0-3]?\d)?(?!\d)|{YEAR}[,\s]\s?{MONTH}(?:\s{_DAYS})?\b"
    rf"|{MONTH}\s{_DAYS},?\s{YEAR}|{_DAYS}\s{MONTH},?\s{YEAR}|{MONTH},?\s{YEAR}"
    rf"|[0-3]?\d-{MONTH}-{YEAR}|[0-3]?\d[./][0-3]?\d[./]{YEAR}|{YEAR}"
)
DATE = rf"(?:{_FREE_DATE})"
_NUMERIC = re.compile(rf"([0-3]?\d)[./]([0-3]?\d)[./]({YEAR})")
_ISO = re.compile(rf"({YEAR})[/-](0?[1-9]|1[0-2])(?:[/-](0?[1-9]|[12]\d|3[01]))?(?!\d)")
_MONTH = re.compile(MONTH, re.IGNORECASE)
_YEAR = re.compile(rf"(?<!\d){YEAR}(?!\d)")
_ONE_DAY = re.compile(rf"(?<![\d–—-])({_DAY})(?![\d–—-])")
_ACCESSED = re.compile(
    r"[\[(]?\b(?:(?:last\s)?(?:accessed|visited|retrieved|viewed|checked)|cited|date of access|access date"
    r"|abgerufen(?:\sam)?|zugriff(?:\sam)?|consulté(?:\sle)?|consultado(?:\sel)?)"
    rf"(?:\son|\sat)?\s?:?\s(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s)?({DATE})"
    r"\]?\)?(?:,?\sfrom\b)?",
    re.IGNORECASE,
)


def parse_date(text: str, *, month_first: bool = False) -> str | None:
    """Return a date in ISO 8601 as far as `text` tells it, or None if it tells no year.

    Args:
        text: As printed, such as "2024, August 5", "5 Aug. 2024" or "05.08.2024".
        month_first: Whether 05/03/2024 is the third of May; else only its year is taken where both are possible.
    """
    text = re.sub(r"(?<=\d)-(?=[^\W\d])|(?<=[^\W\d])-(?=\d{4})", " ", text)
    iso, numeric, year = _ISO.search(text), _NUMERIC.search(text), _YEAR.search(text)
    if iso:
        return "-".join([iso[1], *(f"{int(part):02}" for part in iso.groups()[1:] if part)])
    if numeric:
        return _parse_numeric(int(numeric[1]), int(numeric[2]), numeric[3], month_first=month_first or "." in text)
    month = _MONTH.search(text)
    if not year or not month:
        return year.group() if year else None
    number = _MONTHS.index(month.group()[:3].casefold()) + 1
    rest = text[: year.start()] + " " + text[year.end() :]
    day = _ONE_DAY.search(rest)
    return f"{year.group()}-{number:02}" + (f"-{int(re.sub(r'[^0-9]', '', day[1])):02}" if day else "")


def _parse_numeric(first: int, second: int, year: str, *, month_first: bool) -> str:
    months = 12
    if second > months >= first or (month_first and first <= months):
        return f"{year}-{first:02}-{second:02}"
    return f"{year}-{second:02}-{first:02}" if first > months >= second else year


def take_accessed(text: str) -> tuple[str | None, str]:
    """Return the date on which a page was read, if the entry tells it, and the entry without the phrase."""
    found = _ACCESSED.search(text)
    if not found:
        return None, text
    accessed = parse_date(found[1], month_first="visited" in found.group().casefold())
    return accessed, f"{text[: found.start()].rstrip()} {text[found.end() :].lstrip()}"
