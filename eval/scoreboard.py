"""The scoreboard: the figures of the last full run, and what they were measured with, in a file and in the README."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.evaluate import list_settings
from eval.measure import COUNTS
from eval.outcome import Evaluation
from eval.readme import README, update_readme
from index.assemble import PIPELINE
from index.settings import Settings

SCOREBOARD = Path(__file__).parent / "scoreboard.json"
BLOCK = "scoreboard"  # of the README
# They differ between machines, and no figure depends on them.
_PLACES = ("home", "index")


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """What was measured with what.

    Attributes:
        pipeline: Version of parsing, chunking and indexing.
        settings: All that were in force, the model among them, but for the places of files.
        datasets: SHA-256 and figures by name.
    """

    pipeline: int
    settings: Mapping[str, Any]
    datasets: Mapping[str, Mapping[str, Any]]


def describe_code(settings: Settings) -> tuple[int, dict[str, Any]]:
    """Return the pipeline's version and the settings that figures measured now would carry."""
    return PIPELINE, {name: value for name, value in list_settings(settings).items() if name not in _PLACES}


def update_scoreboard(
    evaluations: Mapping[str, Evaluation], settings: Settings, *, path: Path = SCOREBOARD, readme: Path = README
) -> None:
    """Write the figures of a run into the scoreboard and the README.

    A dataset that was not run keeps its figures as long as they were measured with the same pipeline and settings. A
    run that differs in nothing but its times changes neither file.
    """
    pipeline, wanted = describe_code(settings)
    old = load_scoreboard(path) if path.exists() else Scoreboard(pipeline, wanted, {})
    kept = old.datasets if (old.pipeline, dict(old.settings)) == (pipeline, wanted) else {}
    rows = {name: {"sha256": run.sha256, "figures": dict(run.figures)} for name, run in evaluations.items()}
    new = Scoreboard(pipeline, wanted, {**kept, **rows})
    if _strip_times(new) != _strip_times(old):
        fields = {"pipeline": new.pipeline, "settings": new.settings, "datasets": new.datasets}
        path.write_text(json.dumps(fields, indent=1) + "\n", encoding="utf-8")
        old = new
    update_readme(BLOCK, format_scoreboard(old), readme)


def load_scoreboard(path: Path = SCOREBOARD) -> Scoreboard:
    """Read the scoreboard."""
    return Scoreboard(**json.loads(path.read_text(encoding="utf-8")))


def format_scoreboard(board: Scoreboard) -> str:
    """Return the table that stands in the README."""
    head = ["| dataset | queries | figures | p50 |", "|---|---|---|---|"]
    rows = []
    for name, row in board.datasets.items():
        figures = row["figures"]
        shown = ", ".join(
            f"{measure} {'–' if figure is None else format_share(figure)}"
            for measure, figure in figures.items()
            if measure not in COUNTS
        )
        rows.append(f"| {name} | {figures['queries']} | {shown} | {figures['latency_ms_p50']:.0f} ms |")
    return "\n".join([*head, *rows])


def format_share(figure: float) -> str:
    """Return a share with three digits and no nought before the point."""
    return f"{figure:.3f}".removeprefix("0")


def _strip_times(board: Scoreboard) -> Scoreboard:
    datasets = {
        name: {
            "sha256": row["sha256"],
            "figures": {measure: figure for measure, figure in row["figures"].items() if "latency" not in measure},
        }
        for name, row in board.datasets.items()
    }
    return Scoreboard(board.pipeline, dict(board.settings), datasets)
