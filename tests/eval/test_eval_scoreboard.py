import json

import pytest

from eval.dataset import hash_dataset
from eval.gate import EXAM, OWN, load_floors
from eval.outcome import Evaluation
from eval.readme import README, find_block, insert_block
from eval.scoreboard import BLOCK, Scoreboard, describe_code, format_scoreboard, load_scoreboard, update_scoreboard
from index.settings import load_settings

MARKS = f"<!-- {BLOCK} -->", f"<!-- /{BLOCK} -->"
FIGURES = {"mrr": 0.9, "abstention_auroc": None, "queries": 3, "latency_ms_p50": 7.6, "latency_ms_p95": 9.0}


def run_of(figures=FIGURES, sha256="x"):
    return Evaluation("set", "questions", sha256, "index", {}, figures, ())


@pytest.fixture
def files(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"# A\n{MARKS[0]}\n{MARKS[1]}\nmore\n", encoding="utf-8")
    return {"path": tmp_path / "scoreboard.json", "readme": readme}


def test_the_table_of_the_readme_is_that_of_the_scoreboard():
    assert find_block(README.read_text("utf-8"), BLOCK) == format_scoreboard(load_scoreboard())


def test_the_scoreboard_was_measured_with_the_code_as_it_is():
    board = load_scoreboard()
    pipeline, settings = describe_code(load_settings({}))
    assert (board.pipeline, dict(board.settings)) == (pipeline, settings), "run `make eval`"
    assert board.datasets[OWN]["sha256"] == hash_dataset(EXAM), "run `make eval`"


def test_the_scoreboard_is_of_the_datasets_that_have_floors():
    board, floors = load_scoreboard(), load_floors()
    assert {name: row["sha256"] for name, row in board.datasets.items()} == {
        name: pinned.sha256 for name, pinned in floors.items()
    }


def test_a_row_gives_the_figures_with_three_digits():
    board = Scoreboard(1, {}, {"set": {"sha256": "x", "figures": FIGURES}})
    assert format_scoreboard(board).splitlines()[-1] == "| set | 3 | mrr .900, abstention_auroc – | 8 ms |"


def test_a_whole_share_keeps_its_one():
    figures = {**FIGURES, "mrr": 1.0}
    assert "mrr 1.000" in format_scoreboard(Scoreboard(1, {}, {"set": {"sha256": "x", "figures": figures}}))


def test_the_table_takes_the_place_of_what_stood_between_the_markers():
    inserted = insert_block("before <!-- a --> old <!-- /a --> after", "a", "new")
    assert inserted == "before <!-- a -->\nnew\n<!-- /a --> after"
    assert find_block(inserted, "a") == "new"


def test_a_run_is_written_into_both_files(files):
    update_scoreboard({"set": run_of()}, load_settings({}), **files)
    fields = json.loads(files["path"].read_text("utf-8"))
    assert fields["settings"]["model"] == "all-MiniLM-L6-v2"
    assert not {"home", "index"} & set(fields["settings"])
    assert fields["datasets"] == {"set": {"sha256": "x", "figures": FIGURES}}
    assert files["readme"].read_text("utf-8").startswith(f"# A\n{MARKS[0]}\n| dataset")
    assert files["readme"].read_text("utf-8").endswith(f"8 ms |\n{MARKS[1]}\nmore\n")


def test_a_run_that_differs_in_its_times_alone_changes_nothing(files):
    update_scoreboard({"set": run_of()}, load_settings({}), **files)
    before = files["path"].read_bytes(), files["readme"].read_bytes()
    update_scoreboard({"set": run_of({**FIGURES, "latency_ms_p50": 99.0})}, load_settings({}), **files)
    assert (files["path"].read_bytes(), files["readme"].read_bytes()) == before


def test_a_dataset_that_is_absent_keeps_its_figures_under_the_same_settings(files):
    update_scoreboard({"gone": run_of()}, load_settings({}), **files)
    update_scoreboard({"set": run_of()}, load_settings({}), **files)
    assert list(load_scoreboard(files["path"]).datasets) == ["gone", "set"]


def test_figures_measured_under_other_settings_are_dropped(files):
    update_scoreboard({"gone": run_of()}, load_settings({}), **files)
    update_scoreboard({"set": run_of()}, load_settings({"IBID_CANDIDATES": "50"}), **files)
    assert list(load_scoreboard(files["path"]).datasets) == ["set"]
