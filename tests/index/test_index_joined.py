"""What is found in several segments is what would be found in one."""

import numpy as np
import pytest

from index.joined import Dropped, JoinedVectors
from index.vectors import open_vectors, save_vectors

DIMENSION = 32
SIZES = (300, 40, 5, 300)


def make_units(*shape):
    rows = np.random.default_rng(5).standard_normal((*shape, DIMENSION))
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


class Watched:
    """Vectors of a segment, with what they were asked for."""

    def __init__(self, store):
        self.store, self.asked = store, []

    def __len__(self):
        return len(self.store)

    def score(self, vector, ids):
        return self.store.score(vector, ids)

    def search(self, vector, k, *, first, stop):
        self.asked.append(k)
        return self.store.search(vector, k, first=first, stop=stop)


def join(folder, parts, dropped=()):
    stores = []
    for number, vectors in enumerate(parts):
        save_vectors(folder / f"{number}.faiss", vectors)
        stores.append(Watched(open_vectors(folder / f"{number}.faiss")))
    return JoinedVectors(stores, [Dropped(dict(dropped).get(number, [])) for number in range(len(parts))]), stores


def rank_all(joined, vector, first, stop, k, gone=()):
    ids = np.array([at for at in range(first, stop) if at not in gone], np.int64)
    scores = joined.score(vector, ids)
    return ids[np.lexsort((ids, -scores))][:k].tolist()


@pytest.fixture
def parts():
    vectors = make_units(sum(SIZES))
    return np.split(vectors, np.cumsum(SIZES)[:-1])


@pytest.mark.parametrize("k", [1, 10, 100, 400, 1000])
@pytest.mark.parametrize(("first", "stop"), [(0, 645), (290, 345), (301, 302), (5, 5)])
def test_the_first_of_all_segments_are_found(tmp_path, parts, k, first, stop):
    joined, _ = join(tmp_path, parts)
    vector = make_units(700)[-1]
    ids, scores = joined.search(vector, k, first=first, stop=stop)
    assert ids.tolist() == rank_all(joined, vector, first, stop, k)
    np.testing.assert_allclose(scores, joined.score(vector, ids), atol=1e-6)  # sums of rows in other company


def test_none_are_found_where_none_are_asked_for(tmp_path, parts):
    joined, _ = join(tmp_path, parts)
    assert [len(each) for each in joined.search(make_units(700)[-1], 0, first=0, stop=645)] == [0, 0]


def test_a_segment_is_asked_for_its_share(tmp_path, parts):
    joined, stores = join(tmp_path, parts)
    joined.search(make_units(700)[-1], 100, first=0, stop=645)
    assert [store.asked for store in stores] == [[100], [16 + 200 * 40 // 645], [16 + 200 * 5 // 645], [100]]


def test_a_segment_that_holds_all_the_first_is_asked_for_all(tmp_path, parts):
    vector = make_units(700)[-1]
    near = 0.9 * vector + 0.1 * parts[1]
    parts[1] = (near / np.linalg.norm(near, axis=1, keepdims=True)).astype(np.float32)
    joined, stores = join(tmp_path, parts)
    ids, _ = joined.search(vector, 40, first=0, stop=645)
    assert sorted(ids.tolist()) == list(range(300, 340))
    assert stores[1].asked == [20, 40]


def test_what_was_dropped_is_not_found(tmp_path, parts):
    joined, _ = join(tmp_path, parts, {0: [(10, 290)], 1: [(0, 40)]})
    vector = make_units(700)[-1]
    gone = {*range(10, 290), *range(300, 340)}
    ids, _ = joined.search(vector, 50, first=0, stop=645)
    assert ids.tolist() == rank_all(joined, vector, 0, 645, 50, gone)
