import json
from dataclasses import replace

import numpy as np
import pytest

from index.encode import unpack_words
from qa.confidence import MODEL_FILE, Evidence, _take_least, estimate_confidence, weigh_evidence
from qa.retrieve import rank_windows


def test_confidence_rises_with_the_score():
    assert estimate_confidence(Evidence(0.5, 0.4)) > estimate_confidence(Evidence(0.3, 0.4))


def test_confidence_falls_where_one_word_has_nothing_like_it():
    assert estimate_confidence(Evidence(0.5, 0.1)) < estimate_confidence(Evidence(0.5, 0.4))


@pytest.mark.parametrize(
    ("question", "sure"),
    [
        ("How much will Toyota invest in North Carolina?", True),
        ("When was the Hiroshima AI Process launched?", True),
        ("How long should I boil an egg so that the yolk stays soft?", False),
        ("Who painted The Night Watch?", False),
    ],
)
def test_confidence_tells_the_papers_questions_from_foreign_ones(index, settings, question, sure):
    assert (estimate_confidence(weigh_evidence(index, rank_windows(index, question, settings))) >= 0.5) == sure


def test_a_missing_word_lowers_the_least_likeness(index, settings):
    known, missing = (
        weigh_evidence(index, rank_windows(index, f"Toyota battery plant in North Carolina{more}", settings))
        for more in ("", " penguins")
    )
    assert missing.least < known.least - 0.1


@pytest.mark.parametrize("question", ["What does the paper say if not?", "Is there such a study?", "!?"])
def test_a_question_without_words_of_weight_is_no_sure_one(index, settings, question):
    ranking = rank_windows(index, question, settings)
    np.testing.assert_allclose(ranking.shares, 1 / len(ranking.shares))
    assert estimate_confidence(weigh_evidence(index, ranking)) < 0.5


@pytest.mark.parametrize(
    ("likeness", "shares", "least"),
    [
        ([0.5, 0.5], [0.3, 0.7], 0.5),
        ([0.1, 0.9], [0.5, 0.5], 0.1864),  # -ln((e^-0.8 + e^-7.2) / 2) / 8
        ([0.1, 0.9], [0.1, 0.9], 0.3860),
        ([0.1, 0.9], [0.9, 0.1], 0.1131),
        ([0.4], [1.0], 0.4),
    ],
)
def test_the_soft_minimum_is_that_of_the_formula(likeness, shares, least):
    found = _take_least(np.array(likeness, np.float32), np.array(shares, np.float32))
    assert found == pytest.approx(least, abs=1e-4)


def test_the_evidence_is_that_of_the_first_passage_alone(index, settings):
    ranking = rank_windows(index, "Which crane lifted the battery plant?", settings)
    row = ranking.windows.rows[0]
    words = unpack_words(index.corpus.load_words([int(row["context"])])[int(row["context"])], ranking.words.shape[1])
    inside = words[row["first_of_passage"] : row["stop_of_passage"]]
    assert 0 < len(inside) < len(words)
    nearest = (ranking.words @ inside.T).max(axis=1)
    assert weigh_evidence(index, ranking).least == pytest.approx(_take_least(nearest, ranking.shares), abs=1e-6)


def test_no_hit_is_no_evidence(index, settings):
    found = rank_windows(index, "Toyota", settings)
    empty = replace(found, windows=found.windows[:0])
    assert weigh_evidence(index, empty) == Evidence(0.0, 0.0)


def test_the_weights_say_what_they_were_fitted_to():
    provenance = json.loads(MODEL_FILE.read_text(encoding="utf-8"))["provenance"]
    assert {"training_sha256", "answerable", "unanswerable", "model", "pipeline"} <= provenance.keys()


def test_every_section_that_a_question_names_by_its_heading_counts_as_answered(index, paper, settings):
    headings = [section.title.split(" ", 1)[1] for section in paper.sections if section.level == 2]
    questions = [f"What does the paper say about {heading}?" for heading in headings]
    evidence = {question: weigh_evidence(index, rank_windows(index, question, settings)) for question in questions}
    assert [question for question in questions if estimate_confidence(evidence[question]) < settings.threshold] == []
