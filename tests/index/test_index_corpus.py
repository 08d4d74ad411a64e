import threading

import pytest

from index.chunk import chunk, load_token_counter
from index.corpus import Corpus, save_corpus
from index.errors import DamagedIndexError, LocatorError
from index.paper import parse_paper

OTHER = parse_paper(
    "# Rain\n\nRain fell [1]. It was wet [1, 2].\n\n# References\n\n1. Wet, S. (2020). Rain.", document_id="rain"
)


def cut(document):
    return chunk(document, window_tokens=60, passage_tokens=200, count_tokens=load_token_counter())


@pytest.fixture(scope="module")
def corpus(tmp_path_factory, paper):
    path = tmp_path_factory.mktemp("corpus") / "corpus.sqlite"
    parsed = [(paper, cut(paper)), (OTHER, cut(OTHER))]
    save_corpus(path, parsed, [b""] * sum(len(passages) for _, passages in parsed))
    return Corpus(path)


@pytest.mark.parametrize("field", ["work", "text", "sections", "references", "markers"])
def test_a_loaded_paper_equals_the_parsed_one(corpus, paper, field):
    assert getattr(corpus.load_document(paper.work.id), field) == getattr(paper, field)


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


def test_windows_are_loaded_by_id_in_order(corpus):
    assert [row.id for row in corpus.load_windows([5, 2, 2], [])] == [2, 5]


def test_windows_are_loaded_by_passage(corpus):
    assert [(row.id, row.passage) for row in corpus.load_windows([], [1])] == [(4, 1), (5, 1), (6, 1), (7, 1)]


def test_windows_by_id_and_by_passage_come_once(corpus):
    assert [row.id for row in corpus.load_windows([0, 5], [1])] == [0, 4, 5, 6, 7]


def test_no_windows_are_asked_for_and_none_come(corpus):
    assert corpus.load_windows([], []) == []


def test_unknown_windows_are_left_out(corpus):
    assert corpus.load_windows([10**6], [10**6]) == []


def test_a_window_has_its_span(corpus, paper):
    expected = [(w.start, w.end) for p in cut(paper) for w in p.windows]
    assert [(row.start, row.end) for row in corpus.load_windows(range(97), [])] == expected


def test_the_windows_of_entries_are_marked(corpus):
    rows = corpus.load_windows(range(97), [])
    assert [row.id for row in rows if row.is_entry] == list(range(74, 97))


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
