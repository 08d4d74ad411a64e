import json

import pytest

from eval.beir import Gold, PlainText, load_beir
from eval.dataset import hash_dataset, load_dataset, recognise_layout
from eval.spans import load_spans
from index.errors import DatasetError

CORPUS = [{"_id": "d1", "title": "One", "text": "The sky is blue."}, {"_id": "d2", "text": "Grass is green."}]
QUERIES = [
    {"_id": "q1", "text": "What is blue?"},
    {"_id": "q2", "text": "What is green?"},
    {"_id": "q3", "text": "?!x"},
]
QRELS = ["query-id\tcorpus-id\tscore", "q1\td1\t1"]
ANSWERS = [{"_id": "q1", "doc": "d1", "answers": [{"answer_start": 4, "text": "sky"}]}]
MARKDOWN = "# Title\n\nA first thing.\nA second thing.\n"
SPAN = {"content": "first", "start_index": 11, "end_index": 16}
SPANS = [{"_id": "s1", "corpus_id": "one", "question": "Which thing?", "references": [SPAN]}]


def write(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def write_beir(folder, *, corpus=CORPUS, queries=QUERIES, qrels=QRELS, answers=None):
    write(folder / "corpus.jsonl", corpus)
    write(folder / "queries.jsonl", queries)
    write(folder / "qrels" / "test.tsv", qrels)
    if answers is not None:
        write(folder / "answers.jsonl", answers)
    return folder


def write_spans(folder, *, questions=SPANS, text=MARKDOWN):
    write(folder / "questions.jsonl", questions)
    (folder / "corpora").mkdir()
    (folder / "corpora" / "one.md").write_text(text, encoding="utf-8")
    return folder


def test_a_folder_with_a_corpus_and_qrels_is_beir(tmp_path):
    assert recognise_layout(write_beir(tmp_path / "questions")) == "beir"


def test_a_folder_with_corpora_is_spans(tmp_path):
    assert recognise_layout(write_spans(tmp_path / "beir")) == "spans"


def test_questions_with_references_are_spans_even_without_their_corpora(tmp_path):
    write(tmp_path / "questions.jsonl", SPANS)
    with pytest.raises(DatasetError, match=r"no corpus in .*corpora; put the texts there"):
        load_dataset(tmp_path)


@pytest.mark.parametrize("name", ["questions.jsonl", "exam.jsonl"])
def test_any_other_file_of_lines_is_questions(tmp_path, name):
    file = write(tmp_path / name, [{"id": "1", "question": "Who?", "answers": []}])
    assert recognise_layout(tmp_path) == recognise_layout(file) == "questions"


def test_a_dataset_is_named_after_its_folder_or_file(tmp_path):
    file = write(tmp_path / "exam.jsonl", [{"id": "1", "question": "Who?", "answers": []}])
    assert load_dataset(file).name == "exam"
    assert load_dataset(write_beir(tmp_path / "tiny")).name == "tiny"


def test_only_queries_that_are_judged_are_asked(tmp_path):
    loaded = load_beir(write_beir(tmp_path), "test")
    assert [query.id for query in loaded.queries] == ["q1"]
    assert loaded.qrels == {"q1": {"d1": 1}}
    assert loaded.texts == (PlainText("d1", "One", "The sky is blue."), PlainText("d2", "", "Grass is green."))


def test_impossible_queries_are_asked_without_being_judged(tmp_path):
    answers = [*ANSWERS, {"_id": "q2", "doc": "d1", "is_impossible": True, "answers": []}, {"_id": "q3", "answers": []}]
    loaded = load_beir(write_beir(tmp_path, answers=answers), "test")
    nothing = Gold("", ())
    assert [(q.id, q.gold) for q in loaded.queries] == [
        ("q1", Gold("d1", ((4, "sky"),))),
        ("q2", nothing),
        ("q3", nothing),
    ]


def test_another_split_has_its_own_judgements(tmp_path):
    write(write_beir(tmp_path) / "qrels" / "train.tsv", ["query-id\tcorpus-id\tscore", "q2\td2\t2"])
    assert load_dataset(tmp_path, "train").content.qrels == {"q2": {"d2": 2}}
    assert load_dataset(tmp_path, "train").sha256 != load_dataset(tmp_path).sha256


def test_a_split_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    with pytest.raises(DatasetError, match=r"dev\.tsv; name another with --split: test"):
        load_dataset(write_beir(tmp_path), "dev")


def test_a_split_of_a_set_without_any_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="has no splits; leave --split out"):
        load_dataset(write_spans(tmp_path / "set"), "train")


def test_qrels_without_a_header_lose_no_judgement(tmp_path):
    assert load_beir(write_beir(tmp_path, qrels=QRELS[1:]), "test").qrels == {"q1": {"d1": 1}}


def test_a_line_separator_inside_a_text_ends_no_line(tmp_path):
    corpus = ['{"_id": "d1", "text": "one\u2028two\x85three"}']
    assert load_beir(write_beir(tmp_path, corpus=corpus), "test").texts[0].text == "one\u2028two\x85three"


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"])
@pytest.mark.parametrize("content", [None, "", "\n\n", b"\xff\xfe"])
def test_a_beir_file_that_is_missing_or_empty_is_named(tmp_path, name, content):
    file = write_beir(tmp_path) / name
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DatasetError, match=rf"{name.replace('.', '[.]')}.*; \w"):
        load_dataset(tmp_path)


BAD = {
    "corpus": [
        "{",
        "[]",
        '"text"',
        {"title": "", "text": "no id"},
        {"_id": "", "text": "empty id"},
        {"_id": True, "text": "no id"},
        {"_id": "d9", "text": 5},
        {"_id": "d9", "title": None, "text": "x"},
        '{"_id": "d9", "text": "half \\ud800"}',
        {"_id": "d1", "text": "again"},
    ],
    "queries": ["{", {"_id": "q9"}, {"_id": "q9", "text": " "}, {"text": "x"}, {"_id": "q1", "text": "again"}],
    "answers": [
        "{",
        {"_id": "q9", "doc": "d1", "answers": []},
        {"_id": "q1", "doc": "d1", "answers": []},
        {"_id": "q2"},
        {"_id": "q2", "answers": "blue"},
        {"_id": "q2", "answers": ["blue"]},
        {"_id": "q2", "answers": [{"answer_start": 0, "text": "x"}]},
        {"_id": "q2", "doc": "d9", "answers": [{"answer_start": 0, "text": "x"}]},
        {"_id": "q2", "doc": "d1", "answers": [{"answer_start": -1, "text": "x"}]},
        {"_id": "q2", "doc": "d1", "answers": [{"answer_start": "0", "text": "x"}]},
        {"_id": "q2", "doc": "d1", "answers": [{"answer_start": 16, "text": "x"}]},
        {"_id": "q2", "doc": "d1", "answers": [{"answer_start": 0}]},
        {"_id": "q2", "doc": "d1", "is_impossible": "no", "answers": []},
    ],
}


@pytest.mark.parametrize(("name", "line"), [(name, line) for name, lines in BAD.items() for line in lines])
def test_a_malformed_line_of_beir_is_named_by_file_and_number(tmp_path, name, line):
    good = {"corpus": CORPUS[:1], "queries": QUERIES[:2], "answers": ANSWERS}
    number = len(good[name]) + 1
    files = {**good, name: [*good[name], line]}
    with pytest.raises(DatasetError, match=rf"{name}\.jsonl:{number} .*; each line is|{name}\.jsonl:{number} .*; add"):
        load_dataset(write_beir(tmp_path, **files))


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("q1\td1", "is no judgement; after a header"),
        ("q1 d1 1", "is no judgement; after a header"),
        ("q1\t0\td1\t1", "is no judgement; after a header"),
        ("q1\td1\tgood", "is no judgement; after a header"),
        ("q9\td1\t1", "unknown query 'q9'; add it to queries.jsonl"),
        ("q1\td9\t1", "unknown document 'd9'; add it to corpus.jsonl"),
        ("q1\td1\t2", "once more, otherwise; keep one"),
    ],
)
def test_a_malformed_judgement_is_named_by_file_and_number(tmp_path, line, fault):
    with pytest.raises(DatasetError, match=rf"test\.tsv:3 .*{fault}"):
        load_dataset(write_beir(tmp_path, qrels=[*QRELS, line]))


def test_a_spans_set_gives_its_questions_with_their_ranges(tmp_path):
    unnamed = {"corpus_id": "one", "text": "Second?", "references": [{"start_index": 24, "end_index": 30}]}
    loaded = load_spans(write_spans(tmp_path / "set", questions=[*SPANS, unnamed]))
    assert loaded.texts == (PlainText("one", "", MARKDOWN),)
    found = [(q.id, q.text, q.document_id, q.gold) for q in loaded.questions]
    assert found == [("s1", "Which thing?", "one", ((11, 16),)), ("2", "Second?", "one", ((24, 30),))]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        {**SPANS[0], "_id": "s1"},
        {**SPANS[0], "_id": "s2", "corpus_id": "two"},
        {**SPANS[0], "_id": "s2", "question": ""},
        {"_id": "s2", "corpus_id": "one", "references": [SPAN]},
        {"_id": "s2", "corpus_id": "one", "question": "x"},
        {**SPANS[0], "_id": "s2", "references": []},
        {**SPANS[0], "_id": "s2", "references": [5]},
        {**SPANS[0], "_id": "s2", "references": [{"start_index": 1}]},
        {**SPANS[0], "_id": "s2", "references": [{"start_index": 3, "end_index": 3}]},
        {**SPANS[0], "_id": "s2", "references": [{"start_index": 4, "end_index": 3}]},
        {**SPANS[0], "_id": "s2", "references": [{"start_index": 4, "end_index": 400}]},
        {**SPANS[0], "_id": "s2", "references": [{"start_index": 1.5, "end_index": 4}]},
        {**SPANS[0], "_id": "s2", "references": [{**SPAN, "content": "other"}]},
    ],
)
def test_a_malformed_line_of_spans_is_named_by_file_and_number(tmp_path, line):
    with pytest.raises(DatasetError, match=r"questions\.jsonl:2 .*; each line is"):
        load_dataset(write_spans(tmp_path / "set", questions=[*SPANS, line]))


def test_an_empty_corpus_of_spans_is_named(tmp_path):
    with pytest.raises(DatasetError, match=r"one\.md is empty; put the text"):
        load_dataset(write_spans(tmp_path / "set", text=" \n"))


@pytest.mark.parametrize("questions", [[], None])
def test_spans_without_questions_are_refused(tmp_path, questions):
    folder = write_spans(tmp_path / "set", questions=questions or [])
    if questions is None:
        (folder / "questions.jsonl").unlink()
    with pytest.raises(DatasetError, match=r"questions\.jsonl.*; each line is"):
        load_dataset(folder)


def test_the_hash_of_a_dataset_changes_with_its_corpus(tmp_path):
    folder = write_beir(tmp_path)
    before = hash_dataset(folder)
    write(folder / "corpus.jsonl", [*CORPUS, {"_id": "d3", "text": "x"}])
    assert hash_dataset(folder) != before
