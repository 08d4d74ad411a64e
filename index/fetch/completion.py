"""Complete an entry: ask the registries of works for the fields that it does not print.

What an entry prints is never changed, and what a registry says is taken only where it plainly speaks of the same work.
"""

import logging
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any
from urllib.parse import quote, urlencode

from index.fetch.download import DownloadError, Fetcher
from index.fetch.registry import read_arxiv, read_crossref, read_csl, read_datacite
from index.fetch.routes import ANSWER_MAX_BYTES, find_arxiv_of, find_doi_of, quote_doi
from index.model import Name, Reference

_FIELDS = (
    "authors", "names", "year", "issued", "title", "container", "publisher", "volume", "issue", "pages", "doi", "arxiv",
)  # fmt: skip
# Without one of these an entry is not complete; few works have all the others.
_NEEDED = ("names", "year", "title", "container", "doi")
_CSL_TYPE = "application/vnd.citationstyles.csl+json"
_OK = 200
_COMPARED_CHARS = 300
_SAME_TITLE = 0.9  # likeness from which two titles are one, found by a search
_OTHER_TITLE = 0.35  # likeness below which an identifier belongs to another work, whatever the entry says
# An identifier is misprinted now and then; a search may find another work of that author, title and year.
_SURE, _LIKELY = 0.97, 0.85
_YEARS_APART = 1  # between the publication online and in print

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Question:
    """What to ask of a registry: its name, the URL, the type to ask for, and how to read the answer."""

    registry: str
    url: str
    accept: str
    read: Callable[[bytes], list[Reference]]


async def complete_reference(reference: Reference, fetcher: Fetcher) -> Reference:
    """Return an entry with what the registries know beyond what it prints.

    Each field that was added is named in `completed`, with the registry, and has a confidence. An entry of which nobody
    knows, or that nobody can be asked about, is returned as it is.
    """
    if all(getattr(reference, name) for name in _NEEDED):
        return reference
    for question in _iter_questions(reference):
        work = _find_same(reference, await _ask(question, fetcher), question)
        if work:
            sure = _LIKELY if question.registry == "Crossref search" else _SURE
            return _fill(reference, work, question.registry, sure)
    return reference


def is_same_title(first: str, second: str, likeness: float = _SAME_TITLE) -> bool:
    """Say whether two titles are as alike as `likeness`, 0 to 1, whatever their case and punctuation."""
    return SequenceMatcher(None, _fold(first), _fold(second), autojunk=False).ratio() >= likeness


def _iter_questions(reference: Reference) -> Iterator[_Question]:
    """Yield what to ask about an entry, in order: by its identifier, or else by its words."""
    doi, arxiv = find_doi_of(reference), find_arxiv_of(reference)
    if doi:
        quoted = quote_doi(doi)
        yield _Question("doi.org", f"https://doi.org/{quoted}", _CSL_TYPE, read_csl)
        json = "application/json"
        yield _Question("Crossref", f"https://api.crossref.org/works/{quote(doi, safe='')}", json, read_crossref)
        yield _Question(
            "DataCite", f"https://api.datacite.org/dois/{quoted}", "application/vnd.api+json", read_datacite
        )
    if arxiv:
        url = f"https://export.arxiv.org/api/query?id_list={quote(arxiv)}&max_results=1"
        yield _Question("arXiv", url, "application/atom+xml", read_arxiv)
    elif not doi and _can_search(reference):
        yield _Question("Crossref search", _format_search(reference), "application/json", read_crossref)


def _can_search(reference: Reference) -> bool:
    """Say whether the words of an entry name a work of a journal or a book, and are enough to know it again."""
    in_print = not reference.url or reference.volume or reference.pages
    return bool(reference.title and reference.year and _find_family(reference) and in_print)


def _format_search(reference: Reference) -> str:
    words = f"{reference.title} {_find_family(reference)} {reference.container or ''} {reference.year}"
    return "https://api.crossref.org/works?" + urlencode({"query.bibliographic": words[:500].strip(), "rows": 3})


async def _ask(question: _Question, fetcher: Fetcher) -> list[Reference]:
    """Return the works that a registry describes; none where it cannot be asked or knows none."""
    try:
        answer = await fetcher.get(question.url, accept=question.accept, check_robots=False)
    except DownloadError as error:
        logger.info("%s cannot be asked: %s", question.registry, error.reason)
        return []
    if answer.status != _OK or len(answer.content) > ANSWER_MAX_BYTES:
        logger.info("%s answers %d with %d bytes", question.url, answer.status, len(answer.content))
        return []
    works = question.read(answer.content)
    if not works:
        logger.info("%s answers what describes no work", question.url)
    return works


def _find_same(reference: Reference, works: Sequence[Reference], question: _Question) -> Reference | None:
    """Return the first of some works that the entry names, as far as what it prints can tell."""
    agrees = _is_found if question.registry == "Crossref search" else _is_credible
    found = next((work for work in works if agrees(reference, work)), None)
    if works and not found:
        logger.info("%s speaks of %r, not of entry %s", question.url, works[0].title, reference.number)
    return found


def _is_credible(reference: Reference, work: Reference) -> bool:
    """Say whether an identifier names the work that the entry prints; a translated title still shares words."""
    if not reference.title or not work.title:
        return True
    shared = set(_fold(reference.title).split()) & set(_fold(work.title).split())
    same_author = _find_family(reference) == _find_family(work) != ""
    return (bool(shared) and is_same_title(reference.title, work.title, _OTHER_TITLE)) or same_author


def _is_found(reference: Reference, work: Reference) -> bool:
    """Say whether a work that a search found is the entry's: title, first author and year must all agree."""
    years = (reference.year or 0, work.year or 0)
    return (
        all(years)
        and abs(years[0] - years[1]) <= _YEARS_APART
        and _find_family(reference) == _find_family(work)
        and is_same_title(reference.title or "", work.title or "")
    )


def _fill(reference: Reference, work: Reference, registry: str, sure: float) -> Reference:
    """Return an entry with the fields of `work` that it lacks."""
    told: dict[str, Any] = {name: getattr(work, name) for name in _FIELDS}
    added = {name: value for name, value in told.items() if value and not getattr(reference, name)}
    if reference.year and not str(work.issued or "").startswith(str(reference.year)):
        added.pop("issued", None)  # of another version than the entry cites
    if reference.arxiv and work.arxiv != reference.arxiv:
        added.pop("arxiv", None)
    source = registry.removesuffix(" search")
    return replace(
        reference,
        **added,
        completed={**reference.completed, **dict.fromkeys(added, source)},
        confidence={**reference.confidence, **dict.fromkeys(added, sure)},
    )


def _find_family(reference: Reference) -> str:
    """Return the family name of the first author, or the name of a body, made alike."""
    first = reference.names[0] if reference.names else Name(family=re.split(r"[,;&]", reference.authors or "")[0])
    return _fold(first.family or first.literal)


def _fold(text: str) -> str:
    """Return the words of a text in small letters, without accents."""
    plain = unicodedata.normalize("NFKD", text[:_COMPARED_CHARS].casefold())
    letters = "".join(each for each in plain if not unicodedata.combining(each))
    return " ".join(re.findall(r"[^\W_]+", letters))
