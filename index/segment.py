"""A segment: some documents with all that finds them, in a folder of its own that is never changed.

SEGMENT/corpus.sqlite     documents and passages
       /windows.npy       one vector per window; the same for contexts
       /passages.faiss    one vector per passage, to be searched
       /lexical/          BM25 over passages
       /terms/            the terms of each window
       /windows/          which window lies where
       /segment.json      what it is, written last
"""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.codes import CodedVectors
from index.corpus import Corpus
from index.lexical import LexicalIndex, TantivyIndex
from index.stamps import FileStamp
from index.storage import write_whole
from index.terms import TermTable
from index.vectors import SearchQuality, VectorScores, VectorStore, open_vectors
from index.windows import WindowTable

CORPUS_FILE = "corpus.sqlite"
LEXICAL_FOLDER = "lexical"
TERMS_FOLDER = "terms"
WINDOWS_FOLDER = "windows"
CARD_FILE = "segment.json"
WINDOWS_FILE = "windows.npy"
PASSAGES_FILE = "passages.faiss"
CONTEXTS_FILE = "contexts.npy"


@dataclass(frozen=True, slots=True)
class SegmentCard:
    """What a segment is.

    Attributes:
        name: Of its folder; follows from what is in it.
        documents: How many there are.
        contexts: How many there are.
        passages: How many there are.
        windows: How many there are.
        papers: How many of the units of each scale belong to papers; they come before those of references.
        search: How passages are searched by their vectors, and how well, as measured when they were written.
        files: Stamp of every file by its path in the segment.
        dropped: The documents that are no longer in force: the position of each, its first passage, and the one behind
            its last.
    """

    name: str
    documents: int
    contexts: int
    passages: int
    windows: int
    papers: Mapping[str, int]
    search: SearchQuality
    files: Mapping[str, FileStamp]
    dropped: tuple[tuple[int, int, int], ...] = ()


def save_card(folder: Path, card: SegmentCard) -> None:
    """Write what a segment is, which makes it whole."""
    write_whole(folder / CARD_FILE, json.dumps(asdict(card)).encode())


def load_card(folder: Path) -> SegmentCard | None:
    """Return what a segment is; None where it is not whole."""
    try:
        return make_card(json.loads((folder / CARD_FILE).read_bytes()))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def make_card(fields: Mapping[str, Any]) -> SegmentCard:
    """Return a card from its fields in JSON."""
    files = {name: FileStamp(**stamp) for name, stamp in fields["files"].items()}
    search, dropped = SearchQuality(**fields["search"]), tuple(map(tuple, fields["dropped"]))
    return SegmentCard(**{**fields, "search": search, "files": files, "dropped": dropped})


def link_segment(source: Path, target: Path) -> None:
    """Give the files of a segment another name, or copy them where the disk cannot do that."""
    for file in sorted(source.rglob("*")):
        if file.is_dir() or file.suffix == ".lock" or file.name == CARD_FILE:
            continue
        copy = target / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(file, copy)
        except OSError:
            shutil.copy2(file, copy)


@dataclass(frozen=True, slots=True)
class Segment:
    """An open segment."""

    card: SegmentCard
    corpus: Corpus
    table: WindowTable
    terms: TermTable
    lexical: LexicalIndex
    windows: VectorScores
    passages: VectorStore
    contexts: VectorScores


def open_segment(folder: Path, card: SegmentCard) -> Segment:
    """Open the segment in a folder.

    Raises:
        DamagedIndexError: A file is missing or damaged.
    """
    return Segment(
        card=card,
        corpus=Corpus(folder / CORPUS_FILE),
        table=WindowTable(folder / WINDOWS_FOLDER),
        terms=TermTable(folder / TERMS_FOLDER),
        lexical=TantivyIndex(folder / LEXICAL_FOLDER),
        windows=CodedVectors(folder / WINDOWS_FILE),
        passages=open_vectors(folder / PASSAGES_FILE),
        contexts=CodedVectors(folder / CONTEXTS_FILE),
    )
