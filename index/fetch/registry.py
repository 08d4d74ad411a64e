"""What registries of works answer: CSL-JSON of doi.org and Crossref, DataCite's JSON, arXiv's Atom.

An answer is read as a `Reference` without a place in a text. What has the wrong type or no sensible value is absent.
"""

import html
import re
from collections.abc import Iterable, Mapping
from itertools import takewhile
from typing import Any

from index.fetch.routes import ANSWER_MAX_BYTES, parse_object
from index.legible import make_legible
from index.model import Name, Reference

_TEXT_MAX_CHARS = 600
_NAMES_MAX = 200  # of thousands that some collaborations have
_FIRST_YEAR, _LAST_YEAR = 1400, 2200
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_ISO_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:T|$)")
_DOI = re.compile(r"10\.\d{4,9}/\S{1,300}$")
_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"


def read_csl(content: bytes) -> list[Reference]:
    """Return the work that CSL-JSON describes, as doi.org gives it; none where it describes no work."""
    return _keep_titled([_read_item(parse_object(content))])


def read_crossref(content: bytes) -> list[Reference]:
    """Return the work that Crossref describes, or those that it found, best first."""
    message = _as_object(parse_object(content).get("message"))
    items = message.get("items")
    return _keep_titled(map(_read_item, map(_as_object, items)) if isinstance(items, list) else [_read_item(message)])


def read_datacite(content: bytes) -> list[Reference]:
    """Return the work that DataCite describes."""
    told = _as_object(_as_object(parse_object(content).get("data")).get("attributes"))
    container = _as_object(told.get("container"))
    pages = [_read_text(container.get("firstPage")), _read_text(container.get("lastPage"))]
    names = tuple(map(_read_creator, _as_objects(told.get("creators"))))
    issued = next((each.get("date") for each in _as_objects(told.get("dates")) if each.get("dateType") == "Issued"), "")
    publisher = told.get("publisher")
    work = _make(
        names=tuple(name for name in names if name != Name()),
        year=_read_year(told.get("publicationYear")),
        issued=_read_iso(issued),
        title=next((_read_text(each.get("title")) for each in _as_objects(told.get("titles"))), None),
        container=_read_text(container.get("title")),
        publisher=_read_text(_as_object(publisher).get("name") if isinstance(publisher, dict) else publisher),
        volume=_read_text(container.get("volume")),
        issue=_read_text(container.get("issue")),
        pages="-".join(filter(None, pages)) or None,
        doi=_read_doi(told.get("doi")),
    )
    return _keep_titled([work])


def read_arxiv(content: bytes) -> list[Reference]:
    """Return the works that arXiv's API describes; it answers an unknown id with a work named "Error"."""
    from lxml import etree

    if len(content) > ANSWER_MAX_BYTES:
        return []
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False)
    try:
        feed = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return []
    works = [_read_entry(entry) for entry in feed.iterfind(f"{_ATOM}entry")]
    return [work for work in _keep_titled(works) if work.title != "Error"]


def _read_entry(entry: Any) -> Reference:
    authors = [author.findtext(f"{_ATOM}name") for author in entry.iterfind(f"{_ATOM}author")]
    issued = _read_iso(entry.findtext(f"{_ATOM}published"))
    address = re.search(r"/abs/([\w./-]{4,40}?)(?:v\d{1,3})?$", entry.findtext(f"{_ATOM}id") or "")
    return _make(
        names=tuple(_split_name(name) for name in map(_read_text, authors[:_NAMES_MAX]) if name),
        year=int(issued[:4]) if issued else None,
        issued=issued,
        title=_read_text(entry.findtext(f"{_ATOM}title")),
        doi=_read_doi(entry.findtext(f"{_ARXIV}doi")),
        arxiv=address[1] if address else None,
    )


def _read_item(item: Mapping[str, Any]) -> Reference:
    title, subtitle = _read_text(item.get("title")), _read_text(item.get("subtitle"))
    names = tuple(map(_read_author, _as_objects(item.get("author"))))
    issued = _read_parts(_as_object(item.get("issued")))
    return _make(
        names=tuple(name for name in names if name != Name()),
        year=int(issued[:4]) if issued else None,
        issued=issued,
        title=f"{title}: {subtitle}" if title and subtitle else title,
        container=_read_text(item.get("container-title")),
        publisher=_read_text(item.get("publisher")),
        volume=_read_text(item.get("volume")),
        issue=_read_text(item.get("issue")),
        pages=(_read_text(item.get("page")) or "").replace("\u2013", "-") or None,
        doi=_read_doi(item.get("DOI")),
    )


def _make(**fields: Any) -> Reference:
    names: tuple[Name, ...] = fields["names"]
    spoken = [name.literal or f"{name.given} {name.family}".strip() for name in names]
    return Reference("", "", 0, 0, authors=", ".join(spoken) or None, **fields)


def _keep_titled(works: Iterable[Reference]) -> list[Reference]:
    return [work for work in works if work.title]


def _as_object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _as_objects(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value[:_NAMES_MAX] if isinstance(each, dict)] if isinstance(value, list) else []


def _read_text(value: object) -> str | None:
    """Return a text, or the first of a list of them, without mark-up and on one line."""
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**12:
        value = str(value)
    if not isinstance(value, str):
        return None
    plain = make_legible(html.unescape(_TAG.sub("", value[: 4 * _TEXT_MAX_CHARS])))
    return " ".join(plain.split())[:_TEXT_MAX_CHARS] or None


def _read_author(author: Mapping[str, Any]) -> Name:
    family, given = _read_text(author.get("family")), _read_text(author.get("given"))
    if family:
        return Name(family=family, given=given or "")
    return Name(literal=_read_text(author.get("literal")) or _read_text(author.get("name")) or given or "")


def _read_creator(creator: Mapping[str, Any]) -> Name:
    family, given = _read_text(creator.get("familyName")), _read_text(creator.get("givenName"))
    name = _read_text(creator.get("name")) or ""
    if family:
        return Name(family=family, given=given or "")
    last, comma, first = name.partition(", ")
    is_person = creator.get("nameType") == "Personal" and comma
    return Name(family=last, given=first) if is_person else Name(literal=name)


def _split_name(name: str) -> Name:
    """Return a name that arXiv gives in spoken order; a name of one word stays whole."""
    given, _, family = name.rpartition(" ")
    return Name(family=family, given=given) if given else Name(literal=name)


def _read_year(value: object) -> int | None:
    text = _read_text(value) or ""
    return int(text) if re.fullmatch(r"[0-9]{4}", text) and _FIRST_YEAR <= int(text) <= _LAST_YEAR else None


def _read_parts(date: Mapping[str, Any]) -> str | None:
    """Return a date of CSL-JSON, `{"date-parts": [[2024, 5, 3]]}`, in ISO 8601, as far as it is told."""
    rows = date.get("date-parts")
    row = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], list) else []
    texts = [text.zfill(2) for text in takewhile(bool, (_read_text(part) or "" for part in row[:3]))]
    return _read_iso("-".join(texts))


def _read_iso(value: object) -> str | None:
    """Return a date in ISO 8601 without the time; a month or day that cannot be is left out."""
    found = _ISO_DATE.match(value) if isinstance(value, str) else None
    if not found or not _read_year(found[1]):
        return None
    month = found[2] if found[2] and 1 <= int(found[2]) <= 12 else None  # noqa: PLR2004  # months
    day = found[3] if month and found[3] and 1 <= int(found[3]) <= 31 else None  # noqa: PLR2004  # days
    return "-".join(filter(None, [found[1], month, day]))


def _read_doi(value: object) -> str | None:
    doi = (_read_text(value) or "").lower()
    return doi if _DOI.match(doi) else None
