"""Rounds: all rivals in turn, then again, so that whatever else the machine does meets all of them alike."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eval.bench.child import Child, ChildError, run_child
from eval.bench.passages import Passages
from eval.bench.rivals import IBID, Kind, Rival, name_index, run_task
from eval.bench.spread import Percentiles, find_percentiles


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: how many rounds, and how many passages, a sample of all, are indexed anew in each."""

    rounds: int = 3
    built: int = 200

    def find_step(self, passages: int) -> int:
        """Return every which of so many passages is indexed anew."""
        return max(1, passages // self.built)


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking, in one round.

    Attributes:
        cold_s: Seconds from the start of a new process to its end, after one answer.
        cold_peak_bytes: The most memory that it held.
        question_ms: Milliseconds of a question to a process that is open.
        stages_ms: Their median by stage, where the rival tells.
        peak_bytes: The most memory that that process held.
    """

    cold_s: float
    cold_peak_bytes: int
    question_ms: Percentiles
    stages_ms: Mapping[str, float]
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class Round:
    """What came of one round: passages indexed a second, the model being loaded, and what came of asking."""

    built_per_s: float
    asked: Asked | None


@dataclass(frozen=True, slots=True)
class Saved:
    """The index of all passages.

    Attributes:
        building_peak_bytes: The most memory that building it took.
        index_bytes: Its size on disk.
        counts: What it counts of itself.
    """

    building_peak_bytes: int
    index_bytes: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Record:
    """All that was measured of one rival."""

    name: str
    kind: Kind
    versions: Mapping[str, str]
    saved: Saved
    rounds: tuple[Round, ...]


@dataclass(frozen=True, slots=True)
class _Entrant:
    rival: Rival
    folder: Path
    saved: Saved
    versions: Mapping[str, str]


def measure_rounds(
    rivals: Sequence[Rival], passages: Passages, model: Path, plan: Plan, *, report: Callable[[str], None]
) -> tuple[tuple[Record, ...], dict[str, str]]:
    """Build the index of each rival, then measure all in turn.

    Returns the records, and by name of each peer that cannot be installed or run why not.

    Args:
        rivals: Whom to measure.
        passages: The same for all.
        model: Folder of the model, the same for all.
        plan: How often, and how much.
        report: Whom to tell how far it is.

    Raises:
        ChildError: Ibid fails, or a peer that did build its index.
    """
    with TemporaryDirectory() as folder:
        file = Path(folder) / "passages.json"
        file.write_text(json.dumps({"texts": passages.texts, "questions": passages.questions}), encoding="utf-8")
        task = {"model": str(model), "passages": str(file), "every": plan.find_step(len(passages.texts))}
        entrants, absent = _save_all(rivals, passages, task, report)
        done: list[list[Round]] = [[] for _ in entrants]
        for number in range(plan.rounds):
            for entrant, own in zip(entrants, done, strict=True):
                report(f"{entrant.rival.name}: round {number + 1} of {plan.rounds}")
                own.append(
                    _measure(entrant, {**task, "question": passages.questions[number % len(passages.questions)]})
                )
    records = (
        Record(each.rival.name, each.rival.kind, each.versions, each.saved, tuple(own))
        for each, own in zip(entrants, done, strict=True)
    )
    return tuple(records), absent


def _save_all(
    rivals: Sequence[Rival], passages: Passages, task: Mapping[str, object], report: Callable[[str], None]
) -> tuple[list[_Entrant], dict[str, str]]:
    """Build the index of each rival; return also why a peer is left out."""
    entrants, absent = [], {}
    for rival in rivals:
        report(f"{rival.name}: all passages")
        try:
            entrants.append(_save(rival, passages, task))
        except (ChildError, subprocess.CalledProcessError) as error:
            if rival.environment is None:
                raise
            absent[rival.name] = str(error).strip().splitlines()[-1]
            report(f"{rival.name} is left out: {error}")
    return entrants, absent


def _save(rival: Rival, passages: Passages, task: Mapping[str, Any]) -> _Entrant:
    """Build the index of all passages, unless the same is there; what cannot be asked is built of the sample only."""
    every = task["every"] if rival.kind == "encoder" else 1
    folder = name_index(rival, passages.texts[::every])
    note = folder.with_suffix(".json")
    if not note.exists():
        _remove_stale(rival, folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        _, told = run_task(rival, {**task, "step": "save", "every": every, "folder": str(folder)})
        note.write_text(json.dumps(told))
    told = json.loads(note.read_text())
    saved = Saved(told["peak_bytes"], _measure_folder(folder), told["counts"])
    return _Entrant(rival, folder, saved, told["versions"])


def _remove_stale(rival: Rival, folder: Path) -> None:
    """Remove what is left of a build that failed, and of Ibid the indexes of all code before."""
    stale = [folder] if rival.packages else [each for each in folder.parent.glob(f"{rival.module}-*") if each.is_dir()]
    for each in stale:
        shutil.rmtree(each, ignore_errors=True)
        each.with_suffix(".json").unlink(missing_ok=True)


def _measure_folder(folder: Path) -> int:
    """Return the bytes of an index, without the readings that Ibid keeps to build the next one sooner."""
    files = (file for file in folder.rglob("*") if file.is_file() and not file.name.startswith("embeddings.sqlite"))
    return sum(file.stat().st_size for file in files)


def _measure(entrant: _Entrant, task: Mapping[str, object]) -> Round:
    task = {**task, "folder": str(entrant.folder)}
    cold = None if entrant.rival.kind == "encoder" else _ask_cold(entrant, task)
    _, told = run_task(entrant.rival, {**task, "step": "round"})
    return Round(told["built"] / told["build_s"], _describe(cold, told) if cold else None)


def _ask_cold(entrant: _Entrant, task: Mapping[str, object]) -> Child:
    """Ask a new process: of Ibid its command, of a peer the shortest script that its API allows."""
    if entrant.rival is not IBID:
        return run_task(entrant.rival, {**task, "step": "ask"})[0]
    command: list[str | Path] = [
        Path(sys.executable).parent / "ibid",
        "ask",
        str(task["question"]),
        "--index",
        entrant.folder,
    ]
    return run_child(command)


def _describe(cold: Child, told: Mapping[str, Any]) -> Asked:
    stages = {name: find_percentiles(times).p50 for name, times in told["stages_ms"].items()}
    peak = told["asking_peak_bytes"]
    return Asked(cold.wall_s, cold.peak_bytes, find_percentiles(told["question_ms"]), stages, peak)
