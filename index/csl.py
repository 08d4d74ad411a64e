"""Entries as CSL-JSON, the format in which citation processors and reference managers exchange works."""

import re
from collections.abc import Mapping
from typing import Any

from index.model import Name, Reference

# Fields of an entry that CSL-JSON calls by another name.
_VARIABLES = {
    "title": "title",
    "container": "container-title",
    "publisher": "publisher",
    "volume": "volume",
    "issue": "issue",
    "pages": "page",
    "url": "URL",
    "doi": "DOI",
}
_PROCEEDINGS = re.compile(r"\b(?:proceedings|proc\.|conference|conf\.|symposium|workshop|congress)", re.IGNORECASE)
_THESIS = re.compile(r"\b(?:thesis|dissertation)\b", re.IGNORECASE)


def to_csl(reference: Reference) -> dict[str, Any]:
    """Return an entry as a CSL-JSON item; what is not known of it is left out.

    The type is the narrowest that the fields prove, else "document"; an arXiv id is the item's number.
    """
    item: dict[str, Any] = {"id": reference.number, "type": find_type(reference)}
    item |= {
        variable: value for field, variable in _VARIABLES.items() if (value := getattr(reference, field)) is not None
    }
    dates = {"issued": reference.issued or (reference.year and str(reference.year)), "accessed": reference.accessed}
    item |= {variable: {"date-parts": [_split_date(date)]} for variable, date in dates.items() if date}
    if reference.names:
        item["author"] = [_name_to_csl(name) for name in reference.names]
    if reference.arxiv:
        item["number"] = f"arXiv:{reference.arxiv}"
    return item


def find_type(reference: Reference) -> str:
    """Return the CSL type of an entry, by its fields."""
    container = reference.container or ""
    evidence = {
        "article": reference.arxiv and not reference.volume,
        "thesis": _THESIS.search(reference.raw),
        "paper-conference": _PROCEEDINGS.search(container),
        "article-journal": reference.volume or reference.issue,
        "chapter": container and (reference.publisher or reference.pages),
        "webpage": reference.url and not reference.doi,
        "book": reference.publisher,
    }
    return next((kind for kind, is_proven in evidence.items() if is_proven), "document")


def _name_to_csl(name: Name) -> Mapping[str, str]:
    parts = {"family": name.family, "given": name.given, "literal": name.literal}
    return {part: value for part, value in parts.items() if value}


def _split_date(date: str) -> list[int]:
    return [int(part) for part in date.split("-")]
