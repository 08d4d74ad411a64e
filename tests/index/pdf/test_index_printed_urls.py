import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.pdf.printed_urls import close_up, write_tildes

SPACED = {
    "all signs": (["url: https : / / rain . org / a _ b . pdf."], ["url: https://rain.org/a_b.pdf."]),
    "a sentence behind it": (
        ["At https : / / rain . org / a. Accessed in May."],
        ["At https://rain.org/a. Accessed in May."],
    ),
    "over two lines": (["https : / / rain . org / a _", "b - c / d. Then"], ["https://rain.org/a_", "b-c/d. Then"]),
    "a DOI": (["doi: 10 . 2796 / a : b / 2019."], ["doi: 10.2796/a:b/2019."]),
    "not spaced": (["See https://rain.org/a - a page of rain."], ["See https://rain.org/a - a page of rain."]),
    "no address": (["Rain / snow - and wind : all."], ["Rain / snow - and wind : all."]),
}


@pytest.mark.parametrize("kind", SPACED)
def test_an_address_that_is_spaced_out_is_closed_up(kind):
    texts, wanted = SPACED[kind]
    assert close_up(texts) == wanted


@given(st.lists(st.text("htps:/ .-_a1", max_size=40), max_size=4))
def test_nothing_but_room_is_taken_out(texts):
    assert ["".join(text.split()) for text in close_up(texts)] == ["".join(text.split()) for text in texts]


def test_a_tilde_is_written_in_addresses_alone():
    assert write_tildes("a \u223c b, https://rain.org/\u223cann/x") == "a \u223c b, https://rain.org/~ann/x"
