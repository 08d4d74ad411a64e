import shutil
import subprocess
from dataclasses import replace

import pytest
from filelock import FileLock

from index.build import build_index
from index.bundle import find_bundle, open_index
from index.errors import BuildRunningError, SourceError, StorageError
from index.settings import Settings

pytestmark = pytest.mark.model

RAIN = "# Rain\n\nRain fell on the hills.\n\n# Snow\n\nSnow fell on the mountains."
LONG = "# Numbers\n\n" + "\n\n".join(f"Number {n} is here." for n in range(300))


@pytest.fixture
def own(tmp_path, model_folder):
    """Settings of an empty home that shares the exported model."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "models").symlink_to(model_folder.parent, target_is_directory=True)
    return Settings(home=tmp_path / "home")


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "rain.md"
    path.write_text(RAIN)
    return path


@pytest.fixture
def disk(tmp_path):
    """A disk of 384 kB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=384k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk, and not in every container")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def list_works(settings):
    return [work.id for work in open_index(settings).corpus.list_works()]


def list_parts(settings):
    return [path.name for path in settings.index_folder.glob(".part-*")]


def snapshot(settings):
    bundle = find_bundle(settings.index_folder)
    return bundle.name, {p.relative_to(bundle): p.read_bytes() for p in bundle.rglob("*") if p.is_file()}


class Stopper:
    """Counts steps, and presses Ctrl-C once there are as many as told."""

    def __init__(self, limit):
        self.limit, self.done = limit, 0

    def __call__(self, count):
        self.done += count
        if self.done >= self.limit:
            raise KeyboardInterrupt


def test_a_first_build_encodes_every_text(own, source):
    # Each of the two passages is as long as its one window, so that their texts are the same.
    assert build_index([source], own).encoded == 2


def test_a_build_can_be_opened(own, source):
    build_index([source], own)
    assert list_works(own) == ["rain"]


def test_a_build_of_nothing_new_does_nothing(own, source):
    first = build_index([source], own)
    assert build_index([source], own) == replace(first, encoded=None)


def test_a_build_of_nothing_new_leaves_the_bundle(own, source):
    build_index([source], own)
    before = snapshot(own)
    build_index([source], own)
    assert snapshot(own) == before


def test_a_changed_source_encodes_only_what_is_new(own, source):
    build_index([source], own)
    source.write_text(RAIN + "\n\n# Hail\n\nHail fell on the lake.")
    assert build_index([source], own).encoded == 1


def test_a_changed_source_is_the_one_found(own, source):
    build_index([source], own)
    source.write_text("# Hail\n\nHail fell on the lake.")
    build_index([source], own)
    assert open_index(own).corpus.load_place(0).passage.text == "Hail fell on the lake."


def test_vectors_from_the_cache_are_those_of_a_fresh_build(own, source):
    source.write_text(RAIN)
    build_index([source], own)
    first = snapshot(own)[1]
    build_index([source], own, fresh=True)
    names = [name for name in first if name.name == "vectors.faiss"]
    assert [snapshot(own)[1][name] for name in names] == [first[name] for name in names]


def test_a_fresh_build_encodes_everything(own, source):
    build_index([source], own)
    assert build_index([source], own, fresh=True).encoded == 2


def test_a_damaged_index_is_built_again_without_fresh(own, source):
    build_index([source], own)
    (find_bundle(own.index_folder) / "corpus.sqlite").unlink()
    assert build_index([source], own).encoded == 0
    assert list_works(own) == ["rain"]


def test_a_damaged_cache_is_begun_anew(own, source):
    build_index([source], own)
    (own.index_folder / "embeddings.sqlite").write_bytes(b"garbage" * 1000)
    source.write_text(RAIN + "\n\n# Hail\n\nHail fell on the lake.")
    assert build_index([source], own).encoded == 3


def test_other_settings_build_another_index(own, source):
    first = build_index([source], own)
    second = build_index([source], replace(own, window_tokens=30))
    assert (second.encoded, second.manifest.id == first.manifest.id) == (0, False)


def test_several_documents_come_in_their_order(own, source, tmp_path):
    (tmp_path / "a.md").write_text("# A\n\nFirst text.")
    build_index([source, tmp_path / "a.md"], own)
    assert list_works(own) == ["rain", "a"]


def test_three_equal_files_with_one_name_are_built(own, tmp_path):
    paths = []
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rain.md").write_text(RAIN)
        paths.append(tmp_path / name / "rain.md")
    assert build_index(paths, own).manifest.documents == 3


def test_a_text_of_headings_alone_is_built(own, source):
    source.write_text("# Rain\n\n# Snow")
    assert build_index([source], own).manifest.windows == 0


def test_the_stages_are_announced(own, source):
    stages = []
    build_index([source], own, announce=lambda stage, total: stages.append((stage, total)))
    assert stages == [("model", 0), ("read", 0), ("encode", 4), ("words", 2), ("write", 0)]


def test_the_steps_add_up_to_what_was_announced(own, source, tmp_path):
    (tmp_path / "long.md").write_text(LONG)
    totals, steps = [], []
    build_index([tmp_path / "long.md"], own, announce=lambda stage, total: totals.append(total), advance=steps.append)
    assert sum(steps) == sum(totals)


def test_the_steps_of_repeated_texts_add_up_too(own, source):
    steps = []
    build_index([source], own, advance=steps.append)
    assert sum(steps) == 6


def test_a_second_build_at_once_is_told_to_wait(own, source):
    own.index_folder.mkdir()
    with (
        FileLock(own.index_folder / "build.lock"),
        pytest.raises(BuildRunningError, match=r"another build is at work in .*; wait for it to end"),
    ):
        build_index([source], own)


def test_a_second_build_at_once_leaves_the_index(own, source):
    build_index([source], own)
    before = snapshot(own)
    source.write_text("# Hail\n\nHail fell.")
    with FileLock(own.index_folder / "build.lock"), pytest.raises(BuildRunningError):
        build_index([source], own)
    assert snapshot(own) == before


def test_an_error_in_a_source_leaves_the_index(own, source):
    build_index([source], own)
    before = snapshot(own)
    source.write_bytes(b"\x00\x01")
    with pytest.raises(SourceError, match="is a binary file"):
        build_index([source], own)
    assert snapshot(own) == before


def test_one_bad_source_of_several_builds_nothing(own, source, tmp_path):
    (tmp_path / "bad.md").write_text("")
    with pytest.raises(SourceError, match="is empty"):
        build_index([source, tmp_path / "bad.md"], own)
    assert not own.index_folder.exists()


def test_ctrl_c_leaves_the_old_index(own, source):
    build_index([source], own)
    before = snapshot(own)
    source.write_text(LONG)
    with pytest.raises(KeyboardInterrupt):
        build_index([source], own, advance=Stopper(100))
    assert (snapshot(own), list_works(own)) == (before, ["rain"])


def test_ctrl_c_leaves_no_half_made_bundle(own, source):
    source.write_text(LONG)
    with pytest.raises(KeyboardInterrupt):
        build_index([source], own, advance=Stopper(100))
    assert (list_parts(own), (own.index_folder / "current").exists()) == ([], False)


def test_a_build_after_ctrl_c_goes_on_where_it_stopped(own, source):
    source.write_text(LONG)
    with pytest.raises(KeyboardInterrupt):
        build_index([source], own, advance=Stopper(290))
    built = build_index([source], own)
    assert built.encoded == built.manifest.windows + built.manifest.passages - 256


def test_what_a_killed_build_left_is_swept_away(own, source):
    (own.index_folder / ".part-99999" / "windows").mkdir(parents=True)
    build_index([source], own)
    assert list_parts(own) == []


def test_a_full_disk_is_a_storage_error(own, disk, source):
    source.write_text(LONG)
    with pytest.raises(StorageError, match=r"cannot write to .*; free some space or point IBID_HOME"):
        build_index([source], replace(own, index=disk / "index"))


def test_a_full_disk_is_left_without_half_a_bundle(own, disk, source):
    source.write_text(LONG)
    with pytest.raises(StorageError):
        build_index([source], replace(own, index=disk / "index"))
    assert list_parts(replace(own, index=disk / "index")) == []


def test_a_disk_that_fills_up_keeps_the_old_index(own, disk, source):
    settings = replace(own, index=disk / "index")
    build_index([source], settings)
    before = snapshot(settings)
    source.write_text(LONG)
    with pytest.raises(StorageError):
        build_index([source], settings)
    assert (snapshot(settings), list_works(settings)) == (before, ["rain"])


def test_a_read_only_disk_is_a_storage_error(own, disk, source):
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(StorageError, match=r"cannot write to .*: Read-only file system; free some space"):
        build_index([source], replace(own, index=disk / "index"))


def test_an_index_on_a_read_only_disk_can_be_opened(own, disk, source):
    settings = replace(own, index=disk / "index")
    build_index([source], settings)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    assert open_index(settings).windows.lexical.search(["snow"], 5, first=0, stop=2)[0].tolist() == [1]


def test_a_new_build_on_a_disk_gone_read_only_is_a_storage_error(own, disk, source):
    settings = replace(own, index=disk / "index")
    build_index([source], settings)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    source.write_text("# Hail\n\nHail fell.")
    with pytest.raises(StorageError, match="free some space or point IBID_HOME or --index at a folder"):
        build_index([source], settings)


def test_a_file_in_the_place_of_the_index_is_a_storage_error(own, source):
    with pytest.raises(StorageError, match="or point IBID_HOME or --index at a folder that can be written"):
        build_index([source], replace(own, index=source / "index"))


def test_a_file_that_is_the_index_folder_is_a_storage_error(own, source):
    with pytest.raises(StorageError, match="or point IBID_HOME or --index at a folder that can be written"):
        build_index([source], replace(own, index=source))
