"""The accession register of a paper's folder: which files builds have read, and which documents came of them.

FOLDER/accessions.json    rewritten whole by each build; without it, the next one reads everything

A file is not read again while its size and its time of change are those that were noted. One that was changed just
before it was read is not noted, as another change may leave it with the same time (git calls that racily clean).
"""

import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from index.storage import write_whole

ACCESSIONS_FILE = "accessions.json"
# The coarsest clock of a file system in use: FAT's.
_CLOCK_NS = 2_000_000_000


class Note(NamedTuple):
    """What a file was when it was read."""

    size_bytes: int
    mtime_ns: int
    sha256: str

    @property
    def is_settled(self) -> bool:
        """Whether the file had been left alone for so long that its next change gives it another time."""
        return 0 <= self.mtime_ns < time.time_ns() - _CLOCK_NS


class Accession(NamedTuple):
    """What was read from a paper and the works that it cites.

    Attributes:
        title: Of the paper.
        papers: How many of the documents are papers; they come first.
        digests: What stands for all that is kept of each document.
        sizes: The length of the text of each in characters.
    """

    title: str
    papers: int
    digests: Sequence[str]
    sizes: Sequence[int]


@dataclass(frozen=True, slots=True)
class Accessions:
    """A register.

    Attributes:
        files: Notes on files by their paths.
        read: What was read, by what stood for it then.
        seen: Paths of files that are there.
    """

    files: dict[str, Note] = field(default_factory=dict)
    read: dict[str, Accession] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def hash_file(self, path: Path) -> str:
        """Return the SHA-256 of a file, which is read only if it may have changed since it was noted."""
        known = find_note(self.files, str(path), path.stat())
        if known is None:
            with path.open("rb") as file:
                known = note_file(os.fstat(file.fileno()), hashlib.file_digest(file, "sha256").hexdigest())
        self.note(str(path), known)
        return known.sha256

    def note(self, path: str, note: Note) -> None:
        """Note a file that is there, if a later change is sure to be seen."""
        self.seen.add(path)
        if note.is_settled:
            self.files[path] = note
        else:
            self.files.pop(path, None)


def note_file(found: os.stat_result, sha256: str) -> Note:
    """Return what is noted of a file that was read after it was `found` to be so."""
    return Note(found.st_size, found.st_mtime_ns, sha256)


def find_note(files: Mapping[str, Note], path: str, found: os.stat_result) -> Note | None:
    """Return what is noted of a file, unless it may have changed since."""
    known = files.get(path)
    is_same = known and known.mtime_ns == found.st_mtime_ns and known.size_bytes == found.st_size
    return known if is_same else None


def load_accessions(folder: Path) -> Accessions:
    """Return the register of a folder; an empty one where there is none that can be read."""
    try:
        stored = json.loads((folder / ACCESSIONS_FILE).read_bytes())
        files = {path: Note(*fields) for path, fields in stored["files"].items()}
        read = {stamp: Accession(*fields) for stamp, fields in stored["read"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Accessions()
    return Accessions(files, read)


def save_accessions(folder: Path, accessions: Accessions, used: Iterable[str]) -> None:
    """Write a register: of what was read that which stands at `used`, of files those that are there."""
    files = {path: note for path, note in accessions.files.items() if path in accessions.seen}
    read = {stamp: accessions.read[stamp] for stamp in used}
    write_whole(folder / ACCESSIONS_FILE, json.dumps({"files": files, "read": read}).encode())
