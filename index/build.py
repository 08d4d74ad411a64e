"""Build the index of a paper and the works that it cites, from files, from addresses, or from what was kept."""

import hashlib
import logging
import re
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from index.accessions import Accessions, load_accessions
from index.address import parse_address
from index.assemble import Built, Progress, Recipe, assemble_bundle
from index.bundle import open_corpus
from index.errors import DamagedIndexError, NetworkError, SourceError, shorten
from index.families import Family, list_families
from index.fetch.shelf import open_shelf
from index.holdings import Holdings, open_shelf_of
from index.library import (
    Original,
    Paper,
    choose_folder,
    find_asked,
    find_by_hand_folder,
    find_folder,
    list_missing,
    load_original,
    load_paper,
    release_folder,
    reserve_folder,
    save_paper,
    set_aside,
    use_paper,
)
from index.model import Document, Provenance, Reference
from index.settings import Settings
from index.sources import Source, find_sources, make_source
from index.storage import hold

if TYPE_CHECKING:
    from index.fetch.works import Wanted

FETCH_LOCK = "fetch.lock"
# Of the home; it is held for moments, while a folder is chosen or taken away.
_HOME_LOCK = ".lock"
_HOME_LOCK_TIMEOUT_S = 10
_USERINFO = re.compile(r"(?<=://)[^/?#@]*@")

logger = logging.getLogger(__name__)


def build_index(
    origins: Sequence[str | Path],
    settings: Settings,
    *,
    by_hand: Path | None = None,
    fresh: bool = False,
    progress: Progress | None = None,
) -> Built:
    """Index papers with the works that they cite; else as `build_sources`.

    Args:
        origins: Files, folders, and addresses: a URL, a DOI or an arXiv id.
        settings: Where and how to build.
        by_hand: Folder of texts of works that they cite; by default the one named "references" beside a file.
        fresh: Build even if nothing has changed, and encode everything again.
        progress: Whom to tell how far it is.

    Raises:
        IbidError: A source, the model or the disk cannot be used, or another build is at work.
    """
    found = [_parse_origin(origin) for origin in origins]
    asked = [
        str(each.resolve()) if isinstance(each, Path) else _USERINFO.sub("", each.raw.strip("<>")) for each in found
    ]
    folder = find_asked(settings, asked)
    known = load_accessions(folder) if folder and not fresh else Accessions()
    sources = list(find_sources((each for each in found if isinstance(each, Path)), known.files))
    for address in {each.raw: each for each in found if isinstance(each, Reference)}.values():
        sources.append(fetch_paper(address, settings, taken={source.document_id for source in sources}))
    recipe = Recipe(settings, progress or Progress(), fresh)
    return _build_sources(sources, recipe, asked=asked, by_hand=check_folder(by_hand), known=known)


def _parse_origin(origin: str | Path) -> Path | Reference:
    """Return what is to be indexed as the path that is there, or else as the address that it is.

    Raises:
        SourceError: It can be neither.
    """
    text = str(origin)
    reason = "there is no file or folder"
    try:
        if text.strip() and Path(origin).exists():
            return Path(origin)
    except OSError as error:
        reason = f"{error.strerror}:"
    address = parse_address(text)
    if address is None:
        raise SourceError(f"{reason} {shorten(text, 200) or repr(text)}", "name one that exists: ibid build PATH")
    return address


def check_folder(by_hand: Path | None) -> Path | None:
    """Return the whole path of a folder of texts that were put in by hand.

    Raises:
        SourceError: It is no folder.
    """
    if by_hand and not by_hand.is_dir():
        raise SourceError(f"there is no folder {by_hand}", "name one that exists: --references DIR")
    return by_hand.resolve() if by_hand else None


def build_sources(sources: Sequence[Source], settings: Settings, *, progress: Progress | None = None) -> Built:
    """Index papers with the works that they cite, put the index in force at once and whole, and the papers in use.

    Args:
        sources: Papers that are asked together.
        settings: Where and how to build.
        progress: Whom to tell how far it is.

    Raises:
        IbidError: A source, the model or the disk cannot be used, or another build is at work.
    """
    return _build_sources(sources, Recipe(settings, progress or Progress()))


def _build_sources(
    sources: Sequence[Source],
    recipe: Recipe,
    *,
    asked: Sequence[str] = (),
    by_hand: Path | None = None,
    known: Accessions | None = None,
) -> Built:
    """Do the same; `asked` is what was named that the sources were found by, `known` the register of their folder."""
    settings = recipe.settings
    paper = Paper("", "", _describe(sources), str(by_hand) if by_hand else None, tuple(asked))
    with _hold_folder_for(paper, sources, settings) as folder:
        built = _build_paper(folder, paper, sources, recipe, known)
        if settings.index is None:
            use_paper(settings, folder.name)
    return built


@contextmanager
def _hold_folder_for(paper: Paper, sources: Sequence[Source], settings: Settings) -> Iterator[Path]:
    """Hold the folder of the paper that is read from `sources`; a new one goes again if the paper cannot be read.

    It is chosen and held in one step, so that no two builds at once choose the same folder for different papers.
    """
    with ExitStack() as held:
        if settings.index is not None:
            held.enter_context(hold(settings.index))
            yield settings.index
            return
        with hold(settings.papers_folder, _HOME_LOCK, timeout_s=_HOME_LOCK_TIMEOUT_S):
            folder = choose_folder(settings, paper.originals, paper.asked)
            is_new = reserve_folder(folder, replace(paper, name=folder.name), [source.load for source in sources])
            held.enter_context(hold(folder))
        try:
            yield folder
        except BaseException:
            if is_new:
                release_folder(folder)
            raise


def _describe(sources: Sequence[Source]) -> tuple[Original, ...]:
    return tuple(Original(each.origin, each.document_id, each.sha256, each.label, each.provenance) for each in sources)


def rebuild_index(
    settings: Settings, *, by_hand: Path | None = None, fresh: bool = False, progress: Progress | None = None
) -> Built:
    """Index the paper that the settings name once more, with the works that have come since.

    Raises:
        IbidError: There is no such paper, or as `build_sources`.
    """
    folder = find_folder(settings)
    paper = load_paper(folder)
    folder_by_hand = check_folder(by_hand)
    paper = replace(paper, by_hand=str(folder_by_hand)) if folder_by_hand else paper
    for missing in list_missing(folder, paper.originals):
        raise DamagedIndexError(missing, "is missing")
    sources = [
        Source(
            each.origin,
            each.document_id,
            each.sha256,
            partial(load_original, folder, each),
            each.label,
            each.provenance,
        )
        for each in paper.originals
    ]
    with hold(folder):
        return _build_paper(folder, paper, sources, Recipe(settings, progress or Progress(), fresh))


def fetch_works(settings: Settings, wanted: "Wanted", progress: Progress | None = None) -> Built:
    """Fetch the works that a paper cites, and index what came.

    What has come when the network fails or the program is stopped stays, and is not fetched again.

    Args:
        settings: Which paper, and how to fetch.
        wanted: Which entries; numbers are those of the first paper where several are asked together.
        progress: Whom to tell how far it is.

    Raises:
        IbidError: There is no such paper or entry, the disk cannot be used, or another process is at work.
    """
    from index.fetch.works import fetch_all

    progress = progress or Progress()
    folder = rebuild_index(settings, by_hand=wanted.by_hand, progress=progress).folder
    by_hand = find_by_hand_folder(load_paper(folder))
    wanted = replace(wanted, by_hand=by_hand, report=lambda _reference, _outcome: progress.advance(1))
    with hold(folder, FETCH_LOCK):
        for document, references in list_bibliographies(folder)[: 1 if wanted.only else None]:
            progress.announce("fetch", len(wanted.only) or len(references))
            shelf = open_shelf_of(folder, document)
            fetch_all(references, shelf, settings, wanted)
            shelf.retain(references)
    return rebuild_index(settings, progress=progress)


def remove_paper(settings: Settings, name: str) -> None:
    """Remove a paper with its index and all texts that were fetched for it; the next one by name is put in use.

    Raises:
        BuildRunningError: A build or a fetch is at work on it.
        StorageError: It cannot be removed.
    """
    folder = settings.papers_folder / name
    with hold(settings.papers_folder, _HOME_LOCK, timeout_s=_HOME_LOCK_TIMEOUT_S):
        with hold(folder), hold(folder, FETCH_LOCK):
            gone = set_aside(settings, name)
        for folder in gone:
            shutil.rmtree(folder)


def list_bibliographies(folder: Path) -> list[tuple[str, tuple[Reference, ...]]]:
    """Return the id of each paper in a folder with its entries, the first one of its record first.

    Raises:
        ForeignIndexError: Another version of the format wrote the index.
    """
    corpus = open_corpus(folder)
    first = load_paper(folder).originals[0].document_id  # which a segment of its own puts behind others
    papers = sorted((work.id for work in corpus.list_works() if work.kind == "paper"), key=lambda id_: id_ != first)
    return [(paper, corpus.list_references(paper)) for paper in papers]


def fetch_paper(address: Reference, settings: Settings, taken: Collection[str] = ()) -> Source:
    """Fetch a paper itself, as a document whose id is none of `taken`.

    Raises:
        NetworkError: Its text cannot be had.
    """
    # Imported where it is needed: whoever builds from files does without.
    from index.fetch.outcomes import ABSTRACT
    from index.fetch.works import fetch_all

    with TemporaryDirectory(prefix="ibid-") as folder:
        shelf = open_shelf(Path(folder))
        outcome = fetch_all([address], shelf, settings)[address.number]
        if outcome.provenance is None:
            raise NetworkError(address.raw, outcome.reason)
        content = shelf.read_content(outcome.provenance.sha256)
    origin = _USERINFO.sub("", address.raw.strip("<>"))
    if outcome.reason.startswith(ABSTRACT):
        logger.warning("%s: %s", origin, outcome.reason)
    name = re.sub(r"^https?://(www\.)?", "", origin)
    source = make_source(content, origin, name=name, taken=taken, label=outcome.provenance.content_type)
    return replace(source, provenance=_redact(outcome.provenance))


def _redact(provenance: Provenance) -> Provenance:
    """Return how a text came without the user's name and password that its URLs may hold."""
    asked, got = (_USERINFO.sub("", url) for url in (provenance.asked, provenance.got))
    return replace(provenance, asked=asked, got=got)


def index_documents(documents: Sequence[Document], settings: Settings, progress: Progress | None = None) -> Built:
    """Index documents that are parsed already, the papers among them first; else as `build_sources`.

    Raises:
        IbidError: The model or the disk cannot be used, or another build is at work.
    """
    ordered = sorted(documents, key=lambda document: document.work.kind != "paper")
    stamp = [hashlib.sha256(repr(document).encode("utf-8", "surrogatepass")).hexdigest() for document in ordered]
    folder = settings.index or settings.papers_folder / ordered[0].work.id
    family = Family(stamp, lambda: Holdings(tuple(ordered), {}))
    with hold(folder):
        built = assemble_bundle(folder, [family], Recipe(settings, progress or Progress()))
        if settings.index is None:
            use_paper(settings, folder.name)
    return built


def _build_paper(
    folder: Path, paper: Paper, sources: Sequence[Source], recipe: Recipe, known: Accessions | None = None
) -> Built:
    """Build the index of a paper; what it was built from is kept before it is encoded."""
    paper = replace(paper, name=folder.name)
    known = load_accessions(folder) if known is None else known
    known.seen.update(source.origin for source in sources)
    for source in sources:
        if source.note:
            known.note(source.origin, source.note)

    def keep(title: str) -> None:
        save_paper(folder, replace(paper, title=title), [source.load for source in sources])

    return assemble_bundle(folder, list_families(folder, paper, sources, known), recipe, known, keep)
