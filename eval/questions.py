"""Question sets: files of `{"id", "question", "answers": [...]}`, one a line; empty `answers` means unanswerable."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import DatasetError

_LAYOUT = 'each line is {"id": "…", "question": "…", "answers": ["…"]}; an unanswerable question has no answers'


@dataclass(frozen=True, slots=True)
class Question:
    """A question of an exam; any of `answers` inside a passage, case and white space folded, answers it."""

    id: str
    text: str
    answers: tuple[str, ...]


def load_questions(dataset: Path) -> tuple[Question, ...]:
    """Read a file of questions, or all such files directly in a folder, in order of name.

    Raises:
        DatasetError: It is missing or empty, or a line is malformed; the message names file and line.
    """
    questions: dict[str, Question] = {}
    for file in list_files(dataset):
        for number, line in enumerate(_read(file).splitlines(), 1):
            if line.strip():
                question = _parse_line(line, f"{file}:{number}")
                if question.id in questions:
                    raise DatasetError(f"{file}:{number} repeats the id {question.id!r}", "give each question its own")
                questions[question.id] = question
    if not questions:
        raise DatasetError(f"{dataset} holds no question", _LAYOUT)
    return tuple(questions.values())


def list_files(dataset: Path) -> list[Path]:
    """Return the files of a dataset.

    Raises:
        DatasetError: There is none.
    """
    files = sorted(dataset.glob("*.jsonl")) if dataset.is_dir() else [dataset]
    if not files or not all(file.is_file() for file in files):
        raise DatasetError(f"there are no questions in {dataset}", "name a .jsonl file or a folder that holds some")
    return files


def hash_exam(dataset: Path) -> str:
    """Return the SHA-256 of a dataset's files, which floors are pinned to."""
    digests = [hashlib.sha256(file.read_bytes()).hexdigest() for file in list_files(dataset)]
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"cannot read {file} as UTF-8 text", _LAYOUT) from error


def _parse_line(line: str, place: str) -> Question:
    try:
        fields: dict[str, Any] = json.loads(line)
        answers = fields["answers"]
        valid = isinstance(answers, list) and all(isinstance(answer, str) and answer.strip() for answer in answers)
        if not valid or not isinstance(fields["question"], str) or not fields["question"].strip():
            raise DatasetError(f"{place} has a question or an answer that is no text", _LAYOUT)
        return Question(str(fields["id"]), fields["question"], tuple(answers))
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{place} is no question ({error})", _LAYOUT) from error
