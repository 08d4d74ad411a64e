import hashlib
import json
import random
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import SourceError, StorageError
from index.model import Attempt, Outcome, Provenance, Reference
from index.shelf import find_by_hand, fingerprint, name_by_hand, open_shelf

TAKANO = Reference("8", "8. Takano, R. (2024). ABCI 3.0. arXiv:2411.09134", 0, 48, arxiv="2411.09134")
REUTERS = Reference("9", "9. Reuters. (2024). Japan taps US chip startup.", 0, 47)


def describe(content, **changes):
    sha256 = hashlib.sha256(content).hexdigest()
    found = Provenance(
        "doi", "https://a.org/", "https://b.org/x", "2026-01-02T03:04:05+00:00", 200, "text/plain", sha256, len(content)
    )
    return replace(found, **changes)


def came(content):
    attempts = (Attempt("https://a.org/", "full text, text/plain"),)
    return Outcome("indexed", "the text came", provenance=describe(content, licence="CC BY 4.0"), attempts=attempts)


def list_texts(folder):
    return sorted(file.name for file in (folder / "texts").iterdir())


def test_what_is_saved_is_loaded_as_it_was(tmp_path):
    open_shelf(tmp_path).save(TAKANO, came(b"one"), b"one")
    assert open_shelf(tmp_path).load([TAKANO]) == {"8": came(b"one")}


def test_a_text_is_read_back_byte_for_byte(tmp_path):
    open_shelf(tmp_path).save(TAKANO, came(b"\x00\xff"), b"\x00\xff")
    assert open_shelf(tmp_path).read_content(describe(b"\x00\xff").sha256) == b"\x00\xff"


def test_an_entry_that_was_never_asked_for_is_left_out(tmp_path):
    open_shelf(tmp_path).save(TAKANO, Outcome("paywalled"))
    assert open_shelf(tmp_path).load([TAKANO, REUTERS]) == {"8": Outcome("paywalled")}


def test_an_empty_shelf_makes_no_folder(tmp_path):
    assert open_shelf(tmp_path / "shelf").load([TAKANO]) == {}
    assert not (tmp_path / "shelf").exists()


def test_equal_texts_are_kept_once(tmp_path):
    shelf = open_shelf(tmp_path)
    shelf.save(TAKANO, came(b"same"), b"same")
    shelf.save(REUTERS, came(b"same"), b"same")
    assert list_texts(tmp_path) == [describe(b"same").sha256]


def test_a_text_that_another_entry_needs_stays(tmp_path):
    shelf = open_shelf(tmp_path)
    shelf.save(TAKANO, came(b"same"), b"same")
    shelf.save(REUTERS, came(b"same"), b"same")
    shelf.forget([TAKANO])
    assert shelf.read_content(describe(b"same").sha256) == b"same"


def test_the_text_that_was_replaced_is_removed(tmp_path):
    shelf = open_shelf(tmp_path)
    shelf.save(TAKANO, came(b"old"), b"old")
    shelf.save(TAKANO, came(b"new"), b"new")
    assert list_texts(tmp_path) == [describe(b"new").sha256]


def test_an_outcome_can_change_while_its_text_stays(tmp_path):
    shelf = open_shelf(tmp_path)
    shelf.save(TAKANO, came(b"old"), b"old")
    shelf.save(TAKANO, replace(came(b"old"), reason="asked again in vain"))
    assert (shelf.load([TAKANO])["8"].reason, list_texts(tmp_path)) == (
        "asked again in vain",
        [describe(b"old").sha256],
    )


def test_an_entry_whose_words_changed_takes_no_other_entrys_text(tmp_path):
    open_shelf(tmp_path).save(TAKANO, came(b"one"), b"one")
    assert open_shelf(tmp_path).load([replace(REUTERS, number="8")]) == {}


def test_an_entry_that_moved_in_the_list_keeps_its_text(tmp_path):
    open_shelf(tmp_path).save(TAKANO, came(b"one"), b"one")
    moved = replace(TAKANO, number="12", raw=TAKANO.raw.replace("8. ", "[12] ", 1))
    assert open_shelf(tmp_path).load([moved]) == {"12": came(b"one")}


@pytest.mark.parametrize(
    "raw", ["Takano,  R. (2024). ABCI 3.0.\narXiv:2411.09134", "[8] Takano R (2024) ABCI 3.0 arXiv:2411.09134"]
)
def test_white_space_and_punctuation_do_not_make_another_entry(raw):
    assert fingerprint(replace(TAKANO, raw=raw)) == fingerprint(TAKANO)


@given(st.text(), st.text(alphabet=".,:[]()/-_ 日é0a"))
def test_any_entry_of_any_number_has_a_name_that_is_a_file_name(number, raw):
    assert fingerprint(Reference(number, raw, 0, 0)).isalnum()


def test_a_number_of_any_shape_is_saved(tmp_path):
    odd = replace(TAKANO, number="../../8\x00/é" + "x" * 300)
    open_shelf(tmp_path / "shelf").save(odd, Outcome("paywalled"))
    assert open_shelf(tmp_path / "shelf").load([odd]) == {odd.number: Outcome("paywalled")}


def test_a_forgotten_entry_is_gone(tmp_path):
    shelf = open_shelf(tmp_path)
    shelf.save(TAKANO, came(b"one"), b"one")
    shelf.forget([TAKANO])
    assert (shelf.load([TAKANO]), list_texts(tmp_path)) == ({}, [])


def test_entries_that_left_the_bibliography_are_removed(tmp_path):
    shelf = open_shelf(tmp_path)
    shelf.save(TAKANO, came(b"one"), b"one")
    shelf.save(REUTERS, came(b"two"), b"two")
    shelf.retain([REUTERS])
    assert (sorted(shelf.load([TAKANO, REUTERS])), list_texts(tmp_path)) == (["9"], [describe(b"two").sha256])


def test_a_changed_text_is_refused_with_a_way_out(tmp_path):
    shelf = open_shelf(tmp_path)
    shelf.save(TAKANO, came(b"one"), b"one")
    (tmp_path / "texts" / describe(b"one").sha256).write_bytes(b"two")
    with pytest.raises(SourceError, match=r"was changed; fetch it again with `ibid fetch --refresh`"):
        shelf.read_content(describe(b"one").sha256)


def test_a_missing_text_is_refused_with_a_way_out(tmp_path):
    with pytest.raises(SourceError, match=r"cannot be read; fetch it again with `ibid fetch --refresh`"):
        open_shelf(tmp_path).read_content("0" * 64)


def test_a_changed_text_is_mended_when_it_comes_again(tmp_path):
    shelf = open_shelf(tmp_path)
    shelf.save(TAKANO, came(b"one"), b"one")
    (tmp_path / "texts" / describe(b"one").sha256).write_bytes(b"two")
    shelf.save(TAKANO, came(b"one"), b"one")
    assert shelf.read_content(describe(b"one").sha256) == b"one"


@pytest.mark.parametrize("left", ["", "on"])
def test_an_entry_whose_text_is_gone_or_cut_counts_as_not_fetched(tmp_path, left):
    shelf = open_shelf(tmp_path)
    shelf.save(TAKANO, came(b"one"), b"one")
    path = tmp_path / "texts" / describe(b"one").sha256
    path.write_text(left) if left else path.unlink()
    assert shelf.load([TAKANO])["8"].state == "not_fetched"


RECORD = {"state": "indexed", "reason": "", "hint": "", "provenance": None, "attempts": []}
DAMAGE = {
    "empty": "",
    "cut": '{"outcome": {"state": "inde',
    "list": "[]",
    "nothing": '{"outcome": null}',
    "binary": "\x00",
    "deep": "[" * 100_000,
    "no state": json.dumps({"outcome": {**RECORD, "state": "lost"}}),
    "wrong text": json.dumps({"outcome": {**RECORD, "provenance": {"route": "doi"}}}),
    "a way out of the folder": json.dumps(
        {"outcome": {**RECORD, "provenance": asdict(describe(b"", sha256="../../../etc/passwd"))}}
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_record_counts_as_never_fetched(tmp_path, damage):
    shelf = open_shelf(tmp_path)
    shelf.save(TAKANO, Outcome("paywalled"))
    next(tmp_path.glob("*.json")).write_text(DAMAGE[damage])
    assert shelf.load([TAKANO]) == {}


def test_what_a_stopped_process_left_is_removed_at_the_next_write(tmp_path):
    (tmp_path / "texts").mkdir()
    stray = [tmp_path / ".part-x.json", tmp_path / "texts" / ".part-x", tmp_path / "texts" / ("0" * 64)]
    for file in stray:
        file.write_text("{")
    open_shelf(tmp_path).save(TAKANO, Outcome("paywalled"))
    assert [file for file in stray if file.exists()] == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "shelf").write_text("a file")
    with pytest.raises(StorageError, match=r"cannot write to .*shelf"):
        open_shelf(tmp_path / "shelf").save(TAKANO, Outcome("paywalled"))


WRITER = """
import hashlib, itertools, sys
from pathlib import Path
from index.model import Outcome, Provenance, Reference
from index.shelf import open_shelf
shelf = open_shelf(Path(sys.argv[1]))
for turn in itertools.count():
    content = str(turn).encode() * 5000
    text = Provenance("doi", "a", "b", "c", 200, "text/plain", hashlib.sha256(content).hexdigest(), len(content))
    shelf.save(Reference("1", "An entry", 0, 8), Outcome("indexed", str(turn), provenance=text), content)
    print(turn, flush=True)
"""


def test_a_process_killed_at_any_moment_leaves_a_whole_record_and_its_text(tmp_path):
    pauses = random.Random(7)
    for _ in range(6):
        with subprocess.Popen([sys.executable, "-c", WRITER, tmp_path], stdout=subprocess.PIPE) as writer:
            writer.stdout.readline()
            time.sleep(pauses.random() / 50)
            writer.send_signal(signal.SIGKILL)
        shelf = open_shelf(tmp_path)
        outcome = shelf.load([Reference("1", "An entry", 0, 8)])["1"]
        assert shelf.read_content(outcome.provenance.sha256) == outcome.reason.encode() * 5000


def put(folder, *names):
    for name in names:
        (folder / name).write_text("A text.")


def name_found(folder, *references):
    found, unused = find_by_hand(folder, references)
    return {number: file.name for number, file in found.items()}, [file.name for file in unused]


@pytest.mark.parametrize(
    "name",
    [
        "8.html",
        "8.pdf",
        "8.txt",
        "8.md",
        "8.HTM",
        "08.pdf",
        "arxiv-2411.09134.pdf",
        "arXiv_2411.09134v2.PDF",
        "2411.09134v1.pdf",
    ],
)
def test_a_file_is_found_by_number_or_arxiv_id(tmp_path, name):
    put(tmp_path, name)
    assert name_found(tmp_path, TAKANO, REUTERS) == ({"8": name}, [])


@pytest.mark.parametrize(
    "name", ["doi-10.1000_Xyz(1).pdf", "doi-10.1000-xyz-1.html", "DOI-10.1000%2Fxyz(1).pdf", "10.1000_xyz(1).txt"]
)
def test_a_file_is_found_by_doi_however_its_slash_is_written(tmp_path, name):
    put(tmp_path, name)
    assert name_found(tmp_path, replace(TAKANO, doi="10.1000/xyz(1)")) == ({"8": name}, [])


def test_an_old_arxiv_id_with_a_slash_is_found(tmp_path):
    put(tmp_path, "arxiv-hep-th_9901001v3.pdf")
    assert name_found(tmp_path, replace(TAKANO, arxiv="hep-th/9901001"))[0] == {"8": "arxiv-hep-th_9901001v3.pdf"}


def test_the_number_goes_before_the_identifier(tmp_path):
    put(tmp_path, "8.txt", "2411.txt")
    two = [replace(TAKANO, arxiv=None), replace(REUTERS, doi=None, arxiv="8")]
    assert name_found(tmp_path, *two) == ({"8": "8.txt"}, ["2411.txt"])


def test_of_two_files_of_an_entry_the_pdf_is_taken_and_the_other_told(tmp_path):
    put(tmp_path, "8.html", "8.pdf")
    assert name_found(tmp_path, TAKANO) == ({"8": "8.pdf"}, ["8.html"])


def test_files_that_name_no_entry_are_told(tmp_path):
    put(tmp_path, "99.pdf", "notes.txt", "8.docx", "doi-10.1_2.pdf")
    assert name_found(tmp_path, TAKANO) == ({}, ["8.docx", "99.pdf", "doi-10.1_2.pdf", "notes.txt"])


def test_hidden_files_folders_and_a_readme_are_passed_over(tmp_path):
    put(tmp_path, ".8.pdf", "README.md")
    (tmp_path / "8.html").mkdir()
    assert name_found(tmp_path, TAKANO) == ({}, [])


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    assert name_found(tmp_path / "gone", TAKANO) == ({}, [])


@given(st.text(min_size=1, max_size=20).filter(lambda number: any(map(str.isalnum, number))))
def test_the_name_advised_for_an_entry_is_a_plain_file_name(number):
    assert set(name_by_hand(number)) & set("/\\. \x00") == set()


@pytest.mark.parametrize("number", ["8", "[Smith20]", "12a", "S-3", "2.1"])
def test_a_file_of_the_name_advised_for_an_entry_is_found(tmp_path, number):
    put(tmp_path, f"{name_by_hand(number)}.pdf")
    assert list(find_by_hand(tmp_path, [replace(TAKANO, number=number)])[0]) == [number]
