"""Make facts of what a page says of its work: cleaned, bounded, and only where they are plausible."""

import datetime as dt
import html
import re
from collections.abc import Iterable

from index.legible import make_legible
from index.model import Fact

_LIST_MAX = 2000  # some papers of physics have more authors still
_MAX_CHARS = {"title": 600, "abstract": 20_000, "container": 300, "url": 2000, "pdf_url": 2000, "licence": 300}
_NAME_MAX_CHARS, _KEYWORD_MAX_CHARS = 120, 100
_NAME_MAX_WORDS = 12
_YEAR_FIRST = 1500
_ISSUED = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?:(?!\d)|(?=(?:0[1-9]|1[0-2])[0-3]\d(?!\d)))")
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d{1,9}){0,5}/[^\s<>\"]{1,300}", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:i|b|u|em|strong|sub|sup|span|p|br|a|scp|jats:[a-z]{1,20}|inline-formula)(?:\s[^<>]{0,200})?/?>",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv)\.?", re.IGNORECASE)
_BODY = re.compile(
    r"\b(?:universit|institut|department|committee|council|collaboration|consortium|group|team|agency|ministry|office"
    r"|organi[sz]ation|association|society|foundation|inc|ltd|press|center|centre)",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"https?:|www\.|@|^(?:admin|administrator|author|authors|unknown|anonymous|null|none)$", re.IGNORECASE
)
_NO_TITLE = re.compile(r"(?:untitled(?: document)?|home ?page|home|index|null|undefined|document)$", re.IGNORECASE)
_BY = re.compile(r"(?:by|von|par|por|written by|author:|authors:)\s+", re.IGNORECASE)


def make_fact(field: str, raw: str | Iterable[str], provenance: str) -> Fact | None:
    """Return what a page says of its work as a fact, or None where it is not plausible.

    Args:
        field: "title", "authors", "year", "doi", "url", "abstract", "keywords", "container", "licence" or "pdf_url".
        raw: As the page writes it; of authors and keywords, each or several at once.
        provenance: Where the page says it.

    Returns:
        The fact, or None where the value is not plausible.
    """
    value: str | int | tuple[str, ...] | None
    if field == "authors":
        value = clean_names([raw] if isinstance(raw, str) else raw)
    elif field == "keywords":
        value = _clean_keywords([raw] if isinstance(raw, str) else raw)
    else:
        text = fold(raw if isinstance(raw, str) else next(iter(raw), ""))
        value = _clean(field, text)
    return Fact(field, value, provenance) if value else None


def choose_facts(facts: Iterable[Fact]) -> dict[str, Fact]:
    """Return the first, most trusted fact of each field, by the field's name."""
    chosen: dict[str, Fact] = {}
    for fact in facts:
        chosen.setdefault(fact.field, fact)
    return chosen


def fold(text: str) -> str:
    """Return text on one line, without markup, entities and what is no text."""
    return " ".join(make_legible(_TAG.sub("", html.unescape(text[:50_000]))).split())


def find_doi(text: str) -> str | None:
    """Return the first DOI in a text, in lower case, or None."""
    found = _DOI.search(text)
    if not found:
        return None
    doi = found.group().rstrip(".,;:?'")
    return (doi.rstrip(")") if doi.count(")") > doi.count("(") else doi).lower()


def _clean(field: str, text: str) -> str | int | None:
    if field == "year":
        return _find_year(text)
    if field == "doi":
        return find_doi(text)
    if field in ("url", "pdf_url") and not re.match(r"https?://[^\s/]+", text):
        # Seen from the page itself, the PDF may be beside it.
        return text if field == "pdf_url" and re.fullmatch(r"[^\s:]{1,500}", text) else None
    if field in ("title", "container") and (not any(map(str.isalpha, text)) or _NO_TITLE.match(text)):
        return None
    return text if len(text) <= _MAX_CHARS.get(field, 1000) else None


def _find_year(text: str) -> int | None:
    years = [int(year) for year in _ISSUED.findall(text[:200])]
    latest = dt.datetime.now(tz=dt.UTC).year + 1
    return next((year for year in years if _YEAR_FIRST <= year <= latest), None)


def clean_names(raw: Iterable[str]) -> tuple[str, ...]:
    """Return names as "Given Family", each once, in order; what is no name is left out."""
    listed = [name for each in raw for name in _split_names(fold(each))][:_LIST_MAX]
    turned = (turn_name(_BY.sub("", name, count=1).strip(" ,.;*") if _BY.match(name) else name) for name in listed)
    return tuple(dict.fromkeys(name for name in turned if _is_name(name)))


def _split_names(text: str) -> list[str]:
    """Return the names in one value: parted by semicolons, or by commas where each is more than one word."""
    parts = [part.strip() for part in text.split(";") if part.strip()]
    if len(parts) != 1:
        return parts
    commas = [part.strip() for part in re.split(r",\s+and\s+|,|\s+and\s+|\s+&\s+", text) if part.strip()]
    several = len(commas) > 2 or (len(commas) > 1 and "," not in text)  # noqa: PLR2004 - "Family, Given" has two
    whole = all(" " in part and not _SUFFIX.fullmatch(part) for part in commas)
    return commas if several and whole and not _BODY.search(text) else parts


def turn_name(name: str) -> str:
    """Return "Family, Given" as "Given Family"; any other name stays as it is."""
    parts = [part.strip() for part in name.split(",") if part.strip()]
    if len(parts) == 3 and _SUFFIX.fullmatch(parts[2]):  # noqa: PLR2004 - family, given, suffix
        return f"{parts[1]} {parts[0]} {parts[2]}"
    if len(parts) == 3 and _SUFFIX.fullmatch(parts[1]):  # noqa: PLR2004 - family, suffix, given
        return f"{parts[2]} {parts[0]} {parts[1]}"
    if len(parts) != 2 or _BODY.search(name):  # noqa: PLR2004 - family, given
        return " ".join(name.split())
    return f"{parts[0]} {parts[1]}" if _SUFFIX.fullmatch(parts[1]) else f"{parts[1]} {parts[0]}"


def _is_name(name: str) -> bool:
    return (
        1 < len(name) <= _NAME_MAX_CHARS
        and len(name.split()) <= _NAME_MAX_WORDS
        and any(map(str.isalpha, name))
        and not _NO_NAME.search(name)
    )


def _clean_keywords(raw: Iterable[str]) -> tuple[str, ...]:
    values = [fold(each) for each in raw]
    listed = values if len(values) > 1 else [word for value in values for word in re.split(r"[;,、；，]", value)]  # noqa: RUF001
    words = (word.strip(" .,;") for word in listed[:_LIST_MAX])
    return tuple(dict.fromkeys(word for word in words if 1 < len(word) <= _KEYWORD_MAX_CHARS))
