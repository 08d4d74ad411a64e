"""How sure it is that the first passage answers: a logistic model of three pieces of evidence.

The score says how near question and passage are as a whole. A question just beside the paper's topics comes near, too,
but one of its words has nothing like it in the passage ("how many *jobs* will the plant create?"), while its other
words do: so the words are compared one by one, each by the best cosine of its embedding in the question with those of
the passage (MaxSim; Khattab and Zaharia, 2020), and their mean and their minimum are the other two.
"""

import math
import re
from dataclasses import dataclass

import numpy as np

from index.bundle import Index
from index.encode import unpack_words
from qa.retrieve import Ranking

# Fitted on eval/questions by `python -m eval.calibrate`, which prints them.
_INTERCEPT = -3.778
_PER_SCORE = 12.176
_PER_MEAN = -7.463
_PER_MINIMUM = 14.334
# Words that carry no content, and those by which a question speaks of the paper: "what does the paper say about …".
_FUNCTION_WORDS = frozenset(
    """
    a an and are as at be been by can could did do does for from had has have how in is it its many more much of on or
    should than that the their they this to was were what when where which who whom whose why will with would
    about according article describe described describes mention mentioned mentions paper say says study tell text
    """.split()
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the confidence is made of: the best score, and the mean and minimum of the words' best cosines."""

    score: float
    mean: float
    minimum: float


def weigh_evidence(index: Index, ranking: Ranking) -> Evidence:
    """Compare the question with the first hit word by word; all is 0 where nothing was found."""
    if not ranking.hits:
        return Evidence(0.0, 0.0, 0.0)
    best = ranking.hits[0]
    words, vectors = ranking.pieces, ranking.piece_vectors
    content = [at for at, word in enumerate(words) if _is_content(word)] or list(range(len(words)))
    others = unpack_words(index.corpus.load_words(best.passage_id), vectors.shape[1])
    likeness = (vectors[content] @ others.T).max(axis=1, initial=-1.0)
    if not len(likeness):
        return Evidence(best.score, 0.0, 0.0)
    return Evidence(best.score, float(np.mean(likeness)), float(np.min(likeness)))


def _is_content(piece: str) -> bool:
    letters = re.sub(r"[\W_]", "", piece).casefold()
    return bool(letters) and letters not in _FUNCTION_WORDS


def estimate_confidence(evidence: Evidence) -> float:
    """Return the probability that the first hit answers the question."""
    weighted = _PER_SCORE * evidence.score + _PER_MEAN * evidence.mean + _PER_MINIMUM * evidence.minimum
    return 1 / (1 + math.exp(-(_INTERCEPT + weighted)))
