"""Citations, keys and the links that they bear."""

import pytest

from index.model import Locator, Work
from qa.cite import cite, format_citation, make_key
from qa.links import Links

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


def test_a_citation_bears_the_links_to_its_quote():
    cited = cite(WORK, PLACE, Links("/documents/w?at=3-9#here", "https://doi.org/10.1/x#:~:text=chips", "quote"))
    assert (cited.url, cited.deep_link) == ("https://doi.org/10.1/x", "https://doi.org/10.1/x#:~:text=chips")
    assert (cited.opens, cited.view) == ("quote", "/documents/w?at=3-9#here")


def test_a_work_without_an_address_has_no_links_but_the_viewer():
    cited = cite(Work("w", "paper", "T"), PLACE, Links("/documents/w?at=3-9#here"))
    assert (cited.url, cited.deep_link, cited.opens) == (None, None, None)


@pytest.mark.model
def test_the_papers_link_opens_at_the_sentence_with_the_sum(index, settings, toyota):
    from qa.answer import answer_question

    cited = answer_question(index, toyota, settings, k=1).passages[0].citation
    opening, ending = "Toyota%20has%20committed%20to%20invest", "battery%2Delectric%20vehicles%20from%20late%202025."
    assert cited.key == "cong2025"
    assert cited.deep_link == f"https://doi.org/10.37602/ijssmr.2025.8436#:~:text={opening},{ending}"
