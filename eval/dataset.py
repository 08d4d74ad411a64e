"""A dataset of any layout: recognised by what it holds, not by its name."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from eval.beir import BeirSet, find_qrels, list_beir_files, load_beir
from eval.dialogues import Dialogue, is_dialogues, load_dialogues
from eval.lines import iter_lines
from eval.outcome import Layout
from eval.questions import Question, list_files, load_questions
from eval.spans import SpanSet, list_spans_files, load_spans
from index.errors import DatasetError

Content: TypeAlias = BeirSet | SpanSet | tuple[Question, ...] | tuple[Dialogue, ...]

DEFAULT_SPLIT = "test"


@dataclass(frozen=True, slots=True)
class Dataset:
    """What is measured on: its name, layout, the SHA-256 of its files, and what they hold."""

    name: str
    layout: Layout
    sha256: str
    content: Content


def load_dataset(path: Path, split: str = DEFAULT_SPLIT) -> Dataset:
    """Read a dataset.

    Args:
        path: A folder, or a file of questions or dialogues.
        split: Which judgements of a BEIR set to use; the other layouts have but one.

    Raises:
        DatasetError: It is none, or a line is malformed.
    """
    layout = recognise_layout(path)
    if split != DEFAULT_SPLIT and layout != "beir":
        raise DatasetError(f"{path} has no splits", "leave --split out; only sets in the BEIR layout have some")
    content: Content
    if layout == "beir":
        content = load_beir(path, split)
    elif layout == "dialogues":
        content = load_dialogues(path)
    else:
        content = load_spans(path) if layout == "spans" else load_questions(path)
    name = path.resolve().name if path.is_dir() else path.stem
    return Dataset(name, layout, hash_dataset(path, split), content)


def recognise_layout(path: Path) -> Layout:
    """Return how a dataset is laid out; what is left out of it is for the layout's own reader to say."""
    if any((path / name).exists() for name in ("corpus.jsonl", "queries.jsonl", "qrels")):
        return "beir"
    file = path / "questions.jsonl"
    if (path / "corpora").is_dir() or (
        file.is_file() and any("references" in line.fields for line in islice(iter_lines(file, "it holds JSON"), 1))
    ):
        return "spans"
    return "dialogues" if is_dialogues(path) else "questions"


def hash_dataset(path: Path, split: str = DEFAULT_SPLIT) -> str:
    """Return the SHA-256 of a dataset's files, which floors and reports are pinned to.

    Raises:
        DatasetError: A file is missing.
    """
    layout = recognise_layout(path)
    if layout in {"questions", "dialogues"}:
        return _hash_files(list_files(path))
    if layout == "spans":
        return _hash_files(list_spans_files(path))
    find_qrels(path, split)
    return _hash_files(list_beir_files(path, split))


def _hash_files(files: Iterable[Path]) -> str:
    digests = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    return hashlib.sha256("".join(digests).encode()).hexdigest()
