"""Vectors in six bits a component, scored by number, memory-mapped: what windows and contexts need.

The error that this adds to a cosine is about a five-hundredth. Components are in four equal parts, so that the codes of
the same place in each share three bytes, and come apart again without a look-up.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.arrays import GrowingArray, Rows, open_array, save_array
from index.errors import DamagedIndexError
from index.vectors import Ids, Scores

_PARTS = 4
_BYTES = 3
_LEVELS = 63
_ROUND = 65_536  # rows that are in memory at once while a file is written


def save_codes(path: Path, vectors: npt.NDArray[np.floating]) -> None:
    """Write vectors, of shape (count, dimension), which may be memory-mapped, to a file that `CodedVectors` opens."""
    count, dimension = vectors.shape
    width = -(-dimension // _PARTS)
    low, high = np.zeros((2, _PARTS * width), np.float32)
    if count:
        rounds = range(0, count, _ROUND)
        low[:dimension] = np.min([vectors[at : at + _ROUND].min(axis=0) for at in rounds], axis=0)
        high[:dimension] = np.max([vectors[at : at + _ROUND].max(axis=0) for at in rounds], axis=0)
    step = (high - low) / _LEVELS
    save_array(_name_ranges(path), np.stack([low, step]))
    with GrowingArray(path, np.uint8, _BYTES * width) as codes:
        for at in range(0, count, _ROUND):
            rows = np.zeros((min(_ROUND, count - at), _PARTS * width), np.float32)
            rows[:, :dimension] = vectors[at : at + _ROUND]
            levels = np.rint((rows - low) / np.where(step > 0, step, 1)).astype(np.uint8)
            codes.extend(_pack(levels.reshape(len(rows), _PARTS, width)))


def _pack(levels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return four parts of six-bit codes, of shape (rows, 4, width), in three of bytes, end to end."""
    one, two, three, four = levels.transpose(1, 0, 2)
    return np.concatenate([one | two << 6, two >> 2 | three << 4, three >> 4 | four << 2], axis=1)


def _unpack(codes: npt.NDArray[np.uint8]) -> list[npt.NDArray[np.uint8]]:
    """Return the four parts of rows, each of shape (rows, width)."""
    one, two, three = np.split(codes, _BYTES, axis=1)
    parts = (one & 63, one >> 6 | (two & 15) << 2, two >> 4 | (three & 3) << 4, three >> 2)
    return [np.asarray(part, np.uint8) for part in parts]


class CodedVectors:
    """Vectors that are scored, and never searched."""

    def __init__(self, path: Path) -> None:
        """Open the file that `save_codes` wrote.

        Raises:
            DamagedIndexError: It, or the one of the ranges beside it, is no such file.
        """
        self._codes = Rows(path, np.uint8)
        ranges = open_array(_name_ranges(path), np.float32)
        if ranges.shape != (2, self._codes.shape[1] // _BYTES * _PARTS):
            raise DamagedIndexError(path, "is another table")
        self._low, self._step = ranges

    def __len__(self) -> int:
        return self._codes.shape[0]

    def score(self, vector: Scores, ids: Ids) -> Scores:
        """Return the inner products of a vector with those of the given ids, in their order."""
        padded = np.zeros(len(self._low), np.float32)
        padded[: len(vector)] = vector
        steps = np.split(padded * self._step, _PARTS)  # the ranges go into the vector, not into the rows
        scores = np.full(len(ids), padded @ self._low, np.float32)
        for part, step in zip(_unpack(self._codes.load(ids)), steps, strict=True):
            scores += part.astype(np.float32) @ step
        return scores


def _name_ranges(path: Path) -> Path:
    return path.with_name(f"{path.stem}-ranges.npy")
