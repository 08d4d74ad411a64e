import json
from pathlib import Path

import pytest

from eval.converse import DIALOGUE_MEASURES, ask_dialogues
from eval.dataset import load_dataset
from eval.dialogues import Dialogue, Turn, load_dialogues
from eval.evaluate import evaluate_dataset
from eval.gate import DIALOGUES
from index.errors import DatasetError

FIRST = {"question": "How much will Toyota invest?", "answers": ["US$13.9 billion"]}
OPEN = {"question": "and when will it make batteries?", "answers": ["from late 2025"]}
ALONE = {"question": "Who wrote this paper?", "answers": ["TRAN ANH CONG"], "standalone": True}
LINE = {"id": "1", "turns": [FIRST, OPEN, ALONE]}
TRAINING = Path(DIALOGUES).with_name("training.jsonl")


def write(path, *lines):
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return path


def test_a_file_of_dialogues_is_recognised_by_what_it_holds(tmp_path):
    dataset = load_dataset(write(tmp_path / "any.jsonl", LINE))
    turns = tuple(Turn(t["question"], tuple(t["answers"]), t.get("standalone", False)) for t in LINE["turns"])
    assert dataset.layout == "dialogues"
    assert dataset.content == (Dialogue("1", turns, f"{tmp_path / 'any.jsonl'}:1"),)


@pytest.mark.parametrize(
    "turns",
    [
        [FIRST],
        "none",
        [FIRST, {"question": "and when?"}],
        [FIRST, {"question": "and when?", "answers": []}],
        [FIRST, {"question": " ", "answers": ["a"]}],
        [FIRST, {**OPEN, "standalone": "yes"}],
    ],
)
def test_a_malformed_dialogue_is_named_by_file_and_line(tmp_path, turns):
    file = write(tmp_path / "a.jsonl", LINE, {"id": "2", "turns": turns})
    with pytest.raises(DatasetError, match=r"a\.jsonl:2 .*; each line is"):
        load_dialogues(file)


@pytest.mark.model
def test_a_turn_that_cannot_be_asked_is_named_by_file_and_line(tmp_path, index, settings):
    file = write(tmp_path / "a.jsonl", {"id": "1", "turns": [FIRST, {"question": "?", "answers": ["a"]}]})
    with pytest.raises(DatasetError, match=r"a\.jsonl:1 cannot be asked: .*; ask in words"):
        ask_dialogues(load_dialogues(file), index, settings)


@pytest.mark.model
def test_each_later_turn_is_asked_after_what_became_of_those_before(tmp_path, index, settings):
    opened, alone = ask_dialogues(load_dialogues(write(tmp_path / "a.jsonl", LINE)), index, settings)
    assert (opened.id, alone.id) == ("1.2", "1.3")
    assert opened.text == "and when will it make batteries? (read as: When will Toyota make batteries?)"
    assert opened.scores == {
        "answer_recall@1": 1.0,
        "answer_recall@3": 1.0,
        "answer_recall@5": 1.0,
        "completed": 1.0,
    }
    assert alone.scores == {"answer_recall@3_after": 1.0, "answer_recall@3_alone": 1.0, "left_alone": 1.0}


def test_the_exam_and_the_training_set_share_no_question_that_is_more_than_a_piece():
    asked = [
        {turn.question.casefold() for each in load_dialogues(file) for turn in each.turns if len(turn.question) > 30}
        for file in (DIALOGUES, TRAINING)
    ]
    assert not asked[0] & asked[1]


def test_the_exam_is_large_enough():
    dialogues = load_dialogues(DIALOGUES)
    later = [turn for each in dialogues for turn in each.turns[1:]]
    assert len(dialogues) >= 60
    assert sum(turn.is_standalone for turn in later) >= 40
    assert sum(not turn.is_standalone for turn in later) >= 60


@pytest.fixture(scope="module")
def figures(settings):
    return evaluate_dataset(load_dataset(DIALOGUES), settings).figures


@pytest.mark.model
def test_follow_ups_are_answered(figures):
    assert set(DIALOGUE_MEASURES) < set(figures)
    assert figures["answer_recall@3"] >= 0.9


@pytest.mark.model
def test_another_topic_costs_a_question_that_stands_alone_next_to_nothing(figures):
    assert figures["answer_recall@3_after"] >= figures["answer_recall@3_alone"] - 0.03
