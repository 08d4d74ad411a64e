"""The text of a single entry of a paper's bibliography: taken as a reader sends it, and removed again."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from index.assemble import Built, Progress
from index.build import FETCH_LOCK, list_bibliographies, rebuild_index
from index.bundle import open_corpus
from index.errors import SourceError
from index.extract import read_content, sniff_type
from index.fetch.works import group_works
from index.holdings import open_shelf_of
from index.library import find_folder
from index.model import Outcome, Provenance, Reference
from index.settings import Settings
from index.storage import hold


def take_text(
    settings: Settings, number: str, content: bytes, *, name: str, label: str = "", progress: Progress | None = None
) -> Built:
    """Take bytes that a reader sent as the text of an entry, and of those that are the same work.

    Args:
        settings: Which paper.
        number: Of the entry, in the first paper where several are asked together.
        content: The bytes: PDF, HTML or text.
        name: What to call them.
        label: Their content type, where they do not tell it themselves.
        progress: Whom to tell how far it is.

    Raises:
        SourceError: There is no such entry, or no text can be had from the bytes.
        IbidError: There is no such paper, or as `build_sources`.
    """
    folder = find_folder(settings)
    document, work = _find_work(folder, number)
    read_content(content, name, label)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    digest = hashlib.sha256(content).hexdigest()
    provenance = Provenance("by_hand", name, name, now, 0, label or sniff_type(content), digest, len(content))
    with hold(folder, FETCH_LOCK):
        shelf = open_shelf_of(folder, document)
        for entry in work:
            shelf.save(entry, Outcome("by_hand", f"{name} was put in by hand", provenance=provenance), content)
    return rebuild_index(settings, progress=progress)


def forget_work(settings: Settings, number: str, progress: Progress | None = None) -> Built:
    """Remove the text that was fetched or sent for an entry of a paper, and for those that are the same work.

    Raises:
        SourceError: There is no such entry, or its text was put into a folder by hand.
        IbidError: There is no such paper, or as `build_sources`.
    """
    folder = find_folder(settings)
    document, work = _find_work(folder, number)
    shelf = open_shelf_of(folder, document)
    outcome = open_corpus(folder).load_outcomes(document).get(number, Outcome())
    is_kept = any(each.state == "by_hand" for each in shelf.load(work).values())
    if outcome.state == "by_hand" and outcome.provenance and not is_kept:
        file = outcome.provenance.asked
        raise SourceError(f"the text of entry {number} is a file of yours, {file}", "remove it and run `ibid build`")
    with hold(folder, FETCH_LOCK):
        shelf.forget(work)
    return rebuild_index(settings, progress=progress)


def _find_work(folder: Path, number: str) -> tuple[str, list[Reference]]:
    """Return the id of the first paper in a folder, and the entries of the work that entry `number` names.

    Raises:
        SourceError: There is no such entry.
    """
    document, references = list_bibliographies(folder)[0]
    works = [work for work in group_works(references) if number in {entry.number for entry in work}]
    if not works:
        raise SourceError(f"the paper lists no entry {number!r}", "list its entries with `ibid sources`")
    return document, works[0]
