"""Sources: what an index holds, what its papers cite, and what became of each entry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from index.bundle import Index
from index.csl import to_csl
from index.model import Attempt, FetchState, Outcome, Provenance, Reference, Work
from index.references import find_same_works

_FETCH = "fetch it with `ibid fetch`"


@dataclass(frozen=True, slots=True)
class ListedReference:
    """An entry of a paper's bibliography, and what became of its text.

    Attributes:
        document: The paper's id.
        number: As printed, or its place in the list.
        text: The entry as printed.
        authors: As printed.
        year: Of publication.
        title: Of the work.
        container: What it was published in.
        url: Its address.
        doi: Its DOI.
        arxiv: Its id on arXiv.
        state: What became of its text.
        reason: Why it is not there, in words.
        hint: What to do then.
        held_as: The id of the document that is its text.
        same_as: The number of an earlier entry that is the same work.
        provenance: Where its text came from.
        attempts: What was tried.
        confidence: How sure each field is, 0 to 1.
        csl: The entry in CSL-JSON.
    """

    document: str
    number: str
    text: str
    authors: str | None
    year: int | None
    title: str | None
    container: str | None
    url: str | None
    doi: str | None
    arxiv: str | None
    state: FetchState
    reason: str
    hint: str
    held_as: str | None
    same_as: str | None
    provenance: Provenance | None
    attempts: tuple[Attempt, ...]
    confidence: Mapping[str, float]
    csl: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sources:
    """All documents in the index, and all entries of its papers' bibliographies as printed."""

    documents: tuple[Work, ...]
    references: tuple[ListedReference, ...]


def list_sources(index: Index) -> Sources:
    """Return what the index holds, and what became of what its papers cite."""
    works = index.corpus.list_works()
    papers = [work for work in works if work.kind == "paper"]
    return Sources(works, tuple(entry for paper in papers for entry in _list_entries(index, paper, works)))


def _list_entries(index: Index, paper: Work, works: Sequence[Work]) -> list[ListedReference]:
    entries = index.corpus.list_references(paper.id)
    outcomes = index.corpus.load_outcomes(paper.id)
    held = {number: work.id for work in works if work.cited_by == paper.id for number in work.entries}
    same = find_same_works(entries)
    return [_list_entry(paper.id, entry, outcomes.get(entry.number), held, same) for entry in entries]


def _list_entry(
    paper: str, entry: Reference, outcome: Outcome | None, held: Mapping[str, str], same: Mapping[str, str]
) -> ListedReference:
    outcome = outcome or _not_fetched(entry)
    facts = (entry.authors, entry.year, entry.title, entry.container, entry.url, entry.doi, entry.arxiv)
    return ListedReference(
        paper,
        entry.number,
        entry.raw,
        *facts,
        state=outcome.state,
        reason=outcome.reason,
        hint=outcome.hint,
        held_as=held.get(entry.number),
        same_as=same.get(entry.number),
        provenance=outcome.provenance,
        attempts=outcome.attempts,
        confidence=entry.confidence,
        csl=to_csl(entry),
    )


def _not_fetched(entry: Reference) -> Outcome:
    """Return the outcome of an entry that was not looked for yet."""
    if entry.url or entry.doi or entry.arxiv:
        return Outcome("not_fetched", "it was not looked for yet", _FETCH)
    hint = f"put its text into the folder references beside the paper, as {entry.number}.pdf or {entry.number}.html"
    return Outcome("no_url", "the entry names no address", hint)
