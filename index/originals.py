"""The PDF that a document of an index was read from, wherever its bytes are kept."""

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path

from index.bundle import Index
from index.errors import IbidError, SourceError
from index.holdings import open_shelf_of
from index.library import find_by_hand_folder, load_original, load_paper
from index.model import Provenance, Work
from index.pdf.facsimile import Original


def find_original(index: Index, work: Work) -> Original | None:
    """Return the PDF that a document with pages was read from; None where nothing is known of it.

    Args:
        index: Holds the document.
        work: What the document is.
    """
    folder = index.folder.parent
    try:
        return _find_of_reference(index, folder, work) if work.cited_by else _find_of_paper(folder, work)
    except IbidError:
        return None


def _find_of_paper(folder: Path, work: Work) -> Original | None:
    for original in load_paper(folder).originals:
        if original.document_id == work.id:
            return Original(original.sha256, work.id, functools.partial(load_original, folder, original))
    return None


def _find_of_reference(index: Index, folder: Path, work: Work) -> Original | None:
    outcomes = index.corpus.load_outcomes(work.cited_by or "")
    texts = (outcomes[number].provenance for number in work.entries if number in outcomes)
    text = next((text for text in texts if text and text.content_type == "application/pdf"), None)
    load = _choose_loader(folder, work.cited_by or "", text) if text else None
    return Original(text.sha256, work.id, load) if text and load else None


def _choose_loader(folder: Path, paper: str, text: Provenance) -> Callable[[], bytes] | None:
    shelf = open_shelf_of(folder, paper)
    # What was put in by hand lies on the shelf if it was sent, and else in the reader's own folder.
    if text.route != "by_hand" or shelf.has_text(text.sha256):
        return functools.partial(shelf.read_content, text.sha256)
    by_hand = find_by_hand_folder(load_paper(folder))
    return functools.partial(_read_by_hand, by_hand / Path(text.got).name, text.sha256) if by_hand else None


def _read_by_hand(file: Path, sha256: str) -> bytes:
    """Return the bytes of a file that was put in by hand, as long as they are those that were read.

    Raises:
        SourceError: They are gone, or others.
    """
    again = "put it back and run `ibid build` again"
    try:
        content = file.read_bytes()
    except OSError as error:
        raise SourceError(f"the file {file} cannot be read", again) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise SourceError(f"the file {file} was changed", "run `ibid build` again")
    return content
