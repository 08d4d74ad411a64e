"""Folders on a disk that may be full or read-only, held against other processes that write there."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import BuildRunningError, StorageError

_UNWRITABLE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST}
)
# What a file is called while it is written; what a killed process left so can be swept.
PART_PREFIX = ".part-"
_FULL = ("No space left", "disk is full", "disk I/O error", "write error", "Read-only file system")


@contextmanager
def hold(folder: Path, name: str = "build.lock", *, timeout_s: float = 0) -> Iterator[None]:
    """Hold a paper's folder against other builds, or other fetches.

    Args:
        folder: It is made if it is not there.
        name: Of the file in it that stands for what is held.
        timeout_s: How long to wait for another process to end.

    Raises:
        BuildRunningError: Another one is at work there.
        StorageError: The folder cannot be written.
    """
    # Imported where it is needed: whoever only reads a home does without it.
    from filelock import FileLock, Timeout

    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / name, timeout=timeout_s)
        try:
            lock.acquire()
        except Timeout as error:
            raise BuildRunningError(folder) from error
        try:
            yield
        finally:
            lock.release()


@contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Turn the ways in which the libraries report a full or read-only disk into one error."""
    try:
        yield
    except OSError as error:
        if error.errno not in _UNWRITABLE:
            raise
        raise StorageError(Path(error.filename or folder), str(error.strerror)) from error
    except (sqlite3.OperationalError, ValueError, RuntimeError) as error:
        reason = next((words for words in _FULL if words.casefold() in str(error).casefold()), None)
        if reason is None:
            raise
        raise StorageError(folder, reason.lower()) from error


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, and see it on the disk; its folder is made if it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{PART_PREFIX}{os.getpid()}-{path.name}")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
