"""Short texts as the encoder reads them, and how alike two of them are: as wholes, word by word, and by shared stems.

Words and stems count as much as they are rare among the texts of one paper.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from index.encode import Encoder, Reading
from index.lexical import make_analyzer
from index.model import Span

Matrix: TypeAlias = npt.NDArray[np.float64]

WORD = re.compile(r"[^\W_]+")
_TOGETHER = 64  # texts that are compared word by word at once, so that memory is bounded


class Analyze:
    """Stems of texts, each text once."""

    def __init__(self) -> None:
        self._analyzer = make_analyzer()
        self._known: dict[str, tuple[str, ...]] = {}

    def __call__(self, text: str) -> tuple[str, ...]:
        """Return the stems of a text, in its order."""
        if text not in self._known:
            self._known[text] = tuple(self._analyzer.analyze(text))
        return self._known[text]


class Rarity:
    """Inverse document frequency of stems among the texts of one paper (Robertson and Zaragoza, 2009)."""

    def __init__(self, texts: Iterable[str], analyze: Analyze) -> None:
        self.analyze = analyze
        stems = [frozenset(analyze(text)) for text in texts]
        self._total = len(stems)
        self._counts = Counter(stem for each in stems for stem in each)

    def __call__(self, stem: str) -> float:
        """Return the rarity of one stem."""
        count = self._counts[stem]
        return math.log1p((self._total - count + 0.5) / (count + 0.5))

    def sum(self, stems: Iterable[str]) -> float:
        """Return the rarity of several stems together."""
        return sum(map(self, stems))


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """A short text as it was read, or a part of it.

    Attributes:
        vector: Its unit vector.
        words: The unit vectors of its word pieces.
        rarity: How rare each of these is; the pieces of a word share its rarity.
        stems: Of its words.
    """

    vector: npt.NDArray[np.float32]
    words: npt.NDArray[np.float32]
    rarity: Matrix
    stems: frozenset[str]


def read_texts(
    texts: Sequence[tuple[str, Span]], encoder: Encoder, *, without: slice
) -> tuple[list[tuple[Text, Text]], Rarity]:
    """Read each text once; return each as a whole and its part, and how rare stems are among all but some of them."""
    parts: dict[str, dict[Span, None]] = {}
    for text, part in texts:
        parts.setdefault(text, {})[part] = None
    analyze = Analyze()
    rarity = Rarity(dict.fromkeys(text for text, _ in [*texts[: without.start], *texts[without.stop :]]), analyze)
    unique = list(parts)
    spans = [[(0, max(len(text), 1)), *parts[text]] for text in unique]
    known: dict[tuple[str, Span], tuple[Text, Text]] = {}
    for at, reading in encoder.iter_readings([text or "?" for text in unique], spans):
        whole, *inner = _make_texts(unique[at], spans[at], reading, rarity)
        known |= {(unique[at], part): (whole, own) for part, own in zip(parts[unique[at]], inner, strict=True)}
    return [known[text] for text in texts], rarity


def _make_texts(text: str, spans: Sequence[Span], reading: Reading, rarity: Rarity) -> list[Text]:
    weights = _weigh_pieces(text, reading.places, rarity)
    return [
        Text(vector, reading.words[first:stop], weights[first:stop], frozenset(rarity.analyze(text[low:high])))
        for vector, (first, stop), (low, high) in zip(reading.vectors, reading.ranges.tolist(), spans, strict=True)
    ]


def _weigh_pieces(text: str, places: npt.NDArray[np.int64], rarity: Rarity) -> Matrix:
    words = list(WORD.finditer(text))
    holders = np.full(len(text) + 1, len(words))
    for number, word in enumerate(words):
        holders[word.start() : word.end()] = number
    held = holders[np.minimum(places[:, 1], len(text)) - 1]
    weights = np.array([*(rarity.sum(rarity.analyze(word.group())) for word in words), 0.0])
    return np.asarray(weights[held] / np.maximum(np.bincount(held, minlength=len(weights)), 1)[held])


def compare_wholes(ones: Sequence[Text], others: Sequence[Text]) -> Matrix:
    """Return the cosine of each of `ones` with each of `others`."""
    return np.asarray(np.stack([one.vector for one in ones]) @ np.stack([other.vector for other in others]).T, float)


def match_words(ones: Sequence[Text], others: Sequence[Text]) -> Matrix:
    """Return how much of each of `ones`, word by word, has its like in each of `others`, 0 where either has no word."""
    unique = {id(other): other for other in others}  # one sentence may hold many markers
    columns = {of: column for column, of in enumerate(unique)}
    every, starts = _lay_end_to_end(list(unique.values()))
    parts = []
    for first in range(0, len(ones), _TOGETHER):
        own, own_starts = _lay_end_to_end(ones[first : first + _TOGETHER])
        rarity = np.concatenate(
            [np.append(one.rarity / max(one.rarity.sum(), 1e-9), 0) for one in ones[first:][:_TOGETHER]]
        )
        best = np.maximum.reduceat(own @ every.T, starts, axis=1)
        parts.append(np.add.reduceat(rarity[:, None] * best, own_starts, axis=0))
    return np.concatenate(parts)[:, [columns[id(other)] for other in others]]


def _lay_end_to_end(texts: Sequence[Text]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Return the words of all texts, with a blank behind each so that none is empty, and where each text begins."""
    blank = np.zeros((1, texts[0].vector.size), np.float32)
    words = np.concatenate([piece for text in texts for piece in (text.words, blank)])
    return words, np.cumsum([0, *(len(text.words) + 1 for text in texts)])[:-1]


def cover_stems(ones: Sequence[Text], others: Sequence[Text], rarity: Rarity) -> Matrix:
    """Return the share of the stems of each of `ones` that each of `others` has, by their rarity."""
    totals = np.array([max(rarity.sum(one.stems), 1e-9) for one in ones])
    return np.asarray(share_stems(ones, others, rarity) / totals[:, None])


def share_stems(ones: Sequence[Text], others: Sequence[Text], rarity: Rarity) -> Matrix:
    """Return the rarity of the stems that each of `ones` has in common with each of `others`."""
    vocabulary = {stem: at for at, stem in enumerate(sorted(frozenset().union(*(one.stems for one in ones))))}
    weights = np.array([rarity(stem) for stem in vocabulary])
    counts = [np.zeros((len(texts), len(vocabulary))) for texts in (ones, others)]
    for texts, table in zip((ones, others), counts, strict=True):
        for row, text in enumerate(texts):
            table[row, [vocabulary[stem] for stem in text.stems if stem in vocabulary]] = 1
    return np.asarray((counts[0] * weights) @ counts[1].T)
