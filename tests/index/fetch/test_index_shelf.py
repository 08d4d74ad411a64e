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
from index.fetch.shelf import fingerprint, open_shelf
from index.model import Attempt, Name, Outcome, Provenance, Reference

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


COMPLETED = replace(
    TAKANO,
    names=(Name("Takano", "R."), Name(literal="AIST")),
    year=2024,
    container="Proceedings",
    completed={"names": "doi.org", "year": "doi.org", "container": "doi.org"},
    confidence={"arxiv": 0.99, "names": 0.97, "year": 0.97, "container": 0.97},
)


def test_what_was_completed_is_restored_to_the_entry(tmp_path):
    open_shelf(tmp_path).save(COMPLETED, Outcome("paywalled"))
    found = open_shelf(tmp_path).complete([replace(TAKANO, confidence={"arxiv": 0.99})])
    assert found == (COMPLETED,)


def test_what_an_entry_prints_goes_before_what_was_completed(tmp_path):
    open_shelf(tmp_path).save(COMPLETED, Outcome("paywalled"))
    (found,) = open_shelf(tmp_path).complete([replace(TAKANO, year=2023)])
    assert (found.year, sorted(found.completed)) == (2023, ["container", "names"])


def test_what_was_completed_stays_when_the_entry_is_asked_for_again(tmp_path):
    open_shelf(tmp_path).save(COMPLETED, Outcome("unreachable"))
    open_shelf(tmp_path).save(TAKANO, came(b"one"), b"one")
    assert open_shelf(tmp_path).complete([TAKANO])[0].year == 2024


@pytest.mark.parametrize(
    "added",
    [3, [1], {"year": 3}, {"year": {"value": "2024", "source": "", "confidence": 1}}, {"lost": {}},
     {"names": {"value": [{"born": 1970}], "source": "", "confidence": 1}},
     {"url": {"value": "https://evil.org/", "source": "", "confidence": 1}}],
)  # fmt: skip
def test_a_damaged_completion_leaves_the_entry_as_it_is(tmp_path, added):
    shelf = open_shelf(tmp_path)
    shelf.save(TAKANO, Outcome("paywalled"))
    path = next(tmp_path.glob("*.json"))
    path.write_text(json.dumps({**json.loads(path.read_text()), "added": added}))
    assert shelf.complete([TAKANO]) == (TAKANO,)


WRITER = """
import hashlib, itertools, sys
from pathlib import Path
from index.model import Outcome, Provenance, Reference
from index.fetch.shelf import open_shelf
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
