"""Likeness of words, piece by piece."""

import math
import re
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.encode import QuestionReading, normalise, pack_words
from qa.likeness import blank_contractions, match_words, share_pieces, take_best, weigh_words
from qa.retrieve import rank_windows


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


def share_words(question, reading):
    return share_pieces(weigh_words(question, *[FakeLexicalIndex(WEIGHTS)] * 2), reading)


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
    found = share_words(question, read_spans(*spans))
    assert (found.dtype, found.tolist()) == (np.float32, pytest.approx(shares, abs=1e-6))


@pytest.mark.parametrize(
    ("question", "spans"),
    [("who is it", [(0, 3), (4, 6), (7, 9)]), ("?!", [(0, 1), (1, 2)]), ("snowfall", [(0, 4), (4, 8)])],
)
def test_all_pieces_weigh_alike_where_no_word_is_known(question, spans):
    found = share_words(question, read_spans(*spans))
    assert found.tolist() == pytest.approx([1 / len(spans)] * len(spans), abs=1e-6)


def test_a_piece_that_begins_with_the_space_before_it_is_of_its_own_word():
    plain = share_words("rain falls hard", read_spans((0, 4), (5, 10), (11, 15)))
    spaced = share_words("rain falls hard", read_spans((0, 4), (4, 10), (10, 15)))
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
    assert share_words(question, read_spans()).shape == (0,)


@given(st.lists(st.tuples(st.sampled_from(["rain", "falls", "hard", "the"]), st.integers(1, 3)), max_size=6))
def test_the_share_of_a_word_is_its_weight_over_those_of_all_however_it_is_cut(drawn):
    question, spans = "", []
    for word, count in drawn:
        start = len(question)
        spans += [(start + at, start + at + 1) for at in range(count)]
        question += f"{word} "
    found = iter(share_words(question, read_spans(*spans)).tolist())
    cut = [[next(found) for _ in range(count)] for _, count in drawn]
    total = math.fsum(WEIGHTS.get(word, 0) for word, _ in drawn)
    for (word, count), shares in zip(drawn, cut, strict=True):
        share = WEIGHTS.get(word, 0) / total / count if total else 1 / len(spans)
        assert shares == pytest.approx([share] * count, abs=1e-6)
