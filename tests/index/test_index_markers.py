import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.markers import find_markers
from index.references import parse_reference

PEOPLE = [
    "Smith, J. (2020). Rain on the plain. Wet Press.",
    "Smith, J., & Lee, K. (2023). Snow on the hill. Wet Press.",
    "Doe, A. (n.d.). Hail. Wet Press.",
    "Lee, K., Roe, B., & Poe, C. (2021a). Fog at sea. Wet Press.",
    "Lee, K., Roe, B., & Poe, C. (2021b). Fog on land. Wet Press.",
    "National Science Foundation. (2024). Funding of rain. NSF.",
    "van der Berg, T. (2019). Mist. Wet Press.",
    "García Márquez, L. (2018). Sleet. Wet Press.",
    "U.S. Embassy & Consulates in Japan (2023). Partnerships. https://jp.usembassy.gov/",
    "O’Brien, P. (2017). Dew. Wet Press.",
    "Müller, S. (2015). Frost. Wet Press.",
]
NUMBERED = [f"{n}. Author{'abcdefghijklmnopqrstuv'[n - 1]}, X. ({2000 + n}). Title of work {n}." for n in range(1, 23)]


def parse(entries):
    return [parse_reference(entry, 0, position) for position, entry in enumerate(entries, 1)]


def find(text, entries=NUMBERED):
    return find_markers(text, [(0, len(text))], parse(entries))


def points(text, entries=NUMBERED):
    return [marker.points_to for marker in find(text, entries)]


def sentences(text, entries=NUMBERED):
    return [text[slice(*marker.sentence)] for marker in find(text, entries)]


def clauses(text, entries=NUMBERED):
    return [text[slice(*marker.clause)] for marker in find(text, entries)]


NAMED = {
    "(Smith, 2020)": ["1"],
    "(Smith 2020)": ["1"],
    "[Smith, 2020]": ["1"],
    "(Smith & Lee, 2023; Doe, n.d.)": ["2", "3"],
    "(Smith and Lee 2023)": ["2"],
    "(see Smith, 2020, p. 5; Lee et al., 2021a, 2021b)": ["1", "4", "5"],
    "(Lee et al., 2021a, b)": ["4", "5"],
    "(Smith, 2020; 2021)": ["1", None],
    "(e.g., Smith, 2020)": ["1"],
    "(for a review, see Smith, 2020)": ["1"],
    "(Müller, 2015)": ["11"],
    "(Muller, 2015)": ["11"],
    "(O'Brien, 2017)": ["10"],
    "(van der Berg, 2019)": ["7"],
    "(Berg, 2019)": ["7"],
    "(García Márquez, 2018)": ["8"],
    "(National Science Foundation, 2024)": ["6"],
    "(NSF, 2024)": ["6"],
    "(US Embassy in Japan, 2023)": ["9"],
    "(Ministry of Foreign Affairs of Japan, n.d.)": [None],
    "(Brown, 2020)": [None],
    "Smith (2020)": ["1"],
    "Smith and Lee (2023, p. 4)": ["2"],
    "Lee et al. (2021b)": ["5"],
    "Lee and colleagues (2021a)": ["4"],
    "Smith’s (2020)": ["1"],
    "van der Berg (2019)": ["7"],
    "García Márquez (2018)": ["8"],
    "The National Science Foundation (2024)": ["6"],
    "Jones et al. (2011)": [None],
}


@pytest.mark.parametrize("marker", NAMED)
def test_authors_and_years_point_to_their_entries(marker):
    assert points(f"Rain falls, says {marker} here.", PEOPLE) == NAMED[marker]


@pytest.mark.parametrize("marker", NAMED)
def test_a_marker_of_authors_stands_where_it_is_printed(marker):
    text = f"Rain falls, says {marker} here."
    assert {text[found.start : found.end] for found in find(text, PEOPLE)} == {marker}


@pytest.mark.parametrize(
    "text",
    [
        "It rained (May 2020) again.",
        "It rained (in 2020) again.",
        "It rained (2020) again.",
        "It rained (see Table 1) again.",
        "The Act (2011) was passed.",
        "It rained (since March, 2020).",
    ],
)
def test_a_date_in_parentheses_names_no_work(text):
    assert points(text, PEOPLE) == []


def test_a_lone_word_with_a_year_is_no_marker_where_numbers_are():
    assert points("Rain [1] and snow [2] and hail [3] fell (Paris, 2015).") == ["1", "2", "3"]


def test_a_word_before_the_authors_is_no_part_of_the_marker():
    assert [found.text for found in find("As Smith and Lee (2023) say.", PEOPLE)] == ["Smith and Lee (2023)"]


NUMBERS = {
    "[3]": ["3"],
    "[3, 5–7]": ["3", "5", "6", "7"],
    "[3][4]": ["3", "4"],
    "[1]–[3]": ["1", "2", "3"],
    "[6, p. 3]": ["6"],
    "[see 4]": ["4"],
    "[23]": [None],
    "[sic]": [],
    "[…]": [],
    "[0, 1]": [],
    "the interval [1, 5]": [],
    "x[3]": [],
    "a_i[3]": [],
    "[2021]": [],
}


@pytest.mark.parametrize("marker", NUMBERS)
def test_numbers_in_square_brackets_point_to_their_entries(marker):
    assert points(f"Rain falls {marker} here.") == NUMBERS[marker]


def test_numbers_are_no_markers_where_the_list_has_none():
    assert points("Rain falls [1, 2] here (Smith, 2020).", PEOPLE) == ["1"]


def test_numbers_name_places_in_a_list_that_is_cited_by_them():
    assert points("Rain [1] and snow [2] and hail [4].", PEOPLE) == ["1", "2", "4"]


RAISED = {
    "Rain falls.³ Snow too.": ["3"],
    "Rain falls,⁴⁻⁶ says she.": ["4", "5", "6"],
    "Rain falls.¹,³⁻⁵ Snow too.": ["1", "3", "4", "5"],
    "An area of 3 m² and 4 km² of CO² where R² is 10⁵.": [],
    "Rain falls² here.": ["2"],
}


@pytest.mark.parametrize("text", RAISED)
def test_raised_numbers_point_to_their_entries(text):
    assert points(text) == RAISED[text]


def test_numbers_in_round_brackets_count_where_enough_of_them_fit():
    assert points("Rain falls (3). Snow falls (4, 5), and hail (7) too.") == ["3", "4", "5", "7"]


@pytest.mark.parametrize(
    "text",
    [
        "Rain falls (3) here.",
        "We show: (1) rain, (2) snow, and (3) hail.",
        "By Eq. (1), Eq. (2) and Eq. (3) rain falls.",
        "In (2019) and (2020) and (2021) rain fell.",
    ],
)
def test_few_or_other_numbers_in_round_brackets_are_no_markers(text):
    assert points(text) == []


def test_keys_point_to_their_entries():
    entries = ["[Smi20] J. Smith. Rain on the plain. 2020.", "[LR21] K. Lee and B. Roe. Snow. 2021."]
    assert points("Rain [Smi20, LR21] and snow [LR21] but not [x].", entries) == ["Smi20", "LR21", "LR21"]


SENTENCES = {
    "Rain fell.[3] Snow fell.": "Rain fell.[3]",
    "Rain fell. [3] Snow fell.": "Rain fell. [3]",
    "Rain fell.³ Snow fell.": "Rain fell.³",
    "Rain fell.” [3] Snow fell.": "Rain fell.” [3]",
    "Snow fell. [3] shows that rain fell.": "[3] shows that rain fell.",
    "Rain fell, as Lee et al. [3] say. Snow fell.": "Rain fell, as Lee et al. [3] say.",
    "Snow fell. As in Fig. 2 of [3], rain fell.": "As in Fig. 2 of [3], rain fell.",
    "In the U.S. [3] it rained. Snow fell.": "In the U.S. [3] it rained.",
    "Snow fell. Rain fell [3].": "Rain fell [3].",
    "Rain fell, e.g. in Ghent [3]. Snow fell.": "Rain fell, e.g. in Ghent [3].",
}


@pytest.mark.parametrize("text", SENTENCES)
def test_a_marker_has_its_sentence(text):
    assert sentences(text) == [SENTENCES[text]]


def test_a_sentence_ends_with_its_paragraph():
    text = "Rain fell\n\nSnow fell [3]."
    found = find_markers(text, [(0, 9), (11, len(text))], parse(NUMBERED))
    assert [text[slice(*marker.sentence)] for marker in found] == ["Snow fell [3]."]


CLAUSES = {
    "It rained hard in Ghent [1], while it snowed all day in Graz [2].": [
        "It rained hard in Ghent",
        "it snowed all day in Graz",
    ],
    "It rained hard in Ghent; at the same time, it snowed in Graz [2].": ["at the same time, it snowed in Graz"],
    "It promotes safe, trustworthy, and transparent rain in Ghent [1].": [
        "It promotes safe, trustworthy, and transparent rain in Ghent"
    ],
    "Rain fell [1].": ["Rain fell"],
    "According to [1], it rained all day in Ghent.": ["According to [1], it rained all day in Ghent."],
    "It rained all day in Ghent [1][2].": ["It rained all day in Ghent", "It rained all day in Ghent"],
}


@pytest.mark.parametrize("text", CLAUSES)
def test_a_marker_has_the_clause_that_it_supports(text):
    assert clauses(text) == CLAUSES[text]


def test_authors_in_the_sentence_lead_their_clause():
    text = "Smith (2020) says that it rained, while Lee et al. (2021a) say that it snowed."
    assert clauses(text, PEOPLE) == ["Smith (2020) says that it rained", "Lee et al. (2021a) say that it snowed."]


def test_every_marker_of_the_paper_ends_a_sentence_or_a_clause_of_it(paper):
    # In this paper every marker stands at the end of its sentence, but for the first of one sentence with two.
    ends = [paper.text[marker.end : marker.sentence[1]] for marker in paper.markers]
    assert [end[:1] for end in ends] == ["." if marker.text != "[11]" else "," for marker in paper.markers]


def test_every_sentence_of_the_paper_s_markers_begins_one(paper):
    starts = [paper.text[marker.sentence[0]] for marker in paper.markers]
    before = {paper.text[max(0, marker.sentence[0] - 2) : marker.sentence[0]] for marker in paper.markers}
    assert all(start.isupper() for start in starts)
    assert before <= {". ", "\n\n"}


def test_no_sentence_of_the_paper_s_markers_holds_the_end_of_another(paper):
    inner = [paper.text[marker.sentence[0] : marker.sentence[1] - 1] for marker in paper.markers]
    assert [text for text in inner if re.search(r"(?<!U\.S)(?<!\sJ)\.\s[A-Z]", text)] == []


def test_the_libraries_that_split_sentences_are_not_loaded_without_a_marker():
    before = set(sys.modules)
    find_markers("Rain fell.", [(0, 10)], [])
    assert "sentencex" not in set(sys.modules) - before


TEXT = st.text(alphabet="abAB .,;:()[]12 3²³–-&’é\n", max_size=200)


@settings(max_examples=200, deadline=None)
@given(TEXT)
def test_spans_hold_in_any_text(text):
    for marker in find(text, PEOPLE + NUMBERED):
        assert text[marker.start : marker.end] == marker.text
        assert 0 <= marker.sentence[0] <= marker.start < marker.end <= marker.sentence[1] <= len(text)
        assert marker.sentence[0] <= marker.clause[0] <= marker.clause[1] <= marker.sentence[1]


@pytest.mark.parametrize("piece", ["(", "[1]", "[1, ", "Smith (2020) ", "Rain.³ ", "(3) ", "x.[3] Y ", "Aa and "])
def test_hostile_text_is_read_in_bounded_time(piece):
    text = piece * (20_000 // len(piece))
    assert all(text[marker.start : marker.end] == marker.text for marker in find(text))


@pytest.mark.parametrize(
    ("marker", "numbers"),
    [("[3, 22–24]", ["3", "22", "23", "24"]), ("²³", ["23"]), ("(Smith, 2020)", [None]), ("[40]", ["40"])],
)
def test_a_marker_says_which_number_it_prints_whether_or_not_the_list_has_it(marker, numbers):
    entries = [*NUMBERED, "Smith, J. (2020). Rain on the plain. Wet Press."]
    text = f"Rain falls far away{marker if marker == '²³' else f' {marker}'} here."
    assert [found.number for found in find(text, entries)] == numbers
