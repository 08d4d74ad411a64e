"""The BEIR layout: `corpus.jsonl`, `queries.jsonl`, `qrels/SPLIT.tsv`, and `answers.jsonl` where answers are marked."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from eval.lines import Line, load_by_id, read_text
from index.errors import DatasetError, shorten

_CORPUS = 'each line is {"_id": "…", "title": "…", "text": "…"}'
_QUERIES = 'each line is {"_id": "…", "text": "…"}'
_QRELS = "after a header, each line is a query's id, a document's id and a whole number, with tabs between"
_ANSWERS = 'each line is {"_id": "…", "doc": "…", "answers": [{"answer_start": 0, "text": "…"}]}'
_QRELS_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class PlainText:
    """A document of a dataset; spans count in `text`."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Gold:
    """The answers of a query as (start, text) in the document `doc`; none where the corpus does not answer it."""

    doc: str
    answers: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A query that is asked; `place` is its file and line, `gold` None where no answers are marked."""

    id: str
    text: str
    place: str
    gold: Gold | None


@dataclass(frozen=True, slots=True)
class BeirSet:
    """A set in the BEIR layout.

    Attributes:
        texts: The corpus.
        queries: Those that the qrels judge, then those marked as impossible; each in its file's order.
        qrels: Grade by document, by query.
        has_answers: Whether answers are marked.
    """

    texts: tuple[PlainText, ...]
    queries: tuple[Query, ...]
    qrels: Mapping[str, Mapping[str, int]]
    has_answers: bool


def load_beir(folder: Path, split: str) -> BeirSet:
    """Read a set.

    Raises:
        DatasetError: A file is missing or empty, or a line is malformed; the message names file and line.
    """
    texts = {name: _make_text(name, line) for name, line in load_by_id(folder / "corpus.jsonl", _CORPUS).items()}
    lines = load_by_id(folder / "queries.jsonl", _QUERIES)
    qrels = _load_qrels(find_qrels(folder, split), lines, texts)
    has_answers = (folder / "answers.jsonl").exists()
    golds = _load_golds(folder / "answers.jsonl", lines, texts) if has_answers else {}
    impossible = [name for name, gold in golds.items() if not gold.answers]
    asked = [*(name for name in lines if name in qrels and name not in impossible), *impossible]
    queries = {name: Query(name, line.find_text("text"), line.place, golds.get(name)) for name, line in lines.items()}
    return BeirSet(tuple(texts.values()), tuple(queries[name] for name in asked), qrels, has_answers)


def find_qrels(folder: Path, split: str) -> Path:
    """Return the file of a split's judgements.

    Raises:
        DatasetError: There is none; the hint names those that there are.
    """
    file = folder / "qrels" / f"{split}.tsv"
    if not file.is_file():
        others = sorted(path.stem for path in folder.glob("qrels/*.tsv"))
        hint = f"name another with --split: {', '.join(others)}" if others else f"put one there: {_QRELS}"
        raise DatasetError(f"there is no file {file}", hint)
    return file


def list_beir_files(folder: Path, split: str) -> list[Path]:
    """Return the files that a split is made of."""
    files = [folder / "corpus.jsonl", folder / "queries.jsonl", folder / "qrels" / f"{split}.tsv"]
    return [*files, *folder.glob("answers.jsonl")]


def _make_text(name: str, line: Line) -> PlainText:
    return PlainText(name, line.find_text("title", default=""), line.find_text("text", default=""))


def _load_qrels(file: Path, queries: Mapping[str, object], texts: Mapping[str, object]) -> dict[str, dict[str, int]]:
    qrels: dict[str, dict[str, int]] = {}
    for number, line in enumerate(read_text(file, _QRELS).split("\n"), 1):
        columns = line.split("\t")
        if not line.strip() or (number == 1 and not _is_whole(columns[-1])):
            continue
        query, document, grade = _parse_judgement(columns, f"{file}:{number}")
        _check_known(query, queries, "query", f"{file}:{number}", "add it to queries.jsonl")
        _check_known(document, texts, "document", f"{file}:{number}", "add it to corpus.jsonl")
        if qrels.setdefault(query, {}).setdefault(document, grade) != grade:
            raise DatasetError(f"{file}:{number} judges {query!r} and {document!r} once more, otherwise", "keep one")
    if not qrels:
        raise DatasetError(f"{file} is empty", _QRELS)
    return qrels


def _parse_judgement(columns: list[str], place: str) -> tuple[str, str, int]:
    if len(columns) != _QRELS_COLUMNS or not _is_whole(columns[-1]):
        raise DatasetError(f"{place} is no judgement", _QRELS)
    return columns[0], columns[1], int(columns[2])


def _is_whole(text: str) -> bool:
    return text.strip().removeprefix("-").isdecimal()


def _load_golds(file: Path, queries: Mapping[str, object], texts: Mapping[str, PlainText]) -> dict[str, Gold]:
    golds = {}
    for name, line in load_by_id(file, _ANSWERS).items():
        _check_known(name, queries, "query", line.place, "add it to queries.jsonl")
        golds[name] = _make_gold(line, texts)
    return golds


def _make_gold(line: Line, texts: Mapping[str, PlainText]) -> Gold:
    impossible = line.fields.get("is_impossible", False)
    if not isinstance(impossible, bool):
        line.refuse("has neither true nor false as 'is_impossible'")
    answers = line.find_objects("answers") if not impossible or "answers" in line.fields else []
    if impossible or not answers:
        return Gold("", ())
    doc = line.find_id("doc")
    _check_known(doc, texts, "document", line.place, "add it to corpus.jsonl")
    spans = tuple((answer.find_offset("answer_start"), answer.find_text("text")) for answer in answers)
    for start, text in spans:
        if start + len(text) > len(texts[doc].text):
            line.refuse(f"has an answer at {start}, beyond the text of {doc!r}")
    return Gold(doc, spans)


def _check_known(name: str, known: Mapping[str, object], what: str, place: str, hint: str) -> None:
    if name not in known:
        raise DatasetError(f"{place} names an unknown {what} {shorten(name)!r}", hint)
