"""Arrays on disk."""

import numpy as np
import pytest

import index.arrays
from index.arrays import GrowingArray, Rows, list_distinct, open_array, save_array
from index.errors import DamagedIndexError


@pytest.mark.parametrize("parts", [[], [[]], [[1]], [[1, 2], [], range(100_000)]])
def test_an_array_that_grew_is_the_file_of_one_that_was_whole(tmp_path, parts):
    with GrowingArray(tmp_path / "grown.npy", np.uint32) as grown:
        for part in parts:
            grown.extend(part)
    save_array(tmp_path / "whole.npy", np.array([value for part in parts for value in part], np.uint32))
    assert (tmp_path / "grown.npy").read_bytes() == (tmp_path / "whole.npy").read_bytes()
    assert len(open_array(tmp_path / "grown.npy", np.uint32)) == len(grown)


@pytest.mark.parametrize("ids", [[], [0], [9], [3, 4, 5], [9, 0, 1, 1, 5]])
def test_rows_that_are_read_are_those_that_are_mapped(tmp_path, monkeypatch, ids):
    save_array(tmp_path / "rows.npy", np.arange(70, dtype=np.uint16).reshape(10, 7))
    numbers = np.array(ids, np.int64)
    mapped = Rows(tmp_path / "rows.npy", np.uint16).load(numbers)
    monkeypatch.setattr(index.arrays, "_MAPPED_MAX_BYTES", 1)
    read = Rows(tmp_path / "rows.npy", np.uint16)
    assert (read.load(numbers).tolist(), read.shape) == (mapped.tolist(), (10, 7))


def test_a_column_is_no_table_of_rows(tmp_path):
    save_array(tmp_path / "column.npy", np.arange(3, dtype=np.uint8))
    with pytest.raises(DamagedIndexError, match="is another table"):
        Rows(tmp_path / "column.npy", np.uint8)


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_numbers_are_listed_once_in_ascending_order(count):
    numbers = np.random.default_rng(count).integers(0, 20, count)
    np.testing.assert_array_equal(list_distinct(numbers), np.unique(numbers))
