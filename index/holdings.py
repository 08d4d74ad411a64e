"""A paper and the works that it cites, as documents: read from the bytes that were kept, fetched or put in by hand."""

import functools
import hashlib
import itertools
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from index.errors import IbidError
from index.extract import read_content, read_file, slugify, sniff_type
from index.fetch.by_hand import find_by_hand
from index.fetch.shelf import Shelf, open_shelf
from index.model import Document, FetchState, Name, Outcome, Provenance, Reference, Work
from index.paper import make_document
from index.references import find_same_works

SHELF_FOLDER = "shelf"
# Where a page's own first words were read, or a file's careless metadata: the entry that cites the work knows better.
_WEAK = frozenset({"first page", "title element", "PDF metadata"})
# What the ids of works begin with.
WORK_PREFIX = "reference-"
_NAME_MAX_CHARS = 60
_OF = "-of-"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Holdings:
    """Documents, papers first, and what became of the papers' entries by document and number."""

    documents: tuple[Document, ...]
    outcomes: Mapping[str, Mapping[str, Outcome]]


@dataclass(frozen=True, slots=True)
class _Text:
    """The text of a cited work: how it came, and a function that gives its bytes, as all at once may not fit."""

    outcome: Outcome
    provenance: Provenance
    load: Callable[[], bytes]


def open_shelf_of(folder: Path, document_id: str) -> Shelf:
    """Return the shelf on which the works are kept that a paper cites."""
    return open_shelf(folder / SHELF_FOLDER / document_id)


def load_holdings(
    paper: Document, folder: Path, by_hand: Path | None = None, *, taken: Iterable[str] = (), is_first: bool = True
) -> Holdings:
    """Return a paper with the works that it cites.

    A text that cannot be read is an outcome, not a failure: the others stay.

    Args:
        paper: The paper itself.
        folder: Where the texts of the works that it cites are kept.
        by_hand: Folder of texts that were put in by hand, named by the number or the DOI of the paper's entries.
        taken: Ids that no work may have.
        is_first: Whether the works may go by the numbers of their entries alone; those of any other paper that is
            asked with it name their paper as well.
    """
    paper = replace(paper, references=tuple(open_shelf_of(folder, paper.work.id).complete(paper.references)))
    names = _Names(paper.work.id, {*taken, paper.work.id}, is_first=is_first)
    works, outcomes = _read_works(paper, dict(_iter_texts(paper, folder, by_hand)), names)
    return Holdings((paper, *works), {paper.work.id: outcomes})


def _iter_texts(paper: Document, folder: Path, by_hand: Path | None) -> Iterator[tuple[str, _Text | Outcome]]:
    """Yield what is kept of each entry: its text, or why there is none; what was put in by hand goes first."""
    shelf = open_shelf_of(folder, paper.work.id)
    fetched = shelf.load(paper.references)
    files, unused = find_by_hand(by_hand, paper.references) if by_hand else ({}, ())
    for file in unused:
        logger.warning("%s is not used: it names no entry of the paper, or one that has a better file", file)
    for entry in paper.references:
        outcome = fetched.get(entry.number)
        if entry.number in files:
            yield entry.number, _take_by_hand(files[entry.number])
        elif outcome and outcome.provenance:
            load = functools.partial(shelf.read_content, outcome.provenance.sha256)
            yield entry.number, _Text(outcome, outcome.provenance, load)
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
    return _Text(Outcome("by_hand", provenance=provenance), provenance, functools.partial(read_file, file))


def _read_works(
    paper: Document, texts: Mapping[str, _Text | Outcome], names: "_Names"
) -> tuple[list[Document], dict[str, Outcome]]:
    """Return a document per work, and the outcome of every entry; entries that name one work share its document."""
    first = {entry.number: entry.number for entry in paper.references} | find_same_works(paper.references)
    groups: dict[str, list[str]] = {}
    for number, of in first.items():
        groups.setdefault(of, []).append(number)
    outcomes: dict[str, Outcome] = {}
    works: dict[str, Document] = {}  # by the SHA-256 of their text, so that equal texts are one work
    # The SHA-256 of the text, and what read it, by that of the bytes: equal ones are read once.
    read: dict[str, tuple[str, str]] = {}
    for entry in paper.references:
        found = _choose([texts[number] for number in groups[first[entry.number]] if number in texts])
        if isinstance(found, _Text):
            outcomes[entry.number] = _add_work(works, read, found, entry)
        elif found:
            outcomes[entry.number] = found
    return [names.give(document) for document in works.values()], outcomes


def _choose(found: Sequence[_Text | Outcome]) -> _Text | Outcome | None:
    """Return the best of what is kept of one work's entries: what was put in by hand, what was fetched, or why not."""
    texts = [each for each in found if isinstance(each, _Text)]
    by_hand = [text for text in texts if text.outcome.state == "by_hand"]
    return next(iter([*by_hand, *texts, *found]), None)


def _add_work(works: dict[str, Document], read: dict[str, tuple[str, str]], text: _Text, entry: Reference) -> Outcome:
    """Add an entry's text to `works`; return the entry's outcome, with what read it."""
    provenance = text.provenance
    if provenance.sha256 not in read:
        state: FetchState = "unreadable" if provenance.route == "by_hand" else "not_fetched"
        try:
            content = text.load()
            state = "unreadable"
            reading = read_content(content, provenance.asked, provenance.content_type)
        except IbidError as error:
            return Outcome(state, error.message, error.hint, attempts=text.outcome.attempts)
        document = make_document(reading, document_id=entry.number, kind="reference")
        digest = hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest()
        works.setdefault(digest, replace(document, work=_describe(document.work, entry, provenance)))
        read[provenance.sha256] = digest, reading.extractor
    digest, extractor = read[provenance.sha256]
    known = works[digest]
    works[digest] = replace(known, work=replace(known.work, entries=(*known.work.entries, entry.number)))
    return replace(text.outcome, provenance=replace(provenance, extractor=extractor))


class _Names:
    """Gives the works that a paper cites ids which no other document has, whatever else is asked with it."""

    def __init__(self, paper: str, taken: set[str], *, is_first: bool) -> None:
        self._paper, self._taken, self._is_first = paper, taken, is_first
        is_long = len(paper) > _NAME_MAX_CHARS
        digest = hashlib.sha256(paper.encode()).hexdigest()[:8]
        self._end = f"{_OF}{paper[: _NAME_MAX_CHARS - 9]}-{digest}" if is_long else f"{_OF}{paper}"

    def give(self, document: Document) -> Document:
        """Return a work's document with its id, and the paper that cites it."""
        number = slugify(document.work.entries[0])[:20]
        name = f"{WORK_PREFIX}{'-'.join(word for word in number.split('-') if word != 'of')}"
        other = f"{name}{self._end}"
        candidates = itertools.chain([other], (f"{other}-{number}" for number in itertools.count(2)))
        candidates = itertools.chain([name], candidates) if self._is_first else candidates
        chosen = next(each for each in candidates if each not in self._taken)
        self._taken.add(chosen)
        return replace(document, work=replace(document.work, id=chosen, cited_by=self._paper))


def _describe(work: Work, entry: Reference, provenance: Provenance) -> Work:
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
    got = provenance.got if provenance.route != "by_hand" else None
    doi = values.get("doi") or work.doi
    url = got or entry.url or (f"https://doi.org/{doi}" if doi else work.url)
    return replace(work, **values, url=url, provenance=sources)  # type: ignore[arg-type]


def format_name(name: Name) -> str:
    """Return a name as it is spoken."""
    return name.literal or " ".join(part for part in (name.given, name.family) if part)
