import numpy as np
import pytest

from index.errors import DamagedIndexError
from index.windows import ROW, WindowTable, save_windows

# Passages 0 to 3 with 1, 3, 2 and 1 windows; numbers of passage, context, document, then spans of text and of words.
ROWS = [
    (0, 0, 0, 0, 10, 0, 2, False),
    (1, 0, 0, 12, 20, 0, 3, False),
    (1, 0, 0, 21, 30, 3, 3, False),
    (1, 0, 0, 31, 40, 3, 7, False),
    (2, 1, 0, 50, 60, 0, 1, True),
    (2, 1, 0, 61, 70, 1, 4, True),
    (3, 2, 1, 0, 9, 0, 5, False),
]


@pytest.fixture
def table(tmp_path):
    save_windows(tmp_path / "windows.npy", ROWS)
    return WindowTable(tmp_path / "windows.npy")


def test_rows_are_loaded_as_they_were_saved(table):
    assert table.load(np.arange(7)).tolist() == ROWS


def test_rows_come_in_the_order_of_the_ids(table):
    assert table.load(np.array([5, 0, 5])).tolist() == [ROWS[5], ROWS[0], ROWS[5]]


def test_a_column_is_called_by_what_it_says(table):
    rows = table.load(np.array([5]))
    assert {name: rows[name][0].item() for name in ROW.names} == {
        "passage": 2, "context": 1, "document": 0, "start": 61, "end": 70, "first_word": 1, "stop_word": 4,
        "is_entry": True,
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
        ([9], []),
        ([0, 1, 2, 3], range(7)),
    ],
)
def test_all_windows_of_some_passages_are_listed(table, passages, windows):
    assert table.list_inside(np.array(passages, np.int64)).tolist() == list(windows)


def test_listed_windows_can_be_loaded(table):
    found = table.list_inside(np.array([1, 3]))
    assert (found.dtype, table.load(found)["start"].tolist()) == (np.int64, [12, 21, 31, 0])


def test_every_window_lies_in_the_passage_that_lists_it(index):
    for passage in range(index.manifest.passages):
        inside = index.table.load(index.table.list_inside(np.array([passage])))
        assert set(inside["passage"].tolist()) == {passage}


def test_an_empty_table_is_opened(tmp_path):
    save_windows(tmp_path / "windows.npy", [])
    table = WindowTable(tmp_path / "windows.npy")
    assert (len(table), table.list_inside(np.array([0])).tolist()) == (0, [])


def write_npz(path):
    with path.open("wb") as file:
        np.savez(file, rows=np.zeros(3))


FOREIGN = {
    "garbage": lambda path: path.write_bytes(b"no table at all"),
    "empty": lambda path: path.write_bytes(b""),
    "numbers": lambda path: np.save(path, np.zeros((3, 8), np.int32)),
    "fewer columns": lambda path: np.save(path, np.zeros(3, [("passage", np.int32)])),
    "objects": lambda path: np.save(path, np.array([{}, {}], object), allow_pickle=True),
    "cut": lambda path: (save_windows(path, ROWS), path.write_bytes(path.read_bytes()[:-20])),
}


@pytest.mark.parametrize("write", [write_npz, lambda path: None], ids=["archive", "missing"])
def test_no_table_at_all_is_damaged(tmp_path, write):
    write(tmp_path / "windows.npy")
    with pytest.raises(DamagedIndexError, match="rebuild it with `ibid build --fresh`"):
        WindowTable(tmp_path / "windows.npy")


@pytest.mark.parametrize("write", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_file_is_damaged(tmp_path, write):
    write(tmp_path / "windows.npy")
    with pytest.raises(
        DamagedIndexError, match=r"windows.npy is (no table of windows|another table); rebuild it with `ibid build --f"
    ):
        WindowTable(tmp_path / "windows.npy")
