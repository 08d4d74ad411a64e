"""The pipeline that makes an index: read, parse, chunk, encode, write, swap."""

import errno
import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from index.bundle import (
    CORPUS_FILE,
    FORMAT,
    LEXICAL_FOLDER,
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
from index.embeddings import open_embeddings
from index.encode import OnnxEncoder
from index.errors import BuildRunningError, StorageError
from index.export import export_model
from index.extract import Source, find_sources, parse_source
from index.lexical import save_lexical
from index.model import Document, Passage
from index.settings import Settings
from index.vectors import save_vectors

# Raised whenever parsing, chunking or what is indexed changes, so that an index of an older build counts as outdated.
_PIPELINE = 3
_UNWRITABLE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST}
)
_FULL = ("No space left", "disk is full", "disk I/O error", "write error", "Read-only file system")


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did: the manifest in force, and how many windows it had to encode; None where nothing changed."""

    manifest: Manifest
    encoded: int | None


def build_index(
    paths: Sequence[Path],
    settings: Settings,
    *,
    fresh: bool = False,
    announce: Callable[[str, int], None] = lambda _stage, _total: None,
    advance: Callable[[int], None] = lambda _count: None,
) -> Built:
    """Index the texts that `paths` name, and put the index in force at once and whole, or leave the old one.

    Args:
        paths: Text files, and folders that hold some.
        settings: Where and how to build.
        fresh: Build even if nothing has changed, and encode everything again.
        announce: Called at each stage with its name and how many steps it has.
        advance: Called with the number of steps just done.

    Raises:
        IbidError: A source, the model or the disk cannot be used, or another build is at work.
    """
    sources = find_sources(paths)
    folder = settings.index_folder
    with _storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(folder / "build.lock", timeout=0):
                return _build(sources, settings, announce, advance, fresh=fresh)
        except Timeout as error:
            raise BuildRunningError(folder) from error


def _build(
    sources: Sequence[Source],
    settings: Settings,
    announce: Callable[[str, int], None],
    advance: Callable[[int], None],
    *,
    fresh: bool,
) -> Built:
    folder = settings.index_folder
    announce("model", 0)
    model_folder = export_model(settings.model, settings.models_folder)
    encoder = OnnxEncoder(model_folder)
    identity = _identify(sources, settings, model_folder)
    if not fresh and is_current(folder, identity):
        return Built(load_manifest(find_bundle(folder)), None)
    announce("read", 0)
    parsed = [_parse(source, settings) for source in sources]
    texts = _list_texts(parsed)
    with new_bundle(folder) as part:
        with open_embeddings(folder / "embeddings.sqlite", model_folder.name) as known:
            announce("encode", sum(map(len, texts.values())))
            vectors, encoded = known.encode([*chain(*texts.values())], encoder, fresh=fresh, advance=advance)
            announce("words", len(texts["passages"]))
            words = known.encode_words([p.text for _, passages in parsed for p in passages], encoder, advance)
            known.forget_unused()
        announce("write", 0)
        save_corpus(part / CORPUS_FILE, parsed, words)
        for scale, rows in zip(texts, np.split(vectors, [len(texts["windows"])]), strict=True):
            save_vectors(part / scale / VECTORS_FILE, rows)
            save_lexical(part / scale / LEXICAL_FOLDER, texts[scale])
        manifest = Manifest(
            id=identity,
            format=FORMAT,
            settings=settings.shape(),
            encoder=model_folder.name,
            model_sha256=encoder.card.weights_sha256,
            documents=len(parsed),
            passages=len(texts["passages"]),
            windows=len(texts["windows"]),
            papers={n: len(t) for n, t in _list_texts([p for p in parsed if p[0].work.kind == "paper"]).items()},
            files=stamp_files(part),
        )
        save_manifest(part, manifest)
        install_bundle(folder, part, identity)
    return Built(manifest, encoded)


def _list_texts(parsed: Sequence[tuple[Document, list[Passage]]]) -> dict[str, list[str]]:
    """Return what is indexed at each scale, in reading order."""
    passages = [passage for _, of_document in parsed for passage in of_document]
    return {
        "windows": [window.indexed for passage in passages for window in passage.windows],
        "passages": [passage.indexed for passage in passages],
    }


def _parse(source: Source, settings: Settings) -> tuple[Document, list[Passage]]:
    document = parse_source(source)
    passages = chunk(
        document,
        window_tokens=settings.window_tokens,
        passage_tokens=settings.passage_tokens,
        count_tokens=load_token_counter(),
    )
    return document, passages


def _identify(sources: Sequence[Source], settings: Settings, model_folder: Path) -> str:
    """Return an id that changes with anything that the index is made from."""
    parts = [FORMAT, _PIPELINE, settings.shape(), model_folder.name, [(s.document_id, s.sha256) for s in sources]]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]


@contextmanager
def _storage_errors(folder: Path) -> Iterator[None]:
    """Turn the ways in which the libraries report a full or read-only disk into one error."""
    try:
        yield
    except OSError as error:
        if error.errno not in (
            errno.ENOSPC,
            errno.EDQUOT,
            errno.EROFS,
            errno.EACCES,
            errno.EPERM,
            errno.ENOTDIR,
            errno.EEXIST,
        ):
            raise
        raise StorageError(Path(error.filename or folder), str(error.strerror)) from error
    except (sqlite3.OperationalError, ValueError, RuntimeError) as error:
        reason = next((words for words in _FULL if words.casefold() in str(error).casefold()), None)
        if reason is None:
            raise
        raise StorageError(folder, reason.lower()) from error
