"""Write a segment: all its files grow side by side, a context at a time, so that memory is bounded."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt

from index.codes import save_codes
from index.embeddings import PackedReading
from index.encode import Encoder
from index.lexical import LexicalWriter, make_analyzer
from index.model import Context, Document, Outcome
from index.segment import (
    CONTEXTS_FILE,
    CORPUS_FILE,
    LEXICAL_FOLDER,
    PASSAGES_FILE,
    TERMS_FOLDER,
    WINDOWS_FILE,
    WINDOWS_FOLDER,
    SegmentCard,
)
from index.stamps import stamp_files
from index.terms import SCALES
from index.vectors import EXACT_MAX, SearchQuality, save_vectors
from index.windows import ROW, save_windows
from index.write_corpus import CorpusWriter
from index.write_terms import TermsWriter

# How many questions the search of many passages is tried on, and how many words each has.
_TRIED = 200
_TRIED_WORDS = 9
# Contexts of so few documents are kept in memory; of more they are cut anew each time they are gone through.
_KEPT_CHARS = 20_000_000
ReadContext: TypeAlias = Callable[[Context], PackedReading]
_DOCUMENT = ROW.names.index("document") if ROW.names else 0  # of the columns of the table of windows


@dataclass(frozen=True, slots=True)
class Piece:
    """A document that is to be indexed.

    Attributes:
        document: The document.
        outcomes: What became of the entries of its bibliography, by number.
        digest: What changes with anything that is kept of it.
    """

    document: Document
    outcomes: Mapping[str, Outcome]
    digest: str


class Contexts:
    """The contexts of documents, which may be gone through again and again."""

    def __init__(self, documents: Sequence[Document], cut: Callable[[Document], Sequence[Context]]) -> None:
        self._documents, self._cut = documents, cut
        few = sum(len(document.text) for document in documents) <= _KEPT_CHARS
        self._kept = [cut(document) for document in documents] if few else None

    def of_documents(self) -> Iterator[tuple[Document, Sequence[Context]]]:
        """Yield each document with its contexts."""
        return zip(self._documents, self._kept or map(self._cut, self._documents), strict=True)

    def __iter__(self) -> Iterator[Context]:
        return (context for _, of_document in self.of_documents() for context in of_document)


def write_segment(
    folder: Path, pieces: Sequence[Piece], contexts: Contexts, read: ReadContext, encoder: Encoder
) -> SegmentCard:
    """Write a segment into a new folder; return its card, which whoever names the folder writes last.

    Args:
        folder: Where to.
        pieces: Documents, papers first.
        contexts: Their contexts.
        read: Gives the reading of each, called once for each in order.
        encoder: Reads the questions that the search is tried on.
    """
    for name in (LEXICAL_FOLDER, TERMS_FOLDER, WINDOWS_FOLDER):
        (folder / name).mkdir(parents=True)
    tried = _Questions()
    with (
        CorpusWriter(folder / CORPUS_FILE) as corpus,
        TermsWriter(folder / TERMS_FOLDER) as terms,
        LexicalWriter(folder / LEXICAL_FOLDER) as lexical,
        _Spools(folder, encoder.card.dimension) as spools,
    ):
        words = _Words(terms, lexical)
        for piece, (document, of_document) in zip(pieces, contexts.of_documents(), strict=True):
            corpus.begin(document, piece.outcomes, piece.digest)
            for context in of_document:
                reading = read(context)
                tried.consider(context.indexed)
                spools.add(context, reading.vectors)
                words.add(context)
                corpus.add(context, reading)
    rows = corpus.rows
    save_windows(folder / WINDOWS_FOLDER, rows)
    search = _save_vectors(folder, spools, tried, encoder)
    units = _count_units(rows)
    papers = sum(piece.document.work.kind == "paper" for piece in pieces)
    return SegmentCard(
        name=folder.name,
        documents=len(pieces),
        contexts=units["contexts"],
        passages=units["passages"],
        windows=units["windows"],
        papers=_count_units(rows[rows[:, _DOCUMENT] < papers]),
        search=search,
        files=stamp_files(folder),
    )


def _count_units(rows: npt.NDArray[np.int32]) -> dict[str, int]:
    """Return how many units of each scale the first rows of a table of windows stand for."""
    passages, contexts = rows[-1, :_DOCUMENT].tolist() if len(rows) else (-1, -1)
    return {"windows": len(rows), "passages": passages + 1, "contexts": contexts + 1}


class _Words:
    """Writes what passages are found by, title and headings before their own text, and the terms of each window."""

    def __init__(self, terms: TermsWriter, lexical: LexicalWriter) -> None:
        self._terms, self._lexical = terms, lexical
        self._analyze = make_analyzer().analyze
        self._lead: tuple[str, Sequence[str]] = ("", ())

    def add(self, context: Context) -> None:
        """Write the next context."""
        if context.lead != self._lead[0]:  # most have that of the one before
            self._lead = (context.lead, self._analyze(context.lead))
        lead = self._lead[1]
        passages = [[self._analyze(window.indexed) for window in passage.windows] for passage in context.passages]
        self._terms.add(lead, passages)
        for passage in passages:
            self._lexical.add(chain(lead, *passage))


class _Spools:
    """The vectors of each scale as they come, in files that go when their codes are written."""

    def __init__(self, folder: Path, dimension: int) -> None:
        self._paths = [folder / f"{scale}.spool" for scale in SCALES]
        self._dimension = dimension
        with ExitStack() as opened:
            self._files = [opened.enter_context(path.open("wb")) for path in self._paths]
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._opened.close()

    def add(self, context: Context, vectors: npt.NDArray[np.float16]) -> None:
        """Keep the vectors of a context, those of its passages, and those of its windows."""
        inner = 1 + len(context.passages)
        for file, rows in zip(self._files, (vectors[inner:], vectors[1:inner], vectors[:1]), strict=True):
            file.write(rows.tobytes())

    def map(self) -> list[npt.NDArray[np.float16]]:
        """Return the vectors of windows, passages and contexts, memory-mapped."""
        return [_map_rows(path, self._dimension) for path in self._paths]

    def remove(self) -> None:
        """Remove the files."""
        for path in self._paths:
            path.unlink()


def _save_vectors(folder: Path, spools: _Spools, tried: "_Questions", encoder: Encoder) -> SearchQuality:
    """Write the vectors of the three scales; return how those of passages are searched."""
    of_windows, of_passages, of_contexts = spools.map()
    save_codes(folder / WINDOWS_FILE, of_windows)
    save_codes(folder / CONTEXTS_FILE, of_contexts)
    questions = tried.read(encoder) if len(of_passages) > EXACT_MAX else None
    quality = save_vectors(folder / PASSAGES_FILE, of_passages, questions)
    spools.remove()
    return quality


def _map_rows(path: Path, dimension: int) -> npt.NDArray[np.float16]:
    """Return the rows in a file, memory-mapped."""
    if not path.stat().st_size:
        return np.empty((0, dimension), np.float16)
    return np.memmap(path, np.float16, mode="r").reshape(-1, dimension)


class _Questions:
    """What might be asked: runs of a few words from some of the texts, as short as questions are."""

    def __init__(self) -> None:
        self._choose = np.random.default_rng(_TRIED)
        self._seen = 0
        self._texts: list[str] = []

    def consider(self, text: str) -> None:
        """Look at a text; of all that were seen, each is as likely to be among those that stay (Vitter, 1985)."""
        at = self._seen if self._seen < _TRIED else int(self._choose.integers(0, self._seen + 1))
        self._seen += 1
        if at < _TRIED:
            self._texts[at : at + 1] = [text]

    def read(self, encoder: Encoder) -> npt.NDArray[np.float32]:
        """Return the vectors of the questions, of shape (questions, dimension)."""
        vectors = []
        for text in self._texts:
            words = text.split()
            first = int(self._choose.integers(0, max(1, len(words) - _TRIED_WORDS)))
            vectors.append(encoder.read_question(" ".join(words[first : first + _TRIED_WORDS])).vector)
        return np.stack(vectors)
