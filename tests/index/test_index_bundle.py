import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from index.build import build_index
from index.bundle import FORMAT, LiveIndex, find_bundle, load_manifest, open_index
from index.errors import DamagedIndexError, ForeignIndexError, IbidError, NoIndexError
from index.library import find_folder
from index.settings import Settings
from index.stamps import check_files

SEEDS = Path(__file__).resolve().parents[2] / "seeds"

pytestmark = pytest.mark.model


@pytest.fixture
def copied(home, tmp_path):
    """The settings of a copy of the home, for a test to damage."""
    shutil.copytree(home, tmp_path / "home", symlinks=True)
    return Settings(home=tmp_path / "home")


def list_files(home):
    return sorted(load_manifest(find_bundle(find_folder(Settings(home=home)))).files)


def edit_manifest(settings, **changes):
    path = find_bundle(find_folder(settings)) / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def spoil(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def test_a_copied_index_opens(copied):
    assert len(open_index(copied).windows) == 97


def test_the_manifest_counts_what_is_in_it(index):
    found = index.manifest
    assert (found.documents, found.contexts, found.passages, found.windows) == (1, 38, 47, 97)


def test_all_three_scales_are_of_the_paper(index):
    assert index.manifest.papers == {"contexts": 38, "passages": 47, "windows": 97}


@pytest.mark.parametrize(("name", "count"), [("windows", 97), ("passages", 47), ("contexts", 38)])
def test_a_scale_holds_a_vector_per_unit(index, name, count):
    assert len(getattr(index, name)) == count


def test_a_passage_is_found_by_its_words(index):
    found = index.lexical.search(["rapidus"], 100, first=0, stop=47)[0].tolist()
    holding = [at for at in range(47) if "Rapidus" in index.corpus.load_place(at).passage.text]
    assert set(found) == set(holding) != set()


def test_the_table_has_a_row_per_window(index):
    assert len(index.table) == 97


def test_the_manifest_stamps_every_other_file(home):
    bundle = find_bundle(find_folder(Settings(home=home)))
    found = {p.relative_to(bundle).as_posix() for p in bundle.rglob("*") if p.is_file() and p.suffix != ".lock"}
    assert found - {"manifest.json"} == set(list_files(home))


def test_a_file_with_a_changed_byte_is_named(copied):
    for name in list_files(copied.home):
        path = find_bundle(find_folder(copied)) / name
        whole, stamp = path.read_bytes(), path.stat()
        if not whole:
            continue
        spoil(path)
        with pytest.raises(DamagedIndexError, match=f"{name} was changed; rebuild it with `ibid build --fresh`"):
            open_index(copied)
        path.write_bytes(whole)
        assert stamp.st_size == path.stat().st_size


def test_a_file_cut_short_is_named(copied):
    for name in list_files(copied.home):
        path = find_bundle(find_folder(copied)) / name
        whole = path.read_bytes()
        path.write_bytes(whole + b"x")
        with pytest.raises(DamagedIndexError, match=f"{name} has {len(whole) + 1} bytes, not {len(whole)}"):
            open_index(copied)
        path.write_bytes(whole)


def test_a_missing_file_is_named(copied):
    for name in list_files(copied.home):
        path = find_bundle(find_folder(copied)) / name
        path.rename(path.with_name("aside"))
        with pytest.raises(DamagedIndexError, match=f"{name} is missing; rebuild it with `ibid build --fresh`"):
            open_index(copied)
        path.with_name("aside").rename(path)


def test_a_thorough_check_sees_a_change_that_kept_the_time(copied):
    bundle = find_bundle(find_folder(copied))
    file = next(bundle.rglob("corpus.sqlite"))
    stamp = file.stat()
    spoil(file)
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    with pytest.raises(DamagedIndexError, match=r"corpus.sqlite was changed"):
        check_files(bundle, load_manifest(bundle).files, thorough=True)


@pytest.mark.parametrize("content", ["", "garbage", "../../etc", "bundle-a/../b", "/bundle-x"])
def test_a_current_that_names_no_bundle_is_damaged(copied, content):
    (find_folder(copied) / "current").write_text(content)
    with pytest.raises(DamagedIndexError, match="current names no bundle; rebuild it"):
        open_index(copied)


def test_a_current_of_bytes_is_damaged(copied):
    (find_folder(copied) / "current").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DamagedIndexError, match="current cannot be read; rebuild it"):
        open_index(copied)


def test_a_current_that_names_a_missing_bundle_is_damaged(copied):
    (find_folder(copied) / "current").write_text("bundle-gone-1\n")
    with pytest.raises(DamagedIndexError, match="bundle-gone-1 is missing"):
        open_index(copied)


def test_an_index_without_current_is_none(copied):
    (find_folder(copied) / "current").unlink()
    with pytest.raises(NoIndexError, match=r"there is no index in .*; make one with `ibid build`"):
        open_index(copied)


def test_an_empty_home_has_no_index(tmp_path):
    with pytest.raises(NoIndexError, match="make one with `ibid build`"):
        open_index(Settings(home=tmp_path))


def test_a_file_for_a_home_has_no_index(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(NoIndexError):
        open_index(Settings(home=tmp_path / "file"))


@pytest.mark.parametrize("content", ["", "[]", "null", "{}", f'{{"format": {FORMAT}}}', "\x00"])
def test_a_manifest_of_something_else_is_damaged(copied, content):
    (find_bundle(find_folder(copied)) / "manifest.json").write_text(content)
    with pytest.raises(DamagedIndexError, match=r"manifest.json is no manifest"):
        open_index(copied)


def test_a_missing_manifest_is_damaged(copied):
    (find_bundle(find_folder(copied)) / "manifest.json").unlink()
    with pytest.raises(DamagedIndexError, match=r"manifest.json is missing"):
        open_index(copied)


@pytest.mark.parametrize("other", [2, 4, 5, 99])
def test_another_format_is_foreign(copied, other):
    edit_manifest(copied, format=other)
    with pytest.raises(
        ForeignIndexError, match=f"built with format {other}, this version reads {FORMAT}; rebuild it with `ibid build`"
    ):
        open_index(copied)


def test_another_format_is_not_blamed_on_a_setting(copied):
    edit_manifest(copied, format=99)
    with pytest.raises(ForeignIndexError) as caught:
        open_index(copied)
    assert "IBID_FORMAT" not in caught.value.hint


@pytest.mark.parametrize(
    ("field", "value", "stored"),
    [
        ("window_tokens", 50, "60"),
        ("passage_tokens", 150, "200"),
        ("context_tokens", 300, "400"),
        ("model", "m", "all-MiniLM-L6-v2"),
    ],
)
def test_other_settings_are_named_with_the_way_out(settings, field, value, stored):
    with pytest.raises(ForeignIndexError) as caught:
        open_index(replace(settings, **{field: value}))
    assert str(caught.value) == (
        f"the index was built with {field} {stored}, the settings say {value};"
        f" rebuild it with `ibid build`, or set IBID_{field.upper()}={stored}"
    )


@pytest.mark.parametrize(("field", "value"), [("dense_weight", 0.1), ("candidates", 20), ("threshold", 0.9)])
def test_settings_of_answering_do_not_touch_the_index(settings, field, value):
    assert open_index(replace(settings, **{field: value})).manifest.windows == 97


def test_an_index_of_another_model_is_refused(copied):
    edit_manifest(copied, model_sha256="0" * 64)
    with pytest.raises(IbidError, match="the exported model is not the one that the index was built with; run"):
        open_index(copied)


def test_a_live_index_stays_the_same_while_nothing_changes(settings):
    live = LiveIndex(settings)
    assert live.get() is live.get()


def test_a_live_index_picks_up_a_build(copied, tmp_path):
    live = LiveIndex(copied)
    live.get()
    (tmp_path / "rain.txt").write_text("Rain fell on the hills.")
    build_index([tmp_path / "rain.txt"], copied)
    assert [work.id for work in live.get().corpus.list_works()] == ["rain"]


def test_an_open_index_works_on_after_a_swap(copied, tmp_path, paper):
    old = open_index(copied)
    here = replace(copied, index=find_folder(copied))
    for name in ("rain", "snow", "hail"):
        (tmp_path / f"{name}.txt").write_text(f"{name} fell on the hills.")
        build_index([tmp_path / f"{name}.txt"], here)
    vector = old.encoder.read_question("Who wrote this paper?").vector
    ids = old.passages.search(vector, 47, first=0, stop=47)[0]
    terms = old.lexical.search(["rapidus"], 5, first=0, stop=47)[0]
    assert (len(ids), len(terms), old.corpus.load_document(paper.work.id).text) == (47, 3, paper.text)


def test_an_old_bundle_but_the_last_is_removed(copied, tmp_path):
    for name in ("rain", "snow", "hail"):
        (tmp_path / "weather.txt").write_text(f"{name} fell on the hills.")
        build_index([tmp_path / "weather.txt"], copied)
    assert sorted(p.name.rpartition("-")[2] for p in find_folder(copied).glob("bundle-*")) == ["2", "3"]


def test_the_seed_folder_holds_the_paper_alone():
    assert [path.name for path in SEEDS.glob("*.txt")] == ["us-japan-science-technology-2021-2025.txt"]
