"""How sure it is that the first passage answers: a logistic model of two pieces of evidence.

The score says how near question and passage are as a whole. A question just beside the paper's topics comes near, too,
but one of its words has nothing like it in the passage ("how many *jobs* will the plant create?"), while its other
words do: so the other is about the least of the words' likenesses to any of the passage's (after MaxSim; Khattab and
Zaharia, 2020), a soft minimum in which a rare word counts for more.
"""

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from index.bundle import Index
from index.vectors import Scores
from qa.likeness import match_words
from qa.retrieve import Ranking

# How near the soft minimum comes to the minimum.
_SHARPNESS = 8
# Written by `python -m eval.calibrate`: the weights, and what they were fitted to.
MODEL_FILE = Path(__file__).parent / "confidence.json"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the confidence is made of: the best hybrid score, and the soft minimum of the words' best cosines."""

    score: float
    least: float


@dataclass(frozen=True, slots=True)
class ConfidenceModel:
    """The weights of the logistic model."""

    intercept: float
    score: float
    least: float


@cache
def load_model() -> ConfidenceModel:
    """Read the fitted weights."""
    weights = json.loads(MODEL_FILE.read_text(encoding="utf-8"))["weights"]
    return ConfidenceModel(**weights)


def weigh_evidence(index: Index, ranking: Ranking) -> Evidence:
    """Compare the question with the first passage word by word; all is 0 where nothing was found."""
    if not ranking.windows:
        return Evidence(0.0, 0.0)
    best, row = ranking.windows[0], ranking.windows.rows[0]
    packed = index.corpus.load_words([best.context_id])[best.context_id]
    width = -(-ranking.words.shape[1] // 8)
    inside = packed[width * row["first_of_passage"] : width * row["stop_of_passage"]]
    likeness = match_words(ranking.words, inside).max(axis=1, initial=0.0)
    return Evidence(best.fused, _take_least(likeness, ranking.shares) if len(likeness) else 0.0)


def _take_least(likeness: Scores, shares: Scores) -> float:
    """Return -ln(sum of share * exp(-s * likeness)) / s: between their minimum, as s grows, and their mean."""
    return float(-np.log(shares @ np.exp(-_SHARPNESS * likeness)) / _SHARPNESS)


def estimate_confidence(evidence: Evidence) -> float:
    """Return the probability that the first hit answers the question, where half of all questions have an answer."""
    model = load_model()
    weighted = model.intercept + model.score * evidence.score + model.least * evidence.least
    return 1 / (1 + math.exp(-weighted))
