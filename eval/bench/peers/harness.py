"""What every peer is put through, in a process of its own: all that this file needs is the standard library.

`python -m eval.bench.peers.NAME TASK`, where TASK is JSON: `save` builds the index of all passages, `ask` opens it and
answers one question, `round` opens it, answers many, and builds the index of some passages anew. The last line of what
is written is a JSON object.
"""

import json
import resource
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol, runtime_checkable

K = 5
_WARM = 5  # questions that are not counted


@dataclass(frozen=True, slots=True)
class Reply:
    """The texts that answer a question, best first, and the milliseconds of each stage that the peer itself tells."""

    texts: Sequence[str]
    stages_ms: Mapping[str, float] = field(default_factory=dict)


class Builder(Protocol):
    """One that makes something of passages."""

    def load(self, model: Path) -> None:
        """Load the model, so that a build is timed without it."""
        ...

    def build(self, passages: Sequence[str], folder: Path) -> Mapping[str, int]:
        """Index passages and save the index; return what it counts of itself, if anything."""
        ...


@runtime_checkable
class Peer(Builder, Protocol):
    """One that can be asked about passages as well; it keeps what it has opened."""

    def open(self, model: Path, folder: Path) -> None:
        """Open a saved index."""
        ...

    def ask(self, question: str) -> Reply:
        """Answer with the first few passages."""
        ...


def run(peer: Builder, distributions: Sequence[str]) -> None:
    """Do the task that the command line names, and print what came of it.

    Args:
        peer: Whom to measure.
        distributions: The packages whose versions matter.
    """
    task = json.loads(sys.argv[1])
    done = _do(peer, task)
    print(json.dumps({**done, "versions": {name: version(name) for name in distributions}}))


def _do(peer: Builder, task: Mapping[str, Any]) -> dict[str, Any]:
    if task["step"] == "save":
        return _save(peer, task)
    if task["step"] == "round":
        asked = _ask_many(peer, task) if isinstance(peer, Peer) else {}
        return {**asked, **_build_some(peer, task)}
    if not isinstance(peer, Peer):
        raise TypeError(f"{type(peer).__name__} cannot be asked")
    return _ask(peer, task)


def _save(peer: Builder, task: Mapping[str, Any]) -> dict[str, Any]:
    peer.load(Path(task["model"]))
    counts = peer.build(_load(task)["texts"][:: task["every"]], Path(task["folder"]))
    return {"peak_bytes": _find_peak_bytes(), "counts": dict(counts)}


def _ask(peer: Peer, task: Mapping[str, Any]) -> dict[str, Any]:
    peer.open(Path(task["model"]), Path(task["folder"]))
    return {"answer": _check(peer.ask(task["question"])).texts[0]}


def _ask_many(peer: Peer, task: Mapping[str, Any]) -> dict[str, Any]:
    peer.open(Path(task["model"]), Path(task["folder"]))
    return {**_time_questions(peer, _load(task)["questions"]), "asking_peak_bytes": _find_peak_bytes()}


def _build_some(peer: Builder, task: Mapping[str, Any]) -> dict[str, Any]:
    texts = _load(task)["texts"][:: task["every"]]
    peer.load(Path(task["model"]))
    with TemporaryDirectory() as folder:
        peer.build(texts[:1], Path(folder) / "first")  # what a process loads once is not counted
        started = time.perf_counter()
        peer.build(texts, Path(folder) / "index")
        build_s = time.perf_counter() - started
    return {"built": len(texts), "build_s": build_s}


def _time_questions(peer: Peer, questions: Sequence[str]) -> dict[str, Any]:
    for question in questions[:_WARM]:
        peer.ask(question)
    times_ms: list[float] = []
    stages_ms: dict[str, list[float]] = {}
    for question in questions:
        started = time.perf_counter()
        reply = peer.ask(question)
        times_ms.append((time.perf_counter() - started) * 1e3)
        for stage, taken_ms in _check(reply).stages_ms.items():
            stages_ms.setdefault(stage, []).append(taken_ms)
    return {"question_ms": times_ms, "stages_ms": stages_ms}


def _check(reply: Reply) -> Reply:
    if not reply.texts or not all(isinstance(text, str) and text for text in reply.texts):
        raise RuntimeError(f"no text comes back: {reply.texts!r}")
    return reply


def _load(task: Mapping[str, Any]) -> dict[str, list[str]]:
    loaded: dict[str, list[str]] = json.loads(Path(task["passages"]).read_text(encoding="utf-8"))
    return loaded


def _find_peak_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
