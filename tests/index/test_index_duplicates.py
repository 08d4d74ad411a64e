import pytest

from index.references import find_same_works, parse_reference

RAIN = "Smith, S. (2020). Rain on the hills of Wales. Wet Press."


def same(*entries):
    return find_same_works([parse_reference(f"{n}. {entry}", 0, n) for n, entry in enumerate(entries, 1)])


@pytest.mark.parametrize(
    "other",
    [
        RAIN,
        "SMITH, S. (2020). RAIN ON THE HILLS OF WALES. Wet Press.",
        "Smith, S. (2020). Rain on the hils of Wales. Wet Press.",
        "Smith, S. (2020). Rain on the hills of Wales. Wet Press. https://wet.example/rain",
    ],
)
def test_title_author_and_year_make_a_work(other):
    assert same(RAIN, other) == {"2": "1"}


@pytest.mark.parametrize(
    "other",
    [
        "Smith, S. (2021). Rain on the hills of Wales. Wet Press.",
        "Jones, J. (2020). Rain on the hills of Wales. Wet Press.",
        "Smith, S. (2020). Snow on the hills of Wales. Wet Press.",
    ],
)
def test_another_year_author_or_title_makes_another_work(other):
    assert same(RAIN, other) == {}


def test_the_parts_of_a_report_are_works_of_their_own():
    assert same(*(f"Smith, S. (2020). Climate report, part {n}. Wet Press." for n in (1, 2))) == {}


def test_one_doi_is_one_work():
    assert same("Rain. https://doi.org/10.1000/Wet.1", "Le pluie. doi:10.1000/wet.1") == {"2": "1"}


def test_two_dois_are_two_works():
    assert same(f"{RAIN} doi:10.1000/wet.1", f"{RAIN} doi:10.1000/wet.2") == {}


def test_one_address_is_one_work_however_it_is_written():
    assert same("Rain. https://www.wet.example/rain/", "Rain. http://wet.example/rain#top") == {"2": "1"}


def test_a_third_entry_is_the_same_work_as_the_first():
    assert same(RAIN, RAIN, RAIN) == {"2": "1", "3": "1"}


def test_pages_of_one_name_without_an_author_are_works_of_their_own():
    assert (
        same(
            "Annual report of the agency (2020). https://a.example/1",
            "Annual report of the agency (2020). https://b.example/2",
        )
        == {}
    )
