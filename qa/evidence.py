"""How far the words around a marker speak for each entry of a bibliography being what they are about.

What an entry says of itself is its title, who is behind it, what holds it, and the words of its address. Claim and
entry are compared as wholes (the cosine of their embeddings), word by word (MaxSim; Khattab and Zaharia, 2020) and by
the stems that they share, each weighted by how rare it is among the claims and entries of this paper. Beside each of
these stands how far it exceeds what the claim reaches with other entries, and the entry with other claims. Names and
dates count for and against (`cues.py`).

A logistic model makes one number of it: the log of how much likelier all this is if the claim is about the entry.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import unquote

import numpy as np
import numpy.typing as npt

from index.encode import Encoder, Reading
from index.lexical import make_analyzer
from index.model import Reference, Span
from qa.claims import Claim
from qa.cues import CUES, list_cues

Matrix: TypeAlias = npt.NDArray[np.float64]

# Written by `python -m eval.calibrate_audit`: the weights, and what they were fitted to.
MODEL_FILE = Path(__file__).parent / "evidence.json"
_COMPARED = (
    "whole_clause",
    "whole_sentence",
    "title_words_in_clause",
    "title_words_in_sentence",
    "clause_words_in_entry",
    "title_stems_in_clause",
    "title_stems_in_sentence",
    "clause_stems_in_entry",
    "shared_stems",
)
FEATURES = (*_COMPARED, *(f"{name}_above" for name in _COMPARED), *CUES)
# Of entries whose text is at hand, besides.
TEXT_FEATURES = ("text_holds", "text_holds_above")
# No evidence counts for more than this, as the words of a paper are no independent witnesses.
_CLIP = 6.0
_WORDS_ENOUGH = 5  # by which an entry can be told from others
# Of a title, at least: how many words, and which share of its words by their rarity.
_AKIN_WORDS, _AKIN = 1, 0.12
_TOGETHER = 64  # texts that are compared word by word at once, so that memory is bounded
_WORD = re.compile(r"[^\W_]+")
# Parts of an address that say nothing of what it leads to, and codes.
_NOISE = frozenset(
    "www com org net edu gov html htm php aspx index en de fr news article articles node pdf abs doi http https".split()
)
_OPAQUE = re.compile(r"\d{5,}|(?=\w*\d)(?=\w*[a-f])[0-9a-f]{7,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Self:
    """What an entry says of itself; it begins with `title`: its title, or else the words of its address."""

    words: str
    title: Span


def rate_words(entry: Reference) -> float:
    """Return how far what an entry says of itself can tell it from others, 0 to 1: a word or two cannot."""
    return min(1.0, len(set(_WORD.findall(_describe(entry).words.casefold()))) / _WORDS_ENOUGH)


def _describe(entry: Reference) -> _Self:
    host, path = read_address(entry.url)
    people = " ".join(name.literal or name.family for name in entry.names) or entry.authors or ""
    title = entry.title or path or host
    parts = (title, entry.container, people, path if entry.title else "", host)
    return _Self(" ".join(dict.fromkeys(part for part in parts if part)), (0, len(title)))


def read_address(url: str | None) -> tuple[str, str]:
    """Return the words of an address, those of its host and those of its path, without codes."""
    host, _, path = re.sub(r"^\w+://(www\.)?", "", unquote(url or "")).partition("/")
    if host.endswith("doi.org"):
        return "", ""
    spaced = (re.sub(r"(?<=[a-z])(?=[A-Z])", " ", part) for part in (host.rpartition(".")[0], path))
    own, rest = (" ".join(word for word in _WORD.findall(part) if not _is_noise(word)) for part in spaced)
    return own, rest


def _is_noise(word: str) -> bool:
    return word.casefold() in _NOISE or len(word) == 1 or bool(_OPAQUE.fullmatch(word))


class _Analyze:
    """Stems of texts, each text once."""

    def __init__(self) -> None:
        self._analyzer = make_analyzer()
        self._known: dict[str, tuple[str, ...]] = {}

    def __call__(self, text: str) -> tuple[str, ...]:
        if text not in self._known:
            self._known[text] = tuple(self._analyzer.analyze(text))
        return self._known[text]


class _Rarity:
    """Inverse document frequency of stems among the texts of one paper (Robertson and Zaragoza, 2009)."""

    def __init__(self, texts: Iterable[str], analyze: _Analyze) -> None:
        self.analyze = analyze
        stems = [frozenset(analyze(text)) for text in texts]
        self._total = len(stems)
        self._counts = Counter(stem for each in stems for stem in each)

    def __call__(self, stem: str) -> float:
        count = self._counts[stem]
        return math.log1p((self._total - count + 0.5) / (count + 0.5))

    def sum(self, stems: Iterable[str]) -> float:
        """Return the rarity of several stems together."""
        return sum(map(self, stems))


@dataclass(frozen=True, slots=True, eq=False)
class _Text:
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


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Claims beside entries.

    Attributes:
        claims: Those compared.
        features: Of each claim with each entry, of shape (claims, entries, features).
        vectors: Unit vector of each claim's clause.
        wholes: All that each entry says of itself.
        rarity: How rare each stem is.
    """

    claims: tuple[Claim, ...]
    features: Matrix
    vectors: npt.NDArray[np.float32]
    wholes: tuple[_Text, ...]
    rarity: _Rarity

    def list_shared(self, claim: int, entry: int) -> list[str]:
        """Return the words of a claim's sentence that an entry has as well, the rarest first."""
        analyze = self.rarity.analyze
        words = {stem: word for word in reversed(_WORD.findall(self.claims[claim].sentence)) for stem in analyze(word)}
        shared = words.keys() & self.wholes[entry].stems
        return [words[stem] for stem in sorted(shared, key=lambda stem: (-self.rarity(stem), stem)) if len(stem) > 1]


def compare(
    claims: Sequence[Claim], entries: Sequence[Reference], encoder: Encoder, *, marked: int | None = None
) -> Comparison:
    """Compare each claim with each entry; there is one of either at least.

    Args:
        claims: Those of markers, then any others.
        entries: The bibliography.
        encoder: What reads both.
        marked: How many of the claims are those of markers, by which all are measured; by default all.
    """
    marked = len(claims) if marked is None else marked
    selves = [_describe(entry) for entry in entries]
    texts = [*((claim.sentence, claim.clause) for claim in claims), *((own.words, own.title) for own in selves)]
    read, rarity = _read(texts, encoder, without=slice(marked, len(claims)))
    (sentences, clauses), (wholes, titles) = (
        tuple(zip(*part, strict=True)) for part in (read[: len(claims)], read[len(claims) :])
    )
    compared = np.stack(
        [
            _cosine(clauses, titles),
            _cosine(sentences, titles),
            _match(titles, clauses).T,
            _match(titles, sentences).T,
            _match(clauses, wholes),
            _cover(titles, clauses, rarity).T,
            _cover(titles, sentences, rarity).T,
            _cover(clauses, wholes, rarity),
            np.log1p(_share(clauses, wholes, rarity)),
        ],
        axis=-1,
    )
    cues = list_cues([c.sentence[slice(*c.clause)] for c in claims], [c.sentence for c in claims], entries)
    features = np.concatenate([compared, _exceed(compared, marked), cues], axis=-1)
    return Comparison(tuple(claims), features, np.stack([clause.vector for clause in clauses]), wholes, rarity)


def pick_akin(claims: Sequence[Claim], entries: Sequence[Reference]) -> list[Claim]:
    """Return the claims that have so many words of some entry's title that a closer look is worth its time."""
    analyze = _Analyze()
    selves = [_describe(entry) for entry in entries]
    rarity = _Rarity([own.words for own in selves], analyze)
    titles = [frozenset(analyze(own.words[slice(*own.title)])) for own in selves]
    totals = [max(rarity.sum(stems), 1e-9) for stems in titles]

    def is_akin(claim: Claim) -> bool:
        stems = frozenset(analyze(claim.sentence))
        shared = (stems & title for title in titles)
        return any(len(s) >= _AKIN_WORDS and rarity.sum(s) >= _AKIN * t for s, t in zip(shared, totals, strict=True))

    return [claim for claim in claims if is_akin(claim)]


def _read(
    texts: Sequence[tuple[str, Span]], encoder: Encoder, *, without: slice
) -> tuple[list[tuple[_Text, _Text]], _Rarity]:
    """Read each text once; return each as a whole and its part, and how rare stems are among all but some of them."""
    unique = list(dict.fromkeys(texts))
    analyze = _Analyze()
    counted = [*texts[: without.start], *texts[without.stop :]]
    rarity = _Rarity(dict.fromkeys(text for text, _ in counted), analyze)
    spans = [[(0, max(len(text), 1)), part] for text, part in unique]
    known: dict[tuple[str, Span], tuple[_Text, _Text]] = {}
    for at, reading in encoder.iter_readings([text or "?" for text, _ in unique], spans):
        known[unique[at]] = _make_texts(*unique[at], reading, rarity)
    return [known[text] for text in texts], rarity


def _make_texts(text: str, part: Span, reading: Reading, rarity: _Rarity) -> tuple[_Text, _Text]:
    weights = _weigh_pieces(text, reading.places, rarity)
    whole, inside = (
        _Text(vector, reading.words[first:stop], weights[first:stop], frozenset(rarity.analyze(text[low:high])))
        for vector, (first, stop), (low, high) in zip(
            reading.vectors, reading.ranges.tolist(), ((0, len(text)), part), strict=True
        )
    )
    return whole, inside


def _weigh_pieces(text: str, places: npt.NDArray[np.int64], rarity: _Rarity) -> Matrix:
    words = list(_WORD.finditer(text))
    holders = np.full(len(text) + 1, len(words))
    for number, word in enumerate(words):
        holders[word.start() : word.end()] = number
    held = holders[np.minimum(places[:, 1], len(text)) - 1]
    weights = np.array([*(rarity.sum(rarity.analyze(word.group())) for word in words), 0.0])
    return np.asarray(weights[held] / np.maximum(np.bincount(held, minlength=len(weights)), 1)[held])


def _cosine(ones: Sequence[_Text], others: Sequence[_Text]) -> Matrix:
    return np.asarray(np.stack([one.vector for one in ones]) @ np.stack([other.vector for other in others]).T, float)


def _match(ones: Sequence[_Text], others: Sequence[_Text]) -> Matrix:
    """Return how much of each of `ones`, word by word, has its like in each of `others`, 0 where either has no word."""
    every, starts = _lay_end_to_end(others)
    parts = []
    for first in range(0, len(ones), _TOGETHER):
        own, own_starts = _lay_end_to_end(ones[first : first + _TOGETHER])
        rarity = np.concatenate(
            [np.append(one.rarity / max(one.rarity.sum(), 1e-9), 0) for one in ones[first:][:_TOGETHER]]
        )
        best = np.maximum.reduceat(own @ every.T, starts, axis=1)
        parts.append(np.add.reduceat(rarity[:, None] * best, own_starts, axis=0))
    return np.concatenate(parts)


def _lay_end_to_end(texts: Sequence[_Text]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Return the words of all texts, with a blank behind each so that none is empty, and where each text begins."""
    blank = np.zeros((1, texts[0].vector.size), np.float32)
    words = np.concatenate([piece for text in texts for piece in (text.words, blank)])
    return words, np.cumsum([0, *(len(text.words) + 1 for text in texts)])[:-1]


def _cover(ones: Sequence[_Text], others: Sequence[_Text], rarity: _Rarity) -> Matrix:
    """Return the share of the stems of each of `ones` that each of `others` has, by their rarity."""
    totals = np.array([max(rarity.sum(one.stems), 1e-9) for one in ones])
    return np.asarray(_share(ones, others, rarity) / totals[:, None])


def _share(ones: Sequence[_Text], others: Sequence[_Text], rarity: _Rarity) -> Matrix:
    """Return the rarity of the stems that each of `ones` has in common with each of `others`."""
    vocabulary = {stem: at for at, stem in enumerate(sorted(frozenset().union(*(one.stems for one in ones))))}
    weights = np.array([rarity(stem) for stem in vocabulary])
    counts = [np.zeros((len(texts), len(vocabulary))) for texts in (ones, others)]
    for texts, table in zip((ones, others), counts, strict=True):
        for row, text in enumerate(texts):
            table[row, [vocabulary[stem] for stem in text.stems if stem in vocabulary]] = 1
    return np.asarray((counts[0] * weights) @ counts[1].T)


def _exceed(compared: Matrix, marked: int) -> Matrix:
    """Return how far each value exceeds what its claim reaches with other entries, and its entry with other claims.

    Both are means, that of the claims over those of markers; where there is no other, the value is its own mean.
    """
    rows, columns = marked, compared.shape[1]
    total = compared[:marked].sum(axis=0, keepdims=True)
    by_claim = _mean_of_others(compared, compared.sum(axis=1, keepdims=True), columns)
    inside = np.arange(len(compared))[:, None, None] < marked
    by_entry = np.where(inside, _mean_of_others(compared, total, rows), total / rows)
    return np.asarray(compared - by_claim - by_entry + compared[:marked].mean(axis=(0, 1), keepdims=True))


def _mean_of_others(values: Matrix, total: Matrix, count: int) -> Matrix:
    return np.asarray((total - values) / (count - 1) if count > 1 else total)


@cache
def _load_models() -> Mapping[str, tuple[float, tuple[float, ...]]]:
    """Return intercept and weights of the model for entries alone, and of that for those with a text."""
    stored = json.loads(MODEL_FILE.read_text(encoding="utf-8"))
    names = {"entry": FEATURES, "text": (*FEATURES, *TEXT_FEATURES)}
    return {
        kind: (stored[kind]["intercept"], tuple(stored[kind]["weights"][name] for name in of))
        for kind, of in names.items()
    }


def add_texts(features: Matrix, scores: Matrix, columns: Sequence[int], marked: int) -> Matrix:
    """Return the features of the entries at `columns` with those of their texts.

    Args:
        features: Of all entries.
        scores: How far the text of each entry at `columns` holds each claim, of shape (claims, columns).
        columns: Places of the entries that have a text.
        marked: How many of the claims are those of markers, which come first.
    """
    held = np.stack([scores, _exceed(scores[:, :, None], marked)[:, :, 0]], axis=-1)
    return np.concatenate([features[:, list(columns)], held], axis=-1)


def weigh(features: Matrix, kind: Literal["entry", "text"] = "entry") -> Matrix:
    """Return the log of how much likelier features are if the claim is about the entry, of shape (claims, entries)."""
    intercept, weights = _load_models()[kind]
    return np.asarray(np.clip(features @ np.array(weights) + intercept, -_CLIP, _CLIP))
