import faiss
import numpy as np
import pytest

import index.vectors
from index.errors import DamagedIndexError
from index.vectors import _open_codes, open_vectors, save_vectors


def make_unit_rows(count, dimension=16, seed=0):
    rows = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def as_kept(rows):
    """Return what twelve bits keep of rows: the middle of a sixteenth of one of 255 steps of each component's range."""
    low, high = rows.min(axis=0), rows.max(axis=0)
    step = (high - low) / 255
    levels = (rows - low) / step
    fine = np.clip(np.floor((levels - np.floor(levels)) * 16), 0, 15)
    return (low + (np.floor(levels) + (fine + 0.5) / 16) * step).astype(np.float32)


def rank(rows, vector, k, first, stop):
    """The oracle: all scores in numpy, sorted by score and then by id."""
    scores = rows @ vector
    ids = sorted(range(max(first, 0), min(stop, len(rows))), key=lambda row: (-scores[row], row))[:k]
    return ids, scores[ids]


ROWS = make_unit_rows(200)
KEPT = as_kept(ROWS)
QUESTIONS = make_unit_rows(5, seed=1)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("vectors") / "vectors.faiss"
    save_vectors(path, ROWS)
    return open_vectors(path)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(
    ("k", "first", "stop"),
    [(1, 0, 200), (10, 0, 200), (200, 0, 200), (500, 0, 200), (7, 50, 100), (99, 50, 60), (5, 0, 1), (5, 199, 999)],
)
def test_a_search_ranks_as_numpy_does(store, question, k, first, stop):
    ids, scores = store.search(question, k, first=first, stop=stop)
    expected_ids, expected_scores = rank(KEPT, question, k, first, stop)
    assert ids.tolist() == expected_ids
    np.testing.assert_allclose(scores, expected_scores, atol=5e-4)


@pytest.mark.parametrize(("k", "first", "stop"), [(0, 0, 200), (-1, 0, 200), (5, 10, 10), (5, 20, 10), (5, 200, 300)])
def test_an_empty_search_finds_nothing(store, k, first, stop):
    ids, scores = store.search(QUESTIONS[0], k, first=first, stop=stop)
    assert (ids.shape, ids.dtype, scores.shape, scores.dtype) == ((0,), np.int64, (0,), np.float32)


def test_a_start_below_0_is_the_first(store):
    assert store.search(QUESTIONS[0], 4, first=-5, stop=200)[0].tolist() == rank(KEPT, QUESTIONS[0], 4, 0, 200)[0]


def test_duplicates_tie_by_id(tmp_path):
    rows = make_unit_rows(4)[[0, 1, 0, 2, 0, 3, 1]]
    save_vectors(tmp_path / "v", rows)
    ids, _ = open_vectors(tmp_path / "v").search(rows[0], 7, first=0, stop=7)
    assert ids.tolist()[:3] == [0, 2, 4]


def test_duplicates_cut_by_k_are_the_first_ones(tmp_path):
    save_vectors(tmp_path / "v", np.repeat(make_unit_rows(1), 50, axis=0))
    ids, _ = open_vectors(tmp_path / "v").search(make_unit_rows(1)[0], 5, first=0, stop=50)
    assert ids.tolist() == [0, 1, 2, 3, 4]


def test_a_vector_is_nearest_to_itself(store):
    ids, scores = store.search(ROWS[123], 1, first=0, stop=200)
    assert (ids.tolist(), float(scores[0])) == ([123], pytest.approx(1, abs=0.01))


def test_the_opposite_of_a_vector_comes_last(store):
    assert store.search(-ROWS[123], 200, first=0, stop=200)[0][-1] == 123


def test_a_vector_of_another_length_is_compared_by_inner_product(store):
    scores = store.search(3 * QUESTIONS[0], 5, first=0, stop=200)[1]
    np.testing.assert_allclose(scores, 3 * rank(KEPT, QUESTIONS[0], 5, 0, 200)[1], atol=1e-3)


def test_scores_come_in_the_order_of_the_ids(store):
    ids = np.array([17, 3, 3, 199], np.int64)
    np.testing.assert_allclose(store.score(QUESTIONS[0], ids), KEPT[ids] @ QUESTIONS[0], atol=5e-4)


def test_no_ids_have_no_scores(store):
    assert store.score(QUESTIONS[0], np.empty(0, np.int64)).shape == (0,)


def test_codes_are_read_from_the_file_as_faiss_reads_them(tmp_path):
    save_vectors(tmp_path / "v", ROWS)
    opened = faiss.read_index(str(tmp_path / "v"))  # which its codes do not keep alive
    codes = faiss.vector_to_array(opened.codes).reshape(ROWS.shape)
    np.testing.assert_array_equal(_open_codes(tmp_path / "v").load(np.arange(len(ROWS))), codes)


def test_a_store_is_as_long_as_what_it_holds(store):
    assert len(store) == 200


def test_an_empty_store_finds_nothing(tmp_path):
    save_vectors(tmp_path / "v", np.empty((0, 16), np.float32))
    store = open_vectors(tmp_path / "v")
    assert (len(store), store.search(QUESTIONS[0], 5, first=0, stop=5)[0].tolist()) == (0, [])


def test_twelve_bits_keep_a_cosine_within_a_ten_thousandth(tmp_path):
    rows = make_unit_rows(500, dimension=384)
    save_vectors(tmp_path / "v", rows)
    for question in make_unit_rows(20, dimension=384, seed=1):
        assert np.abs(open_vectors(tmp_path / "v").score(question, np.arange(500)) - rows @ question).max() < 1e-4


def test_an_exact_search_finds_the_ten_nearest_by_the_vectors_themselves(tmp_path):
    rows = make_unit_rows(3000, dimension=384)
    save_vectors(tmp_path / "v", rows)
    store = open_vectors(tmp_path / "v")
    questions = make_unit_rows(30, dimension=384, seed=1)
    shares = [
        np.isin(rank(rows, question, 10, 0, 3000)[0], store.search(question, 10, first=0, stop=3000)[0]).mean()
        for question in questions
    ]
    assert np.mean(shares) >= 0.99


@pytest.fixture(scope="module")
def many():
    """Rows around 40 centres, and questions near some of them."""
    rng = np.random.default_rng(5)
    centres = make_unit_rows(40, dimension=32, seed=2)
    rows = centres[rng.integers(0, 40, 6000)] + rng.normal(scale=0.1, size=(6000, 32))
    questions = centres[rng.integers(0, 40, 50)] + rng.normal(scale=0.15, size=(50, 32))
    return tuple((each / np.linalg.norm(each, axis=1, keepdims=True)).astype(np.float32) for each in (rows, questions))


@pytest.fixture(scope="module")
def clustered(many, tmp_path_factory):
    path = tmp_path_factory.mktemp("clustered") / "vectors.faiss"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index.vectors, "EXACT_MAX", 1000)
        quality = save_vectors(path, *many)
    return path, quality, open_vectors(path)


def test_many_vectors_are_searched_in_some_of_their_clusters(clustered):
    _, quality, _ = clustered
    assert (quality.clusters, quality.questions) == (256, 50)
    assert 1 <= quality.probes < quality.clusters / 2


def test_the_recall_that_was_measured_is_that_of_the_store(many, clustered):
    rows, questions = many
    _, quality, store = clustered
    shares = []
    for question in questions:
        nearest = set(rank(rows, question, 10, 0, len(rows))[0])
        shares.append(len(nearest & set(store.search(question, 10, first=0, stop=len(rows))[0].tolist())) / 10)
    assert np.mean(shares) == pytest.approx(quality.recall, abs=0.01)
    assert quality.recall >= 0.99


def test_clustered_vectors_have_the_scores_of_their_codes(many, clustered):
    rows, questions = many
    store, ids = clustered[2], np.array([5999, 0, 17, 17])
    np.testing.assert_allclose(store.score(questions[0], ids), rows[ids] @ questions[0], atol=1e-3)
    found, scores = store.search(questions[0], 20, first=0, stop=len(rows))
    np.testing.assert_allclose(store.score(questions[0], found), scores, atol=1e-5)


def test_clustered_vectors_are_searched_within_bounds(many, clustered):
    found = clustered[2].search(many[1][0], 20, first=1000, stop=4000)[0]
    assert len(found) > 0
    assert ((found >= 1000) & (found < 4000)).all()


def test_clustered_vectors_without_their_places_are_damaged(many, clustered, tmp_path):
    (tmp_path / "vectors.faiss").write_bytes(clustered[0].read_bytes())
    with pytest.raises(DamagedIndexError, match="is no table"):
        open_vectors(tmp_path / "vectors.faiss")


def test_without_questions_to_choose_by_many_vectors_are_searched_exactly(many, tmp_path, monkeypatch):
    monkeypatch.setattr(index.vectors, "EXACT_MAX", 1000)
    quality = save_vectors(tmp_path / "v", many[0])
    assert (quality.clusters, quality.recall) == (0, 1)


def test_a_file_of_something_else_is_damaged(tmp_path):
    (tmp_path / "v").write_bytes(b"no vectors at all")
    with pytest.raises(DamagedIndexError, match="is no vector file; rebuild it with `ibid build --fresh`"):
        open_vectors(tmp_path / "v")


def test_a_file_without_what_orders_its_finds_is_damaged(tmp_path):
    save_vectors(tmp_path / "v", ROWS)
    np.save(tmp_path / "v-fine.npy", np.zeros((3, 8), np.uint8))
    with pytest.raises(DamagedIndexError, match=r"v-fine.npy is another table"):
        open_vectors(tmp_path / "v")


def test_a_missing_file_is_damaged(tmp_path):
    with pytest.raises(DamagedIndexError, match="is no vector file"):
        open_vectors(tmp_path / "gone")
