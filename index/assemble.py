"""Assemble a bundle: chunk documents, encode what is new, write all of it, and put it in force at once and whole."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

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
from index.export import export_model
from index.holdings import Holdings
from index.lexical import save_lexical
from index.model import Context
from index.settings import Settings
from index.vectors import save_vectors
from index.windows import save_windows

# Raised whenever parsing, chunking or what is indexed changes, so that an index of an older build counts as outdated.
PIPELINE = 6


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did.

    Attributes:
        folder: The paper's folder.
        manifest: Of the bundle in force.
        encoded: How many contexts had to be read; None where nothing has changed.
    """

    folder: Path
    manifest: Manifest
    encoded: int | None


@dataclass(frozen=True, slots=True)
class Progress:
    """Whom a long work tells how far it is: of each stage with its number of steps, and of steps done."""

    announce: Callable[[str, int], None] = lambda _stage, _total: None
    advance: Callable[[int], None] = lambda _count: None


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to build: `fresh` builds even if nothing has changed, and encodes everything again."""

    settings: Settings
    progress: Progress = Progress()
    fresh: bool = False


def assemble_bundle(folder: Path, contents: object, read: Callable[[], Holdings], recipe: Recipe) -> Built:
    """Assemble a bundle in a paper's folder, unless it is there.

    Args:
        folder: The paper's folder, which is held against other builds.
        contents: What stands for all that `read` returns, and changes with it.
        read: Gives the documents; called only when they are needed.
        recipe: How to build.

    Raises:
        IbidError: A source, the model or the disk cannot be used.
    """
    settings, progress = recipe.settings, recipe.progress
    progress.announce("model", 0)
    model_folder = export_model(settings.model, settings.models_folder)
    identity = _identify(contents, settings, model_folder)
    if not recipe.fresh and is_current(folder, identity):
        return Built(folder, load_manifest(find_bundle(folder)), None)
    encoder = OnnxEncoder(model_folder)
    progress.announce("read", 0)
    holdings = read()
    parsed = [(document, chunk(document, settings, load_token_counter())) for document in holdings.documents]
    contexts = [context for _, of_document in parsed for context in of_document]
    with new_bundle(folder) as part:
        with open_embeddings(folder / "embeddings.sqlite", model_folder.name) as known:
            progress.announce("encode", len(contexts))
            encoded = known.read(contexts, encoder, fresh=recipe.fresh, advance=progress.advance)
            progress.announce("write", 0)
            _save_scales(part, contexts, known, encoder.card.dimension)
            readings = (known.load(context, encoder.card.dimension) for context in contexts)
            save_windows(part / "windows", save_corpus(part / CORPUS_FILE, parsed, readings, holdings.outcomes))
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
    return Built(folder, manifest, encoded)


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


def _identify(contents: object, settings: Settings, model_folder: Path) -> str:
    """Return an id that changes with anything that the index is made from."""
    parts = [FORMAT, PIPELINE, settings.shape(), model_folder.name, contents]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]
