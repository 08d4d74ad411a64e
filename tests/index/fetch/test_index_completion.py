import asyncio
import json
import logging
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.fetch.completion import complete_reference, is_same_title
from index.fetch.download import Download, DownloadError
from index.fetch.registry import read_arxiv, read_crossref, read_csl, read_datacite
from index.model import Name, Reference


class Registries:
    """A fetcher that answers from a table by the host; a host that is not in it does not exist."""

    def __init__(self, **answers):
        self._answers = {name.replace("_", "."): answer for name, answer in answers.items()}
        self.asked = []

    async def get(self, url, *, accept=None, refresh=False, check_robots=True):
        self.asked.append((url, accept, check_robots))
        answer = self._answers.get(urlsplit(url).hostname, DownloadError("unreachable", "no such host"))
        if isinstance(answer, DownloadError):
            raise answer
        status, content = answer if isinstance(answer, tuple) else (200, answer)
        content = content if isinstance(content, bytes) else json.dumps(content).encode()
        return Download(
            url, url, status, {}, "application/json", content, "2026-01-01T00:00:00+00:00", from_cache=False
        )


def complete(reference, **answers):
    return asyncio.run(complete_reference(reference, Registries(**answers)))


def list_asked(reference, **answers):
    registries = Registries(**answers)
    asyncio.run(complete_reference(reference, registries))
    return registries.asked


ENTRY = Reference("3", "[3] doi:10.1000/rain", 0, 20, doi="10.1000/rain")
RAIN = Reference(
    "4", "Ito, M. (2021). Rain over Kyoto.", 0, 30, names=(Name("Ito", "M."),), authors="Ito, M.", year=2021,
    title="Rain over Kyoto in autumn",
)  # fmt: skip
CSL = {
    "title": "Rain over <i>Kyoto</i> in&nbsp;autumn",
    "author": [{"family": "Itō", "given": "Mika"}, {"literal": "Rain Group"}],
    "issued": {"date-parts": [[2021, 5, 3]]},
    "container-title": "Journal of Rain",
    "publisher": "Wet Press",
    "volume": "12",
    "issue": 3,
    "page": "1\u201319",
    "DOI": "10.1000/RAIN",
}
DATACITE = {
    "data": {
        "attributes": {
            "doi": "10.1000/rain",
            "titles": [{"title": "Rain data"}],
            "creators": [
                {"name": "Ito, Mika", "nameType": "Personal", "familyName": "Ito", "givenName": "Mika"},
                {"name": "Rain Group", "nameType": "Organizational"},
            ],
            "publicationYear": 2021,
            "publisher": {"name": "Zenodo"},
            "dates": [{"date": "2021-05-03T00:00:00Z", "dateType": "Issued"}],
            "container": {"title": "Rain archive", "volume": "1", "firstPage": "5", "lastPage": "9"},
        }
    }
}
ATOM = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom">
<entry><id>http://arxiv.org/abs/2411.09134v1</id><title>ABCI 3.0: Evolution of the
 leading AI infrastructure</title><published>2024-11-14T02:40:20Z</published>
<author><name>Ryousei Takano</name></author><author><name>Aristotle</name></author>
<arxiv:doi>10.1000/ABCI</arxiv:doi></entry></feed>"""


def test_the_answer_of_doi_org_fills_what_is_absent():
    found = complete(ENTRY, doi_org=CSL)
    assert (found.title, found.year, found.issued, found.container, found.publisher) == (
        "Rain over Kyoto in autumn", 2021, "2021-05-03", "Journal of Rain", "Wet Press",
    )  # fmt: skip


def test_numbers_and_dashes_are_read_as_entries_print_them():
    found = complete(ENTRY, doi_org=CSL)
    assert (found.volume, found.issue, found.pages) == ("12", "3", "1-19")


def test_people_and_bodies_are_told_apart():
    found = complete(ENTRY, doi_org=CSL)
    assert found.names == (Name("Itō", "Mika"), Name(literal="Rain Group"))


def test_authors_are_spelled_out():
    assert complete(ENTRY, doi_org=CSL).authors == "Mika Itō, Rain Group"


def test_every_field_that_was_filled_names_its_source():
    found = complete(ENTRY, doi_org=CSL)
    assert found.completed == dict.fromkeys(
        ["authors", "names", "year", "issued", "title", "container", "publisher", "volume", "issue", "pages"], "doi.org"
    )


def test_every_field_that_was_filled_has_a_confidence():
    found = complete(replace(ENTRY, confidence={"doi": 0.99}), doi_org=CSL)
    assert (found.confidence["doi"], found.confidence["title"]) == (0.99, 0.97)


def test_what_the_entry_prints_is_never_changed():
    printed = replace(ENTRY, title="Rain over Kyoto", year=2020, volume="11")
    found = complete(printed, doi_org=CSL)
    assert (found.raw, found.title, found.year, found.volume) == (ENTRY.raw, "Rain over Kyoto", 2020, "11")


def test_a_date_of_another_year_than_printed_is_left_out():
    assert complete(replace(ENTRY, title="Rain over Kyoto", year=2020), doi_org=CSL).issued is None


def test_a_complete_entry_is_not_asked_about():
    assert list_asked(replace(RAIN, container="Journal of Rain", doi="10.1000/rain")) == []


def test_doi_org_is_asked_for_csl_as_a_service():
    assert list_asked(ENTRY, doi_org=CSL) == [
        ("https://doi.org/10.1000/rain", "application/vnd.citationstyles.csl+json", False)
    ]


def test_crossref_is_asked_where_doi_org_is_silent():
    found = complete(ENTRY, doi_org=(500, b""), api_crossref_org={"message": {**CSL, "title": [CSL["title"]]}})
    assert (found.title, found.completed["title"]) == ("Rain over Kyoto in autumn", "Crossref")


def test_a_subtitle_belongs_to_the_title():
    told = {"message": {**CSL, "title": ["Rain"], "subtitle": ["A history"]}}
    assert complete(ENTRY, api_crossref_org=told).title == "Rain: A history"


def test_datacite_is_asked_last():
    found = complete(ENTRY, doi_org=(404, b""), api_crossref_org=(404, b""), api_datacite_org=DATACITE)
    assert (found.title, found.year, found.issued, found.publisher, found.pages, found.completed["year"]) == (
        "Rain data", 2021, "2021-05-03", "Zenodo", "5-9", "DataCite",
    )  # fmt: skip


def test_datacite_tells_people_from_bodies():
    found = complete(ENTRY, api_datacite_org=DATACITE)
    assert found.names == (Name("Ito", "Mika"), Name(literal="Rain Group"))


def test_arxiv_is_asked_about_its_ids():
    found = complete(Reference("8", "arXiv:2411.09134", 0, 16, arxiv="2411.09134"), export_arxiv_org=ATOM)
    assert (found.title, found.issued, found.doi, found.completed["title"]) == (
        "ABCI 3.0: Evolution of the leading AI infrastructure", "2024-11-14", "10.1000/abci", "arXiv",
    )  # fmt: skip


def test_names_from_arxiv_are_taken_apart_at_the_last_word():
    found = complete(Reference("8", "arXiv:2411.09134", 0, 16, arxiv="2411.09134"), export_arxiv_org=ATOM)
    assert found.names == (Name("Takano", "Ryousei"), Name(literal="Aristotle"))


def test_a_doi_that_arxiv_gave_is_asked_of_arxiv_when_the_registries_are_silent():
    found = complete(replace(ENTRY, doi="10.48550/arxiv.2411.09134"), export_arxiv_org=ATOM)
    assert (found.year, found.doi, found.arxiv) == (2024, "10.48550/arxiv.2411.09134", "2411.09134")


def test_an_id_that_arxiv_does_not_know_completes_nothing():
    entry = Reference("8", "arXiv:2411.09134", 0, 16, arxiv="2411.09134")
    error = ATOM.replace(b"ABCI 3.0: Evolution of the\n leading AI infrastructure", b"Error")
    assert complete(entry, export_arxiv_org=error) == entry


def test_a_doi_of_another_work_is_not_believed():
    printed = replace(ENTRY, title="Batteries of solid glass", names=(Name("Braun", "E."),))
    assert complete(printed, doi_org=CSL) == printed


def test_a_doi_of_another_work_is_logged(caplog):
    caplog.set_level(logging.INFO)
    complete(replace(ENTRY, title="Batteries of solid glass"), doi_org=CSL)
    assert "https://doi.org/10.1000/rain speaks of 'Rain over Kyoto in autumn', not of entry 3" in caplog.text


def test_a_translated_title_of_the_same_author_is_believed():
    printed = replace(ENTRY, title="Regen im Herbst", names=(Name("Ito", "M."),))
    assert complete(printed, doi_org=CSL).container == "Journal of Rain"


def search(**changes):
    return {"message": {"items": [{**CSL, **changes}]}}


def test_an_entry_without_identifier_is_searched_by_its_words():
    ((url, _, check_robots),) = list_asked(RAIN, api_crossref_org=search())
    asked = parse_qs(urlsplit(url).query)
    assert (asked["query.bibliographic"], asked["rows"], check_robots) == (
        ["Rain over Kyoto in autumn ito  2021"], ["3"], False,
    )  # fmt: skip


def test_a_find_of_the_same_title_year_and_author_gives_the_doi():
    found = complete(RAIN, api_crossref_org=search())
    assert (found.doi, found.completed["doi"], found.confidence["doi"]) == ("10.1000/rain", "Crossref", 0.85)


def test_the_find_that_agrees_is_taken_wherever_it_stands():
    items = [{**CSL, "title": "Snow over Kyoto in winter", "DOI": "10.1000/snow"}, CSL]
    assert complete(RAIN, api_crossref_org={"message": {"items": items}}).doi == "10.1000/rain"


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Rain over Osaka in spring"},
        {"issued": {"date-parts": [[2018]]}},
        {"issued": None},
        {"author": [{"family": "Sato", "given": "M."}]},
        {"author": None},
    ],
)
def test_a_find_that_does_not_agree_in_all_is_left(changes):
    assert complete(RAIN, api_crossref_org=search(**changes)) == RAIN


@pytest.mark.parametrize("absent", [{"year": None}, {"title": None}, {"names": (), "authors": None}])
def test_too_few_words_are_not_searched(absent):
    assert list_asked(replace(RAIN, **absent)) == []


def test_a_web_page_is_not_searched():
    assert list_asked(replace(RAIN, url="https://news.org/rain")) == []


@pytest.mark.parametrize("state", ["unreachable", "offline", "blocked_by_robots"])
def test_a_registry_that_cannot_be_asked_leaves_the_entry_as_it_is(state):
    assert complete(ENTRY, doi_org=DownloadError(state, "no answer")) == ENTRY


HOSTILE = {
    "nothing": b"",
    "html": b"<html>Sign in</html>",
    "deep": b"[" * 200_000,
    "deep object": b'{"a":' * 200_000,
    "huge": b'{"title": "' + b"x" * 3_000_000 + b'"}',
    "list": [CSL],
    "no title": {**CSL, "title": None},
    "number": b"1" * 10_000,
    "wrong types": {"title": {"a": 1}, "author": "Ito", "issued": [2021], "message": 3, "data": [1]},
    "entities": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><feed xmlns="http://www.w3.org/2005/Atom">'
    b"<entry><title>&b;</title></entry></feed>",
}


@pytest.mark.parametrize("answer", HOSTILE)
@pytest.mark.parametrize("entry", [ENTRY, RAIN, Reference("8", "arXiv:2411.09134", 0, 16, arxiv="2411.09134")])
def test_a_hostile_answer_leaves_the_entry_as_it_is(answer, entry):
    told = HOSTILE[answer]
    hosts = dict.fromkeys(["doi_org", "api_crossref_org", "api_datacite_org", "export_arxiv_org"], told)
    assert complete(entry, **hosts) == entry


def test_a_hostile_answer_is_logged(caplog):
    caplog.set_level(logging.INFO)
    complete(ENTRY, doi_org=[CSL])
    assert "https://doi.org/10.1000/rain answers what describes no work" in caplog.text


def test_odd_parts_of_an_answer_are_left_out_and_the_rest_is_taken():
    told = {**CSL, "author": [3, {"family": ["Ito"]}, {}], "issued": {"date-parts": [["x"]]}, "volume": {"a": 1}}
    found = complete(ENTRY, doi_org=told)
    assert (found.title, found.names, found.year, found.volume) == (
        "Rain over Kyoto in autumn",
        (Name("Ito"),),
        None,
        None,
    )


@pytest.mark.parametrize(
    ("parts", "issued"),
    [([2021], "2021"), ([2021, 5], "2021-05"), (["2021", "05", "03"], "2021-05-03"), ([2021, 13, 3], "2021"),
     ([2021, 5, 99], "2021-05"), ([99999], None), ([None], None), ([], None), ([2021, None, 3], "2021")],
)  # fmt: skip
def test_a_date_is_read_as_far_as_it_makes_sense(parts, issued):
    assert read_csl(json.dumps({**CSL, "issued": {"date-parts": [parts]}}).encode())[0].issued == issued


FIELDS = (
    "title author issued date-parts message items data attributes titles creators dates date dateType container family"
    " name publisher DOI page"
).split()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(FIELDS),
        inner,
        max_size=5,
    ),
    max_leaves=30,
)  # fmt: skip


@given(JSON)
def test_no_json_breaks_the_reading(value):
    content = json.dumps(value).encode()
    for read in (read_csl, read_crossref, read_datacite):
        assert all(work.title for work in read(content))


@given(st.binary(max_size=300) | st.binary(max_size=50).map(lambda part: ATOM[:400] + part + ATOM[400:]))
def test_no_bytes_break_the_reading(content):
    for read in (read_csl, read_crossref, read_datacite, read_arxiv):
        assert all(work.title for work in read(content))


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Rain over Kyoto", "RAIN OVER KYOTO.", True),
        ("Über den Regen", "Uber den Regen", True),
        ("Rain over Kyoto in autumn", "Rain over Kyoto in autum", True),
        ("Rain over Kyoto, part I", "Snow over Osaka, part I", False),
    ],
)
def test_titles_are_compared_by_their_letters(first, second, same):
    assert is_same_title(first, second) is same


def test_what_a_registry_answers_holds_no_character_that_is_no_text():
    answer = b'{"title": "Rain \\ud800 fell", "author": [{"family": "Lee\\u001b[31m", "given": "Ann"}]}'
    [work] = read_csl(answer)
    assert (work.title, work.authors) == ("Rain fell", "Ann Lee[31m")
