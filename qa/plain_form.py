"""Citations without a citation processor: one plain form, for where pandoc is not there."""

from collections.abc import Mapping, Sequence
from typing import Any

from qa.latex import strip_markup


def format_entry(item: Mapping[str, Any]) -> str:
    """Return authors, year, title, container, volume, pages and address of an item as one line."""
    authors = "; ".join(_name(name) for name in item.get("author", []))
    holder = ", ".join(str(item[field]) for field in ("container-title", "volume", "issue", "page") if item.get(field))
    publisher = str(item.get("publisher", ""))
    address = f"https://doi.org/{item['DOI']}" if item.get("DOI") else item.get("URL", "")
    head = f"{authors} ({_year(item)})".strip()
    parts = [head, strip_markup(item.get("title", "")), strip_markup(holder), publisher, str(item.get("number", ""))]
    return " ".join([*(f"{part.rstrip('.')}." for part in parts if part), *([address] if address else [])])


def format_in_text(item: Mapping[str, Any], place: str) -> str:
    """Return a citation in running text: the first author or the title, the year and the place in brackets."""
    names = item.get("author", [])
    who = (names[0].get("family") or names[0].get("literal", "")) if names else strip_markup(item.get("title", ""))
    others = " et al." if len(names) > 1 else ""
    return f"({', '.join(part for part in (f'{who}{others}', _year(item), place) if part)})"


def _name(name: Mapping[str, str]) -> str:
    return name.get("literal") or ", ".join(part for part in (name.get("family"), name.get("given")) if part)


def _year(item: Mapping[str, Any]) -> str:
    dates: Sequence[Sequence[int]] = item.get("issued", {}).get("date-parts", [])
    return str(dates[0][0]) if dates else "n.d."
