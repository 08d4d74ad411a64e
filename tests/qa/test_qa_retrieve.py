"""Retrieval against a brute-force oracle that scores every window by the formula in words."""

import numpy as np
import pytest

from qa.retrieve import _BM25_PER_IDF, _ENTRY_HANDICAP, _WINDOW_WEIGHT, retrieve, weigh_shared

pytestmark = pytest.mark.model

QUESTIONS = [
    "How much has Toyota committed to invest in the battery plant in North Carolina?",
    "who wrote this paper?",
    "which arXiv preprint describes ABCI 3.0?",
    "semiconductor export controls against China",
    "the of and",
    "zyzzyva qwxyz",
]
DENSE_WEIGHTS = [0.0, 0.3, 0.5, 1.0]


def ask(index, question, *, k=100, source="all", dense_weight=0.5, candidates=200):
    return retrieve(index, question, k=k, source=source, dense_weight=dense_weight, candidates=candidates)


def score_scale(scale, vector, terms, dense_weight):
    """Return the fused score of every unit of a scale."""
    count = len(scale.vectors)
    ids, scores = scale.lexical.search(terms, count, first=0, stop=count)
    most = _BM25_PER_IDF * sum(scale.lexical.weigh(terms).values())
    matched = np.zeros(count)
    if len(ids):
        matched[ids] = scores / most
    return dense_weight * scale.vectors.score(vector, np.arange(count)) + (1 - dense_weight) * matched


def rank_by_force(index, question, dense_weight):
    """Return the span and score of every passage, best first: each window scored, each passage by its best."""
    terms = list(dict.fromkeys(index.windows.lexical.analyze(question)))
    vector = index.encoder.encode_question(question)
    own = score_scale(index.windows, vector, terms, dense_weight)
    outer = score_scale(index.passages, vector, terms, dense_weight)
    share = _WINDOW_WEIGHT
    best = {}
    for row in index.corpus.load_windows(range(len(own)), []):
        score = share * own[row.id] + (1 - share) * outer[row.passage] - _ENTRY_HANDICAP * row.is_entry
        best[row.passage] = max(best.get(row.passage, -np.inf), score)
    spans = {number: index.corpus.load_place(number).passage for number in best}
    order = sorted(best, key=lambda number: (-best[number], number))
    return [(spans[number].start, spans[number].end) for number in order], [best[number] for number in order]


def spans_of(ranking):
    return [(hit.place.passage.start, hit.place.passage.end) for hit in ranking.hits]


@pytest.mark.parametrize("dense_weight", DENSE_WEIGHTS)
@pytest.mark.parametrize("question", QUESTIONS[:4])
def test_the_ranking_is_that_of_scoring_every_window(index, question, dense_weight):
    spans, _ = rank_by_force(index, question, dense_weight)
    assert spans_of(ask(index, question, dense_weight=dense_weight))[:20] == spans[:20]


@pytest.mark.parametrize("dense_weight", DENSE_WEIGHTS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_every_score_is_that_of_the_formula(index, question, dense_weight):
    _, scores = rank_by_force(index, question, dense_weight)
    hits = ask(index, question, dense_weight=dense_weight).hits
    np.testing.assert_allclose([hit.score for hit in hits], scores, atol=1e-5)


@pytest.mark.parametrize("question", QUESTIONS)
def test_scores_fall(index, question):
    scores = [hit.score for hit in ask(index, question).hits]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1]


@pytest.mark.parametrize("k", [1, 3, 10, 46, 47])
def test_k_passages_come_back_and_they_are_distinct(index, k):
    assert len(set(spans_of(ask(index, QUESTIONS[0], k=k)))) == k


def test_a_k_beyond_the_corpus_returns_every_passage_once(index):
    spans = spans_of(ask(index, QUESTIONS[0], k=100))
    assert len(spans) == len(set(spans)) == index.manifest.passages == 47


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_three_best_are_the_first_of_the_ten_best(index, question):
    assert ask(index, question, k=3).hits == ask(index, question, k=10).hits[:3]


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_paper_alone_is_all_of_this_index(index, question):
    assert ask(index, question, source="paper").hits == ask(index, question, source="all").hits


def test_no_passage_of_a_reference_is_found_where_none_is_indexed(index):
    assert ask(index, QUESTIONS[0], source="references").hits == ()


@pytest.mark.parametrize("candidates", [10, 50])
def test_fewer_candidates_keep_the_best_passage(index, candidates):
    found = ask(index, QUESTIONS[0], k=1, candidates=candidates)
    assert spans_of(found) == spans_of(ask(index, QUESTIONS[0], k=1)) == [(9090, 10069)]


def test_the_best_window_holds_the_sentence_that_answers(index, paper):
    hit = ask(index, QUESTIONS[0], k=1).hits[0]
    assert "US$13.9 billion" in paper.text[hit.window[0] : hit.window[1]]


@pytest.mark.parametrize(("dense_weight", "field"), [(1.0, "cosine"), (0.0, "matched")])
def test_a_hit_carries_the_cosine_and_the_matched_share_of_its_window(index, dense_weight, field):
    hit = ask(index, QUESTIONS[0], k=1).hits[0]
    rows = index.corpus.load_windows(range(len(index.windows.vectors)), [])
    number = next(row.id for row in rows if (row.start, row.end) == hit.window)
    terms = list(dict.fromkeys(index.windows.lexical.analyze(QUESTIONS[0])))
    scores = score_scale(index.windows, index.encoder.encode_question(QUESTIONS[0]), terms, dense_weight)
    assert getattr(hit, field) == pytest.approx(scores[number], abs=1e-5)
    assert getattr(hit, field) > 0.3


def test_words_of_no_window_leave_the_embedding_to_decide(index):
    assert {hit.matched for hit in ask(index, "zyzzyva qwxyz").hits} == {0.0}


def test_with_embeddings_alone_a_window_scores_its_cosine_and_its_passages(index):
    vector = index.encoder.encode_question(QUESTIONS[3])
    hit = ask(index, QUESTIONS[3], k=1, dense_weight=1.0).hits[0]
    spans = [index.corpus.load_place(number).passage for number in range(47)]
    number = next(n for n, passage in enumerate(spans) if passage.start == hit.place.passage.start)
    outer = float(index.passages.vectors.score(vector, np.array([number]))[0])
    assert hit.score == pytest.approx(hit.cosine * 2 / 3 + outer / 3, abs=1e-5)


@pytest.mark.parametrize(
    ("terms", "weights", "share"),
    [
        (["a", "b"], {"a": 1.0, "b": 3.0}, 1.0),
        (["a"], {"a": 1.0, "b": 3.0}, 0.25),
        (["b", "b", "b"], {"a": 1.0, "b": 3.0}, 0.75),
        (["c"], {"a": 1.0, "b": 3.0}, 0.0),
        ([], {"a": 1.0}, 0.0),
        (["a"], {}, 0.0),
        (["a"], {"a": 0.0}, 0.0),
    ],
)
def test_shared_terms_weigh_their_part_of_the_whole(terms, weights, share):
    assert weigh_shared(terms, weights) == share
