import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.pdf.joints import Joints
from index.pdf.lines import HYPHEN, LOWERED, RAISED, Line

FULL, FREE = 0.0, 200.0  # points that are free behind a line
CUT = ("The informa" + HYPHEN, "tion of the gauges is") * 4  # a document that cuts its words


def line(text, free=FULL):
    return Line(1, 1, 0.0, 240.0, 0.0, 240.0 - free, 0.0, 10.0, bold=False, font="Serif", text=text)


def join(head, tail, *, known=(), urls=(), free=FULL):
    lines = [line(head, free), line(tail)]
    context = [line(text) for text in (*known, "information", *CUT)]
    return Joints([*lines, *context], urls).join(lines)[0]


WORDS = {
    "a word that is cut": ("the multi" + HYPHEN, "variate case", (), "the multivariate case"),
    "a compound known elsewhere": ("a well" + HYPHEN, "known rain", ("it is well-known that",), "a well-known rain"),
    "a name": ("US" + HYPHEN, "Japan trade", (), "US-Japan trade"),
    "years": ("2021" + HYPHEN, "2025 saw", (), "2021-2025 saw"),
    "a single letter": ("by e" + HYPHEN, "mail to", (), "by e-mail to"),
    "capitals": ("INTRO" + HYPHEN, "DUCTION", (), "INTRODUCTION"),
    "a chain": ("state-of-the" + HYPHEN, "art gauges", (), "state-of-the-art gauges"),
    "a soft hyphen": ("the rain\u00ad", "fall was", (), "the rainfall was"),
    "a hyphen left hanging": ("two" + HYPHEN, "and threefold", (), "two- and threefold"),
    "a dash": ("rain\u2014", "or snow", (), "rain\u2014or snow"),
    "no hyphen": ("the rain", "fell on", (), "the rain fell on"),
    "letters of Chinese": ("\u964d\u96e8\u5728", "\u5c4b\u9876\u4e0a", (), "\u964d\u96e8\u5728\u5c4b\u9876\u4e0a"),
}


@pytest.mark.parametrize("case", WORDS)
def test_two_lines_are_joined_as_they_were_written(case):
    head, tail, known, wanted = WORDS[case]
    assert join(head, tail, known=known).replace(HYPHEN, "-") == wanted


ADDRESSES = {
    "behind a slash": (
        "see https://example.org/",
        "rain-on-roofs.html.",
        (),
        "see https://example.org/rain-on-roofs.html.",
    ),
    "in a word": (
        "at https://example.org/rain-on-ro",
        "ofs-of-towns.",
        (),
        "at https://example.org/rain-on-roofs-of-towns.",
    ),
    "at a hyphen of its own": ("at https://a.org/rain" + HYPHEN, "on-roofs", (), "at https://a.org/rain-on-roofs"),
    "by a link": ("at https://a.org/rain" + HYPHEN, "fall", ("https://a.org/rainfall",), "at https://a.org/rainfall"),
    "a DOI": ("doi:10.1016/j.rain.2019.", "01.034", (), "doi:10.1016/j.rain.2019.01.034"),
    "a DOI with brackets": ("doi:10.1016/S0167-9473(02)", "00366-3", (), "doi:10.1016/S0167-9473(02)00366-3"),
    "a DOI behind its name": ("Rain, 3. doi:", "10.1016/j.rain", (), "Rain, 3. doi:10.1016/j.rain"),
    "that has ended": (
        "at https://example.org/rain.",
        "Accessed in May",
        (),
        "at https://example.org/rain. Accessed in May",
    ),
    "that a link ends": ("https://a.org/rain", "gauges", ("https://a.org/rain",), "https://a.org/rain gauges"),
    "before a year": ("at https://example.org/rain", "2024", (), "at https://example.org/rain 2024"),
}


@pytest.mark.parametrize("case", ADDRESSES)
def test_an_address_that_a_line_cuts_is_whole_again(case):
    head, tail, urls, wanted = ADDRESSES[case]
    assert join(head, tail, urls=urls) == wanted


def test_what_would_have_fitted_on_the_line_is_no_rest_of_an_address():
    assert join("at https://a.org/rain", "x2y fell", free=FREE) == "at https://a.org/rain x2y fell"


def test_a_sign_that_only_ends_lines_is_that_of_a_cut_word():
    signed = ("the infor\u2010", "mation of", "the gau\u2010", "ges at", "a riv\u2010", "er that")
    assert join("the coun\u2010", "tries", known=signed) == "the countries"


def test_where_words_are_cut_by_a_sign_a_plain_hyphen_is_part_of_the_word():
    signed = ("the infor\u2010", "mation of", "the gau\u2010", "ges at", "a riv\u2010", "er that")
    assert join("the co" + HYPHEN, "development", known=signed) == "the co-development"


def test_where_no_word_is_cut_a_hyphen_is_part_of_the_word():
    lines = [line("lithium and cobalt" + HYPHEN), line("critical rain")]
    assert Joints([*lines, *[line("rain fell")] * 200], ()).join(lines)[0] == "lithium and cobalt-critical rain"


@given(
    st.lists(st.text(alphabet="ab-/.: h" + HYPHEN + RAISED + LOWERED, min_size=1, max_size=12), min_size=1, max_size=6)
)
def test_each_line_stands_in_the_text_where_it_is_said_to_begin(texts):
    lines = [line(text) for text in texts]
    joined, starts = Joints(lines, ()).join(lines)
    assert [joined[start:].startswith(text[:-1]) for text, start in zip(texts, starts, strict=True)] == [True] * len(
        texts
    )
