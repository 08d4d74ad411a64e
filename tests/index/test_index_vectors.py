import numpy as np
import pytest

from index.errors import DamagedIndexError
from index.vectors import FlatVectors, save_vectors


def make_unit_rows(count, dimension=16, seed=0):
    rows = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def rank(rows, vector, k, first, stop):
    """The oracle: all scores in numpy, sorted by score and then by id."""
    scores = rows @ vector
    ids = sorted(range(max(first, 0), min(stop, len(rows))), key=lambda row: (-scores[row], row))[:k]
    return ids, scores[ids]


ROWS = make_unit_rows(200)
QUESTIONS = make_unit_rows(5, seed=1)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("vectors") / "vectors.faiss"
    save_vectors(path, ROWS)
    return FlatVectors(path)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(
    ("k", "first", "stop"),
    [(1, 0, 200), (10, 0, 200), (200, 0, 200), (500, 0, 200), (7, 50, 100), (99, 50, 60), (5, 0, 1), (5, 199, 999)],
)
def test_a_search_ranks_as_numpy_does(store, question, k, first, stop):
    ids, scores = store.search(question, k, first=first, stop=stop)
    expected_ids, expected_scores = rank(ROWS, question, k, first, stop)
    assert ids.tolist() == expected_ids
    np.testing.assert_allclose(scores, expected_scores, atol=1e-6)


@pytest.mark.parametrize(("k", "first", "stop"), [(0, 0, 200), (-1, 0, 200), (5, 10, 10), (5, 20, 10), (5, 200, 300)])
def test_an_empty_search_finds_nothing(store, k, first, stop):
    ids, scores = store.search(QUESTIONS[0], k, first=first, stop=stop)
    assert (ids.shape, ids.dtype, scores.shape, scores.dtype) == ((0,), np.int64, (0,), np.float32)


def test_a_start_below_0_is_the_first(store):
    assert store.search(QUESTIONS[0], 4, first=-5, stop=200)[0].tolist() == rank(ROWS, QUESTIONS[0], 4, 0, 200)[0]


def test_duplicates_tie_by_id(tmp_path):
    rows = make_unit_rows(4)[[0, 1, 0, 2, 0, 3, 1]]
    save_vectors(tmp_path / "v", rows)
    ids, _ = FlatVectors(tmp_path / "v").search(rows[0], 7, first=0, stop=7)
    assert ids.tolist()[:3] == [0, 2, 4]


def test_duplicates_cut_by_k_are_the_first_ones(tmp_path):
    save_vectors(tmp_path / "v", np.repeat(make_unit_rows(1), 50, axis=0))
    ids, _ = FlatVectors(tmp_path / "v").search(make_unit_rows(1)[0], 5, first=0, stop=50)
    assert ids.tolist() == [0, 1, 2, 3, 4]


def test_a_vector_is_nearest_to_itself(store):
    ids, scores = store.search(ROWS[123], 1, first=0, stop=200)
    assert (ids.tolist(), round(float(scores[0]), 5)) == ([123], 1.0)


def test_the_opposite_of_a_vector_comes_last(store):
    assert store.search(-ROWS[123], 200, first=0, stop=200)[0][-1] == 123


def test_a_vector_of_another_length_is_compared_by_inner_product(store):
    scores = store.search(3 * QUESTIONS[0], 5, first=0, stop=200)[1]
    np.testing.assert_allclose(scores, 3 * rank(ROWS, QUESTIONS[0], 5, 0, 200)[1], rtol=1e-5)


def test_scores_come_in_the_order_of_the_ids(store):
    ids = np.array([17, 3, 3, 199], np.int64)
    np.testing.assert_allclose(store.score(QUESTIONS[0], ids), ROWS[ids] @ QUESTIONS[0], atol=1e-6)


def test_no_ids_have_no_scores(store):
    assert store.score(QUESTIONS[0], np.empty(0, np.int64)).shape == (0,)


def test_a_store_is_as_long_as_what_it_holds(store):
    assert len(store) == 200


def test_an_empty_store_finds_nothing(tmp_path):
    save_vectors(tmp_path / "v", np.empty((0, 16), np.float32))
    store = FlatVectors(tmp_path / "v")
    assert (len(store), store.search(QUESTIONS[0], 5, first=0, stop=5)[0].tolist()) == (0, [])


def test_a_file_of_something_else_is_damaged(tmp_path):
    (tmp_path / "v").write_bytes(b"no vectors at all")
    with pytest.raises(DamagedIndexError, match="is no vector file; rebuild it with `ibid build --fresh`"):
        FlatVectors(tmp_path / "v")


def test_a_missing_file_is_damaged(tmp_path):
    with pytest.raises(DamagedIndexError, match="is no vector file"):
        FlatVectors(tmp_path / "gone")
