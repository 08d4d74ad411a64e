"""What is measured on: about two thousand passages of 130 words, the same for all, and questions about them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from eval.bench.prose import draw_prose
from eval.gate import find_data_folder
from eval.spans import SpanSet, load_spans

DATASET = "chroma_chunking"
QUESTIONS = 200
PASSAGE_WORDS = 130
_GENERATED = 2000
_ASKED_WORDS = 6
_WORD = re.compile(r"\S+")
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Passages:
    """Passages, questions, and where they come from."""

    origin: str
    texts: tuple[str, ...]
    questions: tuple[str, ...]


def load_passages(questions: int = QUESTIONS, *, most: int | None = None) -> Passages:
    """Return the passages of the dataset, or generated ones where it is not on this machine; at most so many."""
    folder = find_data_folder() / DATASET
    found = cut_passages(load_spans(folder), questions) if folder.is_dir() else generate_passages(_GENERATED, questions)
    return replace(found, texts=spread_evenly(found.texts, most or len(found.texts)))


def cut_passages(spans: SpanSet, questions: int) -> Passages:
    """Cut the texts of a set every 130 words; take as many of its questions, evenly spread."""
    texts = tuple(passage for text in spans.texts for passage in _cut(text.text))
    return Passages(DATASET, texts, spread_evenly([question.text for question in spans.questions], questions))


def generate_passages(count: int, questions: int) -> Passages:
    """Draw passages, and questions that ask for a few words in a row of one of them."""
    random = np.random.default_rng(7)
    texts = tuple(draw_prose(PASSAGE_WORDS, random) for _ in range(count))
    return Passages("generated", texts, tuple(map(_ask, spread_evenly(texts, questions))))


def spread_evenly(items: Sequence[_Item], count: int) -> tuple[_Item, ...]:
    """Return so many items at even distances, or all where there are fewer."""
    count = min(count, len(items))
    return tuple(items[at * len(items) // count] for at in range(count))


def _cut(text: str) -> Iterator[str]:
    words = [word.span() for word in _WORD.finditer(text)]
    for first in range(0, len(words), PASSAGE_WORDS):
        own = words[first : first + PASSAGE_WORDS]
        yield text[own[0][0] : own[-1][1]]


def _ask(text: str) -> str:
    return f"What is said of {' '.join(text.split()[:_ASKED_WORDS]).lower()}?"
