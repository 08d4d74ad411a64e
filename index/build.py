"""Build the index of a paper and the works that it cites, from files, from addresses, or from what was kept."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from index.assemble import Built, Progress, Recipe, assemble_bundle, hold
from index.extract import Source, find_sources, parse_source
from index.holdings import Holdings, load_holdings, stamp_holdings
from index.address import parse_address
from index.library import (
    Original,
    Paper,
    choose_folder,
    find_folder,
    load_original,
    load_paper,
    save_paper,
    use_paper,
)
from index.model import Document
from index.settings import Settings

# Where texts of cited works are put in by hand, beside the paper.
BY_HAND_FOLDER = "references"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to fetch.

    Attributes:
        only: Numbers of entries; empty for all that did not come yet.
        refresh: Ask again for what has come already.
        by_hand: Folder of texts put in by hand; None for the one that the paper was built with.
    """

    only: tuple[str, ...] = ()
    refresh: bool = False
    by_hand: Path | None = None


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
    addresses = {str(origin): parse_address(str(origin)) for origin in origins if not Path(origin).exists()}
    paths = [Path(origin) for origin in origins if not addresses.get(str(origin))]
    beside = (path / BY_HAND_FOLDER if path.is_dir() else path.parent / BY_HAND_FOLDER for path in paths)
    folder = by_hand or next((folder.resolve() for folder in beside if folder.is_dir()), None)
    fetched = [fetch_paper(address, settings) for address in addresses.values() if address]
    sources = [*find_sources(paths), *fetched]
    return build_sources(sources, settings, by_hand=folder, fresh=fresh, progress=progress)


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
    originals = tuple(Original(each.origin, each.document_id, each.sha256, each.label) for each in sources)
    folder = choose_folder(settings, originals)
    with hold(folder):
        built = _build_paper(folder, sources, by_hand, Recipe(settings, progress or Progress(), fresh))
        if settings.index is None:
            use_paper(settings, folder.name)
    return built


def rebuild_index(
    settings: Settings, *, by_hand: Path | None = None, fresh: bool = False, progress: Progress | None = None
) -> Built:
    """Index the paper that the settings name once more, with the works that have come since.

    Raises:
        IbidError: There is no such paper, or as `build_sources`.
    """
    folder = find_folder(settings)
    paper = load_paper(folder)
    folder_by_hand = by_hand or (Path(paper.by_hand) if paper.by_hand else None)
    sources = [
        Source(each.origin, each.document_id, each.sha256, load_original(folder, each), each.label)
        for each in paper.originals
    ]
    with hold(folder):
        return _build_paper(folder, sources, folder_by_hand, Recipe(settings, progress or Progress(), fresh))


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
    originals = tuple(Original(each.origin, each.document_id, each.sha256, each.label) for each in sources)

    def read() -> Holdings:
        papers = [parse_source(source) for source in sources]
        paper = Paper(folder.name, papers[0].work.title, originals, str(by_hand) if by_hand else None)
        save_paper(folder, paper, [source.content for source in sources])
        return load_holdings(papers, folder, by_hand)

    contents = [(each.document_id, each.sha256) for each in sources]
    stamp = [contents, str(by_hand), stamp_holdings(folder, by_hand)]
    return assemble_bundle(folder, stamp, read, recipe)
