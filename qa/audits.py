"""The audits of papers: each made once, kept in the paper's folder, and read from there as long as it holds.

An audit follows from the paper, the texts of the works that it cites, and how these are searched; whatever else the
index holds changes only how rare a word is in all of it, and is left out of account. One that is not there, does not
follow from these, or was made by another version, is made anew; where the folder cannot be written it is made for each
process.
"""

import functools
import hashlib
import json
import logging
import sqlite3
import threading
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from index.bundle import Index
from index.settings import Settings
from qa.verdicts import Audit, AuditedMarker, UncitedSentence

AUDITS_FILE = "audits.sqlite"
MODEL_FILE = "evidence.json"
# Raised whenever an audit comes out otherwise.
_VERSION = 3
_KEPT = 256  # audits that a server keeps in memory
_TIMEOUT_S = 1  # for another process that writes
_MAKING = threading.Lock()
_SCHEMA = "CREATE TABLE IF NOT EXISTS audits (document TEXT PRIMARY KEY, stamp TEXT, sha256 TEXT, audit TEXT)"

logger = logging.getLogger(__name__)


def load_audits(index: Index, settings: Settings) -> Mapping[str, Audit]:
    """Return the audit of each paper that has markers, by the paper's id; those that are not kept are made."""
    marked = index.corpus.list_marked_papers()
    audits = {document: _load(index, document, settings) for document in marked}
    _forget_all_but(_find_file(index), marked)
    return audits


def load_audit(index: Index, document: str, settings: Settings) -> Audit | None:
    """Return the audit of one document; None unless it is a paper that has markers."""
    return _load(index, document, settings) if index.corpus.is_marked_paper(document) else None


def _load(index: Index, document: str, settings: Settings) -> Audit:
    file, stamp = _find_file(index), _stamp(index, document, settings)
    known = _remember(file, document, stamp)
    if not known:
        with _MAKING:  # of questions that come at once, the first one makes it
            if not known:
                known.append(_read(file, document, stamp) or _make(index, document, settings, stamp))
    return known[0]


def _find_file(index: Index) -> Path:
    return index.folder.parent / AUDITS_FILE


@functools.lru_cache(maxsize=_KEPT)
def _remember(_file: Path, _document: str, _stamp: str) -> list[Audit]:
    """Return the place in memory for an audit."""
    return []


def _stamp(index: Index, document: str, settings: Settings) -> str:
    """Return what changes with all that an audit follows from."""
    works = [work.id for _, work in index.corpus.list_cited(document)]
    texts = [index.corpus.find_digest(name) for name in (document, *works)]
    parts = [_VERSION, index.manifest.encoder, texts, settings.dense_weight, settings.candidates, _hash_model()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@functools.cache
def _hash_model() -> str:
    return hashlib.sha256((Path(__file__).parent / MODEL_FILE).read_bytes()).hexdigest()


def _read(file: Path, document: str, stamp: str) -> Audit | None:
    """Return the audit of a document in a file, if it is whole and was made from what `stamp` stands for."""
    if not file.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=_TIMEOUT_S)) as db:
            sql = "SELECT stamp, sha256, audit FROM audits WHERE document = ?"
            row = db.execute(sql, (document,)).fetchone()
        return _parse(json.loads(row[2])) if row and row[0] == stamp and row[1] == hash_audit(row[2]) else None
    except (sqlite3.Error, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        logger.warning("%s cannot be read, and the audit of %s is made anew: %s", file, document, error)
        return None


def hash_audit(written: str) -> str:
    """Return what changes with any word of an audit, as it is written."""
    return hashlib.sha256(written.encode()).hexdigest()


def _parse(fields: Mapping[str, Any]) -> Audit:
    markers = tuple(AuditedMarker(**{**marker, "words": tuple(marker["words"])}) for marker in fields["markers"])
    uncited = tuple(UncitedSentence(**{**each, "words": tuple(each["words"])}) for each in fields["uncited"])
    return Audit(fields["document"], markers, fields["pattern"], uncited)


def _make(index: Index, document: str, settings: Settings, stamp: str) -> Audit:
    # Imported where it is needed: whoever reads an audit does without it.
    from qa.audit import audit_paper

    audit = audit_paper(index, index.corpus.load_document(document), settings)
    written = json.dumps(asdict(audit))
    row = (document, stamp, hash_audit(written), written)
    try:
        _write(_find_file(index), "INSERT OR REPLACE INTO audits VALUES (?, ?, ?, ?)", row)
    except (OSError, sqlite3.Error) as error:
        logger.info("the audit of %s is not kept: %s", document, error)
    return audit


def _write(file: Path, sql: str, values: tuple[str, ...]) -> None:
    """Change the file; one that is damaged is begun anew, since it can be made again."""
    for is_last in (False, True):
        try:
            with closing(sqlite3.connect(file, timeout=_TIMEOUT_S)) as db, db:
                db.execute(_SCHEMA)
                db.execute(sql, values)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            if is_last:
                raise
            file.unlink(missing_ok=True)
        else:
            return


def _forget_all_but(file: Path, documents: Collection[str]) -> None:
    """Drop the audits of papers that are gone."""
    if not file.exists():
        return
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=_TIMEOUT_S)) as db:
            kept = {row[0] for row in db.execute("SELECT document FROM audits")}
        for document in kept.difference(documents):
            _write(file, "DELETE FROM audits WHERE document = ?", (document,))
    except (OSError, sqlite3.Error) as error:
        logger.info("%s keeps the audits of papers that are gone: %s", file, error)


def join_audits(audits: Mapping[str, Audit]) -> Audit:
    """Return the audits of papers that are asked together as one, of the first one's name."""
    each = list(audits.values())
    return Audit(
        document=each[0].document if each else "",
        markers=tuple(marker for audit in each for marker in audit.markers),
        pattern=" ".join(audit.pattern for audit in each if audit.pattern),
        uncited=tuple(sentence for audit in each for sentence in audit.uncited),
    )
