"""What the terminal shows, taken from standard output."""

import re
from dataclasses import replace

import pytest

from index.corpus import Place
from index.model import Document, Paragraph, Passage, Section, Work
from qa.answer import answer_question
from qa.doctor import Check
from qa.render import render_answer, render_health, render_place, render_sources
from qa.sources import Sources


@pytest.fixture(scope="module")
def answer(index, settings, toyota):
    return answer_question(index, toyota, settings, k=1)


@pytest.fixture(scope="module")
def entries(index):
    work = index.corpus.list_works()[0]
    return {work.id: index.corpus.list_references(work.id)}


@pytest.mark.model
def test_an_answer_is_printed_above_its_passages(answer, entries, capsys):
    render_answer(answer, entries)
    first, passage, *_ = capsys.readouterr().out.split("\n\n")
    assert first == answer.answer.text
    assert passage.startswith(f"1. {answer.passages[0].text}\n   TRAN ANH CONG (2025). ")


@pytest.mark.model
def test_a_passage_is_printed_with_citation_marker_and_locator(answer, entries, capsys):
    render_answer(answer, entries)
    lines = capsys.readouterr().out.split("\n\n")[1].split("\n")
    assert lines[1] == f"   {answer.passages[0].citation.text}"
    assert lines[2].startswith("   [13] → 13. The Japan News (2023). ")
    assert lines[3].startswith("        ! its words match entry 14: 14. Wired. (2025, May 9). ")
    assert lines[4] == f"   ibid show {answer.passages[0].locator.id}"


@pytest.mark.model
def test_confidence_and_time_come_last(answer, entries, capsys):
    render_answer(answer, entries)
    assert re.fullmatch(r"confidence [01]\.\d\d · \d+ ms", capsys.readouterr().out.strip().split("\n")[-1])


@pytest.mark.model
def test_no_answer_is_said_in_words(answer, entries, capsys):
    render_answer(replace(answer, answerable=False), entries)
    assert capsys.readouterr().out.startswith("The sources do not seem to answer this. Nearest passages:\n\n1. ")


@pytest.mark.model
def test_a_marker_without_an_entry_says_so(answer, capsys):
    render_answer(answer, {answer.passages[0].document.id: ()})
    assert "\n   [13] → no entry of the bibliography\n" in capsys.readouterr().out


@pytest.mark.model
@pytest.mark.parametrize("text", ["[bold]not markup[/bold]", ":smile: [link=x]", "[/]"])
def test_brackets_in_a_text_are_printed_as_they_are(answer, entries, capsys, text):
    passage = replace(answer.passages[0], text=text, highlights=())
    render_answer(replace(answer, passages=(passage,)), entries)
    assert f"1. {text}\n" in capsys.readouterr().out


def test_a_place_is_printed_between_its_neighbours(capsys):
    text = "Zero.\n\nOne.\n\nTwo.\n\nThree.\n\nFour."
    starts = [0, 7, 13, 19, 27]
    ends = [5, 11, 17, 25, 32]
    paragraphs = tuple(Paragraph(n, a, b, "text") for n, (a, b) in enumerate(zip(starts, ends, strict=True), 1))
    section = Section("1 Counting", 1, ("A", "1 Counting"), "body", 0, 32, paragraphs)
    document = Document(Work("w", "paper", "Numbers"), text, (section,))
    render_place(document, Place(Passage("w", 13, 17, "Two."), section, ((13, 17),), ()))
    assert capsys.readouterr().out == "Numbers\nA \u203a 1 Counting\n\nOne.\n\nTwo.\n\nThree.\n\n"


def test_a_document_without_an_address_says_so(capsys):
    render_sources(Sources((Work("w", "paper", "Numbers", authors=("Ada",), year=1843),), ()))
    assert capsys.readouterr().out == "Numbers\n  paper w · Ada, 1843 · no address\n"


def test_health_tells_what_is_wrong_and_how_to_mend_it(capsys):
    render_health([Check("disk", ok=True, found="free"), Check("index", ok=False, found="none", hint="build one")])
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "ok     disk             free",
        "wrong  index            none",
        "                        → build one",
    ]
