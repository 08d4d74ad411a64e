"""Retrieval against a brute-force oracle that scores every window by the formula in words."""

from dataclasses import replace

import numpy as np
import pytest

from index.encode import unpack_words
from qa.retrieve import (
    _BM25_PER_IDF,
    _ENTRY_HANDICAP,
    _WORDS_DEPTH,
    _WORDS_WEIGHT,
    group_passages,
    rank_windows,
    take_best,
    weigh_shared,
)

pytestmark = pytest.mark.model

QUESTIONS = [
    "How much has Toyota committed to invest in the battery plant in North Carolina?",
    "who wrote this paper?",
    "which arXiv preprint describes ABCI 3.0?",
    "semiconductor export controls against China",
]


def score_scale(scale, vector, terms, weight):
    """Return the fused score of every unit of a scale."""
    count = len(scale.vectors)
    ids, scores = scale.lexical.search(terms, count, first=0, stop=count)
    matched = np.zeros(count)
    matched[ids] = scores / (_BM25_PER_IDF * sum(scale.lexical.weigh(terms).values()))
    return weight * scale.vectors.score(vector, np.arange(count)) + (1 - weight) * matched


def score_by_force(index, question, weight):
    """Return the score of every window, the likeness of words added to the best of them."""
    vector, words = index.encoder.read_question(question)
    terms = list(dict.fromkeys(index.windows.lexical.analyze(question)))
    own, outer, around = (
        score_scale(scale, vector, terms, weight) for scale in (index.windows, index.passages, index.contexts)
    )
    rows = index.table.load(np.arange(len(own)))
    scores = (own + outer[rows["passage"]] + around[rows["context"]]) / 3 - _ENTRY_HANDICAP * rows["is_entry"]
    best = np.argsort(-scores, kind="stable")[:_WORDS_DEPTH]
    scores[best] += [_WORDS_WEIGHT * measure_likeness(index, rows[at], words) for at in best]
    return scores


def measure_likeness(index, row, words):
    loaded = index.corpus.load_words([int(row["context"])])
    passage = next(of for of in loaded if of.passage == row["passage"])
    inside = unpack_words(passage.packed, 384)
    texts = [
        inside[row["first_word"] : row["stop_word"]],
        inside,
        np.concatenate([unpack_words(of.packed, 384) for of in loaded]),
    ]
    return np.mean([np.mean([max((word @ other for other in text), default=0) for word in words]) for text in texts])


@pytest.mark.parametrize("weight", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("question", QUESTIONS)
def test_every_score_is_that_of_the_formula(index, settings, question, weight):
    expected = score_by_force(index, question, weight)
    ranking = rank_windows(index, question, replace(settings, dense_weight=weight))
    found = {window.id: window.score for window in ranking.windows}
    assert found == pytest.approx({number: expected[number] for number in found}, abs=1e-4)
    assert ranking.windows[0].id == int(np.argmax(expected))


@pytest.mark.parametrize("question", ["the of and", "zyzzyva qwxyz", *QUESTIONS])
def test_scores_never_rise(index, settings, question):
    scores = [window.score for window in rank_windows(index, question, settings).windows]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("k", [1, 3, 100])
def test_k_passages_come_back_and_they_are_distinct(index, settings, k):
    hits = group_passages(index, rank_windows(index, QUESTIONS[0], settings), k)
    assert len({hit.passage_id for hit in hits}) == len(hits) == min(k, index.manifest.passages)


def test_no_passage_of_a_reference_is_found_where_none_is_indexed(index, settings):
    assert rank_windows(index, QUESTIONS[0], settings, source="references").windows == ()


def test_fewer_candidates_keep_the_best_passage(index, settings):
    few, many = (rank_windows(index, QUESTIONS[0], replace(settings, candidates=n)) for n in (10, 1000))
    assert few.windows[0].passage_id == many.windows[0].passage_id


def test_the_best_of_each_range_is_taken_and_an_empty_range_has_none():
    likeness = np.array([[0.1, 0.9, 0.3], [0.5, 0.2, -0.4]], np.float32)
    best = take_best(likeness, np.array([[0, 2], [1, 1], [2, 3], [0, 3]]))
    np.testing.assert_array_equal(best, np.array([[0.9, 0, 0.3, 0.9], [0.5, 0, -0.4, 0.5]], np.float32))


@pytest.mark.parametrize(
    ("terms", "weights", "share"),
    [(["a"], {"a": 1.0, "b": 3.0}, 0.25), (["a", "a"], {"a": 2.0}, 1.0), (["x"], {}, 0.0)],
)
def test_shared_terms_weigh_their_part_of_the_whole(terms, weights, share):
    assert weigh_shared(terms, weights) == share
