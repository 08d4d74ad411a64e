from dataclasses import replace

import pytest

from qa.confidence import Evidence, _is_content, estimate_confidence, weigh_evidence
from qa.retrieve import retrieve


def rank(index, question):
    return retrieve(index, question, k=1, source="all", dense_weight=0.5, candidates=200)


def test_confidence_rises_with_the_score():
    assert estimate_confidence(Evidence(0.5, 0.6, 0.4)) > estimate_confidence(Evidence(0.3, 0.6, 0.4))


def test_confidence_falls_where_one_word_has_nothing_like_it():
    assert estimate_confidence(Evidence(0.5, 0.6, 0.1)) < estimate_confidence(Evidence(0.5, 0.6, 0.4))


@pytest.mark.parametrize(
    ("question", "sure"),
    [
        ("How much will Toyota invest in North Carolina?", True),
        ("When was the Hiroshima AI Process launched?", True),
        ("How long should I boil an egg so that the yolk stays soft?", False),
        ("Who painted The Night Watch?", False),
    ],
)
def test_confidence_tells_the_papers_questions_from_foreign_ones(index, question, sure):
    assert (estimate_confidence(weigh_evidence(index, rank(index, question))) >= 0.5) == sure


def test_a_missing_word_lowers_the_minimum(index):
    known = weigh_evidence(index, rank(index, "Toyota battery plant in North Carolina"))
    missing = weigh_evidence(index, rank(index, "Toyota battery plant in North Carolina penguins"))
    assert missing.minimum < known.minimum - 0.1


def test_no_hit_is_no_evidence(index):
    empty = replace(rank(index, "Toyota"), hits=())
    assert weigh_evidence(index, empty) == Evidence(0.0, 0.0, 0.0)


@pytest.mark.parametrize(("piece", "content"), [("toyota", True), ("##yo", True), ("The", False), ("?", False)])
def test_function_words_and_punctuation_are_no_content(piece, content):
    assert _is_content(piece) == content


def test_every_section_that_a_question_names_by_its_heading_counts_as_answered(index, paper, settings):
    headings = [section.title.split(" ", 1)[1] for section in paper.sections if section.level == 2]
    questions = [f"What does the paper say about {heading}?" for heading in headings]
    unsure = [q for q in questions if estimate_confidence(weigh_evidence(index, rank(index, q))) < settings.threshold]
    assert unsure == []
