"""Which windows there are, and in which passage and context each lies: one memory-mapped table, a row a window.

Windows, passages and contexts are numbered in reading order, so the windows of a passage or context follow each other.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.errors import DamagedIndexError
from index.vectors import Ids

# What a row says: numbers of the passage, context and document; the window's span in the document; the ranges of its
# words and of its passage's among those of its context, which begin with the words of title and headings, and how many
# these are; and whether it lies in an entry of a bibliography.
_WORDS = ("first_word", "stop_word", "first_of_passage", "stop_of_passage", "lead_words")
ROW = np.dtype(
    [(name, np.int32) for name in ("passage", "context", "document", "start", "end", *_WORDS)]
    + [("is_entry", np.bool_)]
)


def save_windows(path: Path, rows: Sequence[tuple[int, ...]]) -> None:
    """Write the table, a row per window in reading order."""
    np.save(path, np.array(rows, ROW), allow_pickle=False)


class WindowTable:
    """Reads the file that `save_windows` wrote, memory-mapped."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            DamagedIndexError: The file is no such file.
        """
        try:
            self._rows = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise DamagedIndexError(path, "is no table of windows") from error
        if getattr(self._rows, "dtype", None) != ROW:
            raise DamagedIndexError(path, "is another table")

    def __len__(self) -> int:
        return len(self._rows)

    def load(self, ids: Ids) -> npt.NDArray[np.void]:
        """Return the rows of windows, in the order given."""
        return np.asarray(self._rows[ids])

    def list_inside(self, passages: Ids) -> Ids:
        """Return the windows of some passages."""
        column = self._rows["passage"]
        first, stop = np.searchsorted(column, passages), np.searchsorted(column, passages, "right")
        before = np.cumsum(stop - first) - (stop - first)
        return np.asarray(np.arange((stop - first).sum()) + np.repeat(first - before, stop - first), np.int64)
