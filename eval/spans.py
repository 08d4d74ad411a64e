"""The spans layout: `corpora/*.md`, and `questions.jsonl` with the character ranges that answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from eval.beir import PlainText
from eval.lines import Line, iter_lines, read_text
from index.errors import DatasetError, shorten

_FORM = (
    'each line is {"corpus_id": "…", "question": "…", '
    '"references": [{"content": "…", "start_index": 0, "end_index": 1}]}'
)


@dataclass(frozen=True, slots=True)
class SpanQuestion:
    """A question whose answer is the ranges `[start, end)` of one document; `place` is its file and line."""

    id: str
    text: str
    place: str
    document_id: str
    gold: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SpanSet:
    """A set in the spans layout; all texts make one collection."""

    texts: tuple[PlainText, ...]
    questions: tuple[SpanQuestion, ...]


def load_spans(folder: Path) -> SpanSet:
    """Read a set.

    Raises:
        DatasetError: A file is missing or empty, or a line is malformed; the message names file and line.
    """
    corpora = {file.stem: read_text(file, "it holds the text of a corpus") for file in _list_corpora(folder)}
    questions: dict[str, SpanQuestion] = {}
    for number, line in enumerate(iter_lines(folder / "questions.jsonl", _FORM), 1):
        question = _make_question(line, line.find_id() if "_id" in line.fields else str(number), corpora)
        if question.id in questions:
            line.refuse(f"repeats the id {shorten(question.id)!r} of {questions[question.id].place}")
        questions[question.id] = question
    if not questions:
        raise DatasetError(f"{folder / 'questions.jsonl'} is empty", _FORM)
    return SpanSet(tuple(PlainText(name, "", text) for name, text in corpora.items()), tuple(questions.values()))


def list_spans_files(folder: Path) -> list[Path]:
    """Return the files that a set is made of."""
    return [*_list_corpora(folder), folder / "questions.jsonl"]


def _list_corpora(folder: Path) -> list[Path]:
    files = sorted(folder.glob("corpora/*.md"))
    if not files:
        raise DatasetError(f"there is no corpus in {folder / 'corpora'}", "put the texts there, as .md files")
    for file in files:
        if not file.read_bytes().strip():
            raise DatasetError(f"{file} is empty", "put the text of the corpus into it, or remove it")
    return files


def _make_question(line: Line, name: str, corpora: Mapping[str, str]) -> SpanQuestion:
    document = line.find_id("corpus_id")
    if document not in corpora:
        line.refuse(f"names an unknown corpus {shorten(document)!r}")
    references = line.find_objects("references")
    if not references:
        line.refuse("has no span in 'references'")
    gold = tuple(_make_span(reference, document, corpora[document]) for reference in references)
    return SpanQuestion(name, line.find_text("question", "text"), line.place, document, gold)


def _make_span(reference: Line, document: str, text: str) -> tuple[int, int]:
    start, end = reference.find_offset("start_index"), reference.find_offset("end_index")
    if start >= end:
        reference.refuse(f"has a span that ends before it has begun, {start} to {end}")
    if end > len(text):
        reference.refuse(f"has a span {start} to {end} beyond the {len(text)} characters of {document!r}")
    # Offsets that count in another version of the text would quietly measure nonsense.
    if "content" in reference.fields and reference.fields["content"] != text[start:end]:
        reference.refuse(f"has a span {start} to {end} whose 'content' is not what stands there in {document!r}")
    return start, end
