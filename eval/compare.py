"""Two runs side by side: two datasets or saved evaluations, or one dataset under two settings."""

import os
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

from eval.cache import reshape_index
from eval.dataset import DEFAULT_SPLIT, load_dataset
from eval.evaluate import evaluate_dataset
from eval.outcome import Evaluation
from index.assemble import Progress
from index.bundle import open_index
from index.errors import SettingError
from index.settings import Settings, load_settings

# They say where things are, not how they work.
_PLACES = ("home", "index")


def is_saved(path: Path) -> bool:
    """Say whether a path is to be read as an evaluation that `--save` wrote, not as a dataset."""
    return path.suffix.lower() == ".json"


def obtain_evaluation(
    path: Path, settings: Settings, *, split: str = DEFAULT_SPLIT, progress: Progress | None = None
) -> Evaluation:
    """Load a saved evaluation, or evaluate a dataset."""
    if is_saved(path):
        from eval.saved import load_evaluation

        return load_evaluation(path)
    return evaluate_dataset(load_dataset(path, split), settings, progress=progress)


def evaluate_both(
    path: Path, settings: Settings, changed: Settings, *, split: str = DEFAULT_SPLIT, progress: Progress | None = None
) -> tuple[Evaluation, Evaluation]:
    """Evaluate a dataset under the settings in force, and under changed ones."""
    dataset = load_dataset(path, split)
    first = evaluate_dataset(dataset, settings, progress=progress)
    if dataset.layout in {"questions", "dialogues"} and changed.shape() != settings.shape():
        changed = reshape_index(open_index(settings), changed, progress or Progress())
    return first, evaluate_dataset(dataset, changed, progress=progress)


def change_settings(settings: Settings, changes: Sequence[str]) -> Settings:
    """Return settings with changes of the form `name=value`, checked as the environment is.

    Raises:
        SettingError: A name is unknown or given twice, or a value cannot be used.
    """
    known = [field.name for field in fields(Settings) if field.name not in _PLACES]
    values: dict[str, str] = {}
    for change in changes:
        name, _, value = change.partition("=")
        if name not in known or not value or name in values:
            fault = "is given twice" if name in values else "changes no setting"
            raise SettingError(f"--with {change} {fault}", f"write NAME=VALUE, once each, with {', '.join(known)}")
        values[name] = value
    loaded = load_settings({**os.environ, **{f"IBID_{name.upper()}": value for name, value in values.items()}})
    return replace(settings, **{name: getattr(loaded, name) for name in values})
