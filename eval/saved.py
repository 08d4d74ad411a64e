"""Evaluations on disk, so that a run can be reported on or compared with another later."""

import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from eval.outcome import Evaluation
from index.errors import DatasetError, shorten


@dataclass(frozen=True, slots=True)
class _File:
    """What a file holds; `version` changes with the shape of what it holds, and only that one is read."""

    format: Literal["ibid evaluation"]
    version: Literal[1]
    evaluation: Evaluation


def save_evaluation(evaluation: Evaluation, path: Path) -> None:
    """Write an evaluation as JSON, in place of what `path` held.

    Raises:
        DatasetError: The file cannot be written.
    """
    content = _adapt().dump_python(_File("ibid evaluation", 1, evaluation))
    write_whole(path, json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n")


def load_evaluation(path: Path) -> Evaluation:
    """Read an evaluation that `save_evaluation` wrote.

    Raises:
        DatasetError: The file cannot be read, is no evaluation, or is one of another version.
    """
    try:
        return _adapt().validate_json(path.read_bytes()).evaluation
    except OSError as error:
        raise DatasetError(f"cannot read {path}: {error.strerror}", "name a saved evaluation") from error
    except ValidationError as error:
        raise DatasetError(
            f"{path} is no evaluation that this version reads ({_explain(error)})",
            "save it anew: run `ibid eval` on its dataset again",
        ) from error


def write_whole(path: Path, text: str) -> None:
    """Write a file as UTF-8 so that a reader sees the old one or the new one, never a part.

    Half of a surrogate pair, which JSON can smuggle into a dataset and UTF-8 cannot hold, becomes a question mark.

    Raises:
        DatasetError: The file cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            with part.open("wb") as file:
                file.write(text.encode("utf-8", "replace"))
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise DatasetError(
            f"cannot write {path}: {error.strerror}", "name a file in a folder that exists and can be written"
        ) from error


@cache
def _adapt() -> TypeAdapter[_File]:
    return TypeAdapter(_File)


def _explain(error: ValidationError) -> str:
    """Return the first fault and its place, on one line."""
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(map(str, fault["loc"]))
    return " ".join(shorten(f"{place}: {fault['msg']}" if place else fault["msg"], 160).split())
