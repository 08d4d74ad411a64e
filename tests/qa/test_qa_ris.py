"""RIS, re-read by rispy."""

import json
import re
from pathlib import Path

import pytest
import rispy
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.items import clean_text
from qa.ris import write_ris

ITEM = {
    "id": "rain2020hail",
    "type": "article-journal",
    "title": "Hail on <i>hills</i>",
    "author": [{"family": "Rain", "given": "Ann"}, {"literal": "Hail Office, North"}],
    "container-title": "Wet Science",
    "volume": "12",
    "issue": "3",
    "page": "4–15",
    "DOI": "10.1000/wet;1",
    "URL": "https://rain.example.org/a%20b?c=d&e#f",
    "issued": {"date-parts": [[2020, 5, 3]]},
    "accessed": {"date-parts": [[2024, 1]]},
    "note": "Archived copy at https://web.archive.org/x",
}
TEXTS = st.text(alphabet="ER -TYAU\n\r\t\x0b\x0c\x1c\x85\u2028\0{}&%é山;,", min_size=1) | st.text(min_size=1)


def test_a_record_has_all_fields_of_its_item():
    (record,) = rispy.loads(write_ris([ITEM]))
    assert record == {
        "type_of_reference": "JOUR",
        "id": "rain2020hail",
        "title": "Hail on hills",
        "authors": ["Rain, Ann", "Hail Office, North"],
        "secondary_title": "Wet Science",
        "volume": "12",
        "number": "3",
        "start_page": "4",
        "end_page": "15",
        "doi": "10.1000/wet;1",
        "urls": ["https://rain.example.org/a%20b?c=d&e#f"],
        "year": "2020",
        "date": "2020/05/03",
        "access_date": "2024/01",
        "notes": ["Archived copy at https://web.archive.org/x"],
    }


WORKS = json.loads((Path(__file__).parents[1] / "index" / "works.json").read_text(encoding="utf-8"))["works"]
SAME = {
    "title": "title",
    "container-title": "secondary_title",
    "publisher": "publisher",
    "publisher-place": "place_published",
    "volume": "volume",
    "issue": "number",
    "edition": "edition",
    "genre": "type_of_work",
    "number": "note",
    "DOI": "doi",
    "id": "id",
}


@pytest.fixture(scope="module")
def records():
    return rispy.loads(write_ris(WORKS))


@pytest.mark.parametrize("field", SAME)
def test_a_field_of_sixty_works_comes_back_as_it_was(records, field):
    came = [record.get(SAME[field]) for record in records]
    assert came == [work.get(field) for work in WORKS]
    assert any(came)


def test_names_pages_dates_and_addresses_of_sixty_works_come_back(records):
    for record, work in zip(records, WORKS, strict=True):
        people = [(name.get("literal") or f"{name['family']}, {name['given']}") for name in work.get("author", [])]
        assert record.get("authors", []) == people
        pages = [record[name] for name in ("start_page", "end_page") if name in record]
        assert pages == work["page"].split("–") if "page" in work else not pages
        assert record.get("urls", []) == ([work["URL"]] if "URL" in work else [])
        dates = [("date", "issued"), ("access_date", "accessed")]
        for name, variable in dates:
            printed = [int(part) for part in record[name].split("/")] if name in record else None
            assert printed == (work[variable]["date-parts"][0] if variable in work else None)


def test_records_begin_with_their_type_and_nothing_before_it():
    assert [line[:6] for line in write_ris([ITEM, ITEM]).split("\n\n")] == ["TY  - ", "TY  - "]


def test_a_preprint_keeps_its_number():
    (record,) = rispy.loads(write_ris([{"id": "a", "type": "article", "title": "T", "number": "arXiv:2401.01234"}]))
    assert (record["type_of_reference"], record["note"]) == ("UNPB", "arXiv:2401.01234")


@settings(deadline=None)
@given(TEXTS, TEXTS, TEXTS)
def test_no_value_breaks_a_record(title, family, holder):
    item = {"id": "a", "type": "book", "title": title, "author": [{"literal": family}], "container-title": holder}
    written = write_ris([item, {"id": "b", "type": "book", "title": "Last"}])
    first, last = rispy.loads(written)
    # rispy takes white space of any kind from the ends of a line.
    wanted = [re.sub(r"</?[ib]>", "", clean_text(value)).strip() for value in (title, holder)]
    assert [first.get("title", ""), first.get("secondary_title", "")] == wanted
    assert first.get("authors", [""]) == [clean_text(family)]
    assert last == {"type_of_reference": "BOOK", "id": "b", "title": "Last"}
    assert set(re.findall(r"^(..)  - ", written, re.MULTILINE)) <= {"TY", "ID", "TI", "T2", "AU", "ER"}
