import pytest

from index.model import Section
from qa.verdicts import AuditedMarker
from web.citation_map import draw_map

SECTIONS = [Section(title, 1, (title,), "body", start, start + 100, ()) for start, title in ((0, ""), (100, "Nests"))]


def mark(number, start, verdict="ok", about="1"):
    facts = {"sentence": "", "clause": "", "score": 1.0, "evidence": 1.0, "words": ()}
    return AuditedMarker(
        marker=f"[{number}]",
        number=number,
        points_to=number if number in "12" else None,
        about=about,
        verdict=verdict,
        locator="herons:0-200",
        start=start,
        end=start + 3,
        **facts,
    )


def show(drawn):
    """Return the map as text: a line for each section, `o` for a dot, `x` for a wrong one."""
    return {row.section: "|".join("".join("ox"[d.is_wrong] for d in cell) for cell in row.cells) for row in drawn.rows}


def test_each_marker_is_a_dot_where_its_section_meets_the_number_that_it_prints():
    markers = [mark("1", 10), mark("2", 20, "mismatch"), mark("1", 110), mark("1", 120)]
    assert show(draw_map(markers, ["1", "2"], SECTIONS)) == {"Front matter": "o|x", "Nests": "oo|"}


def test_a_number_that_the_list_lacks_stands_behind_it():
    drawn = draw_map([mark("9", 110, "missing", None)], ["1", "2"], SECTIONS)
    assert [column.name for column in drawn.columns] == ["1", "2", "9"]
    assert show(drawn) == {"Nests": "||x"}


def test_a_dot_opens_the_text_at_its_marker_and_says_what_it_is():
    dot = draw_map([mark("2", 110, "mismatch", "1")], ["1", "2"], SECTIONS).rows[0].cells[1][0]
    assert dot.url == "/documents/herons?at=0-200&mark=110-113#here"
    assert dot.note == "[2]: its words match entry 1"


def test_the_map_is_told_in_words():
    told = draw_map([mark("1", 10), mark("9", 110, "missing", None)], ["1", "2", "3"], SECTIONS).description
    assert told.startswith("2 sections cite 1 of 3 entries.")


@pytest.mark.parametrize(("markers", "entries"), [([], ["1"]), ([mark("1", 10)], [])])
def test_where_nothing_is_cited_there_is_no_map(markers, entries):
    assert draw_map(markers, entries, SECTIONS) is None
