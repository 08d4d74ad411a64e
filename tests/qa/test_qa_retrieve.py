"""Retrieval against a brute-force oracle that scores every window by the formula in words."""

import math
import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

import qa.retrieve
from index.build import build_index
from index.bundle import open_index
from index.chunk import chunk, load_token_counter
from index.encode import unpack_words
from index.settings import Settings, load_settings
from index.windows import ROW
from qa.answer import answer_question
from qa.likeness import share_pieces, weigh_words
from qa.retrieve import (
    _DEPTH,
    _PASSAGES,
    _WORDS_DEPTH,
    _WORDS_WEIGHT,
    RankedWindow,
    RankedWindows,
    group_passages,
    rank_windows,
    weigh_shared,
)
from qa.scales import ENTRY_HANDICAP

pytestmark = pytest.mark.model

QUESTIONS = [
    "How much has Toyota committed to invest in the battery plant in North Carolina?",
    "who wrote this paper?",
    "which arXiv preprint describes ABCI 3.0?",
    "semiconductor export controls against China",
]


SCALES = ("windows", "passages", "contexts")
UNITS = {}


def list_units(index):
    """Return the terms of every unit of each scale, title and headings in each."""
    if index.folder not in UNITS:
        UNITS[index.folder] = read_units(index)
    return UNITS[index.folder]


def read_units(index):
    contexts = []
    for work in index.corpus.list_works():
        contexts += chunk(index.corpus.load_document(work.id), load_settings(), load_token_counter())
    texts = {
        "contexts": [f"{context.lead}\n{context.indexed}" for context in contexts],
        "passages": [f"{context.lead}\n{each.indexed}" for context in contexts for each in context.passages],
        "windows": [
            f"{context.lead}\n{window.indexed}"
            for context in contexts
            for each in context.passages
            for window in each.windows
        ],
    }
    return {scale: [index.lexical.analyze(text) for text in of_scale] for scale, of_scale in texts.items()}


def weigh_by_force(units, term):
    """Return the inverse document frequency of a term."""
    held = sum(term in unit for unit in units)
    return math.log(1 + (len(units) - held + 0.5) / (held + 0.5))


def match_by_force(units, terms):
    """Return the BM25 score of every unit as a share of the most that there could be."""
    mean = sum(map(len, units)) / len(units)
    weights = {term: weigh_by_force(units, term) for term in terms}
    scores = np.zeros(len(units))
    for number, unit in enumerate(units):
        for term, weight in weights.items():
            count = unit.count(term)
            scores[number] += weight * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * len(unit) / mean))
    return scores / (2.2 * sum(weights.values())) if terms else scores


def score_scale(index, scale, question, settings):
    """Return the fused score of every unit of a scale."""
    terms = list(dict.fromkeys(index.lexical.analyze(question)))
    units, weight = list_units(index)[scale], settings.dense_weight
    cosines = getattr(index, scale).score(index.encoder.read_question(question).vector, np.arange(len(units)))
    return weight * cosines + (1 - weight) * match_by_force(units, terms)


def score_by_force(index, question, settings):
    """Return the score of every window, the likeness of words added to the best of them."""
    reading = index.encoder.read_question(question)
    own, outer, around = (score_scale(index, scale, question, settings) for scale in SCALES)
    rows = index.table.load(np.arange(len(own)))
    scores = (own + outer[rows["passage"]] + around[rows["context"]]) / 3 - ENTRY_HANDICAP * rows["is_entry"]
    best = np.argsort(-scores, kind="stable")[:_WORDS_DEPTH]
    shares = share_by_force(question, reading.spans, index)
    scores[best] += [_WORDS_WEIGHT * measure_likeness(index, rows[at], reading.words, shares) for at in best]
    return scores


def share_by_force(question, spans, index):
    """Return the share of each piece, from the word that it lies in."""
    words = {match.span(): match.group() for match in re.finditer(r"[^\W_]+", question)}
    inside = [next(word for word in words if word[0] <= start and end <= word[1]) for start, end in spans]
    pieces = Counter(inside)
    units = list_units(index)["windows"]
    forces = {
        word: sum(weigh_by_force(units, term) for term in set(index.lexical.analyze(words[word]))) for word in pieces
    }
    weights = [forces[word] / pieces[word] for word in inside]
    return [weight / sum(weights) if any(weights) else 1 / len(spans) for weight in weights]


def measure_likeness(index, row, words, shares):
    """Return the mean over window, passage and context of what their words, or the lead's, have alike."""
    context = int(row["context"])
    inside = unpack_words(index.corpus.load_words([context])[context], 384)
    lead = inside[: row["lead_words"]]
    scales = [inside[row["first_word"] : row["stop_word"]], inside[row["first_of_passage"] : row["stop_of_passage"]]]
    return np.mean(
        [
            sum(
                share * max(find_best(word, text), find_best(word, lead))
                for word, share in zip(words, shares, strict=True)
            )
            for text in (*scales, inside)
        ]
    )


def find_best(word, text):
    return max((float(word @ other) for other in text), default=0)


@pytest.mark.parametrize("weight", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("question", [*QUESTIONS, "and is it"])
def test_every_score_is_that_of_the_formula(index, settings, question, weight):
    weighed = replace(settings, dense_weight=weight)
    expected = score_by_force(index, question, weighed)
    ranking = rank_windows(index, question, weighed)
    found = {window.id: window.score for window in ranking.windows}
    assert set(found) == set(range(97))
    assert found == pytest.approx({number: expected[number] for number in found}, abs=1e-4)
    assert ranking.windows[0].id == int(np.argmax(expected))


@pytest.mark.parametrize("question", ["the of and", "zyzzyva qwxyz", *QUESTIONS])
def test_scores_never_rise(index, settings, question):
    scores = [window.score for window in rank_windows(index, question, settings).windows]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("k", [1, 3, 100])
def test_k_passages_come_back_and_they_are_distinct(index, settings, k):
    hits = group_passages(index, rank_windows(index, QUESTIONS[0], settings), k)
    assert len({hit.window.passage_id for hit in hits}) == len(hits) == min(k, index.manifest.passages)


def test_no_passage_of_a_reference_is_found_where_none_is_indexed(index, settings):
    assert list(rank_windows(index, QUESTIONS[0], settings, source="references").windows) == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_paper_alone_is_all_of_this_index(index, settings, question):
    alone, every = (rank_windows(index, question, settings, source=source) for source in ("paper", "all"))
    assert list(alone.windows) == list(every.windows)
    assert len(alone.windows) == 97


@pytest.fixture(scope="module")
def divided(index):
    """The index as if only its first 15 contexts were of a paper, and the rest of references."""
    rows = index.table.load(np.arange(len(index.table)))
    last = int(np.searchsorted(rows["context"], 15))
    papers = {"windows": last, "passages": int(rows["passage"][last]), "contexts": 15}
    card = replace(index.manifest.segments[0], papers=papers)
    return replace(index, manifest=replace(index.manifest, papers=papers, segments=(card,)))


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_source_finds_its_own_documents_only(divided, settings, question):
    paper, references, every = (
        {window.id for window in rank_windows(divided, question, settings, source=source).windows}
        for source in ("paper", "references", "all")
    )
    border = divided.manifest.papers["windows"]
    assert 0 < border < len(divided.windows)
    assert paper == {number for number in every if number < border} != set()
    assert references == {number for number in every if number >= border} != set()


@pytest.fixture(scope="module")
def large(tmp_path_factory, model_folder):
    """An index of more windows than are ever listed, and its settings."""
    folder = tmp_path_factory.mktemp("large")
    (folder / "models").symlink_to(model_folder.parent, target_is_directory=True)
    deeds = ("lifted copper", "carried grain", "sank in fog", "won a prize")
    lines = (f"Crane {n} of harbour {n % 9} {deeds[n % 4]} in the year {1200 + n}. " * 3 for n in range(600))
    (folder / "cranes.txt").write_text("\n\n".join(lines), encoding="utf-8")
    settings = Settings(home=folder)
    build_index([folder / "cranes.txt"], settings)
    return open_index(settings), settings


def test_no_list_is_longer_than_500_windows(large, monkeypatch):
    index, settings = large
    monkeypatch.setattr(qa.retrieve, "_PASSAGES", 1000)
    windows = rank_windows(index, "Which crane lifted copper?", replace(settings, candidates=10_000)).windows
    assert len(index.windows) > _DEPTH == 500
    assert len(windows) == len({window.id for window in windows}) == 500


@pytest.mark.parametrize("candidates", [10, 250, 10_000])
def test_windows_are_those_of_the_passages_that_are_best_with_their_contexts(large, candidates):
    index, settings = large
    question = "Which crane lifted copper?"
    rows = index.table.load(np.arange(len(index.table)))
    outer = score_scale(index, "passages", question, settings)[rows["passage"]]
    outer = outer + score_scale(index, "contexts", question, settings)[rows["context"]]
    windows = rank_windows(index, question, replace(settings, candidates=candidates)).windows
    is_ranked = np.isin(rows["passage"], windows.rows["passage"])
    assert len(windows) == is_ranked.sum()
    if candidates > _PASSAGES == 150:
        assert len(windows) == 450  # three each
        found = find_passages(index, question, candidates)
        left = [at for at, passage in enumerate(rows["passage"].tolist()) if passage in found and not is_ranked[at]]
        assert outer[is_ranked].min() >= outer[left].max() - 1e-5


def find_passages(index, question, count):
    """Return the passages that either search puts among its first, by a sort of them all."""
    end = len(index.passages)
    cosines = index.passages.score(index.encoder.read_question(question).vector, np.arange(end))
    terms = list(dict.fromkeys(index.lexical.analyze(question)))
    matching = index.lexical.search(terms, end, first=0, stop=end)[0]
    return {*np.argsort(-cosines, kind="stable")[:count].tolist(), *matching[:count].tolist()}


@pytest.mark.parametrize("question", ["Which crane lifted copper?", "Did a ship sink in fog?", "year 1333"])
def test_the_windows_are_those_of_the_passages_that_are_found(large, question):
    index, settings = large
    passages = find_passages(index, question, 20)
    rows = index.table.load(np.arange(len(index.table)))
    inside = [number for number, row in enumerate(rows) if row["passage"] in passages]
    windows = rank_windows(index, question, replace(settings, candidates=20)).windows
    assert 20 <= len(passages) <= 40
    assert sorted(windows.ids.tolist()) == inside


def test_a_window_outside_the_passages_found_is_not_found_however_near(large):
    index, settings = large
    question = "Which crane lifted copper?"
    vector = index.encoder.read_question(question).vector
    nearest = np.argsort(-index.windows.score(vector, np.arange(len(index.windows))))[:10].tolist()
    found = find_passages(index, question, 10)
    outside = {at for at in nearest if index.table.load(np.array([at]))["passage"][0] not in found}
    windows = rank_windows(index, question, replace(settings, candidates=10)).windows
    assert outside
    assert outside.isdisjoint(windows.ids.tolist())


@pytest.mark.parametrize("candidates", [250, 10_000])
def test_the_scores_of_a_large_index_are_those_of_the_formula(large, candidates):
    index, settings = large
    many = replace(settings, candidates=candidates)
    expected = score_by_force(index, "Which crane lifted copper?", many)
    windows = rank_windows(index, "Which crane lifted copper?", many).windows
    found = dict(zip(windows.ids.tolist(), windows.scores.tolist(), strict=True))
    assert len(found) == 450
    assert found == pytest.approx({number: expected[number] for number in found}, abs=1e-4)


def test_no_more_than_the_first_windows_are_looked_at_word_by_word(large):
    index, settings = large
    question = "Which crane lifted copper?"
    windows = rank_windows(index, question, settings).windows
    units = {"windows": windows.ids, "passages": windows.rows["passage"], "contexts": windows.rows["context"]}
    bare = np.mean([score_scale(index, scale, question, settings)[of] for scale, of in units.items()], axis=0)
    added = windows.scores - bare
    assert added[:15].min() > 0.1
    np.testing.assert_allclose(added[15:], 0, atol=1e-5)


def test_ten_candidates_still_answer(index, settings):
    answer = answer_question(index, QUESTIONS[0], replace(settings, candidates=10))
    assert answer.answerable
    assert "US$13.9 billion" in answer.answer.text


def test_fewer_candidates_keep_the_best_passage(index, settings):
    few, many = (rank_windows(index, QUESTIONS[0], replace(settings, candidates=n)) for n in (10, 1000))
    assert few.windows[0].passage_id == many.windows[0].passage_id


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_shares_of_a_question_are_those_of_its_words_in_the_index(index, question):
    reading = index.encoder.read_question(question)
    found = share_pieces(weigh_words(question, index.lexical, index.terms), reading)
    expected = share_by_force(question, reading.spans, index)
    assert found.tolist() == pytest.approx(expected, abs=1e-6)
    assert found.sum() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("question", [*QUESTIONS, "and is it"])
def test_a_ranking_has_the_words_of_the_question_and_their_shares(index, settings, question):
    reading = index.encoder.read_question(question)
    ranking = rank_windows(index, question, settings)
    expected = share_by_force(question, reading.spans, index)
    np.testing.assert_allclose(ranking.words, reading.words, atol=1e-6)
    assert ranking.shares.tolist() == pytest.approx(expected, abs=1e-6)


@pytest.fixture
def columns():
    rows = np.array([(4, 3, 1, 50, 60, *[0] * 5, False), (2, 1, 0, 10, 20, *[0] * 5, True)], ROW)
    return RankedWindows(np.array([7, 5]), rows, np.array([0.75, 0.5], np.float32), np.array([0.25, 1], np.float32))


def test_ranked_windows_are_a_sequence_of_what_their_columns_say(columns):
    first = RankedWindow(7, document=1, passage_id=4, context_id=3, start=50, end=60, score=0.75, fused=0.25)
    second = RankedWindow(5, document=0, passage_id=2, context_id=1, start=10, end=20, score=0.5, fused=1.0)
    assert (len(columns), list(columns), columns[-1]) == (2, [first, second], second)
    assert [type(value) for value in (first.id, columns[0].id, columns[0].start)] == [int, int, int]


@pytest.mark.parametrize("part", [slice(1), slice(1, None), slice(None, None, -1), slice(5, 9)])
def test_a_slice_of_ranked_windows_has_a_slice_of_each_column(columns, part):
    found = columns[part]
    assert isinstance(found, RankedWindows)
    assert list(found) == list(columns)[part]
    assert (found.ids.tolist(), found.rows.tolist()) == (columns.ids[part].tolist(), columns.rows[part].tolist())


@pytest.mark.parametrize("at", [2, -3])
def test_there_is_no_ranked_window_beyond_the_last(columns, at):
    with pytest.raises(IndexError):
        columns[at]


def test_no_ranked_windows_are_falsy(columns):
    assert (bool(columns), bool(columns[:0])) == (True, False)


@pytest.mark.parametrize("question", QUESTIONS)
def test_each_ranked_window_has_its_row_of_the_table(index, settings, question):
    windows = rank_windows(index, question, settings).windows
    assert windows.rows.tolist() == index.table.load(windows.ids).tolist()
    assert windows.fused.tolist() == windows.scores.tolist()


@pytest.mark.parametrize("k", [1, 5, 47])
def test_a_passage_stands_where_its_first_window_does(index, settings, k):
    ranking = rank_windows(index, QUESTIONS[0], settings)
    first = {}
    for window in ranking.windows:
        first.setdefault(window.passage_id, window)
    hits = group_passages(index, ranking, k)
    assert [hit.window for hit in hits] == list(first.values())[:k]
    assert [hit.place for hit in hits] == [index.corpus.load_place(passage) for passage in list(first)[:k]]


@pytest.mark.parametrize(
    ("terms", "weights", "share"),
    [(["a"], {"a": 1.0, "b": 3.0}, 0.25), (["a", "a"], {"a": 2.0}, 1.0), (["x"], {}, 0.0)],
)
def test_shared_terms_weigh_their_part_of_the_whole(terms, weights, share):
    assert weigh_shared(terms, weights) == share
