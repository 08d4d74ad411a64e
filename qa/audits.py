"""The audits of an index's papers: made once, kept beside the index, and read from there.

An audit that is not there, or was made by another version, is made anew; where the folder cannot be written it is made
for each process.
"""

import functools
import hashlib
import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from index.bundle import Index
from index.errors import StorageError
from index.settings import Settings
from index.storage import write_whole
from qa.verdicts import Audit, AuditedMarker, UncitedSentence

AUDIT_FILE = "audit.json"
MODEL_FILE = "evidence.json"
# Raised whenever an audit comes out otherwise.
_VERSION = 3
_KEPT = 8  # indexes whose audits a server keeps in memory
_MAKING = threading.Lock()

logger = logging.getLogger(__name__)


def load_audits(index: Index, settings: Settings) -> Mapping[str, Audit]:
    """Return the audit of each paper that has markers, by the paper's id; the first time of an index, they are made."""
    file, stamp = index.folder / AUDIT_FILE, _stamp(index, settings)
    known = _remember(file, stamp)
    if not known:
        with _MAKING:  # of questions that come at once, the first one makes them
            if not known:
                known.append(_read(file, stamp) or _make(index, settings, stamp))
    return known[0]


@functools.lru_cache(maxsize=_KEPT)
def _remember(_file: Path, _stamp: str) -> list[Mapping[str, Audit]]:
    """Return the place in memory for the audits in a file."""
    return []


def _stamp(index: Index, settings: Settings) -> str:
    """Return what changes with all that an audit follows from."""
    parts = [_VERSION, index.manifest.id, settings.dense_weight, settings.candidates, _hash_model()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@functools.cache
def _hash_model() -> str:
    return hashlib.sha256((Path(__file__).parent / MODEL_FILE).read_bytes()).hexdigest()


def _read(file: Path, stamp: str) -> Mapping[str, Audit] | None:
    """Return the audits in a file, if they are whole and were made from what `stamp` stands for."""
    try:
        stored = json.loads(file.read_text(encoding="utf-8", errors="surrogateescape"))
        if stored["stamp"] != stamp or stored["sha256"] != hash_audits(stored["audits"]):
            return None
        return {name: _parse(audit) for name, audit in stored["audits"].items()}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        logger.warning("%s cannot be read and is made anew: %s", file, error)
        return None


def hash_audits(audits: object) -> str:
    """Return what changes with any word of audits, as they are written."""
    return hashlib.sha256(json.dumps(audits, sort_keys=True).encode()).hexdigest()


def _parse(fields: Mapping[str, Any]) -> Audit:
    markers = tuple(AuditedMarker(**{**marker, "words": tuple(marker["words"])}) for marker in fields["markers"])
    uncited = tuple(UncitedSentence(**{**each, "words": tuple(each["words"])}) for each in fields["uncited"])
    return Audit(fields["document"], markers, fields["pattern"], uncited)


def _make(index: Index, settings: Settings, stamp: str) -> Mapping[str, Audit]:
    # Imported where it is needed: whoever reads an audit does without it.
    from qa.audit import audit_paper

    papers = map(index.corpus.load_document, index.corpus.list_marked_papers())
    audits = {paper.work.id: audit_paper(index, paper, settings) for paper in papers}
    kept = json.loads(json.dumps({name: asdict(audit) for name, audit in audits.items()}))
    try:
        write_whole(
            index.folder / AUDIT_FILE,
            json.dumps({"stamp": stamp, "sha256": hash_audits(kept), "audits": kept}).encode(),
        )
    except (OSError, StorageError) as error:
        logger.info("audits of %s are not kept: %s", index.folder, error)
    return audits


def join_audits(audits: Mapping[str, Audit]) -> Audit:
    """Return the audits of papers that are asked together as one, of the first one's name."""
    each = list(audits.values())
    return Audit(
        document=each[0].document if each else "",
        markers=tuple(marker for audit in each for marker in audit.markers),
        pattern=" ".join(audit.pattern for audit in each if audit.pattern),
        uncited=tuple(sentence for audit in each for sentence in audit.uncited),
    )
