from pathlib import Path

import pytest

from index.errors import SettingError
from index.settings import Settings, load_settings

BOUNDS = [
    ("window_tokens", 8, 500),
    ("passage_tokens", 16, 2000),
    ("context_tokens", 16, 2000),
    ("dense_weight", 0, 1),
    ("candidates", 10, 10_000),
    ("reranked", 1, 100),
    ("threshold", 0, 1),
]


def test_an_empty_environment_gives_the_defaults():
    found = load_settings({})
    assert (found.model, found.window_tokens, found.passage_tokens, found.context_tokens) == (
        "all-MiniLM-L6-v2", 60, 200, 400,
    )  # fmt: skip


def test_an_empty_environment_gives_the_defaults_of_retrieval():
    found = load_settings({})
    assert (found.dense_weight, found.candidates, found.threshold) == (0.4, 250, 0.5)


def test_an_empty_value_counts_as_unset():
    assert load_settings({"IBID_WINDOW_TOKENS": ""}).window_tokens == 60


def test_other_variables_are_ignored():
    assert load_settings({"WINDOW_TOKENS": "90", "IBID_NONSENSE": "1"}).window_tokens == 60


def test_the_home_is_an_absolute_path(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert load_settings({"IBID_HOME": "here"}).home == tmp_path / "here"


def test_a_tilde_is_the_users_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load_settings({"IBID_HOME": "~/here"}).home == tmp_path / "here"


def test_the_index_lies_in_the_home():
    assert load_settings({"IBID_HOME": "/h"}).papers_folder == Path("/h/papers")


def test_the_index_may_lie_elsewhere():
    assert load_settings({"IBID_HOME": "/h", "IBID_INDEX": "/i"}).index == Path("/i")


def test_the_models_lie_in_the_home_wherever_the_index_is():
    assert load_settings({"IBID_HOME": "/h", "IBID_INDEX": "/i"}).models_folder == Path("/h/models")


@pytest.mark.parametrize(("field", "low", "high"), BOUNDS)
def test_the_lowest_value_is_taken(field, low, high):
    assert getattr(load_settings({f"IBID_{field.upper()}": str(low)}), field) == low


@pytest.mark.parametrize(("field", "low", "high"), BOUNDS)
def test_the_highest_value_is_taken(field, low, high):
    assert getattr(load_settings({f"IBID_{field.upper()}": str(high)}), field) == high


@pytest.mark.parametrize(("field", "low", "high"), BOUNDS)
@pytest.mark.parametrize("beyond", [-1, 1])
def test_a_value_out_of_bounds_is_refused_with_the_bounds(field, low, high, beyond):
    value = str(low - 1 if beyond < 0 else high + 1)
    with pytest.raises(SettingError, match=f"IBID_{field.upper()} is '{value}'; set it to .* from {low:g} to {high:g}"):
        load_settings({f"IBID_{field.upper()}": value})


@pytest.mark.parametrize("value", ["many", "1.5", "1e2", "nan"])
def test_a_count_must_be_a_whole_number(value):
    with pytest.raises(SettingError, match="a whole number from 8 to 500"):
        load_settings({"IBID_WINDOW_TOKENS": value})


@pytest.mark.parametrize("value", ["half", "nan", "inf", "-0.1"])
def test_a_share_must_be_a_number(value):
    with pytest.raises(SettingError, match="set it to a number from 0 to 1"):
        load_settings({"IBID_DENSE_WEIGHT": value})


def test_a_fraction_is_read():
    assert load_settings({"IBID_THRESHOLD": "0.25"}).threshold == 0.25


@pytest.mark.parametrize(("value", "reranker"), [("off", None), ("", None), ("folder/model", "folder/model")])
def test_a_reranker_is_off_unless_named(value, reranker):
    assert load_settings({"IBID_RERANKER": value}).reranker == reranker


def test_what_shapes_an_index_is_the_model_and_the_three_scales():
    chosen = Settings(home=Path("/h"), model="m", window_tokens=50, passage_tokens=150, context_tokens=300)
    assert chosen.shape() == {"model": "m", "window_tokens": 50, "passage_tokens": 150, "context_tokens": 300}


def test_the_environment_of_the_process_is_the_default(monkeypatch):
    monkeypatch.setenv("IBID_CANDIDATES", "77")
    assert load_settings().candidates == 77
