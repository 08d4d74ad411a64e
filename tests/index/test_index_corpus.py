import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.chunk import chunk, load_token_counter
from index.corpus import Corpus
from index.embeddings import PackedReading, lay_out
from index.errors import DamagedIndexError, LocatorError
from index.paper import parse_paper
from index.settings import Settings
from index.write_corpus import CorpusWriter

OTHER = replace(
    parse_paper(
        "# Rain\n\nRain fell [1]. It was wet [1, 2].\n\n# References\n\n1. Wet, S. (2020). Rain.", document_id="rain"
    ),
    shown="Menu\nRain\nRain fell 1. It was wet 1, 2.\nÀ propos",
)


def cut(document):
    return [passage for context in cut_contexts(document) for passage in context.passages]


def cut_contexts(document):
    return chunk(document, Settings(home=Path("/h")), load_token_counter())


def read(context):
    """A reading of one word per byte of the text, that byte, so that a range of words shows what it is of."""
    text, spans = lay_out(context)
    ranges = [[len(text[:bound].encode()) for bound in span] for span in spans]
    words = np.frombuffer(text.encode(), np.uint8)[:, None]
    return PackedReading(np.zeros((len(spans), 8), np.float16), words, np.array(ranges, np.int32))


def save_corpus(path, parsed):
    """Write documents with their contexts; return the table of their windows."""
    with CorpusWriter(path) as writer:
        for document, contexts in parsed:
            writer.begin(document)
            for context in contexts:
                writer.add(context, read(context))
    return writer.rows


@pytest.fixture(scope="module")
def parsed(paper):
    return [(paper, cut_contexts(paper)), (OTHER, cut_contexts(OTHER))]


@pytest.fixture(scope="module")
def saved(tmp_path_factory, parsed):
    """The file and the rows of windows."""
    path = tmp_path_factory.mktemp("corpus") / "corpus.sqlite"
    rows = save_corpus(path, parsed)
    return path, [tuple(row) for row in rows.tolist()]


@pytest.fixture(scope="module")
def corpus(saved):
    return Corpus(saved[0])


@pytest.mark.parametrize("field", ["work", "text", "sections", "references", "markers"])
def test_a_loaded_paper_equals_the_parsed_one(corpus, paper, field):
    assert getattr(corpus.load_document(paper.work.id), field) == getattr(paper, field)


def test_what_a_web_page_shows_is_kept_beside_its_document(corpus, paper):
    assert corpus.load_shown("rain") == OTHER.shown
    assert corpus.load_shown(paper.work.id) == corpus.load_shown("nowhere") == ""


def test_a_part_of_a_document_s_text_is_read_alone(corpus):
    assert corpus.load_text("rain", 6, 15) == OTHER.text[6:15]
    assert corpus.load_text("rain") == OTHER.text
    assert corpus.load_text("nowhere") == ""


@pytest.mark.parametrize("length", [0, 1, 1999, 2000, 2001, 4500])
@pytest.mark.parametrize("start", [0, 1, 1999, 2000, 2001, 3999, 4000, 9999, 10**6])
def test_any_part_of_a_long_text_is_read_alone(corpus, paper, start, length):
    assert len(paper.text) > 10_000
    assert corpus.load_text(paper.work.id, start, start + length) == paper.text[start : start + length]


def test_a_second_document_equals_the_parsed_one(corpus):
    assert corpus.load_document("rain") == OTHER


def test_works_are_listed_in_the_order_of_the_index(corpus, paper):
    assert corpus.list_works() == (paper.work, OTHER.work)


def test_the_bibliography_comes_in_its_order(corpus, paper):
    assert corpus.list_references(paper.work.id) == paper.references


def test_passages_are_numbered_over_all_documents(corpus, paper):
    assert corpus.load_place(47).passage.document_id == "rain"


@pytest.mark.parametrize("number", range(47))
def test_a_passage_is_placed_in_its_section(corpus, paper, number):
    expected = cut(paper)[number]
    place = corpus.load_place(number)
    (section,) = [s for s in paper.sections if s.start <= expected.start and expected.end <= s.end]
    assert (place.passage.text, place.section.title) == (expected.text, section.title)


def test_places_come_in_the_order_asked_for(corpus):
    assert corpus.load_places([40, 3, 47]) == tuple(map(corpus.load_place, (40, 3, 47)))
    assert corpus.load_places([]) == ()


def test_no_place_is_looked_for_by_going_through_a_table(saved):
    own, asked = Corpus(saved[0]), []
    db = own._connect()  # noqa: SLF001 - the only connection that can be listened to
    db.set_trace_callback(asked.append)
    own.load_places([40, 3, 47])
    own.load_text("rain", 6, 15)
    db.set_trace_callback(None)
    steps = {step[3] for sql in asked for step in db.execute(f"EXPLAIN QUERY PLAN {sql}")}
    assert len(asked) == 7
    assert {step for step in steps if step.startswith("SCAN")} == {"SCAN asked", "SCAN 3 CONSTANT ROWS"}


def test_a_place_has_the_paragraphs_it_touches(corpus, paper):
    first, second = paper.sections[2].paragraphs[:2]
    place = corpus.find_place(paper.work.id, first.end - 5, second.start + 5)
    assert place.section.paragraphs == (first, second)


def test_a_place_has_the_markers_inside_it(corpus, paper):
    place = corpus.find_place(paper.work.id, 947, 1986)
    assert [m.points_to for m in place.markers] == ["1", None, "2", "3"]


def test_the_sentences_of_a_place_are_cut_at_its_ends(corpus, paper):
    start = paper.sections[2].paragraphs[0].start
    assert corpus.find_place(paper.work.id, start + 3, start + 20).sentences == ((start + 3, start + 20),)


def test_the_sentences_of_a_place_cover_it(corpus, paper):
    place = corpus.load_place(6)
    joined = "".join(paper.text[low:high] for low, high in place.sentences)
    assert "".join(joined.split()) == "".join(place.passage.text.split())


@pytest.mark.parametrize(
    ("start", "stop"), [(-1, 10), (10, 10), (20, 10), (10**6, 10**6 + 5), (0, 10**6), (253, 255), (10**30, 10**30 + 1)]
)
def test_a_span_without_text_is_no_place(corpus, paper, start, stop):
    with pytest.raises(LocatorError, match="copy a locator from an answer"):
        corpus.find_place(paper.work.id, start, stop)


@pytest.mark.parametrize("method", ["load_document", "load_work"])
def test_an_unknown_document_is_no_place(corpus, method):
    with pytest.raises(LocatorError, match="no place 'gone' in the index"):
        getattr(corpus, method)("gone")


def test_a_span_of_an_unknown_document_is_no_place(corpus):
    with pytest.raises(LocatorError, match="no place 'gone:0-5' in the index"):
        corpus.find_place("gone", 0, 5)


def test_a_row_tells_the_passage_context_and_document_of_a_window(saved, parsed):
    expected = []
    passages = contexts = 0
    for position, (_, of_document) in enumerate(parsed):
        for context in of_document:
            for passage in context.passages:
                expected += [(passages, contexts, position)] * len(passage.windows)
                passages += 1
            contexts += 1
    assert [row[:3] for row in saved[1]] == expected


def test_a_row_tells_the_span_of_a_window(saved, parsed):
    expected = [(w.start, w.end) for _, of in parsed for c in of for p in c.passages for w in p.windows]
    assert [row[3:5] for row in saved[1]] == expected


@pytest.fixture(scope="module")
def described(saved, corpus, parsed):
    """Each row of windows, the words of its context, and the context, passage and window that it is of."""
    packed = corpus.load_words(range(1 + saved[1][-1][1]))
    units = [(c, p, w) for _, of in parsed for c in of for p in c.passages for w in p.windows]
    return [(row, packed[row[1]], *unit) for row, unit in zip(saved[1], units, strict=True)]


def test_a_row_tells_the_words_of_a_window_among_those_of_its_context(described):
    assert len(described) == 99
    for row, words, _, _, window in described:
        assert words[row[5] : row[6]] == window.indexed.encode()


def test_a_row_tells_the_words_of_a_passage_among_those_of_its_context(described):
    for row, words, _, passage, _ in described:
        assert words[row[7] : row[8]] == passage.indexed.encode()


def test_a_row_tells_how_many_words_of_its_context_are_those_of_the_lead(described):
    for row, words, context, _, _ in described:
        assert (len(context.lead) > 0, words[: row[9]]) == (True, f"{context.lead}\n".encode())


def test_without_a_lead_the_words_of_the_first_passage_are_the_first(tmp_path, parsed):
    document, contexts = parsed[1]
    bare = [replace(context, lead="") for context in contexts]
    rows = save_corpus(tmp_path / "bare.sqlite", [(document, bare)])
    length = len(bare[0].passages[0].indexed.encode())
    assert rows[0, 5:10].tolist() == [0, length, 0, length, 0]


def test_the_windows_of_entries_are_marked(saved):
    assert [number for number, row in enumerate(saved[1]) if row[-1]] == [*range(74, 97), 98]


def test_the_words_of_a_context_are_those_of_its_lead_and_of_all_its_passages(corpus, parsed):
    contexts = [context for _, of in parsed for context in of]
    expected = {number: lay_out(context)[0].encode() for number, context in enumerate(contexts)}
    assert corpus.load_words(range(len(contexts))) == expected


def test_words_are_loaded_for_the_contexts_asked_for_alone(corpus, parsed):
    expected = {number: lay_out(parsed[0][1][number])[0].encode() for number in (2, 12)}
    assert corpus.load_words([2, 12]) == expected


def test_words_come_in_reading_order_whatever_is_asked_for_first(corpus):
    assert list(corpus.load_words([12, 2, 37, 2]).items()) == list(corpus.load_words([2, 12, 37]).items())
    assert list(corpus.load_words([12, 2, 37, 2])) == [2, 12, 37]


@pytest.mark.parametrize("contexts", [[], [10**6]])
def test_no_context_has_no_words(corpus, contexts):
    assert corpus.load_words(contexts) == {}


def test_the_passages_of_a_document_are_listed_in_reading_order(corpus, paper):
    assert corpus.list_passages(paper.work.id) == list(range(47))


def test_the_passages_of_a_later_document_follow(corpus):
    assert corpus.list_passages("rain") == [47, 48]


def test_a_document_is_named_by_its_position(corpus, paper):
    assert corpus.name_documents([1, 0]) == {0: paper.work.id, 1: "rain"}


def test_another_thread_reads_the_same(corpus, paper):
    found = []
    thread = threading.Thread(target=lambda: found.append(corpus.load_document(paper.work.id)))
    thread.start()
    thread.join()
    assert found == [paper]


def test_a_file_of_something_else_is_damaged(tmp_path):
    (tmp_path / "corpus.sqlite").write_text("no database at all" * 100)
    with pytest.raises(DamagedIndexError, match="is no corpus; rebuild it with `ibid build --fresh`"):
        Corpus(tmp_path / "corpus.sqlite")


def test_a_missing_file_is_damaged(tmp_path):
    with pytest.raises(DamagedIndexError, match="is no corpus"):
        Corpus(tmp_path / "gone.sqlite")


def test_a_file_that_goes_away_while_it_is_asked_is_damaged(tmp_path, paper):
    save_corpus(tmp_path / "corpus.sqlite", [(paper, [])])
    corpus = Corpus(tmp_path / "corpus.sqlite")
    (tmp_path / "corpus.sqlite").unlink()
    found = []

    def ask():  # on a thread that has not opened it yet
        with pytest.raises(DamagedIndexError, match="cannot be read"):
            corpus.list_works()
        found.append(True)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert found == [True]
