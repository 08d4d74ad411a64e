import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from eval import gate
from eval.dataset import hash_dataset
from eval.gate import (
    DIALOGUES,
    EXAM,
    FOLLOW_UPS,
    OWN,
    Pinned,
    check_floors,
    find_datasets,
    list_lowered,
    list_unpinned,
    load_floors,
    make_floors,
    save_floors,
)
from eval.outcome import Evaluation

FIGURES = {"mrr": 0.9, "abstention_auroc": 0.8, "queries": 3, "latency_ms_p50": 1.0, "latency_ms_p95": 2.0}
PINNED = Pinned("x", {"mrr": 0.9, "abstention_auroc": 0.8})
ROOT = Path(__file__).resolve().parents[2]


def run_of(figures=FIGURES, sha256="x"):
    return Evaluation("set", "questions", sha256, "index", {}, figures, ())


def run_gate(home, *arguments, data):
    environ = {**os.environ, "IBID_HOME": str(home), "IBID_EVAL_DATA": str(data)}
    command = [sys.executable, "-m", "eval.gate", *arguments]
    return subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)


def test_figures_at_their_floors_pass():
    assert check_floors("set", PINNED, run_of()) == []


def test_a_figure_below_its_floor_is_named():
    faults = check_floors("set", PINNED, run_of({**FIGURES, "mrr": 0.899}))
    assert faults == ["set: mrr is 0.899, below its floor of 0.9"]


@pytest.mark.parametrize("figures", [{**FIGURES, "mrr": None}, {"abstention_auroc": 0.8}])
def test_a_figure_that_could_not_be_measured_is_below_its_floor(figures):
    assert check_floors("set", PINNED, run_of(figures)) == ["set: mrr is None, below its floor of 0.9"]


def test_another_exam_is_refused():
    assert "pin them with" in check_floors("set", PINNED, run_of(sha256="y"))[0]


def test_a_dataset_without_floors_is_a_fault():
    assert "--pin --only set" in check_floors("set", None, run_of())[0]


def test_pinning_leaves_one_question_of_slack_to_the_exam_and_less_to_others():
    assert make_floors(OWN, run_of()) == Pinned("x", {"mrr": 0.89, "abstention_auroc": 0.79})
    assert make_floors("set", run_of()) == Pinned("x", {"mrr": 0.895, "abstention_auroc": 0.795})


def test_a_figure_that_could_not_be_measured_gets_no_floor():
    assert make_floors("set", run_of({"mrr": None, "iou": 0.4})).floors == {"iou": 0.395}


def test_a_small_figure_may_lose_a_fiftieth_at_most():
    assert make_floors("set", run_of({"iou": 0.05})).floors == {"iou": 0.049}


def test_a_lower_floor_of_the_same_exam_is_listed():
    assert list_lowered("set", PINNED, Pinned("x", {"mrr": 0.8, "abstention_auroc": 0.8})) == [
        "set: the floor of mrr would fall from 0.9 to 0.8"
    ]


def test_a_lower_floor_of_another_exam_is_no_fall():
    assert list_lowered("set", PINNED, Pinned("y", {"mrr": 0.8, "abstention_auroc": 0.8})) == []


@pytest.mark.parametrize("sha256", ["x", "y"])
def test_a_measure_without_its_floor_is_listed_whatever_the_exam(sha256):
    assert list_lowered("set", PINNED, Pinned(sha256, {"mrr": 0.9})) == ["set: abstention_auroc would lose its floor"]


def test_pinning_keeps_the_floors_of_datasets_that_are_absent(tmp_path):
    assert gate.pin_floors({"gone": PINNED}, {"set": run_of()}, lower=False, path=tmp_path / "floors.json") == []
    assert load_floors(tmp_path / "floors.json") == {"gone": PINNED, "set": make_floors("set", run_of())}


def test_pinning_writes_nothing_where_a_floor_would_fall(tmp_path):
    faults = gate.pin_floors({"set": PINNED}, {"set": run_of()}, lower=False, path=tmp_path / "floors.json")
    assert all(fault.endswith("add --lower if that is meant") for fault in faults)
    assert len(faults) == 2
    assert not (tmp_path / "floors.json").exists()


def test_a_floor_falls_where_that_is_meant(tmp_path):
    assert gate.pin_floors({"set": PINNED}, {"set": run_of()}, lower=True, path=tmp_path / "floors.json") == []
    assert load_floors(tmp_path / "floors.json")["set"].floors["mrr"] == 0.895


def test_the_exams_come_first_then_all_that_have_floors(tmp_path):
    paths = find_datasets({"b": PINNED, OWN: PINNED, "a": PINNED}, tmp_path, [])
    exams = [(OWN, EXAM), (FOLLOW_UPS, DIALOGUES)]
    assert list(paths.items()) == [*exams, ("a", tmp_path / "a"), ("b", tmp_path / "b")]


def test_only_the_named_datasets_are_run(tmp_path):
    assert list(find_datasets({OWN: PINNED, "a": PINNED}, tmp_path, ["b"])) == ["b"]


def test_a_folder_without_floors_is_listed(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "a").mkdir()
    assert list_unpinned({"a": PINNED}, tmp_path) == ["b"]
    assert list_unpinned({}, tmp_path / "nowhere") == []


def test_the_floors_are_pinned_for_the_exam_as_it_is():
    assert load_floors()[OWN].sha256 == hash_dataset(EXAM)
    assert load_floors()[FOLLOW_UPS].sha256 == hash_dataset(DIALOGUES)


@pytest.mark.model
def test_the_exam_passes_its_gate_alone_and_writes_nothing(home, tmp_path):
    before = gate.FLOORS.read_bytes()
    done = run_gate(home, "--only", OWN, data=tmp_path)
    assert (done.returncode, done.stderr) == (0, "gate: passed\n")
    assert done.stdout.startswith("own\n")
    assert gate.FLOORS.read_bytes() == before


def test_a_dataset_with_floors_that_is_named_but_absent_is_skipped(home, tmp_path):
    done = run_gate(home, "--only", OWN, "--only", "xquad_en", data=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "xquad_en skipped: there is no" in done.stderr


def test_an_unknown_dataset_is_refused(home, tmp_path):
    done = run_gate(home, "--only", "nowhere", data=tmp_path)
    assert done.returncode == 2
    assert "there is no dataset nowhere; put it into" in done.stderr


@pytest.mark.model
def test_a_dataset_that_is_absent_is_skipped_with_the_reason(tmp_path, capsys):
    assert gate.measure_datasets({"set": tmp_path / "set"}, None) == {}
    assert "set skipped: there is no" in capsys.readouterr().err


def test_floors_survive_the_disk(tmp_path):
    save_floors({"set": PINNED}, tmp_path / "floors.json")
    assert json.loads((tmp_path / "floors.json").read_text("utf-8")) == {
        "set": {"sha256": "x", "floors": PINNED.floors}
    }
    assert load_floors(tmp_path / "floors.json") == {"set": PINNED}
