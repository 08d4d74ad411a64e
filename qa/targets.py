"""What a reader can ask to cite: a document, a place in one, or an entry of the paper's bibliography by its number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.bundle import Index
from index.errors import CitationError, LocatorError, shorten
from index.model import Reference, Work
from index.references import find_same_works
from qa.answer import locate, parse_locator
from qa.items import Item, make_item, name_keys


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All works of an index that can be cited.

    Attributes:
        items: By name: the id of a document, or "entry 7" for an entry whose text is not held.
        names: The name of the item of each entry of the first paper, by its number.
        entries: The numbers of those entries, as printed.
        paper: The id of that paper; empty where there is none.
    """

    items: Mapping[str, Item]
    names: Mapping[str, str]
    entries: tuple[str, ...]
    paper: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """An item by its name, and where in it, such as "p. 7"."""

    name: str
    place: str = ""


def load_catalogue(index: Index) -> Catalogue:
    """Return what can be cited of an index; numbers of entries are those of its first paper."""
    works = {work.id: work for work in index.corpus.list_works()}
    papers = [work.id for work in works.values() if work.kind == "paper"]
    items = {paper: make_item(works[paper], None) for paper in papers}
    names: dict[str, str] = {}
    numbers: tuple[str, ...] = ()
    for paper in papers:
        entries = index.corpus.list_references(paper)
        of_paper = _name_entries(paper, entries, tuple(works.values()))
        found = _list_items(index, paper, entries, of_paper, works)
        if paper == papers[0]:
            names, numbers = of_paper, tuple(entry.number for entry in entries)
        items |= {name: item for name, item in found.items() if paper == papers[0] or name in works}
    items |= {work.id: make_item(work, None) for work in works.values() if work.id not in items}
    return Catalogue(name_keys(items), names, numbers, papers[0] if papers else "")


def find_target(index: Index, catalogue: Catalogue, target: str) -> Target:
    """Return what a target names: `document:start-end`, a document's id, or an entry's number, such as "7" or "[7]".

    Raises:
        LocatorError: There is no such document, or no such place in it.
        CitationError: The bibliography has no such entry.
    """
    wanted = target.strip()
    if ":" in wanted:
        document, start, end = parse_locator(wanted)
        found = locate(index.corpus.find_place(document, start, end), start)
        place = f"p. {found.page}" if found.page else f"para. {found.paragraph}"
        return Target(document, place)
    bare = wanted.removeprefix("[").removesuffix("]")
    name = catalogue.names.get(bare, wanted)
    if name not in catalogue.items:
        raise _no_entry(bare, catalogue.entries) if bare.isdecimal() else LocatorError(wanted)
    return Target(name)


def list_bibliography(catalogue: Catalogue, order: Sequence[str] | None = None) -> list[Target]:
    """Return the entries of the first paper in an order of their own, or as printed; a work stands there once.

    Args:
        catalogue: All that can be cited.
        order: Numbers of entries; those that it leaves out are left out.

    Raises:
        CitationError: The bibliography has no such entry, or none at all.
    """
    unknown = next((number for number in order or () if number not in catalogue.entries), None)
    if unknown is not None or not catalogue.entries:
        raise _no_entry(unknown or "1", catalogue.entries)
    numbers = catalogue.entries if order is None else order
    return [Target(name) for name in dict.fromkeys(catalogue.names[number] for number in numbers)]


def _name_entries(paper: str, entries: Sequence[Reference], works: Sequence[Work]) -> dict[str, str]:
    """Return the document of each entry, or, where none is held, the name of the first entry of the same work."""
    held = {number: work.id for work in works if work.cited_by == paper for number in work.entries}
    same = find_same_works(entries)
    first = {entry.number: same.get(entry.number, entry.number) for entry in entries}
    of_works = {first[number]: name for number, name in held.items() if number in first}
    return {number: held.get(number) or of_works.get(work) or f"entry {work}" for number, work in first.items()}


def _list_items(
    index: Index, paper: str, entries: Sequence[Reference], names: Mapping[str, str], works: Mapping[str, Work]
) -> dict[str, Item]:
    """Return the items of a bibliography by name; of entries that are one work, the first one describes it."""
    outcomes = index.corpus.load_outcomes(paper)
    items: dict[str, Item] = {}
    for entry in entries:
        name = names[entry.number]
        if name not in items:
            items[name] = make_item(works.get(name), entry, outcomes.get(entry.number))
    return items


def _no_entry(number: str, entries: Sequence[str]) -> CitationError:
    listed = f"it has {entries[0]} to {entries[-1]}" if entries else "it has none"
    return CitationError(
        f"the bibliography has no entry {shorten(number)!r}: {listed}", "list the entries with `ibid sources`"
    )
