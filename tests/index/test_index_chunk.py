from hypothesis import given, settings
from hypothesis import strategies as st

from index.chunk import chunk, load_token_counter, split_sentences
from index.paper import parse_paper

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
documents = st.lists(blocks, min_size=1, max_size=14).map(
    lambda parts: parse_paper("\n\n".join(parts), document_id="random")
)
limits = st.tuples(st.integers(8, 80), st.integers(16, 220))


def cut(document, window_tokens=60, passage_tokens=200):
    return chunk(document, window_tokens=window_tokens, passage_tokens=passage_tokens, count_tokens=COUNT)


def cover(document, passages):
    """Return how many windows hold each character."""
    covered = [0] * len(document.text)
    for passage in passages:
        for window in passage.windows:
            for position in range(window.start, window.end):
                covered[position] += 1
    return covered


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
        assert COUNT(passage.text) <= limit[1]


@property_test
@given(documents, limits)
def test_no_window_is_blank(document, limit):
    for passage in cut(document, *limit):
        assert all(document.text[window.start : window.end].strip() for window in passage.windows)


@property_test
@given(documents)
def test_cutting_twice_gives_the_same(document):
    assert cut(document) == cut(document)


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
