"""Vectors that are searched. This file knows faiss.

A few are searched one by one, many in clusters of which the nearest are read (an inverted file); how many are read is
measured when the file is written, on questions, against exact search. Eight bits a component are searched; four more
beside them put what is found in the order that the vectors themselves would give. All files are memory-mapped.

Faiss is imported where there are clusters, and to write. To import it takes a twelfth of a cold answer, and where all
vectors are read, NumPy is as fast.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from index.arrays import GrowingArray, open_array, save_array
from index.errors import DamagedIndexError
from index.threads import use_one_thread

if TYPE_CHECKING:
    import faiss

Ids = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]

# Below it, exact search takes about as long as the words' search beside it.
EXACT_MAX = 20_000
_RECALL_TARGET = 0.99
_RECALL_DEPTH = 10
_LEVELS = 255  # of a component, as faiss's QT_8bit has them
_FINE_LEVELS = 16  # of each of these
# How many more than asked for are put in order: by eight bits, hardly any of the first k stands further behind.
_SPARE = 16
_SAMPLE = 65_536  # rows that the range of each component is taken from
_PER_CLUSTER = 40  # rows that a cluster's centre is fitted to, on average
_ROUND = 65_536  # rows that are in memory at once while a file is written
_BLOCK = 256  # rows that a search makes float32 at once, as many as stay in a processor's cache
_SEED = 7
_WHOLE = False  # codes are of the vectors themselves, not of what is left beside their cluster's centre


class VectorScores(Protocol):
    """Holds one unit vector per unit, numbered from 0, and compares by inner product."""

    def __len__(self) -> int:
        """Return how many vectors are held."""
        ...

    def score(self, vector: Scores, ids: Ids) -> Scores:
        """Return the scores of the given ids, in their order."""
        ...


class VectorStore(VectorScores, Protocol):
    """Finds the vectors whose inner product with another is largest, too."""

    def search(self, vector: Scores, k: int, *, first: int, stop: int) -> tuple[Ids, Scores]:
        """Return the ids in `[first, stop)` with the k largest scores and those scores, best first, ties by id."""
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
    import faiss

    count, dimension = vectors.shape
    if questions is None or count <= EXACT_MAX:
        flat = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
        _fill(flat, vectors, _take_sample(vectors, _SAMPLE))
        faiss.write_index(flat, str(path))
        _save_fine(path, vectors)
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
    _save_fine(path, vectors)
    return quality


def _save_fine(path: Path, vectors: npt.NDArray[np.floating]) -> None:
    """Write in which sixteenth of its level each component lies, two to a byte: the first half beside the second."""
    codes = _open_codes(path)
    count, dimension = vectors.shape
    half = -(-dimension // 2)
    with GrowingArray(_name_fine(path), np.uint8, half) as fine:
        for first in range(0, count, _ROUND):
            rows = np.asarray(vectors[first : first + _ROUND], np.float32)
            levels = np.zeros((len(rows), 2 * half), np.uint8)
            levels[:, :dimension] = _refine(codes, rows, np.arange(first, first + len(rows)))
            fine.extend(levels[:, :half] | levels[:, half:] << 4)


def _fill(store: "faiss.Index", vectors: npt.NDArray[np.floating], sample: Scores) -> None:
    store.train(sample)
    for first in range(0, len(vectors), _ROUND):
        store.add(np.ascontiguousarray(vectors[first : first + _ROUND], np.float32))


def _take_sample(vectors: npt.NDArray[np.floating], count: int) -> Scores:
    """Return some of the vectors, in their order; of none, one of zeros, as ranges need a row."""
    if not len(vectors):
        return np.zeros((1, vectors.shape[1]), np.float32)
    rows = np.random.default_rng(_SEED).choice(len(vectors), min(count, len(vectors)), replace=False)
    return np.ascontiguousarray(vectors[np.sort(rows)], np.float32)


def _choose_probes(store: "faiss.IndexIVF", vectors: npt.NDArray[np.floating], questions: Scores) -> SearchQuality:
    """Let a store read as few clusters as the target needs."""
    exact = _search_exactly(vectors, questions)
    probes = 1
    while (recall := _measure_recall(store, exact, questions, probes)) < _RECALL_TARGET and probes < store.nlist:
        probes = max(probes + 1, probes * 5 // 4)
    return SearchQuality(store.nlist, store.nprobe, recall, len(questions))


def _measure_recall(store: "faiss.IndexIVF", exact: Ids, questions: Scores, probes: int) -> float:
    store.nprobe = min(store.nlist, probes)
    _, found = store.search(questions, _RECALL_DEPTH + _SPARE)  # of which the best are then put in order
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
        DamagedIndexError: The file, or one of those beside it, is no such file.
    """
    use_one_thread()
    return SearchedVectors(path)


@contextmanager
def _use_one_faiss_thread() -> Iterator[None]:
    """Let faiss search on one thread, as it shares work by questions, of which there is one.

    The others would have nothing to do and be waited for, which on a busy machine takes far longer than the search.
    """
    import faiss

    threads = faiss.omp_get_max_threads()  # of the thread that calls, which may build as well
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)


# With what faiss begins a file of an inverted file of scalar codes, and how it begins one of scalar codes alone.
_CLUSTERED = b"IwSq"
_FLAT = b"IxSQ"
_FLAT_HEADER = np.dtype(
    [
        ("kind", "S4"),
        ("dimension", "<i4"),
        ("count", "<i8"),
        ("unused", "<i8", 2),
        ("is_trained", "?"),
        ("metric", "<i4"),
        ("quantizer", "<i4"),
        ("range_rule", "<i4"),
        ("range_argument", "<f4"),
        ("width", "<u8"),
        ("code_bytes", "<u8"),
        ("range_count", "<u8"),
    ]
)
_SIZE_BYTES = 8  # between ranges and codes: how many bytes these are


class _FlatCodes:
    """The codes of vectors that are searched one by one, from a file of faiss but without it."""

    def __init__(self, path: Path) -> None:
        whole = np.memmap(path, np.uint8, mode="r").view(np.ndarray)
        header = whole[: _FLAT_HEADER.itemsize].view(_FLAT_HEADER)[0]
        self.dimension = int(header["dimension"])
        if header["kind"] != _FLAT or header["range_count"] != 2 * self.dimension:
            raise ValueError("another kind of file")
        begin = _FLAT_HEADER.itemsize + 2 * self.dimension * np.dtype(np.float32).itemsize
        ranges = whole[_FLAT_HEADER.itemsize : begin].view(np.float32)
        self.low, span = ranges.reshape(2, self.dimension)
        self.step = span / _LEVELS
        self._rows = whole[begin + _SIZE_BYTES :].reshape(int(header["count"]), self.dimension)

    def __len__(self) -> int:
        return len(self._rows)

    def load(self, ids: Ids) -> npt.NDArray[np.uint8]:
        """Return the codes of vectors, a row each."""
        return np.asarray(self._rows[ids], np.uint8)

    def find(self, vector: Scores, k: int, first: int, stop: int) -> Ids:
        """Return the ids in `[first, stop)` of the k largest scores, and of those that tie with the last of them."""
        weights = vector * self.step
        rows = self._rows[first:stop]
        blocks = (rows[at : at + _BLOCK].astype(np.float32) for at in range(0, len(rows), _BLOCK))
        scores = np.concatenate([block @ weights for block in blocks])
        return np.asarray(first + np.flatnonzero(scores >= np.partition(scores, -k)[-k]))


class _ClusteredCodes:
    """The codes of vectors in clusters, of which a search reads the nearest: an open file of faiss."""

    def __init__(self, path: Path) -> None:
        import faiss

        self._store = _open_lists(path)
        self.dimension = int(self._store.d)
        self.low, span = faiss.vector_to_array(self._store.sq.trained).reshape(2, self.dimension)
        self.step = span / _LEVELS
        self._places = open_array(_name_places(path), np.int64)
        self._rows = _view_file(path, self.dimension)

    def __len__(self) -> int:
        return int(self._store.ntotal)

    def load(self, ids: Ids) -> npt.NDArray[np.uint8]:
        """Return the codes of vectors, a row each."""
        return np.asarray(self._rows[self._places[ids]], np.uint8)

    def find(self, vector: Scores, k: int, first: int, stop: int) -> Ids:
        """Return the ids in `[first, stop)` of the k largest scores in the nearest clusters, in no order."""
        import faiss

        asked = None
        if first > 0 or stop < len(self):
            kind: Any = faiss.SearchParametersIVF  # its stubs know no argument
            asked = kind(sel=faiss.IDSelectorRange(first, stop), nprobe=self._store.nprobe)
        with _use_one_faiss_thread():
            _, ids = self._store.search(vector[None, :], k, params=asked)
        return np.asarray(ids[0][ids[0] >= 0])


def _open_codes(path: Path) -> _FlatCodes | _ClusteredCodes:
    try:
        with path.open("rb") as file:
            is_clustered = file.read(len(_CLUSTERED)) == _CLUSTERED
        return _ClusteredCodes(path) if is_clustered else _FlatCodes(path)
    except (OSError, ValueError, RuntimeError) as error:
        raise DamagedIndexError(path, "is no vector file") from error


def _refine(codes: _FlatCodes | _ClusteredCodes, vectors: Scores, ids: Ids) -> npt.NDArray[np.uint8]:
    """Return in which sixteenth of its level each component of vectors lies, whose codes have these ids."""
    inside = (vectors - codes.low) / np.where(codes.step > 0, codes.step, 1) - codes.load(ids)
    return np.asarray(np.clip(np.floor(inside * _FINE_LEVELS), 0, _FINE_LEVELS - 1), np.uint8)


def _view_file(path: Path, width: int) -> npt.NDArray[np.uint8]:
    """Return all rows of bytes that there could be in a file, as one may begin with any byte, without a copy."""
    whole = np.memmap(path, np.uint8, mode="r")
    return np.lib.stride_tricks.as_strided(whole, (len(whole) - width + 1, width), (1, 1), writeable=False)


class SearchedVectors:
    """Finds what is nearest by eight bits a component, among all or in clusters, and puts it in order by twelve."""

    def __init__(self, path: Path) -> None:
        """Open a file of vectors.

        Raises:
            DamagedIndexError: The file, or one of those beside it, is no such file.
        """
        self._codes = _open_codes(path)
        self._fine = open_array(_name_fine(path), np.uint8)
        if self._fine.shape != (len(self), -(-self._codes.dimension // 2)):
            raise DamagedIndexError(_name_fine(path), "is another table")

    def __len__(self) -> int:
        return len(self._codes)

    def search(self, vector: Scores, k: int, *, first: int, stop: int) -> tuple[Ids, Scores]:
        """Return the ids in `[first, stop)` with the k largest scores and those scores, best first, ties by id."""
        first, stop = max(first, 0), min(stop, len(self))
        if k < 1 or first >= stop:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        found = self._codes.find(vector, min(k + _SPARE, stop - first), first, stop)
        scores = self.score(vector, found)
        order = np.lexsort((found, -scores))[:k]
        return found[order], scores[order]

    def score(self, vector: Scores, ids: Ids) -> Scores:
        """Return the scores of the given ids, in their order."""
        step = vector * self._codes.step  # the ranges go into the vector, not into the rows
        fine, half = self._fine[ids], self._fine.shape[1]
        sixteenths = np.zeros(2 * half, np.float32)
        sixteenths[: len(step)] = step / _FINE_LEVELS
        scores = self._codes.load(ids).astype(np.float32) @ step + (vector @ self._codes.low + sixteenths.sum() / 2)
        scores += (fine & 15).astype(np.float32) @ sixteenths[:half]
        scores += (fine >> 4).astype(np.float32) @ sixteenths[half:]
        return np.asarray(scores, np.float32)


def _name_fine(path: Path) -> Path:
    return path.with_name(f"{path.stem}-fine.npy")


def _name_places(path: Path) -> Path:
    return path.with_name(f"{path.stem}-places.npy")


def _open_lists(path: Path) -> "faiss.IndexIVFScalarQuantizer":
    """Open clusters, memory-mapped; each search would else start 32 threads that read ahead, and wait for them."""
    import faiss

    store = cast("faiss.IndexIVFScalarQuantizer", faiss.read_index(str(path), faiss.IO_FLAG_MMAP))
    _reach_lists(store).prefetch_nthread = 0
    return store


def _reach_lists(store: "faiss.IndexIVFScalarQuantizer") -> Any:
    """Return the clusters as what they are on the disk, a type that the stubs of faiss do not know."""
    import faiss

    return faiss.downcast_InvertedLists(cast("faiss.InvertedLists", store.invlists))


def _list_places(store: "faiss.IndexIVFScalarQuantizer") -> Ids:
    """Return where in the file the codes of each vector begin."""
    import faiss

    lists = _reach_lists(store)
    places = np.zeros(store.ntotal, np.int64)
    for number in range(store.nlist):
        of_list = lists.lists.at(number)
        if of_list.size:
            ids = faiss.rev_swig_ptr(lists.get_ids(number), of_list.size)
            places[ids] = of_list.offset + np.arange(of_list.size) * store.code_size
    return places
