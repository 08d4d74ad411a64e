"""Which windows there are, and in which passage and context each lies: one memory-mapped table, a row a window.

Windows, passages and contexts are numbered in reading order, so the windows of a passage or context follow each other;
two more files say where those of each begin.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.arrays import open_array, save_array
from index.vectors import Ids

ROWS_FILE = "rows.npy"
UNITS = ("passage", "context")
# What a row says: numbers of the passage, context and document; the window's span in the document; the ranges of its
# words and of its passage's among those of its context, which begin with the words of title and headings, and how many
# these are; and whether it lies in an entry of a bibliography.
_WORDS = ("first_word", "stop_word", "first_of_passage", "stop_of_passage", "lead_words")
ROW = np.dtype(
    [(name, np.int32) for name in ("passage", "context", "document", "start", "end", *_WORDS)]
    + [("is_entry", np.bool_)]
)


def save_windows(folder: Path, rows: npt.ArrayLike) -> None:
    """Write the table, of shape (windows, columns), in reading order; no passage or context is without one."""
    columns = np.asarray(rows, np.int32).reshape(-1, len(ROW.names or ()))
    table = np.zeros(len(columns), ROW)
    for name, values in zip(ROW.names or (), columns.T, strict=True):
        table[name] = values
    save_array(folder / ROWS_FILE, table)
    for unit in UNITS:
        firsts = np.flatnonzero(np.diff(table[unit], prepend=-1))
        save_array(folder / _name_firsts(unit), np.append(firsts, len(table)))


def _name_firsts(unit: str) -> str:
    return f"of_{unit}s.npy"


class WindowTable:
    """Reads the files that `save_windows` wrote, memory-mapped."""

    def __init__(self, folder: Path) -> None:
        """Open the files in a folder.

        Raises:
            DamagedIndexError: They are no such files.
        """
        self._rows = open_array(folder / ROWS_FILE, ROW)
        self._of_passages, self._of_contexts = (open_array(folder / _name_firsts(unit), np.int64) for unit in UNITS)

    def __len__(self) -> int:
        return len(self._rows)

    def load(self, ids: Ids) -> npt.NDArray[np.void]:
        """Return the rows of windows, in the order given."""
        return np.asarray(self._rows[ids])

    def find_documents(self, first: int, stop: int) -> tuple[int, int]:
        """Return the first passage of the documents numbered `first` up to `stop`, and the one behind their last."""
        low, high = np.searchsorted(self._rows["document"], [first, stop]).tolist()
        own = self._rows["passage"][low:high]
        return (int(own[0]), int(own[-1]) + 1) if len(own) else (0, 0)

    def find_windows(self, passages: Ids) -> tuple[Ids, Ids]:
        """Return the first window of each of some passages, and the one behind its last."""
        return self._of_passages[passages], self._of_passages[passages + 1]

    def find_inside(self, contexts: Ids) -> tuple[Ids, Ids]:
        """Return the first window of each of some contexts, and the one behind its last."""
        return self._of_contexts[contexts], self._of_contexts[contexts + 1]
