import os

import pytest

from index.accessions import (
    ACCESSIONS_FILE,
    Accession,
    Accessions,
    Note,
    find_note,
    load_accessions,
    note_file,
    save_accessions,
)

LONG_AGO_NS = 1_600_000_000_000_000_000


def write(path, text, mtime_ns=LONG_AGO_NS):
    path.write_text(text)
    os.utime(path, ns=(mtime_ns, mtime_ns))
    return path


def test_a_file_that_seems_untouched_is_not_read_again(tmp_path):
    known = Accessions()
    before = known.hash_file(write(tmp_path / "a.txt", "Rain"))
    assert known.hash_file(write(tmp_path / "a.txt", "Snow")) == before


@pytest.mark.parametrize(
    ("text", "mtime_ns"), [("Snow", LONG_AGO_NS + 1), ("Snow", LONG_AGO_NS - 1), ("Snows", LONG_AGO_NS)]
)
def test_a_file_of_another_time_or_size_is_read_again(tmp_path, text, mtime_ns):
    known = Accessions()
    before = known.hash_file(write(tmp_path / "a.txt", "Rain"))
    assert known.hash_file(write(tmp_path / "a.txt", text, mtime_ns)) != before


def test_a_file_that_was_changed_just_before_it_was_read_is_read_again(tmp_path):
    known = Accessions()
    (tmp_path / "a.txt").write_text("Rain")
    when = (tmp_path / "a.txt").stat().st_mtime_ns
    before = known.hash_file(tmp_path / "a.txt")
    assert known.hash_file(write(tmp_path / "a.txt", "Snow", when)) != before


def test_a_file_from_the_future_is_read_again(tmp_path):
    known = Accessions()
    known.hash_file(write(tmp_path / "a.txt", "Rain", 4 * LONG_AGO_NS))
    assert known.files == {}


def test_what_is_noted_of_a_file_no_longer_holds_once_it_is_changed(tmp_path):
    known = Accessions()
    known.hash_file(write(tmp_path / "a.txt", "Rain"))
    (tmp_path / "a.txt").write_text("Snow")
    known.hash_file(tmp_path / "a.txt")
    assert known.files == {}


def test_a_register_outlives_a_build(tmp_path):
    known = Accessions(read={"of-rain": Accession("On Rain", 1, ["a", "b"], [5, 7])})
    file = write(tmp_path / "a.txt", "Rain")
    known.hash_file(file)
    save_accessions(tmp_path, known, ["of-rain"])
    found = load_accessions(tmp_path)
    assert (found.files, found.read) == (known.files, known.read)
    assert find_note(found.files, str(file), file.stat()) == note_file(file.stat(), known.hash_file(file))


def test_what_is_gone_leaves_the_register(tmp_path):
    gone = Accession("On Snow", 1, ["a"], [5])
    known = Accessions({"/gone.txt": Note(1, LONG_AGO_NS, "0")}, {"of-snow": gone})
    save_accessions(tmp_path, known, [])
    assert load_accessions(tmp_path) == Accessions()


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"files": {"a": [1]}, "read": {}}', "[" * 200_000])
def test_a_register_that_cannot_be_read_is_empty(tmp_path, content):
    (tmp_path / ACCESSIONS_FILE).write_text(content)
    assert load_accessions(tmp_path) == Accessions()


def test_where_there_is_no_register_it_is_empty(tmp_path):
    assert load_accessions(tmp_path) == Accessions()
