import pytest

from index.paper import parse_paper
from index.references import find_doi, find_markers, find_url, parse_reference

FIELDS = {
    "3": ("Smith, S. A.", 2023, "Artificial intelligence and U.S.–Japan relations", "USJETAA"),
    "4": ("National Science Foundation", 2024, "AI-ENGAGE initiative collaborative research opportunity", "NSF"),
    "6": ("White & Case LLP", 2024, "AI Watch: Global regulatory tracker — G7 Hiroshima AI Process", None),
    "10": (
        "Wall Street Journal",
        2025,
        "Venture fund dedicated to Japan–U.S. alliance raises $250 million",
        "WSJ",
    ),
    "11": ("Lawder, D.", 2023, "US, Japan strike trade deal on electric vehicle battery minerals", "Reuters"),
    "13": ("The Japan News", 2023, "Japan Eyes 300,000 EV Charging Points by 2030", None),
    "15": ("Hayakawa, J., et al.", 2025, "Rapidus and Japan's bid for semiconductor revival", "CSIS Analysis"),
    "16": (
        "Lewis, S., & Brunnstrom, D.",
        2022,
        "US, Japan to cooperate on semiconductors as part of new economic dialogue",
        "Reuters",
    ),
    "17": ("VietnamPlus", 2024, "Các công ty Nhật Bản và Mỹ hợp tác phát triển công nghệ bán dẫn cho AI", None),
    "20": ("GR Japan", 2021, "Biden-Suga, U.S.-Japan Summit Launch of the “New Era Partnership”", None),
}


def entry(paper, number):
    return next(reference for reference in paper.references if reference.number == number)


def markers(text, count=9):
    references = [
        parse_reference(f"{n}. Author{'abcdefghi'[n - 1]}, X. (20{n:02}). Title.", 0, n) for n in range(1, count + 1)
    ]
    return find_markers(text, [(0, len(text))], references)


def test_all_entries_are_numbered_as_printed(paper):
    assert [reference.number for reference in paper.references] == [str(n) for n in range(1, 24)]


@pytest.mark.parametrize("number", FIELDS)
def test_an_entry_has_its_authors_year_title_and_container(paper, number):
    found = entry(paper, number)
    assert (found.authors, found.year, found.title, found.container) == FIELDS[number]


def test_every_entry_stands_in_the_text_as_it_is(paper):
    assert all(paper.text[r.start : r.end] == r.raw for r in paper.references)


def test_every_entry_has_a_url(paper):
    assert [r.number for r in paper.references if not r.url] == []


def test_the_arxiv_id_loses_its_version(paper):
    assert entry(paper, "8").arxiv == "2411.09134"


def test_only_one_entry_is_on_arxiv(paper):
    assert [r.number for r in paper.references if r.arxiv] == ["8"]


def test_an_escape_in_a_url_is_kept(paper):
    assert entry(paper, "1").url == "https://www.mofa.go.jp/region/n-america/us/q%26a/science/Science.html"


def test_a_question_mark_at_the_end_of_a_url_is_cut(paper):
    assert entry(paper, "8").url == "https://arxiv.org/abs/2411.09134"


@pytest.mark.parametrize("number", ["1", "2"])
def test_a_bare_url_says_nothing_else(paper, number):
    found = entry(paper, number)
    assert (found.authors, found.year, found.title, found.container, found.doi, found.arxiv) == (None,) * 6


def test_the_paper_has_25_markers(paper):
    assert len(paper.markers) == 25


def test_every_numbered_marker_points_to_its_number(paper):
    numbered = [marker for marker in paper.markers if marker.text.startswith("[")]
    assert [(m.text, m.points_to) for m in numbered] == [(f"[{n}]", str(n)) for n in range(1, 24)]


def test_every_marker_stands_where_it_says(paper):
    assert all(paper.text[m.start : m.end] == m.text for m in paper.markers)


def test_an_author_year_marker_points_to_the_entry_of_both(paper):
    assert [m.points_to for m in paper.markers if m.text == "(US Embassy in Japan, 2023)"] == ["18"]


def test_a_marker_without_an_entry_points_to_nothing(paper):
    found = [m.points_to for m in paper.markers if m.text == "(Ministry of Foreign Affairs of Japan, n.d.)"]
    assert found == [None]


def test_a_list_with_a_range_is_expanded():
    assert [m.points_to for m in markers("as shown [3, 5–7].")] == ["3", "5", "6", "7"]


def test_the_markers_of_one_list_share_its_span():
    assert {(m.start, m.end, m.text) for m in markers("as shown [3, 5–7].")} == {(9, 17, "[3, 5–7]")}


def test_a_hyphen_makes_a_range_too():
    assert [m.points_to for m in markers("[2-4]")] == ["2", "3", "4"]


def test_a_huge_range_is_bounded():
    assert len(markers("[1-999]")) == 51


def test_a_backward_range_is_its_first_number():
    assert [m.points_to for m in markers("[7-3]")] == ["7"]


def test_a_number_beyond_the_list_points_to_nothing():
    assert [m.points_to for m in markers("[12]")] == [None]


def test_a_year_in_brackets_is_no_marker():
    assert markers("in [2021] it was") == ()


def test_a_date_in_parentheses_is_no_marker():
    assert markers("founded (in 2021)") == ()


def test_two_works_in_one_pair_of_parentheses_are_two_markers():
    assert [m.points_to for m in markers("(Authora, 2001; Authorc, 2003)")] == ["1", "3"]


def test_an_author_of_another_year_points_to_nothing():
    assert [m.points_to for m in markers("(Authora, 2009)")] == [None]


def test_markers_outside_the_spans_are_not_found():
    assert find_markers("[1] and [2]", [(4, 11)], []) == tuple(find_markers("    and [2]", [(0, 11)], []))


def test_the_bibliography_holds_no_markers(paper):
    assert max(m.end for m in paper.markers) < paper.sections[-1].start


def test_an_entry_without_a_number_is_numbered_by_its_place():
    assert parse_reference("Smith, S. (2020). Rain.", 0, 7).number == "7"


def test_a_number_in_brackets_is_the_number():
    assert parse_reference("[42] Smith, S. (2020). Rain.", 0, 7).number == "42"


def test_an_entry_without_a_date_has_no_year():
    found = parse_reference("1. Smith, S. (n.d.). Rain. Wet Press.", 0, 1)
    assert (found.authors, found.year, found.title, found.publisher) == ("Smith, S.", None, "Rain", "Wet Press")


def test_a_title_in_quotation_marks_is_read_with_what_holds_it():
    found = parse_reference('2. S. Smith, "Rain," J. Wet, 2020, doi: 10.1000/wet.12.', 0, 2)
    assert (found.authors, found.title, found.container, found.year) == ("S. Smith", "Rain", "J. Wet", 2020)


def test_a_doi_behind_its_label_is_found():
    found = parse_reference('2. S. Smith, "Rain," J. Wet, 2020, doi: 10.1000/wet.12.', 0, 2)
    assert found.doi == "10.1000/wet.12"


def test_the_span_of_an_entry_starts_where_it_is_told():
    found = parse_reference("1. Rain.", 100, 1)
    assert (found.start, found.end) == (100, 108)


def test_a_doi_loses_the_stop_behind_it():
    assert find_doi("see https://doi.org/10.1000/xyz123.") == "10.1000/xyz123"


def test_a_text_without_a_doi_has_none():
    assert find_doi("version 10.2 of it") is None


def test_a_url_loses_the_bracket_behind_it():
    assert find_url("(see https://example.org/a_b).") == "https://example.org/a_b"


def test_a_bibliography_in_markdown_is_read():
    document = parse_paper("# A\n\nRain fell [1].\n\n## References\n\n[1] Smith, S. (2020). Rain.", document_id="a")
    assert [(r.number, r.title) for r in document.references] == [("1", "Rain")]
