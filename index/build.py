"""The pipeline that makes an index: read, parse, chunk, encode, write, swap."""

import errno
import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from filelock import FileLock, Timeout

from index.bundle import (
    CORPUS_FILE,
    FORMAT,
    LEXICAL_FOLDER,
    SCALES,
    VECTORS_FILE,
    Manifest,
    find_bundle,
    install_bundle,
    is_current,
    load_manifest,
    new_bundle,
    save_manifest,
    stamp_files,
)
from index.chunk import chunk, load_token_counter
from index.corpus import save_corpus
from index.embeddings import EmbeddingCache, open_embeddings
from index.encode import OnnxEncoder
from index.errors import BuildRunningError, StorageError
from index.export import export_model
from index.extract import find_sources, parse_source
from index.lexical import save_lexical
from index.model import Context, Document
from index.settings import Settings
from index.vectors import save_vectors
from index.windows import save_windows

# Raised whenever parsing, chunking or what is indexed changes, so that an index of an older build counts as outdated.
PIPELINE = 6
_UNWRITABLE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST}
)
_FULL = ("No space left", "disk is full", "disk I/O error", "write error", "Read-only file system")


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did: the manifest in force, and how many contexts it had to read; None where nothing changed."""

    manifest: Manifest
    encoded: int | None


@dataclass(frozen=True, slots=True)
class Progress:
    """Whom a long work tells how far it is: of each stage with its number of steps, and of steps done."""

    announce: Callable[[str, int], None] = lambda _stage, _total: None
    advance: Callable[[int], None] = lambda _count: None


def build_index(
    paths: Sequence[Path], settings: Settings, *, fresh: bool = False, progress: Progress | None = None
) -> Built:
    """Index the texts that `paths` name, and put the index in force at once and whole, or leave the old one.

    Args:
        paths: Text files, and folders that hold some.
        settings: Where and how to build.
        fresh: Build even if nothing has changed, and encode everything again.
        progress: Whom to tell how far it is.

    Raises:
        IbidError: A source, the model or the disk cannot be used, or another build is at work.
    """
    sources = find_sources(paths)
    contents = [(source.document_id, source.sha256) for source in sources]
    progress = progress or Progress()
    return _build_alone(contents, lambda: [parse_source(source) for source in sources], settings, progress, fresh=fresh)


def index_documents(documents: Sequence[Document], settings: Settings, progress: Progress | None = None) -> Built:
    """Index documents that are parsed already, the papers among them first; else as `build_index`.

    Raises:
        IbidError: The model or the disk cannot be used, or another build is at work.
    """
    ordered = sorted(documents, key=lambda document: document.work.kind != "paper")
    contents = [hashlib.sha256(repr(document).encode("utf-8", "surrogatepass")).hexdigest() for document in ordered]
    return _build_alone(contents, lambda: ordered, settings, progress or Progress(), fresh=False)


def _build_alone(
    contents: Sequence[object],
    parse: Callable[[], Sequence[Document]],
    settings: Settings,
    progress: Progress,
    *,
    fresh: bool,
) -> Built:
    """Build while no other process does; `contents` stands for what `parse` returns."""
    folder = settings.index_folder
    with _storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(folder / "build.lock", timeout=0):
                return _build(contents, parse, settings, progress, fresh=fresh)
        except Timeout as error:
            raise BuildRunningError(folder) from error


def _build(
    contents: Sequence[object],
    parse: Callable[[], Sequence[Document]],
    settings: Settings,
    progress: Progress,
    *,
    fresh: bool,
) -> Built:
    folder = settings.index_folder
    progress.announce("model", 0)
    model_folder = export_model(settings.model, settings.models_folder)
    identity = _identify(contents, settings, model_folder)
    if not fresh and is_current(folder, identity):
        return Built(load_manifest(find_bundle(folder)), None)
    encoder = OnnxEncoder(model_folder)
    progress.announce("read", 0)
    documents = parse()
    parsed = [(document, chunk(document, settings, load_token_counter())) for document in documents]
    contexts = [context for _, of_document in parsed for context in of_document]
    with new_bundle(folder) as part:
        with open_embeddings(folder / "embeddings.sqlite", model_folder.name) as known:
            progress.announce("encode", len(contexts))
            encoded = known.read(contexts, encoder, fresh=fresh, advance=progress.advance)
            progress.announce("write", 0)
            _save_scales(part, contexts, known, encoder.card.dimension)
            readings = (known.load(context, encoder.card.dimension) for context in contexts)
            save_windows(part / "windows", save_corpus(part / CORPUS_FILE, parsed, readings))
            known.forget_all_but(contexts)
        manifest = Manifest(
            id=identity,
            format=FORMAT,
            settings=settings.shape(),
            encoder=model_folder.name,
            model_sha256=encoder.card.weights_sha256,
            documents=len(parsed),
            **_count_units(contexts),
            papers=_count_units([c for document, of in parsed if document.work.kind == "paper" for c in of]),
            files=stamp_files(part),
        )
        save_manifest(part, manifest)
        install_bundle(folder, part, identity)
    return Built(manifest, encoded)


def _save_scales(part: Path, contexts: Sequence[Context], known: EmbeddingCache, dimension: int) -> None:
    """Write vectors and words of the three scales."""
    vectors: dict[str, list[npt.NDArray[np.float16]]] = {scale: [] for scale in SCALES}
    for context in contexts:
        own = known.load(context, dimension).vectors
        inner = 1 + len(context.passages)
        for scale, rows in (("contexts", own[:1]), ("passages", own[1:inner]), ("windows", own[inner:])):
            vectors[scale].append(rows)
    for scale, parts in vectors.items():
        save_vectors(part / scale / VECTORS_FILE, np.concatenate([np.empty((0, dimension), np.float16), *parts]))
    for scale, texts in _list_texts(contexts).items():
        save_lexical(part / scale / LEXICAL_FOLDER, texts)


def _list_texts(contexts: Sequence[Context]) -> dict[str, Iterator[str]]:
    """Return what the units of each scale are found by: title and headings, then their own text."""
    passages = [(context.lead, passage) for context in contexts for passage in context.passages]
    return {
        "contexts": (f"{context.lead}\n{context.indexed}" for context in contexts),
        "passages": (f"{lead}\n{passage.indexed}" for lead, passage in passages),
        "windows": (f"{lead}\n{window.indexed}" for lead, passage in passages for window in passage.windows),
    }


def _count_units(contexts: Sequence[Context]) -> dict[str, int]:
    passages = [passage for context in contexts for passage in context.passages]
    windows = sum(len(passage.windows) for passage in passages)
    return {"contexts": len(contexts), "passages": len(passages), "windows": windows}


def _identify(contents: Sequence[object], settings: Settings, model_folder: Path) -> str:
    """Return an id that changes with anything that the index is made from."""
    parts = [FORMAT, PIPELINE, settings.shape(), model_folder.name, contents]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]


@contextmanager
def _storage_errors(folder: Path) -> Iterator[None]:
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
