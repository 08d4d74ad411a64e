from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.chunk import chunk, load_token_counter, split_sentences
from index.paper import parse_paper
from index.plain import parse_plain
from index.settings import Settings

COUNT = load_token_counter()
WORDS = [
    "rain",
    "snow",
    "Dr.",
    "e.g.",
    "U.S.",
    "3.14",
    "co-operation",
    "Hanoi",
    "đường",
    "日本語",
    "naïve",
    "$5bn",
    "–",
]
ENDS = [".", ".", "?", "!", ";", ",", ":", "", "…", '."', " –"]

sentences = st.builds(
    lambda words, end: " ".join(words) + end,
    st.lists(st.sampled_from(WORDS) | st.text("abcxyz", min_size=1, max_size=12), min_size=1, max_size=40),
    st.sampled_from(ENDS),
)
blocks = (
    st.lists(sentences, min_size=1, max_size=8).map(" ".join)
    | st.sampled_from(
        ["# Rain", "## Snow", "### Ice", "Abstract", "2.1 Storms", "References", "- point one\n- point two"]
    )
    | st.text(min_size=1, max_size=80).filter(str.strip)
)
documents = st.builds(
    lambda parse, parts: parse("\n\n".join(parts), document_id="random"),
    st.sampled_from([parse_paper, parse_plain]),
    st.lists(blocks, min_size=1, max_size=14),
)
limits = st.tuples(st.integers(8, 80), st.integers(16, 220), st.integers(16, 440))


def cut_contexts(document, window_tokens=60, passage_tokens=200, context_tokens=400):
    scales = {"window_tokens": window_tokens, "passage_tokens": passage_tokens, "context_tokens": context_tokens}
    return chunk(document, Settings(home=Path("/h"), **scales), COUNT)


def cut(document, *limit):
    return [passage for context in cut_contexts(document, *limit) for passage in context.passages]


def cover(document, passages):
    """Return how many windows hold each character."""
    covered = [0] * len(document.text)
    for passage in passages:
        for window in passage.windows:
            for position in range(window.start, window.end):
                covered[position] += 1
    return covered


def list_words(passages):
    return " ".join(passage.text for passage in passages).split()


def holds(section, passage):
    return section.start <= passage.start and passage.end <= section.end


property_test = settings(max_examples=60, deadline=None)


@property_test
@given(documents, limits)
def test_the_text_of_a_passage_is_its_span_of_the_document(document, limit):
    for passage in cut(document, *limit):
        assert passage.text == document.text[passage.start : passage.end]


@property_test
@given(documents, limits)
def test_windows_lie_inside_their_passage_in_order_without_overlap(document, limit):
    for passage in cut(document, *limit):
        bounds = [bound for window in passage.windows for bound in (window.start, window.end)]
        assert [passage.start, *bounds, passage.end] == sorted([passage.start, *bounds, passage.end])


@property_test
@given(documents, limits)
def test_passages_follow_each_other_without_overlap(document, limit):
    bounds = [bound for passage in cut(document, *limit) for bound in (passage.start, passage.end)]
    assert bounds == sorted(bounds)


@property_test
@given(documents, limits)
def test_every_character_of_a_paragraph_lies_in_exactly_one_window(document, limit):
    covered = cover(document, cut(document, *limit))
    inside = [n for s in document.sections for p in s.paragraphs for n in range(p.start, p.end)]
    wrong = [(n, document.text[n], covered[n]) for n in inside if not document.text[n].isspace() and covered[n] != 1]
    assert wrong == []


@property_test
@given(documents, limits)
def test_a_passage_lies_in_one_section(document, limit):
    for passage in cut(document, *limit):
        assert sum(holds(section, passage) for section in document.sections) == 1


@property_test
@given(documents, limits)
def test_a_passage_holds_at_most_its_limit_of_tokens(document, limit):
    for passage in cut(document, *limit):
        assert sum(COUNT(document.text[window.start : window.end]) for window in passage.windows) <= limit[1]


@property_test
@given(documents, limits)
def test_a_context_holds_at_most_its_limit_of_tokens_or_one_passage(document, limit):
    for context in cut_contexts(document, *limit):
        windows = [document.text[window.start : window.end] for p in context.passages for window in p.windows]
        assert len(context.passages) == 1 or sum(map(COUNT, windows)) <= limit[2]


@property_test
@given(documents, limits)
def test_the_passages_of_a_context_lie_in_one_section(document, limit):
    for context in cut_contexts(document, *limit):
        assert sum(all(holds(s, passage) for passage in context.passages) for s in document.sections) == 1


@property_test
@given(documents, limits)
def test_the_lead_of_a_context_is_the_title_and_the_headings_above_it(document, limit):
    for context in cut_contexts(document, *limit):
        (section,) = [s for s in document.sections if holds(s, context.passages[0])]
        above = [line for line in (document.work.title, *section.path) if line]
        assert [line for line in context.lead.split("\n") if line] == sorted({*above}, key=above.index)


@property_test
@given(documents, limits)
def test_how_passages_are_packed_leaves_them_as_they_are(document, limit):
    assert cut(document, *limit) == cut(document, *limit[:2], 16)


@property_test
@given(documents, limits)
def test_no_window_is_blank(document, limit):
    for passage in cut(document, *limit):
        assert all(document.text[window.start : window.end].strip() for window in passage.windows)


@property_test
@given(documents)
def test_cutting_twice_gives_the_same(document):
    assert cut_contexts(document) == cut_contexts(document)


def test_a_long_sentence_without_punctuation_is_cut():
    document = parse_paper("# A\n\n" + "rain " * 900, document_id="a")
    assert max(COUNT(passage.text) for passage in cut(document)) <= 200


def test_a_long_sentence_that_is_cut_keeps_every_word():
    document = parse_paper("# A\n\n" + "rain " * 900, document_id="a")
    assert sum(passage.text.split().count("rain") for passage in cut(document)) == 900


def test_a_long_run_of_characters_without_a_space_is_cut():
    document = parse_paper("# A\n\n" + "日本" * 900, document_id="a")
    assert "".join(passage.text for passage in cut(document)) == "日本" * 900


def test_a_sentence_cut_at_a_dash_keeps_the_dash():
    document = parse_paper("# A\n\n" + "rain " * 150 + "– " + "snow " * 150, document_id="a")
    assert sum(passage.text.count("–") for passage in cut(document)) == 1


def test_a_long_sentence_is_cut_behind_its_semicolon():
    document = parse_paper("# A\n\n" + "rain " * 130 + "fell; " + "snow " * 120, document_id="a")
    assert cut(document)[0].text.endswith("rain fell;")


def test_a_document_of_headings_alone_has_no_passages():
    assert cut(parse_paper("# A\n\n# B", document_id="a")) == []


def test_short_paragraphs_share_a_passage():
    document = parse_paper("# A\n\nRain fell.\n\nSnow fell.", document_id="a")
    assert [passage.text for passage in cut(document)] == ["Rain fell.\n\nSnow fell."]


def test_a_window_holds_one_paragraph():
    document = parse_paper("# A\n\nRain fell.\n\nSnow fell.", document_id="a")
    assert [window.indexed for passage in cut(document) for window in passage.windows] == ["Rain fell.", "Snow fell."]


def test_short_sections_have_passages_of_their_own():
    document = parse_paper("# A\n\nRain fell.\n\n# B\n\nSnow fell.", document_id="a")
    assert [passage.text for passage in cut(document)] == ["Rain fell.", "Snow fell."]


def test_an_abbreviation_ends_no_sentence():
    document = parse_paper("# A\n\nDr. Smith went to the U.S. embassy. It rained.", document_id="a")
    spans = split_sentences(document.text, document.sections[0].paragraphs[0])
    assert [document.text[low:high] for low, high in spans] == ["Dr. Smith went to the U.S. embassy.", "It rained."]


def test_passages_share_a_context_while_it_has_room():
    document = parse_paper("# A\n\n" + "\n\n".join(["Rain fell on the hills."] * 9), document_id="a")
    assert [len(context.passages) for context in cut_contexts(document, 8, 16, 32)] == [2, 2, 1]


def test_a_context_never_takes_half_a_passage():
    document = parse_paper("# A\n\n" + "\n\n".join(["Rain fell on the hills."] * 3), document_id="a")
    assert [len(context.passages) for context in cut_contexts(document, 8, 16, 20)] == [1, 1]


def test_a_passage_larger_than_a_context_is_one():
    document = parse_paper("# A\n\n" + "Rain fell on the hills. " * 20, document_id="a")
    assert [len(context.passages) for context in cut_contexts(document, 60, 120, 16)] == [1, 1]


def test_sections_share_no_context():
    document = parse_paper("# A\n\nRain fell.\n\n# B\n\nSnow fell.", document_id="a")
    assert [context.indexed for context in cut_contexts(document)] == ["Rain fell.", "Snow fell."]


def test_a_context_is_led_by_the_title_and_every_heading_above():
    document = parse_plain("# Weather\n\n## Rain\n\nIt fell.", document_id="a", title="A year")
    assert [context.lead for context in cut_contexts(document)] == ["A year\nWeather", "A year\nWeather\nRain"]


def test_a_heading_that_repeats_the_title_is_said_once():
    document = parse_plain("# Rain\n\nIt fell.", document_id="a", title="Rain")
    assert cut_contexts(document)[0].lead == "Rain"


def test_a_text_without_title_and_headings_has_no_lead():
    assert cut_contexts(parse_plain("Rain fell.", document_id="a"))[0].lead == ""


def test_every_entry_of_a_bibliography_is_a_context_of_its_own():
    text = "# A\n\nRain [1].\n\n# References\n\n1. Wet, S. (2020). Rain.\n\n2. Dry, T. (2021). Sun."
    document = parse_paper(text, document_id="a")
    contexts = cut_contexts(document)[1:]
    assert [[p.text for p in context.passages] for context in contexts] == [[r.raw] for r in document.references]


def test_a_heading_without_a_body_has_no_passage():
    document = parse_paper("# A\n\nRain fell.\n\n# B\n\n# C\n\nSnow fell.", document_id="a")
    assert [passage.text for passage in cut(document)] == ["Rain fell.", "Snow fell."]


TABLE = "| city | rain |\n|---|---|\n" + "\n".join(f"| town {n} | {n * 7} mm |" for n in range(60))
LIST = "\n".join(f"- point {n}: it rained, again" for n in range(60))
CODE = "```python\n" + "\n".join(f"rain[{n}] = fall({n}, 'a. b. c')  # wet." for n in range(60)) + "\n```"
SENTENCE = "rain and " * 700 + "snow."
ENTRY = "One. Two? Three! Four; five: six. " * 40


@pytest.mark.parametrize("block", [TABLE, LIST, CODE, SENTENCE, ENTRY], ids=["table", "list", "code", "long", "short"])
def test_no_word_of_a_plain_text_is_lost_or_said_twice(block):
    text = f"# Rain\n\nBefore it.\n\n{block}\n\n## Snow\n\nBehind it."
    assert list_words(cut(parse_plain(text, document_id="a"))) == text.split()


@pytest.mark.parametrize("block", [TABLE, CODE, SENTENCE, ENTRY], ids=["table", "code", "long", "short"])
def test_no_word_of_a_paper_but_the_headings_is_lost_or_said_twice(block):
    document = parse_paper(f"# Rain\n\nBefore it.\n\n{block}\n\n# Snow\n\nBehind it.", document_id="a")
    paragraphs = [document.text[p.start : p.end] for section in document.sections for p in section.paragraphs]
    assert list_words(cut(document)) == " ".join(paragraphs).split()


def test_the_paper_has_38_contexts(paper):
    assert len(cut_contexts(paper)) == 38


def test_the_contexts_of_each_section_of_the_paper_are_as_many_as_before(paper):
    firsts = [context.passages[0] for context in cut_contexts(paper)]
    assert [sum(holds(s, p) for p in firsts) for s in paper.sections] == [1, 1, 2, 1, 2, 3, 2, 1, 1, 1, 23]


def test_no_context_of_the_paper_is_over_its_limit(paper):
    for context in cut_contexts(paper):
        assert COUNT(paper.text[context.passages[0].start : context.passages[-1].end]) <= 400


def test_the_paper_has_47_passages(paper):
    assert len(cut(paper)) == 47


def test_the_paper_has_97_windows(paper):
    assert sum(len(passage.windows) for passage in cut(paper)) == 97


def test_the_passages_of_each_section_of_the_paper_are_as_many_as_before(paper):
    passages = cut(paper)
    assert [sum(holds(s, p) for p in passages) for s in paper.sections] == [1, 1, 3, 1, 4, 5, 3, 3, 1, 2, 23]


def test_every_entry_of_the_paper_is_one_passage(paper):
    assert [passage.text for passage in cut(paper)[-23:]] == [reference.raw for reference in paper.references]


def test_the_first_passage_is_the_front_matter(paper):
    first = cut(paper)[0]
    assert (first.text.split("\n\n")[1], len(first.windows)) == ("TRAN ANH CONG", 4)


def test_a_title_is_found_by_its_cue_alone(paper):
    assert cut(paper)[0].windows[0].indexed == "Title of this paper, what it is called."


def test_an_author_is_found_by_a_cue_and_the_name(paper):
    assert cut(paper)[0].windows[1].indexed == "Author of this paper, who wrote it. TRAN ANH CONG"


def test_a_cue_is_not_quoted(paper):
    assert not any("who wrote it" in passage.text for passage in cut(paper))


def test_a_passage_is_found_by_what_its_windows_are_found_by(paper):
    passage = cut(paper)[4]
    assert passage.indexed == "\n".join(paper.text[w.start : w.end] for w in passage.windows)


def test_no_passage_of_the_paper_is_over_its_limit(paper):
    assert max(COUNT(p.text) for p in cut(paper) if p.start < paper.sections[-1].start) <= 200


def test_the_counter_counts_cl100k_tokens():
    assert [COUNT(text) for text in ("", "hello world", "US-Japan")] == [0, 2, 3]
