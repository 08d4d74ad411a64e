import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from eval.gate import EXAM, FLOORS, GATED, check_floors, pin_floors
from eval.questions import hash_exam

FIGURES = dict.fromkeys(GATED, 0.9)
PINNED = {"exam_sha256": "x", "floors": dict.fromkeys(GATED, 0.9)}


def run_eval(home, *arguments):
    command = [str(Path(sys.executable).parent / "ibid"), "eval", *arguments]
    environ = {**os.environ, "IBID_HOME": str(home)}
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def test_figures_at_their_floors_pass():
    assert check_floors(PINNED, "x", FIGURES) == []


def test_a_figure_below_its_floor_is_named():
    faults = check_floors(PINNED, "x", {**FIGURES, "mrr": 0.899})
    assert faults == ["mrr is 0.899, below its floor of 0.9"]


def test_a_figure_that_could_not_be_measured_is_below_its_floor():
    assert len(check_floors(PINNED, "x", {**FIGURES, "abstention_auroc": None})) == 1


def test_another_exam_is_refused():
    assert "pin them with" in check_floors(PINNED, "y", FIGURES)[0]


def test_pinning_leaves_one_question_of_slack():
    assert pin_floors({}, "x", FIGURES) == {"exam_sha256": "x", "floors": dict.fromkeys(GATED, 0.89)}


def test_pinning_never_lowers_a_floor_of_the_same_exam():
    with pytest.raises(ValueError, match="lower the floors of mrr; add --lower"):
        pin_floors({"exam_sha256": "x", "floors": dict.fromkeys(GATED, 0.89)}, "x", {**FIGURES, "mrr": 0.8})


def test_the_floors_are_pinned_for_the_exam_as_it_is():
    assert json.loads(FLOORS.read_text("utf-8"))["exam_sha256"] == hash_exam(EXAM)


def test_the_command_prints_one_flat_object(home):
    done = run_eval(home, str(EXAM), "--json")
    figures = json.loads(done.stdout)
    recalls = {f"answer_recall@{k}" for k in (1, 3, 5)}
    assert set(figures) == recalls | {"mrr", "abstention_auroc", "queries", "latency_ms_p50", "latency_ms_p95"}
    assert figures["queries"] == 150
    assert done.stderr == ""


def test_the_command_refuses_a_dataset_that_is_not_there_in_one_line(home):
    done = run_eval(home, "nowhere.jsonl")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert "name a .jsonl file" in done.stderr
