import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.markers import find_markers
from index.paper import parse_paper
from index.references import find_doi, find_same_works, find_url, parse_reference

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


FIELDS_OF = {
    "A. Rain and B. Snow. Hail on hills. In ICWX, 2020.": ("Hail on hills", "ICWX", 2020),
    "Rain, A., Snow, B.: Hail on hills. Wet Sci. 12(3), 4–15 (2020)": ("Hail on hills", "Wet Sci", 2020),
    "A. Rain, B. Snow, Hail on hills, Wet Sci. 12 (2020) 4–15.": ("Hail on hills", "Wet Sci", 2020),
    "A. Rain and B. Snow, Phys. Rev. Lett. 116, 061102 (2020).": (None, "Phys. Rev. Lett.", 2020),
    "Rain A, Snow B. Hail on hills. Wet Sci. 2020;12(3):4-15.": ("Hail on hills", "Wet Sci", 2020),
    "Rain, A. & Snow, B. Hail on hills. Wet Sci. 12, 4–15 (2020).": ("Hail on hills", "Wet Sci", 2020),
    "Rain, A.; Snow, B. Hail on hills. Wet Sci. 2020, 12, 4–15.": ("Hail on hills", "Wet Sci", 2020),
    "Rain A, Snow B (2020) Hail on hills. Wet Sci 12(3):4–15": ("Hail on hills", "Wet Sci", 2020),
    "Rain, Ann, and Bo Snow. “Hail on Hills.” Wet Sci 12, no. 3 (2020): 4–15.": ("Hail on Hills", "Wet Sci", 2020),
    "Rain, A. (2020). Why hail? Because of hills. Wet Sci, 12, 4–15.": ("Why hail? Because of hills", "Wet Sci", 2020),
    "Rain, A. (2020). *Hail on hills*. _Wet Sci_, 12, 4–15.": ("Hail on hills", "Wet Sci", 2020),
    "王伟, 李娜. 山上的雨[J]. 气象学报, 2020, 43(5): 801-815.": ("山上的雨", "气象学报", 2020),
}


@pytest.mark.parametrize("entry", FIELDS_OF)
def test_other_shapes_are_read_too(entry):
    found = parse_reference(entry, 0, 1)
    assert (found.title, found.container, found.year) == FIELDS_OF[entry]


NAMES_OF = {
    "van der Berg, T., & de la Cruz, M. (2020). Hail.": [("van der Berg", "T."), ("de la Cruz", "M.")],
    "King, M. A., Jr., & Rain, A. (2020). Hail on hills.": [("King", "M. A. Jr."), ("Rain", "A.")],
    "J. St. Clair and P. Ó Briain, “Hail,” Wet Sci., 2020.": [("St. Clair", "J."), ("Ó Briain", "P.")],
    "J. Ba and H.-P. Rain. Hail on hills. Wet Sci, 2020.": [("Ba", "J."), ("Rain", "H.-P.")],
    "Nguyễn Văn Minh (2020). Mưa trên núi.": [("Nguyễn", "Văn Minh")],
    "Rain, Ann B., and Bo Snow. 2020. Hail on Hills. Wet Press.": [("Rain", "Ann B."), ("Snow", "Bo")],
    "Rain A, Snow BC, et al. Hail on hills. Wet Sci. 2020;1:2.": [("Rain", "A"), ("Snow", "BC")],
    "ATLAS Collaboration, G. Rain et al., Hail, Wet Sci. 7 (2020) 1.": [("", ""), ("Rain", "G.")],
}


@pytest.mark.parametrize("entry", NAMES_OF)
def test_names_are_told_apart(entry):
    found = parse_reference(entry, 0, 1)
    assert [(name.family, name.given) for name in found.names] == NAMES_OF[entry]


@pytest.mark.parametrize(
    "printed",
    [
        "Retrieved May 3, 2024, from https://a.example.org",
        "https://a.example.org. Accessed 3 May 2024.",
        "https://a.example.org [cited 2024 May 3].",
        "https://a.example.org (accessed on 3 May 2024).",
        "[Online]. Available: https://a.example.org [Accessed: 03-May-2024].",
        "https://a.example.org, last accessed 2024/05/03.",
        "<https://a.example.org> (visited on 05/03/2024).",
    ],
)
def test_the_date_of_access_is_read(printed):
    found = parse_reference(f"Rain, A. (2020). Hail on hills. {printed}", 0, 1)
    assert (found.accessed, found.url) == ("2024-05-03", "https://a.example.org")


@pytest.mark.parametrize(
    ("printed", "date"),
    [("(2024, August 5)", "2024-08-05"), ("(2024, August)", "2024-08"), ("(2024a)", "2024"), ("(in press)", None)],
)
def test_the_date_of_issue_is_in_iso_8601(printed, date):
    assert parse_reference(f"Rain, A. {printed}. Hail on hills. Wet Press.", 0, 1).issued == date


DOIS = {
    "https://doi.org/10.1016/s0140-6736(20)32014-3.": "10.1016/s0140-6736(20)32014-3",
    "DOI: 10.1000/ABC.1": "10.1000/abc.1",
    "http://dx.doi.org/10.1000/abc.1)": "10.1000/abc.1",
    "https://doi. org/10.1000/ abc.1": "10.1000/abc.1",
    "https://www.wet.example.org/doi/full/10.1000/abc.1?x=2": "10.1000/abc.1",
    "doi:10.1002/(SICI)1097-0258(19980815)17:15<1661::AID-SIM968>3.0.CO;2-2": (
        "10.1002/(sici)1097-0258(19980815)17:15<1661::aid-sim968>3.0.co;2-2"
    ),
}


@pytest.mark.parametrize("printed", DOIS)
def test_a_doi_is_found_in_any_dress(printed):
    assert parse_reference(f"Rain, A. (2020). Hail on hills. {printed}", 0, 1).doi == DOIS[printed]


def test_an_arxiv_doi_is_an_arxiv_id():
    entry = "Rain, A. (2024). Hail on hills. https://doi.org/10.48550/arXiv.2401.01234"
    assert parse_reference(entry, 0, 1).arxiv == "2401.01234"


SAME = "Rain, A. (2020). Hail on the hills of Ghent."


@pytest.mark.parametrize(
    "other",
    [
        "A. Rain, “Hail on the Hills of Ghent,” Wet Sci., 2020.",
        "Rain, A. (2020). Hail on the hils of Ghent.",
        "RAIN, A. (2020). Hail: on the hills of Ghent. https://wet.example.org",
    ],
)
def test_entries_of_one_title_author_and_year_are_the_same_work(other):
    assert find_same_works([parse_reference(SAME, 0, 1), parse_reference(other, 0, 2)]) == {"2": "1"}


@pytest.mark.parametrize(
    "other",
    [
        "Rain, A. (2021). Hail on the hills of Ghent.",
        "Snow, A. (2020). Hail on the hills of Ghent.",
        "Rain, A. (2020). Hail on the plains of Bruges.",
    ],
)
def test_another_year_author_or_title_is_another_work(other):
    assert find_same_works([parse_reference(SAME, 0, 1), parse_reference(other, 0, 2)]) == {}


def test_another_doi_is_another_work():
    entries = [f"{SAME} https://doi.org/10.1000/{number}" for number in (1, 2)]
    assert find_same_works([parse_reference(entry, 0, at) for at, entry in enumerate(entries, 1)]) == {}


def test_a_url_is_the_same_with_and_without_its_dress():
    entries = ["1. https://www.wet.example.org/hail/", "2. http://wet.example.org/hail#top"]
    assert find_same_works([parse_reference(entry, 0, at) for at, entry in enumerate(entries, 1)]) == {"2": "1"}


def test_the_paper_cites_one_work_twice(paper):
    assert find_same_works(paper.references) == {"19": "18"}


def test_the_library_that_checks_identifiers_is_loaded_with_the_first_entry_only():
    code = "import sys, index.references; print('idutils' in sys.modules, 'index.references.shapes' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == (
        "False False\n"
    )


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="abAB .,;:()[]“”12 –-&’é/doi10.https", max_size=150))
def test_any_entry_keeps_its_text(raw):
    found = parse_reference(raw, 3, 1)
    assert (found.raw, found.start, found.end) == (raw, 3, 3 + len(raw))


def test_volume_and_issue_may_be_joined_by_a_stop():
    found = parse_reference("[1] Qi Xu. “Deep rain”. In: Journal of Rain 86.11 (1980), pp. 12–34.", 0, 1)
    assert (found.container, found.volume, found.issue, found.pages, found.year) == (
        *("Journal of Rain", "86", "11", "12-34"),
        1980,
    )
