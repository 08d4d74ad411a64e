"""Find the papers to index: files, each read once and known again, and what else has bytes."""

import functools
import hashlib
import os
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path

from index.accessions import Note, find_note, note_file
from index.errors import SourceError
from index.extract import MARKDOWN, SOURCE_MAX_BYTES, check_content, read_content, read_file, slugify, unreadable
from index.model import Document, Provenance
from index.paper import make_document

SUFFIXES = frozenset({".txt", ".text", ".md", ".markdown", ".pdf", ".html", ".htm", ".xhtml"})


@dataclass(frozen=True, slots=True)
class Source:
    """A file to index; `sha256` is that of its bytes.

    Attributes:
        origin: Where it was read: a path, or the URL that answered.
        document_id: The id of its document.
        sha256: Of the bytes.
        load: Gives the bytes; those of a file that is known from an earlier build are not read before they are needed.
        label: The content type that a server gave them; empty for a file.
        provenance: How they were fetched; None for a file.
        note: Of the file, by which it is known again; None for what is no file.
    """

    origin: str
    document_id: str
    sha256: str
    load: Callable[[], bytes]
    label: str = ""
    provenance: Provenance | None = None
    note: Note | None = None


def find_sources(paths: Iterable[Path], known: Mapping[str, Note] | None = None) -> tuple[Source, ...]:
    """Find the files that `paths` name; a folder stands for the texts directly in it, in order of name.

    Args:
        paths: Files and folders.
        known: Notes on files that were read before, by path; one that agrees is not read again.

    Raises:
        SourceError: A path is missing, unreadable, empty, too large or no PDF, HTML or text, or there is none at all.
    """
    files = dict.fromkeys(file for path in paths for file in _list_files(path))
    taken: set[str] = set()
    sources: list[Source] = []
    for file in files:
        source = _find_source(file, known or {}, taken)
        taken.add(source.document_id)
        sources.append(source)
    return tuple(sources)


def _find_source(file: str, known: Mapping[str, Note], taken: Container[str]) -> Source:
    stem, suffix = _split_name(file.rpartition(os.sep)[2])
    label = MARKDOWN if suffix in (".md", ".markdown") else ""
    try:
        found = os.stat(file)  # noqa: PTH116 - of thousands
    except OSError as error:
        raise unreadable(file, error) from error
    note = find_note(known, file, found)
    if note:
        load = functools.partial(_read_again, file, note.sha256)
        return Source(file, _choose_id(stem, note.sha256, taken), note.sha256, load, label, note=note)
    source = make_source(read_file(Path(file)), file, name=stem, taken=taken, label=label)
    return replace(source, note=note_file(found, source.sha256))


def _read_again(file: str, sha256: str) -> bytes:
    """Return the bytes of a file that is known from an earlier build.

    Raises:
        SourceError: They are gone, or others.
    """
    content = read_file(Path(file))
    if hashlib.sha256(content).hexdigest() != sha256:
        raise SourceError(f"{file} was changed while it was read", "run `ibid build` again")
    return content


def make_source(content: bytes, origin: str, *, name: str, taken: Container[str] = (), label: str = "") -> Source:
    """Return bytes as a source whose document's id follows from `name` and is none of `taken`.

    Raises:
        SourceError: They are empty, too large or no text, HTML or PDF.
    """
    if len(content) > SOURCE_MAX_BYTES:
        raise SourceError(f"{origin} is larger than {SOURCE_MAX_BYTES // 1_000_000} MB", "split it into several files")
    check_content(content, origin, label)
    digest = hashlib.sha256(content).hexdigest()
    return Source(origin, _choose_id(name, digest, taken), digest, lambda: content, label)


def _choose_id(name: str, sha256: str, taken: Container[str]) -> str:
    slug = slugify(name)
    if slug not in taken:
        return slug
    candidates = chain([f"{slug}-{sha256[:8]}"], (f"{slug}-{sha256[:8]}-{number}" for number in count(2)))
    return next(each for each in candidates if each not in taken)


def parse_source(source: Source) -> Document:
    """Parse one source as a paper.

    Raises:
        SourceError: No text can be had from it.
    """
    reading = read_content(source.load(), source.origin, source.label)
    return make_document(reading, document_id=source.document_id)


def _list_files(path: Path) -> Sequence[str]:
    """Return the whole paths of the files that a path stands for."""
    if path.is_dir():
        folder = str(path.resolve())
        with os.scandir(folder) as entries:
            found = [(entry.name, entry.is_symlink()) for entry in entries if _is_paper(entry)]
        if not found:
            raise SourceError(f"the folder {path} holds no paper", "put a PDF, HTML, .txt or .md file into it")
        files = ((os.path.join(folder, name), is_link) for name, is_link in sorted(found))  # noqa: PTH118
        return [os.path.realpath(file) if is_link else file for file, is_link in files]
    if not path.exists():
        raise SourceError(f"there is no file or folder {path}", "name one that exists: ibid build PATH")
    if not path.is_file():
        raise SourceError(f"{path} is no regular file", "name a file: ibid build PATH")
    return [str(path.resolve())]


def _is_paper(entry: "os.DirEntry[str]") -> bool:
    """Say whether a file in a folder may be a paper: neither hidden nor a note on the folder."""
    stem, suffix = _split_name(entry.name)
    return suffix in SUFFIXES and entry.is_file() and stem.casefold() != "readme" and not stem.startswith(".")


def _split_name(name: str) -> tuple[str, str]:
    """Return a file's name without its suffix, and the suffix in small letters."""
    stem, _, suffix = name.rpartition(".")
    return (stem, f".{suffix.lower()}") if stem else (name, "")
