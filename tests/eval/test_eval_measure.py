import json
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from eval.ask import ask_questions
from eval.gate import EXAM
from eval.measure import find_rank, fold, measure_abstention, score_rank, summarise
from eval.outcome import Outcome
from eval.questions import load_questions
from index.build import build_index
from index.bundle import open_index
from index.encode import OnnxEncoder
from index.export import _bundled_folder, load_original

NAMES = ("answer_recall@1", "answer_recall@3", "answer_recall@5", "mrr")


def outcome(rank, confidence, latency_ms, *, answerable=True):
    scores = {**score_rank(rank), "mrr": 1 / rank if rank else 0.0} if answerable else {}
    return Outcome("q", "?", scores, latency_ms, confidence, answerable=answerable)


def test_folding_ignores_case_and_white_space():
    assert fold(" US$13.9\n  Billion ") == "us$13.9 billion"


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("texts", "answers", "rank"),
    [
        (["no", "the ANSWER is"], ["answer"], 2),
        (["an  answer", "answer"], ["An answer"], 1),
        (["no", "no"], ["answer"], None),
        (["second here", "first here"], ["first", "second"], 1),
        ([], ["answer"], None),
    ],
)
def test_the_rank_is_that_of_the_first_text_with_any_answer(texts, answers, rank):
    assert find_rank(texts, answers) == rank


@pytest.mark.parametrize(("rank", "recalls"), [(1, [1, 1, 1]), (2, [0, 1, 1]), (5, [0, 0, 1]), (6, [0, 0, 0])])
def test_answer_recall_is_one_from_the_rank_of_the_answer(rank, recalls):
    assert list(score_rank(rank).values()) == recalls


def test_the_measures_of_a_hand_made_run():
    outcomes = [
        outcome(1, 0.9, 1.0),
        outcome(2, 0.8, 2.0),
        outcome(5, 0.3, 3.0),
        outcome(None, 0.7, 4.0),
        outcome(None, 0.5, 5.0, answerable=False),
        outcome(1, 0.1, 6.0, answerable=False),
    ]
    assert summarise(outcomes, NAMES, abstention=True) == {
        "answer_recall@1": 0.25,
        "answer_recall@3": 0.5,
        "answer_recall@5": 0.75,
        "mrr": 0.425,
        "abstention_auroc": 0.875,
        "queries": 6,
        "latency_ms_p50": 3.5,
        "latency_ms_p95": 5.75,
    }


def test_abstention_is_one_half_where_confidence_says_nothing():
    assert measure_abstention([outcome(1, 0.5, 1.0), outcome(None, 0.5, 1.0, answerable=False)]) == 0.5


def test_abstention_is_nought_where_confidence_is_upside_down():
    assert measure_abstention([outcome(1, 0.1, 1.0), outcome(None, 0.9, 1.0, answerable=False)]) == 0.0


def test_questions_of_which_it_is_not_known_count_in_no_abstention():
    unknown = replace(outcome(1, 0.0, 1.0), answerable=None)
    assert measure_abstention([unknown, outcome(1, 0.9, 1.0), outcome(None, 0.5, 1.0, answerable=False)]) == 1.0


def test_a_set_without_unanswerable_questions_has_no_abstention():
    assert summarise([outcome(1, 0.5, 1.0)], NAMES, abstention=True)["abstention_auroc"] is None


def test_a_set_without_answerable_questions_has_no_recall():
    assert summarise([outcome(None, 0.5, 1.0, answerable=False)], NAMES, abstention=True)["answer_recall@1"] is None


def test_a_layout_without_abstention_does_not_name_it():
    assert "abstention_auroc" not in summarise([outcome(1, 0.5, 1.0)], NAMES, abstention=False)


@pytest.mark.model
def test_an_outcome_tells_what_came_of_its_question(index, settings, tmp_path):
    rows = [
        {"id": "y", "question": "Who wrote this paper?", "answers": ["tran  anh cong"]},
        {"id": "n", "question": "What is the capital of Peru?", "answers": []},
    ]
    (tmp_path / "two.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    yes, no = ask_questions(load_questions(tmp_path / "two.jsonl"), index, settings)
    assert (yes.id, yes.text, yes.answerable, yes.scores["answer_recall@5"]) == ("y", rows[0]["question"], True, 1.0)
    assert (no.answerable, no.scores) == (False, {})
    assert yes.confidence > no.confidence
    assert yes.latency_ms > 0
    first = yes.returned[0]
    assert index.corpus.load_document(first.document_id).text[first.start : first.end] == first.text


class OriginalSession:
    """The sentence-transformers model in the place of the exported one, in floating point."""

    def __init__(self):
        self._model = load_original(_bundled_folder())

    def run(self, outputs, feed):
        with torch.no_grad():
            features = self._model({name: torch.from_numpy(array) for name, array in feed.items()})
        return [features[name].numpy() for name in outputs]


class OriginalEncoder(OnnxEncoder):
    def __init__(self, folder):
        super().__init__(folder)
        self._session = OriginalSession()


@pytest.mark.model
def test_the_exported_model_answers_as_well_as_the_original(index, settings, tmp_path, monkeypatch):
    monkeypatch.setattr("index.assemble.OnnxEncoder", OriginalEncoder)
    twin_settings = replace(settings, index=tmp_path)
    build_index([EXAM.parent.parent / "seeds"], twin_settings)
    twin = replace(open_index(twin_settings), encoder=OriginalEncoder(settings.models_folder / index.manifest.encoder))
    questions = load_questions(EXAM)
    exported, expected = (
        summarise(ask_questions(questions, each, settings), NAMES, abstention=True) for each in (index, twin)
    )
    for name in (*NAMES, "abstention_auroc"):  # two of the hundred questions may turn
        assert exported[name] == pytest.approx(expected[name], abs=0.01 + 1e-9), name
