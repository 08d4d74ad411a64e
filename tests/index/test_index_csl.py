import pytest

from index.csl import find_type, to_csl
from index.references import parse_reference


def read(entry):
    return parse_reference(entry, 0, 1)


def test_an_article_becomes_an_item_with_all_its_fields():
    entry = "Rain, A., & Snow, B. (2020, May 3). Hail on hills. Wet Science, 12(3), 4–15. https://doi.org/10.1000/Wet.1"
    assert to_csl(read(entry)) == {
        "id": "1",
        "type": "article-journal",
        "title": "Hail on hills",
        "container-title": "Wet Science",
        "volume": "12",
        "issue": "3",
        "page": "4-15",
        "URL": "https://doi.org/10.1000/Wet.1",
        "DOI": "10.1000/wet.1",
        "issued": {"date-parts": [[2020, 5, 3]]},
        "author": [{"family": "Rain", "given": "A."}, {"family": "Snow", "given": "B."}],
    }


def test_a_page_has_its_date_of_access_and_its_body():
    item = to_csl(read("Rain Office. (2021). Hail. Retrieved May 3, 2024, from https://rain.example.org/hail"))
    assert (item["author"], item["accessed"]) == ([{"literal": "Rain Office"}], {"date-parts": [[2024, 5, 3]]})


def test_what_is_not_known_is_left_out():
    assert to_csl(read("1. https://rain.example.org/hail")) == {
        "id": "1",
        "type": "webpage",
        "URL": "https://rain.example.org/hail",
    }


def test_an_arxiv_id_is_the_number():
    assert to_csl(read("A. Rain and B. Snow. Hail on hills. arXiv:2401.01234, 2024."))["number"] == "arXiv:2401.01234"


TYPES = {
    "Rain, A. (2020). Hail on hills. Wet Science, 12(3), 4–15.": "article-journal",
    "A. Rain. Hail on hills. In Proceedings of the Conference on Hail, pages 4–15, 2020.": "paper-conference",
    "Rain, A. (2020). Hail. In B. Snow (Ed.), The hills (pp. 4–15). Wet Press.": "chapter",
    "Rain, A. (2020). Hail on hills [Doctoral dissertation, University of Ghent].": "thesis",
    "Rain, A. (2020). Hail on hills. Wet Press.": "book",
    "Rain, A. (2020). Hail on hills. https://rain.example.org/hail": "webpage",
    "A. Rain and B. Snow. Hail on hills. arXiv:2401.01234, 2024.": "article",
    "Rain, A. (2020). Hail on hills.": "document",
}


@pytest.mark.parametrize("entry", TYPES)
def test_the_type_is_what_the_fields_prove(entry):
    assert find_type(read(entry)) == TYPES[entry]
