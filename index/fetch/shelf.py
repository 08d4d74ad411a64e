"""The shelf: what became of each work that a paper cites, and the bytes of those that came.

SHELF/FINGERPRINT.json    the outcome of an entry, and what registries added to it, found by the words of the entry
     /texts/SHA256        the bytes of a text, once for all entries that it belongs to

A file is written beside its place, flushed and renamed, the bytes before the record that names them: whatever stops
the program, each record is whole and the text that it names is there. Only one process may write at a time.
"""

import hashlib
import json
import logging
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, get_args

from index.errors import SourceError, StorageError
from index.model import FetchRoute, FetchState, Name, Outcome, Reference, make_outcome
from index.storage import PART_PREFIX, write_whole

_TEXTS_FOLDER = "texts"
_FINGERPRINT_CHARS = 32
_ENTRY_CHARS = 300  # of an entry, kept in its record for people who look into the folder
_PRINTED_NUMBER = re.compile(r"\s{0,20}(?:\[[^\]\s]{1,40}\]|\(?\d{1,4}[.)])\s{0,20}")
_ADDED_FIELDS = frozenset("authors names year issued title container publisher volume issue pages doi arxiv".split())

logger = logging.getLogger(__name__)


def open_shelf(folder: Path) -> "Shelf":
    """Open the shelf in `folder`, which need not be there yet."""
    return Shelf(folder)


class Shelf:
    """A shelf; its methods may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._is_swept = False

    def load(self, references: Iterable[Reference]) -> dict[str, Outcome]:
        """Return what became of these entries, by their numbers; those never asked for are left out.

        An outcome belongs to the words of an entry, not to its number: in a bibliography that was changed no entry
        takes another's text, and one that only moved keeps its own.
        """
        found = ((each.number, self._load_record(fingerprint(each))) for each in references)
        return {number: self._check_text(outcome) for number, outcome in found if outcome}

    def complete(self, references: Iterable[Reference]) -> tuple[Reference, ...]:
        """Return the entries with the fields that were saved as completed and that they do not print."""
        return tuple(self._complete(each) for each in references)

    def has_text(self, sha256: str) -> bool:
        """Say whether the bytes of a text are here."""
        return self._find_text(sha256).is_file()

    def read_content(self, sha256: str) -> bytes:
        """Return the bytes of a text.

        Raises:
            SourceError: They are gone, or no longer those that came.
        """
        path = self._find_text(sha256)
        again = "fetch it again with `ibid fetch --refresh`"
        try:
            content = path.read_bytes()
        except OSError as error:
            raise SourceError(f"the text {path} cannot be read", again) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise SourceError(f"the text {path} was changed", again)
        return content

    def save(self, reference: Reference, outcome: Outcome, content: bytes | None = None) -> None:
        """Keep what became of an entry.

        Args:
            reference: The entry; what `completed` names of it is kept as well, in place of what was.
            outcome: What became of it.
            content: The text that the outcome's provenance speaks of; None where it is on the shelf already.

        Raises:
            StorageError: The disk is full or read-only.
        """
        name = fingerprint(reference)
        record = {"number": reference.number, "entry": reference.raw[:_ENTRY_CHARS], "outcome": asdict(outcome)}
        with self._writing():
            if content is not None and outcome.provenance:
                self._save_text(outcome.provenance.sha256, content)
            before = self._load_record(name)
            record["added"] = _list_added(reference) or self._load_fields(name).get("added", {})
            write_whole(self._find_record(name), json.dumps(record, indent=1).encode())
            self._sweep(anew=_sha256_of(before) != _sha256_of(outcome))

    def forget(self, references: Iterable[Reference]) -> None:
        """Remove what is kept of these entries.

        Raises:
            StorageError: The disk is read-only.
        """
        with self._writing():
            for reference in references:
                self._find_record(fingerprint(reference)).unlink(missing_ok=True)
            self._sweep(anew=True)

    def retain(self, references: Iterable[Reference]) -> None:
        """Remove what is kept of any but these entries, which left the bibliography.

        Raises:
            StorageError: The disk is read-only.
        """
        kept = {f"{fingerprint(each)}.json" for each in references}
        with self._writing():
            stale = [file for file in self.folder.glob("*.json") if file.name not in kept]
            for file in stale:
                file.unlink(missing_ok=True)
            self._sweep(anew=bool(stale))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock:
            try:
                (self.folder / _TEXTS_FOLDER).mkdir(parents=True, exist_ok=True)
                yield
            except OSError as error:
                raise StorageError(self.folder, error.strerror or str(error)) from error

    def _save_text(self, sha256: str, content: bytes) -> None:
        path = self._find_text(sha256)
        is_there = path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256
        if not is_there:
            write_whole(path, content)

    def _sweep(self, *, anew: bool) -> None:
        """Remove what an earlier process left half-written, and the texts that no record names."""
        if self._is_swept and not anew:
            return
        named = {_sha256_of(self._load_record(file.stem)) for file in self.folder.glob("*.json")}
        texts = [file for file in (self.folder / _TEXTS_FOLDER).iterdir() if file.name not in named]
        for file in [*texts, *self.folder.glob(f"{PART_PREFIX}*")]:
            file.unlink(missing_ok=True)
        self._is_swept = True

    def _find_record(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def _find_text(self, sha256: str) -> Path:
        return self.folder / _TEXTS_FOLDER / sha256

    def _load_fields(self, name: str) -> dict[str, Any]:
        """Return what a record holds; nothing where there is none, or none that is whole."""
        path = self._find_record(name)
        try:
            fields = json.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except (OSError, ValueError, RecursionError) as error:
            logger.warning("%s is no record of an entry: %s", path, error)
            return {}
        return fields if isinstance(fields, dict) else {}

    def _load_record(self, name: str) -> Outcome | None:
        fields = self._load_fields(name)
        try:
            return _read_outcome(fields["outcome"]) if fields else None
        except (ValueError, KeyError, TypeError) as error:
            logger.warning("%s, which counts as never fetched, is damaged: %r", self._find_record(name), error)
            return None

    def _complete(self, reference: Reference) -> Reference:
        added = self._load_fields(fingerprint(reference)).get("added")
        try:
            return _restore(reference, added) if added else reference
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            logger.warning("%s is damaged: %r", self._find_record(fingerprint(reference)), error)
            return reference

    def _check_text(self, outcome: Outcome) -> Outcome:
        """Return an outcome as not fetched where its text is not there any more."""
        text = outcome.provenance
        try:
            is_whole = not text or self._find_text(text.sha256).stat().st_size == text.size_bytes
        except OSError:
            is_whole = False
        missing = Outcome("not_fetched", "its text is missing from the shelf", "fetch it again with `ibid fetch`")
        return outcome if is_whole else missing


def fingerprint(reference: Reference) -> str:
    """Return what tells an entry from others: a hash of its letters and digits, without its number."""
    number = _PRINTED_NUMBER.match(reference.raw)
    body = reference.raw[number.end() :] if number else reference.raw
    letters = "".join(filter(str.isalnum, body)) or reference.raw
    return hashlib.sha256(letters.encode("utf-8", "surrogatepass")).hexdigest()[:_FINGERPRINT_CHARS]


def _sha256_of(outcome: Outcome | None) -> str | None:
    return outcome.provenance.sha256 if outcome and outcome.provenance else None


def _read_outcome(fields: dict[str, Any]) -> Outcome:
    """Return an outcome as it was saved; ValueError, KeyError or TypeError where it is none."""
    text = fields["provenance"]
    outcome = make_outcome(fields)
    is_known = outcome.state in get_args(FetchState) and (not text or text["route"] in get_args(FetchRoute))
    if not is_known or (text and not re.fullmatch(r"[0-9a-f]{64}", text["sha256"])):
        raise ValueError("it holds a word that is not known")
    return outcome


def _list_added(reference: Reference) -> dict[str, Any]:
    """Return the fields of an entry that were completed, as JSON has them, each with its source and confidence."""
    told = {
        name: {"source": source, "confidence": reference.confidence.get(name, 0.0), "value": getattr(reference, name)}
        for name, source in reference.completed.items()
    }
    if "names" in told:
        told["names"]["value"] = [asdict(name) for name in reference.names]
    return told


def _restore(reference: Reference, added: Mapping[str, Any]) -> Reference:
    """Return an entry with what `_list_added` gave; ValueError and the like where that is something else."""
    told = {name: each for name, each in added.items() if not getattr(reference, name)}
    values = {name: each["value"] for name, each in told.items()}
    if "names" in values:
        values["names"] = tuple(Name(**each) for each in values["names"])
    kinds = {"year": int, "names": tuple}
    if any(name not in _ADDED_FIELDS or not isinstance(values[name], kinds.get(name, str)) for name in values):
        raise ValueError("it adds what is no field of an entry")
    return replace(
        reference,
        **values,
        completed={**reference.completed, **{name: str(each["source"]) for name, each in told.items()}},
        confidence={**reference.confidence, **{name: float(each["confidence"]) for name, each in told.items()}},
    )
