"""Entries of a bibliography, read in whatever style they are printed.

An entry is first freed of its number, its identifiers and the date on which a page was read; what is left is taken
apart by its shape. A field that no rule finds is absent.
"""

import re
from typing import TYPE_CHECKING

from index.model import Reference
from index.references.dates import YEAR, parse_date, take_accessed
from index.references.identifiers import Identifiers, is_doi_url, rejoin_urls, take_identifiers

if TYPE_CHECKING:
    from index.references.shapes import Entry

_ENTRY_MAX_CHARS = 8_000  # longer ones are no entries, but text that was taken for one
_NUMBER = re.compile(
    r"\s*(?:\[(?P<key>\d{1,4}|[^\W\d_][\w+&’'. -]{0,24}\d{2,4}[a-z]?|[A-Z][A-Za-z+]{1,9}\d{0,2})\]\.?\s*"
    r"|\((?P<round>\d{1,4})\)\s+|(?P<plain>\d{1,4})(?:[.)]\s+|\.(?=[^\W\d_])))"
)
_LEFTOVERS = tuple(
    (re.compile(pattern, re.IGNORECASE), kept)
    for pattern, kept in (
        (r"\[\s?\]|\(\s?\)|<\s?>|\bpreprint at(?=\s|$)|\bpreprint, (?=arxiv|biorxiv|medrxiv|ssrn|psyarxiv)", ""),
        (r"(?<=[.”\"])\s(?:\[?online\]?(?=[.,;])|published online(?=:?\s))|\.\sPrint\.?$", ""),
        (r"\b(?:retrieved )?(?:from )?(?P<site>(?:the )?(?-i:[A-Z])[^.:]{1,60}?) website:?\s?$", r"\g<site>"),
        (r"\b(?:PMID|PMCID|ISBN|ISSN|MR|Zbl)\b:?\s?[\dXPMC][\dXPMC-]{4,16}[.;,]?\s?", ""),
        (r"^[\s.]+|[\s.]+$", ""),
        (r"[\[(]?\b(?:available(?: online)?(?: at| from)?|retrieved(?: from)?|accessed|DOI|url)\b\s?:?\s?[])]?$", ""),
        (r"\s+", " "),
        (r"([.,;:])(?:\s+[.,;])+|[,;:]([.,;])", r"\1\2"),
        (r"\s+([.,;:)])", r"\1"),
    )
)
_EMPHASIS = re.compile(r"(?<![\w*_/])(\*{1,2}|_)(?=[^\s*_])([^*_]{1,400}?)(?<=[^\s*_])\1(?![\w*/])")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff\ufffe\x00-\x08\x0e-\x1f]")
_SURE_IDENTIFIER = 0.99


def parse_reference(raw: str, start: int, position: int) -> Reference:
    """Read one entry of a bibliography.

    Args:
        raw: The entry as printed, with its number if it has one.
        start: Where it begins in its document.
        position: Its place in the list from 1, which is its number if none is printed.
    """
    from index.references.shapes import read_entry  # its patterns take a tenth of a second to compile

    text = _normalise(raw[:_ENTRY_MAX_CHARS])
    number, text = _take_number(text, position)
    identifiers, rest = take_identifiers(rejoin_urls(text))
    accessed, rest = take_accessed(rest)
    is_linked = bool(identifiers.url) and not is_doi_url(identifiers.url)
    entry = read_entry(_tidy(rest), is_linked=is_linked, is_online="[internet]" in text.casefold())
    fields = _collect_fields(entry, identifiers, accessed)
    kept = {name: value for name, (value, _) in fields.items() if value}
    return Reference(
        number=number,
        raw=raw,
        start=start,
        end=start + len(raw),
        confidence={name: sure for name, (value, sure) in fields.items() if value},
        **kept,  # type: ignore[arg-type]
    )


def _normalise(raw: str) -> str:
    """Return an entry on one line, without emphasis and invisible characters."""
    text = re.sub(r"\s+", " ", _INVISIBLE.sub("", raw).replace("\u00a0", " ")).strip()
    return _EMPHASIS.sub(r"\2", text)


def _take_number(text: str, position: int) -> tuple[str, str]:
    found = _NUMBER.match(text)
    if found and not re.fullmatch(YEAR, found["plain"] or ""):
        return found["key"] or found["round"] or found["plain"], text[found.end() :]
    bare = re.match(rf"{position}\s(?=[^\W\d_])", text)
    return str(position), text[bare.end() :] if bare else text


def _tidy(text: str) -> str:
    """Mend what the removal of identifiers leaves: doubled stops, empty brackets, labels without a value."""
    for leftover, kept in _LEFTOVERS:
        text = leftover.sub(kept, text)
    return text.strip()


def _collect_fields(entry: "Entry", identifiers: Identifiers, accessed: str | None) -> dict[str, tuple[object, float]]:
    """Return every field with how sure it is; those without a value are not found."""
    imprint = entry.imprint
    issued = parse_date(entry.date) if entry.date else None
    arxiv_only = identifiers.arxiv and not imprint.container and not imprint.publisher and entry.title
    sure = 0.9 if imprint.volume else 0.75
    return {
        "authors": (entry.authors, entry.authors_sure),
        "names": (entry.names, entry.authors_sure),
        "year": (int(issued[:4]) if issued else None, 0.97 if entry.authors_sure else 0.85),
        "issued": (issued, 0.9),
        "title": (entry.title, entry.title_sure),
        "container": ("arXiv" if arxiv_only else imprint.container, sure),
        "publisher": (imprint.publisher, 0.75),
        "volume": (imprint.volume, 0.9),
        "issue": (imprint.issue, 0.9),
        "pages": (imprint.pages, 0.9),
        "url": (identifiers.url, _SURE_IDENTIFIER),
        "doi": (identifiers.doi, _SURE_IDENTIFIER),
        "arxiv": (identifiers.arxiv, _SURE_IDENTIFIER),
        "accessed": (accessed, 0.95),
    }
