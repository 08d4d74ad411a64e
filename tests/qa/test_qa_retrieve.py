"""Retrieval against a brute-force oracle that scores every window by the formula in words."""

import math
import re
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.build import build_index
from index.bundle import open_index
from index.encode import QuestionReading, normalise, pack_words, unpack_words
from index.settings import Settings
from index.windows import ROW
from qa.answer import answer_question
from qa.retrieve import (
    _BM25_PER_IDF,
    _DEPTH,
    _ENTRY_HANDICAP,
    _LISTED,
    _WORDS_DEPTH,
    _WORDS_WEIGHT,
    RankedWindow,
    RankedWindows,
    _Asked,
    blank_contractions,
    group_passages,
    match_words,
    rank_windows,
    take_best,
    weigh_pieces,
    weigh_shared,
)

pytestmark = pytest.mark.model

QUESTIONS = [
    "How much has Toyota committed to invest in the battery plant in North Carolina?",
    "who wrote this paper?",
    "which arXiv preprint describes ABCI 3.0?",
    "semiconductor export controls against China",
]


def score_scale(scale, vector, terms, settings):
    """Return the fused score of every unit of a scale."""
    count = len(scale.vectors)
    ids, scores = scale.lexical.search(terms, max(_LISTED, settings.candidates), first=0, stop=count)
    matched = np.zeros(count)
    matched[ids] = scores / (_BM25_PER_IDF * sum(scale.lexical.weigh(terms).values()))
    weight = settings.dense_weight
    return weight * scale.vectors.score(vector, np.arange(count)) + (1 - weight) * matched


def score_by_force(index, question, settings):
    """Return the score of every window, the likeness of words added to the best of them."""
    reading = index.encoder.read_question(question)
    terms = list(dict.fromkeys(index.windows.lexical.analyze(question)))
    own, outer, around = (
        score_scale(scale, reading.vector, terms, settings) for scale in (index.windows, index.passages, index.contexts)
    )
    rows = index.table.load(np.arange(len(own)))
    scores = (own + outer[rows["passage"]] + around[rows["context"]]) / 3 - _ENTRY_HANDICAP * rows["is_entry"]
    best = np.argsort(-scores, kind="stable")[:_WORDS_DEPTH]
    shares = share_by_force(question, reading.spans, index.windows.lexical)
    scores[best] += [_WORDS_WEIGHT * measure_likeness(index, rows[at], reading.words, shares) for at in best]
    return scores


def share_by_force(question, spans, lexical):
    """Return the share of each piece, from the word that it lies in."""
    words = {match.span(): match.group() for match in re.finditer(r"[^\W_]+", question)}
    inside = [next(word for word in words if word[0] <= start and end <= word[1]) for start, end in spans]
    pieces = Counter(inside)
    weights = [sum(lexical.weigh(lexical.analyze(words[word])).values()) / pieces[word] for word in inside]
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
    assert len({hit.passage_id for hit in hits}) == len(hits) == min(k, index.manifest.passages)


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
    return replace(index, **{name: replace(getattr(index, name), papers=count) for name, count in papers.items()})


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_source_finds_its_own_documents_only(divided, settings, question):
    paper, references, every = (
        {window.id for window in rank_windows(divided, question, settings, source=source).windows}
        for source in ("paper", "references", "all")
    )
    border = divided.windows.papers
    assert 0 < border < len(divided.windows.vectors)
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


@pytest.mark.parametrize("candidates", [10, 100, 10_000])
def test_no_list_is_longer_than_500_windows(large, candidates):
    index, settings = large
    many = replace(settings, candidates=candidates)
    windows = rank_windows(index, "Which crane lifted copper?", many).windows
    assert len(index.windows.vectors) > _DEPTH == 500
    assert 10 <= len(windows) <= 500
    assert (len(windows) == 500) == (candidates == 10_000)
    assert len({window.id for window in windows}) == len(windows)


def find_passages(index, question, count):
    """Return the passages that either search puts among its first, by a sort of them all."""
    scale, end = index.passages, len(index.passages.vectors)
    cosines = scale.vectors.score(index.encoder.read_question(question).vector, np.arange(end))
    terms = list(dict.fromkeys(scale.lexical.analyze(question)))
    matching = scale.lexical.search(terms, end, first=0, stop=end)[0]
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
    nearest = index.windows.vectors.search(vector, 10, first=0, stop=len(index.windows.vectors))[0].tolist()
    found = find_passages(index, question, 10)
    outside = {at for at in nearest if index.table.load(np.array([at]))["passage"][0] not in found}
    windows = rank_windows(index, question, replace(settings, candidates=10)).windows
    assert outside
    assert outside.isdisjoint(windows.ids.tolist())


@pytest.mark.parametrize(("candidates", "listed"), [(250, 500), (500, 500), (520, 520), (10_000, None)])
def test_a_window_beyond_the_list_of_words_counts_as_matching_none(large, candidates, listed):
    index, settings = large
    scale, terms = index.windows, ["crane"]
    count, vector = len(scale.vectors), index.encoder.read_question("crane").vector
    asked = _Asked(scale, vector, terms, "all", replace(settings, candidates=candidates, dense_weight=0.0))
    ids, scores = scale.lexical.search(terms, count, first=0, stop=count)
    expected = np.zeros(count)
    expected[ids[:listed]] = scores[:listed] / (2.2 * scale.lexical.weigh(terms)["crane"])
    assert len(ids) == count > 520
    np.testing.assert_allclose(asked.score(np.arange(count)), expected, atol=1e-6)
    assert np.count_nonzero(expected) == (listed or count)


@pytest.mark.parametrize("candidates", [250, 10_000])
def test_the_scores_of_a_large_index_are_those_of_the_formula(large, candidates):
    index, settings = large
    many = replace(settings, candidates=candidates)
    expected = score_by_force(index, "Which crane lifted copper?", many)
    windows = rank_windows(index, "Which crane lifted copper?", many).windows
    found = dict(zip(windows.ids.tolist(), windows.scores.tolist(), strict=True))
    assert len(found) == 500
    assert found == pytest.approx({number: expected[number] for number in found}, abs=1e-4)


def test_no_more_than_the_first_windows_are_looked_at_word_by_word(large):
    index, settings = large
    question = "Which crane lifted copper?"
    vector = index.encoder.read_question(question).vector
    terms = list(dict.fromkeys(index.windows.lexical.analyze(question)))
    windows = rank_windows(index, question, settings).windows
    scales = ((index.windows, windows.ids), (index.passages, "passage"), (index.contexts, "context"))
    bare = np.mean(
        [
            score_scale(scale, vector, terms, settings)[windows.rows[of] if isinstance(of, str) else of]
            for scale, of in scales
        ],
        axis=0,
    )
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


def test_the_best_of_each_range_is_taken_and_an_empty_range_has_none():
    likeness = np.array([[0.1, 0.9, 0.3], [0.5, 0.2, -0.4]], np.float32)
    best = take_best(likeness, np.array([[0, 2], [1, 1], [2, 3], [0, 3]]))
    np.testing.assert_array_equal(best, np.array([[0.9, 0, 0.3, 0.9], [0.5, 0, -0.4, 0.5]], np.float32))


@st.composite
def draw_ranges(draw):
    """Draw a table of likenesses and ranges of its columns, empty ones and those that end at its end among them."""
    count = draw(st.integers(1, 8))
    values = st.floats(-1, 1, width=32)
    row = st.lists(values, min_size=count, max_size=count)
    likeness = np.array(draw(st.lists(row, min_size=1, max_size=4)), np.float32)
    span = st.tuples(st.integers(0, count), st.integers(0, count)).map(sorted)
    return likeness, np.array([*draw(st.lists(span, min_size=1, max_size=6)), [count, count], [0, count]])


@given(draw_ranges())
def test_the_best_of_any_ranges_are_those_that_a_loop_finds(drawn):
    likeness, ranges = drawn
    expected = [[max(row[start:stop], default=0) for start, stop in ranges.tolist()] for row in likeness.tolist()]
    np.testing.assert_array_equal(take_best(likeness, ranges), np.array(expected, np.float32))


def test_without_any_words_in_the_windows_nothing_is_alike():
    assert take_best(np.empty((2, 0), np.float32), np.array([[0, 0], [0, 0]])).tolist() == [[0, 0], [0, 0]]


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(0, 5), st.sampled_from([8, 20, 384]))
def test_a_match_is_the_product_with_the_signs_over_their_length(seed, asked, packed, dimension):
    rng = np.random.default_rng(seed)
    words = normalise(rng.standard_normal((asked, dimension)).astype(np.float32))
    inside = rng.standard_normal((packed, dimension)).astype(np.float32)
    expected = np.zeros((asked, packed))
    for row, word in enumerate(words):
        for column, other in enumerate(inside):
            agreeing = sum(abs(value) for value, sign in zip(word, other, strict=True) if (value > 0) == (sign > 0))
            expected[row, column] = (2 * agreeing - np.abs(word).sum()) * np.sqrt(np.pi / 2 / dimension)
    np.testing.assert_allclose(match_words(words, pack_words(inside).tobytes()), expected, atol=1e-5)


def test_a_word_matches_itself_by_nearly_one_and_another_by_nearly_nothing():
    words = normalise(np.random.default_rng(3).standard_normal((2, 384)).astype(np.float32))
    np.testing.assert_allclose(match_words(words, pack_words(words).tobytes()), np.eye(2), atol=0.15)


@dataclass(frozen=True)
class FakeLexicalIndex:
    """Knows what some words weigh; any other is a stop word."""

    weights: dict[str, float]

    def analyze(self, text):
        return [word for word in re.findall(r"[a-z]+", text.lower()) if word in self.weights]

    def search(self, terms, k, *, first, stop):
        raise NotImplementedError

    def weigh(self, terms):
        return {term: self.weights[term] for term in terms}


def read_spans(*spans):
    return QuestionReading(np.zeros(8, np.float32), np.zeros((len(spans), 8), np.float32), spans)


WEIGHTS = {"rain": 1.0, "falls": 4.0, "hard": 5.0}


@pytest.mark.parametrize(
    ("question", "spans", "shares"),
    [
        ("Rain falls hard?", [(0, 4), (5, 10), (11, 15)], [0.1, 0.4, 0.5]),
        ("rain falls hard", [(0, 4), (5, 9), (9, 10), (11, 15)], [0.1, 0.2, 0.2, 0.5]),
        ("rain falls hard", [(0, 2), (2, 3), (3, 4), (5, 7), (7, 10)], [1 / 15, 1 / 15, 1 / 15, 0.4, 0.4]),
        ("the rain", [(0, 3), (4, 8)], [0, 1]),
        ("rain, rain, hard", [(0, 4), (6, 10), (12, 16)], [1 / 7, 1 / 7, 5 / 7]),
        ("rain_hard", [(0, 4), (5, 9)], [1 / 6, 5 / 6]),
        ("hard-rain", [(0, 4), (5, 9)], [5 / 6, 1 / 6]),
        ("(hard) rain?", [(0, 1), (1, 5), (7, 11), (11, 12)], [0, 5 / 6, 1 / 6, 0]),
    ],
)
def test_the_pieces_of_a_word_share_its_weight(question, spans, shares):
    found = weigh_pieces(question, read_spans(*spans), FakeLexicalIndex(WEIGHTS))
    assert (found.dtype, found.tolist()) == (np.float32, pytest.approx(shares, abs=1e-6))


@pytest.mark.parametrize(
    ("question", "spans"),
    [("who is it", [(0, 3), (4, 6), (7, 9)]), ("?!", [(0, 1), (1, 2)]), ("snowfall", [(0, 4), (4, 8)])],
)
def test_all_pieces_weigh_alike_where_no_word_is_known(question, spans):
    found = weigh_pieces(question, read_spans(*spans), FakeLexicalIndex(WEIGHTS))
    assert found.tolist() == pytest.approx([1 / len(spans)] * len(spans), abs=1e-6)


def test_a_piece_that_begins_with_the_space_before_it_is_of_its_own_word():
    plain = weigh_pieces("rain falls hard", read_spans((0, 4), (5, 10), (11, 15)), FakeLexicalIndex(WEIGHTS))
    spaced = weigh_pieces("rain falls hard", read_spans((0, 4), (4, 10), (10, 15)), FakeLexicalIndex(WEIGHTS))
    assert spaced.tolist() == plain.tolist()
    assert len(set(plain.tolist())) == 3


@pytest.mark.parametrize(
    ("question", "blanked"),
    [
        ("Why didn't Toyota's plant open?", "Why        Toyota   plant open?"),
        ("What’s it? They’ll say I'm wrong, we've seen", "What   it? They    say I   wrong, we    seen"),
        ("DON'T", "     "),
        ("'s-Hertogenbosch and O'Brien's 'test'", "'s-Hertogenbosch and O'Brien   'test'"),
        ("the S&T of vitamin d", "the S&T of vitamin d"),
        ("", ""),
    ],
)
def test_what_carries_no_meaning_in_a_contraction_is_blanked_in_its_place(question, blanked):
    assert blank_contractions(question) == blanked


def test_the_pieces_of_a_contraction_weigh_nothing(index, settings):
    question = "Why didn't Toyota's plant open?"
    shares = dict(
        zip(index.encoder.read_question(question).spans, rank_windows(index, question, settings).shares, strict=True)
    )
    words = {question[slice(*span)]: share for span, share in shares.items()}
    assert {words[piece] for piece in ("didn", "t", "s")} == {0}
    assert words["Toyota"] > 0


@pytest.mark.parametrize("question", ["", "rain", "?"])
def test_no_pieces_have_no_shares(question):
    assert weigh_pieces(question, read_spans(), FakeLexicalIndex(WEIGHTS)).shape == (0,)


@given(st.lists(st.tuples(st.sampled_from(["rain", "falls", "hard", "the"]), st.integers(1, 3)), max_size=6))
def test_the_share_of_a_word_is_its_weight_over_those_of_all_however_it_is_cut(drawn):
    question, spans = "", []
    for word, count in drawn:
        start = len(question)
        spans += [(start + at, start + at + 1) for at in range(count)]
        question += f"{word} "
    found = iter(weigh_pieces(question, read_spans(*spans), FakeLexicalIndex(WEIGHTS)).tolist())
    cut = [[next(found) for _ in range(count)] for _, count in drawn]
    total = math.fsum(WEIGHTS.get(word, 0) for word, _ in drawn)
    for (word, count), shares in zip(drawn, cut, strict=True):
        share = WEIGHTS.get(word, 0) / total / count if total else 1 / len(spans)
        assert shares == pytest.approx([share] * count, abs=1e-6)


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_shares_of_a_question_are_those_of_its_words_in_the_index(index, question):
    reading = index.encoder.read_question(question)
    found = weigh_pieces(question, reading, index.windows.lexical)
    expected = share_by_force(question, reading.spans, index.windows.lexical)
    assert found.tolist() == pytest.approx(expected, abs=1e-6)
    assert found.sum() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("question", [*QUESTIONS, "and is it"])
def test_a_ranking_has_the_words_of_the_question_and_their_shares(index, settings, question):
    reading = index.encoder.read_question(question)
    ranking = rank_windows(index, question, settings)
    expected = share_by_force(question, reading.spans, index.windows.lexical)
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
    assert [(hit.passage_id, hit.window, hit.score) for hit in hits] == [
        (passage, window, window.score) for passage, window in list(first.items())[:k]
    ]
    assert [hit.place for hit in hits] == [index.corpus.load_place(passage) for passage in list(first)[:k]]


@pytest.mark.parametrize(
    ("terms", "weights", "share"),
    [(["a"], {"a": 1.0, "b": 3.0}, 0.25), (["a", "a"], {"a": 2.0}, 1.0), (["x"], {}, 0.0)],
)
def test_shared_terms_weigh_their_part_of_the_whole(terms, weights, share):
    assert weigh_shared(terms, weights) == share
