"""Answers from the real index of the seed paper."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from index.errors import IbidError, LocatorError, QuestionError
from qa.answer import answer_question, parse_locator
from qa.question import check_question
from qa.sources import list_sources

pytestmark = pytest.mark.model

DATASETS = Path(__file__).resolve().parents[2] / "eval" / "questions"
LINES = [line for file in sorted(DATASETS.glob("*.jsonl")) for line in file.read_text("utf-8").split("\n") if line]
QUESTIONS = [json.loads(line)["question"] for line in LINES]
FAR = "How long should I boil an egg?"
PAPER = "us-japan-science-technology-2021-2025"
# As DESIGN.md has it.
SCHEMA = """
{"question": "…", "answerable": true, "confidence": 0.0,
 "index": {"id": "…", "model": "…", "documents": 0, "passages": 0},
 "passages": [{"rank": 1, "score": 0.0, "text": "…",
   "document": {"id": "…", "title": "…", "kind": "paper"},
   "locator": {"id": "…", "section": "2.1 …", "paragraph": 3, "page": null, "start": 0, "end": 0,
     "path": ["…"], "paragraphs": [1, 2], "pages": []},
   "highlights": [{"start": 0, "end": 0}],
   "citation": {"key": "…", "text": "…", "url": "…", "deep_link": "…#:~:text=…", "opens": "quote",
     "view": "/documents/…?at=0-9&mark=0-9&is=0a1b2c3d#here", "number": 1},
   "markers": [{"text": "[6]", "points_to": "6", "verdict": "mismatch", "suggested": "7", "score": 0.0,
     "evidence": 0.0, "support": null, "same_as": null}],
   "verbatim": true}],
 "answer": {"mode": "extract", "text": "…", "sentences": [{"text": "…", "citations": [1], "supported": true}]},
 "timing_ms": {"encode": 0.0, "retrieve": 0.0, "total": 0.0},
 "sources": [{"number": 1, "document": {"id": "…", "title": "…", "kind": "paper"}, "key": "…", "url": "…"}],
 "read_as": null}
"""


def shape(value):
    """Return the keys of a JSON value at every level; of a list, once for each set of keys in it."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    shapes = [shape(inner) for inner in value] if isinstance(value, list) else None
    return shapes and [inner for at, inner in enumerate(shapes) if inner not in shapes[:at]]


@pytest.fixture(scope="module")
def answer(index, settings):
    def ask(question, **options):
        return answer_question(index, question, settings, **options)

    return ask


@pytest.fixture(scope="module")
def about_toyota(answer, toyota):
    return answer(toyota)


@pytest.fixture(scope="module")
def first(about_toyota):
    return about_toyota.passages[0]


@pytest.fixture(scope="module")
def all_passages(answer):
    return [passage for question in QUESTIONS for passage in answer(question, k=10).passages]


def test_the_keys_are_those_of_the_design_at_every_level(answer, toyota):
    printed = json.loads(json.dumps(asdict(answer(toyota, k=1))))
    assert shape(printed) == shape(json.loads(SCHEMA))


def test_the_first_passage_holds_the_sum(first):
    assert "US$13.9 billion" in first.text


def test_the_first_highlight_is_the_sentence_with_the_sum_and_the_second_the_sum(first):
    mark, sum_ = first.highlights
    assert first.text[sum_.start : sum_.end] == "US$13.9 billion"
    sentence = first.text[mark.start : mark.end]
    assert sentence.startswith("Toyota has committed to invest US$13.9 billion")
    assert sentence.endswith("battery-electric vehicles from late 2025.")


def test_the_first_passage_is_located_by_section_and_paragraph(first):
    section = "2.2 Cooperation and development of the electric vehicle industry"
    assert (first.locator.section, first.locator.paragraph, first.locator.page) == (section, 6, None)


def test_the_locator_names_document_and_span(first):
    assert first.locator.id == f"{PAPER}:9090-10069"
    assert (first.locator.start, first.locator.end) == (9090, 10069)


def test_the_marker_points_to_an_entry_that_its_words_are_not_about(first):
    notes = [(note.text, note.points_to, note.verdict, note.suggested) for note in first.markers]
    assert notes == [("[13]", "13", "mismatch", "14")]


def test_the_document_is_the_paper(first):
    title = "SCIENTIFIC AND TECHNOLOGICAL COOPERATION BETWEEN THE UNITED STATES AND JAPAN (2021-2025)"
    assert asdict(first.document) == {"id": PAPER, "title": title, "kind": "paper"}


def test_a_question_that_asks_for_no_plain_phrase_has_the_sentence_alone(answer):
    assert [len(passage.highlights) for passage in answer("Why do the two countries cooperate?").passages] == [1] * 5


def test_the_answer_is_the_highlighted_sentence_of_the_first_passage(about_toyota, first):
    mark = first.highlights[0]
    (sentence,) = about_toyota.answer.sentences
    quoted = first.text[mark.start : mark.end]
    assert (sentence.text, sentence.citations, sentence.supported) == (quoted, (1,), True)
    assert about_toyota.answer.text == quoted


def test_a_question_that_the_paper_answers_counts_as_answerable(about_toyota):
    assert about_toyota.answerable
    assert 0.5 < about_toyota.confidence <= 1


def test_five_passages_come_by_default_ranked_from_one(about_toyota):
    assert [passage.rank for passage in about_toyota.passages] == [1, 2, 3, 4, 5]


def test_the_index_that_answered_is_named(about_toyota, index):
    stamp = {"id": index.manifest.id, "model": "all-MiniLM-L6-v2", "documents": 1, "passages": 47}
    assert asdict(about_toyota.index) == stamp


def test_the_total_time_holds_encoding_and_retrieval(index, settings):
    spent = answer_question(index, "Who asks what nobody has asked before?", settings).timing_ms
    assert 0 < spent.encode < spent.total
    assert 0 < spent.retrieve < spent.total


def test_the_dataset_has_its_150_questions():
    assert len(QUESTIONS) == 150


def test_every_text_is_the_documents_text_at_its_span(all_passages, index):
    stored = index.corpus.load_document(PAPER).text
    assert len(all_passages) == 1500
    assert [p.locator.id for p in all_passages if p.text != stored[p.locator.start : p.locator.end]] == []


def test_the_stored_text_is_that_of_the_parsed_paper(index, paper):
    assert index.corpus.load_document(PAPER).text == paper.text


def test_every_highlight_lies_inside_its_passage(all_passages):
    marks = [(mark, passage) for passage in all_passages for mark in passage.highlights]
    assert len(all_passages) == 1500 < len(marks)
    assert [passage.locator.id for mark, passage in marks if not 0 <= mark.start < mark.end <= len(passage.text)] == []


def test_every_phrase_lies_inside_the_sentence_before_it(all_passages):
    pairs = [passage.highlights for passage in all_passages if len(passage.highlights) > 1]
    assert all(of[0].start <= of[1].start < of[1].end <= of[0].end for of in pairs)
    assert {len(of) for of in pairs} == {2}


def test_every_highlight_begins_and_ends_at_a_word(all_passages):
    texts = [passage.text[mark.start : mark.end] for passage in all_passages for mark in passage.highlights]
    assert [text for text in texts if text != text.strip()] == []


def test_every_marker_stands_in_its_passage(all_passages):
    assert [p.locator.id for p in all_passages for note in p.markers if note.text not in p.text] == []


def test_every_paragraph_holds_the_highlight(all_passages, paper):
    paragraphs = {(s.title, p.number): p for s in paper.sections for p in s.paragraphs}
    outside = []
    for passage in all_passages:
        paragraph = paragraphs[passage.locator.section, passage.locator.paragraph]
        start = passage.locator.start + passage.highlights[0].start
        if not paragraph.start <= start < paragraph.end:
            outside.append(passage.locator.id)
    assert outside == []


def test_the_author_is_found_by_asking_who_wrote_it(answer):
    best = answer("who wrote this paper?").passages[0]
    assert "TRAN ANH CONG" in best.text
    assert best.text[best.highlights[0].start : best.highlights[0].end] == "TRAN ANH CONG"


def test_an_entry_of_the_bibliography_is_found_by_what_it_describes(answer):
    best = answer("which arXiv preprint describes ABCI 3.0?").passages[:2]
    assert any("arXiv:2411.09134v1" in passage.text for passage in best)


def test_a_far_question_counts_as_not_answerable(answer):
    far = answer(FAR)
    assert not far.answerable
    assert far.confidence < 0.1


def test_a_far_question_is_given_no_answer_text(answer):
    assert asdict(answer(FAR).answer) == {"mode": "extract", "text": "", "sentences": ()}


def test_a_far_question_still_shows_the_nearest_passages(answer):
    assert len(answer(FAR).passages) == 5


@pytest.mark.parametrize(("threshold", "answerable"), [(0.0, True), (1.0, False)])
def test_the_threshold_decides_what_counts_as_answerable(index, settings, toyota, threshold, answerable):
    assert answer_question(index, toyota, replace(settings, threshold=threshold)).answerable is answerable


def test_white_space_around_a_question_changes_nothing(answer, toyota, about_toyota):
    spaced = answer(f" \n{toyota}\t ")
    assert (spaced.question, spaced.passages) == (toyota, about_toyota.passages)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("", "ask something, such as"),
        (" \t\n ", "ask something, such as"),
        ("\u00a0\u3000", "ask something, such as"),
        ("why " * 2500, "shorten it to 2,000 characters or fewer"),
        ("y" * 2001, "shorten it to 2,000 characters or fewer"),
        ("???", "ask in words, in UTF-8"),
        ("_", "ask in words, in UTF-8"),
        ("who\x00wrote", "ask in words, in UTF-8"),
        ("who \ud800 wrote", "ask in words, in UTF-8"),
        ("who\x1b[31m", "ask in words, in UTF-8"),
    ],
)
def test_a_bad_question_is_refused_with_what_to_do(answer, question, told):
    with pytest.raises(QuestionError, match=told):
        answer(question)


@pytest.mark.parametrize("question", ["y" * 2000, "誰が書いたか", "¿quién?", "2", "a\nb\tc"])
def test_any_words_make_a_question(question):
    assert check_question(question) == question


@pytest.mark.parametrize("k", [-1, 0, 101, 10**9])
def test_a_k_out_of_bounds_is_refused_with_the_bounds(answer, k):
    with pytest.raises(QuestionError, match=rf"k is {k}; ask for 1 to 100 passages"):
        answer("why?", k=k)


@pytest.mark.parametrize(("k", "count"), [(1, 1), (100, 47)])
def test_the_bounds_of_k_themselves_are_allowed(answer, k, count):
    assert len(answer("why do chips matter?", k=k).passages) == count


def test_asking_references_that_are_not_indexed_is_refused(answer):
    with pytest.raises(QuestionError, match="fetch some with `ibid fetch`"):
        answer("why?", source="references")


def test_sources_list_the_paper_and_its_entries_in_order(index):
    listed = list_sources(index)
    assert [work.id for work in listed.documents] == [PAPER]
    assert [entry.number for entry in listed.references] == [str(number) for number in range(1, 24)]
    assert {entry.state for entry in listed.references} == {"not_fetched"}


def test_a_locator_is_parsed_into_document_and_span():
    assert parse_locator(f" {PAPER}:9090-10069 ") == (PAPER, 9090, 10069)


@pytest.mark.parametrize(
    "locator", ["", "paper", "a:1", "a:1-", "a:-1-2", "A:1-2", "../a:1-2", "a:1-2x", "a:1-" + "9" * 10]
)
def test_what_is_no_locator_is_refused(locator):
    with pytest.raises(LocatorError, match="copy a locator from"):
        parse_locator(locator)


@pytest.mark.parametrize("span", [(5, 5), (10, 4), (0, 10**8), (10**8, 10**8 + 1)])
def test_a_span_that_is_not_in_the_document_is_refused(index, span):
    with pytest.raises(LocatorError, match="copy a locator from"):
        index.corpus.find_place(PAPER, *span)


def test_a_bad_question_is_a_foreseen_failure():
    with pytest.raises(IbidError) as caught:
        check_question("")
    assert caught.value.http_status == 422
    assert caught.value.to_json()["error"]["kind"] == "bad_question"


def test_sources_are_numbered_by_first_use_and_only_those_used_are_listed(index, settings):
    answer = answer_question(index, "How much will Toyota invest in North Carolina?", settings)
    (source,) = answer.sources
    assert (source.number, source.document.kind) == (1, "paper")
    assert {passage.citation.number for passage in answer.passages} == {1}


def test_numbers_stay_as_a_conversation_goes_on(index, settings):
    paper = index.corpus.list_works()[0].id
    earlier = ["another-source", paper]
    answer = answer_question(index, "How much will Toyota invest in North Carolina?", settings, numbered=earlier)
    assert [source.number for source in answer.sources] == [2]


@pytest.mark.parametrize("numbered", [["a", "a"], [str(n) for n in range(1001)]])
def test_sources_used_so_far_that_cannot_be_are_refused(index, settings, numbered):
    with pytest.raises(QuestionError, match="name each once, and 1,000 at most"):
        answer_question(index, "Who?", settings, numbered=numbered)
