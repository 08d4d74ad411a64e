"""Prose of which only the words' frequencies are real, for a machine without any dataset, and for sizes beyond all."""

import json
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

_WORKS = Path(__file__).resolve().parents[1] / "works"
_SENTENCE_WORDS = 20  # on average, as in the works that the words are counted in
_SHORTEST = 5


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Words, the most frequent first, and the share of each in running text, which sum to 1."""

    words: tuple[str, ...]
    shares: npt.NDArray[np.float64]


@cache
def load_vocabulary() -> Vocabulary:
    """Count the words of the invented works that the audit's exam is made of: some 45,000, in lower case."""
    counts: Counter[str] = Counter()
    for file in sorted(_WORKS.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            counts.update(word.strip('.,;:()"').lower() for word in json.loads(line).get("text", "").split())
    del counts[""]
    words, numbers = zip(*counts.most_common(), strict=True)
    shares = np.array(numbers, np.float64)
    return Vocabulary(words, shares / shares.sum())


def draw_prose(words: int, random: np.random.Generator) -> str:
    """Return so many words in sentences, drawn by their shares."""
    vocabulary = load_vocabulary()
    drawn = [vocabulary.words[at] for at in random.choice(len(vocabulary.words), words, p=vocabulary.shares)]
    sentences = []
    while drawn:
        length = max(_SHORTEST, int(random.poisson(_SENTENCE_WORDS)))
        sentences.append(" ".join(drawn[:length]).capitalize() + ".")
        drawn = drawn[length:]
    return " ".join(sentences)
