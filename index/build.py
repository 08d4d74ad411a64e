"""Build the index of a paper and the works that it cites, from files, from addresses, or from what was kept."""

import hashlib
import logging
import re
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from index.address import parse_address
from index.assemble import Built, Progress, Recipe, assemble_bundle
from index.bundle import open_corpus
from index.errors import NetworkError, SourceError, shorten
from index.extract import Source, find_sources, make_source, parse_source
from index.fetch.outcomes import ABSTRACT
from index.fetch.shelf import open_shelf
from index.fetch.works import Wanted, fetch_all
from index.holdings import Holdings, load_holdings, open_shelf_of, stamp_holdings
from index.library import (
    Original,
    Paper,
    choose_folder,
    find_by_hand_folder,
    find_folder,
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
from index.storage import hold

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
    sources = list(find_sources(each for each in found if isinstance(each, Path)))
    for address in {each.raw: each for each in found if isinstance(each, Reference)}.values():
        sources.append(fetch_paper(address, settings, taken={source.document_id for source in sources}))
    return build_sources(sources, settings, by_hand=check_folder(by_hand), fresh=fresh, progress=progress)


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


def build_sources(
    sources: Sequence[Source],
    settings: Settings,
    *,
    by_hand: Path | None = None,
    fresh: bool = False,
    progress: Progress | None = None,
) -> Built:
    """Index papers with the works that they cite, put the index in force at once and whole, and the papers in use.

    Args:
        sources: Papers that are asked together.
        settings: Where and how to build.
        by_hand: Folder of texts of works that they cite, put in by hand.
        fresh: Build even if nothing has changed, and encode everything again.
        progress: Whom to tell how far it is.

    Raises:
        IbidError: A source, the model or the disk cannot be used, or another build is at work.
    """
    with _hold_folder_for(sources, settings) as folder:
        built = _build_paper(folder, sources, by_hand, Recipe(settings, progress or Progress(), fresh))
        if settings.index is None:
            use_paper(settings, folder.name)
    return built


@contextmanager
def _hold_folder_for(sources: Sequence[Source], settings: Settings) -> Iterator[Path]:
    """Hold the folder of the paper that is read from `sources`; a new one goes again if the paper cannot be read.

    It is chosen and held in one step, so that no two builds at once choose the same folder for different papers.
    """
    with ExitStack() as held:
        if settings.index is not None:
            held.enter_context(hold(settings.index))
            yield settings.index
            return
        with hold(settings.papers_folder, _HOME_LOCK, timeout_s=_HOME_LOCK_TIMEOUT_S):
            originals = _describe(sources)
            folder = choose_folder(settings, originals)
            is_new = reserve_folder(folder, originals, [source.content for source in sources])
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
    folder_by_hand = check_folder(by_hand) or (Path(paper.by_hand) if paper.by_hand else None)
    sources = [
        Source(each.origin, each.document_id, each.sha256, load_original(folder, each), each.label, each.provenance)
        for each in paper.originals
    ]
    with hold(folder):
        return _build_paper(folder, sources, folder_by_hand, Recipe(settings, progress or Progress(), fresh))


def fetch_works(settings: Settings, wanted: Wanted, progress: Progress | None = None) -> Built:
    """Fetch the works that a paper cites, and index what came.

    What has come when the network fails or the program is stopped stays, and is not fetched again.

    Args:
        settings: Which paper, and how to fetch.
        wanted: Which entries; numbers are those of the first paper where several are asked together.
        progress: Whom to tell how far it is.

    Raises:
        IbidError: There is no such paper or entry, the disk cannot be used, or another process is at work.
    """
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
    """Return the id of each paper in a folder with its entries.

    Raises:
        ForeignIndexError: Another version of the format wrote the index.
    """
    corpus = open_corpus(folder)
    return [(work.id, corpus.list_references(work.id)) for work in corpus.list_works() if work.kind == "paper"]


def fetch_paper(address: Reference, settings: Settings, taken: Collection[str] = ()) -> Source:
    """Fetch a paper itself, as a document whose id is none of `taken`.

    Raises:
        NetworkError: Its text cannot be had.
    """
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
    contents = [hashlib.sha256(repr(document).encode("utf-8", "surrogatepass")).hexdigest() for document in ordered]
    folder = settings.index or settings.papers_folder / ordered[0].work.id
    recipe = Recipe(settings, progress or Progress())
    with hold(folder):
        built = assemble_bundle(folder, contents, lambda: Holdings(tuple(ordered), {}), recipe)
        if settings.index is None:
            use_paper(settings, folder.name)
    return built


def _build_paper(folder: Path, sources: Sequence[Source], by_hand: Path | None, recipe: Recipe) -> Built:
    """Build the index of a paper; what it was built from is kept before it is encoded."""
    paper = Paper(folder.name, "", _describe(sources), str(by_hand) if by_hand else None)
    texts = find_by_hand_folder(paper)

    def keep(title: str) -> None:
        save_paper(folder, replace(paper, title=title), [source.content for source in sources])

    def read() -> Holdings:
        papers = [_parse_paper(source) for source in sources]
        keep(papers[0].work.title)
        return load_holdings(papers, folder, texts)

    contents = [_stamp(source) for source in sources]
    stamp = [contents, paper.by_hand, stamp_holdings(folder, texts)]
    built = assemble_bundle(folder, stamp, read, recipe)
    if built.encoded is None:  # the same words, perhaps from elsewhere
        keep(next(work.title for work in open_corpus(folder).list_works()))
    return built


def _stamp(source: Source) -> tuple[str, ...]:
    """Return what changes with all that is read from a source."""
    return (source.document_id, source.sha256, *([source.provenance.got] if source.provenance else []))


def _parse_paper(source: Source) -> Document:
    """Parse a source as a paper, which is found where it was fetched unless it says otherwise itself."""
    document = parse_source(source)
    if source.provenance is None or document.work.url:
        return document
    return replace(document, work=replace(document.work, url=source.provenance.got))
