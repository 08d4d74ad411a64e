"""Write the SQLite file of documents and passages, and the table of windows beside it, a context after the other."""

import json
import sqlite3
import zlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from index.chunk import split_sentences
from index.corpus import PIECE_CHARS
from index.embeddings import PackedReading
from index.model import Context, Document, Outcome

_SCHEMA = """
CREATE TABLE documents (id TEXT PRIMARY KEY, position INTEGER, work TEXT, digest TEXT);
CREATE UNIQUE INDEX documents_by_position ON documents (position, id, digest);
CREATE INDEX documents_by_paper ON documents (json_extract(work, '$.cited_by'));
CREATE TABLE texts (document TEXT, start INTEGER, text TEXT, PRIMARY KEY (document, start));
CREATE TABLE shown (document TEXT PRIMARY KEY, text BLOB) WITHOUT ROWID;
CREATE TABLE pages (document TEXT, start INTEGER, number INTEGER, PRIMARY KEY (document, start)) WITHOUT ROWID;
CREATE TABLE sections (
    document TEXT, position INTEGER, title TEXT, level INTEGER, path TEXT, role TEXT, start INTEGER, stop INTEGER,
    PRIMARY KEY (document, position)) WITHOUT ROWID;
CREATE TABLE paragraphs (
    document TEXT, start INTEGER, stop INTEGER, section INTEGER, number INTEGER, role TEXT,
    PRIMARY KEY (document, start)) WITHOUT ROWID;
CREATE TABLE sentences (document TEXT, start INTEGER, stop INTEGER, PRIMARY KEY (document, start)) WITHOUT ROWID;
CREATE TABLE entries (document TEXT, position INTEGER, entry TEXT, PRIMARY KEY (document, position)) WITHOUT ROWID;
CREATE TABLE outcomes (document TEXT, number TEXT, outcome TEXT, PRIMARY KEY (document, number)) WITHOUT ROWID;
CREATE TABLE markers (
    document TEXT, position INTEGER, text TEXT, start INTEGER, stop INTEGER, points_to TEXT,
    sentence_start INTEGER, sentence_stop INTEGER, clause_start INTEGER, clause_stop INTEGER, number TEXT,
    PRIMARY KEY (document, position)) WITHOUT ROWID;
CREATE INDEX markers_by_place ON markers (document, start);
CREATE TABLE passages (id INTEGER PRIMARY KEY, document TEXT, start INTEGER, stop INTEGER, text TEXT);
CREATE INDEX passages_by_document ON passages (document, start);
CREATE TABLE contexts (id INTEGER PRIMARY KEY, words BLOB);
"""

_COLUMNS = 11  # of the table of windows
# The file is not in force before it is whole and flushed to the disk, so that SQLite needs no journal of its own.
_UNGUARDED = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"


class CorpusWriter:
    """Writes documents and their passages, numbered from 0 in the order given; whole when it is left."""

    def __init__(self, path: Path) -> None:
        """Begin a file that does not exist yet."""
        with ExitStack() as opened:
            self._db = opened.enter_context(closing(sqlite3.connect(path)))
            self._db.executescript(_UNGUARDED + _SCHEMA)
            opened.pop_all()
        self._rows = array("i")
        self._documents = self._contexts = self._passages = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with closing(self._db):
            if kind is None:
                self._db.commit()

    def begin(self, document: Document, outcomes: Mapping[str, Outcome] | None = None, digest: str = "") -> None:
        """Write a document, whose contexts follow.

        Args:
            document: The document.
            outcomes: What became of the entries of its bibliography, by number.
            digest: What changes with anything that is kept of it.
        """
        self._document = document
        _save_document(self._db, self._documents, document, digest)
        values = [
            (document.work.id, number, json.dumps(asdict(outcome))) for number, outcome in (outcomes or {}).items()
        ]
        self._db.executemany("INSERT INTO outcomes VALUES (?,?,?)", values)
        self._documents += 1

    def add(self, context: Context, reading: PackedReading) -> None:
        """Write the next context of the document that was begun last."""
        passages = enumerate(context.passages, self._passages)
        values = [(at, passage.document_id, passage.start, passage.end, passage.text) for at, passage in passages]
        self._db.executemany("INSERT INTO passages VALUES (?,?,?,?,?)", values)
        low, high = reading.ranges[0].tolist()
        self._db.execute("INSERT INTO contexts VALUES (?,?)", (self._contexts, reading.words[low:high].tobytes()))
        self._rows.extend(chain.from_iterable(self._list_windows(context, reading)))
        self._passages, self._contexts = self._passages + len(values), self._contexts + 1

    def _list_windows(self, context: Context, reading: PackedReading) -> Iterator[tuple[int, ...]]:
        """Yield a row of `windows.ROW` per window."""
        ranges = (reading.ranges[1:] - reading.ranges[0, 0]).tolist()
        of_windows = iter(ranges[len(context.passages) :])
        outer = (self._contexts, self._documents - 1)
        for at, passage in enumerate(context.passages):
            is_entry = any(entry.start <= passage.start < entry.end for entry in self._document.references)
            for window in passage.windows:
                words = (*next(of_windows), *ranges[at], ranges[0][0])
                yield (self._passages + at, *outer, window.start, window.end, *words, is_entry)

    @property
    def rows(self) -> npt.NDArray[np.int32]:
        """The table of the windows so far, with a row of what `windows.ROW` says for each."""
        return np.asarray(self._rows, np.int32).reshape(-1, _COLUMNS)


def _save_document(db: sqlite3.Connection, position: int, document: Document, digest: str) -> None:
    name = document.work.id
    sections = list(enumerate(document.sections))
    paragraphs = [(n, p) for n, section in sections for p in section.paragraphs]
    rows: dict[str, list[tuple[object, ...]]] = {
        "documents": [(name, position, json.dumps(asdict(document.work)), digest)],
        "texts": [(name, at, document.text[at : at + PIECE_CHARS]) for at in range(0, len(document.text), PIECE_CHARS)],
        "shown": [(name, zlib.compress(document.shown.encode()))] if document.shown else [],
        "pages": [(name, *page) for page in document.pages],
        "sections": [(name, n, s.title, s.level, json.dumps(s.path), s.role, s.start, s.end) for n, s in sections],
        "paragraphs": [(name, p.start, p.end, n, p.number, p.role) for n, p in paragraphs],
        "sentences": [(name, *span) for _, p in paragraphs for span in split_sentences(document.text, p)],
        "entries": [(name, n, json.dumps(asdict(entry))) for n, entry in enumerate(document.references)],
        "markers": [
            (name, n, m.text, m.start, m.end, m.points_to, *m.sentence, *m.clause, m.number)
            for n, m in enumerate(document.markers)
        ],
    }
    for table, values in rows.items():
        if values:
            db.executemany(f"INSERT INTO {table} VALUES ({_marks(values[0])})", values)


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
