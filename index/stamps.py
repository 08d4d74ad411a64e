"""Stamps of files, by which it is seen that one is missing or was changed."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from index.errors import DamagedIndexError


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What a file was when it was written; one whose size and time still agree is not read to check it."""

    size_bytes: int
    mtime_ns: int
    sha256: str


def stamp_files(folder: Path) -> dict[str, FileStamp]:
    """Flush every file in a folder to disk, and return their stamps by relative path."""
    stamps = {}
    for path in sorted(file for file in folder.rglob("*") if file.is_file() and file.suffix != ".lock"):
        with path.open("rb") as file:
            os.fsync(file.fileno())
        found = path.stat()
        stamps[path.relative_to(folder).as_posix()] = FileStamp(found.st_size, found.st_mtime_ns, _hash_file(path))
    return stamps


def check_files(folder: Path, stamps: Mapping[str, FileStamp], *, thorough: bool = False) -> None:
    """Raise DamagedIndexError when a file is missing or changed; `thorough` reads even those that seem untouched."""
    for name, stamp in stamps.items():
        if fault := find_fault(folder / name, stamp, thorough=thorough):
            raise DamagedIndexError(folder / name, fault)


def find_fault(path: Path, stamp: FileStamp, *, thorough: bool = False) -> str | None:
    """Return what is wrong with a file, in words; None where it is as it was."""
    try:
        found = path.stat()
        if found.st_size != stamp.size_bytes:
            return f"has {found.st_size} bytes, not {stamp.size_bytes}"
        if (thorough or found.st_mtime_ns != stamp.mtime_ns) and _hash_file(path) != stamp.sha256:
            return "was changed"
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return None


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
