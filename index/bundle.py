"""The index on disk: one folder per version, swapped atomically, checked on open.

PAPER/current                      the name of the bundle in force
INDEX/bundle-ID-N/manifest.json    format, settings, model, counts, size and SHA-256 of every file
                 /corpus.sqlite    documents and passages
                 /windows.faiss    one vector per window; the same for passages and contexts
                 /lexical/         BM25 over passages
                 /terms/           the terms of each window
                 /windows/         which window lies where
PAPER/embeddings.sqlite            vectors by content, so that a build encodes only what is new
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from index.corpus import Corpus
from index.encode import Encoder, OnnxEncoder
from index.errors import DamagedIndexError, ForeignIndexError, IbidError, ModelError, NoIndexError, PaperError
from index.lexical import LexicalIndex, TantivyIndex
from index.library import find_folder
from index.settings import Settings
from index.terms import TermTable
from index.vectors import SearchQuality, VectorStore, open_vectors
from index.windows import WindowTable

FORMAT = 8
CURRENT_FILE = "current"
MANIFEST_FILE = "manifest.json"
CORPUS_FILE = "corpus.sqlite"
LEXICAL_FOLDER = "lexical"
TERMS_FOLDER = "terms"
WINDOWS_FOLDER = "windows"
SCALES = ("windows", "passages", "contexts")
_PREFIX = "bundle-"
_OPEN_MAX = 4  # indexes of papers that a server keeps open at the same time
_PART_PREFIX = ".part-"


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What a file was when the bundle was made; one whose size and time still agree is not read to check it."""

    size_bytes: int
    mtime_ns: int
    sha256: str


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
        windows: How many there are.
        contexts: How many there are.
        papers: How many of the units of each scale belong to papers; they come before those of references.
        search: How passages are searched by their vectors, and how well, as measured when they were written.
        files: Stamp of every other file of the bundle by relative path.
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
    search: SearchQuality
    files: Mapping[str, FileStamp]


@dataclass(frozen=True, slots=True)
class Index:
    """An open index: everything that answering a question needs.

    Windows, passages and contexts are numbered from 0, each in reading order. `lexical` finds passages; `paper` is the
    name of the paper's folder, `folder` that of the bundle itself.
    """

    paper: str
    folder: Path
    manifest: Manifest
    corpus: Corpus
    table: WindowTable
    terms: TermTable
    lexical: LexicalIndex
    windows: VectorStore
    passages: VectorStore
    contexts: VectorStore
    encoder: Encoder


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
    check_files(bundle, manifest)
    encoder = OnnxEncoder(settings.models_folder / manifest.encoder)  # first, as it takes longest
    index = Index(
        paper=paper,
        folder=bundle,
        manifest=manifest,
        corpus=Corpus(bundle / CORPUS_FILE),
        table=WindowTable(bundle / WINDOWS_FOLDER),
        terms=TermTable(bundle / TERMS_FOLDER),
        lexical=TantivyIndex(bundle / LEXICAL_FOLDER),
        windows=open_vectors(bundle / name_vectors("windows")),
        passages=open_vectors(bundle / name_vectors("passages")),
        contexts=open_vectors(bundle / name_vectors("contexts")),
        encoder=encoder,
    )
    if index.encoder.card.weights_sha256 != manifest.model_sha256:
        raise ModelError("the exported model is not the one that the index was built with", "run `ibid build --fresh`")
    return index


def name_vectors(scale: str) -> str:
    """Return the name of the file of a scale's vectors."""
    return f"{scale}.faiss"


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
        files = {name: FileStamp(**stamp) for name, stamp in fields["files"].items()}
        return Manifest(**{**fields, "search": SearchQuality(**fields["search"]), "files": files})
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


def check_files(bundle: Path, manifest: Manifest, *, thorough: bool = False) -> None:
    """Raise DamagedIndexError when a file is missing or changed; `thorough` reads even those that seem untouched."""
    for name, stamp in manifest.files.items():
        path = bundle / name
        try:
            found = path.stat()
            if found.st_size != stamp.size_bytes:
                raise DamagedIndexError(path, f"has {found.st_size} bytes, not {stamp.size_bytes}")
            if (thorough or found.st_mtime_ns != stamp.mtime_ns) and _hash_file(path) != stamp.sha256:
                raise DamagedIndexError(path, "was changed")
        except FileNotFoundError as error:
            raise DamagedIndexError(path, "is missing") from error
        except OSError as error:
            raise DamagedIndexError(path, f"cannot be read ({error.strerror})") from error


def stamp_files(bundle: Path) -> dict[str, FileStamp]:
    """Flush every file of a bundle to disk, and return their stamps by relative path."""
    stamps = {}
    for path in sorted(file for file in bundle.rglob("*") if file.is_file() and file.suffix != ".lock"):
        with path.open("rb") as file:
            os.fsync(file.fileno())
        found = path.stat()
        stamps[path.relative_to(bundle).as_posix()] = FileStamp(found.st_size, found.st_mtime_ns, _hash_file(path))
    return stamps


def save_manifest(bundle: Path, manifest: Manifest) -> None:
    """Write a bundle's manifest, last of its files."""
    _write_synced(bundle / MANIFEST_FILE, json.dumps(asdict(manifest), indent=1))


@contextmanager
def new_bundle(folder: Path) -> Iterator[Path]:
    """Give an empty folder in which to make a bundle; it is removed unless `install_bundle` has moved it away."""
    part = folder / f"{_PART_PREFIX}{os.getpid()}"
    for stale in folder.glob(f"{_PART_PREFIX}*"):
        shutil.rmtree(stale, ignore_errors=True)
    for name in (LEXICAL_FOLDER, TERMS_FOLDER, WINDOWS_FOLDER):
        (part / name).mkdir(parents=True)
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
        check_files(bundle, manifest, thorough=True)
    except IbidError:
        return False
    return manifest.id == identity


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
