"""Corpora of any size, grown from a few real texts whose vectors are known: nothing has to be encoded.

A grown context is one of the pool with half of its words drawn anew, by their frequencies in the pool, and now and then
a word that hardly any other has, so that the vocabulary grows as that of real texts does (Heaps, 1978). Each of its
vectors is moved by a part of the difference between those of two other units of its scale: along the directions in
which real texts differ, so that clusters stay clusters. The signs of its words' vectors stay as they are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from eval.bench.passages import load_passages
from index.chunk import chunk, load_token_counter
from index.embeddings import PackedReading, open_embeddings
from index.encode import OnnxEncoder, normalise
from index.model import Context, Document, Passage, Window
from index.plain import parse_plain
from index.settings import Settings

CONTEXTS_PER_DOCUMENT = 12  # about ten pages
_POOL = 600  # contexts
_REPLACED = 0.5  # of the words
_RARE = 0.01  # of the words
_MOVED = (0.3, 0.7)  # of the difference between two other units
_TAIL = 0.6  # of the distribution of rare words (Pareto)


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Real contexts with their readings, and the words of their texts, each as often as it stands there."""

    contexts: tuple[Context, ...]
    readings: tuple[PackedReading, ...]
    words: npt.NDArray[np.str_]

    @property
    def windows(self) -> float:
        """How many windows a context has on average."""
        return sum(len(each.windows) for context in self.contexts for each in context.passages) / len(self.contexts)


def load_pool(folder: Path, encoder: OnnxEncoder, settings: Settings) -> Pool:
    """Return the pool of the passages that all is measured on; readings are kept in a folder."""
    texts = load_passages().texts
    documents = [
        parse_plain(" ".join(texts[at : at + 10]), document_id=f"pool-{at}", title=texts[at][:40])
        for at in range(0, len(texts), 10)
    ]
    contexts = [context for each in documents for context in chunk(each, settings, load_token_counter())][:_POOL]
    folder.mkdir(parents=True, exist_ok=True)
    with open_embeddings(folder / "pool.sqlite", encoder.card.model) as known:
        known.read(contexts, encoder, advance=lambda _count: None)
        readings = tuple(known.load(context, encoder.card.dimension) for context in contexts)
    words = np.array([word for context in contexts for word in context.indexed.split()])
    return Pool(tuple(contexts), readings, words)


class Grown:
    """Documents numbered from `first`, their contexts, and what these mean; every time the same."""

    def __init__(self, pool: Pool, first: int, count: int) -> None:
        self._pool, self._first = pool, first
        self.documents = [self._write(number) for number in range(first, first + count)]

    def _write(self, number: int) -> Document:
        """Return a document; each of its passages is a paragraph."""
        random = np.random.default_rng(number)
        chosen = random.integers(0, len(self._pool.contexts), CONTEXTS_PER_DOCUMENT)
        text = "\n\n".join(
            " ".join(_vary(window.indexed, self._pool.words, random) for window in passage.windows)
            for context in chosen.tolist()
            for passage in self._pool.contexts[context].passages
        )
        return parse_plain(text, document_id=f"grown-{number}", title=f"Grown {number}")

    def cut(self, document: Document) -> list[Context]:
        """Return the contexts of a document, in the shape of those that it was grown from."""
        number = int(document.work.id.rpartition("-")[2])
        chosen = np.random.default_rng(number).integers(0, len(self._pool.contexts), CONTEXTS_PER_DOCUMENT)
        paragraphs = iter(document.text.split("\n\n"))
        contexts, at = [], 0
        for origin in chosen.tolist():
            passages = []
            for passage in self._pool.contexts[origin].passages:
                text = next(paragraphs)
                passages.append(_cut_passage(document.work.id, text, at, passage))
                at += len(text) + 2
            contexts.append(Context(f"{document.work.id}", tuple(passages), lead=f"{origin}"))
        return contexts

    def load(self, context: Context, dimension: int) -> PackedReading:
        """Return the reading of a context: that of its origin, its vectors moved."""
        pool = self._pool
        own = pool.readings[int(context.lead)]
        random = np.random.default_rng(context.passages[0].start + 7919 * hash_id(context.document_id))
        inner = 1 + len(context.passages)
        low, high = _MOVED
        moved = own.vectors.astype(np.float32)
        for scale, rows in zip(self._scales, (slice(0, 1), slice(1, inner), slice(inner, None)), strict=True):
            count = len(moved[rows])
            step = random.uniform(low, high, (count, 1))
            one, other = random.integers(0, len(scale), (2, count))
            moved[rows] += step * (scale[one] - scale[other])
        return replace(own, vectors=normalise(moved).astype(np.float16).reshape(-1, dimension))

    @cached_property
    def _scales(self) -> list[npt.NDArray[np.float32]]:
        """The vectors of all contexts, passages and windows of the pool."""
        parts: list[list[npt.NDArray[np.float16]]] = [[], [], []]
        for context, reading in zip(self._pool.contexts, self._pool.readings, strict=True):
            inner = 1 + len(context.passages)
            for scale, rows in zip(parts, (slice(0, 1), slice(1, inner), slice(inner, None)), strict=True):
                scale.append(reading.vectors[rows])
        return [np.concatenate(scale).astype(np.float32) for scale in parts]


def hash_id(document: str) -> int:
    """Return the number of a grown document."""
    return int(document.rpartition("-")[2])


def _vary(text: str, words: npt.NDArray[np.str_], random: np.random.Generator) -> str:
    own = np.array(text.split(), object)
    replaced = random.random(len(own)) < _REPLACED
    own[replaced] = words[random.integers(0, len(words), int(replaced.sum()))]
    for at in np.flatnonzero(random.random(len(own)) < _RARE).tolist():
        own[at] = f"term{int(random.pareto(_TAIL) * 100)}"
    return " ".join(own.tolist())


def _cut_passage(document: str, text: str, start: int, origin: Passage) -> Passage:
    """Return a passage with as many words in each window as its origin has."""
    windows, at = [], 0
    words = iter(_find_words(text))
    for window in origin.windows:
        spans = [next(words) for _ in window.indexed.split()]
        at = spans[-1][1]
        windows.append(Window(start + spans[0][0], start + at, text[spans[0][0] : at]))
    return Passage(document, start, start + len(text), text, tuple(windows))


def _find_words(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for word in text.split(" "):
        yield at, at + len(word)
        at += len(word) + 1


def list_sizes(windows: int, pool: Pool, largest: int) -> Sequence[int]:
    """Return how many documents each segment has, so that all have about `windows`, and none more than `largest`."""
    documents = max(1, round(windows / pool.windows / CONTEXTS_PER_DOCUMENT))
    most = max(1, round(largest / pool.windows / CONTEXTS_PER_DOCUMENT))
    return [min(most, documents - first) for first in range(0, documents, most)]
