import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from eval.ask import RUN_DEPTH, _cover, ask_beir, is_lit, rank_documents
from eval.beir import BeirSet, Gold, Query
from eval.dataset import load_dataset
from eval.outcome import Outcome, Returned
from eval.spans import SpanQuestion

DATA = Path(os.environ.get("IBID_EVAL_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
GOLD = Gold("d", ((10, "Ten"), (50, "fifty")))


@dataclass(frozen=True)
class Found:
    document_id: str
    score: float


@dataclass(frozen=True)
class Windows:
    windows: tuple[Found, ...]


def outcome(*texts):
    returned = tuple(Returned("d", 0, len(text), text, 1.0) for text in texts)
    return Outcome("q", "?", {}, 1.0, 0.5, returned=returned)


def test_a_document_ranks_by_its_first_window():
    windows = Windows((Found("b", 0.9), Found("a", 0.8), Found("b", 0.7), Found("c", 0.8)))
    assert rank_documents(windows) == [("b", 0.9), ("a", 0.8), ("c", 0.8)]


def test_no_more_than_one_hundred_documents_are_ranked():
    windows = Windows(tuple(Found(str(number), -number) for number in range(150)))
    assert [name for name, _ in rank_documents(windows)] == [str(number) for number in range(RUN_DEPTH)]


@pytest.mark.parametrize(
    ("highlight", "lit"),
    [((10, 20), True), ((0, 11), True), ((0, 10), False), ((11, 50), False), ((11, 51), True), (None, False)],
)
def test_a_highlight_is_right_where_it_holds_the_first_character_of_any_answer(highlight, lit):
    assert is_lit(GOLD, highlight) is lit


@pytest.mark.model
def test_a_query_with_answers_an_impossible_one_and_a_bare_one_are_measured_apart(index, settings, paper):
    name = paper.work.id
    start = paper.text.index("US$13.9 billion")
    text = "How much has Toyota committed to invest in the battery plant in North Carolina?"
    golds = [Gold(name, ((0, "nowhere to be found"), (start, "us$13.9  BILLION"))), Gold("", ()), None]
    queries = tuple(Query(str(number), text, "", gold) for number, gold in enumerate(golds))
    beir = BeirSet((), queries, {"0": {name: 1}, "1": {name: 1}, "2": {"unknown": 1}}, has_answers=True)
    (marked, impossible, bare), run = ask_beir(beir, index, settings)
    assert marked.scores["ndcg@10"] == marked.scores["answer_recall@5"] == marked.scores["highlight_accuracy"] == 1.0
    assert (impossible.scores, impossible.answerable) == ({}, False)
    assert set(bare.scores.values()) == {0.0}
    assert (list(bare.scores), bare.answerable) == (["ndcg@10", "recall@10", "recall@100", "mrr@10"], None)
    assert [next(iter(ranked))[0] for ranked in run.values()] == [name, name]
    assert list(run) == ["0", "2"]


def test_the_curve_of_a_question_rises_with_the_tokens_returned():
    question = SpanQuestion("q", "?", "", "d", ((0, 10), (20, 30)))
    pieces = [(("e", 0, 9), 250), (("d", 0, 10), 450), (("d", 15, 25), 900)]
    covered = _cover(outcome("x" * 30), question, pieces, {})
    assert covered.curve == ((0, 0.0), (250, 0.0), (450, 0.5), (900, 0.75))
    assert [covered.scores[f"recall@{depth}"] for depth in (250, 450, 900, 1800)] == [0.0, 0.5, 0.75, 0.75]
    assert covered.scores["recall@5p"] == 1.0
    assert covered.scores["precision@5p"] == pytest.approx(20 / 30)


@pytest.mark.parametrize(
    ("name", "layout", "count"),
    [("scifact", "beir", 300), ("xquad_en", "beir", 1190), ("chroma_chunking", "spans", 472)],
)
def test_a_dataset_at_hand_loads_whole(name, layout, count):
    if not (DATA / name).exists():
        pytest.skip(f"there is no {DATA / name}")
    dataset = load_dataset(DATA / name)
    questions = dataset.content.queries if layout == "beir" else dataset.content.questions
    assert (dataset.name, dataset.layout, len(questions)) == (name, layout, count)
