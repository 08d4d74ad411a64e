import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.ask import BUDGETS_TOKENS, COVERAGE_MEASURES, fill_budget
from eval.beir import PlainText
from eval.coverage import Coverage, measure_coverage, union_ranges

A, B = "a", "b"


@pytest.mark.parametrize(
    ("returned", "gold", "expected"),
    [
        # 10 of 20 relevant characters among 40 returned; 40 returned + 10 not found = 50.
        ([(A, 0, 40)], [(A, 30, 50)], Coverage(0.5, 0.25, 0.2)),
        # The same 10 found twice count once as found, and both pieces as returned: 10 / 20, 10 / 80, 10 / 90.
        ([(A, 0, 40), (A, 0, 40)], [(A, 30, 50)], Coverage(0.5, 0.125, 10 / 90)),
        # Another document holds nothing relevant, whatever its offsets.
        ([(B, 30, 50)], [(A, 30, 50)], Coverage(0.0, 0.0, 0.0)),
        ([(B, 30, 50), (A, 30, 50)], [(A, 30, 50)], Coverage(1.0, 0.5, 0.5)),
        # Neighbours that touch share nothing.
        ([(A, 0, 30)], [(A, 30, 50)], Coverage(0.0, 0.0, 0.0)),
        # Two relevant ranges, one found whole and one half: 15 of 20; 15 / 25; 15 / (25 + 5).
        ([(A, 0, 10), (A, 100, 115)], [(A, 0, 10), (A, 110, 120)], Coverage(0.75, 0.6, 0.5)),
        # Relevant ranges that overlap are 15 characters, not 20.
        ([(A, 0, 15)], [(A, 0, 10), (A, 5, 15)], Coverage(1.0, 1.0, 1.0)),
        ([], [(A, 0, 10)], Coverage(0.0, 0.0, 0.0)),
    ],
)
def test_hand_worked_ranges(returned, gold, expected):
    assert measure_coverage(returned, gold) == expected


RANGES = st.tuples(st.sampled_from("ab"), st.integers(0, 12), st.integers(1, 6)).map(
    lambda r: (r[0], r[1], r[1] + r[2])
)


def list_characters(ranges):
    return [(document, at) for document, start, end in ranges for at in range(start, end)]


@given(st.lists(RANGES, max_size=6), st.lists(RANGES, min_size=1, max_size=4))
def test_coverage_equals_a_count_of_every_character(returned, gold):
    spent, wanted = list_characters(returned), set(list_characters(gold))
    found = len(wanted & set(spent))
    expected = Coverage(
        found / len(wanted), found / len(spent) if spent else 0.0, found / (len(spent) + len(wanted) - found)
    )
    assert measure_coverage(returned, gold) == expected


@given(st.lists(RANGES, max_size=6))
def test_a_union_has_the_same_characters_once(ranges):
    assert list_characters(union_ranges(ranges)) == sorted(set(list_characters(ranges)))


def test_the_last_piece_is_cut_where_the_budget_is_full():
    texts = {A: PlainText(A, "", " word" * 40)}
    pieces = [((A, 0, 50), 10), ((A, 100, 150), 20)]
    assert fill_budget(pieces, 10, texts) == [(A, 0, 50)]
    assert fill_budget(pieces, 14, texts) == [(A, 0, 50), (A, 100, 120)]
    assert fill_budget(pieces, 99, texts) == [(A, 0, 50), (A, 100, 150)]


def test_the_measures_are_those_of_four_budgets_and_five_passages():
    assert BUDGETS_TOKENS == (250, 450, 900, 1800)
    assert len(COVERAGE_MEASURES) == 15
    assert {"recall@250", "precision@1800", "iou@5p"} <= set(COVERAGE_MEASURES)
