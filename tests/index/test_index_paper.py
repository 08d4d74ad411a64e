import re
import time
from pathlib import Path

import pytest

from index.model import Block, Fact, Reading
from index.paper import make_document, parse_paper
from index.text import read_text

SEEDS = Path(__file__).resolve().parents[2] / "seeds"

STATE = "2.0 THE CURRENT STATE OF US-JAPAN SCIENCE AND TECHNOLOGY COOPERATION"
SECTIONS = [
    ("front", 1, "", 4),
    ("abstract", 1, "ABSTRACT", 2),
    ("body", 1, "1.0 INTRODUCTION", 7),
    ("body", 1, STATE, 1),
    ("body", 2, "2.1 Cooperation on AI development", 4),
    ("body", 2, "2.2 Cooperation and development of the electric vehicle industry", 6),
    ("body", 2, "2.3 Cooperation in Semiconductor Manufacturing", 3),
    ("body", 2, "2.4 Cooperation on 5G and Digital Infrastructure", 2),
    ("body", 2, "2.5 Digital Infrastructure", 1),
    ("body", 1, "3.0 CONCLUSION", 3),
    ("references", 1, "REFERENCES", 23),
]


def parse(source):
    return parse_paper(source, document_id="text")


def paragraphs(document):
    return [[document.text[p.start : p.end] for p in section.paragraphs] for section in document.sections]


def test_the_title_is_the_first_line(paper):
    assert paper.work.title == (
        "SCIENTIFIC AND TECHNOLOGICAL COOPERATION BETWEEN THE UNITED STATES AND JAPAN (2021-2025)"
    )


def test_the_id_is_the_file_name(paper):
    assert paper.work.id == "us-japan-science-technology-2021-2025"


def test_a_parsed_source_is_a_paper(paper):
    assert paper.work.kind == "paper"


def test_the_author_is_the_one_named(paper):
    assert paper.work.authors == ("TRAN ANH CONG",)


def test_the_affiliation_spans_its_two_lines(paper):
    assert paper.work.affiliation == (
        "Ph.D. Student in International Relations at Hanoi University of Social Sciences and Humanities, Vietnam"
    )


def test_the_doi_loses_its_resolver(paper):
    assert paper.work.doi == "10.37602/ijssmr.2025.8436"


def test_the_url_resolves_the_doi(paper):
    assert paper.work.url == "https://doi.org/10.37602/ijssmr.2025.8436"


def test_the_year_is_the_one_in_the_doi(paper):
    assert paper.work.year == 2025


def test_the_abstract_starts_at_its_first_word(paper):
    assert paper.work.abstract.startswith("Since the 1988 Agreement, US-Japan science and technology cooperation")


def test_the_abstract_ends_before_the_keywords(paper):
    assert paper.work.abstract.endswith("reshaping of the global technology order.")


def test_the_keywords_are_four(paper):
    assert paper.work.keywords == ("Cooperation", "Science and Technology", "United States", "Japan")


def test_the_sections_have_their_roles_levels_titles_and_paragraph_counts(paper):
    assert [(s.role, s.level, s.title, len(s.paragraphs)) for s in paper.sections] == SECTIONS


@pytest.mark.parametrize("position", range(4, 9))
def test_a_subsection_lies_below_its_section(paper, position):
    assert paper.sections[position].path == (STATE, SECTIONS[position][2])


def test_a_top_section_has_itself_alone_as_its_path(paper):
    assert paper.sections[9].path == ("3.0 CONCLUSION",)


def test_the_front_matter_has_its_roles(paper):
    assert [p.role for p in paper.sections[0].paragraphs] == ["title", "author", "affiliation", "doi"]


def test_paragraphs_count_from_1_in_each_section(paper):
    for section in paper.sections:
        assert [p.number for p in section.paragraphs] == list(range(1, len(section.paragraphs) + 1))


def test_sections_start_at_their_headings(paper):
    assert all(paper.text.startswith(s.title, s.start) for s in paper.sections)


def test_sections_follow_each_other_without_overlap(paper):
    bounds = [bound for section in paper.sections for bound in (section.start, section.end)]
    assert bounds == sorted(bounds)


@pytest.mark.parametrize(
    "joined",
    [
        "foster a transparent AI ecosystem",
        "over five years at its US headquarters",
        "Rensselaer Polytechnic Institute;",
        "stemming from dependence on single supply chains",
    ],
)
def test_a_sentence_cut_by_a_page_break_is_whole(paper, joined):
    assert sum(joined in text for section in paragraphs(paper) for text in section) == 1


def test_no_escaped_dollar_is_left(paper):
    assert (paper.text.count("\\"), paper.text.count("$110 million")) == (0, 1)


def test_the_text_is_the_source_but_for_white_space_and_escapes(paper):
    (file,) = SEEDS.glob("*.txt")
    source = file.read_text(encoding="utf-8").replace("\\$", "$")
    assert paper.text.split() == source.split()


def test_each_repaired_page_break_is_one_paragraph_less(paper):
    (file,) = SEEDS.glob("*.txt")
    source = file.read_text(encoding="utf-8")
    blocks = len(re.split(r"\n\s*\n", source.strip()))
    # The 23 entries stand on lines of their own in two blocks, as a page break parts them.
    assert len(paper.text.split("\n\n")) == blocks - 4 + 21


def test_markdown_headings_nest_by_their_marks():
    document = parse("# Study\n\nText one.\n\n## Data ##\n\nText two.\n\n### Deep\n\nThree.\n\n## More\n\nFour.")
    assert [s.path for s in document.sections] == [
        ("Study",),
        ("Study", "Data"),
        ("Study", "Data", "Deep"),
        ("Study", "More"),
    ]


def test_a_markdown_title_is_the_title():
    assert parse("# Study of Rain\n\nIt rained all day.").work.title == "Study of Rain"


def test_a_markdown_heading_needs_no_blank_line():
    document = parse("# One\nfirst text.\n# Two\nsecond text.")
    assert paragraphs(document) == [["first text."], ["second text."]]


def test_lines_of_a_paragraph_become_one():
    assert paragraphs(parse("# A\n\none\ntwo\nthree.")) == [["one two three."]]


def test_list_items_are_paragraphs_of_their_own():
    document = parse("# A\n\n- first point\n- second point\n- third point\n\nAfter.")
    assert paragraphs(document) == [["- first point", "- second point", "- third point", "After."]]


def test_numbered_items_of_a_list_are_no_headings():
    document = parse("# A\n\n1. Apples\n2. Pears\n3. Plums")
    assert [s.title for s in document.sections] == ["A"]


def test_a_table_keeps_its_lines():
    table = "| a | b |\n|---|---|\n| 1 | 2 |"
    assert paragraphs(parse(f"# A\n\n{table}\n\nText.")) == [[table, "Text."]]


def test_a_code_fence_keeps_its_blank_lines_and_its_hash_signs():
    fence = "```python\n# no heading\n\n    x = 1\n```"
    assert paragraphs(parse(f"# A\n\n{fence}\n\nText.")) == [[fence, "Text."]]


def test_a_fence_that_is_never_closed_keeps_the_text():
    assert "the last line" in parse("# A\n\n```\ncode\n\nthe last line").text


def test_a_text_without_headings_is_one_section():
    document = parse("Rain fell. It was wet.\n\nSnow fell.")
    assert [(s.title, s.role, len(s.paragraphs)) for s in document.sections] == [("", "body", 2)]


def test_a_text_without_headings_has_its_id_as_title():
    assert parse("Rain fell. It was wet.\n\nSnow fell.").work.title == "text"


def test_what_a_text_does_not_say_of_itself_is_absent():
    work = parse("Rain fell. It was wet.").work
    assert (work.authors, work.affiliation, work.year, work.doi, work.abstract, work.keywords) == (
        (), None, None, None, None, (),
    )  # fmt: skip


def test_a_heading_without_a_body_is_a_section_without_paragraphs():
    document = parse("# A\n\n# B\n\nText.")
    assert [(s.title, len(s.paragraphs), s.start, s.end) for s in document.sections] == [
        ("A", 0, 0, 1),
        ("B", 1, 3, 11),
    ]


def test_crlf_reads_as_lf():
    assert parse("# A\r\n\r\none\r\ntwo.\r\n\r\nthree.").text == "A\n\none two.\n\nthree."


def test_lone_carriage_returns_read_as_lf():
    assert parse("# A\r\rone\rtwo.\r\rthree.").text == "A\n\none two.\n\nthree."


def test_a_byte_order_mark_is_dropped():
    assert parse("\ufeff# A\n\nText.").text == "A\n\nText."


def test_a_form_feed_in_mid_sentence_is_a_page_break():
    assert paragraphs(parse("# A\n\nthe rain\f\nfell on us.")) == [["the rain fell on us."]]


def test_a_short_line_before_a_capital_is_no_page_break():
    assert paragraphs(parse("# A\n\nDear reader\n\nThis is it.")) == [["Dear reader", "This is it."]]


def test_a_finished_sentence_is_not_joined_to_the_next_paragraph():
    assert paragraphs(parse("# A\n\nIt ended.\n\nthen it began.")) == [["It ended.", "then it began."]]


@pytest.mark.parametrize("escaped", ["\\$", "\\%", "\\&", "\\#", "\\_", "\\*"])
def test_escaped_punctuation_loses_its_backslash(escaped):
    assert parse(f"# A\n\nmark {escaped} here.").text == f"A\n\nmark {escaped[1]} here."


def test_a_backslash_that_escapes_nothing_stays():
    assert parse("# A\n\nC:\\temp is it.").text == "A\n\nC:\\temp is it."


def test_a_sentence_that_begins_with_a_number_is_no_heading():
    document = parse("1 Introduction\n\n12 people came to the house.\n\nText.")
    assert [s.title for s in document.sections] == ["1 Introduction"]


def test_numbered_headings_nest_by_their_numbers():
    document = parse("1 Rain\n\nA.\n\n1.1 Heavy rain\n\nB.\n\n1.1.2 Storms\n\nC.\n\n2 Snow\n\nD.")
    assert [s.level for s in document.sections] == [1, 2, 3, 1]


def test_several_authors_are_split():
    document = parse("A Study of Rain\n\nAda Byron, Alan Turing and Grace Hopper\n\nAbstract\n\nRain fell.")
    assert document.work.authors == ("Ada Byron", "Alan Turing", "Grace Hopper")


def test_what_stands_behind_the_last_entry_is_no_entry():
    blocks = (
        Block("References", level=1),
        Block("[1] Smith, S. (2020). Rain.", is_item=True),
        Block("[2] Lee, L. (2021). Snow.", is_item=True),
        Block("S. Smith was born in the rain and has studied it ever since."),
    )
    document = make_document(Reading(blocks), document_id="a")
    assert [entry.number for entry in document.references] == ["1", "2"]
    assert document.text.endswith("studied it ever since.")


def test_an_abstract_may_have_no_heading():
    abstract = "It rained, and we say why. " * 20
    text = f"On Rain\n\nAda Lovelace\n\n{abstract.strip()}\n\n# 1 Introduction\n\nRain fell."
    assert parse(text).work.abstract == abstract.strip()


def test_pages_are_kept_where_entries_are_cut_anew():
    entries = " ".join(f"[{n}] Smith, S. (20{n}0). Rain. Wet Press." for n in (1, 2, 3, 4))
    blocks = (Block("Rain fell.", pages=((0, 1),)), Block("References", level=1), Block(entries, pages=((44, 2),)))
    document = make_document(Reading(blocks), document_id="a")
    assert [entry.number for entry in document.references] == ["1", "2", "3", "4"]
    assert document.pages == ((0, 1), (document.references[1].start, 2))


def test_what_the_file_says_of_its_work_goes_before_its_first_page():
    facts = (Fact("title", "Rain", "citation_title"), Fact("title", "Rain | Wet Site", "title element"))
    work = make_document(Reading((Block("RAIN!", role="title"), Block("It fell.")), facts), document_id="a").work
    assert (work.title, work.provenance["title"]) == ("Rain", "citation_title")


def test_a_document_holds_no_character_that_is_no_text():
    blocks = (
        Block("The \ud800 rain\x1b[31m fell\x0con \tus.\n", pages=((0, 1), (16, 2))),
        Block("\x1b", pages=((0, 3),)),
    )
    facts = (Fact("title", "Rain \udfff", "JSON-LD"), Fact("authors", ("Ann\x1b Lee",), "JSON-LD"))
    document = make_document(Reading((*blocks, Block("It fell.")), facts), document_id="a")
    assert document.text == "The  rain[31m fell on \tus.\n\n\nIt fell."
    assert (document.work.title, document.work.authors) == ("Rain ", ("Ann Lee",))
    assert [(document.text[start : start + 3], page) for start, page in document.pages] == [
        ("The", 1),
        ("fel", 2),
        ("It ", 3),
    ]


def test_paragraphs_of_chinese_and_japanese_stay_apart():
    text = "# Rain\n\n" + "\n\n".join("雨" * 90 + end for end in "。！？")
    assert [len(p.role) for section in parse(text).sections for p in section.paragraphs] == [4, 4, 4]


@pytest.mark.parametrize("text", ["# a" + " " * 40_000 + "b", "# Rain\n\n" + ("rain " * 100 + "\n\n") * 4000])
def test_a_hostile_text_is_read_in_bounded_time(text):
    started = time.monotonic()
    assert read_text(text).blocks
    assert time.monotonic() - started < 3


def test_a_paragraph_is_joined_over_many_page_breaks():
    text = "# Rain\n\nRain\n\nfell\n\non\n\nus.\n\nThen snow."
    assert [block.text for block in read_text(text).blocks] == ["Rain", "Rain fell on us.", "Then snow."]
