"""Assemble a bundle: chunk documents, encode what is new, write all of it, and put it in force at once and whole."""

import hashlib
import json
import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path

from index.bundle import (
    FORMAT,
    Manifest,
    find_bundle,
    install_bundle,
    is_current,
    load_manifest,
    new_bundle,
    save_manifest,
)
from index.chunk import chunk, load_token_counter
from index.corpus import Corpus
from index.embeddings import EmbeddingCache, open_embeddings
from index.encode import Encoder, OnnxEncoder
from index.errors import IbidError
from index.export import export_model
from index.holdings import Holdings
from index.plan import Plan, plan_segments
from index.segment import CORPUS_FILE, WINDOWS_FOLDER, SegmentCard, link_segment, load_card, save_card
from index.settings import Settings
from index.stamps import check_files
from index.terms import SCALES
from index.windows import WindowTable
from index.write_segment import Contexts, Piece, write_segment

# Raised whenever parsing, chunking or what is indexed changes, so that an index of an older build counts as outdated.
PIPELINE = 7
# Segments that are whole wait here until all are, so that a build that was cut goes on with the next one.
_WAITING = ".segments"


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
    pieces = _list_pieces(holdings, [FORMAT, PIPELINE, settings.shape(), model_folder.name])
    held = {} if recipe.fresh else _list_held(folder)
    plan = plan_segments({name: of_segment.digests for name, of_segment in held.items()}, pieces)
    with open_embeddings(folder / "embeddings.sqlite", model_folder.name) as known, new_bundle(folder) as part:
        kept = [_drop(held[name], gone) for name, gone in plan.kept.items()]
        written, encoded = _write_segments(folder / _WAITING, plan, _Tools(known, encoder, recipe))
        for card in kept:
            link_segment(held[card.name].folder, part / card.name)
        for card in written:
            link_segment(folder / _WAITING / card.name, part / card.name)
        manifest = make_manifest(identity, settings, encoder, model_folder.name, [*kept, *written])
        save_manifest(part, manifest)
        install_bundle(folder, part, identity)
    shutil.rmtree(folder / _WAITING, ignore_errors=True)
    return Built(folder, manifest, encoded)


def make_manifest(
    identity: str, settings: Settings, encoder: Encoder, encoder_name: str, cards: Sequence[SegmentCard]
) -> Manifest:
    """Return what a bundle of segments is."""
    dropped = sum(stop - first for card in cards for _, first, stop in card.dropped)
    return Manifest(
        id=identity,
        format=FORMAT,
        settings=settings.shape(),
        encoder=encoder_name,
        model_sha256=encoder.card.weights_sha256,
        documents=sum(card.documents - len(card.dropped) for card in cards),
        passages=sum(card.passages for card in cards) - dropped,
        windows=sum(card.windows for card in cards),
        contexts=sum(card.contexts for card in cards),
        papers={scale: sum(card.papers[scale] for card in cards) for scale in SCALES},
        segments=tuple(cards),
    )


def _list_pieces(holdings: Holdings, identity: object) -> list[Piece]:
    """Return the documents with what changes whenever anything that is kept of one does."""
    pieces = []
    for document in holdings.documents:
        outcomes = holdings.outcomes.get(document.work.id, {})
        told = repr((identity, document, sorted(outcomes.items()))).encode("utf-8", "surrogatepass")
        pieces.append(Piece(document, outcomes, hashlib.sha256(told).hexdigest()))
    return pieces


@dataclass(frozen=True, slots=True)
class _Held:
    """A segment in force: its folder, what it is, and the digest of each document, or "" of one that was dropped."""

    folder: Path
    card: SegmentCard
    digests: tuple[str, ...]


def _list_held(folder: Path) -> dict[str, _Held]:
    """Return the segments in force that are whole."""
    held = {}
    try:
        bundle = find_bundle(folder)
        cards = load_manifest(bundle).segments
    except IbidError:
        return {}
    for card in cards:
        own = bundle / card.name
        try:
            check_files(own, card.files)
            digests = Corpus(own / CORPUS_FILE).list_digests()
        except IbidError:
            continue  # its documents are written anew
        for position, *_ in card.dropped:
            digests[position] = ""
        held[card.name] = _Held(own, card, tuple(digests))
    return held


def _drop(held: _Held, gone: Collection[int]) -> SegmentCard:
    """Return what a segment is without some of its documents."""
    table = WindowTable(held.folder / WINDOWS_FOLDER)
    dropped = [(position, *table.find_documents(position, position + 1)) for position in sorted(gone)]
    return replace(held.card, dropped=tuple(dropped))


@dataclass(frozen=True, slots=True)
class _Tools:
    known: EmbeddingCache
    encoder: OnnxEncoder
    recipe: Recipe


def _write_segments(waiting: Path, plan: Plan, tools: _Tools) -> tuple[list[SegmentCard], int]:
    """Write a segment per group of documents; return what they are, and how many contexts had to be read."""
    progress = tools.recipe.progress
    groups = plan.written
    cut = partial(chunk, settings=tools.recipe.settings, count_tokens=load_token_counter())
    contexts = [Contexts([piece.document for piece in group], cut) for group in groups]
    progress.announce("encode", sum(1 for of_group in contexts for _ in of_group))
    if tools.recipe.fresh:
        tools.known.forget_all()
    encoded = sum(tools.known.read(of_group, tools.encoder, advance=progress.advance) for of_group in contexts)
    progress.announce("write", 0)
    cards = []
    for group, of_group in zip(groups, contexts, strict=True):
        name = hashlib.sha256("".join(piece.digest for piece in group).encode()).hexdigest()[:16]
        known = None if tools.recipe.fresh else _find_whole(waiting / name)
        cards.append(known or _write_whole(waiting / name, group, of_group, tools))
    if not plan.kept:
        tools.known.forget_all_but(chain.from_iterable(contexts))
    return cards, encoded


def _find_whole(folder: Path) -> SegmentCard | None:
    """Return what a segment is that a build before this one wrote and did not put in force."""
    card = load_card(folder)
    try:
        if card:
            check_files(folder, card.files)
    except IbidError:
        return None
    return card


def _write_whole(folder: Path, group: Sequence[Piece], contexts: Contexts, tools: _Tools) -> SegmentCard:
    shutil.rmtree(folder, ignore_errors=True)
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    card = write_segment(part, group, contexts, tools.known, tools.encoder)
    save_card(part, replace(card, name=folder.name))
    part.rename(folder)
    return replace(card, name=folder.name)


def _identify(contents: object, settings: Settings, model_folder: Path) -> str:
    """Return an id that changes with anything that the index is made from."""
    parts = [FORMAT, PIPELINE, settings.shape(), model_folder.name, contents]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]
