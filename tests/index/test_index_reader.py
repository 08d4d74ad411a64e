"""Which texts a build reads: what seems untouched is not read, and what is written anew comes from the index."""

import os

import pytest

import index.plan
from index.accessions import Accessions, load_accessions
from index.build import build_index, list_bibliographies, rebuild_index
from index.bundle import open_index
from index.families import stamp_shelf
from index.holdings import SHELF_FOLDER
from index.library import list_papers
from index.settings import Settings
from index.storage import PART_PREFIX

pytestmark = pytest.mark.model

LONG_AGO_NS = 1_600_000_000_000_000_000


@pytest.fixture
def own(tmp_path, model_folder):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "models").symlink_to(model_folder.parent, target_is_directory=True)
    return Settings(home=tmp_path / "home")


@pytest.fixture
def papers(tmp_path):
    """A folder of two papers that have lain there for long."""
    (tmp_path / "papers").mkdir()
    write(tmp_path / "papers" / "rain.txt", "Rain fell on the hills.")
    write(tmp_path / "papers" / "snow.txt", "Snow fell on the roofs.")
    return tmp_path / "papers"


@pytest.fixture
def apart(monkeypatch):
    """Each build writes just what is new."""
    monkeypatch.setattr(index.plan, "_SMALL_CHARS", 0)
    monkeypatch.setattr(index.plan, "_GROWTH", 0)


def write(path, text, mtime_ns=LONG_AGO_NS):
    path.write_text(text)
    os.utime(path, ns=(mtime_ns, mtime_ns))


def list_texts(settings):
    corpus = open_index(settings).corpus
    return {work.id: corpus.load_text(work.id) for work in corpus.list_works()}


def test_a_build_with_one_more_paper_reads_none_of_the_others(own, papers, apart):
    build_index([papers], own)
    write(papers / "rain.txt", "Hail fell on the hills.")  # as long, and of the same time
    write(papers / "sun.txt", "The sun shone.")
    build_index([papers], own)
    assert list_texts(own) == {
        "rain": "Rain fell on the hills.",
        "snow": "Snow fell on the roofs.",
        "sun": "The sun shone.",
    }


def test_what_is_written_anew_with_one_more_paper_is_not_read_either(own, papers):
    build_index([papers], own)
    write(papers / "rain.txt", "Hail fell on the hills.")
    write(papers / "sun.txt", "The sun shone.")
    built = build_index([papers], own)
    assert [card.documents for card in built.manifest.segments] == [3]
    assert list_texts(own)["rain"] == "Rain fell on the hills."


def test_a_paper_that_was_changed_is_read_though_it_is_as_long(own, papers, apart):
    build_index([papers], own)
    write(papers / "rain.txt", "Hail fell on the hills.", LONG_AGO_NS + 1)
    build_index([papers], own)
    assert list_texts(own) == {"snow": "Snow fell on the roofs.", "rain": "Hail fell on the hills."}


def test_a_paper_that_was_changed_just_before_is_read_again(own, papers):
    (papers / "rain.txt").write_text("Rain fell on the hills.")
    when = (papers / "rain.txt").stat().st_mtime_ns
    build_index([papers], own)
    write(papers / "rain.txt", "Hail fell on the hills.", when)
    build_index([papers], own)
    assert list_texts(own)["rain"] == "Hail fell on the hills."


def test_a_fresh_build_reads_all(own, papers):
    build_index([papers], own)
    write(papers / "rain.txt", "Hail fell on the hills.")
    build_index([papers], own, fresh=True)
    assert list_texts(own)["rain"] == "Hail fell on the hills."


def test_a_paper_that_is_gone_from_the_folder_is_gone_from_the_index(own, papers):
    build_index([papers], own)
    (papers / "rain.txt").unlink()
    build_index([papers], own)
    assert list_texts(own) == {"snow": "Snow fell on the roofs."}


def test_a_folder_with_one_more_paper_is_the_same_that_is_asked(own, papers):
    first = build_index([papers], own)
    write(papers / "a.txt", "It is the first now.")
    second = build_index([papers], own)
    assert (second.folder, second.encoded, len(list_papers(own))) == (first.folder, 1, 1)


def test_a_rebuild_reads_nothing_that_is_known(own, papers):
    folder = build_index([papers], own).folder
    for original in (folder / "originals").iterdir():
        original.write_text("Hail fell.")
    assert rebuild_index(own).encoded is None
    assert list_texts(own)["rain"] == "Rain fell on the hills."


def test_a_build_that_finds_nothing_new_notes_what_it_has_read(own, papers):
    for name in ("rain.txt", "snow.txt"):
        os.utime(papers / name)  # so shortly ago that the first build does not note it
    folder = build_index([papers], own).folder
    for name in ("rain.txt", "snow.txt"):
        os.utime(papers / name, ns=(LONG_AGO_NS, LONG_AGO_NS))
    assert build_index([papers], own).encoded is None
    assert set(load_accessions(folder).files) == {str(papers / name) for name in ("rain.txt", "snow.txt")}


def test_the_first_paper_is_that_of_the_folder_though_it_is_written_behind_others(own, papers, apart):
    build_index([papers], own)
    write(papers / "a.txt", "It is the first now.")
    folder = build_index([papers], own).folder
    assert [paper for paper, _ in list_bibliographies(folder)] == ["a", "rain", "snow"]


def test_a_record_that_a_fetch_is_writing_is_not_read(tmp_path):
    shelf = tmp_path / SHELF_FOLDER / "rain"
    shelf.mkdir(parents=True)
    (shelf / f"{PART_PREFIX}7-b.json").write_text("{")
    (shelf / "a.json").write_text("{}")
    assert [name for name, _ in stamp_shelf(tmp_path, "rain", Accessions())] == ["a.json"]
