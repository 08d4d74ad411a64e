import contextlib
import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from eval.ask import COVERAGE_MEASURES
from eval.gate import EXAM

pytestmark = pytest.mark.model

IBID = Path(sys.executable).parent / "ibid"
RECALLS = ["answer_recall@1", "answer_recall@3", "answer_recall@5"]
COUNTS = ["queries", "latency_ms_p50", "latency_ms_p95"]


def run_ibid(home, *arguments):
    command = [IBID, "eval", *map(str, arguments)]
    environ = {**os.environ, "IBID_HOME": str(home)}
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def test_a_set_in_the_beir_layout_is_measured_by_document_answer_and_highlight(ibid_eval, beir):
    code, out, err = ibid_eval(beir, "--json")
    figures = json.loads(out)
    assert (code, err) == (0, "")
    names = ["ndcg@10", "recall@10", "recall@100", "mrr@10", *RECALLS, "highlight_accuracy", "abstention_auroc"]
    assert list(figures) == names + COUNTS
    assert {name: figures[name] for name in names} == dict.fromkeys(names, 1.0)
    assert figures["queries"] == 5


def test_a_set_without_answers_is_measured_by_document_alone(ibid_eval, beir, tmp_path):
    shutil.copytree(beir, tmp_path / "set")
    (tmp_path / "set" / "answers.jsonl").unlink()
    figures = json.loads(ibid_eval(tmp_path / "set", "--json")[1])
    assert list(figures) == ["ndcg@10", "recall@10", "recall@100", "mrr@10", *COUNTS]
    assert figures["queries"] == 4


def test_a_set_in_the_spans_layout_is_measured_by_characters(ibid_eval, spans):
    code, out, _ = ibid_eval(spans, "--json")
    figures = json.loads(out)
    assert code == 0
    assert list(figures) == [*COVERAGE_MEASURES, *COUNTS]
    assert figures["recall@1800"] == figures["recall@5p"] == 1.0
    assert 0 < figures["iou@1800"] <= figures["precision@1800"] < 1


def test_questions_are_asked_of_the_current_index(ibid_eval, exam):
    code, out, err = ibid_eval(exam, "--json")
    figures = json.loads(out)
    assert (code, err) == (0, "")
    assert list(figures) == [*RECALLS, "mrr", "abstention_auroc", *COUNTS]
    assert figures["answer_recall@5"] == figures["abstention_auroc"] == 1.0
    assert figures["queries"] == 3


def test_the_table_has_a_line_for_each_figure(ibid_eval, exam):
    lines = ibid_eval(exam)[1].splitlines()
    assert [line.split()[0] for line in lines] == [*RECALLS, "mrr", "abstention_auroc", *COUNTS]
    assert lines[2].split() == ["answer_recall@5", "1.0000"]
    assert len({len(line) for line in lines}) == 1


def test_an_index_is_built_once_and_used_again(ibid_eval, beir, eval_home):
    first = json.loads(ibid_eval(beir, "--json")[1])
    folders = {path: path.stat().st_mtime_ns for path in eval_home.glob("eval/*/bundle-*")}
    second = json.loads(ibid_eval(beir, "--json")[1])
    assert {path: path.stat().st_mtime_ns for path in eval_home.glob("eval/*/bundle-*")} == folders
    assert {n: v for n, v in first.items() if n not in COUNTS} == {n: v for n, v in second.items() if n not in COUNTS}


def test_a_changed_corpus_has_an_index_of_its_own(ibid_eval, beir, eval_home, tmp_path):
    ibid_eval(beir)
    before = set(eval_home.glob("eval/*"))
    shutil.copytree(beir, tmp_path / "set")
    with (tmp_path / "set" / "corpus.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"_id": "more", "text": "Rust is an oxide of iron."}\n')
    ibid_eval(tmp_path / "set")
    assert len(set(eval_home.glob("eval/*")) - before) == 1


def test_a_run_file_lists_the_documents_of_each_judged_query(ibid_eval, beir, tmp_path):
    ibid_eval(beir, "--run", tmp_path / "run.txt")
    rows = [line.split() for line in (tmp_path / "run.txt").read_text("utf-8").splitlines()]
    assert {row[0] for row in rows} == {"q1", "q2", "q3", "q4"}
    assert [row[2] for row in rows if row[3] == "1"] == ["sky", "bread", "steel", "bees"]


def test_a_split_that_is_named_is_the_one_that_is_asked(ibid_eval, beir, tmp_path):
    shutil.copytree(beir, tmp_path / "set")
    (tmp_path / "set" / "qrels" / "train.tsv").write_text("q\td\ts\nq2\tbread\t1\n", encoding="utf-8")
    assert json.loads(ibid_eval(tmp_path / "set", "--split", "train", "--json")[1])["queries"] == 2


def test_a_report_and_a_saved_run_are_written(ibid_eval, beir, tmp_path):
    code, out, _ = ibid_eval(beir, "--json", "--report", tmp_path / "a.html", "--save", tmp_path / "a.json")
    assert code == 0
    assert "highlight_accuracy" in (tmp_path / "a.html").read_text("utf-8")
    assert ibid_eval(tmp_path / "a.json", "--json")[1] == out


def test_two_settings_are_compared_on_one_set(ibid_eval, beir):
    code, out, _ = ibid_eval(beir, "--compare", "--with", "dense_weight=0.7")
    lines = out.splitlines()
    assert code == 0
    assert lines[0].split()[:4] == ["measure", "n", "first", "second"]
    assert [line.split()[0] for line in lines[1:]][:2] == ["ndcg@10", "recall@10"]
    assert all(line.endswith("no difference shown") for line in lines[1:])


def test_a_changed_setting_changes_the_figures(ibid_eval, spans):
    changes = ["--with", "window_tokens=8", "--with", "passage_tokens=16"]
    rows = {row["measure"]: row for row in json.loads(ibid_eval(spans, "--compare", *changes, "--json")[1])}
    assert rows["precision@5p"]["first"] < rows["precision@5p"]["second"]


def test_a_setting_that_shapes_the_index_leaves_the_current_one_alone(ibid_eval, exam, eval_home):
    before = (eval_home / "index" / "current").read_text("utf-8")
    code, out, _ = ibid_eval(exam, "--compare", "--with", "window_tokens=30", "--json")
    assert code == 0
    assert {row["measure"] for row in json.loads(out)} == {*RECALLS, "mrr"}
    assert (eval_home / "index" / "current").read_text("utf-8") == before


def test_a_dataset_is_compared_with_a_saved_run(ibid_eval, exam, tmp_path):
    ibid_eval(exam, "--save", tmp_path / "a.json")
    code, out, _ = ibid_eval(tmp_path / "a.json", exam, "--compare", "--json")
    assert code == 0
    assert all(row["difference"] == 0 and row["questions"] == 2 for row in json.loads(out))


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["nowhere.jsonl"], "there are no questions in nowhere.jsonl; name a .jsonl file"),
        (["EXAM", "--run", "x"], "nothing to go by; use --run with a set in the BEIR layout"),
        (["EXAM", "EXAM"], "2 datasets are named; name one, or compare"),
        (["EXAM", "--compare"], "1 datasets are named to compare; name two, or one with"),
        (["EXAM", "EXAM", "--compare", "--with", "candidates=50"], "name two, or one with"),
        (["EXAM", "--with", "candidates=50"], "add --compare"),
        (["EXAM", "--compare", "--with", "colour=red"], "--with colour=red changes no setting; write NAME=VALUE"),
        (["EXAM", "--compare", "--with", "home=x"], "--with home=x changes no setting"),
        (["EXAM", "--compare", "--with", "dense_weight"], "--with dense_weight changes no setting"),
        (["EXAM", "--compare", "--with", "dense_weight="], "changes no setting"),
        (["EXAM", "--compare", "--with", "dense_weight=7"], "set it to a number from 0 to 1"),
        (["EXAM", "--compare", "--with", "candidates=50", "--with", "candidates=60"], "is given twice"),
        (["EXAM", "EXAM", "--compare", "--report", "x"], "--report is for one run"),
        (["x.json", "--run", "x"], "no ranked documents; name the dataset itself"),
        (["x.json", "--compare", "--with", "candidates=50"], "cannot be run with --with; name the dataset itself"),
        (["EXAM", "--save", "nowhere/x.json"], "cannot write nowhere/x.json; name a file in a folder that exists"),
        (["EXAM", "--report", "."], "cannot write .; name a file in a folder that exists"),
        (["EXAM", "--split", "train"], "has no splits; leave --split out"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(ibid_eval, arguments, fault):
    code, out, err = ibid_eval(*[str(EXAM) if argument == "EXAM" else argument for argument in arguments])
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert fault in err


def test_a_question_that_cannot_be_asked_is_named_before_any_is(ibid_eval, tmp_path):
    rows = [{"id": str(n), "question": text, "answers": []} for n, text in enumerate(["Who?", "?" * 5, "w" * 2001])]
    file = tmp_path / "a.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    code, out, err = ibid_eval(file)
    assert (code, out) == (2, "")
    assert "a.jsonl:2 cannot be asked: the question is not text; ask in words" in err


def test_a_terminal_shows_how_far_it_is(eval_home, exam):
    ours, theirs = pty.openpty()
    environ = {**os.environ, "IBID_HOME": str(eval_home), "TERM": "xterm", "COLUMNS": "80"}
    with subprocess.Popen([IBID, "eval", exam], env=environ, stdout=subprocess.PIPE, stderr=theirs) as asked:
        os.close(theirs)
        shown = read_terminal(ours)
        assert b"answer_recall@5" in asked.stdout.read()
    assert asked.returncode == 0
    assert b"3/3" in shown


def read_terminal(ours: int) -> bytes:
    """All that is written to a terminal till its other end closes (EIO); one read gives a part of it at most."""
    shown = b""
    with open(ours, "rb", buffering=0) as terminal, contextlib.suppress(OSError):
        while part := terminal.read(4096):
            shown += part
    return shown


def test_the_command_itself_prints_json_alone_and_exits_with_2_on_errors(eval_home, exam, tmp_path):
    done = run_ibid(eval_home, exam, "--json")
    assert (done.returncode, done.stderr, json.loads(done.stdout)["queries"]) == (0, "", 3)
    (tmp_path / "bad.jsonl").write_text('{"id": 1}\n', encoding="utf-8")
    done = run_ibid(eval_home, tmp_path / "bad.jsonl")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("ibid: ")
    assert "bad.jsonl:1 has no text as 'question'; each line is" in done.stderr
