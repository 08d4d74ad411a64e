"""The file that conversations are kept in: one SQLite database that threads and processes share.

Its form has a version. A file of an older one is brought up to date when it is opened, a newer or a foreign one is
refused and left as it is. It is made with the first thing that is written; until then there is nothing to read.
"""

import sqlite3
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from index.errors import LedgerError, StorageError
from index.storage import storage_errors

_BUSY_TIMEOUT_S = 10.0  # a write takes a millisecond or so; whoever waits longer waits for a process that hangs
_WAL_KEPT_BYTES = 16_000_000
_APPLICATION_ID = 0x49626964  # "Ibid"; marks the file as one of ours, as `file` and SQLite know it
# Each step leads from the version that is its place in this list to the next one; steps are never changed.
_STEPS: tuple[Sequence[str], ...] = (
    (
        """CREATE TABLE conversations (
            id TEXT PRIMARY KEY, owner TEXT NOT NULL, paper TEXT NOT NULL, title TEXT NOT NULL,
            started_at TEXT NOT NULL, changed_at TEXT NOT NULL, turns INTEGER NOT NULL) WITHOUT ROWID""",
        "CREATE INDEX conversations_by_owner ON conversations (owner, changed_at, id, title, paper, turns)",
        """CREATE TABLE turns (
            conversation TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE,
            number INTEGER NOT NULL, k INTEGER NOT NULL, source TEXT NOT NULL, answer TEXT NOT NULL,
            asked_at TEXT NOT NULL, PRIMARY KEY (conversation, number))""",
        """CREATE TABLE judgements (
            conversation TEXT NOT NULL, number INTEGER NOT NULL, rank INTEGER NOT NULL, verdict INTEGER NOT NULL,
            judged_at TEXT NOT NULL, PRIMARY KEY (conversation, number, rank),
            FOREIGN KEY (conversation, number) REFERENCES turns ON DELETE CASCADE) WITHOUT ROWID""",
    ),
)
_DISK = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}
_HELD = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_FOREIGN = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}


class Ledger:
    """The open file; safe to share between threads, each of which has a connection of its own while it needs one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: deque[sqlite3.Connection] = deque()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that sees the file as it is at one moment.

        Yields:
            A connection; one to an empty file where there is none yet.

        Raises:
            LedgerError: The file is none of ours, or of a later version.
            StorageError: It cannot be read.
        """
        with _ledger_errors(self.path):
            if self._idle or self.path.exists():
                with self._borrow() as db, _transaction(db, "DEFERRED"):
                    yield db
            else:
                with closing(_open(":memory:")) as db:
                    yield db

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Give a connection whose changes are kept all together, or not at all where an exception is raised.

        Yields:
            A connection.

        Raises:
            LedgerError: The file is none of ours, or of a later version.
            StorageError: It cannot be written.
        """
        with _ledger_errors(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._borrow() as db, _transaction(db, "IMMEDIATE"):
                yield db

    def scrub(self) -> None:
        """Clear the log of changes beside the file, so that what was deleted is gone from there as well."""
        with _ledger_errors(self.path), self._borrow() as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close all connections that are not in use."""
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def _borrow(self) -> Iterator[sqlite3.Connection]:
        """Lend an open connection; one on which something failed is not lent again."""
        try:
            db = self._idle.pop()
        except IndexError:
            db = _open(str(self.path))
        try:
            yield db
        except sqlite3.Error:
            db.close()
            raise
        except BaseException:
            self._idle.append(db)
            raise
        self._idle.append(db)


def _open(path: str) -> sqlite3.Connection:
    # Which thread uses it changes, but never two at a time.
    db = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    try:
        _bring_up_to_date(db, path)
        # In this mode a crash of the program loses nothing; a power cut may lose the last turns, and damages nothing.
        for pragma in ("synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON"):
            db.execute(f"PRAGMA {pragma}")
        db.execute(f"PRAGMA journal_size_limit = {_WAL_KEPT_BYTES}")
    except BaseException:
        db.close()
        raise
    return db


def _bring_up_to_date(db: sqlite3.Connection, path: str) -> None:
    """Make the tables of a new file, or those that an older one lacks.

    Raises:
        LedgerError: It is none of ours, or of a later version.
    """
    with _transaction(db, "DEFERRED"):  # so that all that is looked at is of one moment
        version = _find_version(db, path)
    if version < len(_STEPS):
        with _transaction(db, "EXCLUSIVE"):
            for step in _STEPS[_find_version(db, path) :]:  # looked at anew: another process may have been quicker
                for statement in step:
                    db.execute(statement)
            db.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            db.execute(f"PRAGMA user_version = {len(_STEPS)}")
    _keep_log(db)


def _keep_log(db: sqlite3.Connection) -> None:
    """Let a file be read while it is written; SQLite does not wait for others by itself to begin with that."""
    deadline = time.monotonic() + _BUSY_TIMEOUT_S
    while db.execute("PRAGMA journal_mode").fetchone() == ("delete",):
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _HELD or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return  # whatever came of it: some disks cannot share what this mode needs


def _find_version(db: sqlite3.Connection, path: str) -> int:
    version, mark, tables = (
        db.execute(query).fetchone()[0]
        for query in ("PRAGMA user_version", "PRAGMA application_id", "SELECT count(*) FROM sqlite_master")
    )
    if mark != _APPLICATION_ID and (mark or version or tables):
        raise LedgerError(Path(path), "holds something else")
    if version > len(_STEPS):
        raise LedgerError(Path(path), f"is of version {version}, this program reads up to {len(_STEPS)}")
    return int(version)


@contextmanager
def _transaction(db: sqlite3.Connection, mode: str) -> Iterator[None]:
    db.execute(f"BEGIN {mode}")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


@contextmanager
def _ledger_errors(path: Path) -> Iterator[None]:
    """Turn the ways in which SQLite reports a disk, another process or another program into errors that say so."""
    try:
        with storage_errors(path.parent):
            yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _DISK:
            raise StorageError(path, str(error)) from error
        if code in _HELD:
            raise StorageError(path, str(error), "end the other program that holds it") from error
        if code in _FOREIGN:
            raise LedgerError(path, f"cannot be read ({error})") from error
        raise
