"""The scale study: what is grown, and the laws that are fitted."""

from dataclasses import replace

import numpy as np
import pytest

import eval.bench.scale
from eval.bench.added import name_place, write_text
from eval.bench.grown import Grown, Pool, list_sizes
from eval.bench.scale import Asked, Size, WatchedReadings
from eval.bench.spread import Percentiles
from eval.bench.study import fit_exponent, format_laws, format_limit, publish_sizes
from index.embeddings import PackedReading, lay_out
from index.encode import normalise
from index.model import Context, Passage, Window

WORDS = "rain falls on the hills while snow lies over mountains and the river runs to the sea".split()


def make_context(number):
    """A context of two passages, of two windows and of one."""
    texts = [" ".join(WORDS[at : at + 4 + number % 3]) for at in range(3)]
    windows = [Window(0, len(text), text) for text in texts]
    passages = (Passage("pool", 0, 9, "", tuple(windows[:2])), Passage("pool", 0, 9, "", tuple(windows[2:])))
    return Context("pool", passages)


def make_reading(context, seed):
    spans = len(lay_out(context)[1])
    vectors = np.random.default_rng(seed).normal(size=(spans, 8)).astype(np.float16)
    return PackedReading(vectors, np.zeros((5, 1), np.uint8), np.zeros((spans, 2), np.int32))


@pytest.fixture(scope="module")
def pool():
    contexts = tuple(make_context(number) for number in range(5))
    return Pool(contexts, tuple(map(make_reading, contexts, range(5))), np.array(WORDS))


@pytest.fixture(scope="module")
def grown(pool):
    return Grown(pool, 3, 4)


def test_the_windows_and_passages_of_a_grown_document_stand_in_its_text(grown):
    for document in grown.documents:
        for context in grown.cut(document):
            for passage in context.passages:
                assert document.text[passage.start : passage.end] == passage.text
                assert [document.text[w.start : w.end] for w in passage.windows] == [w.indexed for w in passage.windows]
                assert " ".join(w.indexed for w in passage.windows) == passage.text


def test_a_document_is_the_same_whichever_segment_it_is_in(pool, grown):
    again = Grown(pool, 5, 1)
    assert again.documents[0] == grown.documents[2]
    (one, *_), (other, *_) = again.cut(again.documents[0]), grown.cut(grown.documents[2])
    np.testing.assert_array_equal(again.load(one, 8).vectors, grown.load(other, 8).vectors)


def test_the_vectors_of_a_grown_context_are_unit_vectors_of_its_own(pool, grown):
    contexts = grown.cut(grown.documents[0])
    vectors = [grown.load(context, 8).vectors.astype(np.float32) for context in contexts]
    assert [len(each) for each in vectors] == [len(lay_out(context)[1]) for context in contexts]
    np.testing.assert_allclose(np.linalg.norm(np.concatenate(vectors), axis=1), 1, atol=2e-3)
    assert len({each[0].tobytes() for each in vectors}) == len(vectors)


def test_the_nearest_passages_are_kept_as_readings_go_by(grown, monkeypatch):
    monkeypatch.setattr(eval.bench.scale, "_ROUND", 50)
    questions = normalise(np.random.default_rng(1).normal(size=(3, 8)).astype(np.float32))
    watched = WatchedReadings(grown, questions)
    contexts = [context for document in grown.documents for context in grown.cut(document)]
    passages = np.concatenate([watched.load(context, 8).vectors[1 : 1 + len(context.passages)] for context in contexts])
    ids, scores = watched.find_nearest()
    expected = questions @ passages.astype(np.float32).T
    assert ids.tolist() == np.argsort(-expected, axis=1, kind="stable")[:, :10].tolist()
    np.testing.assert_allclose(scores, np.sort(expected, axis=1)[:, :-11:-1], rtol=1e-5)


@pytest.mark.parametrize(("windows", "segments"), [(100, 1), (3600, 10), (3700, 11)])
def test_no_segment_has_more_windows_than_the_largest_may(pool, windows, segments):
    sizes = list_sizes(windows, pool, 360)  # a document has 12 contexts of 3 windows
    assert (len(sizes), max(sizes) <= 10, sum(sizes)) == (segments, True, round(windows / 36))


def make_size(windows, milliseconds, memory_mb):
    times = Percentiles(milliseconds, milliseconds, milliseconds)
    asked = Asked(0.1, times, times, times, int(memory_mb * 1e6), 0.99)
    disk = {"vectors": 500, "words": 100, "table": 44, "texts": 300}
    held = {kind: share * windows for kind, share in disk.items()}
    return Size(windows, windows // 3, 1, windows / 1e3, held, asked)


SIZES = [make_size(10_000, 4, 100), make_size(100_000, 8, 200)]


def test_an_exponent_is_that_of_the_last_two_sizes():
    assert fit_exponent([1, 10, 1000], [5, 3, 300]) == pytest.approx(1)
    assert fit_exponent([10, 1000], [4, 40]) == pytest.approx(0.5)


def test_the_laws_say_what_ten_times_the_largest_size_takes():
    told = format_laws(SIZES)
    assert "| question, p95, ms | 0.30 | 16 |" in told
    assert "| disk, MB | 1.00 | 944 |" in told


def test_what_breaks_first_is_what_reaches_its_bound_first():
    slow, fat = make_size(100_000, 80, 101), make_size(100_000, 4.1, 100_000)
    assert "first to go is **question**, at about 1e+05 windows, where it reaches 100 ms" in format_limit(
        [SIZES[0], slow]
    )
    assert "is **memory**" in format_limit([SIZES[0], fat])


def test_a_size_is_added_to_those_measured_before_and_measured_anew_in_its_place(tmp_path):
    publish_sizes(SIZES[:1], folder=tmp_path, study=tmp_path / "scale.md")
    publish_sizes(SIZES[1:], folder=tmp_path, study=tmp_path / "scale.md")
    text = publish_sizes([replace(SIZES[0], segments=2, written_s=77)], folder=tmp_path, study=tmp_path / "scale.md")
    rows = [line for line in text.splitlines() if line.startswith(("| 10,000", "| 100,000"))]
    assert [row.split(" | ")[-1] for row in rows] == ["77 |", "100 |"]
    assert (tmp_path / "scale.md").read_text(encoding="utf-8") == text
    assert (tmp_path / "scale-latency.svg").exists()


def test_a_new_text_of_ten_pages_has_a_sentence_that_no_other_has():
    texts = [write_text(number) for number in range(2)]
    assert [[name_place(number) in text for number in range(2)] for text in texts] == [[True, False], [False, True]]
    assert all(3000 <= len(text.split()) <= 4500 for text in texts)
