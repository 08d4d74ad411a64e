"""Text directives: escaping, the search that they stand up to, and what is done where none is exact."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qa.edges import is_edge, is_whole
from qa.finder import Finder, Parts
from qa.fold import fold
from qa.fragments import make_directive
from qa.occurrence import find_quote

TEXTS = st.text("ab AB.-,&%\n é\u0301'日\xad", max_size=60) | st.text(max_size=40)


def spot(text, words, nth=0):
    start = [found.start() for found in re.finditer(re.escape(words), text)][nth]
    return start, start + len(words)


def direct(text, words, nth=0):
    return make_directive(Finder(text), spot(text, words, nth))


@pytest.mark.parametrize(
    ("text", "words", "nth", "directive"),
    [
        ("Rain fell. It stopped.", "It stopped.", 0, "text=It%20stopped."),
        ("R&D, battery-electric", "R&D, battery-electric", 0, "text=R%26D%2C%20battery%2Delectric"),
        ("50% of a/b?#", "50% of a/b?#", 0, "text=50%25%20of%20a%2Fb%3F%23"),
        ("soft\xadhyphen here", "soft\xadhyphen", 0, "text=softhyphen"),
        ("rain fell here\nrain fell there", "rain fell", 1, "text=fell%20here-,rain%20fell"),
        ("so rain fell\nthen rain fell", "rain fell", 1, "text=then-,rain%20fell"),
        ("rain then\nrain now", "rain", 1, "text=rain%20then-,rain"),
        ("unbelievable", "believ", 0, "text=un-,believ,-able"),
        ("日本語の文", "語の", 0, "text=%E6%97%A5%E6%9C%AC-,%E8%AA%9E%E3%81%AE,-%E6%96%87"),
        ("one day\nit rained", "day\nit", 0, "text=day,it"),
    ],
)
def test_a_directive_is_as_short_as_its_page_allows(text, words, nth, directive):
    made = direct(text, words, nth)
    assert (made.text, made.selected, made.is_exact) == (f":~:{directive}", spot(text, words, nth), True)


def test_a_long_quote_is_named_by_its_ends():
    text = " ".join(f"w{n}" for n in range(40))
    assert direct(text, text).text == ":~:text=w0%20w1%20w2%20w3%20w4,w35%20w36%20w37%20w38%20w39"


def test_an_earlier_place_that_differs_in_case_and_accents_counts_as_the_same():
    assert direct("see the CAFÉ\nin the cafe", "the cafe").text == ":~:text=in-,the%20cafe"


def test_a_quote_that_no_directive_can_single_out_is_marked_with_what_is_around_it():
    text = "first\nso\nrain fell\nso\nrain fell\nso\nlast"
    made = direct(text, "rain fell", 1)
    assert not made.is_exact
    assert text[slice(*made.selected)] == "so\nrain fell"


def test_a_quote_that_cuts_a_character_is_marked_with_the_whole_of_it():
    text = "a 👩\u200d👧 sings"
    assert direct(text, "a 👩").selected == (0, text.index(" sings"))


def test_no_directive_is_made_for_nothing():
    assert make_directive(Finder("a  b"), (1, 3)) is None
    assert make_directive(Finder(""), (0, 0)) is None


@settings(deadline=None, max_examples=300)
@given(TEXTS, st.data())
@example("a a", None)
def test_a_directive_holds_only_characters_without_a_meaning_and_selects_what_it_says(text, data):
    start = data.draw(st.integers(0, len(text))) if data else 2
    end = data.draw(st.integers(start, len(text))) if data else 3
    made = make_directive(Finder(text), (start, end))
    if made is None:
        return
    assert re.fullmatch(r":~:text=[\w.~%,-]+", made.text, re.ASCII)
    low, high = made.selected
    shown = re.sub(r"[\s\xad]+", "", text[start:end])
    assert shown in re.sub(r"[\s\xad]+", "", text[low:high])
    given = [unquote(part.strip("-")) for part in made.text.removeprefix(":~:text=").split(",")]
    kept = re.sub("[^\\S\n]|\xad", "", text)
    assert all(re.sub("\\s", "", part) in re.sub("\\s", "", kept) for part in given if part.isascii())


def search(text, parts):
    """Say where a plain search finds a directive first, of a text of plain words: an oracle, by all ways there are."""
    needles = {
        name: part and text[slice(*part)]
        for name, part in zip(("start", "end", "prefix", "suffix"), parts, strict=True)
    }
    edges = {n for n in range(len(text) + 1) if n in (0, len(text)) or " " in (text[n - 1], text[n])}
    for at in range(len(text)):
        if not text.startswith(needles["start"], at):
            continue
        done = at + len(needles["start"])
        before = text[:at].rstrip(" ")
        if needles["prefix"]:
            if not before.endswith(needles["prefix"]) or len(before) - len(needles["prefix"]) not in edges:
                continue
        elif at not in edges:
            continue
        if needles["suffix"]:
            after = len(text) - len(text[done:].lstrip(" "))
            if not text.startswith(needles["suffix"], after) or after + len(needles["suffix"]) not in edges:
                continue
        elif done not in edges:
            continue
        return at, done
    return None


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(["a", "b", "ab", "aba"]), min_size=3, max_size=14), st.data())
def test_the_search_finds_what_a_plain_one_finds_first(words, data):
    text = " ".join(words)
    bounds = sorted({0, *(n + 1 for n, char in enumerate(text) if char == " "), len(text) + 1})
    one, two, three, four = sorted(data.draw(st.lists(st.sampled_from(bounds), min_size=4, max_size=4)))
    if not one <= two < three < four:
        return
    start, prefix, suffix = (two, three - 1), (one, two - 1), (three, four - 1)
    for parts in ((start, None, None, None), (start, None, prefix, None), (start, None, None, suffix)):
        is_first = Finder(text).is_first(Parts(*parts))
        assert not is_first or search(text, parts) == start
        if parts[1:] == (None, None, None) and start[0] == 0:
            assert is_first


@given(st.text(max_size=30))
def test_folding_keeps_track_of_every_place(text):
    folded = fold(text)
    assert [folded.at(0), folded.at(len(text))] == [0, len(folded.text)]
    for n in range(len(text)):
        assert fold(text[:n]).text == folded.text[: folded.at(n)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Café", "CAFE\u0301"),
        ("Straße", "STRASSE"),
        ("ﬁne", "FINE"),
        ("don’t", "don't"),
        ("Łódź øre æ", "lodz ore ae"),
        ("١٢٣", "123"),
        ("カタ", "かた"),
        ("ＡＢＣ", "abc"),
        ("so\xadft x\u200dy", "soft xy"),
        ("a\xa0b", "a b"),
        ("العَرَبِيَّة", "العربية"),
    ],
)
def test_what_a_browser_takes_for_the_same_folds_to_the_same(one, other):
    assert fold(one).text == fold(other).text


@pytest.mark.parametrize(
    ("text", "edges"),
    [
        ("ab cd", {0, 2, 3, 5}),
        ("3.14", {0, 4}),
        ("ab.", {0, 2, 3}),
        ("don't", {0, 5}),
        ("(ab)", {0, 1, 3, 4}),
        ("日本", {0, 2}),
        ("a\xad b", {0, 2, 3, 4}),
    ],
)
def test_only_sure_edges_of_words_count(text, edges):
    assert {n for n in range(len(text) + 1) if is_edge(text, n)} == edges


def test_a_joined_picture_is_one_character():
    text = "👩\u200d👧🇫🇷e\u0301क्ष"
    assert [n for n in range(len(text) + 1) if is_whole(text, n)] == [0, 3, 5, 7, 10]


@pytest.mark.parametrize(
    ("page", "text", "quote", "found"),
    [
        ("Menu\nRain fell.\nRain fell.", "Rain fell.", "Rain fell.", "Rain fell."),
        ("Rain fell3 on hills.", "Rain fell [3] on hills.", "Rain fell [3] on hills.", "Rain fell3 on hills."),
        ("Ra\xadin\nfell.", "Rain fell.", "Rain fell.", "Ra\xadin\nfell."),
        (
            "We know that the energy 𝐸 = 𝑚𝑐² is always kept in a box.",
            "We know that the energy $E=mc^2$ is always kept in a box.",
            "We know that the energy $E=mc^2$ is always kept in a box.",
            "We know that the energy 𝐸 = 𝑚𝑐² is always kept in a box.",
        ),
    ],
)
def test_a_quote_is_found_on_its_page_as_the_page_writes_it(page, text, quote, found):
    place = find_quote(Finder(page), text, spot(text, quote))
    assert page[slice(*place)] == found


def test_of_two_places_the_one_in_the_same_surroundings_is_taken():
    page = "Share: rain fell\nOn Monday, rain fell in the hills.\nOn Friday, rain fell in the town."
    text = "On Monday, rain fell in the hills.\n\nOn Friday, rain fell in the town."
    assert find_quote(Finder(page), text, spot(text, "rain fell", 1)) == spot(page, "rain fell", 2)


def test_a_quote_that_the_page_does_not_hold_is_not_found():
    assert find_quote(Finder("It snowed."), "Rain fell.", (0, 10)) is None
