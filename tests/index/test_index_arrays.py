"""Arrays on disk."""

import numpy as np
import pytest

from index.arrays import GrowingArray, open_array, save_array


@pytest.mark.parametrize("parts", [[], [[]], [[1]], [[1, 2], [], range(100_000)]])
def test_an_array_that_grew_is_the_file_of_one_that_was_whole(tmp_path, parts):
    with GrowingArray(tmp_path / "grown.npy", np.uint32) as grown:
        for part in parts:
            grown.extend(part)
    save_array(tmp_path / "whole.npy", np.array([value for part in parts for value in part], np.uint32))
    assert (tmp_path / "grown.npy").read_bytes() == (tmp_path / "whole.npy").read_bytes()
    assert len(open_array(tmp_path / "grown.npy", np.uint32)) == len(grown)
