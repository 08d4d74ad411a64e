"""Which windows there are, and in which passage and context each lies: one memory-mapped table, a row a window.

Windows, passages and contexts are numbered in reading order, so the windows of a passage or context follow each other;
a second file says where those of each passage begin.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.errors import DamagedIndexError
from index.vectors import Ids

ROWS_FILE = "rows.npy"
FIRSTS_FILE = "firsts.npy"
# What a row says: numbers of the passage, context and document; the window's span in the document; the ranges of its
# words and of its passage's among those of its context, which begin with the words of title and headings, and how many
# these are; and whether it lies in an entry of a bibliography.
_WORDS = ("first_word", "stop_word", "first_of_passage", "stop_of_passage", "lead_words")
ROW = np.dtype(
    [(name, np.int32) for name in ("passage", "context", "document", "start", "end", *_WORDS)]
    + [("is_entry", np.bool_)]
)


def save_windows(folder: Path, rows: Sequence[tuple[int, ...]]) -> None:
    """Write the table into a folder, a row per window in reading order; each passage has one at least."""
    table = np.array(rows, ROW)
    firsts = np.flatnonzero(np.diff(table["passage"], prepend=-1))
    np.save(folder / ROWS_FILE, table, allow_pickle=False)
    np.save(folder / FIRSTS_FILE, np.append(firsts, len(table)), allow_pickle=False)


def _open(path: Path, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    try:
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DamagedIndexError(path, "is no table of windows") from error
    if getattr(values, "dtype", None) != dtype:
        raise DamagedIndexError(path, "is another table")
    return np.asarray(values)  # a plain view of the mapped file, which is quicker to index


class WindowTable:
    """Reads the files that `save_windows` wrote, memory-mapped."""

    def __init__(self, folder: Path) -> None:
        """Open the files in a folder.

        Raises:
            DamagedIndexError: They are no such files.
        """
        self._rows = _open(folder / ROWS_FILE, ROW)
        self._firsts = _open(folder / FIRSTS_FILE, np.int64)

    def __len__(self) -> int:
        return len(self._rows)

    def load(self, ids: Ids) -> npt.NDArray[np.void]:
        """Return the rows of windows, in the order given."""
        return np.asarray(self._rows[ids])

    def find_documents(self, first: int, stop: int) -> tuple[tuple[int, int], ...]:
        """Return the ranges of the windows, passages and contexts of the documents numbered `first` up to `stop`."""
        low, high = np.searchsorted(self._rows["document"], [first, stop]).tolist()
        edges = [(low, high)]
        for unit in ("passage", "context"):
            own = self._rows[unit][low:high]
            edges.append((int(own[0]), int(own[-1]) + 1) if len(own) else (0, 0))
        return tuple(edges)

    def list_inside(self, passages: Ids) -> Ids:
        """Return the windows of some passages."""
        first, stop = self._firsts[passages], self._firsts[passages + 1]
        before = np.cumsum(stop - first) - (stop - first)
        return np.asarray(np.arange((stop - first).sum()) + np.repeat(first - before, stop - first), np.int64)
