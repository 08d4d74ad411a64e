"""How like the words of a text are to those of a question (MaxSim; Khattab and Zaharia, 2020).

Each word piece of the question is compared by the best cosine of its embedding in the question with those of the text's
words in theirs, and counts as much as its word is rare.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from index.encode import QuestionReading, unpack_words
from index.joined import AnyTerms
from index.lexical import LexicalIndex
from index.vectors import Ids, Scores

_CONTRACTION = re.compile(r"\b\w+n['’]t\b|(?<=\w)['’](?:s|t|re|ve|ll|d|m)\b", re.IGNORECASE)


def compare_words(rows: npt.NDArray[np.void], packed: Mapping[int, bytes], words: Scores, shares: Scores) -> Scores:
    """Return how like each window is to the question: the mean over its own words, its passage's and its context's.

    The words of title and headings stand in each.

    Args:
        rows: The windows, as rows of their table.
        packed: The words of their contexts, by context in ascending order.
        words: The unit vectors of the question's word pieces, a row each.
        shares: What each of these counts.
    """
    likeness = match_words(words, b"".join(packed.values()))
    ranges = np.stack(_lay_words(rows, packed, words.shape[1]))
    lead, *scales = take_best(likeness, ranges.reshape(-1, 2)).reshape(len(words), *ranges.shape[:2]).swapaxes(0, 1)
    return np.asarray(np.mean([shares @ np.maximum(scale, lead) for scale in scales], axis=0), np.float32)


def _lay_words(rows: npt.NDArray[np.void], packed: Mapping[int, bytes], dimension: int) -> list[Ids]:
    """Return the ranges of the words of each window's lead, window, passage and context, all contexts end to end."""
    counts = [len(words) // -(-dimension // 8) for words in packed.values()]
    at = np.searchsorted(list(packed), rows["context"])
    start, length = (np.cumsum(counts) - counts)[at], np.array(counts)[at]
    columns = (
        (0, rows["lead_words"]),
        (rows["first_word"], rows["stop_word"]),
        (rows["first_of_passage"], rows["stop_of_passage"]),
        (0, length),
    )
    return [np.stack([start + first, start + stop], axis=1) for first, stop in columns]


def blank_contractions(question: str) -> str:
    """Return a question with spaces for what carries no meaning in "didn't" or "Japan's", each word in its place."""
    return _CONTRACTION.sub(lambda found: " " * len(found.group()), question)


@dataclass(frozen=True, slots=True, eq=False)
class WordWeights:
    """What the words of a question weigh.

    Attributes:
        holders: Which word holds each character, the number of words where none does, and one more at the end.
        weights: What each word weighs; last a 0 for none.
    """

    holders: Ids
    weights: npt.NDArray[np.float64]


def weigh_words(question: str, lexical: LexicalIndex, table: AnyTerms) -> WordWeights:
    """Return what the words of a question weigh: the sum of the inverse document frequencies of their terms."""
    words = list(re.finditer(r"[^\W_]+", blank_contractions(question)))
    holders = np.full(len(question) + 1, len(words))
    for number, word in enumerate(words):
        holders[word.start() : word.end()] = number
    terms = [lexical.analyze(word.group()) for word in words]
    known = table.weigh(chain(*terms))
    return WordWeights(holders, np.array([*(sum(known[term] for term in of_word) for of_word in terms), 0.0]))


def share_pieces(words: WordWeights, reading: QuestionReading) -> Scores:
    """Return the share of each word piece in the question: the pieces of a word share its weight.

    Where none of their words is one that BM25 looks up, such as where all are stop words, all weigh alike.
    """
    # By its last character, as some tokenizers take the space before a piece into it; in no word, it weighs nothing.
    held = words.holders[[end - 1 for _, end in reading.spans]]
    pieces = words.weights[held] / np.bincount(held)[held]
    pieces = pieces if pieces.any() else np.ones(len(held))
    return np.asarray(pieces / max(pieces.sum(), 1e-9), np.float32)


def match_words(words: Scores, packed: bytes) -> Scores:
    """Return the cosine of each of a question's words (unit rows) with each packed one, of shape (words, packed)."""
    return np.asarray(words @ unpack_words(packed, words.shape[1]).T, np.float32)


def take_best(likeness: Scores, ranges: Ids) -> Scores:
    """Return the largest value of each row in each range of columns, of shape (rows, ranges); 0 in an empty range."""
    padded = np.concatenate([likeness, np.zeros((len(likeness), 1), likeness.dtype)], axis=1)
    best = np.maximum.reduceat(padded, ranges.ravel(), axis=1)[:, ::2]
    return np.where(ranges[:, 0] < ranges[:, 1], best, np.float32(0))
