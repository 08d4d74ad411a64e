"""Assemble a bundle: chunk documents, encode what is new, write all of it, and put it in force at once and whole."""

import hashlib
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path

from index.accessions import Accessions, load_accessions
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
from index.errors import IbidError, SourceError
from index.export import export_model
from index.families import Family
from index.plan import Plan, list_plans
from index.reader import HeldSegment, Reader
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


@dataclass(frozen=True, slots=True)
class _Tools:
    known: EmbeddingCache
    encoder: OnnxEncoder
    recipe: Recipe


def assemble_bundle(
    folder: Path,
    families: Sequence[Family],
    recipe: Recipe,
    known: Accessions | None = None,
    keep: Callable[[str], None] = lambda _title: None,
) -> Built:
    """Assemble a bundle in a paper's folder, unless it is there.

    Args:
        folder: The paper's folder, which is held against other builds.
        families: The papers, each with the works that it cites; read only where they are new or are written anew.
        recipe: How to build.
        known: The folder's register; by default as it was saved.
        keep: Called with the title of the first paper before anything is encoded.

    Raises:
        IbidError: A source, the model or the disk cannot be used.
    """
    settings, progress = recipe.settings, recipe.progress
    progress.announce("model", 0)
    model_folder = export_model(settings.model, settings.models_folder)
    reader = Reader(families, list_makers(settings, model_folder), known or load_accessions(folder))
    if not recipe.fresh and is_current(folder, reader.identity):
        keep(reader.read_title())
        reader.save(folder)
        return Built(folder, load_manifest(find_bundle(folder)), None)
    with ThreadPoolExecutor(1) as beside:
        opening = beside.submit(OnnxEncoder, model_folder)
        progress.announce("read", 0)
        sizes = reader.list_documents(fresh=recipe.fresh)
        keep(reader.read_title())
        held = {} if recipe.fresh else _list_held(folder)
        plans = list_plans({name: of_segment.digests for name, of_segment in held.items()}, sizes)
        encoder = opening.result()
    with open_embeddings(folder / "embeddings.sqlite", model_folder.name) as readings:
        tools = _Tools(readings, encoder, recipe)
        built = _carry_out(folder, plans[0], reader, held, tools)
        for plan in plans[1:]:  # what is new can be found already
            progress.announce("write", 0)
            silent = replace(tools, recipe=replace(recipe, progress=Progress()))
            built = replace(_carry_out(folder, plan, reader, held, silent), encoded=built.encoded)
    return built


def _carry_out(folder: Path, plan: Plan, reader: Reader, held: Mapping[str, HeldSegment], tools: _Tools) -> Built:
    """Write what a plan says, and put it in force."""
    settings, encoder = tools.recipe.settings, tools.encoder
    try:
        groups = [reader.load_pieces(group, list(held.values())) for group in plan.written]
    except SourceError:
        reader.save(folder)  # with what was read instead, so that the next build goes by that
        raise
    kept = [_drop(held[name], gone) for name, gone in plan.kept.items()]
    with new_bundle(folder) as part:
        written, encoded = _write_segments(folder / _WAITING, groups, tools, is_all=not kept)
        for card in kept:
            link_segment(held[card.name].folder, part / card.name)
        for card in written:
            link_segment(folder / _WAITING / card.name, part / card.name)
        manifest = make_manifest(reader.identity, settings, encoder, tools.known.encoder, [*kept, *written])
        save_manifest(part, manifest)
        install_bundle(folder, part, reader.identity)
    reader.save(folder)
    shutil.rmtree(folder / _WAITING, ignore_errors=True)
    return Built(folder, manifest, encoded)


def list_makers(settings: Settings, model_folder: Path) -> list[object]:
    """Return what shapes all that is kept of a document: the program, the settings and the model."""
    return [FORMAT, PIPELINE, settings.shape(), model_folder.name]


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


def _list_held(folder: Path) -> dict[str, HeldSegment]:
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
        held[card.name] = HeldSegment(own, card, tuple(digests))
    return held


def _drop(held: HeldSegment, gone: Collection[int]) -> SegmentCard:
    """Return what a segment is without some of its documents."""
    table = WindowTable(held.folder / WINDOWS_FOLDER)
    dropped = [(position, *table.find_documents(position, position + 1)) for position in sorted(gone)]
    return replace(held.card, dropped=tuple(dropped))


def _write_segments(
    waiting: Path, groups: Sequence[Sequence[Piece]], tools: _Tools, *, is_all: bool
) -> tuple[list[SegmentCard], int]:
    """Write a segment per group of documents; return what they are, and how many contexts had to be read.

    Readings of other contexts are dropped if the groups are `is_all` that there is.
    """
    progress, known = tools.recipe.progress, tools.known
    if not groups:
        return [], 0
    cut = partial(chunk, settings=tools.recipe.settings, count_tokens=load_token_counter())
    contexts = [Contexts([piece.document for piece in group], cut) for group in groups]
    left = sum(1 for of_group in contexts for _ in of_group)
    progress.announce("encode", left)

    def advance(count: int) -> None:
        nonlocal left
        left -= count
        progress.advance(count)
        if not left:
            progress.announce("write", 0)

    if tools.recipe.fresh:
        known.forget_all()
    cards = []
    for group, of_group in zip(groups, contexts, strict=True):
        name = hashlib.sha256("".join(piece.digest for piece in group).encode()).hexdigest()[:16]
        whole = None if tools.recipe.fresh else _find_whole(waiting / name)
        if whole:
            advance(whole.contexts)
        cards.append(whole or _write_whole(waiting / name, group, of_group, tools, advance))
    if is_all:
        known.forget_all_but(chain.from_iterable(contexts))
    return cards, known.encoded


def _find_whole(folder: Path) -> SegmentCard | None:
    """Return what a segment is that a build before this one wrote and did not put in force."""
    card = load_card(folder)
    try:
        if card:
            check_files(folder, card.files)
    except IbidError:
        return None
    return card


def _write_whole(
    folder: Path, group: Sequence[Piece], contexts: Contexts, tools: _Tools, advance: Callable[[int], None]
) -> SegmentCard:
    """Write a segment while its contexts are read."""
    shutil.rmtree(folder, ignore_errors=True)
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    with closing(tools.known.iter_readings(contexts, tools.encoder, advance=advance)) as readings:
        card = write_segment(part, group, contexts, lambda _context: next(readings), tools.encoder)
    save_card(part, replace(card, name=folder.name))
    part.rename(folder)
    return replace(card, name=folder.name)
