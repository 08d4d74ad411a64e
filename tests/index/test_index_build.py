import hashlib
import re
import shutil
import subprocess
import threading
from dataclasses import replace

import numpy as np
import pytest
from filelock import FileLock

from index.address import parse_address
from index.assemble import Progress
from index.build import build_index, fetch_paper, index_documents, rebuild_index, remove_paper
from index.bundle import MANIFEST_FILE, find_bundle, open_index
from index.codes import save_codes
from index.entry_text import forget_work
from index.errors import BuildRunningError, ForeignIndexError, NoIndexError, SourceError, StorageError
from index.library import find_folder, list_papers, load_paper, read_in_use, use_paper
from index.model import Outcome, Provenance
from index.plain import parse_plain
from index.settings import Settings
from index.vectors import save_vectors

pytestmark = pytest.mark.model

RAIN = "# Rain\n\nRain fell on the hills.\n\n# Snow\n\nSnow fell on the mountains."
LONG = "\n\n".join(f"# Part {n}\n\nNumber {n} is here." for n in range(100))


@pytest.fixture
def own(tmp_path, model_folder):
    """Settings of an empty home that shares the exported model."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "models").symlink_to(model_folder.parent, target_is_directory=True)
    return Settings(home=tmp_path / "home", index=tmp_path / "home" / "index")


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


WET = "It fell on the hills.\r\n\r\n## On snow\r\n\r\n  It was cold;\r\n\tand wet. It melted.\x0c\n\nIt ended"
DRY = "The sun shone."


def parse_documents(*, title="Rain", text=WET, kind="paper"):
    first = parse_plain(text, document_id="wet", title=title, kind=kind)
    return [first, parse_plain(DRY, document_id="dry", title="Sun")]


@pytest.fixture(scope="module")
def documents_index(tmp_path_factory, model_folder):
    home = tmp_path_factory.mktemp("documents")
    (home / "models").symlink_to(model_folder.parent, target_is_directory=True)
    index_documents(parse_documents(), Settings(home=home))
    return open_index(Settings(home=home))


def list_works(settings):
    return [work.id for work in open_index(settings).corpus.list_works()]


def list_parts(settings):
    return [path.name for path in find_folder(settings).glob(".part-*")]


def snapshot(settings):
    bundle = find_bundle(find_folder(settings))
    return bundle.name, {p.relative_to(bundle): p.read_bytes() for p in bundle.rglob("*") if p.is_file()}


class Stopper:
    """Counts steps, and presses Ctrl-C once there are as many as told."""

    def __init__(self, limit):
        self.limit, self.done = limit, 0

    def __call__(self, count):
        self.done += count
        if self.done >= self.limit:
            raise KeyboardInterrupt


def test_a_first_build_reads_every_context(own, source):
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
    names = [name for name in first if name.name in ("passages.faiss", "passages-fine.npy", "windows.npy")]
    assert [snapshot(own)[1][name] for name in names] == [first[name] for name in names]


def test_a_fresh_build_encodes_everything(own, source):
    build_index([source], own)
    assert build_index([source], own, fresh=True).encoded == 2


def test_a_damaged_index_is_built_again_without_fresh(own, source):
    build_index([source], own)
    next(find_bundle(find_folder(own)).rglob("corpus.sqlite")).unlink()
    assert build_index([source], own).encoded == 0
    assert list_works(own) == ["rain"]


def test_a_damaged_cache_is_begun_anew(own, source):
    build_index([source], own)
    (find_folder(own) / "embeddings.sqlite").write_bytes(b"garbage" * 1000)
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
    build_index([source], own, progress=Progress(announce=lambda stage, total: stages.append((stage, total))))
    assert stages == [("model", 0), ("read", 0), ("encode", 2), ("write", 0)]


def test_the_steps_add_up_to_what_was_announced(own, source, tmp_path):
    (tmp_path / "long.md").write_text(LONG)
    totals, steps = [], []
    build_index([tmp_path / "long.md"], own, progress=Progress(lambda stage, total: totals.append(total), steps.append))
    assert sum(steps) == sum(totals)


def test_a_repeated_text_is_read_once_and_counted_as_often_as_it_stands(own, source):
    source.write_text("# Rain\n\nRain fell.\n\n# Snow\n\nSnow fell.\n\n# Snow\n\nSnow fell.")
    steps = []
    assert (build_index([source], own, progress=Progress(advance=steps.append)).encoded, sum(steps)) == (2, 3)


def test_a_second_build_at_once_is_told_to_wait(own, source):
    find_folder(own).mkdir()
    with (
        FileLock(find_folder(own) / "build.lock"),
        pytest.raises(BuildRunningError, match=r"another build is at work in .*; wait for it to end"),
    ):
        build_index([source], own)


def test_a_second_build_at_once_leaves_the_index(own, source):
    build_index([source], own)
    before = snapshot(own)
    source.write_text("# Hail\n\nHail fell.")
    with FileLock(find_folder(own) / "build.lock"), pytest.raises(BuildRunningError):
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
    assert not find_folder(own).exists()


def test_ctrl_c_leaves_the_old_index(own, source):
    build_index([source], own)
    before = snapshot(own)
    source.write_text(LONG)
    with pytest.raises(KeyboardInterrupt):
        build_index([source], own, progress=Progress(advance=Stopper(40)))
    assert (snapshot(own), list_works(own)) == (before, ["rain"])


def test_ctrl_c_leaves_no_half_made_bundle(own, source):
    source.write_text(LONG)
    with pytest.raises(KeyboardInterrupt):
        build_index([source], own, progress=Progress(advance=Stopper(40)))
    assert (list_parts(own), (find_folder(own) / "current").exists()) == ([], False)


def test_a_build_after_ctrl_c_goes_on_where_it_stopped(own, source):
    source.write_text(LONG)
    with pytest.raises(KeyboardInterrupt):
        build_index([source], own, progress=Progress(advance=Stopper(70)))
    built = build_index([source], own)
    assert built.encoded == 100 - 64  # what was read is kept by the 32


def test_what_a_killed_build_left_is_swept_away(own, source):
    (find_folder(own) / ".part-99999" / "windows").mkdir(parents=True)
    build_index([source], own)
    assert list_parts(own) == []


def test_a_full_disk_is_a_storage_error(own, disk, source):
    source.write_text(LONG)
    with pytest.raises(StorageError, match=r"cannot write to .*; free some space or point IBID_HOME"):
        build_index([source], replace(own, index=disk / "index"))


@pytest.mark.parametrize("save", [save_codes, lambda path, rows: save_vectors(path, rows[:900], None)])
def test_vectors_that_do_not_fit_on_a_disk_are_an_error_and_not_the_end_of_the_process(disk, save):
    with pytest.raises(OSError, match="No space left"):
        save(disk / "rows", np.random.default_rng(0).normal(size=(2000, 384)).astype(np.float32))


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
    assert open_index(settings).lexical.search(["snow"], 5, first=0, stop=2)[0].tolist() == [1]


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


def test_documents_are_indexed_in_their_order(own):
    index_documents(parse_documents(), own)
    assert list_works(own) == ["wet", "dry"]


def test_the_same_documents_again_change_nothing(own):
    first = index_documents(parse_documents(), own)
    assert index_documents(parse_documents(), own) == replace(first, encoded=None)


@pytest.mark.parametrize("change", [{"title": "Snow"}, {"text": WET + "."}, {"kind": "reference"}], ids=str)
def test_a_changed_document_is_another_index(own, change):
    first = index_documents(parse_documents(), own)
    assert index_documents(parse_documents(**change), own).manifest.id != first.manifest.id


@pytest.mark.parametrize("change", [{"title": "Snow"}, {"text": WET + "."}], ids=str)
def test_a_changed_document_is_the_one_found(own, change):
    index_documents(parse_documents(), own)
    index_documents(parse_documents(**change), own)
    found = open_index(own).corpus.load_document("wet")
    expected = parse_documents(**change)[0]
    assert (found.work.title, found.text) == (expected.work.title, expected.text)


def test_a_document_with_another_author_is_another_index(own):
    first, second = parse_documents()
    before = index_documents([first, second], own)
    changed = replace(first, work=replace(first.work, authors=("A. Cloud",)))
    assert index_documents([changed, second], own).manifest.id != before.manifest.id


def test_another_title_is_read_anew(own):
    index_documents(parse_documents(), own)
    assert index_documents(parse_documents(title="Snow"), own).encoded == 2


def test_the_spans_of_windows_reproduce_the_text(own):
    documents = parse_documents()
    index_documents(documents, own)
    rows = open_index(own).table.load(np.arange(4))
    windows = [documents[row["document"]].text[row["start"] : row["end"]] for row in rows]
    assert [window.split() for window in windows] == [
        "It fell on the hills.".split(),
        "## On snow".split(),
        "It was cold; and wet. It melted.".split(),
        "It ended".split(),
    ]


def test_every_word_of_documents_lies_in_one_window(own):
    documents = parse_documents()
    built = index_documents(documents, own)
    rows = open_index(own).table.load(np.arange(built.manifest.windows))
    found = [documents[row["document"]].text[row["start"] : row["end"]] for row in rows]
    assert " ".join(found).split() == f"{WET}\n{DRY}".split()


def test_the_units_of_papers_are_counted_apart(own):
    assert index_documents(parse_documents(), own).manifest.papers == {"contexts": 2, "passages": 2, "windows": 4}


@pytest.mark.parametrize(("word", "windows"), [("sun", [4]), ("rain", [0, 1, 2, 3]), ("snow", [1, 2, 3])])
def test_a_passage_is_found_by_its_title_and_heading(documents_index, word, windows):
    of_windows = documents_index.table.load(np.arange(5))["passage"]
    ids = documents_index.lexical.search([word], 10, first=0, stop=5)[0]
    assert np.flatnonzero(np.isin(of_windows, ids)).tolist() == windows


@pytest.mark.parametrize("scale", ["windows", "passages", "contexts"])
def test_the_vector_of_a_unit_is_that_of_its_span(documents_index, scale):
    encoder = documents_index.encoder
    # The second context: its lead, then a passage of three windows.
    text, at = "Rain\nOn snow\n## On snow\nIt was cold;\r\n\tand wet. It melted.\nIt ended", 13
    spans = {"windows": [(at, at + 10)], "passages": [(at, len(text))], "contexts": [(0, len(text))]}
    ((_, reading),) = encoder.iter_readings([text], [spans[scale]])
    cosines = getattr(documents_index, scale).score(reading.vectors[0], np.arange(3))
    assert (int(np.argmax(cosines)), cosines[1] > 0.97) == (1, True)


@pytest.mark.parametrize("text", ["", " \n\x0c"], ids=["empty", "blank"])
def test_a_document_without_words_is_indexed_without_windows(own, text):
    built = index_documents(parse_documents(text=text), own)
    assert (built.manifest.windows, open_index(own).corpus.load_document("wet").text) == (1, text)


def test_no_document_with_words_makes_an_index_that_opens(own):
    index_documents([parse_plain("", document_id="a")], own)
    assert len(open_index(own).table) == 0


def test_no_documents_make_an_index_that_opens(own):
    index_documents([], own)
    assert open_index(own).corpus.list_works() == ()


def test_the_steps_of_indexing_documents_add_up(own):
    totals, steps = [], []
    index_documents(parse_documents(), own, Progress(lambda _, total: totals.append(total), steps.append))
    assert (sum(totals), sum(steps)) == (3, 3)


@pytest.fixture
def shared(own):
    """Settings of an empty home for several papers."""
    return replace(own, index=None)


@pytest.fixture
def namesakes(tmp_path):
    """Two files of one name in two folders."""
    paths = [tmp_path / folder / "main.txt" for folder in ("a", "b")]
    for path in paths:
        path.parent.mkdir()
        path.write_text(f"{RAIN}\n\nSeen from {path.parent.name}.", encoding="utf-8")
    return paths


def put_on_the_web(monkeypatch, text=RAIN, reason=""):
    """Let each address give a text, as `fetch_all` would."""

    def fetch_all(references, shelf, _settings):
        entry, content = references[0], text.encode()
        digest = hashlib.sha256(content).hexdigest()
        asked = entry.url or f"https://doi.org/{entry.doi}"
        came = Provenance("doi", asked, f"{asked}?came", "2024-05-03", 200, "text/plain", digest, len(content))
        outcome = Outcome("indexed", reason, provenance=came)
        shelf.save(entry, outcome, content)
        return {entry.number: outcome}

    monkeypatch.setattr("index.fetch.works.fetch_all", fetch_all)


def test_two_papers_of_one_name_that_are_built_at_once_are_both_kept(shared, namesakes):
    both = threading.Barrier(2)
    wait = Progress(announce=lambda stage, _total: both.wait(60) if stage == "model" else None)
    threads = [
        threading.Thread(target=build_index, args=([each], shared), kwargs={"progress": wait}) for each in namesakes
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = [paper.originals[0].origin for paper in list_papers(shared)]
    assert sorted(kept) == [str(path) for path in namesakes]


def test_a_new_paper_that_cannot_be_read_leaves_no_folder(shared, tmp_path):
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.4\nno more")
    with pytest.raises(SourceError):
        build_index([tmp_path / "bad.pdf"], shared)
    assert (list_papers(shared), (shared.papers_folder / "bad").exists()) == ((), False)


def test_a_paper_that_moved_is_known_by_its_new_place(own, source, tmp_path):
    build_index([source], own)
    (tmp_path / "elsewhere").mkdir()
    moved = source.rename(tmp_path / "elsewhere" / "rain.md")
    assert build_index([moved], own).encoded is None
    paper = load_paper(find_folder(own))
    assert (paper.title, paper.originals[0].origin) == ("Rain", str(moved))


def test_a_record_that_cannot_be_read_is_written_anew(shared, source):
    record = build_index([source], shared).folder / "paper.json"
    before = record.read_text()
    record.write_text("{")
    build_index([source], shared)
    assert record.read_text() == before


def test_addresses_that_begin_alike_are_documents_of_their_own(own, monkeypatch):
    put_on_the_web(monkeypatch)
    long = "https://rain.example/" + "a" * 80
    build_index([f"{long}/1", f"{long}/2"], own)
    assert len(set(list_works(own))) == 2


def test_how_a_paper_was_fetched_outlives_a_build(own, monkeypatch):
    put_on_the_web(monkeypatch)
    build_index(["https://rain.example/paper"], own)
    rebuild_index(own, fresh=True)
    came = load_paper(find_folder(own)).originals[0].provenance
    assert (came.got, came.status) == ("https://rain.example/paper?came", 200)


def test_a_paper_is_found_where_it_was_fetched(own, monkeypatch):
    put_on_the_web(monkeypatch)
    build_index(["10.1000/rain"], own)
    assert open_index(own).corpus.list_works()[0].url == "https://doi.org/10.1000/rain?came"


@pytest.mark.parametrize(
    ("reason", "told"),
    [("only the abstract came", ["10.1000/rain: only the abstract came"]), ("the text came from an open copy", [])],
)
def test_a_text_that_is_only_the_abstract_is_told(own, monkeypatch, caplog, reason, told):
    put_on_the_web(monkeypatch, reason=reason)
    build_index(["10.1000/rain"], own)
    assert caplog.messages == told


def test_a_password_in_an_address_is_not_kept(own, monkeypatch):
    put_on_the_web(monkeypatch)
    fetched = fetch_paper(parse_address("https://me:secret@rain.example/paper"), own)
    assert (fetched.document_id, "secret" in repr(fetched)) == ("rain-example-paper", False)


def test_a_password_in_an_address_is_not_written_down(own, monkeypatch):
    put_on_the_web(monkeypatch)
    folder = build_index(["https://me:secret@rain.example/paper"], own).folder
    assert [file.name for file in folder.rglob("*.json") if "secret" in file.read_text()] == []


@pytest.mark.parametrize("origin", ["", " ", "a" * 5000, "a/" * 5000])
def test_what_can_be_no_path_is_refused(own, origin):
    with pytest.raises(SourceError, match="name one that exists"):
        build_index([origin], own)


def test_a_removed_paper_is_gone_whole_and_another_is_in_use(shared, namesakes):
    first, second = (build_index([path], shared).folder for path in namesakes)
    remove_paper(shared, second.name)
    assert (read_in_use(shared), [each.name for each in shared.papers_folder.glob("main*")]) == (first.name, ["main"])
    assert list(shared.papers_folder.glob(".gone-*")) == []


def test_a_removal_clears_away_what_a_killed_one_left(shared, source):
    folder = build_index([source], shared).folder
    (shared.papers_folder / ".gone-owls-1" / "originals").mkdir(parents=True)
    remove_paper(shared, folder.name)
    assert list(shared.papers_folder.glob(".gone-*")) == []


def test_the_last_paper_can_be_removed(shared, source):
    remove_paper(shared, build_index([source], shared).folder.name)
    with pytest.raises(NoIndexError, match="make one with"):
        find_folder(shared)


@pytest.mark.parametrize("change", [remove_paper, use_paper])
def test_a_home_on_a_read_only_disk_cannot_be_changed(shared, disk, source, change):
    settings = replace(shared, home=disk)
    (disk / "models").symlink_to(shared.models_folder, target_is_directory=True)
    build_index([source], settings)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(StorageError, match="Read-only file system"):
        change(settings, "rain")


@pytest.mark.parametrize("lock", ["build.lock", "fetch.lock"])
def test_a_paper_at_work_is_not_removed(shared, source, lock):
    folder = build_index([source], shared).folder
    with FileLock(folder / lock), pytest.raises(BuildRunningError):
        remove_paper(shared, folder.name)
    assert list_works(shared) == ["rain"]


CITING = "# Rain\n\nRain fell [1].\n\n## References\n\n[1] Pike, M. (1999). Nests. https://herons.example/nests\n"


def test_a_text_is_not_forgotten_while_others_are_fetched(own, source):
    source.write_text(CITING)
    folder = build_index([source], own).folder
    with FileLock(folder / "fetch.lock"), pytest.raises(BuildRunningError):
        forget_work(own, "1")


def test_the_text_of_an_entry_of_another_format_is_not_looked_for(own, source):
    source.write_text(CITING)
    manifest = find_bundle(build_index([source], own).folder) / MANIFEST_FILE
    manifest.write_text(re.sub(r'"format": \d+', '"format": 1', manifest.read_text()))
    with pytest.raises(ForeignIndexError):
        forget_work(own, "1")
