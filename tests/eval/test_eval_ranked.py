from math import log2

import pytest

from eval.ranked import measure_run, save_run, separate
from index.errors import DatasetError

# a and b are relevant, a most; c is judged not to be; x and y are not judged.
QRELS = {"q1": {"a": 2, "b": 1, "c": 0}, "q2": {"z": 1}, "q3": {"a": 1, "b": 1}}
RUN = {
    "q1": [("x", 0.9), ("b", 0.7), ("a", 0.7), ("c", 0.7)],
    "q3": [(f"n{number}", 0.5) for number in range(10)] + [("a", 0.4)],
}
NOTHING = {"ndcg@10": 0.0, "recall@10": 0.0, "recall@100": 0.0, "mrr@10": 0.0}


def test_graded_relevance_ties_and_unjudged_documents_are_worked_out_by_hand():
    # Gains 0, 1, 2, 0 at ranks 1 to 4 against 2, 1 at best; the tie keeps b before a.
    gained, best = 1 / log2(3) + 2 / log2(4), 2 / log2(2) + 1 / log2(3)
    expected = {"ndcg@10": gained / best, "recall@10": 1.0, "recall@100": 1.0, "mrr@10": 0.5}
    assert measure_run(QRELS, RUN)["q1"] == pytest.approx(expected, abs=5e-5)


def test_a_tie_keeps_the_order_in_which_documents_were_ranked():
    qrels = {"q": {"b": 1}}
    assert measure_run(qrels, {"q": [("b", 0.7), ("a", 0.7)]})["q"]["mrr@10"] == 1.0
    assert measure_run(qrels, {"q": [("a", 0.7), ("b", 0.7)]})["q"]["mrr@10"] == 0.5
    assert measure_run({"q": {"a": 1}}, {"q": [("a", 0.7), ("b", 0.7)]})["q"]["mrr@10"] == 1.0


def test_a_query_without_any_document_has_nought():
    assert measure_run(QRELS, RUN)["q2"] == NOTHING


def test_a_document_at_rank_eleven_counts_for_recall_at_one_hundred_alone():
    assert measure_run(QRELS, RUN)["q3"] == {**NOTHING, "recall@100": 0.5}


def test_a_query_judged_without_anything_relevant_has_nought():
    assert measure_run({"q": {"a": 0}}, {"q": [("a", 1.0)]})["q"] == NOTHING


def test_scores_fall_strictly_and_keep_those_that_do():
    assert separate([("a", 0.5), ("b", 0.5), ("c", 0.4999995), ("d", 0.1)]) == [
        ("a", 0.5),
        ("b", 0.499999),
        ("c", 0.499998),
        ("d", 0.1),
    ]


def test_a_run_file_has_the_six_columns_of_trec(tmp_path):
    save_run({"q": [("b", 0.75), ("a", 0.75)]}, tmp_path / "run")
    assert (tmp_path / "run").read_text("utf-8") == "q Q0 b 1 0.750000 ibid\nq Q0 a 2 0.749999 ibid\n"


def test_a_run_file_measures_as_the_run_itself(tmp_path):
    import ir_measures

    save_run(RUN, tmp_path / "run")
    read = {}
    for scored in ir_measures.read_trec_run(str(tmp_path / "run")):
        read.setdefault(scored.query_id, []).append((scored.doc_id, scored.score))
    assert measure_run(QRELS, read) == measure_run(QRELS, RUN)


def test_an_id_that_a_run_file_cannot_hold_is_refused(tmp_path):
    with pytest.raises(DatasetError, match=r"'a b' holds white space; .* rename"):
        save_run({"q": [("a b", 1.0)]}, tmp_path / "run")


def test_a_run_file_that_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(DatasetError, match=r"cannot write .*; name a file"):
        save_run({}, tmp_path / "nowhere" / "run")
