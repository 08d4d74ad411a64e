from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.arrays import list_ranges
from index.errors import DamagedIndexError
from index.windows import ROW, WindowTable, save_windows

# Passages 0 to 3 with 1, 3, 2 and 1 windows; numbers of passage, context, document, then the span of text, the ranges
# of the window's words and of the passage's, and the count of the lead's.
ROWS = [
    (0, 0, 0, 0, 10, 3, 5, 3, 5, 3, False),
    (1, 0, 0, 12, 20, 5, 8, 5, 12, 3, False),
    (1, 0, 0, 21, 30, 8, 8, 5, 12, 3, False),
    (1, 0, 0, 31, 40, 8, 12, 5, 12, 3, False),
    (2, 1, 0, 50, 60, 1, 2, 1, 5, 1, True),
    (2, 1, 0, 61, 70, 2, 5, 1, 5, 1, True),
    (3, 2, 1, 0, 9, 0, 5, 0, 5, 0, False),
]
WINDOWS_OF = {passage: [at for at, row in enumerate(ROWS) if row[0] == passage] for passage in range(4)}
_BEFORE = ("passage", "context", "document", "start", "end", "first_word", "stop_word")
OLDER_ROW = np.dtype([(name, np.int32) for name in _BEFORE] + [("is_entry", np.bool_)])


def list_inside(table, passages):
    return list_ranges(*table.find_windows(np.array(passages, np.int64)))


@pytest.fixture
def table(tmp_path):
    save_windows(tmp_path, ROWS)
    return WindowTable(tmp_path)


def test_rows_are_loaded_as_they_were_saved(table):
    assert table.load(np.arange(7)).tolist() == ROWS


def test_rows_come_in_the_order_of_the_ids(table):
    assert table.load(np.array([5, 0, 5])).tolist() == [ROWS[5], ROWS[0], ROWS[5]]


def test_a_column_is_called_by_what_it_says(table):
    rows = table.load(np.array([5]))
    assert {name: rows[name][0].item() for name in ROW.names} == {
        "passage": 2, "context": 1, "document": 0, "start": 61, "end": 70, "first_word": 2, "stop_word": 5,
        "first_of_passage": 1, "stop_of_passage": 5, "lead_words": 1, "is_entry": True,
    }  # fmt: skip


def test_no_ids_have_no_rows(table):
    assert table.load(np.empty(0, np.int64)).tolist() == []


def test_a_table_is_as_long_as_its_windows(table):
    assert len(table) == 7


@pytest.mark.parametrize(
    ("passages", "windows"),
    [
        ([0], [0]),
        ([1], [1, 2, 3]),
        ([2, 1], [4, 5, 1, 2, 3]),
        ([3], [6]),
        ([], []),
        ([2, 2], [4, 5, 4, 5]),
        ([0, 1, 2, 3], range(7)),
    ],
)
def test_all_windows_of_some_passages_are_listed(table, passages, windows):
    assert list_inside(table, passages).tolist() == list(windows)


@given(st.lists(st.integers(0, 3), max_size=8))
def test_the_windows_of_any_passages_are_those_that_a_loop_finds(tmp_path_factory, passages):
    folder = tmp_path_factory.mktemp("table")
    save_windows(folder, ROWS)
    found = list_inside(WindowTable(folder), passages)
    assert found.tolist() == list(chain.from_iterable(WINDOWS_OF[passage] for passage in passages))


def test_the_windows_of_a_context_follow_each_other(table):
    first, stop = table.find_inside(np.array([2, 0, 1]))
    assert (first.tolist(), stop.tolist()) == ([6, 0, 4], [7, 4, 6])


@pytest.mark.parametrize(
    ("documents", "passages"), [((0, 1), (0, 3)), ((1, 2), (3, 4)), ((0, 2), (0, 4)), ((2, 3), (0, 0))]
)
def test_the_passages_of_documents_follow_each_other(table, documents, passages):
    assert table.find_documents(*documents) == passages


def test_no_passages_list_no_windows_that_can_be_loaded(table):
    found = list_inside(table, [])
    assert (found.dtype, found.shape, table.load(found).tolist()) == (np.int64, (0,), [])


def test_listed_windows_can_be_loaded(table):
    found = list_inside(table, [1, 3])
    assert (found.dtype, table.load(found)["start"].tolist()) == (np.int64, [12, 21, 31, 0])


def test_every_window_lies_in_the_passage_that_lists_it(index):
    for passage in range(index.manifest.passages):
        inside = index.table.load(list_inside(index.table, [passage]))
        assert set(inside["passage"].tolist()) == {passage}


def test_the_words_of_a_window_lie_in_those_of_its_passage_behind_the_lead(index):
    rows = index.table.load(np.arange(len(index.table)))
    columns = ("lead_words", "first_of_passage", "first_word", "stop_word", "stop_of_passage")
    assert all(list(row) == sorted(row) for row in rows[list(columns)].tolist())
    assert rows["lead_words"].min() > 0


def test_an_empty_table_is_opened(tmp_path):
    save_windows(tmp_path, [])
    table = WindowTable(tmp_path)
    assert (len(table), list_inside(table, []).tolist()) == (0, [])


def write_npz(path):
    with path.open("wb") as file:
        np.savez(file, rows=np.zeros(3))


FOREIGN = {
    "garbage": lambda path: path.write_bytes(b"no table at all"),
    "empty": lambda path: path.write_bytes(b""),
    "numbers": lambda path: np.save(path, np.zeros((3, 8), np.int32)),
    "columns of format 2": lambda path: np.save(path, np.zeros(3, OLDER_ROW)),
    "fewer columns": lambda path: np.save(path, np.zeros(3, [("passage", np.int32)])),
    "objects": lambda path: np.save(path, np.array([{}, {}], object), allow_pickle=True),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-20]),
}


@pytest.mark.parametrize("name", ["rows.npy", "of_passages.npy", "of_contexts.npy"])
@pytest.mark.parametrize("write", [write_npz, lambda path: path.unlink()], ids=["archive", "missing"])
def test_no_table_at_all_is_damaged(table, tmp_path, write, name):
    write(tmp_path / name)
    with pytest.raises(DamagedIndexError, match="rebuild it with `ibid build --fresh`"):
        WindowTable(tmp_path)


@pytest.mark.parametrize("name", ["rows.npy", "of_passages.npy", "of_contexts.npy"])
@pytest.mark.parametrize("write", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_file_is_damaged(table, tmp_path, write, name):
    write(tmp_path / name)
    with pytest.raises(
        DamagedIndexError, match=rf"{name} is (no table|another table); rebuild it with `ibid build --f"
    ):
        WindowTable(tmp_path)
