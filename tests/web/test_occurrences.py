import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.occurrences import MARKED_MAX, find_occurrences


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("cafe", ["Café", "CAFÉ", "cafe\u0301"]),
        ("CAFÉ", ["Café", "CAFÉ", "cafe\u0301"]),
        ("us $5", ["US\n$5"]),
        ("  us   $5 ", ["US\n$5"]),
        ("abc", ["ＡＢＣ"]),
        ("e $", []),
        ("ae", ["æ"]),
        ("'s", ["’s"]),
        ("nothing", []),
        ("", []),
        (" \n", []),
        ("\u0301", []),
        ("\u200b", []),
    ],
)
def test_words_are_found_whatever_their_case_accents_widths_and_line_breaks(words, found):
    text = "Café or CAFÉ or cafe\u0301; US\n$5 ＡＢＣ’s æ"
    assert [text[slice(*span)] for span in find_occurrences(text, words).spans] == found


@given(st.text(max_size=60), st.text(max_size=4))
def test_what_is_found_are_spans_of_the_text_in_order_without_overlap(text, words):
    spans = find_occurrences(text, words).spans
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)
    assert all(0 <= start < end <= len(text) for start, end in spans)


@given(st.text(alphabet="ab c\n", max_size=60), st.integers(0, 60), st.integers(1, 6))
def test_a_word_of_a_text_is_found_in_it(text, start, size):
    word = text[start : start + size]
    assert bool(word.strip()) == bool(find_occurrences(text, word).count)


def test_more_than_can_be_marked_are_counted():
    found = find_occurrences("rain " * 1000, "rain")
    assert (found.count, len(found.spans)) == (1000, MARKED_MAX)


def test_the_time_grows_with_the_text_only():
    text = "a " * 500_000
    begin = time.perf_counter()
    find_occurrences(text, "a " * 99 + "b")
    assert time.perf_counter() - begin < 5  # a tenth of a second; a search that starts anew at each word takes minutes
