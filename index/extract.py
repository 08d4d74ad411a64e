"""Bytes to document: find the files to index, refuse what is not text, and parse the rest."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from index.errors import SourceError
from index.model import Document
from index.paper import parse_paper

TEXT_SUFFIXES = frozenset({".txt", ".text", ".md", ".markdown"})
SOURCE_MAX_BYTES = 50_000_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Source:
    """A file to index: its bytes are read once, and `sha256` is theirs."""

    path: Path
    document_id: str
    sha256: str
    text: str


def find_sources(paths: Iterable[Path]) -> tuple[Source, ...]:
    """Read the files that `paths` name; a folder stands for the text files directly in it, in order of name.

    Raises:
        SourceError: A path is missing, unreadable, empty, too large or not UTF-8 text, or there is no file at all.
    """
    files = [file for path in paths for file in _list_files(path)]
    sources: list[Source] = []
    for file in dict.fromkeys(file.resolve() for file in files):
        sources.append(_read_source(file, taken={source.document_id for source in sources}))
    return tuple(sources)


def parse_source(source: Source) -> Document:
    """Parse one file."""
    return parse_paper(source.text, document_id=source.document_id)


def _list_files(path: Path) -> Sequence[Path]:
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix.lower() in TEXT_SUFFIXES and file.is_file())
        if not files:
            raise SourceError(f"the folder {path} holds no paper", "put a .txt or .md file into it, or name a file")
        return files
    if not path.exists():
        raise SourceError(f"there is no file or folder {path}", "name one that exists: ibid build PATH")
    if not path.is_file():
        raise SourceError(f"{path} is no regular file", "name a text file: ibid build PATH")
    return [path]


def _read_source(path: Path, taken: set[str]) -> Source:
    try:
        with path.open("rb") as file:
            content = file.read(SOURCE_MAX_BYTES + 1)
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}", "check the file's permissions") from error
    if len(content) > SOURCE_MAX_BYTES:
        raise SourceError(f"{path} is larger than {SOURCE_MAX_BYTES // 1_000_000} MB", "split it into several files")
    digest = hashlib.sha256(content).hexdigest()
    name = _slugify(path.stem)
    candidates = chain([name, f"{name}-{digest[:8]}"], (f"{name}-{digest[:8]}-{number}" for number in count(2)))
    document_id = next(candidate for candidate in candidates if candidate not in taken)
    return Source(path, document_id, digest, _decode(path, content))


def _decode(path: Path, content: bytes) -> str:
    convert = "convert it to plain text in UTF-8 first"
    if b"%PDF-" in content[:1024]:
        raise SourceError(f"{path} is a PDF, which cannot be read yet", convert)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} is not UTF-8 text (byte {error.start})", convert) from error
    if _CONTROL.search(text):
        raise SourceError(f"{path} is a binary file, not text", convert)
    if re.match(r"\s*(?:<!doctype html|<html|<\?xml)", text, re.IGNORECASE):
        raise SourceError(f"{path} is HTML, which cannot be read yet", convert)
    if not text.strip():
        raise SourceError(f"{path} is empty", "put the paper's text into it, or name another file")
    return text


def _slugify(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:80] or "document"
