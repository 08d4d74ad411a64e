import json
import time
from pathlib import Path

import pytest

from index.chunk import split_sentences
from index.plain import parse_plain
from qa.phrase import find_kind, find_phrase

XQUAD = Path(__file__).parents[3] / "shared" / "data" / "xquad_en"


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("When was the alliance formed?", "date"),
        ("In what year did it end?", "date"),
        ("Since when have they met?", "date"),
        ("On which exact day did it close?", "date"),
        ("How much does it cost?", "amount"),
        ("how many universities take part", "amount"),
        ("What was the total population?", "amount"),
        ("What percentage of forests burned?", "amount"),
        ("Who signed it?", "person"),
        ("By whom was it signed?", "person"),
        ("What happens when it rains?", None),
        ("Why did it fail?", None),
        ("What is the Doctor Who theme?", None),
        ("", None),
    ],
)
def test_the_kind_follows_from_the_questions_words(question, kind):
    assert find_kind(question) == kind


@pytest.mark.parametrize(
    ("question", "sentence", "phrase"),
    [
        ("When was it launched?", "It was launched in May 2023 by the G7.", "May 2023"),
        ("When was it signed?", "Signed on 14 November 2024, it holds.", "14 November 2024"),
        ("When was it signed?", "Signed on November 14, 2024, it holds.", "November 14, 2024"),
        ("When did it last?", "It lasted 2021–25.", "2021–25"),
        ("When did he live?", "He lived in the nineteenth century.", "nineteenth century"),
        ("When was it popular?", "It was popular in the 1980s.", "1980s"),
        ("How much was pledged?", "Japan pledged US$2.5 billion [12] for 5G.", "US$2.5 billion"),
        ("How much of it is forest?", "Of its 12 regions, 43.3% is forest.", "43.3%"),
        ("How many firms joined?", "In 2024, nine other firms joined.", "nine"),
        ("How many people live there?", "It has 1,345,596 people (2010).", "1,345,596"),
        ("How long is it?", "It is 20 miles long.", "20 miles"),
        ("How fast were the winds?", "Winds of 180 km/h were measured.", "180 km/h"),
        ("How many years ago?", "It was twenty-five years ago.", "twenty-five years"),
        ("Who wrote it?", "It was written by Ludwig van Beethoven.", "Ludwig van Beethoven"),
        ("Who proved it?", "Later, Noether’s proof came.", None),
        ("How many cars were sold?", "They sold 15000 cars.", "15000"),
        ("When was it signed?", "It was signed on 2021-05-03.", "2021-05-03"),
        ("When were they built?", "They are of the 19th and 20th centuries.", "19th and 20th centuries"),
        ("When was he elected?", "Mayor Bloomberg was elected in May 2001.", "May 2001"),
        ("How many jobs will it create when it opens in 2025?", "It opens in 2025 and creates 5,100 jobs.", "5,100"),
        ("When the plant opens, how many jobs will it create?", "It opens in 2025 and creates 5,100 jobs.", "5,100"),
        ("How many projects were there?", "The two countries have run nearly 160 projects.", "160"),
        ("How cold was it, how many degrees?", "It was -5 °C.", None),
        ("How many years will it run?", "A five-year programme began.", "five-year"),
        ("How many are there?", "There are about 2 dozen.", "2 dozen"),
        ("What is the price of it?", "Of 12 kinds, it costs $30.", "$30"),
        ("Who opened it?", "In Tokyo, the market was opened by Mary Ann Smith on Monday.", "Mary Ann Smith"),
        ("Who proved it?", "It was Emmy Noether’s theorem.", "Emmy Noether"),
        ("Who found the comet?", "The comet was found by Caroline Herschel in March 1786.", "Caroline Herschel"),
    ],
)
def test_the_phrase_is_found_to_the_letter(index, question, sentence, phrase):
    span = find_phrase(question, sentence, index.lexical)
    assert (sentence[slice(*span)] if span else None) == phrase


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("When did it happen?", "It began in 1914 and ended in 1918."),  # two that might be meant
        ("When did the 2023 talks end?", "The talks of 2023 failed."),  # nothing that the question does not hold
        ("How many were there?", "Super Bowl 50 was held."),  # a name, not an amount
        ("How many were there?", "It uses 5G and a 2+2 format [3, 4]."),
        ("How much was it?", "There were seven of them."),  # a bare number says no measure
        ("How many were there?", "It began on 7 May 2021."),
        ("Why did it fail?", "It failed in 2020."),  # no kind is asked for
        ("When did it happen?", "It never happened."),
        ("Who is Ada Lovelace?", "Ada Lovelace was a mathematician."),
        ("When did it happen?", ""),
        ("When was he elected?", "Mayor Bloomberg was elected."),
        ("When was it written?", "Augustine wrote it early."),
        ("When was it sold?", "They sold it for US$1999 under ISO 1400."),
        ("How many jobs will the plant create?", "Toyota invests US$13.9 billion."),
        ("How many chips are made?", "They are made at 2 nm."),
        ("How many countries agreed?", "The two countries agreed."),
        ("How many came?", "No one came, and each one knew."),
        ("How many jobs are there?", "Table 2 lists the jobs."),
        ("How many people died?", "COVID-19 killed people (see Fig. 3)."),
        ("How many people came?", "On 2021-05-03 people came."),
        ("How many people came?", "Only 18-year-olds came."),
        ("Which factors affect the price?", "There are 12 factors."),
        ("What determines the cost of batteries?", "It depends on 3 metals."),
        ("Who signed it?", "It was signed on Monday."),
        ("Who signed it?", "It was signed in New York."),
        ("Who signed it?", "Several people did."),
        ("Who benefits?", "The G7 and the IBM research arm benefit."),
        ("Who is the president?", "In Washington, President Biden signed it."),
        ("Who wrote it?", "See Science.html and the parameter α, called đã."),
        ("Who wrote it?", "Ada Lovelace met Charles Babbage."),
        ("Who wrote this paper?", "Ada Lovelace"),  # the whole sentence is marked already
    ],
)
def test_nothing_is_marked_where_it_is_not_plain(index, question, sentence):
    assert find_phrase(question, sentence, index.lexical) is None


@pytest.mark.parametrize("piece", ["A ", "1 ", "1,", "12 apples ", "May ", "Aa of ", "A.", "- ", "20-", "a" * 9])
def test_a_sentence_ten_times_as_long_takes_no_hundred_times_as_long(index, piece):
    """A pattern that tries again from every place would."""

    def ask(length):
        started = time.perf_counter()
        for question in ("When was it?", "How many?", "Who?"):
            find_phrase(question, piece * length, index.lexical)
        return time.perf_counter() - started

    short = min(ask(300) for _ in range(3))
    assert ask(3000) < 50 * short + 0.1


def read(name):
    return [json.loads(line) for line in (XQUAD / name).read_text("utf-8").splitlines()]


@pytest.mark.skipif(not XQUAD.exists(), reason="the dataset is not at hand")
def test_a_phrase_in_the_right_sentence_is_the_answer_nineteen_times_in_twenty(index):
    questions = {line["_id"]: line["text"] for line in read("queries.jsonl")}
    texts = {line["_id"]: line["text"] for line in read("corpus.jsonl")}
    right = []
    for gold in read("answers.jsonl"):
        text, answer = texts[gold["doc"]], gold["answers"][0]
        at, end = answer["answer_start"], answer["answer_start"] + len(answer["text"])
        paragraphs = [p for s in parse_plain(text, document_id="d", title="").sections for p in s.paragraphs]
        low, high = next(span for p in paragraphs for span in split_sentences(text, p) if span[0] <= at < span[1])
        span = find_phrase(questions[gold["_id"]], text[low:high], index.lexical)
        if span:
            right.append(low + span[0] < end and at < low + span[1])
    assert len(right) >= 130
    assert sum(right) / len(right) >= 0.95
