"""Terms of windows, against counts by hand and by loops."""

import math
from collections import Counter
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import index.write_terms
from index.errors import DamagedIndexError
from index.terms import TermTable
from index.write_terms import TermsWriter

# Of each context: the terms of its title and headings, then those of its windows, passage by passage.
CONTEXTS = [
    (["rain"], [[["rain", "fall"]], [["snow"], ["snow", "snow", "fall"]]]),
    ([], [[["hail"]]]),
    (["snow", "ice"], [[[], ["ice"]]]),
]
FIRSTS = {0: 0, 1: 4, 2: 6}  # the row of each context's title and headings
STOPS = {0: 4, 1: 6, 2: 9}


def open_table(folder, contexts):
    with TermsWriter(folder) as writer:
        for context in contexts:
            writer.add(*context)
    return TermTable(folder)


@pytest.fixture
def table(tmp_path):
    return open_table(tmp_path, CONTEXTS)


def count(table, terms, contexts):
    firsts, stops = ([edges[context] for context in contexts] for edges in (FIRSTS, STOPS))
    return table.count(terms, np.array(firsts, np.int64), np.array(stops, np.int64))


def test_terms_are_counted_in_title_and_headings_and_then_in_each_window(table):
    found = count(table, ["snow", "rain", "fog"], [0, 2])
    of_terms = [[0, 0, 1, 2, 1, 0, 0], [1, 1, 0, 0, 0, 0, 0], [0] * 7]
    assert found.counts.T.tolist() == [*of_terms, [1, 2, 1, 3, 2, 0, 1]]
    assert found.starts.tolist() == [0, 4]


def test_terms_whose_hashes_end_alike_are_told_apart(tmp_path):
    table = open_table(tmp_path, [([], [[["rain9", "snow910", "snow910"]]])])
    found = table.count(["rain9", "snow910"], np.array([0]), np.array([2]))
    assert found.counts.tolist() == [[0, 0, 0], [1, 2, 3]]
    many = table.count(["rain9", *map(str, range(20))], np.array([0]), np.array([2]))
    assert many.counts.T.tolist() == [[0, 1], *[[0, 0]] * 20, [0, 3]]


def test_no_contexts_have_no_rows(table):
    found = count(table, ["snow"], [])
    assert (found.counts.shape, found.starts.shape) == ((0, 2), (0,))


def test_no_terms_are_counted_nowhere(table):
    assert count(table, [], [0]).counts.T.tolist() == [[1, 2, 1, 3]]


def test_title_and_headings_count_in_the_length_of_each_unit(table):
    windows, passages, contexts = ([3, 2, 4, 1, 2, 3], [3, 5, 1, 3], [7, 1, 3])
    assert table.mean_lengths.tolist() == [np.mean(windows), np.mean(passages), np.mean(contexts)]


@pytest.mark.parametrize(
    ("term", "held"),
    [
        ("rain", (3, 2, 1)),
        ("snow", (4, 2, 2)),
        ("fall", (2, 2, 1)),
        ("hail", (1, 1, 1)),
        ("ice", (2, 1, 1)),
        ("fog", (0, 0, 0)),
    ],
)
def test_a_term_weighs_by_how_few_units_of_a_scale_hold_it(table, term, held):
    expected = [math.log(1 + (n - k + 0.5) / (k + 0.5)) for n, k in zip((6, 4, 3), held, strict=True)]
    assert table.weigh_scales([term])[:, 0].tolist() == pytest.approx(expected)
    assert table.weigh([term]) == {term: pytest.approx(expected[0])}


def test_no_terms_weigh_nothing(table):
    assert (table.weigh([]), table.weigh_scales([]).shape) == ({}, (3, 0))


WORDS = st.lists(st.sampled_from(["a", "b", "ç", "\ud800"]), max_size=4)
CONTEXT = st.tuples(WORDS, st.lists(st.lists(WORDS, min_size=1, max_size=3), min_size=1, max_size=3))


@given(st.lists(CONTEXT, min_size=1, max_size=4))
def test_any_terms_are_counted_as_a_loop_counts_them(tmp_path_factory, contexts):
    table = open_table(tmp_path_factory.mktemp("terms"), contexts)
    rows = [[lead, *(window for passage in passages for window in passage)] for lead, passages in contexts]
    sizes = np.array([len(of_context) for of_context in rows])
    stops = np.cumsum(sizes)
    found = table.count(["a", "ç", "\ud800"], stops - sizes, stops)
    counters = [Counter(row) for of_context in rows for row in of_context]
    expected = [[*(counter[term] for term in ("a", "ç", "\ud800")), counter.total()] for counter in counters]
    assert found.counts.tolist() == expected


def test_a_table_of_no_contexts_is_opened(tmp_path):
    table = open_table(tmp_path, [])
    assert (table.mean_lengths.tolist(), len(table.weigh(["rain"]))) == ([1, 1, 1], 1)


@pytest.mark.parametrize("name", ["terms.npy", "firsts.npy", "totals.npy", "vocabulary.npy"])
def test_a_missing_file_is_damaged(table, tmp_path, name):
    (tmp_path / name).unlink()
    with pytest.raises(DamagedIndexError, match="is no table; rebuild it with `ibid build --fresh`"):
        TermTable(tmp_path)


@given(st.lists(CONTEXT, max_size=8), st.integers(1, 12))
def test_holders_are_counted_as_a_loop_counts_them_in_rounds_of_any_size(tmp_path_factory, contexts, size):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index.write_terms, "_ROUND", size)
        table = open_table(tmp_path_factory.mktemp("terms"), contexts)
    windows = [{*lead, *window} for lead, passages in contexts for passage in passages for window in passage]
    outer = [{*lead, *chain(*passage)} for lead, passages in contexts for passage in passages]
    wholes = [{*lead, *chain(*chain(*passages))} for lead, passages in contexts]
    terms = ["a", "b", "ç", "\ud800"]
    held = [[sum(term in unit for unit in units) for term in terms] for units in (windows, outer, wholes)]
    assert table.count_holders(terms).tolist() == held
