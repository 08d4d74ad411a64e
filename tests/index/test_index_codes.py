import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import index.codes
from index.codes import CodedVectors, save_codes
from index.errors import DamagedIndexError


def make_unit_rows(count, dimension, seed=0):
    rows = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def as_kept(rows):
    """Return what six bits keep of rows: the nearest of 64 levels of each component's range."""
    low, high = rows.min(axis=0), rows.max(axis=0)
    step = np.where(high > low, (high - low) / 63, 1)
    return low + np.rint((rows - low) / step) * step


@given(st.integers(1, 40), st.sampled_from([1, 4, 7, 16]), st.integers(0, 1000))
def test_a_score_is_the_product_with_the_nearest_levels(tmp_path_factory, count, dimension, seed):
    path = tmp_path_factory.mktemp("codes") / "windows.npy"
    rows = make_unit_rows(count, dimension, seed)
    save_codes(path, rows)
    question = make_unit_rows(1, dimension, seed + 1)[0]
    ids = np.random.default_rng(seed).integers(0, count, 9)
    np.testing.assert_allclose(CodedVectors(path).score(question, ids), as_kept(rows)[ids] @ question, atol=1e-5)


def test_six_bits_keep_a_cosine_within_a_hundredth(tmp_path):
    rows = make_unit_rows(500, 384)
    save_codes(tmp_path / "windows.npy", rows.astype(np.float16))
    errors = CodedVectors(tmp_path / "windows.npy").score(rows[0], np.arange(500)) - rows @ rows[0]
    assert (np.abs(errors).max() < 0.01, np.abs(errors).mean() < 0.002) == (True, True)
    assert (tmp_path / "windows.npy").stat().st_size == pytest.approx(500 * 288, abs=200)


def test_rows_that_are_written_in_rounds_are_those_of_one(tmp_path, monkeypatch):
    rows = make_unit_rows(100, 16)
    save_codes(tmp_path / "one.npy", rows)
    monkeypatch.setattr(index.codes, "_ROUND", 7)
    save_codes(tmp_path / "many.npy", rows)
    assert (tmp_path / "one.npy").read_bytes() == (tmp_path / "many.npy").read_bytes()


def test_no_vectors_are_opened_as_none(tmp_path):
    save_codes(tmp_path / "windows.npy", np.empty((0, 16), np.float32))
    store = CodedVectors(tmp_path / "windows.npy")
    assert (len(store), store.score(np.ones(16, np.float32), np.empty(0, np.int64)).tolist()) == (0, [])


@pytest.mark.parametrize("name", ["windows.npy", "windows-ranges.npy"])
def test_a_missing_file_is_damaged(tmp_path, name):
    save_codes(tmp_path / "windows.npy", make_unit_rows(3, 16))
    (tmp_path / name).unlink()
    with pytest.raises(DamagedIndexError, match=f"{name} is no table"):
        CodedVectors(tmp_path / "windows.npy")


def test_ranges_of_another_dimension_are_damaged(tmp_path):
    save_codes(tmp_path / "windows.npy", make_unit_rows(3, 16))
    np.save(tmp_path / "windows-ranges.npy", np.zeros((2, 8), np.float32))
    with pytest.raises(DamagedIndexError, match="is another table"):
        CodedVectors(tmp_path / "windows.npy")
