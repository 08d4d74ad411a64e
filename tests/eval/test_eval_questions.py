import json

import pytest

from eval.dataset import hash_dataset
from eval.gate import EXAM
from eval.questions import load_questions
from index.errors import DatasetError

LINE = {"id": "1", "question": "Who?", "answers": ["Me"]}


def write(path, *lines):
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return path


def test_a_file_gives_its_questions_in_order(tmp_path):
    file = write(tmp_path / "a.jsonl", LINE, "", {"id": 2, "question": "What?", "answers": []})
    found = [(question.id, question.text, question.answers) for question in load_questions(file)]
    assert found == [("1", "Who?", ("Me",)), ("2", "What?", ())]


def test_a_question_knows_its_file_and_line(tmp_path):
    file = write(tmp_path / "a.jsonl", "", LINE)
    assert load_questions(file)[0].place == f"{file}:2"


def test_an_id_that_another_file_of_the_folder_has_is_refused(tmp_path):
    write(tmp_path / "a.jsonl", LINE)
    write(tmp_path / "b.jsonl", LINE)
    with pytest.raises(DatasetError, match=r"b\.jsonl:1 repeats the id '1' of .*a\.jsonl:1; each line is"):
        load_questions(tmp_path)


def test_a_folder_gives_the_questions_of_all_its_files(tmp_path):
    write(tmp_path / "b.jsonl", {**LINE, "id": "b"})
    write(tmp_path / "a.jsonl", {**LINE, "id": "a"})
    assert [question.id for question in load_questions(tmp_path)] == ["a", "b"]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '"text"',
        {"id": "2", "question": "Who?"},
        {"question": "Who?", "answers": []},
        {"id": "2", "question": " ", "answers": []},
        {"id": "2", "question": 5, "answers": []},
        {"id": "2", "question": "Who?", "answers": "Me"},
        {"id": "2", "question": "Who?", "answers": [""]},
        {"id": "1", "question": "Twice?", "answers": []},
    ],
)
def test_a_malformed_line_is_named_by_file_and_number(tmp_path, line):
    file = write(tmp_path / "a.jsonl", LINE, line)
    with pytest.raises(DatasetError, match=r"a\.jsonl:2 .*; "):
        load_questions(file)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe\x00"])
def test_a_file_without_questions_is_refused(tmp_path, content):
    (tmp_path / "a.jsonl").write_bytes(content)
    with pytest.raises(DatasetError, match="each line is"):
        load_questions(tmp_path / "a.jsonl")


@pytest.mark.parametrize("name", ["missing.jsonl", ""])
def test_a_dataset_that_is_not_there_is_refused(tmp_path, name):
    with pytest.raises(DatasetError, match=r"name a \.jsonl file"):
        load_questions(tmp_path / name)


def test_the_hash_changes_with_any_byte_of_the_exam(tmp_path):
    write(tmp_path / "a.jsonl", LINE)
    before = hash_dataset(tmp_path)
    write(tmp_path / "a.jsonl", {**LINE, "question": "Who ?"})
    assert hash_dataset(tmp_path) != before


def exam_rows():
    return [json.loads(line) for file in sorted(EXAM.glob("*.jsonl")) for line in file.read_text("utf-8").splitlines()]


def test_the_exam_has_enough_answerable_questions():
    assert sum(bool(row["answers"]) for row in exam_rows()) >= 90


def test_half_of_at_least_forty_unanswerable_questions_are_close_to_the_topics():
    topics = [row["topic"] for row in exam_rows() if not row["answers"]]
    assert len(topics) >= 40
    assert topics.count("near") * 2 == len(topics)


def test_a_third_of_the_answerable_questions_are_paraphrased():
    wordings = [row["wording"] for row in exam_rows() if row["answers"]]
    assert wordings.count("paraphrase") * 3 >= len(wordings)


def test_every_answer_stands_in_the_paper(paper):
    text = " ".join(paper.text.casefold().split())
    absent = [a for row in exam_rows() for a in row["answers"] if " ".join(a.casefold().split()) not in text]
    assert absent == []


def test_every_section_of_the_paper_is_examined():
    examined = {row["section"] for row in exam_rows() if row["answers"]}
    parts = {"front", "abstract", "1.0", "2.0", "2.1", "2.2", "2.3", "2.4", "2.5", "3.0", "references"}
    assert parts <= examined
