"""Vector search. This file knows faiss, and how many threads matrix products take."""

import functools
from pathlib import Path
from typing import Protocol

import faiss
import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from index.errors import DamagedIndexError

Ids = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]


class VectorStore(Protocol):
    """Holds one unit vector per window, numbered from 0, and compares by inner product."""

    def __len__(self) -> int:
        """Return how many vectors are held."""
        ...

    def search(self, vector: Scores, k: int, *, first: int, stop: int) -> tuple[Ids, Scores]:
        """Return the ids in `[first, stop)` with the k largest scores and those scores, best first, ties by id."""
        ...

    def score(self, vector: Scores, ids: Ids) -> Scores:
        """Return the scores of the given ids, in their order."""
        ...


def save_vectors(path: Path, vectors: npt.NDArray[np.floating]) -> None:
    """Write unit vectors, of shape (count, dimension), to a file that `FlatVectors` opens."""
    store = faiss.IndexFlatIP(vectors.shape[1])
    store.add(np.ascontiguousarray(vectors, np.float32))
    faiss.write_index(store, str(path))


@functools.cache
def _use_one_thread() -> None:
    """Let matrix products run on one thread: one question is too little work to share.

    Their threads would wait for the processors that onnxruntime's keep busy for a while after each encoding, which made
    a question take three times as long on two cores.
    """
    threadpool_limits(1, user_api="blas")


class FlatVectors:
    """Exact search over all vectors, memory-mapped; cost grows with their number."""

    def __init__(self, path: Path) -> None:
        """Open the file that `save_vectors` wrote.

        Raises:
            DamagedIndexError: The file is no such file.
        """
        _use_one_thread()
        try:
            self._store = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise DamagedIndexError(path, "is no vector file") from error

    def __len__(self) -> int:
        return int(self._store.ntotal)

    def search(self, vector: Scores, k: int, *, first: int, stop: int) -> tuple[Ids, Scores]:
        """Return the ids in `[first, stop)` with the k largest scores and those scores, best first, ties by id."""
        k = max(0, min(k, min(stop, len(self)) - max(first, 0)))
        if not k:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        # A selector, even one that selects all, keeps faiss from its blocked matrix product: three times the time.
        within = first > 0 or stop < len(self)
        bounds = faiss.SearchParameters(sel=faiss.IDSelectorRange(first, stop)) if within else None  # type: ignore[call-arg]
        scores, ids = self._store.search(vector[None, :], k, params=bounds)
        order = np.lexsort((ids[0], -scores[0]))
        return ids[0][order], scores[0][order]

    def score(self, vector: Scores, ids: Ids) -> Scores:
        """Return the scores of the given ids, in their order."""
        if not len(ids):
            return np.empty(0, np.float32)
        return np.asarray(self._store.reconstruct_batch(ids) @ vector, np.float32)
