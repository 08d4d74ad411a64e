"""Citations, keys and text fragments."""

from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.model import Locator, Work
from qa.cite import cite, format_citation, make_key, make_text_fragment

PLACE = Locator("w:3-9", "2.1 Chips", 4, None, 3, 9)
WORK = Work("w", "paper", "On Chips", authors=("Ada Lovelace", "Alan Turing"), year=2025, url="https://doi.org/10.1/x")


@pytest.mark.parametrize(
    ("work", "place", "text"),
    [
        (WORK, PLACE, "Ada Lovelace, Alan Turing (2025). On Chips. 2.1 Chips, para. 4. https://doi.org/10.1/x"),
        (Work("w", "paper", "On Chips."), PLACE, "On Chips. 2.1 Chips, para. 4."),
        (Work("w", "paper", "On Chips", authors=("Ada",)), PLACE, "Ada (n.d.). On Chips. 2.1 Chips, para. 4."),
        (Work("w", "paper", "On Chips", year=2025), PLACE, "(2025). On Chips. 2.1 Chips, para. 4."),
        (Work("w", "paper", "T"), Locator("w:3-9", "", 1, None, 3, 9), "T. para. 1."),
        (Work("w", "paper", "T"), Locator("w:3-9", "Results", 1, 7, 3, 9), "T. Results, p. 7, para. 1."),
        (Work("w", "reference", "On Chips"), Locator("w:3-9", "ON CHIPS.", 1, None, 3, 9), "On Chips. para. 1."),
    ],
)
def test_a_citation_names_what_is_known_and_leaves_out_the_rest(work, place, text):
    assert format_citation(work, place) == text


@pytest.mark.parametrize(
    ("work", "key"),
    [
        (WORK, "lovelace2025"),
        (Work("w", "paper", "T", authors=("TRAN ANH CONG",), year=2025), "cong2025"),
        (Work("w", "paper", "T", authors=("Ada Lovelace",)), "lovelace"),
        (Work("w-7", "paper", "T", year=2025), "w-7"),
        (Work("w-7", "paper", "T", authors=("—",)), "w-7"),
    ],
)
def test_a_key_is_the_first_authors_last_word_and_the_year_or_the_id(work, key):
    assert make_key(work) == key


@pytest.mark.parametrize(
    ("quotation", "fragment"),
    [
        ("TRAN ANH CONG", "TRAN%20ANH%20CONG"),
        ("battery-electric", "battery%2Delectric"),
        ("R&D, chips", "R%26D%2C%20chips"),
        ("100% of a/b?#", "100%25%20of%20a%2Fb%3F%23"),
        ("a  b\n\nc", "a%20b%20c"),
        ("Sète", "S%C3%A8te"),
        ("1 2 3 4 5 6 7 8 9 10", "1%202%203%204%205%206%207%208%209%2010"),
        ("1 2 3 4 5 6 7 8 9 10 11", "1%202%203%204%205,7%208%209%2010%2011"),
    ],
)
def test_a_text_fragment_is_encoded_and_long_quotations_are_a_range(quotation, fragment):
    assert make_text_fragment(quotation) == fragment


@settings(deadline=None)
@given(st.lists(st.text("ab-,&%# é日\n", min_size=1) | st.text(min_size=1), min_size=1, max_size=30).map(" ".join))
def test_a_text_fragment_decodes_to_the_words_of_the_quotation(quotation):
    words = quotation.split()
    decoded = [unquote(part).split(" ") for part in make_text_fragment(quotation).split(",")]
    if len(words) <= 10:
        assert decoded == [words or [""]]
    else:
        assert decoded == [words[:5], words[-5:]]


@settings(deadline=None)
@given(st.text("ab-,&=# \n") | st.text())
def test_a_text_fragment_holds_no_character_with_a_meaning_but_its_one_comma(quotation):
    fragment = make_text_fragment(quotation)
    assert not set(fragment) & set("-&=#? \n")
    assert fragment.count(",") <= 1
    assert fragment.isascii()


def test_a_citation_links_to_the_words_at_the_works_address():
    cited = cite(WORK, PLACE, "R&D in Japan")
    assert cited.url == "https://doi.org/10.1/x"
    assert cited.deep_link == "https://doi.org/10.1/x#:~:text=R%26D%20in%20Japan"


def test_the_link_to_a_printed_work_opens_at_its_page():
    cited = cite(WORK, Locator("w:3-9", "2.1 Chips", 4, 7, 3, 9), "They grew.")
    assert cited.deep_link == "https://doi.org/10.1/x#page=7:~:text=They%20grew."


def test_a_work_without_an_address_has_no_links():
    cited = cite(Work("w", "paper", "T"), PLACE, "words")
    assert (cited.url, cited.deep_link) == (None, None)


@pytest.mark.model
def test_the_papers_link_opens_at_the_sentence_with_the_sum(index, settings, toyota):
    from qa.answer import answer_question

    cited = answer_question(index, toyota, settings, k=1).passages[0].citation
    opening, ending = "Toyota%20has%20committed%20to%20invest", "battery%2Delectric%20vehicles%20from%20late%202025."
    assert cited.key == "cong2025"
    assert cited.deep_link == f"https://doi.org/10.37602/ijssmr.2025.8436#:~:text={opening},{ending}"
