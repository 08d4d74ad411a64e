import json
import os

import pytest

from eval.outcome import Evaluation, Outcome, Returned
from eval.saved import load_evaluation, save_evaluation, write_whole
from index.errors import DatasetError

OUTCOME = Outcome(
    id="q1",
    text="Wie groß? “‘\u2028",
    scores={"mrr": 1 / 3, "answer_recall@1": 0.0},
    latency_ms=5.25,
    confidence=0.1 + 0.2,
    answerable=True,
    returned=(Returned("d", 3, 9, "six to\n<b>", -0.5),),
    curve=((10, 0.0), (250, 0.5)),
)
EVALUATION = Evaluation(
    dataset="exam",
    layout="questions",
    sha256="ab",
    index="i-1",
    settings={"model": "m", "index": None, "k": 5, "dense_weight": 0.5},
    figures={"mrr": 0.3333, "abstention_auroc": None, "queries": 1},
    outcomes=(OUTCOME, Outcome("q2", "?", {}, 1.0)),
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.json"


def rewrite(path, change):
    save_evaluation(EVALUATION, path)
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_what_is_saved_is_loaded_to_the_last_digit(path):
    save_evaluation(EVALUATION, path)
    assert load_evaluation(path) == EVALUATION


def test_whole_numbers_of_the_settings_stay_whole(path):
    save_evaluation(EVALUATION, path)
    assert isinstance(load_evaluation(path).settings["k"], int)


def test_an_evaluation_of_nothing_can_be_saved(path):
    nothing = Evaluation("d", "beir", "", "", {}, {}, ())
    save_evaluation(nothing, path)
    assert load_evaluation(path) == nothing


def test_half_a_surrogate_pair_becomes_a_question_mark(path):
    save_evaluation(Evaluation("\ud800", "beir", "", "", {}, {}, ()), path)
    assert load_evaluation(path).dataset == "?"


def test_a_value_that_is_no_number_is_a_bug_and_leaves_no_file(path):
    with pytest.raises(ValueError, match="JSON"):
        save_evaluation(Evaluation("d", "beir", "", "", {}, {"mrr": float("nan")}, ()), path)
    assert not path.exists()


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b"null", b'"text"', b'{"mrr": 0.5}', b"[" * 10**5])
def test_a_foreign_file_is_refused_in_one_line_by_its_name(path, content):
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=r"run\.json is no evaluation .*; save it anew") as caught:
        load_evaluation(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda content: content.update(version=2), r"version: Input should be 1"),
        (lambda content: content.update(format="floors"), r"format: Input should be 'ibid evaluation'"),
        (lambda content: content["evaluation"].update(layout="csv"), r"evaluation\.layout: "),
        (lambda content: content["evaluation"].pop("sha256"), r"evaluation\.sha256: Field required"),
        (lambda content: content["evaluation"]["outcomes"][1].update(scores=[]), r"evaluation\.outcomes\.1\.scores: "),
        (lambda content: content["evaluation"]["outcomes"][0].update(curve=[[1]]), r"outcomes\.0\.curve\.0\.1: "),
    ],
)
def test_the_fault_of_a_malformed_file_is_named(path, change, fault):
    rewrite(path, change)
    with pytest.raises(DatasetError, match=fault):
        load_evaluation(path)


def test_a_missing_file_is_refused(path):
    with pytest.raises(DatasetError, match=r"cannot read .*run\.json: No such file.*; name a saved evaluation"):
        load_evaluation(path)


def test_a_folder_is_no_evaluation(tmp_path):
    with pytest.raises(DatasetError, match="name a saved evaluation"):
        load_evaluation(tmp_path)


def test_saving_replaces_what_was_there_and_leaves_nothing_else(path):
    path.write_text("old")
    save_evaluation(EVALUATION, path)
    assert load_evaluation(path) == EVALUATION
    assert list(path.parent.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(path, monkeypatch):
    path.write_text("old")

    def fail(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(DatasetError, match="No space left on device; name a file in a folder"):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("place", ["missing/run.json", "."])
def test_a_place_that_cannot_be_written_is_refused(tmp_path, place):
    with pytest.raises(DatasetError, match="name a file in a folder that exists and can be written"):
        save_evaluation(EVALUATION, tmp_path / place)
