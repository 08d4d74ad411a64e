"""Arrays on disk: plain NumPy files, opened memory-mapped, never as pickles."""

import os
import weakref
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from index.errors import DamagedIndexError

# A larger table is read, not mapped: where a page is touched, the system maps fifteen beside it, and counts them all.
_MAPPED_MAX_BYTES = 64_000_000


def save_array(path: Path, values: npt.ArrayLike) -> None:
    """Write an array to a file."""
    np.save(path, np.asarray(values), allow_pickle=False)


class GrowingArray:
    """A file of one column, or of rows of some width, as `save_array` writes it, that gets its length when it is left.

    It is written, not mapped: where a disk is full, to write into a mapped file ends the process.
    """

    def __init__(self, path: Path, dtype: npt.DTypeLike, width: int | None = None) -> None:
        self._dtype = np.dtype(dtype)
        self._row = () if width is None else (width,)
        self._file = path.open("wb")
        self._count = 0
        self._write_header()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._file:  # which closes it on a full disk as well
            self._file.seek(0)
            self._write_header()

    def __len__(self) -> int:
        return self._count

    def extend(self, values: npt.ArrayLike) -> None:
        """Write more values."""
        more = np.asarray(values, self._dtype).reshape(-1, *self._row)
        self._file.write(more.tobytes())
        self._count += len(more)

    def _write_header(self) -> None:
        """Write what NumPy says of an array; it leaves room for any length."""
        fields = {
            "descr": np.lib.format.dtype_to_descr(self._dtype),
            "fortran_order": False,
            "shape": (self._count, *self._row),
        }
        np.lib.format.write_array_header_1_0(self._file, fields)


def open_array(path: Path, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return what `save_array` wrote, memory-mapped.

    Raises:
        DamagedIndexError: The file holds no array, or one of another type.
    """
    try:
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DamagedIndexError(path, "is no table") from error
    if getattr(values, "dtype", None) != dtype:
        raise DamagedIndexError(path, "is another table")
    return np.asarray(values)  # a plain view of the mapped file, which is quicker to index


class Rows:
    """The rows of a table on disk, which are loaded by number; `shape` is that of the table."""

    def __init__(self, path: Path, dtype: npt.DTypeLike) -> None:
        """Open a table that `save_array` wrote.

        Raises:
            DamagedIndexError: The file holds no table, or one of another type.
        """
        table = open_array(path, dtype)
        if table.ndim != 2:  # noqa: PLR2004
            raise DamagedIndexError(path, "is another table")
        self.shape: tuple[int, int] = table.shape
        self._dtype = table.dtype
        self._mapped = table if table.nbytes <= _MAPPED_MAX_BYTES else None
        if self._mapped is None:
            self._file = os.open(path, os.O_RDONLY)
            weakref.finalize(self, os.close, self._file)
            self._begin = path.stat().st_size - table.nbytes

    def load(self, ids: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """Return the rows with some numbers, in their order; those that follow each other are read at once."""
        if self._mapped is not None:
            return np.asarray(self._mapped[ids])
        begins = np.append(0, np.flatnonzero(np.diff(ids) != 1) + 1)[: len(ids)]
        counts = np.diff(begins, append=len(ids))
        width = self.shape[1] * self._dtype.itemsize
        parts = [
            os.pread(self._file, count * width, self._begin + first * width)
            for first, count in zip(ids[begins].tolist(), counts.tolist(), strict=True)
        ]
        return np.frombuffer(b"".join(parts), self._dtype).reshape(len(ids), self.shape[1])


def list_ranges(firsts: npt.NDArray[np.int64], stops: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the numbers in half-open ranges, one range after the other."""
    lengths = stops - firsts
    before = np.cumsum(lengths) - lengths
    return np.asarray(np.arange(lengths.sum()) + np.repeat(firsts - before, lengths), np.int64)


def list_distinct(numbers: npt.NDArray[np.integer]) -> npt.NDArray[Any]:
    """Return each of some numbers once, in ascending order; NumPy's own imports its masked arrays for it."""
    ordered = np.sort(numbers)
    return np.asarray(ordered[find_runs(ordered)[0]])


def find_runs(numbers: npt.NDArray[np.integer]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return where each run of equal numbers begins, and in which run each number lies."""
    begins = np.ones(len(numbers), np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], out=begins[1:])
    return np.flatnonzero(begins), np.cumsum(begins) - 1
