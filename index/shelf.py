"""The shelf: what became of each work that a paper cites, and the bytes of those that came.

SHELF/FINGERPRINT.json    the outcome of an entry, found by the words of the entry
     /texts/SHA256        the bytes of a text, once for all entries that it belongs to

A file is written beside its place, flushed and renamed, the bytes before the record that names them: whatever stops
the program, each record is whole and the text that it names is there. Only one process may write at a time.
"""

import hashlib
import json
import logging
import os
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args
from urllib.parse import unquote

from index.errors import SourceError, StorageError
from index.model import Attempt, FetchRoute, FetchState, Outcome, Provenance, Reference

_TEXTS_FOLDER = "texts"
_PART_PREFIX = ".part-"
_FINGERPRINT_CHARS = 32
_ENTRY_CHARS = 300  # of an entry, kept in its record for people who look into the folder
_PRINTED_NUMBER = re.compile(r"\s{0,20}(?:\[[^\]\s]{1,40}\]|\(?\d{1,4}[.)])\s{0,20}")
# The kinds of files that are taken by hand. Where an entry has two, the one before: a PDF knows its pages.
_SUFFIXES = (".pdf", ".html", ".htm", ".xhtml", ".md", ".markdown", ".txt", ".text")
_VERSION = re.compile(r"v\d{1,3}$")

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
            reference: The entry.
            outcome: What became of it.
            content: The text that the outcome's provenance speaks of; None where it is on the shelf already.

        Raises:
            StorageError: The disk is full or read-only.
        """
        record = {"number": reference.number, "entry": reference.raw[:_ENTRY_CHARS], "outcome": asdict(outcome)}
        with self._writing():
            if content is not None and outcome.provenance:
                self._save_text(outcome.provenance.sha256, content)
            before = self._load_record(fingerprint(reference))
            self._write(self._find_record(fingerprint(reference)), json.dumps(record, indent=1).encode())
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
            self._write(path, content)

    def _write(self, path: Path, content: bytes) -> None:
        """Write a file whole or not at all."""
        part = path.with_name(f"{_PART_PREFIX}{path.name}")
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

    def _sweep(self, *, anew: bool) -> None:
        """Remove what an earlier process left half-written, and the texts that no record names."""
        if self._is_swept and not anew:
            return
        named = {_sha256_of(self._load_record(file.stem)) for file in self.folder.glob("*.json")}
        texts = [file for file in (self.folder / _TEXTS_FOLDER).iterdir() if file.name not in named]
        for file in [*texts, *self.folder.glob(f"{_PART_PREFIX}*")]:
            file.unlink(missing_ok=True)
        self._is_swept = True

    def _find_record(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def _find_text(self, sha256: str) -> Path:
        return self.folder / _TEXTS_FOLDER / sha256

    def _load_record(self, name: str) -> Outcome | None:
        path = self._find_record(name)
        try:
            return _read_outcome(json.loads(path.read_text(encoding="utf-8"))["outcome"])
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            logger.warning("%s is no record of an entry, which counts as never fetched: %s", path, error)
            return None

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
    outcome = Outcome(
        state=fields["state"],
        reason=fields["reason"],
        hint=fields["hint"],
        provenance=Provenance(**text) if text else None,
        attempts=tuple(Attempt(**each) for each in fields["attempts"]),
    )
    is_known = outcome.state in get_args(FetchState) and (not text or text["route"] in get_args(FetchRoute))
    if not is_known or (text and not re.fullmatch(r"[0-9a-f]{64}", text["sha256"])):
        raise ValueError("it holds a word that is not known")
    return outcome


def find_by_hand(folder: Path, references: Sequence[Reference]) -> tuple[dict[str, Path], tuple[Path, ...]]:
    """Find the texts of works that were put into a folder by hand.

    A file is named by the number of an entry (`8.html`, `8.pdf`), by its DOI (`doi-10.1000_xyz.pdf`) or by its arXiv
    id (`arxiv-2411.09134.pdf`, or as arXiv itself names it, `2411.09134v2.pdf`). Folders inside are not looked at:
    browsers put pictures there.

    Returns:
        The file of each entry that has one, by its number, and the files that are of no use: they name no entry, are of
        no kind that can be read, or name an entry that has a better one.
    """
    files = sorted(file for file in folder.iterdir() if _is_candidate(file)) if folder.is_dir() else []
    names = {name: number for reference in reversed(references) for name, number in _iter_names(reference)}
    names |= {name_by_hand(reference.number): reference.number for reference in reversed(references)}
    found: dict[str, Path] = {}
    for file in sorted(files, key=_rank_suffix):
        name = _normalise(file.stem)
        number = names.get(name, names.get(_VERSION.sub("", name)))
        if number is not None and file.suffix.lower() in _SUFFIXES:
            found.setdefault(number, file)
    return found, tuple(file for file in files if file not in found.values())


def name_by_hand(number: str) -> str:
    """Return the name, without a suffix, of the file that holds the text of entry `number`."""
    return _normalise(number)


def _is_candidate(file: Path) -> bool:
    return file.is_file() and not file.name.startswith(".") and file.stem.casefold() != "readme"


def _rank_suffix(file: Path) -> int:
    suffix = file.suffix.lower()
    return _SUFFIXES.index(suffix) if suffix in _SUFFIXES else len(_SUFFIXES)


def _iter_names(reference: Reference) -> Iterator[tuple[str, str]]:
    """Yield the names, made alike, that a file with an entry's text may have but for its number."""
    if reference.doi:
        slug = _normalise(reference.doi)
        yield from ((f"doi-{slug}", reference.number), (slug, reference.number))
    if reference.arxiv:
        slug = _normalise(reference.arxiv)
        yield from ((f"arxiv-{slug}", reference.number), (slug, reference.number))


def _normalise(name: str) -> str:
    """Return a name in small letters and digits with hyphens between; a number without leading zeros."""
    slug = re.sub(r"[\W_]+", "-", unquote(name).casefold()).strip("-")
    return (slug.lstrip("0") or "0") if slug.isdecimal() else slug
