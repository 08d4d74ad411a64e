"""Corpora of any size, grown from a few real texts whose vectors are known: nothing has to be encoded.

A grown context is one of the pool with half of its words drawn anew, by their frequencies in the pool, and now and then
a word that hardly any other has, so that the vocabulary grows as that of real texts does (Heaps, 1978). Each of its
vectors is moved by a part of the difference between those of two other units of its scale: along the directions in
which real texts differ, so that clusters stay clusters. The signs of its words' vectors stay as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
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
        readings = tuple(known.iter_readings(contexts, encoder, advance=lambda _count: None))
    words = np.array([word for context in contexts for word in context.indexed.split()])
    return Pool(tuple(contexts), readings, words)


@dataclass(frozen=True, slots=True, eq=False)
class _Origin:
    """What a context is grown from: its number in the pool, the words of its windows by passage, and all of them."""

    number: int
    sizes: tuple[tuple[int, ...], ...]
    words: npt.NDArray[np.object_]


def _make_origin(number: int, context: Context) -> _Origin:
    words = [[window.indexed.split() for window in passage.windows] for passage in context.passages]
    every = np.array([*chain.from_iterable(chain.from_iterable(words))], object)
    return _Origin(number, tuple(tuple(map(len, windows)) for windows in words), every)


class Grown:
    """Documents numbered from `first`, their contexts, and what these mean; every time the same."""

    def __init__(self, pool: Pool, first: int, count: int) -> None:
        self._words = pool.words.astype(object)
        self._origins = [_make_origin(number, context) for number, context in enumerate(pool.contexts)]
        self._readings = pool.readings
        self._units, self._firsts = _stack_scales(pool)
        self.documents = [self._write(number) for number in range(first, first + count)]

    def _draw(self, number: int) -> tuple[list[_Origin], np.random.Generator]:
        """Return what the contexts of a document are grown from, and what all else of it is drawn by."""
        random = np.random.default_rng(number)
        chosen = random.integers(0, len(self._origins), CONTEXTS_PER_DOCUMENT)
        return [self._origins[at] for at in chosen.tolist()], random

    def _write(self, number: int) -> Document:
        """Return a document; each of its passages is a paragraph."""
        origins, random = self._draw(number)
        own = np.concatenate([origin.words for origin in origins])
        replaced = random.random(len(own)) < _REPLACED
        own[replaced] = self._words[random.integers(0, len(self._words), int(replaced.sum()))]
        rare = random.random(len(own)) < _RARE
        own[rare] = [f"term{int(each * 100)}" for each in random.pareto(_TAIL, int(rare.sum())).tolist()]
        words = iter(own.tolist())
        text = "\n\n".join(" ".join(islice(words, sum(sizes))) for origin in origins for sizes in origin.sizes)
        return parse_plain(text, document_id=f"grown-{number}", title=f"Grown {number}")

    def cut(self, document: Document) -> list[Context]:
        """Return the contexts of a document, in the shape of those that it was grown from."""
        name, text = document.work.id, document.text
        stops = iter(_find_gaps(text))
        start = 0
        contexts = []
        for origin in self._draw(hash_id(name))[0]:
            passages = []
            for sizes in origin.sizes:
                windows = []
                for size in sizes:
                    stop = next(islice(stops, size - 1, None))
                    windows.append(Window(start, stop, text[start:stop]))
                    start = stop + 1
                first = windows[0].start
                passages.append(Passage(name, first, stop, text[first:stop], tuple(windows)))
                next(stops, None)  # of the blank line
                start += 1
            contexts.append(Context(name, tuple(passages), lead=f"{origin.number}"))
        return contexts

    def load(self, context: Context, dimension: int) -> PackedReading:
        """Return the reading of a context: that of its origin, its vectors moved."""
        own = self._readings[int(context.lead)]
        random = np.random.default_rng(context.passages[0].start + 7919 * hash_id(context.document_id))
        count = len(own.vectors)
        scales = np.repeat([0, 1, 2], [1, len(context.passages), count - 1 - len(context.passages)])
        firsts, stops = self._firsts[scales], self._firsts[scales + 1]
        one, other = (firsts + random.random((2, count)) * (stops - firsts)).astype(np.intp)
        moved = self._units[one] - self._units[other]
        moved *= random.uniform(*_MOVED, (count, 1)).astype(np.float32)
        moved += own.vectors
        return replace(own, vectors=normalise(moved).astype(np.float16).reshape(-1, dimension))


def _stack_scales(pool: Pool) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Return the vectors of all contexts of a pool, passages and windows, and where those of each scale begin."""
    parts: list[list[npt.NDArray[np.float16]]] = [[], [], []]
    for context, reading in zip(pool.contexts, pool.readings, strict=True):
        inner = 1 + len(context.passages)
        for scale, rows in zip(parts, (slice(0, 1), slice(1, inner), slice(inner, None)), strict=True):
            scale.append(reading.vectors[rows])
    firsts = np.cumsum([0, *(sum(map(len, scale)) for scale in parts)], dtype=np.int64)
    return np.concatenate([*chain.from_iterable(parts)]).astype(np.float32), firsts


def hash_id(document: str) -> int:
    """Return the number of a grown document."""
    return int(document.rpartition("-")[2])


def _find_gaps(text: str) -> list[int]:
    """Return where the blanks and line breaks of a text stand, and its end."""
    marks = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return [*np.flatnonzero((marks == ord(" ")) | (marks == ord("\n"))).tolist(), len(text)]


def list_sizes(windows: int, pool: Pool, largest: int) -> Sequence[int]:
    """Return how many documents each segment has, so that all have about `windows`, and none more than `largest`."""
    documents = max(1, round(windows / pool.windows / CONTEXTS_PER_DOCUMENT))
    most = max(1, round(largest / pool.windows / CONTEXTS_PER_DOCUMENT))
    return [min(most, documents - first) for first in range(0, documents, most)]
