import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from eval.ask import RUN_DEPTH, _cover, ask_beir, ask_spans, is_lit, rank_documents
from eval.beir import BeirSet, Gold, PlainText, Query
from eval.dataset import load_dataset
from eval.outcome import Outcome, Returned
from eval.spans import SpanQuestion, SpanSet
from index.windows import ROW
from qa.highlight import Highlighted
from qa.retrieve import RankedWindows

DATA = Path(os.environ.get("IBID_EVAL_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
GOLD = Gold("d", ((10, "Ten"), (50, "fifty")))


@dataclass(frozen=True)
class Named:
    """A corpus, and an index, of which no more is known than the names of its documents by position."""

    names: tuple[str, ...]

    @property
    def corpus(self):
        return self

    def name_documents(self, positions):
        return {position: self.names[position] for position in sorted(positions)}


@dataclass(frozen=True)
class Ranked:
    windows: RankedWindows


def rank(documents, scores):
    """Rank windows, one per document number, with these scores."""
    rows = np.zeros(len(documents), ROW)
    rows["document"] = documents
    scores = np.array(scores, np.float32)
    # Numbers and hybrid scores that would put the documents in another order.
    return Ranked(RankedWindows(np.arange(len(documents))[::-1], rows, scores, scores[::-1]))


def outcome(*texts):
    returned = tuple(Returned("d", 0, len(text), text, 1.0) for text in texts)
    return Outcome("q", "?", {}, 1.0, 0.5, returned=returned)


def test_a_document_ranks_by_its_first_window():
    ranking = rank([3, 0, 3, 2, 0], [0.75, 0.5, 0.375, 0.25, 0.125])
    assert rank_documents(Named(("a", "b", "c", "d")), ranking) == [("d", 0.75), ("a", 0.5), ("c", 0.25)]


def test_documents_of_equal_scores_keep_the_order_of_their_windows():
    ranking = rank([2, 0, 2, 1], [0.5, 0.5, 0.5, 0.5])
    assert rank_documents(Named(("a", "b", "c")), ranking) == [("c", 0.5), ("a", 0.5), ("b", 0.5)]


def test_no_windows_rank_no_documents():
    assert rank_documents(Named(()), rank([], [])) == []


def test_no_more_than_one_hundred_documents_are_ranked():
    names = tuple(str(number) for number in range(150))
    ranking = rank(range(149, -1, -1), [-number for number in range(150)])
    assert [name for name, _ in rank_documents(Named(names), ranking)] == list(names[:49:-1])
    assert RUN_DEPTH == 100


@pytest.mark.parametrize(
    ("sentence", "accuracy"),
    [((10, 20), 1.0), ((0, 11), 1.0), ((0, 10), 0.0), ((11, 50), 0.0), ((11, 51), 1.0)],
)
def test_a_highlight_is_right_where_it_holds_the_first_character_of_any_answer(sentence, accuracy):
    assert is_lit(GOLD, Highlighted(sentence, None)) == accuracy


def test_no_highlight_is_wrong():
    assert not is_lit(GOLD, None)


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


@pytest.mark.model
def test_the_ranges_of_a_spans_set_are_those_of_the_windows_in_their_documents(index, settings, paper):
    name, text = paper.work.id, "How much has Toyota committed to invest in the battery plant in North Carolina?"
    start = paper.text.index("US$13.9 billion")
    gold = ((start, start + 15),)
    questions = (SpanQuestion("in", text, "", name, gold), SpanQuestion("beside", text, "", "other", gold))
    texts = (PlainText(name, "", paper.text), PlainText("other", "", paper.text))
    inside, beside = ask_spans(SpanSet(texts, questions), index, settings)
    assert (inside.scores["recall@250"], inside.curve[-1][1]) == (1.0, 1.0)
    assert (beside.scores["recall@250"], beside.curve[-1][1]) == (0.0, 0.0)


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
