"""A paper and the works that it cites, as documents: read from the bytes that were kept, fetched or put in by hand."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from index.errors import IbidError
from index.extract import read_content, read_file, slugify, sniff_type
from index.fetch.shelf import Shelf, find_by_hand, open_shelf
from index.model import Document, Name, Outcome, Provenance, Reference, Work
from index.paper import make_document
from index.references import find_same_works

SHELF_FOLDER = "shelf"
# Where a page's own first words were read, or a file's careless metadata: the entry that cites the work knows better.
_WEAK = frozenset({"first page", "title element", "PDF metadata"})
_NAME_MAX_CHARS = 60


@dataclass(frozen=True, slots=True)
class Holdings:
    """All documents of a paper, itself first, and what became of its entries by document and number."""

    documents: tuple[Document, ...]
    outcomes: Mapping[str, Mapping[str, Outcome]]


@dataclass(frozen=True, slots=True)
class _Text:
    """The text of a cited work as kept: its bytes and how they came."""

    content: bytes
    outcome: Outcome


def stamp_holdings(folder: Path, by_hand: Path | None) -> object:
    """Return what changes whenever a text in a paper's folder, or one that was put in by hand, does."""
    shelves = sorted((folder / SHELF_FOLDER).glob("*/*.json"))
    kept = [(str(file.relative_to(folder)), hashlib.sha256(file.read_bytes()).hexdigest()) for file in shelves]
    files = sorted(file for file in by_hand.iterdir() if file.is_file()) if by_hand and by_hand.is_dir() else []
    return [kept, [(file.name, hashlib.sha256(read_file(file)).hexdigest()) for file in files]]


def open_shelf_of(folder: Path, document_id: str) -> Shelf:
    """Return the shelf on which the works are kept that a paper cites."""
    return open_shelf(folder / SHELF_FOLDER / document_id)


def load_holdings(papers: Sequence[Document], folder: Path, by_hand: Path | None) -> Holdings:
    """Return papers with the works that they cite.

    A text that cannot be read is an outcome, not a failure: the others stay.

    Args:
        papers: The papers themselves.
        folder: Where the texts of the works that they cite are kept.
        by_hand: Folder of texts that were put in by hand, named by the number or the DOI of the first paper's entries.
    """
    completed = [_complete(paper, folder) for paper in papers]
    documents, outcomes = list(completed), {}
    for paper in completed:
        texts = dict(_iter_texts(paper, folder, by_hand if paper is completed[0] else None))
        cited, outcomes[paper.work.id] = _read_works(paper, texts, taken=len(papers) > 1)
        documents += cited
    return Holdings(tuple(documents), outcomes)


def _complete(paper: Document, folder: Path) -> Document:
    """Return a paper with the fields of its entries that registries told."""
    return replace(paper, references=tuple(open_shelf_of(folder, paper.work.id).complete(paper.references)))


def _iter_texts(paper: Document, folder: Path, by_hand: Path | None) -> Iterator[tuple[str, _Text | Outcome]]:
    """Yield what is kept of each entry: its text, or why there is none; what was put in by hand goes first."""
    shelf = open_shelf_of(folder, paper.work.id)
    fetched = shelf.load(paper.references)
    files = find_by_hand(by_hand, paper.references)[0] if by_hand and by_hand.is_dir() else {}
    for entry in paper.references:
        outcome = fetched.get(entry.number)
        if entry.number in files:
            yield entry.number, _take_by_hand(files[entry.number])
        elif outcome and outcome.provenance:
            yield entry.number, _take_fetched(shelf, outcome, outcome.provenance)
        elif outcome:
            yield entry.number, outcome


def _take_by_hand(file: Path) -> _Text | Outcome:
    try:
        content = read_file(file)
    except IbidError as error:
        return Outcome("unreadable", error.message, error.hint)
    when = datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat(timespec="seconds")
    digest = hashlib.sha256(content).hexdigest()
    provenance = Provenance("by_hand", file.name, file.name, when, 0, sniff_type(content), digest, len(content))
    return _Text(content, Outcome("by_hand", provenance=provenance))


def _take_fetched(shelf: Shelf, outcome: Outcome, provenance: Provenance) -> _Text | Outcome:
    try:
        return _Text(shelf.read_content(provenance.sha256), outcome)
    except IbidError as error:
        return Outcome("not_fetched", error.message, error.hint, attempts=outcome.attempts)


def _read_works(
    paper: Document, texts: Mapping[str, _Text | Outcome], *, taken: bool
) -> tuple[list[Document], dict[str, Outcome]]:
    """Return a document per work, and the outcome of every entry; entries that name one work share its document."""
    first = {entry.number: entry.number for entry in paper.references} | find_same_works(paper.references)
    outcomes: dict[str, Outcome] = {}
    works: dict[str, Document] = {}  # by the SHA-256 of their text, so that equal texts are one work
    for entry in paper.references:
        same = [number for number in first if first[number] == first[entry.number]]
        found = _choose([texts[number] for number in same if number in texts])
        if isinstance(found, _Text):
            outcomes[entry.number] = _read_work(works, found, entry, paper, taken=taken)
        elif found:
            outcomes[entry.number] = found
    return list(works.values()), outcomes


def _choose(found: Sequence[_Text | Outcome]) -> _Text | Outcome | None:
    """Return the best of what is kept of one work's entries: what was put in by hand, what was fetched, or why not."""
    texts = [each for each in found if isinstance(each, _Text)]
    by_hand = [text for text in texts if text.outcome.state == "by_hand"]
    return next(iter([*by_hand, *texts, *found]), None)


def _read_work(works: dict[str, Document], text: _Text, entry: Reference, paper: Document, *, taken: bool) -> Outcome:
    """Add an entry's text to `works`; return the entry's outcome."""
    provenance = text.outcome.provenance
    name = provenance.asked if provenance else entry.number
    number = slugify(entry.number)[:20]
    name_id = f"reference-{number}" + (f"-of-{paper.work.id[:_NAME_MAX_CHARS]}" if taken else "")
    try:
        reading = read_content(text.content, name, provenance.content_type if provenance else "")
        document = make_document(reading, document_id=name_id, kind="reference")
    except IbidError as error:
        return replace(text.outcome, state="unreadable", reason=error.message, hint=error.hint)
    digest = hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest()
    known = works.get(digest)
    work = known.work if known else _describe(document.work, entry, provenance, paper.work.id)
    works[digest] = replace(known or document, work=replace(work, entries=(*work.entries, entry.number)))
    return text.outcome


def _describe(work: Work, entry: Reference, provenance: Provenance | None, cited_by: str) -> Work:
    """Return a work with what the entry says of it where its own text does not say so plainly."""
    told = {
        "title": entry.title,
        "authors": tuple(map(format_name, entry.names)) or ((entry.authors,) if entry.authors else ()),
        "year": entry.year,
        "container": entry.container,
        "doi": entry.doi,
    }
    weak = {name for name in told if work.provenance.get(name, "first page") in _WEAK}
    values = {name: value for name, value in told.items() if value and (name in weak or not getattr(work, name))}
    sources = {**work.provenance, **dict.fromkeys(values, f"entry {entry.number} of the paper")}
    got = provenance.got if provenance and provenance.route != "by_hand" else None
    doi = values.get("doi") or work.doi
    url = got or entry.url or (f"https://doi.org/{doi}" if doi else work.url)
    return replace(work, **values, url=url, provenance=sources, cited_by=cited_by)  # type: ignore[arg-type]


def format_name(name: Name) -> str:
    """Return a name as it is spoken."""
    return name.literal or " ".join(part for part in (name.given, name.family) if part)
