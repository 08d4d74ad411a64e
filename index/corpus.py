"""Documents and passages in one SQLite file, read-only once `write_corpus` has written it."""

import json
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias, cast

from index.errors import DamagedIndexError, LocatorError
from index.model import (
    Document,
    Marker,
    Name,
    Outcome,
    Paragraph,
    Passage,
    Reference,
    Section,
    Work,
    format_locator,
    make_outcome,
)

# A text is kept in pieces of so many characters: to read a few from the midst of a long one, SQLite reads no others.
PIECE_CHARS = 2000
_WORKS_KEPT = 256  # most passages of an answer, and of the next one, are from the same few
_OFFSET_MAX = 2**31  # far beyond any text, and within SQLite's integers
_SECTION = "title, level, path, role, start, stop"
_MARKER = "text, t.start, t.stop, points_to, sentence_start, sentence_stop, clause_start, clause_stop, number"
_Row: TypeAlias = tuple[Any, ...]  # SQLite's values have no static types


@dataclass(frozen=True, slots=True)
class Place:
    """A passage where it stands.

    Attributes:
        passage: Its text and span.
        section: Its section, with those of its paragraphs that the passage touches.
        sentences: Spans of its sentences in the document's text, cut at the passage's ends.
        markers: The markers inside it.
        pages: Where the printed pages that it touches begin, as in `Document.pages`.
    """

    passage: Passage
    section: Section
    sentences: tuple[tuple[int, int], ...]
    markers: tuple[Marker, ...]
    pages: tuple[tuple[int, int], ...] = ()


class Corpus:
    """Reads the file that a `CorpusWriter` wrote; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            DamagedIndexError: The file is no such file.
        """
        self._path = path
        self._local = threading.local()
        try:
            self._connect().execute("SELECT id FROM documents LIMIT 1")
        except sqlite3.DatabaseError as error:
            raise DamagedIndexError(path, "is no corpus") from error

    def _query(self, sql: str, *values: object) -> list[_Row]:
        """Run a query on this thread's own connection.

        Raises:
            DamagedIndexError: The file is gone, as with a paper that is removed while it is asked.
        """
        try:
            return list(self._connect().execute(sql, values))
        except sqlite3.OperationalError as error:
            raise DamagedIndexError(self._path, "cannot be read") from error

    def _connect(self) -> sqlite3.Connection:
        if not hasattr(self._local, "db"):
            # Immutable: no lock and no journal, so that a read-only folder serves as well.
            self._local.db = sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        return cast("sqlite3.Connection", self._local.db)

    def find_document(self, document: str) -> int | None:
        """Return the position of a document; None where there is none."""
        rows = self._query("SELECT position FROM documents WHERE id = ?", document)
        return int(rows[0][0]) if rows else None

    def list_digests(self) -> list[str]:
        """Return what stands for all that is kept of each document, by position."""
        return [row[0] for row in self._query("SELECT digest FROM documents ORDER BY position")]

    def find_digest(self, document: str) -> str:
        """Return what stands for all that is kept of a document; nothing where there is no such document."""
        rows = self._query("SELECT digest FROM documents WHERE id = ?", document)
        return str(rows[0][0]) if rows else ""

    def list_cited(self, paper: str) -> list[tuple[int, Work]]:
        """Return the works that a paper cites and whose texts are here, each with its position."""
        cited = "SELECT position, work FROM documents WHERE json_extract(work, '$.cited_by') = ? ORDER BY position"
        return [(position, _make_work(work)) for position, work in self._query(cited, paper)]

    def name_documents(self, positions: Sequence[int]) -> dict[int, str]:
        """Return the ids of documents by position."""
        wanted = "SELECT position, id FROM documents WHERE position IN (SELECT value FROM json_each(?))"
        return dict(self._query(wanted, json.dumps(list(positions))))

    def list_passages(self, document: str) -> list[int]:
        """Return the ids of a document's passages in reading order."""
        return [row[0] for row in self._query("SELECT id FROM passages WHERE document = ? ORDER BY start", document)]

    def load_words(self, contexts: Sequence[int]) -> dict[int, bytes]:
        """Return the signs of the vectors of the words of some contexts, as `pack_words` writes them, by context."""
        return dict(
            self._query(f"SELECT id, words FROM contexts WHERE id IN ({_marks(contexts)}) ORDER BY id", *contexts)
        )

    def load_place(self, passage_id: int) -> Place:
        """Return a passage with all that stands around it."""
        return self.load_places([passage_id])[0]

    def load_places(self, passage_ids: Sequence[int]) -> tuple[Place, ...]:
        """Return different passages, in the order given, with all that stands around them."""
        sql = f"SELECT id, document, start, stop, text FROM passages WHERE id IN ({_marks(passage_ids)})"
        found = {number: Passage(*fields) for number, *fields in self._query(sql, *passage_ids)}
        return self._place([found[number] for number in passage_ids])

    def find_place(self, document: str, start: int, stop: int) -> Place:
        """Return the span `[start, stop)` of a document with all that stands around it.

        Raises:
            LocatorError: There is no such document, or the span holds no text of a paragraph.
        """
        if not 0 <= start < stop <= _OFFSET_MAX:
            raise LocatorError(format_locator(document, start, stop))
        text = self.load_text(document, start, stop)
        if len(text) != stop - start:
            raise LocatorError(format_locator(document, start, stop))
        return self._place([Passage(document, start, stop, text)])[0]

    def _place(self, passages: Sequence[Passage]) -> tuple[Place, ...]:
        paragraphs = self._list_touched(passages, "paragraphs", "number, t.start, t.stop, role, section")
        for passage, own in zip(passages, paragraphs, strict=True):
            if not own:
                raise LocatorError(format_locator(passage.document_id, passage.start, passage.end))
        sections = self._load_sections(
            [(p.document_id, own[0][4]) for p, own in zip(passages, paragraphs, strict=True)]
        )
        sentences = self._list_touched(passages, "sentences", "t.start, t.stop")
        markers = self._list_touched(passages, "markers", _MARKER)
        pages = self._list_touched(passages, "pages", "t.start, number")
        around = zip(passages, sections, paragraphs, sentences, markers, pages, strict=True)
        return tuple(
            Place(
                passage=passage,
                section=_make_section(section, [row[:4] for row in own]),
                sentences=tuple((max(low, passage.start), min(high, passage.end)) for low, high in spans),
                markers=tuple(map(_make_marker, marks)),
                pages=tuple(begins),
            )
            for passage, section, own, spans, marks, begins in around
        )

    def _list_touched(self, passages: Sequence[Passage], table: str, columns: str) -> list[list[_Row]]:
        """Return the rows of a table, which is t in the columns, that each passage touches, by where they begin."""
        ends = "" if table == "pages" else "AND t.stop > low"
        # But for markers nothing overlaps its like: the search begins with the last that begins before the passage.
        last = f"SELECT max(start) FROM {table} WHERE document = asked.document AND start <= low"
        begins = "" if table == "markers" else f"AND t.start >= coalesce(({last}), 0)"
        sql = (
            f"WITH asked(at, document, low, high) AS (VALUES {','.join(['(?,?,?,?)'] * len(passages))}) "
            f"SELECT at, {columns} FROM asked CROSS JOIN {table} AS t "
            f"ON t.document = asked.document AND t.start < high {ends} {begins} ORDER BY at, t.start"
        )
        asked = ((at, each.document_id, each.start, each.end) for at, each in enumerate(passages))
        touched: list[list[_Row]] = [[] for _ in passages]
        for at, *row in self._query(sql, *chain.from_iterable(asked)) if passages else ():
            touched[at].append(tuple(row))
        return touched

    def _load_sections(self, keys: Sequence[tuple[str, int]]) -> list[_Row]:
        """Return the rows of sections by document and position, in the order given."""
        sql = (
            f"WITH asked(at, document, position) AS (VALUES {','.join(['(?,?,?)'] * len(keys))}) "
            f"SELECT {_SECTION} FROM asked CROSS JOIN sections USING (document, position) ORDER BY at"
        )
        asked = ((at, *key) for at, key in enumerate(keys))
        return self._query(sql, *chain.from_iterable(asked)) if keys else []

    def has_pages(self, document: str) -> bool:
        """Say whether it is known where the printed pages of a document begin."""
        return bool(self._query("SELECT 1 FROM pages WHERE document = ? LIMIT 1", document))

    def load_document(self, document: str) -> Document:
        """Return a whole document.

        Raises:
            LocatorError: There is no such document.
        """
        work = self.load_work(document)
        text = self.load_text(document)
        paragraphs: dict[int, list[_Row]] = {}
        columns = "SELECT section, number, start, stop, role FROM paragraphs WHERE document = ? ORDER BY start"
        for section, *fields in self._query(columns, document):
            paragraphs.setdefault(section, []).append(tuple(fields))
        listed = f"SELECT position, {_SECTION} FROM sections WHERE document = ? ORDER BY position"
        markers = self._query(f"SELECT {_MARKER} FROM markers AS t WHERE document = ? ORDER BY position", document)
        return Document(
            work=work,
            text=text,
            sections=tuple(_make_section(row, paragraphs.get(at, [])) for at, *row in self._query(listed, document)),
            references=self.list_references(document),
            markers=tuple(_make_marker(row) for row in markers),
            pages=tuple(self._list_touched([Passage(document, 0, len(text), text)], "pages", "t.start, number")[0]),
            shown=self.load_shown(document),
        )

    def load_text(self, document: str, start: int = 0, stop: int = _OFFSET_MAX - 1) -> str:
        """Return the text of a document, or what it has of `[start, stop)`; nothing where there is no such document."""
        start = max(start, 0)
        touched = "SELECT text FROM texts WHERE document = ? AND start BETWEEN ? AND ? ORDER BY start"
        first = start - start % PIECE_CHARS
        pieces = self._query(touched, document, first, stop - 1)
        return "".join(row[0] for row in pieces)[start - first : stop - first]

    def load_shown(self, document: str) -> str:
        """Return what the web page of a document shows, one block a line; nothing for any other document."""
        rows = self._query("SELECT text FROM shown WHERE document = ?", document)
        return "".join(zlib.decompress(row[0]).decode() for row in rows)

    def load_work(self, document: str) -> Work:
        """Return what a document is.

        Raises:
            LocatorError: There is no such document.
        """
        rows = self._query("SELECT work FROM documents WHERE id = ?", document)
        if not rows:
            raise LocatorError(document)
        return _make_work(*rows[0])

    def list_works(self) -> tuple[Work, ...]:
        """Return what each document is, in the order in which they were indexed."""
        return tuple(_make_work(*row) for row in self._query("SELECT work FROM documents ORDER BY position"))

    def list_marked_papers(self) -> tuple[str, ...]:
        """Return the ids of the papers that hold a marker, in the order in which they were indexed."""
        marked = "SELECT DISTINCT document FROM markers"
        papers = f"SELECT id FROM documents WHERE json_extract(work, '$.kind') = 'paper' AND id IN ({marked})"
        return tuple(row[0] for row in self._query(f"{papers} ORDER BY position"))

    def is_marked_paper(self, document: str) -> bool:
        """Say whether a document is a paper that holds a marker."""
        is_paper = "SELECT 1 FROM documents WHERE id = ?1 AND json_extract(work, '$.kind') = 'paper'"
        return bool(self._query(f"{is_paper} AND EXISTS (SELECT 1 FROM markers WHERE document = ?1)", document))

    def list_references(self, document: str) -> tuple[Reference, ...]:
        """Return the bibliography of a document, as printed and in its order."""
        rows = self._query("SELECT entry FROM entries WHERE document = ? ORDER BY position", document)
        return tuple(_make_reference(*row) for row in rows)

    @cached_property
    def held_references(self) -> tuple[int, int]:
        """Of how many entries of bibliographies the text is held, and how many there are."""
        return self.count_references()

    def count_references(self, dropped: Sequence[int] = ()) -> tuple[int, int]:
        """Return the same, without the entries of the documents at some positions."""
        gone = json.dumps(list(dropped))  # in one value, as SQLite takes a bounded number of them
        inside = "document NOT IN (SELECT id FROM documents WHERE position IN (SELECT value FROM json_each(?)))"
        is_held = "json_extract(outcome, '$.state') IN ('indexed', 'by_hand')"
        held = self._query(f"SELECT count(*) FROM outcomes WHERE {is_held} AND {inside}", gone)
        listed = self._query(f"SELECT count(*) FROM entries WHERE {inside}", gone)
        return int(held[0][0]), int(listed[0][0])

    def load_outcomes(self, document: str) -> dict[str, Outcome]:
        """Return what became of the entries of a document's bibliography, by number, of those that were looked for."""
        rows = self._query("SELECT number, outcome FROM outcomes WHERE document = ?", document)
        return {number: make_outcome(json.loads(outcome)) for number, outcome in rows}


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


@lru_cache(maxsize=_WORKS_KEPT)
def _make_work(stored: str) -> Work:
    fields = json.loads(stored)
    return Work(**{**fields, **{name: tuple(fields[name]) for name in ("authors", "keywords", "entries")}})


def _make_reference(stored: str) -> Reference:
    fields = json.loads(stored)
    return Reference(**{**fields, "names": tuple(Name(**name) for name in fields["names"])})


def _make_marker(row: _Row) -> Marker:
    text, start, stop, points_to, *spans, number = row
    return Marker(text, start, stop, points_to, (spans[0], spans[1]), (spans[2], spans[3]), number)


def _make_section(row: Sequence[Any], paragraphs: Iterable[_Row]) -> Section:
    title, level, path, role, start, stop = row
    return Section(title, level, tuple(json.loads(path)), role, start, stop, tuple(Paragraph(*p) for p in paragraphs))
