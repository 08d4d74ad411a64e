"""The index on disk: one folder per version, swapped atomically, checked on open.

PAPER/current                      the name of the bundle in force
INDEX/bundle-ID-N/manifest.json    format, settings, model, counts, its segments with size and SHA-256 of every file
                 /SEGMENT/         documents with all that finds them (see `segment.py`); the next bundle links to it
PAPER/embeddings.sqlite            vectors by content, so that a build encodes only what is new
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from index.corpus import Corpus
from index.encode import Encoder, OnnxEncoder
from index.errors import DamagedIndexError, ForeignIndexError, IbidError, ModelError, NoIndexError, PaperError
from index.joined import AnyTerms, JoinedWindows, join_segments
from index.joined_corpus import AnyCorpus, join_corpora
from index.lexical import LexicalIndex
from index.library import find_folder
from index.segment import CORPUS_FILE, SegmentCard, make_card, open_segment
from index.settings import Settings
from index.stamps import FileStamp, check_files
from index.vectors import VectorScores, VectorStore
from index.windows import WindowTable

SourceFilter: TypeAlias = Literal["paper", "references", "all"]
SOURCES: tuple[SourceFilter, ...] = ("all", "paper", "references")

FORMAT = 11
CURRENT_FILE = "current"
MANIFEST_FILE = "manifest.json"
_PREFIX = "bundle-"
_OPEN_MAX = 4  # indexes of papers that a server keeps open at the same time
_PART_PREFIX = ".part-"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle is.

    Attributes:
        id: Follows from the sources, the settings and the model.
        format: Version of this layout.
        settings: Those that shape an index.
        encoder: Folder of the exported model, in the folder of models.
        model_sha256: SHA-256 of the weights that it was exported from.
        documents: How many there are.
        passages: How many there are.
        windows: How many there are, those of documents that were dropped among them.
        contexts: Likewise.
        papers: How many of the units of each scale belong to papers.
        segments: What the bundle is made of.
    """

    id: str
    format: int
    settings: Mapping[str, str | int]
    encoder: str
    model_sha256: str
    documents: int
    passages: int
    windows: int
    contexts: int
    papers: Mapping[str, int]
    segments: tuple[SegmentCard, ...]

    @property
    def files(self) -> dict[str, FileStamp]:
        """The stamp of every other file of the bundle by relative path."""
        return {f"{card.name}/{name}": stamp for card in self.segments for name, stamp in card.files.items()}


@dataclass(frozen=True, slots=True)
class Index:
    """An open index: everything that answering a question needs.

    Windows, passages and contexts are numbered from 0, each in reading order; in a segment, those of papers come first.
    `lexical` finds passages; `paper` is the name of the paper's folder, `folder` that of the bundle itself.
    """

    paper: str
    folder: Path
    manifest: Manifest
    corpus: AnyCorpus
    table: WindowTable | JoinedWindows
    terms: AnyTerms
    lexical: LexicalIndex
    windows: VectorScores
    passages: VectorStore
    contexts: VectorScores
    encoder: Encoder

    @property
    def has_dropped(self) -> bool:
        """Say whether some of the numbered passages are of documents that are no longer in force."""
        return any(card.dropped for card in self.manifest.segments)

    def list_ranges(self, source: SourceFilter) -> list[tuple[int, int]]:
        """Return the half-open ranges of the passages that may answer."""
        ranges: list[tuple[int, int]] = []
        first = 0
        for card in self.manifest.segments:
            border, stop = first + card.papers["passages"], first + card.passages
            own = {"paper": (first, border), "references": (border, stop), "all": (first, stop)}[source]
            if ranges and ranges[-1][1] == own[0]:
                own = (ranges.pop()[0], own[1])
            ranges += [own] if own[0] < own[1] else []
            first = stop
        return ranges


def find_bundle(folder: Path) -> Path:
    """Return the folder of the bundle in force.

    Raises:
        NoIndexError: No index was built in `folder`.
        DamagedIndexError: The bundle that should be in force is missing.
    """
    try:
        name = (folder / CURRENT_FILE).read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoIndexError(folder) from error
    except (OSError, UnicodeDecodeError) as error:
        raise DamagedIndexError(folder / CURRENT_FILE, "cannot be read") from error
    if not name.startswith(_PREFIX) or Path(name).name != name:
        raise DamagedIndexError(folder / CURRENT_FILE, "names no bundle")
    if not (folder / name).is_dir():
        raise DamagedIndexError(folder / name, "is missing")
    return folder / name


def open_index(settings: Settings) -> Index:
    """Open the index in force, after a check that it is whole and fits the settings.

    Raises:
        NoIndexError: No index was built yet.
        DamagedIndexError: A file is missing or changed.
        ForeignIndexError: The index was built with other settings or by another version.
        ModelError: The exported model is missing or damaged.
    """
    folder = find_folder(settings)
    return _open_bundle(folder.name, find_bundle(folder), settings)


def _open_bundle(paper: str, bundle: Path, settings: Settings) -> Index:
    manifest = load_manifest(bundle)
    check_settings(manifest, settings)
    check_files(bundle, manifest.files)
    with ThreadPoolExecutor(1) as aside:  # the model takes longest, and most of that beside Python
        opening = aside.submit(OnnxEncoder, settings.models_folder / manifest.encoder)
        parts = join_segments([open_segment(bundle / card.name, card) for card in manifest.segments])
    encoder = opening.result()
    index = Index(
        paper=paper,
        folder=bundle,
        manifest=manifest,
        corpus=parts.corpus,
        table=parts.table,
        terms=parts.terms,
        lexical=parts.lexical,
        windows=parts.windows,
        passages=parts.passages,
        contexts=parts.contexts,
        encoder=encoder,
    )
    if index.encoder.card.weights_sha256 != manifest.model_sha256:
        raise ModelError("the exported model is not the one that the index was built with", "run `ibid build --fresh`")
    return index


def load_manifest(bundle: Path) -> Manifest:
    """Read a bundle's manifest.

    Raises:
        DamagedIndexError: It is missing or no manifest.
        ForeignIndexError: Another version of the format wrote it.
    """
    path = bundle / MANIFEST_FILE
    try:
        fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if fields["format"] != FORMAT:
            raise ForeignIndexError("format", fields["format"], FORMAT)
        return Manifest(**{**fields, "segments": tuple(map(make_card, fields["segments"]))})
    except FileNotFoundError as error:
        raise DamagedIndexError(path, "is missing") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedIndexError(path, "is no manifest") from error


def check_settings(manifest: Manifest, settings: Settings) -> None:
    """Raise ForeignIndexError when a setting that shapes the index differs from the one it was built with."""
    for field, wanted in settings.shape().items():
        stored = manifest.settings.get(field)
        if stored != wanted:
            raise ForeignIndexError(field, stored, wanted)


def save_manifest(bundle: Path, manifest: Manifest) -> None:
    """Write a bundle's manifest, last of its files."""
    _write_synced(bundle / MANIFEST_FILE, json.dumps(asdict(manifest), indent=1))


@contextmanager
def new_bundle(folder: Path) -> Iterator[Path]:
    """Give an empty folder in which to make a bundle; it is removed unless `install_bundle` has moved it away."""
    part = folder / f"{_PART_PREFIX}{os.getpid()}"
    for stale in folder.glob(f"{_PART_PREFIX}*"):
        shutil.rmtree(stale, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


def install_bundle(folder: Path, part: Path, identity: str) -> Path:
    """Put a whole bundle in force: rename it, swap `current`, and remove all older ones but the last."""
    older = sorted(folder.glob(f"{_PREFIX}*"), key=lambda path: path.stat().st_mtime_ns)
    number = 1 + max((int(path.name.rpartition("-")[2]) for path in older), default=0)
    bundle = folder / f"{_PREFIX}{identity}-{number}"
    part.rename(bundle)
    _sync_folder(folder)
    _write_synced(folder / f"{CURRENT_FILE}.new", bundle.name + "\n")
    (folder / f"{CURRENT_FILE}.new").replace(folder / CURRENT_FILE)
    _sync_folder(folder)
    # The last one stays for a reader that has just read its name.
    for stale in older[:-1]:
        shutil.rmtree(stale, ignore_errors=True)
    return bundle


class LiveIndex:
    """The indexes in force, opened again when a build has swapped them; questions in flight keep the one they have."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._opened: dict[Path, tuple[Path, Index]] = {}

    def get(self, paper: str | None = None) -> Index:
        """Return the index in force of the paper of that name, or else of the one that the settings name or in use.

        Raises:
            IbidError: As `open_index`, or there is no such paper.
        """
        own = self._settings.index
        if paper and own and paper != own.name:
            raise PaperError(paper, [own.name])
        folder = find_folder(replace(self._settings, paper=paper) if paper else self._settings)
        bundle = find_bundle(folder)
        opened = self._opened.pop(folder, None)
        if opened is None or opened[0] != bundle:
            opened = (bundle, _open_bundle(folder.name, bundle, self._settings))
        self._opened[folder] = opened
        for oldest in list(self._opened)[:-_OPEN_MAX]:
            self._opened.pop(oldest, None)
        return opened[1]


def is_current(folder: Path, identity: str) -> bool:
    """Say whether the bundle in force is whole and was made from what `identity` stands for."""
    try:
        bundle = find_bundle(folder)
        manifest = load_manifest(bundle)
        if manifest.id == identity:
            check_files(bundle, manifest.files, thorough=True)
    except IbidError:
        return False
    return manifest.id == identity


def open_corpus(folder: Path) -> AnyCorpus:
    """Open the texts of the bundle in force in a paper's folder.

    Raises:
        NoIndexError: No index was built there.
        DamagedIndexError: It cannot be read.
        ForeignIndexError: Another version of the format wrote the index.
    """
    bundle = find_bundle(folder)
    cards = load_manifest(bundle).segments
    return join_corpora([Corpus(bundle / card.name / CORPUS_FILE) for card in cards], cards)


def _write_synced(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
