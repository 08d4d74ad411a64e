from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.gate import EXAM
from eval.measure import Outcome, find_rank, fold, measure, measure_abstention, run_questions
from eval.questions import Question, load_questions
from index.bundle import Scale
from index.export import _bundled_folder, load_original
from index.vectors import FlatVectors, save_vectors

YES, NO = Question("y", "?", ("a",)), Question("n", "?", ())


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


def test_the_measures_of_a_hand_made_run():
    outcomes = [
        Outcome(YES, 1, 0.9, 1.0),
        Outcome(YES, 2, 0.8, 2.0),
        Outcome(YES, 5, 0.3, 3.0),
        Outcome(YES, None, 0.7, 4.0),
        Outcome(NO, None, 0.5, 5.0),
        Outcome(NO, 1, 0.1, 6.0),
    ]
    assert measure(outcomes) == {
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
    assert measure_abstention([Outcome(YES, 1, 0.5, 1.0), Outcome(NO, None, 0.5, 1.0)]) == 0.5


def test_abstention_is_nought_where_confidence_is_upside_down():
    assert measure_abstention([Outcome(YES, 1, 0.1, 1.0), Outcome(NO, None, 0.9, 1.0)]) == 0.0


def test_a_set_without_unanswerable_questions_has_no_abstention():
    assert measure([Outcome(YES, 1, 0.5, 1.0)])["abstention_auroc"] is None


def test_a_set_without_answerable_questions_has_no_recall():
    assert measure([Outcome(NO, None, 0.5, 1.0)])["answer_recall@1"] is None


class OriginalEncoder:
    """sentence-transformers behind the Encoder protocol; word vectors are those of the exported model."""

    def __init__(self, exported):
        self._exported = exported
        self._model = load_original(_bundled_folder())
        self.card = exported.card

    def encode_passages(self, texts):
        return self._model.encode(list(texts), normalize_embeddings=True)

    def encode_question(self, question):
        return self.encode_passages([question])[0]

    def read_question(self, question):
        return self.encode_question(question), *self._exported.encode_words(question)

    def encode_words(self, text):
        return self._exported.encode_words(text)


def reencode(scale, encoder, texts, path):
    save_vectors(path, encoder.encode_passages(texts))
    return Scale(FlatVectors(path), scale.lexical, scale.papers)


@pytest.mark.model
def test_the_exported_model_answers_as_well_as_the_original(index, settings, paper, tmp_path):
    from index.build import _list_texts, _parse
    from index.extract import find_sources

    texts = _list_texts([_parse(source, settings) for source in find_sources([EXAM.parent.parent / "seeds"])])
    original = OriginalEncoder(index.encoder)
    twin = replace(
        index,
        encoder=original,
        windows=reencode(index.windows, original, texts["windows"], tmp_path / "windows"),
        passages=reencode(index.passages, original, texts["passages"], tmp_path / "passages"),
    )
    questions = load_questions(EXAM)
    exported, expected = (measure(run_questions(each, settings, questions)) for each in (index, twin))
    for name in ("answer_recall@1", "answer_recall@3", "answer_recall@5", "mrr", "abstention_auroc"):
        assert exported[name] == pytest.approx(expected[name], abs=0.01 + 1e-9), name
