import os

import pytest

from index.paper import make_document
from index.pdf.reader import read_pdf

try:
    import weasyprint
except OSError as missing:  # it needs Pango, a library of the system
    if os.environ.get("CI"):
        raise
    pytest.skip(f"weasyprint cannot set PDFs here: {missing}", allow_module_level=True)

STYLE = """
@page { size: 400pt 600pt; margin: 40pt }
html { font: 10pt/12pt "Liberation Serif" } p { margin: 0; text-align: justify; text-indent: 12pt }
h1 { font-size: 16pt; line-height: 20pt } h2 { font-size: 12pt; line-height: 16pt }
.entry { text-indent: -18pt; padding-left: 18pt } .entries { margin-top: 30pt }
.columns { columns: 2; column-gap: 20pt } sub, sup { font-size: 6pt; line-height: 0 } sub { margin-left: -3pt }
"""
RAIN = (
    "The rain fell on the roof of the house all night long, and no one who lived there slept before the morning came. "
)
TITLE = "<h1>Of the rain that falls on roofs</h1><h2>1 Introduction</h2>"
NAMES = ("Abel", "Brown", "Clark", "Dubois", "Evans")
ENTRIES = [
    f"[{number}] A. {name}, On the rain of {1980 + number} and of what it did to the houses and gardens by the river,"
    f" Weather and Roofs {number}, 12."
    for number, name in enumerate(NAMES, 1)
]
LISTED = "".join(f"<p class=entry>{entry}</p>" for entry in ENTRIES)


def typeset(body):
    page = f"<html lang=en><style>{STYLE}</style>{body}</html>"
    return read_pdf(weasyprint.HTML(string=page).write_pdf(), "rain.pdf")


def texts(reading):
    return [block.text for block in reading.blocks]


def test_a_letter_with_an_index_above_and_one_below_stays_in_its_line():
    body = f"<p>{RAIN}Then x<sup>2</sup><sub>i</sub> was the depth of the water that stood in the garden. {RAIN}</p>"
    assert f"{RAIN}Then x2i was the depth of the water that stood in the garden. {RAIN}".strip() in texts(
        typeset(TITLE + body)
    )


def test_a_numbered_heading_before_a_paragraph_on_the_same_line_is_a_heading():
    reading = typeset(f"{TITLE}<p>{RAIN * 2}</p><p><b>1.1. Snow.</b> {RAIN * 2}</p>")
    headings = [(block.text, block.level) for block in reading.blocks if block.level]
    assert (headings[1:], texts(reading)[-1]) == ([("1.1. Snow.", 2)], (RAIN * 2).strip())


def test_bold_words_before_a_paragraph_without_a_number_are_no_heading():
    reading = typeset(f"{TITLE}<p>{RAIN * 2}</p><p><b>Snow.</b> {RAIN * 2}</p>")
    assert texts(reading)[-1] == f"Snow. {RAIN * 2}".strip()


def test_a_bibliography_without_a_heading_is_one():
    reading = typeset(f"{TITLE}<p>{RAIN * 2}</p><div class=entries>{LISTED}</div>")
    document = make_document(reading, document_id="rain")
    assert [reference.raw for reference in document.references] == ENTRIES


def test_a_bibliography_below_two_columns_of_text_is_read_after_both():
    words = " ".join(f"drop {number} fell into the river," for number in range(40))
    body = f"<div class=columns><p>{words}</p></div><div class='columns entries'>{LISTED}</div>"
    assert texts(typeset(TITLE + body))[-6:] == ["References", *ENTRIES]


def test_what_stands_behind_the_last_entry_is_no_part_of_it():
    life = "A. Abel was born in a house by the river, and has since then studied the rain that falls on it."
    reading = typeset(f"{TITLE}<p>{RAIN * 2}</p><h2>References</h2>{LISTED}<p style='text-indent: 0'>{life}</p>")
    assert texts(reading)[-2:] == [ENTRIES[-1], life]


def test_names_in_capitals_with_an_address_behind_them_are_authors():
    names = "<p>ANNA ABEL, University of the River, Norway</p><p>BORIS BROWN, Institute of Roofs, Norway</p>"
    reading = typeset(f"<h1>Of the rain that falls on roofs</h1>{names}<h2>1 Introduction</h2><p>{RAIN * 2}</p>")
    assert [fact.value for fact in reading.facts if fact.field == "authors"] == [("ANNA ABEL", "BORIS BROWN")]


def test_an_underscore_that_is_drawn_as_a_rule_is_one():
    rule = "<span style='display: inline-block; width: 3pt; height: .4pt; background: black; margin: 0 .5pt'></span>"
    shown = f"<p>The file is named rain{rule}of{rule}june, and it holds what fell. {RAIN}</p>"
    assert (
        texts(typeset(TITLE + shown))[-1] == f"The file is named rain_of_june, and it holds what fell. {RAIN}".strip()
    )


def test_the_end_of_a_file_s_name_goes_on_with_the_address_on_the_line_before():
    entry = "A. Abel, Rain on pdf pages, https://rain.example.org/of-the-river.<br>pdf, 1981."
    reading = typeset(
        f"{TITLE}<p>{RAIN * 2}</p><h2>References</h2><p class=entry style='text-align-last: justify'>{entry}</p>"
    )
    assert texts(reading)[-1] == entry.replace("<br>", "")


def test_a_table_that_a_bibliography_flows_around_stands_before_it():
    table = "<p style='margin: 30pt 0; text-indent: 0'>Table 1. What fell on the roofs of the houses in June.</p>"
    half = LISTED.index("<p class=entry>[3]")
    reading = typeset(f"{TITLE}<p>{RAIN * 2}</p><h2>References</h2>{LISTED[:half]}{table}{LISTED[half:]}")
    assert texts(reading)[-7:] == ["Table 1. What fell on the roofs of the houses in June.", "References", *ENTRIES]
