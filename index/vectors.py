"""Vectors in eight bits a component, searched and scored. This file knows faiss, and how many threads products take.

A few are searched exactly, many in clusters of which the nearest are read (an inverted file); how many are read is
measured when the file is written, on questions, against exact search. Both are memory-mapped.
"""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import faiss
import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from index.arrays import open_array, save_array
from index.errors import DamagedIndexError

Ids = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]

# Below it, exact search takes about as long as the words' search beside it.
EXACT_MAX = 20_000
_RECALL_TARGET = 0.99  # of what a search of all clusters finds; eight bits lose a little of their own
_RECALL_DEPTH = 10
_LEVELS = 255  # of a component, as faiss's QT_8bit has them
_SAMPLE = 65_536  # rows that the range of each component is taken from
_PER_CLUSTER = 40  # rows that a cluster's centre is fitted to, on average
_ROUND = 65_536  # rows that are in memory at once while a file is written
_SEED = 7
_WHOLE = False  # codes are of the vectors themselves, not of what is left beside their cluster's centre


class VectorStore(Protocol):
    """Holds one unit vector per unit, numbered from 0, and compares by inner product."""

    def __len__(self) -> int:
        """Return how many vectors are held."""
        ...

    def search(self, vector: Scores, k: int, *, first: int, stop: int) -> tuple[Ids, Scores]:
        """Return the ids in `[first, stop)` with the k largest scores and those scores, best first, ties by id."""
        ...

    def score(self, vector: Scores, ids: Ids) -> Scores:
        """Return the scores of the given ids, in their order."""
        ...


@dataclass(frozen=True, slots=True)
class SearchQuality:
    """How a file of vectors is searched, as measured when it was written.

    Attributes:
        clusters: How many there are; 0 where the search is exact.
        probes: How many of them a search reads.
        recall: The share of the ten nearest by the vectors themselves, before they were rounded, that it finds.
        questions: How many questions that was measured on.
    """

    clusters: int = 0
    probes: int = 0
    recall: float = 1.0
    questions: int = 0


def save_vectors(path: Path, vectors: npt.NDArray[np.floating], questions: Scores | None = None) -> SearchQuality:
    """Write unit vectors, of shape (count, dimension), to a file that `open_vectors` opens.

    Args:
        path: A file that does not exist yet.
        vectors: The vectors, which may be memory-mapped.
        questions: Unit vectors of questions, of shape (n, dimension), to choose a search by; without them, and for few
            vectors, the search is exact.
    """
    count, dimension = vectors.shape
    if questions is None or count <= EXACT_MAX:
        flat = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
        _fill(flat, vectors, _take_sample(vectors, _SAMPLE))
        faiss.write_index(flat, str(path))
        return SearchQuality()
    # 4 to 16 times the root of the count is what faiss's guidelines say; a power of 2.
    clusters = 2 ** round(np.log2(4 * np.sqrt(count)))
    centres = faiss.IndexFlatIP(dimension)
    store = faiss.IndexIVFScalarQuantizer(
        centres, dimension, clusters, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, _WHOLE
    )
    _fill(store, vectors, _take_sample(vectors, clusters * _PER_CLUSTER))
    quality = _choose_probes(store, vectors, questions)
    faiss.write_index(store, str(path))
    save_array(_name_places(path), _list_places(_open_lists(path)))
    return quality


def _fill(store: faiss.Index, vectors: npt.NDArray[np.floating], sample: Scores) -> None:
    store.train(sample)
    for first in range(0, len(vectors), _ROUND):
        store.add(np.ascontiguousarray(vectors[first : first + _ROUND], np.float32))


def _take_sample(vectors: npt.NDArray[np.floating], count: int) -> Scores:
    """Return some of the vectors, in their order; of none, one of zeros, as ranges need a row."""
    if not len(vectors):
        return np.zeros((1, vectors.shape[1]), np.float32)
    rows = np.random.default_rng(_SEED).choice(len(vectors), min(count, len(vectors)), replace=False)
    return np.ascontiguousarray(vectors[np.sort(rows)], np.float32)


def _choose_probes(store: faiss.IndexIVF, vectors: npt.NDArray[np.floating], questions: Scores) -> SearchQuality:
    """Let a store read as few clusters as find what all would, but for one in a hundred."""
    exact = _search_exactly(vectors, questions)
    wanted = _RECALL_TARGET * _measure_recall(store, exact, questions, store.nlist)
    probes = 1
    while (recall := _measure_recall(store, exact, questions, probes)) < wanted:
        probes = max(probes + 1, probes * 5 // 4)
    return SearchQuality(store.nlist, store.nprobe, recall, len(questions))


def _measure_recall(store: faiss.IndexIVF, exact: Ids, questions: Scores, probes: int) -> float:
    store.nprobe = min(store.nlist, probes)
    _, found = store.search(questions, _RECALL_DEPTH)
    return float(np.mean([np.isin(*pair).mean() for pair in zip(exact, found, strict=True)]))


def _search_exactly(vectors: npt.NDArray[np.floating], questions: Scores) -> Ids:
    """Return the ids of the nearest vectors of each question, of shape (n, depth), from the vectors themselves."""
    best = np.full((len(questions), _RECALL_DEPTH), -np.inf, np.float32)
    ids = np.zeros((len(questions), _RECALL_DEPTH), np.int64)
    for first in range(0, len(vectors), _ROUND):
        scores = questions @ np.asarray(vectors[first : first + _ROUND], np.float32).T
        both = np.concatenate([best, scores], axis=1)
        numbers = np.concatenate(
            [ids, np.broadcast_to(np.arange(first, first + scores.shape[1]), scores.shape)], axis=1
        )
        top = np.argpartition(-both, _RECALL_DEPTH - 1, axis=1)[:, :_RECALL_DEPTH]
        best, ids = np.take_along_axis(both, top, axis=1), np.take_along_axis(numbers, top, axis=1)
    return ids


def open_vectors(path: Path) -> VectorStore:
    """Open the file that `save_vectors` wrote.

    Raises:
        DamagedIndexError: The file is no such file.
    """
    _use_one_thread()
    try:
        with path.open("rb") as file:
            is_clustered = file.read(len(_CLUSTERED)) == _CLUSTERED
        return ClusteredVectors(path) if is_clustered else FlatVectors(path)
    except (OSError, RuntimeError) as error:
        raise DamagedIndexError(path, "is no vector file") from error


@functools.cache
def _use_one_thread() -> None:
    """Let matrix products run on one thread: one question is too little work to share.

    Their threads would wait for the processors that onnxruntime's keep busy for a while after each encoding, which made
    a question take three times as long on two cores.
    """
    threadpool_limits(1, user_api="blas")


class _Codes:
    """Rows of codes in memory-mapped bytes: (code + 1/2) / 255 of the range of each component, as faiss reads them."""

    def __init__(self, quantizer: faiss.ScalarQuantizer, dimension: int) -> None:
        self._low, self._range = faiss.vector_to_array(quantizer.trained).reshape(2, dimension)

    def score(self, vector: Scores, codes: npt.NDArray[np.uint8]) -> Scores:
        """Return the inner product of a vector with each row of codes: the ranges go into the vector, not the rows."""
        step = vector * self._range / _LEVELS
        return np.asarray(codes.astype(np.float32) @ step + (vector @ self._low + step.sum() / 2), np.float32)


class FlatVectors:
    """Exact search over all vectors; cost grows with their number."""

    def __init__(self, path: Path) -> None:
        """Open a file of vectors without clusters.

        Raises:
            RuntimeError: The file is no such file.
        """
        self._store = cast("faiss.IndexScalarQuantizer", faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC))
        size = int(self._store.codes.size())
        flat = faiss.rev_swig_ptr(self._store.codes.data(), size) if size else np.empty(0, np.uint8)
        self._rows = flat.reshape(-1, self._store.d)
        self._codes = _Codes(self._store.sq, self._store.d)

    def __len__(self) -> int:
        return int(self._store.ntotal)

    def search(self, vector: Scores, k: int, *, first: int, stop: int) -> tuple[Ids, Scores]:
        """Return the ids in `[first, stop)` with the k largest scores and those scores, best first, ties by id."""
        return _search(self._store, vector, k, first, stop)

    def score(self, vector: Scores, ids: Ids) -> Scores:
        """Return the scores of the given ids, in their order."""
        return self._codes.score(vector, self._rows[ids])


class ClusteredVectors:
    """Search in the clusters whose centres are nearest, as many as were found to be enough."""

    def __init__(self, path: Path) -> None:
        """Open a file of vectors in clusters.

        Raises:
            RuntimeError: The file is no such file.
            DamagedIndexError: The file beside it, which says where each vector stands, is no such file.
        """
        self._store = _open_lists(path)
        self._places = open_array(_name_places(path), np.int64)
        bytes_ = np.memmap(path, np.uint8, mode="r")
        width = self._store.d
        # A row may begin with any byte: a view of all rows that there could be, without a copy.
        self._rows = np.lib.stride_tricks.as_strided(bytes_, (len(bytes_) - width + 1, width), (1, 1), writeable=False)
        self._codes = _Codes(self._store.sq, width)

    def __len__(self) -> int:
        return int(self._store.ntotal)

    def search(self, vector: Scores, k: int, *, first: int, stop: int) -> tuple[Ids, Scores]:
        """Return the ids in `[first, stop)` with about the k largest scores, best first, ties by id."""
        return _search(self._store, vector, k, first, stop)

    def score(self, vector: Scores, ids: Ids) -> Scores:
        """Return the scores of the given ids, in their order."""
        return self._codes.score(vector, self._rows[self._places[ids]])


def _search(store: faiss.Index, vector: Scores, k: int, first: int, stop: int) -> tuple[Ids, Scores]:
    k = max(0, min(k, min(stop, store.ntotal) - max(first, 0)))
    if not k:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    asked: faiss.SearchParameters | None = None
    if first > 0 or stop < store.ntotal:
        kind: Any = faiss.SearchParameters
        bounds: dict[str, Any] = {"sel": faiss.IDSelectorRange(first, stop)}
        if isinstance(store, faiss.IndexIVF):
            kind, bounds = faiss.SearchParametersIVF, bounds | {"nprobe": store.nprobe}
        asked = kind(**bounds)
    scores, ids = store.search(vector[None, :], k, params=asked)
    found = ids[0] >= 0
    order = np.lexsort((ids[0][found], -scores[0][found]))
    return ids[0][found][order], scores[0][found][order]


_CLUSTERED = b"IwSq"  # with what faiss begins a file of an inverted file of scalar codes


def _name_places(path: Path) -> Path:
    return path.with_name(f"{path.stem}-places.npy")


def _open_lists(path: Path) -> faiss.IndexIVFScalarQuantizer:
    return cast("faiss.IndexIVFScalarQuantizer", faiss.read_index(str(path), faiss.IO_FLAG_MMAP))


def _list_places(store: faiss.IndexIVFScalarQuantizer) -> Ids:
    """Return where in the file the codes of each vector begin."""
    known = cast("faiss.InvertedLists", store.invlists)
    lists: Any = faiss.downcast_InvertedLists(known)  # of a type that its stubs do not know
    places = np.zeros(store.ntotal, np.int64)
    for number in range(store.nlist):
        of_list = lists.lists.at(number)
        if of_list.size:
            ids = faiss.rev_swig_ptr(lists.get_ids(number), of_list.size)
            places[ids] = of_list.offset + np.arange(of_list.size) * store.code_size
    return places
