"""How far the words around a marker speak for each entry of a bibliography being what they are about.

What an entry says of itself is its title, who is behind it, what holds it, and the words of its address. Claim and
entry are compared as wholes (the cosine of their embeddings), word by word (MaxSim; Khattab and Zaharia, 2020) and by
the stems that they share, each weighted by how rare it is among the claims and entries of this paper. Beside each of
these stands how far it exceeds what the claim reaches with other entries, and the entry with other titles. Names and
dates count for and against (`cues.py`).

A logistic model makes one number of it: the log of how much likelier all this is if the claim is about the entry.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

import numpy as np
import numpy.typing as npt

from index.encode import Encoder
from index.model import Reference, Span
from qa.alike import (
    WORD,
    Analyze,
    Matrix,
    Rarity,
    Text,
    compare_wholes,
    cover_stems,
    match_words,
    read_texts,
    share_stems,
)
from qa.claims import Claim
from qa.cues import CUES, list_cues

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
    return min(1.0, len(set(WORD.findall(_describe(entry).words.casefold()))) / _WORDS_ENOUGH)


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
    own, rest = (" ".join(word for word in WORD.findall(part) if not _is_noise(word)) for part in spaced)
    return own, rest


def _is_noise(word: str) -> bool:
    return word.casefold() in _NOISE or len(word) == 1 or bool(_OPAQUE.fullmatch(word))


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Claims beside entries.

    Attributes:
        claims: Those compared.
        features: Of each claim with each entry, of shape (claims, entries, features).
        vectors: Unit vector of each claim's clause.
        titles: Unit vector of each entry's title.
        wholes: All that each entry says of itself.
        rarity: How rare each stem is.
    """

    claims: tuple[Claim, ...]
    features: Matrix
    vectors: npt.NDArray[np.float32]
    titles: npt.NDArray[np.float32]
    wholes: tuple[Text, ...]
    rarity: Rarity

    def list_shared(self, claim: int, entry: int) -> list[str]:
        """Return the words of a claim's sentence that an entry has as well, the rarest first."""
        analyze = self.rarity.analyze
        words = {stem: word for word in reversed(WORD.findall(self.claims[claim].sentence)) for stem in analyze(word)}
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
        marked: How many of the claims are those of markers, by which it is told how rare words are; by default all.
    """
    selves = [_describe(entry) for entry in entries]
    texts = [*((claim.sentence, claim.clause) for claim in claims), *((own.words, own.title) for own in selves)]
    others = slice(len(claims) if marked is None else marked, len(claims))
    read, rarity = read_texts(texts, encoder, without=others)
    sentences, clauses = zip(*read, strict=True)  # those of entries are their own words and titles
    wholes, titles = sentences[len(claims) :], clauses[len(claims) :]
    compared = np.stack(
        [
            compare_wholes(clauses, titles),
            compare_wholes(sentences, titles),
            match_words(titles, clauses).T,
            match_words(titles, sentences).T,
            match_words(clauses, wholes),
            cover_stems(titles, clauses, rarity).T,
            cover_stems(titles, sentences, rarity).T,
            cover_stems(clauses, wholes, rarity),
            np.log1p(share_stems(clauses, wholes, rarity)),
        ],
        axis=-1,
    )
    cues = list_cues([c.sentence[slice(*c.clause)] for c in claims], [c.sentence for c in claims], entries)
    features = np.concatenate(
        [compared[: len(claims)], exceed(compared, range(len(entries)), len(entries)), cues], axis=-1
    )
    vectors = np.stack([clause.vector for clause in clauses])
    return Comparison(tuple(claims), features, vectors[: len(claims)], vectors[len(claims) :], wholes, rarity)


def pick_akin(claims: Sequence[Claim], entries: Sequence[Reference]) -> list[Claim]:
    """Return the claims that have so many words of some entry's title that a closer look is worth its time."""
    analyze = Analyze()
    selves = [_describe(entry) for entry in entries]
    rarity = Rarity([own.words for own in selves], analyze)
    titles = [frozenset(analyze(own.words[slice(*own.title)])) for own in selves]
    totals = [max(rarity.sum(stems), 1e-9) for stems in titles]

    def is_akin(claim: Claim) -> bool:
        stems = frozenset(analyze(claim.sentence))
        shared = (stems & title for title in titles)
        return any(len(s) >= _AKIN_WORDS and rarity.sum(s) >= _AKIN * t for s, t in zip(shared, totals, strict=True))

    return [claim for claim in claims if is_akin(claim)]


def exceed(values: Matrix, columns: Sequence[int], entries: int) -> Matrix:
    """Return how far each value exceeds what its claim reaches with other entries, and its entry with other titles.

    So what is near to everything counts for less (hubness; Radovanović et al., 2010), and an entry that is cited over
    and over for as much as one that is cited once.

    Args:
        values: Of claims, then of the titles of all entries, with some of these: (claims + entries, columns, …).
        columns: Places of the entries that values are of.
        entries: How many entries there are in all.

    Returns:
        Of shape (claims, columns, …); 0 where there is but one entry.
    """
    own, titles = values[:-entries], values[-entries:]
    if entries == 1:
        return np.zeros_like(own)
    itself = titles[list(columns), range(len(columns))]
    by_entry = (titles.sum(axis=0) - itself) / (entries - 1)
    usual = by_entry.mean(axis=0)[None, None]
    others = len(columns) - 1
    by_claim = (own.sum(axis=1, keepdims=True) - own) / others if others else usual
    return np.asarray(own - by_claim - by_entry[None] + usual)


@cache
def _load_models() -> Mapping[str, tuple[float, tuple[float, ...]]]:
    """Return intercept and weights of the model for entries alone, and of that for those with a text."""
    stored = json.loads(MODEL_FILE.read_text(encoding="utf-8"))
    names = {"entry": FEATURES, "text": (*FEATURES, *TEXT_FEATURES)}
    return {
        kind: (stored[kind]["intercept"], tuple(stored[kind]["weights"][name] for name in of))
        for kind, of in names.items()
    }


def add_texts(features: Matrix, scores: Matrix, columns: Sequence[int]) -> Matrix:
    """Return the features of the entries at `columns` with those of their texts.

    Args:
        features: Of all entries.
        scores: How far the text of each entry at `columns` holds each claim, and then the title of each entry, of shape
            (claims + entries, columns).
        columns: Places of the entries that have a text.
    """
    above = exceed(scores[:, :, None], columns, features.shape[1])
    return np.concatenate([features[:, list(columns)], scores[: len(features), :, None], above], axis=-1)


def weigh(features: Matrix, kind: Literal["entry", "text"] = "entry") -> Matrix:
    """Return the log of how much likelier features are if the claim is about the entry, of shape (claims, entries)."""
    intercept, weights = _load_models()[kind]
    return np.asarray(np.clip(features @ np.array(weights) + intercept, -_CLIP, _CLIP))
