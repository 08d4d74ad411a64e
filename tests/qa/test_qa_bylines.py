"""Names of authors taken apart where that is safe."""

import pytest

from index.model import Name, Reference, Work
from qa.bylines import lower_capitals, name_authors, name_printed, split_name


@pytest.mark.parametrize(
    ("author", "family", "given"),
    [
        ("TRAN ANH CONG", "Tran", "Anh Cong"),
        ("Ada Lovelace", "Lovelace", "Ada"),
        ("LOVELACE, ADA", "Lovelace", "Ada"),
        ("Nguyễn Văn An", "Nguyễn", "Văn An"),
        ("Anneke van der Meulen", "van der Meulen", "Anneke"),
        ("J. R. R. Tolkien", "Tolkien", "J. R. R."),
        ("Søren Kierkegaard, Ph.D.", "Kierkegaard", "Søren"),
        ("RONALD MCDONALD", "McDonald", "Ronald"),
        ("O'BRIEN, T. P.", "O'Brien", "T. P."),
        ("ИВАН ПЕТРОВ", "Петров", "Иван"),
        ("山田 太郎", "山田", "太郎"),
        ("김 민수", "김", "민수"),
    ],
)
def test_a_persons_name_is_family_and_given(author, family, given):
    assert split_name(author) == Name(family=family, given=given)


@pytest.mark.parametrize(
    "author",
    [
        "Wang Wei",
        "Kim Min-jun",
        "Nguyen An",
        "World Health Organization",
        "IEEE COMPUTER SOCIETY",
        "NASA",
        "Open AI",
        "GR Japan",
        "山田太郎",
        "Plato",
        "GARCÍA MÁRQUEZ Gabriel",
        "X. <b>Bold</b>",
        "Ann Lee and Bo Chu",
    ],
)
def test_what_is_not_surely_family_and_given_stays_in_one_piece(author):
    assert split_name(author) == Name(literal=author)


@pytest.mark.parametrize(
    ("author", "family", "name"),
    [
        ("Wang Wei", "Wang", Name("Wang", "Wei")),
        ("Wang Wei", "Wei", Name("Wei", "Wang")),
        ("GABRIEL GARCÍA MÁRQUEZ", "García Márquez", Name("García Márquez", "Gabriel")),
        ("Ada Lovelace", "Byron", Name("Lovelace", "Ada")),
    ],
)
def test_a_known_family_tells_where_a_name_parts(author, family, name):
    assert split_name(author, family) == name


@pytest.mark.parametrize("name", ["WHO", "UNESCO", "Ada LOVELACE", "山田", ""])
def test_capitals_that_are_no_layout_stay(name):
    assert lower_capitals(name) == name


def make_entry(**fields):
    return Reference("1", "", 0, 1, **fields)


def test_a_documents_author_is_parted_as_the_entry_has_it():
    entry = make_entry(names=(Name("Wang", "W."),))
    assert name_authors(Work("w", "reference", "T", authors=("Wang Wei",)), entry) == (Name("Wang", "Wei"),)


def test_a_document_without_authors_has_those_of_its_entry():
    entry = make_entry(names=(Name("RAIN", "A."),), authors="RAIN, A.")
    assert name_authors(Work("w", "reference", "T"), entry) == (Name("Rain", "A."),)


def test_an_acronym_before_a_name_speaks_for_a_body():
    assert name_printed(make_entry(names=(Name("Japan", "GR"),), authors="GR Japan")) == (Name(literal="GR Japan"),)


def test_initials_without_stops_speak_for_a_person():
    assert name_printed(make_entry(names=(Name("Smith", "JA"),), authors="Smith JA")) == (Name("Smith", "JA"),)
