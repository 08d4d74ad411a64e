import hashlib

import pytest

from index.accessions import Accessions
from index.build import build_index, rebuild_index
from index.bundle import open_index
from index.families import stamp_by_hand, stamp_shelf
from index.holdings import load_holdings, open_shelf_of
from index.library import BY_HAND_FOLDER, load_original, load_paper
from index.model import Outcome, Provenance
from index.paper import parse_paper
from index.settings import Settings

PAPER = """# On Weather

Rain falls on hills [1]. Snow falls on mountains [2]. Hail falls on cars [3], as was said before [4].

## References

[1] Smith, S. (2020). Rain on hills. Wet Press. https://rain.example/hills

[2] Lee, L. (2021). Snow on mountains. Cold Press. https://snow.example/mountains

[3] Doe, D. (2022). Hail on cars. Hard Press. https://hail.example/cars

[4] Smith, S. (2020). Rain on hills. Wet Press. https://rain.example/hills
"""
PAGE = "<html><head><title>{0}</title></head><body><article><h1>{0}</h1><p>{1}</p></article></body></html>"
RAIN = PAGE.format(
    "Rain on hills", "Rain fell on the hills of Wales for forty days, and the sheep stood in the barn. " * 4
)


@pytest.fixture
def paper():
    return parse_paper(PAPER, document_id="weather")


@pytest.fixture
def by_hand(tmp_path):
    folder = tmp_path / BY_HAND_FOLDER
    folder.mkdir()
    return folder


def fetched(content, url, state="indexed", route="landing_page"):
    sha256 = hashlib.sha256(content).hexdigest()
    return Outcome(
        state, provenance=Provenance(route, url, url, "2026-11-23T10:00:00Z", 200, "text/html", sha256, len(content))
    )


def put_on_shelf(folder, paper, number, content, url):
    entry = next(entry for entry in paper.references if entry.number == number)
    open_shelf_of(folder, paper.work.id).save(entry, fetched(content, url), content)


def list_states(holdings):
    return {number: outcome.state for number, outcome in holdings.outcomes["weather"].items()}


def test_a_file_put_in_by_hand_is_the_text_of_its_entry(paper, tmp_path, by_hand):
    (by_hand / "2.txt").write_text("Snow fell on the Alps.")
    held = load_holdings(paper, tmp_path, by_hand)
    assert [(d.work.id, d.work.entries, d.text) for d in held.documents[1:]] == [
        ("reference-2", ("2",), "Snow fell on the Alps.")
    ]


def test_it_is_said_to_be_put_in_by_hand(paper, tmp_path, by_hand):
    (by_hand / "2.txt").write_text("Snow fell on the Alps.")
    found = load_holdings(paper, tmp_path, by_hand).outcomes["weather"]["2"]
    assert (found.state, found.provenance.route, found.provenance.got) == ("by_hand", "by_hand", "2.txt")


def test_what_a_text_does_not_say_of_itself_the_entry_says(paper, tmp_path, by_hand):
    (by_hand / "2.txt").write_text("snow fell on the alps.\n\nand it stayed there.")
    work = load_holdings(paper, tmp_path, by_hand).documents[1].work
    assert (work.kind, work.cited_by, work.title, work.authors, work.year, work.url) == (
        *("reference", "weather", "Snow on mountains", ("L. Lee",), 2021),
        "https://snow.example/mountains",
    )


def test_each_fact_says_where_it_is_from(paper, tmp_path, by_hand):
    (by_hand / "2.txt").write_text("snow fell on the alps.\n\nand it stayed there.")
    assert load_holdings(paper, tmp_path, by_hand).documents[1].work.provenance["year"] == "entry 2 of the paper"


def test_a_fetched_text_is_linked_to_where_it_was_got(paper, tmp_path):
    put_on_shelf(tmp_path, paper, "1", RAIN.encode(), "https://rain.example/hills?from=doi")
    held = load_holdings(paper, tmp_path, None)
    assert (held.documents[1].work.url, "forty days" in held.documents[1].text) == (
        "https://rain.example/hills?from=doi",
        True,
    )


def test_entries_that_are_one_work_share_its_text(paper, tmp_path):
    put_on_shelf(tmp_path, paper, "1", RAIN.encode(), "https://rain.example/hills")
    held = load_holdings(paper, tmp_path, None)
    assert (held.documents[1].work.entries, list_states(held)) == (("1", "4"), {"1": "indexed", "4": "indexed"})


def test_equal_texts_are_one_work(paper, tmp_path):
    put_on_shelf(tmp_path, paper, "1", RAIN.encode(), "https://rain.example/hills")
    put_on_shelf(tmp_path, paper, "3", RAIN.encode(), "https://copy.example/hills")
    held = load_holdings(paper, tmp_path, None)
    assert [document.work.entries for document in held.documents[1:]] == [("1", "3", "4")]


def test_what_was_put_in_by_hand_goes_before_what_was_fetched(paper, tmp_path, by_hand):
    put_on_shelf(tmp_path, paper, "1", RAIN.encode(), "https://rain.example/hills")
    (by_hand / "1.txt").write_text("Rain fell on Scotland.")
    held = load_holdings(paper, tmp_path, by_hand)
    assert (held.documents[1].text, list_states(held)["1"]) == ("Rain fell on Scotland.", "by_hand")


def test_a_file_that_cannot_be_read_is_an_outcome_and_the_others_stay(paper, tmp_path, by_hand):
    (by_hand / "1.pdf").write_bytes(b"%PDF-1.7 and no more")
    (by_hand / "2.txt").write_text("Snow fell on the Alps.")
    held = load_holdings(paper, tmp_path, by_hand)
    assert (list_states(held)["1"], [d.work.entries for d in held.documents[1:]]) == ("unreadable", [("2",)])


def test_a_text_that_was_changed_on_the_shelf_counts_as_not_fetched(paper, tmp_path):
    put_on_shelf(tmp_path, paper, "3", RAIN.encode(), "https://rain.example/hills")
    text = next(tmp_path.glob("shelf/weather/texts/*"))
    text.write_bytes(text.read_bytes().replace(b"Wales", b"Spain"))
    assert list_states(load_holdings(paper, tmp_path, None)) == {"3": "not_fetched"}


def stamp_texts(folder, by_hand):
    known = Accessions()
    return stamp_shelf(folder, "weather", known), stamp_by_hand(by_hand, known)


def test_the_stamp_changes_with_each_text(paper, tmp_path, by_hand):
    stamps = [stamp_texts(tmp_path, by_hand)]
    (by_hand / "2.txt").write_text("Snow fell.")
    stamps.append(stamp_texts(tmp_path, by_hand))
    (by_hand / "2.txt").write_text("Snow melted.")
    stamps.append(stamp_texts(tmp_path, by_hand))
    put_on_shelf(tmp_path, paper, "1", RAIN.encode(), "https://rain.example/hills")
    stamps.append(stamp_texts(tmp_path, by_hand))
    assert len({repr(stamp) for stamp in stamps}) == 4


@pytest.fixture
def own(tmp_path, model_folder):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "models").symlink_to(model_folder.parent, target_is_directory=True)
    return Settings(home=tmp_path / "home")


@pytest.fixture
def source(tmp_path):
    (tmp_path / "weather.md").write_text(PAPER)
    return tmp_path / "weather.md"


@pytest.mark.model
def test_the_folder_beside_a_paper_is_used(own, source, by_hand):
    (by_hand / "2.txt").write_text("Snow fell on the Alps.")
    build_index([source], own)
    assert [work.id for work in open_index(own).corpus.list_works()] == ["weather", "reference-2"]


@pytest.mark.model
def test_a_file_put_in_later_is_used_by_the_next_build_and_nothing_else_is_encoded(own, source, by_hand):
    build_index([source], own)
    (by_hand / "2.txt").write_text("Snow fell on the Alps.")
    built = build_index([source], own)
    assert (built.encoded, built.manifest.documents) == (1, 2)


@pytest.mark.model
def test_a_rebuild_needs_no_file_but_those_that_were_kept(own, source):
    build_index([source], own)
    source.unlink()
    assert rebuild_index(own, fresh=True).manifest.documents == 1


@pytest.mark.model
def test_what_became_of_the_entries_is_in_the_index(own, source, by_hand):
    (by_hand / "2.txt").write_text("Snow fell on the Alps.")
    build_index([source], own)
    found = open_index(own).corpus.load_outcomes("weather")
    assert [(number, outcome.state) for number, outcome in found.items()] == [("2", "by_hand")]


@pytest.mark.model
def test_the_paper_is_kept_as_it_was_read(own, source):
    folder = build_index([source], own).folder
    assert load_original(folder, load_paper(folder).originals[0]).decode() == PAPER


def test_what_read_a_text_is_kept(paper, tmp_path):
    put_on_shelf(tmp_path, paper, "3", RAIN.encode(), "https://rain.example/hills")
    outcome = load_holdings(paper, tmp_path, None).outcomes["weather"]["3"]
    assert outcome.provenance.extractor.startswith("trafilatura ")


def test_a_work_has_an_id_that_no_paper_has(tmp_path, by_hand):
    (by_hand / "1.txt").write_text("Rain fell on Wales.")
    paper = parse_paper(PAPER, document_id="reference-1")
    held = load_holdings(paper, tmp_path, by_hand)
    assert [document.work.id for document in held.documents] == ["reference-1", "reference-1-of-reference-1"]


@pytest.mark.parametrize(("is_first", "expected"), [(True, "reference-3"), (False, "reference-3-of-weather")])
def test_a_work_of_a_further_paper_names_its_paper(paper, tmp_path, is_first, expected):
    put_on_shelf(tmp_path, paper, "3", RAIN.encode(), "https://rain.example/hills")
    held = load_holdings(paper, tmp_path, is_first=is_first)
    assert held.documents[1].work.id == expected


def test_works_of_papers_whose_names_begin_alike_have_ids_of_their_own(tmp_path, by_hand):
    (by_hand / "1.txt").write_text("Rain fell on Wales.")
    papers = [parse_paper(PAPER, document_id=f"{'a' * 79}{end}") for end in "bc"]
    held = [load_holdings(each, tmp_path, by_hand, is_first=False) for each in papers]
    assert len({document.work.id for each in held for document in each.documents}) == 4


def test_entries_of_two_lists_with_the_same_numbers_have_texts_of_their_own(tmp_path):
    lists = [
        "## References\n\n[1] Lee, L. (2021). Boats. Wet Press. https://boats.example/a",
        "# Second part\n\nSo it was [1].\n\n## References\n\n[1] Doe, D. (2022). Mills. Dry Press. https://mills.example/b",
    ]
    paper = parse_paper("# First part\n\nIt was [1].\n\n" + "\n\n".join(lists), document_id="weather")
    put_on_shelf(tmp_path, paper, "1-2", RAIN.encode(), "https://mills.example/b")
    held = load_holdings(paper, tmp_path, None)
    assert [entry.number for entry in paper.references] == ["1", "1-2"]
    assert [(d.work.url, d.work.entries) for d in held.documents[1:]] == [("https://mills.example/b", ("1-2",))]


def test_a_link_out_of_the_folder_is_not_followed(paper, tmp_path, by_hand):
    (tmp_path / "secret.txt").write_text("The password is heron.")
    (by_hand / "1.txt").symlink_to(tmp_path / "secret.txt")
    assert len(load_holdings(paper, tmp_path, by_hand).documents) == 1


def test_a_file_that_names_no_entry_is_told(paper, tmp_path, by_hand, caplog):
    (by_hand / "99.txt").write_text("Nobody asked for this.")
    load_holdings(paper, tmp_path, by_hand)
    assert "99.txt is not used: it names no entry of the paper" in caplog.text
