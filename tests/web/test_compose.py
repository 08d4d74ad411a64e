from dataclasses import replace

import pytest

from index.model import Document, Marker, Paragraph, Reference, Section, Work
from qa.links import digest_words
from qa.verdicts import Audit, AuditedMarker
from web.compose import compose_error
from web.compose_document import compose_document, compose_document_part
from web.render import environment
from web.suggestions import suggest_questions
from web.view import View

TEXT = (
    "ON <b>BREAD</b>\n\nJane Roe\n\n1 THE USE OF SALT\n\nJapan uses the salt [1]. The bread of Japan [2] rises.\n\n"
    "REFERENCES\n\n1. Salt, A. <javascript:alert(1)>"
)


def span(words):
    return TEXT.index(words), TEXT.index(words) + len(words)


def paragraph(words, role="text", number=1):
    return Paragraph(number, *span(words), role)


BODY = "Japan uses the salt [1]. The bread of Japan [2] rises."
ENTRY = "1. Salt, A. <javascript:alert(1)>"
FRONT = Section("", 1, (), "front", 0, span("Jane Roe")[1], (paragraph("ON <b>BREAD</b>", "title"),))
SALT = Section("1 THE USE OF SALT", 1, ("1 THE USE OF SALT",), "body", *span(BODY), (paragraph(BODY),))
LIST = Section("REFERENCES", 1, ("REFERENCES",), "references", *span(ENTRY), (paragraph(ENTRY, "entry"),))
DOCUMENT = Document(
    work=Work("bread", "paper", "ON <b>BREAD</b>", ("Jane Roe",), year=2025, url="javascript:alert(1)"),
    text=TEXT,
    sections=(FRONT, SALT, LIST),
    references=(Reference("1", ENTRY, *span(ENTRY), url="javascript:alert(1)"),),
    markers=(Marker("[1]", *span("[1]"), "1"), Marker("[2]", *span("[2]"), None)),
)


def render(page):
    return environment.get_template(page.template).render(page=page)


def make_page(*what, **how):
    return compose_document(compose_document_part(*what, **how))


def list_parts(page):
    return [part for leaf in page.document.leaves for part in leaf.parts]


def find_runs(page, name):
    return [run for part in list_parts(page) for block in part.blocks for run in block.runs if getattr(run, name)]


def read(run):
    return "".join(segment.text for segment in run.segments)


def test_a_document_s_paragraphs_are_put_out_to_the_letter():
    shown = [
        "".join(read(run) for run in block.runs) for part in list_parts(make_page(DOCUMENT)) for block in part.blocks
    ]
    assert shown == ["ON <b>BREAD</b>", BODY, ENTRY]


def test_words_that_are_still_there_are_marked():
    words = "The bread of Japan [2] rises."
    page = make_page(DOCUMENT, View(span(BODY), span(words), digest_words(words)))
    assert (page.document.is_moved, [read(run) for run in find_runs(page, "is_highlight")]) == (False, [words])


@pytest.mark.parametrize("highlight", [span("The bread"), None, (10_000, 10_009)])
def test_where_other_words_stand_now_nothing_is_marked_and_the_page_says_so(highlight):
    page = make_page(DOCUMENT, View(span(BODY), highlight, digest_words("The cake")))
    assert page.document.is_moved
    assert not find_runs(page, "is_highlight")
    assert not find_runs(page, "is_passage")
    assert "The text has changed since this link was made." in render(page)


def test_the_passage_and_the_highlight_in_it_are_marked_apart():
    page = make_page(DOCUMENT, View(span(BODY), span("Japan uses the salt [1].")))
    assert [read(run) for run in find_runs(page, "is_highlight")] == ["Japan uses the salt [1]."]
    assert [read(run) for run in find_runs(page, "is_passage")] == [
        "Japan uses the salt [1].",
        " The bread of Japan [2] rises.",
    ]


def test_a_link_lands_at_the_highlight():
    page = make_page(DOCUMENT, View(span(BODY), span("The bread")))
    assert [(run.anchor, read(run)) for run in find_runs(page, "anchor")] == [("here", "The bread")]


def test_a_link_lands_at_the_passage_where_no_highlight_is_named():
    page = make_page(DOCUMENT, View(span(BODY)))
    assert [(run.anchor, read(run)) for run in find_runs(page, "anchor")] == [("here", BODY)]


def test_a_marker_leads_to_its_entry_and_one_without_an_entry_nowhere():
    segments = [segment for run in list_parts(make_page(DOCUMENT))[1].blocks[0].runs for segment in run.segments]
    assert [(s.text, s.link, s.note) for s in segments if s.text.startswith("[")] == [
        ("[1]", "#entry-1", ENTRY),
        ("[2]", None, ""),
    ]


def judge(marker, verdict, **fields):
    """Return an audit of the document's two markers, one of which is given a verdict."""
    known = {"[1]": (1, "1"), "[2]": (2, None)}
    judged = [
        AuditedMarker(
            name,
            BODY,
            BODY,
            str(number),
            points,
            None,
            verdict if name == marker else "unclear",
            0.9,
            2.0,
            (),
            "",
            *span(name),
        )
        for name, (number, points) in known.items()
    ]
    return Audit("bread", tuple(replace(m, **fields) if m.marker == marker else m for m in judged), "", ())


def find_marker(page, text):
    segments = [s for part in list_parts(page) for block in part.blocks for run in block.runs for s in run.segments]
    return next(segment for segment in segments if segment.text == text)


def test_a_marker_that_means_another_entry_says_so_and_leads_to_the_one_it_prints():
    salt, cake = (
        DOCUMENT.references[0],
        replace(DOCUMENT.references[0], number="2", authors="Cake, B.", title="On <Cake>"),
    )
    document = replace(DOCUMENT, references=(salt, cake))
    page = make_page(document, audit=judge("[1]", "mismatch", about="2"))
    found = find_marker(page, "[1]")
    assert (found.is_wrong, found.link) == (True, "#entry-1")
    assert found.note == f"The paper marks this [1]; its words match entry 2, Cake, B., On <Cake>.\n{ENTRY}"
    assert '<a class="marker wrong" href="#entry-1"' in render(page)
    assert "<Cake>" not in render(page)


@pytest.mark.parametrize(
    ("verdict", "fields"), [("ok", {}), ("unclear", {}), ("mismatch", {"about": "2", "same_as": "1"})]
)
def test_a_marker_that_is_not_wrong_is_not_called_so(verdict, fields):
    found = find_marker(make_page(DOCUMENT, audit=judge("[1]", verdict, **fields)), "[1]")
    assert (found.is_wrong, found.note) == (False, ENTRY)


def test_paragraphs_and_entries_have_names_to_link_to():
    anchors = [block.anchor for part in list_parts(make_page(DOCUMENT)) for block in part.blocks]
    assert anchors == ["s1-p1", "s2-p1", "entry-1"]


def test_nothing_of_a_document_becomes_markup_or_a_script():
    shown = render(make_page(DOCUMENT, View(span(BODY), span("The bread"))))
    assert "<b>" not in shown
    assert 'href="javascript' not in shown


def test_questions_come_from_headings_in_the_case_of_the_text():
    work = Work("bread", "paper", "On Bread", keywords=("Yeast",))
    found = list(suggest_questions(Document(work, TEXT, (FRONT, SALT, LIST))))
    assert found == [
        "What does the paper say about the USE of salt?",
        "What does the paper say about Yeast?",
    ]


@pytest.mark.parametrize("title", ["1.0 INTRODUCTION", "Methods", "3 Conclusions", "IV. Discussion"])
def test_no_question_comes_from_a_heading_that_says_nothing(title):
    section = Section(title, 1, (title,), "body", *span(BODY), (paragraph(BODY),))
    assert list(suggest_questions(Document(Work("bread", "paper", "On Bread"), TEXT, (section,)))) == []


def test_questions_of_inner_sections_come_first():
    inner = Section("1.1 Water", 2, ("1 THE USE OF SALT", "1.1 Water"), "body", *span(BODY), (paragraph(BODY),))
    first, *_ = suggest_questions(Document(Work("bread", "paper", "On Bread"), TEXT, (SALT, inner)))
    assert first == "What does the paper say about Water?"


def test_an_error_is_told_in_sentences_with_what_to_type_apart():
    page = compose_error(503, "there is no index in /x", "make one with `ibid build`")
    assert page.message == "There is no index in /x."
    assert page.hint == ("Make one with ", "ibid build", ".")
