"""The papers of a home: a folder each, which holds all that belongs to it; one of them is in use.

HOME/index                       a link to the folder of the paper in use
    /papers/NAME/paper.json      what a paper was built from
                /originals/      the bytes of that, by SHA-256, so that its index can be built anew
                /shelf/          the texts of the works that it cites, as `shelf.py` says
                /current         its index, as `bundle.py` says
"""

import json
import logging
import os
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any

from index.errors import DamagedIndexError, IbidError, NoIndexError, PaperError
from index.model import Provenance
from index.settings import Settings
from index.storage import storage_errors, write_whole

# Where texts of cited works are put in by hand, beside the paper.
BY_HAND_FOLDER = "references"
_IN_USE_LINK = "index"
_RECORD_FILE = "paper.json"
_ORIGINALS_FOLDER = "originals"
_GONE_PREFIX = ".gone-"
_SHA256 = re.compile(r"[0-9a-f]{64}")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Original:
    """What a paper was read from; its bytes are kept under their SHA-256, and how they came if they were fetched."""

    origin: str
    document_id: str
    sha256: str
    label: str
    provenance: Provenance | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper of the home.

    Attributes:
        name: Its folder's name, which is the id of its first document.
        title: For people.
        originals: What it was built from; several files that were built together are asked together.
        by_hand: Folder of the texts of works that were put in by hand, if there is one.
        asked: What was named when it was built: files, folders and addresses; none where it was sent.
    """

    name: str
    title: str
    originals: tuple[Original, ...]
    by_hand: str | None
    asked: tuple[str, ...] = ()


def find_folder(settings: Settings) -> Path:
    """Return the folder of the paper to ask: the one that the settings name, or else the one in use.

    Raises:
        NoIndexError: There is no paper yet.
        PaperError: There is none of that name.
    """
    if settings.index is not None:
        return settings.index
    if settings.paper:
        return settings.papers_folder / find_name(settings, settings.paper)
    link = settings.home / _IN_USE_LINK
    if not link.is_dir():
        raise NoIndexError(link, "choose a paper with `ibid use`") if list_papers(settings) else NoIndexError(link)
    return link.resolve()


def is_bare(settings: Settings) -> bool:
    """Say whether the settings name a home without any paper, to which one can be added."""
    return settings.index is None and settings.paper is None and not list_papers(settings)


def find_name(settings: Settings, wanted: str) -> str:
    """Return the name of the one paper whose name is `wanted`, or whose name or title holds it.

    A whole name is that of a folder, whether or not the record in it can be read.

    Raises:
        PaperError: There is none, or more than one.
    """
    if has_paper(settings, wanted):
        return wanted
    papers = list_papers(settings)
    names = [paper.name for paper in papers]
    word = wanted.casefold()
    of_document = [paper.name for paper in papers if wanted in {each.document_id for each in paper.originals}]
    found = of_document or [paper.name for paper in papers if word in paper.name or word in paper.title.casefold()]
    if len(found) != 1 or not word:
        raise PaperError(wanted, found or names)
    return found[0]


def has_paper(settings: Settings, name: str) -> bool:
    """Say whether the home has a paper of this very name."""
    return any(folder.name == name and folder.is_dir() for folder in settings.papers_folder.glob("[!.]*"))


def read_in_use(settings: Settings) -> str:
    """Return the name of the paper in use.

    Raises:
        NoIndexError: There is none.
    """
    link = settings.home / _IN_USE_LINK
    try:
        return link.readlink().name
    except OSError as error:
        raise NoIndexError(link) from error


def use_paper(settings: Settings, name: str) -> None:
    """Put the paper of this name in use.

    Raises:
        StorageError: The home cannot be written.
    """
    link = settings.home / _IN_USE_LINK
    new = settings.home / f".{_IN_USE_LINK}.{os.getpid()}"
    with storage_errors(settings.home):
        new.unlink(missing_ok=True)
        new.symlink_to(Path(settings.papers_folder.name) / name, target_is_directory=True)
        if link.is_dir() and not link.is_symlink():  # an index from before papers had folders of their own
            link.rename(settings.home / f"{_IN_USE_LINK}.old")
        new.replace(link)


def list_papers(settings: Settings) -> tuple[Paper, ...]:
    """Return the papers of the home, by name; one whose record cannot be read is left out."""
    found = (_load_readable(file.parent) for file in sorted(settings.papers_folder.glob(f"[!.]*/{_RECORD_FILE}")))
    return tuple(paper for paper in found if paper)


def _load_readable(folder: Path) -> Paper | None:
    try:
        return load_paper(folder)
    except IbidError as error:
        logger.warning("the paper %s is left out: %s", folder.name, error)
        return None


def load_paper(folder: Path) -> Paper:
    """Return what is known of the paper in a folder.

    Raises:
        NoIndexError: There is none.
        DamagedIndexError: What is known cannot be read.
    """
    path = folder / _RECORD_FILE
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        originals = tuple(_read_original(each) for each in fields["originals"])
        return Paper(**{**fields, "originals": originals, "asked": tuple(fields.get("asked", ()))})
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoIndexError(folder) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedIndexError(path, "cannot be read") from error


def _read_original(fields: dict[str, Any]) -> Original:
    if fields.get("provenance"):
        fields["provenance"] = Provenance(**fields["provenance"])
    return Original(**fields)


def find_by_hand_folder(paper: Paper) -> Path | None:
    """Return the folder for texts that are put in by hand: the one named, or the one beside the paper, if it is a file.

    It need not be there yet.
    """
    if paper.by_hand:
        return Path(paper.by_hand)
    files = (Path(original.origin) for original in paper.originals)
    return next((file.parent / BY_HAND_FOLDER for file in files if file.is_absolute()), None)


def save_paper(folder: Path, paper: Paper, contents: Sequence[Callable[[], bytes]]) -> None:
    """Keep what a paper was built from, the bytes before the record that names them.

    Of the bytes that lie there, those go that the record before named and this one does not; no other file does.

    Args:
        folder: The paper's.
        paper: What is known of it.
        contents: Give the bytes of each original; those that lie there are not asked for again.
    """
    kept = folder / _ORIGINALS_FOLDER
    kept.mkdir(parents=True, exist_ok=True)
    there = set(os.listdir(kept))  # noqa: PTH208 - of thousands
    before = _load_hashes(folder)
    for original, load in zip(paper.originals, contents, strict=True):
        if original.sha256 not in there and not (kept / original.sha256).exists():
            write_whole(kept / original.sha256, load())
    record = _write_record(paper)
    if not _has_content(folder / _RECORD_FILE, record):
        write_whole(folder / _RECORD_FILE, record)
    for stale in before - {original.sha256 for original in paper.originals}:
        (kept / stale).unlink(missing_ok=True)


def _write_record(paper: Paper) -> bytes:
    """Return the record of a paper, an original a line."""
    fields = {name: getattr(paper, name) for name in ("name", "title", "by_hand", "asked")}
    originals = [
        {
            "origin": each.origin,
            "document_id": each.document_id,
            "sha256": each.sha256,
            "label": each.label,
            "provenance": asdict(each.provenance) if each.provenance else None,
        }
        for each in paper.originals
    ]
    told = json.dumps({**fields, "originals": originals}, ensure_ascii=False)
    # No string holds such a quotation mark that is not escaped.
    return told.replace('{"origin": ', '\n{"origin": ').encode()


def _has_content(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except OSError:
        return False


def _load_hashes(folder: Path) -> set[str]:
    """Return the SHA-256 of what the record in a folder names; none if it cannot be read."""
    try:
        named = {each["sha256"] for each in json.loads((folder / _RECORD_FILE).read_bytes())["originals"]}
        return {sha256 for sha256 in named if _SHA256.fullmatch(sha256)}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def load_original(folder: Path, original: Original) -> bytes:
    """Return the bytes that a paper was built from.

    Raises:
        DamagedIndexError: They are gone.
    """
    path = folder / _ORIGINALS_FOLDER / original.sha256
    try:
        return path.read_bytes()
    except OSError as error:
        raise DamagedIndexError(path, "is missing") from error


def list_missing(folder: Path, originals: Iterable[Original]) -> list[Path]:
    """Return where the bytes of originals ought to lie and do not."""
    kept = folder / _ORIGINALS_FOLDER
    there = set(os.listdir(kept)) if kept.is_dir() else set()  # noqa: PTH208 - of thousands
    return [kept / each.sha256 for each in originals if each.sha256 not in there]


def find_asked(settings: Settings, asked: Sequence[str]) -> Path | None:
    """Return the folder of the paper for which just these files, folders and addresses were named, if there is one."""
    if settings.index is not None:
        return settings.index
    found = (paper.name for paper in list_papers(settings) if asked and list(paper.asked) == list(asked))
    name = next(found, None)
    return settings.papers_folder / name if name else None


def choose_folder(settings: Settings, originals: Sequence[Original], asked: Sequence[str] = ()) -> Path:
    """Return the folder for a paper that is read from `originals`: that of the same paper, or a new one.

    It is the same if the same was asked for, though a folder may hold other files by now, or if it came from the same
    places.
    """
    known = find_asked(settings, asked)
    if known is not None:
        return known
    origins = [original.origin for original in originals]
    papers = list_papers(settings)
    for paper in papers:
        if [original.origin for original in paper.originals] == origins:
            return settings.papers_folder / paper.name
    name = originals[0].document_id
    suffixed = f"{name[:70]}-{originals[0].sha256[:8]}"
    candidates = chain([name, suffixed], (f"{suffixed}-{number}" for number in count(2)))
    taken = {paper.name for paper in papers}
    return settings.papers_folder / next(each for each in candidates if each not in taken)


def reserve_folder(folder: Path, paper: Paper, contents: Sequence[Callable[[], bytes]]) -> bool:
    """Keep a new folder for a paper that is not read yet, and say so; leave one that is there as it is."""
    if folder.exists():
        return False
    save_paper(folder, paper, contents)
    return True


def release_folder(folder: Path) -> None:
    """Remove a folder that was kept for a paper, unless the paper could be read."""
    paper = _load_readable(folder)
    if paper is None or not paper.title:
        shutil.rmtree(folder, ignore_errors=True)


def set_aside(settings: Settings, name: str) -> list[Path]:
    """Take a paper out of the home; the next one by name is put in use.

    Returns:
        What lies there to be deleted: it, and what an earlier removal left that was killed.
    """
    link = settings.home / _IN_USE_LINK
    others = [paper.name for paper in list_papers(settings) if paper.name != name]
    if link.is_symlink() and link.readlink().name == name:
        if others:
            use_paper(settings, others[0])
        else:
            link.unlink()
    gone = settings.papers_folder / f"{_GONE_PREFIX}{name}-{os.getpid()}"
    (settings.papers_folder / name).rename(gone)
    return sorted(settings.papers_folder.glob(f"{_GONE_PREFIX}*"))
