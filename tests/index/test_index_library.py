import pytest

from index.errors import DamagedIndexError, NoIndexError, PaperError, StorageError
from index.library import (
    Original,
    Paper,
    choose_folder,
    find_folder,
    find_name,
    has_paper,
    list_papers,
    load_original,
    load_paper,
    read_in_use,
    reserve_folder,
    save_paper,
    set_aside,
    use_paper,
)
from index.model import Provenance
from index.settings import Settings


@pytest.fixture
def own(tmp_path):
    return Settings(home=tmp_path)


def original(name, origin=None, content=b"Rain fell."):
    return Original(origin or f"/{name}.txt", name, f"{len(content):064x}", "")


def put(settings, name, title="", content=b"Rain fell."):
    folder = settings.papers_folder / name
    save_paper(folder, Paper(name, title or name, (original(name, content=content),), None), [lambda: content])
    use_paper(settings, name)
    return folder


def test_what_a_paper_was_built_from_is_kept(own):
    folder = put(own, "rain")
    paper = load_paper(folder)
    assert (paper, load_original(folder, paper.originals[0])) == (
        Paper("rain", "rain", (original("rain"),), None),
        b"Rain fell.",
    )


def test_what_it_was_built_from_before_is_dropped(own):
    folder = put(own, "rain")
    put(own, "rain", content=b"Snow fell on it.")
    assert len(list((folder / "originals").iterdir())) == 1


@pytest.mark.parametrize("name", ["thesis.pdf", "f" * 64])
def test_a_file_among_the_originals_that_no_record_named_is_left(own, name):
    folder = put(own, "rain")
    (folder / "originals" / name).write_bytes(b"Mine.")
    put(own, "rain", content=b"Snow fell on it.")
    assert (folder / "originals" / name).read_bytes() == b"Mine."


def test_a_record_that_names_a_file_elsewhere_removes_nothing(own, tmp_path):
    (tmp_path / "mine").write_text("Mine.")
    folder = put(own, "rain")
    save_paper(folder, Paper("rain", "", (Original("/a", "rain", "../../../mine", ""),), None), [lambda: b"Rain fell."])
    put(own, "rain")
    assert (tmp_path / "mine").read_text() == "Mine."


def test_how_a_paper_was_fetched_is_kept(own):
    came = Provenance("doi", "https://doi.org/10.1/a", "https://a.example/", "2024-05-03", 200, "text/html", "0", 9)
    paper = Paper("rain", "On Rain", (Original("10.1/a", "rain", "0" * 64, "", came),), None)
    save_paper(own.papers_folder / "rain", paper, [lambda: b"Rain fell."])
    assert load_paper(own.papers_folder / "rain") == paper


def test_the_paper_built_last_is_in_use(own):
    put(own, "rain")
    put(own, "snow")
    assert (read_in_use(own), find_folder(own)) == ("snow", own.papers_folder.resolve() / "snow")


def test_another_paper_is_used_by_a_part_of_its_name(own):
    put(own, "rain-in-spain")
    put(own, "snow")
    use_paper(own, find_name(own, "spain"))
    assert read_in_use(own) == "rain-in-spain"


def test_a_paper_is_found_by_a_part_of_its_title(own):
    put(own, "a", title="On Rain")
    put(own, "b", title="On Snow")
    assert find_name(own, "snow") == "b"


def test_a_whole_name_goes_before_a_part_of_another(own):
    put(own, "rain")
    put(own, "rain-2")
    assert find_name(own, "rain") == "rain"


def test_the_setting_names_the_paper(own):
    put(own, "rain")
    put(own, "snow")
    assert find_folder(Settings(home=own.home, paper="rain")) == own.papers_folder / "rain"


@pytest.mark.parametrize("wanted", ["hail", "a", ""])
def test_a_name_of_none_or_of_several_lists_those_that_there_are(own, wanted):
    put(own, "rain")
    put(own, "hay")
    with pytest.raises(PaperError, match=r"no single paper goes by .*; name one of: hay, rain"):
        find_name(own, wanted)


def test_an_empty_home_asks_for_a_paper(own):
    with pytest.raises(NoIndexError, match="make one with `ibid build`"):
        find_folder(own)


def test_a_name_in_an_empty_home_asks_for_a_paper(own):
    with pytest.raises(PaperError, match="make one with `ibid build`"):
        find_name(own, "rain")


def test_the_same_file_is_the_same_paper(own):
    put(own, "rain")
    assert choose_folder(own, [original("rain")]) == own.papers_folder / "rain"


def test_another_file_of_the_same_name_is_another_paper(own):
    put(own, "rain")
    assert choose_folder(own, [original("rain", "/elsewhere/rain.txt")]) == own.papers_folder / "rain-00000000"


def test_a_third_file_of_the_same_name_and_content_is_another_paper(own):
    put(own, "rain")
    save_paper(
        own.papers_folder / "rain-00000000",
        Paper("rain-00000000", "", (original("rain", "/b/rain"),), None),
        [lambda: b""],
    )
    assert choose_folder(own, [original("rain", "/c/rain")]) == own.papers_folder / "rain-00000000-2"


def test_a_folder_that_is_kept_for_a_paper_is_not_chosen_for_another(own):
    assert reserve_folder(
        own.papers_folder / "rain", Paper("rain", "", (original("rain"),), None), [lambda: b"Rain fell."]
    )
    assert choose_folder(own, [original("rain", "/elsewhere/rain.txt")]) == own.papers_folder / "rain-00000000"


def test_a_folder_that_is_there_is_not_kept_again(own):
    folder = put(own, "rain")
    kept = reserve_folder(folder, Paper("rain", "", (original("rain", "/elsewhere"),), None), [lambda: b"Rain fell."])
    assert (kept, load_paper(folder).originals) == (False, (original("rain"),))


def test_a_paper_whose_record_cannot_be_read_is_left_out(own, caplog):
    put(own, "rain")
    (put(own, "snow") / "paper.json").write_text("{")
    assert [paper.name for paper in list_papers(own)] == ["rain"]
    assert "the paper snow is left out" in caplog.text


def test_a_paper_whose_record_cannot_be_read_goes_by_its_whole_name(own):
    (put(own, "snow") / "paper.json").write_text("{")
    assert (find_name(own, "snow"), has_paper(own, "sno")) == ("snow", False)


def test_a_folder_whose_record_cannot_be_read_is_chosen_again(own):
    (put(own, "rain") / "paper.json").write_text("{")
    assert choose_folder(own, [original("rain")]) == own.papers_folder / "rain"


@pytest.mark.parametrize("name", ["", ".", "..", "../papers/rain", "rain/originals", "a" * 5000, "\0"])
def test_what_is_no_name_of_a_folder_is_no_paper(own, name):
    put(own, "rain")
    assert not has_paper(own, name)


def test_a_link_to_a_paper_that_is_gone_asks_for_another(own):
    put(own, "rain")
    folder = put(own, "snow")
    folder.rename(own.home / "elsewhere")
    with pytest.raises(NoIndexError, match="choose a paper with `ibid use`"):
        find_folder(own)


def test_a_paper_that_is_set_aside_is_none_of_the_home(own):
    put(own, "rain")
    (gone,) = set_aside(own, "rain")
    assert (gone.is_dir(), list_papers(own), has_paper(own, gone.name)) == (True, (), False)


def test_a_home_in_the_place_of_which_a_file_lies_is_a_storage_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot write to"):
        use_paper(Settings(home=tmp_path / "file"), "rain")


def test_a_folder_of_ones_own_is_the_paper_s(own, tmp_path):
    settings = Settings(home=own.home, index=tmp_path / "here")
    assert (choose_folder(settings, [original("rain")]), find_folder(settings)) == (tmp_path / "here",) * 2


def test_when_the_paper_in_use_is_removed_another_is_put_in_use(own):
    put(own, "rain")
    put(own, "snow")
    set_aside(own, "snow")
    assert ([paper.name for paper in list_papers(own)], read_in_use(own)) == (["rain"], "rain")


def test_when_another_is_removed_the_paper_in_use_stays(own):
    put(own, "rain")
    put(own, "snow")
    set_aside(own, "rain")
    assert read_in_use(own) == "snow"


def test_when_the_last_paper_is_removed_none_is_in_use(own):
    put(own, "rain")
    set_aside(own, "rain")
    with pytest.raises(NoIndexError):
        read_in_use(own)


def test_an_index_of_an_earlier_version_is_kept_aside(own):
    (own.home / "index").mkdir()
    (own.home / "index" / "current").write_text("bundle-1")
    put(own, "rain")
    assert (read_in_use(own), (own.home / "index.old" / "current").read_text()) == ("rain", "bundle-1")


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"originals": [1]}', '{"name": "a", "originals": []}'])
def test_a_record_of_something_else_is_damaged(own, content):
    folder = put(own, "rain")
    (folder / "paper.json").write_text(content)
    with pytest.raises(DamagedIndexError, match=r"paper\.json cannot be read; rebuild it"):
        load_paper(folder)


def test_an_original_that_is_gone_is_named(own):
    folder = put(own, "rain")
    (folder / "originals" / original("rain").sha256).unlink()
    with pytest.raises(DamagedIndexError, match="is missing; rebuild it"):
        load_original(folder, original("rain"))
