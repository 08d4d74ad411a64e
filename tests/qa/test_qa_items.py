"""What is cited, as CSL-JSON."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.model import Name, Outcome, Provenance, Reference, Work
from index.references import parse_reference
from qa.items import make_item, name_keys

READ = Provenance(
    "landing_page", "https://a.org/x", "https://a.org/y", "2025-06-01T10:00:00+00:00", 200, "text/html", "0", 1
)
PAGE = "7. Rain Office. (2021). Hail. https://rain.example.org/hail"
ARTICLE = (
    "2. Rain, A., & Snow, B. (2020, May 3). Hail on hills. Wet Science, 12(3), 4–15. https://doi.org/10.1000/Wet.1"
)


def read(entry):
    return parse_reference(entry, 0, 1)


def outcome(**fields):
    return Outcome("indexed", provenance=replace(READ, **fields))


def test_the_seed_papers_author_is_parted_and_its_title_is_as_printed(paper):
    csl = make_item(paper.work, None).csl
    assert csl["author"] == [{"family": "Tran", "given": "Anh Cong"}]
    assert csl["title"].startswith("SCIENTIFIC AND TECHNOLOGICAL COOPERATION")
    assert (csl["issued"], csl["DOI"]) == ({"date-parts": [[2025]]}, "10.37602/ijssmr.2025.8436")


def test_an_entry_with_its_text_takes_the_texts_facts_and_the_entrys_place():
    work = Work(
        "reference-2", "reference", "Hail on Hills", authors=("Ann Rain", "Bo Snow"), year=2020, url="https://x.org"
    )
    csl = make_item(work, read(ARTICLE)).csl
    assert (csl["title"], csl["volume"], csl["page"]) == ("Hail on Hills", "12", "4-15")
    assert csl["author"] == [{"family": "Rain", "given": "Ann"}, {"family": "Snow", "given": "Bo"}]
    assert csl["issued"] == {"date-parts": [[2020, 5, 3]]}
    assert csl["URL"] == "https://doi.org/10.1000/Wet.1"


def test_a_year_of_the_texts_own_replaces_the_entrys_date():
    work = Work("reference-2", "reference", "Hail on Hills", year=2021)
    assert make_item(work, read(ARTICLE)).csl["issued"] == {"date-parts": [[2021]]}


def test_a_page_that_was_read_has_the_day():
    assert make_item(None, read(PAGE), outcome()).csl["accessed"] == {"date-parts": [[2025, 6, 1]]}


@pytest.mark.parametrize(
    ("entry", "read_as"),
    [(ARTICLE, outcome()), (PAGE, outcome(route="by_hand")), (PAGE, None), (PAGE, Outcome())],
)
def test_what_does_not_change_or_was_not_read_on_the_web_has_no_day(entry, read_as):
    assert "accessed" not in make_item(None, read(entry), read_as).csl


def test_a_printed_day_goes_before_that_of_reading():
    entry = read("Rain Office. (2021). Hail. Retrieved May 3, 2024, from https://rain.example.org/hail")
    assert make_item(None, entry, outcome()).csl["accessed"] == {"date-parts": [[2024, 5, 3]]}


def test_an_archived_copy_is_told_with_its_address_and_the_original_is_cited():
    got = "https://web.archive.org/web/2022/https://rain.example.org/hail"
    work = Work("reference-7", "reference", "Hail", year=2021, url=got)
    item = make_item(work, read(PAGE), outcome(route="archive", got=got))
    assert item.notes == (f"Hail: what was read is an archived copy, {got}",)
    assert (item.csl["note"], item.csl["URL"]) == (f"Archived copy at {got}", "https://rain.example.org/hail")


@pytest.mark.parametrize("doi", ["10.48550/arxiv.2411.09134", None])
def test_a_preprint_has_its_number_and_its_publisher(doi):
    work = Work(
        "w", "paper", "ABCI", authors=("Ada Lovelace",), year=2024, doi=doi, url="https://arxiv.org/abs/2411.09134"
    )
    csl = make_item(work, None).csl
    assert (csl["type"], csl["number"], csl["publisher"]) == ("article", "arXiv:2411.09134", "arXiv")


def test_a_paper_in_a_journal_is_an_article():
    work = Work("w", "paper", "T", doi="10.1000/x", container="Wet Science")
    assert make_item(work, None).csl["type"] == "article-journal"


def test_a_site_that_is_its_own_author_is_named_once():
    entry = Reference(
        "1", "", 0, 1, names=(Name(literal="Wired"),), title="T", container="WIRED", url="https://w.com/x"
    )
    assert "container-title" not in make_item(None, entry).csl
    assert make_item(None, replace(entry, container="Wired Weekly")).csl["container-title"] == "Wired Weekly"


def test_an_address_alone_is_called_a_page_and_told():
    item = make_item(None, read("1. <https://www.mofa.go.jp/science.html>"))
    assert item.csl["title"] == "[Web page at www.mofa.go.jp]"
    assert item.notes == ("entry 1 prints no title",)


def test_an_entry_that_is_not_understood_is_cited_as_printed_and_told():
    entry = Reference("4", "[4] see the old almanac, passim", 0, 1)
    item = make_item(None, entry)
    assert item.csl["title"] == "see the old almanac, passim"
    assert item.notes == ("entry 4 could not be taken apart; it is cited as printed",)


def test_a_vietnamese_title_says_its_language():
    work = Work("w", "paper", "Các công ty Nhật Bản và Mỹ")
    assert make_item(work, None).csl["language"] == "vi"


@given(st.text(), st.text(min_size=1), st.text())
def test_each_value_is_on_one_line(title, author, holder):
    csl = make_item(Work("w", "paper", title, authors=(author,), container=holder), None).csl
    values = [
        csl.get("title", ""),
        csl.get("container-title", ""),
        *(part for name in csl.get("author", []) for part in name.values()),
    ]
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", "".join(values))
    assert csl.get("title") or csl["author"]


def item_of(name, title, year=2020):
    entry = Reference("", "", 0, 1, names=(Name(family=name),) if name else (), title=title or None, year=year)
    return make_item(None, entry)


@pytest.mark.parametrize(
    ("name", "title", "key"),
    [
        ("Tran", "SCIENTIFIC AND …", "tran2020scientific"),
        ("Đặng-Ø'Łukasz", "The hail", "dangolukasz2020hail"),
        ("山田", "本", "w"),
        ("山田", "The 5G book", "20205g"),
    ],
)
def test_a_key_is_family_year_and_word_in_ascii(name, title, key):
    assert name_keys({"w": item_of(name, title)})["w"].csl["id"] == key


def test_a_work_without_a_year_has_a_key():
    assert name_keys({"w": make_item(Work("w", "paper", "On hail"), None)})["w"].csl["id"] == "ndhail"


def test_a_key_stays_when_the_text_of_its_work_has_come():
    work = Work("reference-2", "reference", "Other Words", authors=("Ann Lee",), year=2021)
    keys = [name_keys({"w": make_item(held, read(ARTICLE))})["w"].csl["id"] for held in (None, work)]
    assert keys == ["rain2020hail", "rain2020hail"]


def test_an_entry_of_a_journal_without_a_title_needs_none():
    entry = Reference(
        "3", "A. Rain, Wet Sci. 12, 4 (2020)", 0, 1, names=(Name("Rain", "A."),), year=2020, container="Wet Sci."
    )
    item = make_item(None, entry)
    assert "title" not in item.csl
    assert item.notes == ("entry 3 prints no title",)


@given(
    st.lists(
        st.tuples(st.sampled_from(["Rain", "Ráin", "山", ""]), st.sampled_from(["Hail", "hail-2", "本", ""])),
        max_size=12,
    )
)
def test_keys_are_unique_ascii_and_do_not_hang_on_what_comes_later(works):
    items = {f"entry {n}": item_of(*work) for n, work in enumerate(works)}
    keys = [item.csl["id"] for item in name_keys(items).values()]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]*", key) for key in keys)
    some = dict(list(items.items())[: len(items) // 2])
    assert [item.csl["id"] for item in name_keys(some).values()] == keys[: len(some)]
