"""The gate: the project's own exams and each dataset at hand, with floors pinned to their hashes.

`python -m eval.gate` fails when a measure falls below its floor or a dataset is not the one that its floors were pinned
for; one that is not on this machine is skipped with a line that says so. `--only NAME` runs one, `--scoreboard` writes
the figures into the README once the gate is passed, and `--pin` pins anew: it refuses to lower a floor of the same
dataset, or to leave a measure without its floor, unless `--lower` is given.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from eval.dataset import Dataset, load_dataset
from eval.evaluate import evaluate_dataset
from eval.measure import COUNTS
from eval.outcome import Evaluation
from eval.scoreboard import update_scoreboard
from eval.table import format_figures
from index.errors import IbidError
from index.settings import Settings, load_settings
from qa.progress import show_progress

OWN = "own"
EXAM = Path(__file__).parent / "questions"
FOLLOW_UPS = "dialogues"
DIALOGUES = Path(__file__).parent / "dialogues" / "exam.jsonl"
_EXAMS = {OWN: EXAM, FOLLOW_UPS: DIALOGUES}
FLOORS = Path(__file__).parent / "floors.json"
DATA_VARIABLE = "IBID_EVAL_DATA"
_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
# Processors round int8 products differently: one question of the exam's hundred may turn, of a large set a few. Of a
# measure that is small by nature, such as precision at many tokens, only a share may be lost.
OWN_SLACK = 0.01
SLACK = 0.005
SLACK_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Pinned:
    """The floors of a dataset, and its SHA-256 when they were pinned."""

    sha256: str
    floors: Mapping[str, float]


def load_floors(path: Path = FLOORS) -> dict[str, Pinned]:
    """Read the floors by dataset; none where there is no file."""
    rows = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {name: Pinned(**row) for name, row in rows.items()}


def save_floors(floors: Mapping[str, Pinned], path: Path = FLOORS) -> None:
    """Write the floors."""
    rows = {name: asdict(pinned) for name, pinned in floors.items()}
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def check_floors(name: str, pinned: Pinned | None, evaluation: Evaluation) -> list[str]:
    """Return what is wrong, a line each; nothing where the gate is passed."""
    if pinned is None:
        return [f"{name} has no floors; pin them with `python -m eval.gate --pin --only {name}`"]
    if pinned.sha256 != evaluation.sha256:
        return [f"{name} has changed since its floors were pinned; pin them with `python -m eval.gate --pin`"]
    return [
        f"{name}: {measure} is {evaluation.figures.get(measure)}, below its floor of {floor}"
        for measure, floor in pinned.floors.items()
        if (evaluation.figures.get(measure) or 0) < floor
    ]


def make_floors(name: str, evaluation: Evaluation) -> Pinned:
    """Return floors a little below the figures."""
    most = OWN_SLACK if name in _EXAMS else SLACK
    figures = {measure: figure for measure, figure in evaluation.figures.items() if measure not in COUNTS}
    floors = {
        measure: min(round(figure - min(most, SLACK_SHARE * figure), 3), figure)
        for measure, figure in figures.items()
        if figure is not None
    }
    return Pinned(evaluation.sha256, floors)


def list_lowered(name: str, old: Pinned | None, new: Pinned) -> list[str]:
    """Return why `new` may not quietly take the place of `old`, a line each."""
    floors = old.floors if old else {}
    gone = [f"{name}: {measure} would lose its floor" for measure in floors if measure not in new.floors]
    if old is None or old.sha256 != new.sha256:
        return gone
    lowered = [
        f"{name}: the floor of {measure} would fall from {floor} to {new.floors[measure]}"
        for measure, floor in floors.items()
        if new.floors.get(measure, floor) < floor
    ]
    return gone + lowered


def pin_floors(
    pinned: Mapping[str, Pinned], evaluations: Mapping[str, Evaluation], *, lower: bool, path: Path = FLOORS
) -> list[str]:
    """Pin what was measured, and leave all other floors as they are; return why not, and write nothing, if one fell."""
    new = {name: make_floors(name, evaluation) for name, evaluation in evaluations.items()}
    faults = [] if lower else [fault for name in new for fault in list_lowered(name, pinned.get(name), new[name])]
    if not faults:
        save_floors({**pinned, **new}, path)
    return [f"{fault}; add --lower if that is meant" for fault in faults]


def find_data_folder() -> Path:
    """Return where datasets are looked for."""
    return Path(os.environ.get(DATA_VARIABLE) or _DATA)


def find_datasets(floors: Mapping[str, Pinned], data: Path, only: Sequence[str]) -> dict[str, Path]:
    """Return the paths of the datasets to run by name, the exams first: those named, or else all that have floors."""
    names = [*_EXAMS, *sorted({*(only or floors)} - {*_EXAMS})]
    return {name: _EXAMS.get(name, data / name) for name in names if not only or name in only}


def list_unpinned(floors: Mapping[str, Pinned], data: Path) -> list[str]:
    """Return the names of what lies beside the datasets without floors of its own, which may or may not be one."""
    found = [path.name for path in data.iterdir() if path.is_dir()] if data.is_dir() else []
    return sorted({*found} - {*floors})


def measure_datasets(paths: Mapping[str, Path], settings: Settings) -> dict[str, Evaluation]:
    """Run the datasets that are there and print their figures; say which are not.

    Raises:
        IbidError: A dataset or the index cannot be used.
    """
    evaluations = {}
    for name, path in paths.items():
        if not path.exists():
            _say(f"{name} skipped: there is no {path} (name the folder of datasets with {DATA_VARIABLE})")
            continue
        evaluations[name] = _measure(load_dataset(path), settings)
        print(f"{name}\n{format_figures(evaluations[name].figures)}\n", flush=True)
    return evaluations


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, then check or pin; return the exit code."""
    options = _parse(arguments)
    pinned = load_floors()
    data = find_data_folder()
    paths = find_datasets(pinned, data, options.only)
    unknown = [name for name in options.only if name not in pinned and not paths[name].exists()]
    if unknown:
        _say(f"there is no dataset {', '.join(unknown)}; put it into {data}, or name another with {DATA_VARIABLE}")
        return 2
    if not options.only:
        _mention_unpinned(pinned, data)
    settings = load_settings()
    try:
        evaluations = measure_datasets(paths, settings)
    except IbidError as error:
        _say(str(error))
        return 2
    faults = pin_floors(pinned, evaluations, lower=options.lower) if options.pin else _check(pinned, evaluations)
    if options.scoreboard and not faults:
        update_scoreboard(evaluations, settings)
    _say("\n".join(faults) or "passed")
    return 1 if faults else 0


def _mention_unpinned(pinned: Mapping[str, Pinned], data: Path) -> None:
    for name in list_unpinned(pinned, data):
        _say(f"{name} skipped: it has no floors; pin them with `python -m eval.gate --pin --only {name}`")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m eval.gate", description="Check the figures against their floors.")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="run this dataset alone")
    parser.add_argument("--pin", action="store_true", help="pin the floors anew")
    parser.add_argument("--lower", action="store_true", help="let a floor fall, or a measure lose it")
    parser.add_argument("--scoreboard", action="store_true", help="write the figures into the README")
    return parser.parse_args(arguments)


def _measure(dataset: Dataset, settings: Settings) -> Evaluation:
    with show_progress() as progress:
        return evaluate_dataset(dataset, settings, progress=progress)


def _check(pinned: Mapping[str, Pinned], evaluations: Mapping[str, Evaluation]) -> list[str]:
    return [fault for name, run in evaluations.items() for fault in check_floors(name, pinned.get(name), run)]


def _say(lines: str) -> None:
    for line in lines.splitlines():
        print(f"gate: {line}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
