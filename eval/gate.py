"""The gate: the project's own exam, with floors pinned to its hash.

`python -m eval.gate` fails when a measure falls below its floor or the exam is not the one that the floors were pinned
for; `python -m eval.gate --pin` pins anew, and refuses to lower a floor of the same exam unless `--lower` is given.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from eval.measure import measure, run_questions
from eval.questions import hash_exam, load_questions
from index.bundle import open_index
from index.errors import IbidError
from index.settings import load_settings

EXAM = Path(__file__).parent / "questions"
FLOORS = Path(__file__).parent / "floors.json"
GATED = ("answer_recall@1", "answer_recall@3", "answer_recall@5", "mrr", "abstention_auroc")
# One question of a hundred may turn with the processor's rounding of int8 products.
SLACK = 0.01


def check_floors(pinned: Mapping[str, object], exam_sha256: str, figures: Mapping[str, float | None]) -> list[str]:
    """Return what is wrong, a line each; nothing where the gate is passed."""
    if pinned["exam_sha256"] != exam_sha256:
        return ["the exam has changed since the floors were pinned; pin them with `python -m eval.gate --pin`"]
    floors = pinned["floors"]
    assert isinstance(floors, dict)  # noqa: S101 - the file's own shape
    return [
        f"{name} is {figures[name]}, below its floor of {floor}"
        for name, floor in floors.items()
        if (figures[name] or 0) < floor
    ]


def pin_floors(
    pinned: Mapping[str, object], exam_sha256: str, figures: Mapping[str, float | None]
) -> dict[str, object]:
    """Return floors a little below the figures, for this exam.

    Raises:
        ValueError: A floor of the same exam would fall.
    """
    floors = {name: round((figures[name] or 0) - SLACK, 3) for name in GATED}
    old = pinned.get("floors")
    if pinned.get("exam_sha256") == exam_sha256 and isinstance(old, dict):
        lowered = [name for name in GATED if floors[name] < old.get(name, 0)]
        if lowered:
            raise ValueError(f"this would lower the floors of {', '.join(lowered)}; add --lower if that is meant")
    return {"exam_sha256": exam_sha256, "floors": floors}


def main(arguments: list[str]) -> int:
    """Measure, then check or pin; return the exit code."""
    settings = load_settings()
    try:
        figures = measure(run_questions(open_index(settings), settings, load_questions(EXAM)))
    except IbidError as error:
        print(f"gate: {error}", file=sys.stderr)
        return 2
    print(json.dumps(figures, indent=1))
    pinned = json.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.exists() else {}
    if "--pin" in arguments:
        try:
            floors = pin_floors({} if "--lower" in arguments else pinned, hash_exam(EXAM), figures)
        except ValueError as error:
            print(f"gate: {error}", file=sys.stderr)
            return 1
        FLOORS.write_text(json.dumps(floors, indent=1) + "\n", encoding="utf-8")
        return 0
    faults = check_floors(pinned, hash_exam(EXAM), figures)
    print("\n".join(f"gate: {fault}" for fault in faults) or "gate: passed", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
