import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.plain import parse_plain

pieces = st.lists(
    st.sampled_from(["# Rain", "## Snow", "#no", "####### seven", "#", "Rain fell.", " ", "\t", "\n", "\r\n", "\r"])
    | st.sampled_from(
        ["\n\n", "\n \n", "\n\x0c\n", "\x0c", "\x0b", "\x85", "\u2028", "\u00a0", "\u200b", "```\n# x\n```"]
    )
    | st.text(max_size=10),
    max_size=20,
).map("".join)
texts = st.text(max_size=200) | pieces

property_test = settings(max_examples=100, deadline=None)


def parse(text, **facts):
    return parse_plain(text, document_id="a", **facts)


def list_paragraphs(document):
    return [document.text[p.start : p.end] for section in document.sections for p in section.paragraphs]


def list_titles(text):
    return [(section.title, section.path) for section in parse(text).sections]


@property_test
@given(texts)
@example("\r\n\r\n")
@example("\x0c")
@example("# ")
def test_the_text_of_a_document_is_the_text_given(text):
    assert parse(text).text == text


@property_test
@given(texts)
@example("a\n \r\n\x0c\nb")
def test_every_character_but_white_space_lies_in_exactly_one_paragraph(text):
    covered = [0] * len(text)
    for section in parse(text).sections:
        for paragraph in section.paragraphs:
            for place in range(paragraph.start, paragraph.end):
                covered[place] += 1
    assert [n for n, char in enumerate(text) if not char.isspace() and covered[n] != 1] == []
    assert max(covered, default=0) <= 1


@property_test
@given(texts)
def test_a_section_spans_its_paragraphs_and_no_more(text):
    for section in parse(text).sections:
        assert (section.start, section.end) == (section.paragraphs[0].start, section.paragraphs[-1].end)


@property_test
@given(texts)
def test_sections_follow_each_other_without_overlap(text):
    bounds = [bound for section in parse(text).sections for bound in (section.start, section.end)]
    assert bounds == sorted(bounds)


@property_test
@given(texts)
def test_paragraphs_are_numbered_from_1_in_each_section(text):
    for section in parse(text).sections:
        assert [p.number for p in section.paragraphs] == list(range(1, 1 + len(section.paragraphs)))


@property_test
@given(texts)
def test_a_path_ends_in_the_title_of_its_section(text):
    for section in parse(text).sections:
        assert section.path[-1:] == ((section.title,) if section.path else ())


def test_blank_lines_part_paragraphs():
    assert list_paragraphs(parse("Rain\nfell.\n\nSnow fell.\n \t\nHail fell.")) == [
        "Rain\nfell.", "Snow fell.", "Hail fell.",
    ]  # fmt: skip


def test_a_heading_opens_a_section():
    assert list_titles("It was wet.\n\n# Rain\n\nIt fell.") == [("", ()), ("Rain", ("Rain",))]


def test_a_heading_is_the_first_paragraph_of_its_section():
    assert list_paragraphs(parse("# Rain\n\nIt fell.\n\nIt stopped.")) == ["# Rain", "It fell.", "It stopped."]


def test_a_heading_right_above_its_text_opens_a_section():
    document = parse("# Rain\nIt fell.")
    assert (document.sections[0].title, list_paragraphs(document)) == ("Rain", ["# Rain\nIt fell."])


def test_deeper_headings_lie_under_those_above():
    text = "# A\n\n## B\n\n### C\n\n## D\n\n# E"
    assert [path for _, path in list_titles(text)] == [("A",), ("A", "B"), ("A", "B", "C"), ("A", "D"), ("E",)]


def test_a_heading_that_skips_a_level_is_of_its_own_level():
    assert [(s.level, s.path) for s in parse("# A\n\n#### B").sections] == [(1, ("A",)), (4, ("A", "B"))]


def test_a_heading_without_text_is_a_section():
    assert [title for title, _ in list_titles("# A\n\n# B")] == ["A", "B"]


@pytest.mark.parametrize("line", ["#rain", "####### rain", "#", "a # b", "# "])
def test_a_line_that_is_no_heading_opens_no_section(line):
    assert list_titles(f"Wet.\n\n{line}\n\nIt fell.") == [("", ())]


def test_closing_signs_are_no_part_of_a_heading():
    assert list_titles("## Rain ##")[0][0] == "Rain"


def test_lines_may_end_as_on_windows():
    document = parse("Rain\r\nfell.\r\n\r\nSnow fell.\r\n")
    assert [text.rstrip() for text in list_paragraphs(document)] == ["Rain\r\nfell.", "Snow fell."]


def test_a_heading_that_ends_as_on_windows_has_a_clean_title():
    assert list_titles("# Rain\r\n\r\nIt fell.\r\n")[0] == ("Rain", ("Rain",))


def test_a_form_feed_alone_on_its_line_parts_paragraphs():
    assert list_paragraphs(parse("Rain fell.\n\x0c\nSnow fell.")) == ["Rain fell.", "Snow fell."]


def test_a_form_feed_inside_a_line_parts_nothing():
    assert list_paragraphs(parse("Rain\x0cfell.")) == ["Rain\x0cfell."]


@pytest.mark.parametrize("end", ["", "\n", "\n\n", " \n", "\r\n"])
def test_the_last_paragraph_ends_with_the_text(end):
    assert list_paragraphs(parse(f"Rain fell.{end}"))[0].rstrip() == "Rain fell."


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\r\n\x0c\t"])
def test_a_text_without_words_has_no_section(text):
    assert parse(text).sections == ()


def test_a_document_is_what_it_is_said_to_be():
    work = parse_plain("Rain.", document_id="rain", title="On rain", kind="paper").work
    assert (work.id, work.title, work.kind) == ("rain", "On rain", "paper")


def test_a_document_is_a_reference_without_title_unless_said():
    assert (parse("Rain.").work.kind, parse("Rain.").work.title) == ("reference", "")


def test_a_long_blank_line_is_read_in_good_time():
    assert len(list_paragraphs(parse("a\n" + "\u00a0" * 50_000 + "\n" + " " * 50_000 + "b"))) == 2
