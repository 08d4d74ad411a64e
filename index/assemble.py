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
    TERMS_FOLDER,
    WINDOWS_FOLDER,
    Manifest,
    find_bundle,
    install_bundle,
    is_current,
    load_manifest,
    name_vectors,
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
from index.lexical import make_analyzer, save_lexical
from index.model import Context
from index.settings import Settings
from index.terms import ContextTerms, save_terms
from index.vectors import EXACT_MAX, SearchQuality, save_vectors
from index.windows import save_windows

# Raised whenever parsing, chunking or what is indexed changes, so that an index of an older build counts as outdated.
PIPELINE = 7
# How many questions the search of a large index is tried on, and how many words each has.
_TRIED = 200
_TRIED_WORDS = 9


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
            search = _save_vectors(part, contexts, known, encoder)
            _save_words(part, contexts)
            readings = (known.load(context, encoder.card.dimension) for context in contexts)
            save_windows(part / WINDOWS_FOLDER, save_corpus(part / CORPUS_FILE, parsed, readings, holdings.outcomes))
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
            search=search,
            files=stamp_files(part),
        )
        save_manifest(part, manifest)
        install_bundle(folder, part, identity)
    return Built(folder, manifest, encoded)


def _save_vectors(
    part: Path, contexts: Sequence[Context], known: EmbeddingCache, encoder: OnnxEncoder
) -> SearchQuality:
    """Write the vectors of the three scales; return how those of passages are searched."""
    dimension = encoder.card.dimension
    vectors: dict[str, list[npt.NDArray[np.float16]]] = {scale: [] for scale in SCALES}
    for context in contexts:
        own = known.load(context, dimension).vectors
        inner = 1 + len(context.passages)
        for scale, rows in (("contexts", own[:1]), ("passages", own[1:inner]), ("windows", own[inner:])):
            vectors[scale].append(rows)
    quality = SearchQuality()
    for scale, parts in vectors.items():
        rows = np.concatenate([np.empty((0, dimension), np.float16), *parts])
        questions = _make_questions(contexts, encoder) if scale == "passages" and len(rows) > EXACT_MAX else None
        found = save_vectors(part / name_vectors(scale), rows, questions)
        quality = found if scale == "passages" else quality
    return quality


def _make_questions(contexts: Sequence[Context], encoder: OnnxEncoder) -> npt.NDArray[np.float32]:
    """Return the vectors of what might be asked: runs of a few words from the texts, as short as questions are."""
    choose = np.random.default_rng(len(contexts))
    vectors = []
    for number in choose.choice(len(contexts), min(_TRIED, len(contexts)), replace=False).tolist():
        words = contexts[number].indexed.split()
        first = int(choose.integers(0, max(1, len(words) - _TRIED_WORDS)))
        vectors.append(encoder.read_question(" ".join(words[first : first + _TRIED_WORDS])).vector)
    return np.stack(vectors)


def _save_words(part: Path, contexts: Sequence[Context]) -> None:
    """Write what passages are found by, title and headings before their own text, and the terms of each window."""
    texts = (f"{context.lead}\n{passage.indexed}" for context in contexts for passage in context.passages)
    save_lexical(part / LEXICAL_FOLDER, texts)
    save_terms(part / TERMS_FOLDER, _list_terms(contexts))


def _list_terms(contexts: Sequence[Context]) -> Iterator[ContextTerms]:
    analyze = make_analyzer().analyze
    for context in contexts:
        passages = [[analyze(window.indexed) for window in passage.windows] for passage in context.passages]
        yield analyze(context.lead), passages


def _count_units(contexts: Sequence[Context]) -> dict[str, int]:
    passages = [passage for context in contexts for passage in context.passages]
    windows = sum(len(passage.windows) for passage in passages)
    return {"contexts": len(contexts), "passages": len(passages), "windows": windows}


def _identify(contents: object, settings: Settings, model_folder: Path) -> str:
    """Return an id that changes with anything that the index is made from."""
    parts = [FORMAT, PIPELINE, settings.shape(), model_folder.name, contents]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]
