"""Lexical search by BM25. This file knows tantivy."""

import math
import os
import shutil
import weakref
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np
import tantivy

from index.errors import DamagedIndexError
from index.vectors import Ids, Scores

_ANALYZER = "ibid_en"
_TERM_MAX_CHARS = 40
# What a writer holds in memory before it writes a part: enough for all of a segment, as one part is searched faster.
_WRITER_BYTES = 400_000_000


class LexicalIndex(Protocol):
    """Finds passages, numbered from 0, by the words that they share with a question."""

    def analyze(self, text: str) -> list[str]:
        """Return the terms of a text in its order: lower case, without accents, stop words left out, stemmed."""
        ...

    def search(
        self, terms: Sequence[str], k: int, *, first: int, stop: int, weights: Mapping[str, float] | None = None
    ) -> tuple[Ids, Scores]:
        """Return the ids in `[first, stop)` with the k largest BM25 scores above 0, best first, ties by id.

        A term weighs its inverse document frequency here, or else what `weights` says.
        """
        ...


def make_analyzer() -> tantivy.TextAnalyzer:
    """Return the analyzer that windows and questions share."""
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(
        tantivy.Filter.remove_long(_TERM_MAX_CHARS)
    )
    builder = builder.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.ascii_fold())
    return builder.filter(tantivy.Filter.stopword("english")).filter(tantivy.Filter.stemmer("english")).build()


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", fast=True, indexed=True)
    builder.add_text_field("text", tokenizer_name=_ANALYZER, index_option="freq")
    return builder.build()


class LexicalWriter:
    """Writes an index over texts, numbered from 0, into an empty folder for a `TantivyIndex`; whole when it is left."""

    def __init__(self, folder: Path) -> None:
        self._schema = _schema()
        index = tantivy.Index(self._schema, path=str(folder))
        # What is given was analyzed already.
        index.register_tokenizer(_ANALYZER, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
        self._writer = index.writer(heap_size=_WRITER_BYTES, num_threads=1)
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self._writer.commit()
            self._writer.wait_merging_threads()

    def add(self, terms: Iterable[str]) -> None:
        """Write the next text, as the terms that the analyzer gives of it."""
        fields = {"id": self._count, "text": " ".join(terms)}
        self._writer.add_document(tantivy.Document.from_dict(fields, self._schema))
        self._count += 1


def _mirror(folder: Path) -> Path:
    """Return a new folder of links to the files in `folder`: tantivy takes a lock file even to read."""
    from tempfile import mkdtemp

    mirror = Path(mkdtemp(prefix="ibid-lexical-"))
    for file in folder.iterdir():
        if file.suffix != ".lock":
            (mirror / file.name).symlink_to(file.absolute())
    return mirror


class TantivyIndex:
    """BM25 (k1 1.2, b .75) over stemmed English terms, memory-mapped."""

    def __init__(self, folder: Path) -> None:
        """Open the folder that a `LexicalWriter` filled.

        Raises:
            DamagedIndexError: The folder holds no such index.
        """
        opened = folder
        if not os.access(folder, os.W_OK):
            opened = _mirror(folder)
            weakref.finalize(self, shutil.rmtree, opened, ignore_errors=True)
        try:
            self._index = tantivy.Index.open(str(opened))
        except (ValueError, OSError) as error:
            raise DamagedIndexError(folder, "is no lexical index") from error
        self._analyzer = make_analyzer()
        self._index.register_tokenizer(_ANALYZER, self._analyzer)
        self._schema = self._index.schema
        self._searcher = self._index.searcher()

    def analyze(self, text: str) -> list[str]:
        """Return the terms of a text in its order."""
        return list(self._analyzer.analyze(text))

    def search(
        self, terms: Sequence[str], k: int, *, first: int, stop: int, weights: Mapping[str, float] | None = None
    ) -> tuple[Ids, Scores]:
        """Return the ids in `[first, stop)` with the k largest BM25 scores above 0, best first, ties by id.

        A term weighs its inverse document frequency here, or else what `weights` says.
        """
        if not terms or k < 1 or first >= stop:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        words = [(term, tantivy.Query.term_query(self._schema, "text", term, "freq")) for term in terms]
        if weights is not None:
            words = [(term, tantivy.Query.boost_query(word, weights[term] / self._weigh(term))) for term, word in words]
        query = tantivy.Query.boolean_query([(tantivy.Occur.Should, word) for _, word in words])
        if first > 0 or stop < self._searcher.num_docs:
            inside = tantivy.Query.range_query(
                self._schema, "id", tantivy.FieldType.Unsigned, first, stop, include_upper=False
            )
            bounds = tantivy.Query.const_score_query(inside, 0.0)
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, bounds)])
        hits = self._searcher.search(query, k, count=False).hits
        ids = np.array(self._searcher.fast_field_values("id", [address for _, address in hits]), np.int64)
        scores = np.array([score for score, _ in hits], np.float32)
        order = np.lexsort((ids, -scores))
        return ids[order], scores[order]

    def _weigh(self, term: str) -> float:
        """Return the inverse document frequency that tantivy gives a term here."""
        total, holding = self._searcher.num_docs, self._searcher.doc_freq("text", term)
        return math.log1p((total - holding + 0.5) / (holding + 0.5))
