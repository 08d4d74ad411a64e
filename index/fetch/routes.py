"""The addresses under which a cited work may be found, and the services that name further ones.

Nothing here asks the network. What a service answered is read with suspicion: a field of the wrong type is no field.
"""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from index.model import FetchRoute, Reference

ANSWER_MAX_BYTES = 2_000_000  # of a service; a record with thousands of authors has less
_URL_MAX_CHARS = 2_000
_LICENCE_MAX_CHARS = 100
_COPIES_MAX = 4  # of the places that Unpaywall names, the best one twice; the others are as a rule copies of it
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(.{1,40})$", re.IGNORECASE)
_ARXIV_URL = re.compile(r"https?://(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html)/([\w./-]{4,40})", re.IGNORECASE)
_DOI_URL = re.compile(r"https?://(?:dx\.|www\.)?doi\.org/(10\.\d{4,9}/\S{1,500})", re.IGNORECASE)
_ARXIV_SUFFIX = re.compile(r"(?:v\d{1,3})?(?:\.pdf)?/?$", re.IGNORECASE)
_TIMESTAMP = re.compile(r"\d{4,14}$")


@dataclass(frozen=True, slots=True)
class Address:
    """A URL to try, the way by which it was found, and the licence that was told with it."""

    url: str
    route: FetchRoute
    licence: str | None = None


def find_doi_of(reference: Reference) -> str | None:
    """Return the DOI of an entry, be it that its URL holds it."""
    found = _DOI_URL.match(reference.url or "")
    return reference.doi or (found[1].lower() if found else None)


def find_arxiv_of(reference: Reference) -> str | None:
    """Return the arXiv id of an entry, be it that its DOI or its URL holds it, without the version."""
    found = _ARXIV_DOI.match(find_doi_of(reference) or "") or _ARXIV_URL.match(reference.url or "")
    arxiv = reference.arxiv or (found[1] if found else None)
    return _ARXIV_SUFFIX.sub("", arxiv) if arxiv else None


def is_doi_of_arxiv(doi: str | None) -> bool:
    """Say whether a DOI is one that arXiv gives."""
    return bool(doi and _ARXIV_DOI.match(doi))


def list_doi_addresses(reference: Reference) -> list[Address]:
    """Return where the registry of DOIs sends a reader of the entry."""
    doi = find_doi_of(reference)
    return [Address(f"https://doi.org/{quote_doi(doi)}", "doi")] if doi else []


def list_arxiv_addresses(reference: Reference) -> list[Address]:
    """Return where arXiv has the work: the PDF, which every one has, then the page with the abstract."""
    arxiv = find_arxiv_of(reference)
    folders = ("pdf", "abs") if arxiv else ()
    return [Address(f"https://arxiv.org/{folder}/{arxiv}", "open_access") for folder in folders]


def list_landing_addresses(reference: Reference) -> list[Address]:
    """Return the URL that the entry prints."""
    url = check_url(reference.url)
    return [Address(url, "landing_page")] if url else []


def quote_doi(doi: str) -> str:
    """Return a DOI as it stands in a URL; the older ones hold `<`, `#` and the like."""
    return quote(doi, safe="/:;()._-")


def format_unpaywall_url(doi: str, contact: str) -> str:
    """Return the URL at which Unpaywall tells of open copies."""
    return f"https://api.unpaywall.org/v2/{quote_doi(doi)}?email={quote(contact)}"


def read_unpaywall(content: bytes) -> list[Address]:
    """Return the open copies that Unpaywall names, the best one first, of each its PDF before its page."""
    told = parse_object(content)
    others = told.get("oa_locations")
    places = [told.get("best_oa_location"), *(others if isinstance(others, list) else [])]
    found: dict[str, Address] = {}
    for place in [place for place in places if isinstance(place, dict)][:_COPIES_MAX]:
        licence = place.get("license")
        stated = licence[:_LICENCE_MAX_CHARS] if isinstance(licence, str) else None
        for url in filter(None, (check_url(place.get(name)) for name in ("url_for_pdf", "url"))):
            found.setdefault(url, Address(url, "open_access", stated))
    return list(found.values())


def format_archive_url(url: str, when: str) -> str:
    """Return the URL at which the Internet Archive names the copy of `url` that is nearest to a date in ISO 8601."""
    stamp = re.sub(r"\D", "", when)[:8]
    return f"https://archive.org/wayback/available?url={quote(url, safe='')}" + (f"&timestamp={stamp}" if stamp else "")


def read_archive(content: bytes, url: str) -> list[Address]:
    """Return the copy of `url` that the Internet Archive named, in the form that adds nothing to the page."""
    snapshots = parse_object(content).get("archived_snapshots")
    closest = snapshots.get("closest") if isinstance(snapshots, dict) else None
    if not isinstance(closest, dict) or not closest.get("available"):
        return []
    stamp, status = closest.get("timestamp"), str(closest.get("status", "200"))
    if not isinstance(stamp, str) or not _TIMESTAMP.match(stamp) or not status.startswith("2"):
        return []
    return [Address(f"https://web.archive.org/web/{stamp}id_/{url}", "archive")]


def check_url(value: object, base: str = "") -> str | None:
    """Return a URL that a page or a service told, seen from `base`, or None for what is none of http or https."""
    if not isinstance(value, str) or len(value) > _URL_MAX_CHARS:
        return None
    try:
        url = urljoin(base, value.strip()) if base else value.strip()
        parts = urlsplit(url)
    except ValueError:
        return None
    if not parts.scheme and re.match(r"www\.[\w-]{1,63}\.", url):
        return f"https://{url}"
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def normalise_url(url: str) -> str:
    """Return a URL without what does not tell pages apart: scheme, "www.", fragment and last slash."""
    bare = url.partition("#")[0].partition("://")[2]
    host, slash, path = bare.partition("/")
    return f"{host.casefold().removeprefix('www.')}{slash}{path}".rstrip("/")


def parse_object(content: bytes) -> dict[str, Any]:
    """Return the JSON object that a service answered, or an empty one for anything else."""
    if len(content) > ANSWER_MAX_BYTES:
        return {}
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}
