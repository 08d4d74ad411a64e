import html
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rapidfuzz.distance import Levenshtein

from index.paper import make_document, parse_paper
from index.pdf.reader import read_pdf

try:
    import weasyprint
except OSError as missing:  # it needs Pango, a library of the system
    if os.environ.get("CI"):
        raise
    pytest.skip(f"weasyprint cannot set PDFs here: {missing}", allow_module_level=True)

ROOT = Path(__file__).resolve().parents[3]
SEED = ROOT / "seeds" / "us-japan-science-technology-2021-2025.txt"
URL = re.compile(r"https?://[^\s<>]+")
PAPER = parse_paper(SEED.read_text(encoding="utf-8"), document_id="seed")

PLAIN = """
@page { size: A4; margin: 22mm 18mm; @top-center { content: "US-Japan cooperation in science"; font-size: 8pt }
        @bottom-center { content: counter(page) } }
html { font: 10pt/1.3 "Liberation Serif" }
p { margin: 0; text-align: justify; hyphens: auto; text-indent: 1.2em }
h1 { font-size: 17pt; text-align: center } h2 { font-size: 12pt } h3 { font-size: 10.5pt }
.author, .affiliation, .doi { text-align: center; text-indent: 0; hyphens: none }
.entry { padding-left: 1.5em; text-indent: -1.5em }
"""
TWO_COLUMNS = ".body { columns: 2; column-gap: 6mm }"
LIKE_A_LETTER = """
@page { size: Letter; margin: 20mm 17mm; @bottom-right { content: counter(page) } }
@page :left { @top-left { content: counter(page) "   TRAN ANH CONG"; font-size: 8pt } }
@page :right { @top-right { content: "Science and technology cooperation   " counter(page); font-size: 8pt } }
html { font: 9.5pt/1.2 "Liberation Serif" } p { margin: 0; text-align: justify; hyphens: auto; text-indent: 1em }
h1 { font-size: 20pt; font-weight: normal; text-align: center }
h2 { font-size: 9.5pt; font-weight: normal; text-align: center; font-variant: small-caps; margin: 8pt 0 4pt }
h3 { font-size: 9.5pt; font-weight: normal; font-style: italic; margin: 6pt 0 3pt }
.author, .affiliation, .doi { text-align: center; text-indent: 0; hyphens: none }
.entry { padding-left: 1.5em; text-indent: -1.5em; font-size: 8pt }
.body { columns: 2; column-gap: 5mm }
"""
SPACED = """
@page { size: A4; margin: 25mm; @top-left { content: "Preprint, not reviewed" }
        @bottom-center { content: "Page " counter(page) " of " counter(pages) } }
html { font: 11pt/1.4 "Liberation Sans" } p { margin: 0 0 .8em; hyphens: none; text-align: left }
h1 { font-size: 20pt } h2 { font-size: 14pt } h3 { font-size: 11pt }
"""
IN_COLUMNS = """
@page { size: A4; margin: 22mm; @top-center { content: "Journal of Social Sciences, Vol 8, 2025" }
        @bottom-center { content: counter(page) } }
html { font: 10pt "DejaVu Serif" } body { columns: 2; text-align: justify; hyphens: auto } h1 { hyphens: none }
.entry { padding-left: 2em; text-indent: -2em; overflow-wrap: anywhere }
"""
STYLES = {
    "one column": PLAIN,
    "two columns": PLAIN + TWO_COLUMNS,
    "two columns of a letter, odd and even heads": LIKE_A_LETTER,
    "ragged, with gaps": SPACED,
    "title and all in two columns": IN_COLUMNS,
}


def paragraphs(document, *, references):
    spans = [
        (p.start, p.end) for s in document.sections if (s.role == "references") == references for p in s.paragraphs
    ]
    return [document.text[start:end] for start, end in spans]


def typeset(style, *, dress=lambda text: text, entry=lambda text: text, extra=""):
    """Render the seed paper; return its bytes, and the page on which each paragraph begins."""
    front, body, number = [], [], 0
    for section in PAPER.sections:
        part = body if section.title else front
        if section.title:
            part.append(f"<h{section.level + 1}>{html.escape(section.title)}</h{section.level + 1}>")
        for paragraph in section.paragraphs:
            text = html.escape(PAPER.text[paragraph.start : paragraph.end])
            text = entry(text) if section.role == "references" else dress(text)
            tag = "h1" if paragraph.role == "title" else "p"
            part.append(f'<{tag} class="{paragraph.role}" id="p{number}">{text}</{tag}>')
            number += 1
    page = f"<html lang=en><style>{style}</style>{''.join(front)}<div class=body>{''.join(body)}</div>{extra}</html>"
    printed = weasyprint.HTML(string=page).render()
    begins = {name: at for at, sheet in reversed([*enumerate(printed.pages, 1)]) for name in sheet.anchors}
    return printed.write_pdf(), [begins[f"p{at}"] for at in range(number)]


@pytest.fixture(scope="module", params=STYLES)
def printed(request):
    content, begins = typeset(STYLES[request.param])
    reading = read_pdf(content, "seed.pdf")
    return reading, make_document(reading, document_id="seed"), begins


@pytest.fixture(scope="module")
def two_columns():
    return typeset(STYLES["two columns"])[0]


def test_the_body_text_is_that_of_the_paper(printed):
    wanted, got = ("\n".join(paragraphs(document, references=False)) for document in (PAPER, printed[1]))
    assert Levenshtein.normalized_similarity(wanted, got) >= 0.995


def test_each_entry_of_the_bibliography_is_a_block(printed):
    assert [block.text.split(" ")[0] for block in printed[0].blocks if block.is_item] == [f"{n}." for n in range(1, 24)]


def test_addresses_that_lines_cut_are_whole(printed):
    wanted = URL.findall("\n".join(paragraphs(PAPER, references=True)))
    assert [URL.findall(entry) for entry in paragraphs(printed[1], references=True)] == [[url] for url in wanted]


def test_headings_have_their_levels(printed):
    def outline(document):
        return [(section.title.upper(), section.level) for section in document.sections]

    assert outline(printed[1]) == outline(PAPER)


def test_the_title_is_marked(printed):
    titles = [block.text for block in printed[0].blocks if block.role == "title"]
    assert titles == [PAPER.work.title]


def test_every_paragraph_begins_on_its_page(printed):
    pages, page = [], 0
    for block in printed[0].blocks:
        page = block.pages[0][1] if block.pages and block.pages[0][0] == 0 else page
        if not block.level:
            pages.append(page)
        page = block.pages[-1][1] if block.pages else page
    assert pages == printed[2]


def test_the_authors_and_the_doi_are_told_by_the_first_page(printed):
    facts = {fact.field: (fact.value, fact.provenance) for fact in printed[0].facts}
    assert (facts["authors"], facts["doi"]) == (
        (("TRAN ANH CONG",), "first page"),
        ("10.37602/ijssmr.2025.8436", "first page"),
    )


def test_what_read_it_is_told(printed):
    assert re.fullmatch(r"pypdfium2 5\.\d+(\.\d+)?", printed[0].extractor)


LETTER = STYLES["two columns of a letter, odd and even heads"]
RAISED = "sup { font-size: 6.5pt; line-height: 0; vertical-align: 3.5pt }"
FOOTNOTE = "span.note { float: footnote; font-size: 7.5pt }"
LINE_NUMBERS = (
    '@page { @left-top { content: "%s"; white-space: pre; font-size: 7pt; line-height: 16pt; text-align: right } }'
)


def read(style, **dress):
    return read_pdf(typeset(style, **dress)[0], "seed.pdf")


def body(reading):
    return "\n".join(paragraphs(make_document(reading, document_id="seed"), references=False))


def test_raised_figures_that_name_entries_are_markers():
    reading = read(LETTER + RAISED, dress=lambda text: re.sub(r"\[(\d+)\]", r"<sup>\1</sup>", text))
    wanted = [(marker.text, marker.points_to) for marker in PAPER.markers]
    assert [(marker.text, marker.points_to) for marker in make_document(reading, document_id="seed").markers] == wanted


def test_raised_figures_that_name_no_entries_stay_as_they_are():
    reading = read(PLAIN + RAISED, dress=lambda text: text.replace("of the ", "of<sup>29</sup> the "))
    assert "[29]" not in body(reading)


def test_entries_without_numbers_are_told_by_their_hanging_indent():
    reading = read(STYLES["two columns"], entry=lambda text: re.sub(r"^\d+\. ", "", text))
    wanted = [re.sub(r"^\d+\. ", "", entry) for entry in paragraphs(PAPER, references=True)]
    assert [block.text for block in reading.blocks if block.is_item] == wanted


def test_entries_without_numbers_and_indents_are_told_by_the_gap_between_them():
    reading = read(SPACED, entry=lambda text: re.sub(r"^\d+\. ", "", text))
    assert len([block for block in reading.blocks if block.is_item]) == 23


def test_a_note_at_the_foot_of_a_column_cuts_no_paragraph():
    notes = {"[7]": "Rain that fell on old towns.", "[9]": "Snow is another matter.", "[13]": "So is the hail of May."}
    note = "{}<span class=note>{}</span>".format
    reading = read(
        STYLES["two columns"] + FOOTNOTE,
        dress=lambda text: re.sub(r"\[(?:7|9|13)\]", lambda found: note(found.group(), notes[found.group()]), text),
    )
    found = [block.text for block in reading.blocks if block.text[3:] in notes.values()]
    assert (found, len(reading.blocks)) == (
        [f"{number}. {text}" for number, text in enumerate(notes.values(), 1)],
        len(read(STYLES["two columns"]).blocks) + 3,
    )


def test_line_numbers_in_the_margin_are_no_text():
    numbers = r"\A ".join(str(number) for number in range(1, 46))
    assert body(read(PLAIN + LINE_NUMBERS % numbers)) == body(read(PLAIN))


def test_the_stamp_of_a_preprint_is_no_text():
    stamp = (
        '<div style="position: absolute; left: -40mm; top: 100mm; transform: rotate(-90deg)">arXiv:2411.09134v1</div>'
    )
    assert body(read(LETTER, extra=stamp)) == body(read(LETTER))


YEARS = {
    "when it was published": ("Received 3 May 2020; Published online: 12 March 2021 \u00a9 2022 Rain Press", 2021),
    "whose right it is": ("\u00a9 2022 Rain Press. All rights reserved.", 2022),
    "the stamp of a preprint": ("arXiv:1901.01234v2 [cs.NI] 14 Nov 2019", 2019),
}


@pytest.mark.parametrize("kind", YEARS)
def test_the_year_is_told_by_the_first_page(kind):
    words, year = YEARS[kind]
    page = f"<h1>Rain on the roofs of old towns</h1><p>Ann Lee<p>{words}<h2>1 Introduction</h2><p>Rain fell in 1911."
    reading = read_pdf(weasyprint.HTML(string=page).write_pdf(), "rain.pdf")
    assert [fact.value for fact in reading.facts if fact.field == "year"] == [year]


def test_a_table_keeps_its_rows():
    rows = "".join(f"<tr><td>River {name}<td>{name}2.5<td>{name}0 %</tr>" for name in "123")
    table = f"<table style='width: 100%'><tr><th>River<th>Rain<th>Share</tr>{rows}</table>"
    style = PLAIN + ".hidden { display: none }"
    reading = read(style, dress=lambda text: text.replace("[1].", f"[1].</p>{table}<p class=hidden>"))
    wanted = "River Rain Share\nRiver 1 12.5 10 %\nRiver 2 22.5 20 %\nRiver 3 32.5 30 %"
    assert [block.text for block in reading.blocks if "River" in block.text] == [wanted]


def test_keywords_that_stand_one_by_one_are_listed():
    page = (
        "<style>p { margin: 0 }</style><h1>Rain on the roofs of old towns</h1><p>Keywords:<p>Rain<p>Old towns<p>Roofs"
    )
    reading = read_pdf(weasyprint.HTML(string=page + "<h2>Introduction</h2><p>Rain fell.").write_pdf(), "rain.pdf")
    assert "Keywords: Rain; Old towns; Roofs" in [block.text for block in reading.blocks]


def test_an_abstract_that_runs_on_behind_the_word_gets_a_heading():
    page = f"<h1>Rain on the roofs of old towns</h1><p><b>Abstract</b>—{'Rain fell on the roofs of the town. ' * 9}"
    reading = read_pdf(weasyprint.HTML(string=page + "<h2>1 Introduction</h2><p>Rain fell.").write_pdf(), "rain.pdf")
    assert [(block.text[:13], block.level) for block in reading.blocks[1:3]] == [("Abstract", 1), ("Rain fell on ", 0)]


def test_the_title_that_the_file_tells_goes_before_its_looks():
    page = "<title>Rain on roofs</title><h1>Rain on roofs</h1><p>Ann Lee<h2>1 Introduction</h2><p>Rain fell."
    reading = read_pdf(weasyprint.HTML(string=page).write_pdf(), "rain.pdf")
    assert [(fact.value, fact.provenance) for fact in reading.facts if fact.field == "title"] == [
        ("Rain on roofs", "PDF metadata"),
        ("Rain on roofs", "first page"),
    ]


@pytest.mark.parametrize("title", ["Microsoft Word - rain_v3.docx", "untitled", "Snow over mountains", "rain.pdf", "1"])
def test_a_title_that_the_first_page_does_not_bear_out_is_not_believed(title):
    page = f"<title>{title}</title><h1>Rain on roofs</h1><p>Ann Lee<h2>1 Introduction</h2><p>Rain fell."
    reading = read_pdf(weasyprint.HTML(string=page).write_pdf(), "rain.pdf")
    assert [fact.provenance for fact in reading.facts if fact.field == "title"] == ["first page"]


def test_nothing_heavy_is_imported_to_speak_of_printed_lines():
    code = "import sys, index.pdf.reader; print('pypdfium2' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
