"""RIS, re-read by rispy."""

import re

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
