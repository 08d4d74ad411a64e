import tracemalloc
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.outcome import Evaluation, Outcome
from eval.significance import compare, correct_holm, estimate_interval, flip_signs
from index.errors import DatasetError

EIGHT = np.array([0.5, -0.25, 1.0, 0.0, 0.75, 0.25, -0.5, 1.0])


def make(values, measure="mrr", **more):
    outcomes = tuple(Outcome(f"q{i}", f"Question {i}?", {measure: float(value)}, 1.0) for i, value in enumerate(values))
    return replace(Evaluation("exam", "questions", "s", "i", {}, {}, outcomes), **more)


def resample_by_hand(values):
    rng = np.random.default_rng(12345)
    means = values[rng.integers(0, len(values), (50_000, len(values)))].mean(axis=1)
    return np.quantile(means, [0.025, 0.975])


def enumerate_by_hand(differences):
    """The share of all 2^n sign patterns whose sum is at least as far from nought."""
    sums = [sum(s * d for s, d in zip(signs, differences, strict=True)) for signs in product((1, -1), repeat=8)]
    return sum(abs(total) >= abs(sum(differences)) - 1e-12 for total in sums) / len(sums)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_interval_is_that_of_a_bootstrap_by_hand(seed):
    values = np.random.default_rng(seed).beta(2, 1, 80)
    assert estimate_interval(values) == pytest.approx(resample_by_hand(values), abs=0.003)


def test_the_interval_of_a_share_is_near_the_binomial_one():
    values = np.repeat([1.0, 0.0], [70, 30])
    half = 1.96 * (0.7 * 0.3 / 100) ** 0.5
    assert estimate_interval(values) == pytest.approx((0.7 - half, 0.7 + half), abs=0.015)


@pytest.mark.parametrize("values", [[0.5], [0.25] * 9, [0.0, 0.0]])
def test_equal_values_have_an_interval_without_width(values):
    assert estimate_interval(np.array(values)) == (values[0], values[0])


def test_p_is_that_of_all_sign_patterns_counted():
    assert flip_signs(EIGHT) == pytest.approx(enumerate_by_hand(EIGHT), abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from([-1.0, -0.5, 0.0, 1 / 3, 1.0]), min_size=8, max_size=8))
def test_p_is_exact_for_any_eight_differences(differences):
    assert flip_signs(np.array(differences)) == pytest.approx(enumerate_by_hand(differences), abs=1e-12)


def test_differences_that_cancel_out_are_no_difference():
    thirds = np.array([-1, -1, 1 / 3, 1 / 3, 1 / 3, 1.0])
    assert flip_signs(thirds) == 1


def test_p_of_five_equal_differences_is_two_patterns_of_thirty_two():
    assert flip_signs(np.full(5, 0.25)) == pytest.approx(2 / 32)


def test_p_drawn_at_random_is_near_the_normal_one():
    differences = np.random.default_rng(0).normal(0.2, 1, 100)
    z = differences.sum() / np.sqrt((differences**2).sum())
    normal = 2 * (1 - 0.5 * (1 + np.tanh(np.sqrt(2 / np.pi) * (abs(z) + 0.044715 * abs(z) ** 3))))
    assert flip_signs(differences) == pytest.approx(normal, abs=0.015)


@pytest.mark.parametrize("differences", [[], [0.0, 0.0], [1.0], [0.0, -1.0]])
def test_p_is_one_where_signs_can_say_nothing(differences):
    assert flip_signs(np.array(differences)) == 1.0


@pytest.mark.parametrize(
    ("ps", "corrected"),
    [
        ([], []),
        ([0.04], [0.04]),
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.5, 0.01], [0.5, 0.02]),
        ([0.6, 0.7], [1.0, 1.0]),
    ],
)
def test_holm_by_hand(ps, corrected):
    assert correct_holm(ps) == pytest.approx(corrected)


def test_a_comparison_by_hand():
    (found,) = compare(make(np.zeros(8)), make(EIGHT))
    assert (found.measure, found.questions, found.first, found.second) == ("mrr", 8, 0.0, 0.34375)
    assert found.difference == 0.34375
    assert (found.low, found.high) == estimate_interval(EIGHT)
    assert found.p == pytest.approx(enumerate_by_hand(EIGHT))


def test_identical_evaluations_show_no_difference():
    (found,) = compare(make(EIGHT), make(EIGHT))
    assert (found.difference, found.low, found.high, found.p) == (0, 0, 0, 1)
    assert found.verdict == "no difference shown"


def test_a_clear_difference_is_shown():
    (found,) = compare(make([0, 0.2, 0.1, 0.3] * 10), make([1, 0.7, 0.9, 0.8] * 10))
    assert found.verdict == "second is better"
    assert found.low > 0
    assert found.p == pytest.approx(2 / 10_000)


def test_a_constant_difference_is_shown_without_a_warning():
    (found,) = compare(make([0.25] * 10), make([0.5] * 10))
    assert (found.low, found.high, found.verdict) == (0.25, 0.25, "second is better")
    assert found.p == pytest.approx(2 / 1024)


def test_swapped_evaluations_swap_the_sign():
    first, second = make([0, 0.2, 0.1, 0.3] * 10), make([1, 0.7, 0.9, 0.8] * 10)
    (there,), (back,) = compare(first, second), compare(second, first)
    assert back.difference == pytest.approx(-there.difference)
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low), abs=1e-3)
    assert (there.verdict, back.verdict) == ("second is better", "first is better")


def test_one_question_shows_nothing():
    (found,) = compare(make([0]), make([1]))
    assert (found.questions, found.p, found.verdict) == (1, 1.0, "no difference shown")


def test_p_is_corrected_for_the_number_of_measures():
    def double(evaluation):
        return replace(
            evaluation,
            outcomes=tuple(replace(o, scores={**o.scores, "b": o.scores["mrr"]}) for o in evaluation.outcomes),
        )

    (one,), two = compare(make(np.zeros(8)), make(EIGHT)), compare(double(make(np.zeros(8))), double(make(EIGHT)))
    assert [found.measure for found in two] == ["mrr", "b"]
    assert [found.p for found in two] == pytest.approx([min(1, 2 * one.p)] * 2)


def test_a_difference_that_the_correction_takes_back_is_not_shown():
    first, second = make([0] * 6), make([1] * 6)
    assert compare(first, second)[0].verdict == "second is better"
    many = [
        replace(e, outcomes=tuple(replace(o, scores={**o.scores, "b": 0.0}) for o in e.outcomes))
        for e in (first, second)
    ]
    assert [(found.p, found.verdict) for found in compare(*many)] == [
        (pytest.approx(4 / 64), "no difference shown"),
        (1.0, "no difference shown"),
    ]


def test_questions_are_paired_by_id_whatever_their_order():
    shuffled = make(EIGHT)
    shuffled = replace(shuffled, outcomes=shuffled.outcomes[::-1])
    assert compare(make(EIGHT), shuffled)[0].difference == 0
    assert compare(make(EIGHT), shuffled)[0].p == 1


def test_only_questions_with_a_value_in_both_are_compared():
    first, second = make([0.5, 0.5, 0.5]), make([1.0, 1.0, 1.0, 1.0])
    lacking = replace(second.outcomes[1], scores={})
    (found,) = compare(first, replace(second, outcomes=(second.outcomes[0], lacking, *second.outcomes[2:])))
    assert (found.questions, found.first, found.second) == (2, 0.5, 1.0)


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (make([1], "ndcg@10"), "no measure in common"),
        (make([]), "no question in common"),
        (replace(make([1]), outcomes=(Outcome("q0", "Another?", {"mrr": 1.0}, 1.0),)), "'q0' reads differently"),
    ],
)
def test_what_cannot_be_compared_is_refused(second, reason):
    with pytest.raises(DatasetError, match=f"{reason}.*; compare two runs over the same dataset"):
        compare(make([1]), second)


def test_two_thousand_questions_take_bounded_memory():
    values = np.random.default_rng(0).random((2, 2000))
    tracemalloc.start()
    compare(make(values[0]), make(values[1]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60 * 2**20
