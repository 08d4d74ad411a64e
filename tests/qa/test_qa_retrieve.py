"""Retrieval against a brute-force oracle that scores every window by the formula in words."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.build import build_index
from index.bundle import open_index
from index.encode import normalise, pack_words, unpack_words
from index.settings import Settings
from qa.answer import answer_question
from qa.retrieve import (
    _BM25_PER_IDF,
    _DEPTH,
    _ENTRY_HANDICAP,
    _WORDS_DEPTH,
    _WORDS_WEIGHT,
    group_passages,
    match_words,
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


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_paper_alone_is_all_of_this_index(index, settings, question):
    alone, every = (rank_windows(index, question, settings, source=source) for source in ("paper", "all"))
    assert alone.windows == every.windows


@pytest.fixture(scope="module")
def divided(index):
    """The index as if only its first 15 contexts were of a paper, and the rest of references."""
    rows = index.table.load(np.arange(len(index.table)))
    last = int(np.searchsorted(rows["context"], 15))
    papers = {"windows": last, "passages": int(rows["passage"][last]), "contexts": 15}
    return replace(index, **{name: replace(getattr(index, name), papers=count) for name, count in papers.items()})


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_source_finds_its_own_documents_only(divided, settings, question):
    paper, references, every = (
        {window.id for window in rank_windows(divided, question, settings, source=source).windows}
        for source in ("paper", "references", "all")
    )
    border = divided.windows.papers
    assert 0 < border < len(divided.windows.vectors)
    assert paper == {number for number in every if number < border} != set()
    assert references == {number for number in every if number >= border} != set()


@pytest.fixture(scope="module")
def large(tmp_path_factory, model_folder):
    """An index of more windows than are ever listed, and its settings."""
    folder = tmp_path_factory.mktemp("large")
    (folder / "models").symlink_to(model_folder.parent, target_is_directory=True)
    deeds = ("lifted copper", "carried grain", "sank in fog", "won a prize")
    lines = (f"Crane {n} of harbour {n % 9} {deeds[n % 4]} in the year {1200 + n}. " * 3 for n in range(600))
    (folder / "cranes.txt").write_text("\n\n".join(lines), encoding="utf-8")
    settings = Settings(home=folder)
    build_index([folder / "cranes.txt"], settings)
    return open_index(settings), settings


@pytest.mark.parametrize("candidates", [10, 100, 10_000])
def test_no_list_is_longer_than_500_windows(large, candidates):
    index, settings = large
    many = replace(settings, candidates=candidates)
    windows = rank_windows(index, "Which crane lifted copper?", many).windows
    assert len(index.windows.vectors) > _DEPTH == 500
    assert 10 <= len(windows) <= 500
    assert (len(windows) == 500) == (candidates == 10_000)
    assert len({window.id for window in windows}) == len(windows)


def test_ten_candidates_still_answer(index, settings):
    answer = answer_question(index, QUESTIONS[0], replace(settings, candidates=10))
    assert answer.answerable
    assert "US$13.9 billion" in answer.answer.text


def test_fewer_candidates_keep_the_best_passage(index, settings):
    few, many = (rank_windows(index, QUESTIONS[0], replace(settings, candidates=n)) for n in (10, 1000))
    assert few.windows[0].passage_id == many.windows[0].passage_id


def test_the_best_of_each_range_is_taken_and_an_empty_range_has_none():
    likeness = np.array([[0.1, 0.9, 0.3], [0.5, 0.2, -0.4]], np.float32)
    best = take_best(likeness, np.array([[0, 2], [1, 1], [2, 3], [0, 3]]))
    np.testing.assert_array_equal(best, np.array([[0.9, 0, 0.3, 0.9], [0.5, 0, -0.4, 0.5]], np.float32))


@st.composite
def draw_ranges(draw):
    """Draw a table of likenesses and ranges of its columns, empty ones and those that end at its end among them."""
    count = draw(st.integers(1, 8))
    values = st.floats(-1, 1, width=32)
    row = st.lists(values, min_size=count, max_size=count)
    likeness = np.array(draw(st.lists(row, min_size=1, max_size=4)), np.float32)
    span = st.tuples(st.integers(0, count), st.integers(0, count)).map(sorted)
    return likeness, np.array([*draw(st.lists(span, min_size=1, max_size=6)), [count, count], [0, count]])


@given(draw_ranges())
def test_the_best_of_any_ranges_are_those_that_a_loop_finds(drawn):
    likeness, ranges = drawn
    expected = [[max(row[start:stop], default=0) for start, stop in ranges.tolist()] for row in likeness.tolist()]
    np.testing.assert_array_equal(take_best(likeness, ranges), np.array(expected, np.float32))


def test_without_any_words_in_the_windows_nothing_is_alike():
    assert take_best(np.empty((2, 0), np.float32), np.array([[0, 0], [0, 0]])).tolist() == [[0, 0], [0, 0]]


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(0, 5), st.sampled_from([8, 20, 384]))
def test_a_match_is_the_product_with_the_signs_over_their_length(seed, asked, packed, dimension):
    rng = np.random.default_rng(seed)
    words = normalise(rng.standard_normal((asked, dimension)).astype(np.float32))
    inside = rng.standard_normal((packed, dimension)).astype(np.float32)
    expected = np.zeros((asked, packed))
    for row, word in enumerate(words):
        for column, other in enumerate(inside):
            agreeing = sum(abs(value) for value, sign in zip(word, other, strict=True) if (value > 0) == (sign > 0))
            expected[row, column] = (2 * agreeing - np.abs(word).sum()) * np.sqrt(np.pi / 2 / dimension)
    np.testing.assert_allclose(match_words(words, pack_words(inside).tobytes()), expected, atol=1e-5)


def test_a_word_matches_itself_by_nearly_one_and_another_by_nearly_nothing():
    words = normalise(np.random.default_rng(3).standard_normal((2, 384)).astype(np.float32))
    np.testing.assert_allclose(match_words(words, pack_words(words).tobytes()), np.eye(2), atol=0.15)


@pytest.mark.parametrize(
    ("terms", "weights", "share"),
    [(["a"], {"a": 1.0, "b": 3.0}, 0.25), (["a", "a"], {"a": 2.0}, 1.0), (["x"], {}, 0.0)],
)
def test_shared_terms_weigh_their_part_of_the_whole(terms, weights, share):
    assert weigh_shared(terms, weights) == share
