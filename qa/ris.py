"""RIS, the format that all reference managers read; rispy knows its tags."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from qa.latex import strip_markup

_TYPES = {
    "article": "UNPB",
    "article-journal": "JOUR",
    "article-magazine": "MGZN",
    "article-newspaper": "NEWS",
    "book": "BOOK",
    "chapter": "CHAP",
    "dataset": "DATA",
    "paper-conference": "CPAPER",
    "patent": "PAT",
    "report": "RPRT",
    "software": "COMP",
    "standard": "STAND",
    "thesis": "THES",
    "webpage": "ELEC",
}
# What rispy calls the fields that a record takes over as they are.
_FIELDS = {
    "id": "id",
    "title": "title",
    "container-title": "secondary_title",
    "publisher": "publisher",
    "publisher-place": "place_published",
    "volume": "volume",
    "issue": "number",
    "edition": "edition",
    "genre": "type_of_work",
    "DOI": "doi",
    "number": "note",
}
_RECORD_NUMBER = re.compile(r"^\d+\.\n(?=TY  - )", re.MULTILINE)


def write_ris(items: Iterable[Mapping[str, Any]]) -> str:
    """Return records of items in CSL-JSON."""
    import rispy

    # The number that rispy writes above each record is in no definition of RIS.
    return _RECORD_NUMBER.sub("", rispy.dumps([_make_record(item) for item in items]))


def _make_record(item: Mapping[str, Any]) -> dict[str, Any]:
    pages = re.split(r"\s*[-–]\s*", item.get("page", ""), maxsplit=1)
    record: dict[str, Any] = {"type_of_reference": _TYPES.get(item["type"], "GEN")}
    record |= {name: _flatten(strip_markup(str(item[field]))) for field, name in _FIELDS.items() if item.get(field)}
    record |= {
        "authors": [_flatten(_write_name(name)) for name in item.get("author", [])],
        "secondary_authors": [_flatten(_write_name(name)) for name in item.get("editor", [])],
        "start_page": _flatten(pages[0]),
        "end_page": _flatten(pages[1]) if len(pages) > 1 else "",
        "year": str(item["issued"]["date-parts"][0][0]) if "issued" in item else "",
        "date": _write_date(item, "issued"),
        "access_date": _write_date(item, "accessed"),
        "urls": [_flatten(item["URL"])] if item.get("URL") else [],
        "notes": [_flatten(item["note"])] if item.get("note") else [],
    }
    return {name: value for name, value in record.items() if value}


def _write_name(name: Mapping[str, str]) -> str:
    return name.get("literal") or ", ".join(part for part in (name.get("family"), name.get("given")) if part)


def _write_date(item: Mapping[str, Any], variable: str) -> str:
    """Return a date as year, month and day between strokes."""
    return "/".join(f"{part:02}" for part in item[variable]["date-parts"][0]) if variable in item else ""


def _flatten(value: str) -> str:
    """Return a value on one line: a line break could begin another field, or end the record."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", value).split())
