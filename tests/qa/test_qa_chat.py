"""Readings of follow-up questions, with the real index of the seed paper."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from qa.answer import answer_question
from qa.chat import read_question
from qa.question import QUESTION_MAX_CHARS, Earlier, Reading

pytestmark = pytest.mark.model

QUESTIONS = Path(__file__).resolve().parents[2] / "eval" / "training" / "answerable.jsonl"
TOYOTA = Earlier(
    "How much will Toyota invest in North Carolina?",
    "Toyota has committed to invest US$13.9 billion to build a battery plant in North Carolina, United States.",
)
FUND = Earlier(
    "How much money has the Geodesic Alliance Fund raised?",
    "Furthermore, the Geodesic Alliance Fund, jointly backed by the United States and Japan, has raised US$250 million"
    " to invest in defense technology and AI startups.",
)
TRADE = Earlier("How much did trade grow in 2023?", "Trade grew by 3%.")
WIDELY = Earlier("Who led the talks?", "They were led by Antony Blinken and Keiko Nagaoka.")
EMANUEL = Earlier("Who was the ambassador?", "The ambassador to Japan was Rahm Emanuel.")
MINISTER = Earlier("Who was the Japanese minister at the signing?", "Keiko Nagaoka signed.")
CABLES = Earlier("What is Google building?", "Google will build two subsea cable systems that reach Guam.")
ESTABLISHED = Earlier("When was the lab established?", "The lab was established in 2024.")


@pytest.fixture(scope="module")
def read(index, settings):
    def read_after(question, *earlier):
        return read_question(index, question, earlier, settings)

    return read_after


@pytest.mark.parametrize(
    ("before", "question", "text"),
    [
        (FUND, "who paid for it?", "Who paid for the Geodesic Alliance Fund?"),
        (FUND, "and what are its aims?", "What are the Geodesic Alliance Fund's aims?"),
        (FUND, "What does that fund invest in?", "What does the Geodesic Alliance Fund invest in?"),
        (FUND, "what is the fund for?", "What is the Geodesic Alliance Fund for?"),
        (FUND, "who paid?", "Who paid? (the Geodesic Alliance Fund, money)"),
        (
            TOYOTA,
            "When does the plant start production?",
            "When does the battery plant in North Carolina start production?",
        ),
        (TOYOTA, "what do they build?", "What does Toyota build?"),
        (TOYOTA, "How many people work there?", "How many people work in North Carolina?"),
        (TOYOTA, "and Nissan?", "How much will Nissan invest in North Carolina?"),
        (TOYOTA, "and in Mississippi?", "How much will Toyota invest in Mississippi?"),
        (TOYOTA, "why?", "How much will Toyota invest in North Carolina, and why?"),
        (TRADE, "and in 2024?", "How much did trade grow in 2024?"),
        (TRADE, "what about 2021?", "How much did trade grow in 2021?"),
        (WIDELY, "when did they meet?", "When did Antony Blinken and Keiko Nagaoka meet?"),
        (EMANUEL, "what did he say about chips?", "What did Rahm Emanuel say about chips?"),
        (MINISTER, "and the American one?", "Who was the American minister at the signing?"),
        (CABLES, "which islands do they reach?", "Which islands do the two subsea cable systems reach?"),
        (ESTABLISHED, "where?", "Where was the lab established?"),
        (ESTABLISHED, "and by whom?", "By whom was the lab established?"),
        (
            Earlier("Is Toyota building a plant?", "Yes, Toyota is."),
            "where exactly?",
            "Where exactly is Toyota building a plant?",
        ),
        (Earlier("What was the first outcome?", "Norms."), "and the third one?", "What was the third outcome?"),
        (
            Earlier("Which companies signed X PAI?", "NVIDIA and Amazon."),
            "and universities?",
            "Which universities signed X PAI?",
        ),
        (Earlier("What does the Micron deal cost?", "US$60 million"), "And IBM's?", "What does the IBM deal cost?"),
    ],
)
def test_what_is_open_is_completed_from_the_turn_before(read, before, question, text):
    assert read(question, before).text == text


@pytest.mark.parametrize(
    "question",
    [
        "Is it true that Nissan builds SUVs in Mississippi?",
        "How is it that EVs become more attractive?",
        "Who was it that signed the education memorandum?",
        "What does this paper say about Rapidus?",
        "Does the article mention those who buy electric cars?",
        "Are there plans for terahertz frequencies?",
        "There is a lab in the Philippines - who paid for it?",
        "Why did Nissan say it would build SUVs?",
        "What does Nissan plan for its EV range?",
        "How long does it take to train chip engineers?",
        "Did Emanuel say that partnerships strengthen economic security?",
        "Which universities moved their chip labs?",
        "How big is the EV charging fund that Biden established?",
        "What are the keywords?",
        "Who wrote this paper?",
        "doi of the paper",
        "terahertz?",
        "Open RAN stands for",
        "",
        "?",
        "(",
    ],
)
def test_a_question_that_stands_alone_is_left_as_it_is_after_another_topic(read, question):
    assert read(question, FUND) == Reading(question, is_completed=False, taken=())


def test_the_first_question_is_left_as_it_is(read):
    assert read("Who paid for it?") == Reading("Who paid for it?", is_completed=False, taken=())


def test_what_was_taken_is_named(read):
    assert read("who paid for it?", FUND).taken == ("the Geodesic Alliance Fund",)


def test_a_third_turn_refers_to_the_reading_of_the_second(read):
    second = read("and Nissan?", TOYOTA)
    third = read("why would it do that?", TOYOTA, Earlier(second.text, ""))
    assert "Nissan" in third.text
    assert "Toyota" not in third.text


def test_a_noun_is_looked_for_in_turns_further_back(read):
    assert "the Geodesic Alliance Fund" in read("what does the fund invest in?", FUND, ESTABLISHED).text


def test_only_the_last_turns_count(read):
    assert not read("what does the fund invest in?", FUND, *[ESTABLISHED] * 3).is_completed


def test_a_reading_is_no_longer_than_a_question_may_be(read):
    long = "and what about it " + "so " * (QUESTION_MAX_CHARS // 3 - 10)
    assert len(read(long, FUND).text) <= QUESTION_MAX_CHARS


def test_an_answer_says_as_what_its_question_was_read(index, settings):
    answer = answer_question(index, "what does it invest in?", settings, earlier=[FUND])
    assert answer.question == "what does it invest in?"
    assert answer.read_as == "What does the Geodesic Alliance Fund invest in?"
    assert "defense technology and AI startups" in answer.answer.text


def test_questions_of_the_paper_are_left_as_they_are_after_another(read, index, settings):
    questions = [json.loads(line)["question"] for line in QUESTIONS.read_text("utf-8").split("\n") if line]
    completed = [question for question in questions if read(question, FUND).is_completed]
    assert len(completed) <= len(questions) * 0.03, completed


WORDS = st.sampled_from(
    "and what about it its they their he that this fund the one ones there Toyota Japan in 2024 how much why when is"
    " was did do invest plant of for battery first other ? , ( ) 'the who which company else both two signed".split()
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=9).map(" ".join))


@bounded(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=TEXTS, before=TEXTS, answer=TEXTS)
def test_any_text_is_read_and_a_completed_reading_is_complete(read, question, before, answer):
    earlier = Earlier(before, answer)
    reading = read(question, earlier)
    assert reading.is_completed == (reading.text != question)
    assert all(words in reading.text for words in reading.taken)
    if reading.is_completed:
        assert read(reading.text, earlier) == Reading(reading.text, is_completed=False, taken=())
