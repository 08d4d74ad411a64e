"""The papers of a home: a folder each, which holds all that belongs to it; one of them is in use.

HOME/index                       a link to the folder of the paper in use
    /papers/NAME/paper.json      what a paper was built from
                /originals/      the bytes of that, by SHA-256, so that its index can be built anew
                /shelf/          the texts of the works that it cites, as `shelf.py` says
                /current         its index, as `bundle.py` says
"""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from index.errors import DamagedIndexError, NoIndexError, PaperError
from index.settings import Settings

_IN_USE_LINK = "index"
_RECORD_FILE = "paper.json"
_ORIGINALS_FOLDER = "originals"


@dataclass(frozen=True, slots=True)
class Original:
    """What a paper was read from; its bytes are kept under their SHA-256."""

    origin: str
    document_id: str
    sha256: str
    label: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper of the home.

    Attributes:
        name: Its folder's name, which is the id of its first document.
        title: For people.
        originals: What it was built from; several files that were built together are asked together.
        by_hand: Folder of the texts of works that were put in by hand, if there is one.
    """

    name: str
    title: str
    originals: tuple[Original, ...]
    by_hand: str | None


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
        raise NoIndexError(link)
    return link.resolve()


def find_name(settings: Settings, wanted: str) -> str:
    """Return the name of the one paper whose name is `wanted`, or whose name or title holds it.

    Raises:
        PaperError: There is none, or more than one.
    """
    papers = list_papers(settings)
    names = [paper.name for paper in papers]
    if wanted in names:
        return wanted
    word = wanted.casefold()
    of_document = [paper.name for paper in papers if wanted in {each.document_id for each in paper.originals}]
    found = of_document or [paper.name for paper in papers if word in paper.name or word in paper.title.casefold()]
    if len(found) != 1 or not word:
        raise PaperError(wanted, found or names)
    return found[0]


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
    """Put the paper of this name in use."""
    link = settings.home / _IN_USE_LINK
    new = settings.home / f".{_IN_USE_LINK}.{os.getpid()}"
    new.unlink(missing_ok=True)
    new.symlink_to(Path(settings.papers_folder.name) / name, target_is_directory=True)
    if link.is_dir() and not link.is_symlink():  # an index from before papers had folders of their own
        link.rename(settings.home / f"{_IN_USE_LINK}.old")
    new.replace(link)


def list_papers(settings: Settings) -> tuple[Paper, ...]:
    """Return the papers of the home, by name."""
    folders = sorted(settings.papers_folder.glob(f"*/{_RECORD_FILE}"))
    return tuple(load_paper(file.parent) for file in folders)


def load_paper(folder: Path) -> Paper:
    """Return what is known of the paper in a folder.

    Raises:
        NoIndexError: There is none.
        DamagedIndexError: What is known cannot be read.
    """
    path = folder / _RECORD_FILE
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        return Paper(**{**fields, "originals": tuple(Original(**each) for each in fields["originals"])})
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoIndexError(folder) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedIndexError(path, "cannot be read") from error


def save_paper(folder: Path, paper: Paper, contents: Sequence[bytes]) -> None:
    """Keep what a paper was built from, the bytes before the record that names them."""
    kept = folder / _ORIGINALS_FOLDER
    kept.mkdir(parents=True, exist_ok=True)
    for original, content in zip(paper.originals, contents, strict=True):
        if not (kept / original.sha256).exists():
            _write(kept / original.sha256, content)
    _write(folder / _RECORD_FILE, json.dumps(asdict(paper), ensure_ascii=False, indent=1).encode())
    for stale in {file.name for file in kept.iterdir()} - {original.sha256 for original in paper.originals}:
        (kept / stale).unlink(missing_ok=True)


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


def choose_folder(settings: Settings, originals: Sequence[Original]) -> Path:
    """Return the folder for a paper that is read from `originals`: that of the same paper, or a new one."""
    if settings.index is not None:
        return settings.index
    origins = [original.origin for original in originals]
    papers = list_papers(settings)
    for paper in papers:
        if [original.origin for original in paper.originals] == origins:
            return settings.papers_folder / paper.name
    name = originals[0].document_id
    taken = name in {paper.name for paper in papers}
    return settings.papers_folder / (f"{name[:70]}-{originals[0].sha256[:8]}" if taken else name)


def remove_paper(settings: Settings, name: str) -> None:
    """Remove a paper with its index and all texts that were fetched for it; the next one by name is put in use."""
    is_used = read_in_use(settings) == name
    shutil.rmtree(settings.papers_folder / name)
    others = list_papers(settings)
    if is_used and others:
        use_paper(settings, others[0].name)
    elif is_used:
        (settings.home / _IN_USE_LINK).unlink()


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
