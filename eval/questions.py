"""Question sets: files of `{"id", "question", "answers": [...]}`, one a line; empty `answers` means unanswerable."""

from dataclasses import dataclass
from pathlib import Path

from eval.lines import Line, is_encodable, load_by_id
from index.errors import DatasetError, shorten

_FORM = 'each line is {"id": "…", "question": "…", "answers": ["…"]}; an unanswerable question has no answers'


@dataclass(frozen=True, slots=True)
class Question:
    """A question of an exam; any of `answers` inside a passage, case and white space folded, answers it.

    `place` is its file and line, where it has one.
    """

    id: str
    text: str
    answers: tuple[str, ...]
    place: str = ""


def load_questions(dataset: Path) -> tuple[Question, ...]:
    """Read a file of questions, or all such files directly in a folder, in order of name.

    Raises:
        DatasetError: It is missing or empty, or a line is malformed; the message names file and line.
    """
    questions: dict[str, Question] = {}
    for file in list_files(dataset):
        for name, line in load_by_id(file, _FORM, "id").items():
            if name in questions:
                line.refuse(f"repeats the id {shorten(name)!r} of {questions[name].place}")
            questions[name] = Question(name, line.find_text("question"), find_answers(line), line.place)
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


def find_answers(line: Line) -> tuple[str, ...]:
    """Return the answers of a question; none where it is unanswerable."""
    answers = line.fields.get("answers")
    if not isinstance(answers, list) or not all(isinstance(a, str) and a.strip() and is_encodable(a) for a in answers):
        line.refuse("has no list of texts as 'answers'")
    return tuple(answers or ())
