"""How answers, memory, disk and recall change from ten thousand windows to ten million.

Each size is an index of its own, grown as `grown.py` says, and kept in the home, so that a run that was cut goes on
with the segments that are whole. It is asked in a process of its own, whose memory is then that of a server.
"""

import argparse
import json
import resource
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from eval.bench.child import PEAK_UNIT_BYTES, run_child
from eval.bench.grown import Grown, list_sizes, load_pool
from eval.bench.passages import load_passages
from eval.bench.spread import Percentiles, find_percentiles
from index.assemble import make_manifest
from index.bundle import find_bundle, install_bundle, new_bundle, open_index, save_manifest
from index.embeddings import PackedReading
from index.encode import OnnxEncoder
from index.export import export_model
from index.model import Context
from index.segment import SegmentCard, link_segment, load_card, save_card
from index.settings import Settings, load_settings
from index.vectors import Ids, Scores
from index.write_segment import Contexts, Piece, write_segment
from qa.answer import answer_question

_LARGEST = 2_500_000  # windows of a segment, as `index/plan.py` has them
_DEPTH = 10
_ROUND = 4096  # passages that are compared with questions together
_WARM_UP = 20
_WORKERS = 2
_KINDS = {
    ".faiss": "vectors",
    "-places.npy": "vectors",
    "-fine.npy": "vectors",
    "-ranges.npy": "vectors",
    "/windows.npy": "vectors",
    "/contexts.npy": "vectors",
    "lexical": "words",
    "terms": "words",
    "windows": "table",
    "corpus.sqlite": "texts",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a process that answers does.

    Attributes:
        opened_s: Seconds to open the index.
        total_ms: Of a question, from end to end.
        encode_ms: Of that, its encoding.
        retrieve_ms: Of that, the retrieval.
        peak_bytes: The most memory that the process held.
        recall: The share of the ten nearest passages by the vectors before they were rounded, among the ten found.
    """

    opened_s: float
    total_ms: Percentiles
    encode_ms: Percentiles
    retrieve_ms: Percentiles
    peak_bytes: int
    recall: float


@dataclass(frozen=True, slots=True)
class Size:
    """An index of one size: how long it took to write, its bytes by kind, and how it answers."""

    windows: int
    passages: int
    segments: int
    written_s: float
    disk_bytes: dict[str, int]
    asked: Asked


def grow(windows: int, settings: Settings) -> Settings:
    """Write an index of about so many windows, unless it is there; return settings that open it."""
    own = replace(settings, index=settings.home / "eval" / "scale" / str(windows))
    folder = own.index or settings.home
    sizes = list_sizes(windows, load_pool(*_find_pool(settings)), _LARGEST)
    firsts = np.cumsum([0, *sizes]).tolist()
    started = time.perf_counter()
    tasks = [(folder, own, first, count) for first, count in zip(firsts, sizes, strict=False)]
    with ProcessPoolExecutor(min(_WORKERS, len(tasks)), get_context("spawn")) as workers:
        cards = list(workers.map(_grow_segment, tasks))
    if not (folder / "current").exists():
        _install(folder, own, cards)
        (folder / "written.json").write_text(json.dumps(time.perf_counter() - started))
    return own


def _find_pool(settings: Settings) -> tuple[Path, OnnxEncoder, Settings]:
    encoder = OnnxEncoder(export_model(settings.model, settings.models_folder))
    return settings.home / "eval" / "scale", encoder, settings


def _grow_segment(task: tuple[Path, Settings, int, int]) -> SegmentCard:
    """Write a segment, unless it is whole, and the passages that are nearest to each question."""
    folder, settings, first, count = task
    target = folder / ".segments" / f"s{first}"
    known = load_card(target)
    if known:
        return known
    pool = _find_pool(settings)
    encoder = pool[1]
    grown = Grown(load_pool(*pool), first, count)
    watched = WatchedReadings(grown, _read_questions(encoder))
    contexts = Contexts(grown.documents, grown.cut)
    read = partial(watched.load, dimension=encoder.card.dimension)
    pieces = [Piece(document, {}, document.work.id) for document in grown.documents]
    part = target.with_name(f"{target.name}.part-{time.monotonic_ns()}")
    with threadpool_limits(1):  # each worker has a core
        card = replace(write_segment(part, pieces, contexts, read, encoder), name=target.name)
        ids, scores = watched.find_nearest()
    np.savez(target.with_suffix(".nearest.npz"), ids=ids, scores=scores)
    save_card(part, card)
    part.rename(target)
    return card


class WatchedReadings:
    """Gives readings, each once and in order, and keeps which of their passages are nearest to each question."""

    def __init__(self, grown: Grown, questions: Scores) -> None:
        self._grown, self._questions = grown, questions
        self._waiting: list[npt.NDArray[np.float16]] = []
        self._seen = self._count = 0
        self._ids = np.empty((len(questions), 0), np.int64)
        self._scores = np.empty((len(questions), 0), np.float32)

    def load(self, context: Context, dimension: int) -> PackedReading:
        """Return the reading of a context."""
        reading = self._grown.load(context, dimension)
        self._waiting.append(reading.vectors[1 : 1 + len(context.passages)])
        self._count += len(context.passages)
        if self._count - self._seen >= _ROUND:
            self._compare()
        return reading

    def find_nearest(self) -> tuple[Ids, Scores]:
        """Return the nearest passages of each question, of shape (questions, depth), and their scores."""
        self._compare()
        return self._ids, self._scores

    def _compare(self) -> None:
        if not self._waiting:
            return
        scores = self._questions @ np.concatenate(self._waiting).astype(np.float32).T
        ids = np.broadcast_to(np.arange(self._seen, self._count), scores.shape)
        self._seen, self._waiting = self._count, []
        scores, ids = np.concatenate([self._scores, scores], axis=1), np.concatenate([self._ids, ids], axis=1)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :_DEPTH]
        self._ids, self._scores = np.take_along_axis(ids, order, axis=1), np.take_along_axis(scores, order, axis=1)


def _read_questions(encoder: OnnxEncoder) -> Scores:
    return np.stack([encoder.read_question(question).vector for question in load_passages().questions])


def _install(folder: Path, settings: Settings, cards: Sequence[SegmentCard]) -> None:
    model = export_model(settings.model, settings.models_folder)
    identity = f"{len(cards):012}"
    with new_bundle(folder) as part:
        for card in cards:
            link_segment(folder / ".segments" / card.name, part / card.name)
        save_manifest(part, make_manifest(identity, settings, OnnxEncoder(model), model.name, cards))
        install_bundle(folder, part, identity)


def ask(settings: Settings) -> Asked:
    """Open an index and ask it all questions."""
    started = time.perf_counter()
    index = open_index(settings)
    opened = time.perf_counter() - started
    questions = load_passages().questions
    for question in questions[:_WARM_UP]:
        answer_question(index, f"{question} ", settings, k=5)
    times = []
    for question in questions:
        started = time.perf_counter()
        told = answer_question(index, question, settings, k=5).timing_ms
        times.append(((time.perf_counter() - started) * 1e3, told.encode, told.retrieve))
    total, encode, retrieve = (find_percentiles(of_stage) for of_stage in zip(*times, strict=True))
    exact = _load_nearest(settings, [card.name for card in index.manifest.segments], index.manifest.segments)
    end = len(index.passages)
    shares = []
    for question, nearest in zip(questions, exact, strict=True):
        found, _ = index.passages.search(index.encoder.read_question(question).vector, _DEPTH, first=0, stop=end)
        shares.append(len(np.intersect1d(found, nearest)) / _DEPTH)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * PEAK_UNIT_BYTES
    return Asked(opened, total, encode, retrieve, peak, statistics.mean(shares))


def _load_nearest(settings: Settings, names: Sequence[str], cards: Sequence[SegmentCard]) -> Ids:
    """Return the nearest passages of each question among those of all segments."""
    folder = (settings.index or settings.home) / ".segments"
    stored = [np.load(folder / f"{name}.nearest.npz") for name in names]
    firsts = np.cumsum([0, *(card.passages for card in cards)])
    ids = np.concatenate([each["ids"] + first for each, first in zip(stored, firsts, strict=False)], axis=1)
    scores = np.concatenate([each["scores"] for each in stored], axis=1)
    return np.take_along_axis(ids, np.argsort(-scores, axis=1)[:, :_DEPTH], axis=1)


def measure(windows: int, settings: Settings) -> Size:
    """Grow an index and ask it, in a process of its own."""
    own = grow(windows, settings)
    folder = own.index or settings.home
    command: list[str | Path] = [sys.executable, "-m", "eval.bench.scale", "--ask", folder]
    told: dict[str, Any] = json.loads(run_child(command).stdout.splitlines()[-1])
    stages: dict[str, Any] = {name: Percentiles(**told.pop(name)) for name in ("total_ms", "encode_ms", "retrieve_ms")}
    bundle = find_bundle(folder)
    manifest = open_index(own).manifest
    return Size(
        windows=manifest.windows,
        passages=manifest.passages,
        segments=len(manifest.segments),
        written_s=json.loads((folder / "written.json").read_text()),
        disk_bytes=_weigh_kinds(bundle),
        asked=Asked(**told, **stages),
    )


def _weigh_kinds(bundle: Path) -> dict[str, int]:
    """Return the bytes of each kind of file."""
    weights = dict.fromkeys(_KINDS.values(), 0)
    for file in bundle.rglob("*"):
        path = file.relative_to(bundle).as_posix()
        kind = next((kind for end, kind in _KINDS.items() if path.endswith(end) or f"/{end}/" in path), None)
        if kind and file.is_file():
            weights[kind] += file.stat().st_size
    return weights


def main() -> None:
    """Ask an index, and print what came of it as JSON."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.scale")
    parser.add_argument("--ask", type=Path, required=True, help="folder of the index")
    settings = replace(load_settings(), index=parser.parse_args().ask)
    print(json.dumps(asdict(ask(settings))))


if __name__ == "__main__":
    main()
