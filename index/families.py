"""Each paper with the works that it cites, and what stands for their texts without reading them."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from index.accessions import Accessions
from index.fetch.by_hand import list_candidates
from index.holdings import SHELF_FOLDER, WORK_PREFIX, Holdings, load_holdings
from index.library import Paper, find_by_hand_folder
from index.model import Document
from index.sources import Source, parse_source
from index.storage import PART_PREFIX


@dataclass(frozen=True, slots=True)
class Family:
    """A paper and the works that it cites, which are read together.

    Attributes:
        stamp: What changes with all that is read.
        read: Reads them.
    """

    stamp: object
    read: Callable[[], Holdings]


def list_families(folder: Path, paper: Paper, sources: Sequence[Source], known: Accessions) -> list[Family]:
    """Return each source with the works that it cites; texts that were put in by hand belong to the first one."""
    by_hand = find_by_hand_folder(paper)
    reserved = sorted(each.document_id for each in sources if each.document_id.startswith(WORK_PREFIX))
    shelves = list_shelves(folder)
    families = []
    for at, source in enumerate(sources):
        own = by_hand if at == 0 else None
        stamp = [
            _stamp(source),
            stamp_shelf(folder, source.document_id, known) if source.document_id in shelves else [],
            [paper.by_hand, stamp_by_hand(own, known)] if at == 0 else [],
            reserved,
        ]
        families.append(Family(stamp, partial(_read_family, source, folder, own, reserved, is_first=at == 0)))
    return families


def stamp_shelf(folder: Path, document_id: str, known: Accessions) -> list[tuple[str, str]]:
    """Return what changes with anything on the shelf of a paper."""
    try:
        with os.scandir(folder / SHELF_FOLDER / document_id) as entries:
            names = (entry.name for entry in entries if not entry.name.startswith(PART_PREFIX))
            records = [folder / SHELF_FOLDER / document_id / name for name in sorted(names) if name.endswith(".json")]
    except (FileNotFoundError, NotADirectoryError):
        return []
    stamps = ((record.name, _hash_record(record, known)) for record in records)
    return [(name, sha256) for name, sha256 in stamps if sha256]


def _hash_record(record: Path, known: Accessions) -> str:
    """Return the SHA-256 of a record; nothing where a fetch has taken it away meanwhile."""
    try:
        return known.hash_file(record)
    except FileNotFoundError:
        return ""


def stamp_by_hand(by_hand: Path | None, known: Accessions) -> list[tuple[str, int, str]]:
    """Return what changes with any text that was put in by hand, and with the second that is told of it."""
    return [_stamp_by_hand(file, known) for file in list_candidates(by_hand)] if by_hand else []


def _stamp_by_hand(file: Path, known: Accessions) -> tuple[str, int, str]:
    try:
        file.open("rb").close()  # what cannot be read is not to be known by what was noted when it could
        return file.name, int(file.stat().st_mtime), known.hash_file(file)
    except OSError as error:
        return file.name, 0, str(error.strerror)


def list_shelves(folder: Path) -> frozenset[str]:
    """Return the ids of the papers that have a shelf."""
    try:
        return frozenset(os.listdir(folder / SHELF_FOLDER))  # noqa: PTH208 - of thousands
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()


def _stamp(source: Source) -> tuple[str, ...]:
    """Return what changes with all that is read from a source."""
    got = [source.provenance.got] if source.provenance else []
    return (source.document_id, source.sha256, source.label, *got)


def _read_family(
    source: Source, folder: Path, by_hand: Path | None, reserved: Sequence[str], *, is_first: bool
) -> Holdings:
    return load_holdings(_parse_paper(source), folder, by_hand, taken=reserved, is_first=is_first)


def _parse_paper(source: Source) -> Document:
    """Parse a source as a paper, which is found where it was fetched unless it says otherwise itself."""
    document = parse_source(source)
    if source.provenance is None or document.work.url:
        return document
    return replace(document, work=replace(document.work, url=source.provenance.got))
