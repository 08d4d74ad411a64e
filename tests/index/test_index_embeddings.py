import hashlib
import sqlite3
from types import SimpleNamespace

import numpy as np
import pytest

from index.embeddings import lay_out, open_embeddings
from index.encode import QuestionReading, Reading, normalise, pack_words
from index.model import Context, Passage, Window

DIMENSION = 20


def make_context(*texts, lead="Rain"):
    """Make a context of a passage per text, with a window per sentence."""
    passages = []
    for text in texts:
        windows = tuple(Window(0, len(part), part) for part in text.split(" | "))
        passages.append(Passage("a", 0, len(text), text, windows))
    return Context("a", tuple(passages), lead)


CONTEXTS = [make_context(f"Rain {n} fell. | It was wet.", f"Snow {n} fell.") for n in range(100)]


class FakeEncoder:
    """Gives every span and word a vector that follows from its text; reads the last text first."""

    card = SimpleNamespace(dimension=DIMENSION)

    def __init__(self, seed=0, stop_at=None):
        self.seed, self.stop_at, self.read = seed, stop_at, []

    def make_vector(self, text):
        seed = hashlib.sha256(f"{self.seed}{text}".encode("utf-8", "replace")).digest()
        return np.random.default_rng(list(seed)).normal(size=DIMENSION).astype(np.float32)

    def make_reading(self, text, spans):
        words = [(at, word) for at, word in enumerate(text.split())]
        vectors = normalise(np.stack([self.make_vector(text[start:end]) for start, end in spans]))
        rows = np.array([self.make_vector(word) for _, word in words], np.float32).reshape(-1, DIMENSION)
        before = [[len(text[:bound].split()) for bound in span] for span in spans]
        return Reading(vectors, normalise(rows), np.array(before), np.zeros((len(rows), 2), np.int64))

    def iter_readings(self, texts, spans):
        for row in reversed(range(len(texts))):
            if len(self.read) == self.stop_at:
                raise KeyboardInterrupt
            self.read.append(texts[row])
            yield row, self.make_reading(texts[row], spans[row])

    def read_question(self, question):
        vector = normalise(self.make_vector(question)[None])
        return QuestionReading(vector[0], vector, ((0, len(question)),))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "embeddings.sqlite"


def read(path, contexts, encoder, *, name="one", fresh=False, advance=lambda _count: None):
    with open_embeddings(path, name) as cache:
        if fresh:
            cache.forget_all()
        for _ in cache.iter_readings(contexts, encoder, advance=advance):
            pass
        return cache.encoded


def forget(path, contexts, name="one"):
    with open_embeddings(path, name) as cache:
        cache.forget_all_but(contexts)


def count_rows(path):
    db = sqlite3.connect(path)
    found = dict(db.execute("SELECT encoder, count(*) FROM readings GROUP BY encoder"))
    db.close()
    return found


def load(path, context, name="one"):
    """Return a reading that was kept."""
    with open_embeddings(path, name) as cache:
        (reading,) = cache.iter_readings([context], FakeEncoder(stop_at=0), advance=lambda _count: None)
        return reading


def test_every_context_is_read_once(path):
    encoder = FakeEncoder()
    assert read(path, CONTEXTS, encoder) == 100
    assert sorted(encoder.read) == sorted(lay_out(context)[0] for context in CONTEXTS)


def test_what_was_read_is_not_read_again(path):
    read(path, CONTEXTS, FakeEncoder())
    again = FakeEncoder()
    assert (read(path, CONTEXTS, again), again.read) == (0, [])


def test_only_a_new_context_is_read(path):
    read(path, CONTEXTS[:99], FakeEncoder())
    again = FakeEncoder()
    assert (read(path, CONTEXTS, again), again.read) == (1, [lay_out(CONTEXTS[99])[0]])


def test_another_lead_is_another_context(path):
    read(path, [make_context("It fell.", lead="Rain")], FakeEncoder())
    assert read(path, [make_context("It fell.", lead="Snow")], FakeEncoder()) == 1


def test_one_text_cut_otherwise_is_another_context(path):
    one, two = make_context("It fell. | It stopped."), make_context("It fell.", "It stopped.")
    assert lay_out(one)[0] == lay_out(two)[0]
    assert read(path, [one, two], FakeEncoder()) == 2


@pytest.mark.parametrize("known", [[], [3], [0, 99], range(100)])
def test_readings_come_in_order_whatever_is_known_and_in_whatever_order_the_rest_is_read(path, known):
    read(path, [CONTEXTS[number] for number in known], FakeEncoder())
    contexts = [*CONTEXTS, CONTEXTS[3]]
    with open_embeddings(path, "one") as cache:
        found = list(cache.iter_readings(contexts, FakeEncoder(), advance=lambda _count: None))
    expected = [FakeEncoder().make_reading(*lay_out(context)).vectors for context in contexts]
    np.testing.assert_allclose([reading.vectors for reading in found], expected, atol=1e-3)


def test_equal_contexts_are_read_once(path):
    encoder = FakeEncoder()
    assert (read(path, [CONTEXTS[0]] * 3, encoder), len(encoder.read)) == (1, 1)


@pytest.mark.parametrize("known", [0, 1, 7])
def test_the_steps_add_up_to_the_contexts(path, known):
    read(path, CONTEXTS[:known], FakeEncoder())
    steps = []
    read(path, [*CONTEXTS[:7], CONTEXTS[0]], FakeEncoder(), advance=steps.append)
    assert sum(steps) == 8


def test_a_fresh_read_reads_everything_again(path):
    read(path, CONTEXTS, FakeEncoder())
    assert read(path, CONTEXTS, FakeEncoder(), fresh=True) == 100


def test_a_fresh_read_replaces_what_was_read(path):
    read(path, CONTEXTS, FakeEncoder(seed=0))
    read(path, CONTEXTS, FakeEncoder(seed=1), fresh=True)
    expected = FakeEncoder(seed=1).make_reading(*lay_out(CONTEXTS[5])).vectors
    np.testing.assert_allclose(load(path, CONTEXTS[5]).vectors, expected, atol=1e-3)


@pytest.mark.parametrize("number", [0, 31, 99])
def test_vectors_come_back_within_a_thousandth(path, number):
    read(path, CONTEXTS, FakeEncoder())
    expected = FakeEncoder().make_reading(*lay_out(CONTEXTS[number])).vectors
    found = load(path, CONTEXTS[number]).vectors
    assert (found.shape, found.dtype) == ((6, DIMENSION), np.float16)
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_cosines_come_back_within_a_thousandth(path):
    read(path, CONTEXTS, FakeEncoder())
    question = FakeEncoder().read_question("Who fell?").vector
    expected = FakeEncoder().make_reading(*lay_out(CONTEXTS[3])).vectors @ question
    np.testing.assert_allclose(load(path, CONTEXTS[3]).vectors.astype(np.float32) @ question, expected, atol=1e-3)


def test_the_signs_of_the_words_come_back(path):
    read(path, CONTEXTS, FakeEncoder())
    expected = pack_words(FakeEncoder().make_reading(*lay_out(CONTEXTS[3])).words)
    assert load(path, CONTEXTS[3]).words.tolist() == expected.tolist()


def test_the_ranges_of_the_spans_come_back(path):
    read(path, CONTEXTS, FakeEncoder())
    # "Rain | Rain 3 fell. | It was wet. | Snow 3 fell.": the context, two passages, three windows.
    assert load(path, CONTEXTS[3]).ranges.tolist() == [[0, 10], [1, 7], [7, 10], [1, 4], [4, 7], [7, 10]]


def test_a_context_without_words_comes_back(path):
    context = make_context("", lead="")
    read(path, [context], FakeEncoder())
    found = load(path, context)
    assert (found.words.shape, found.ranges.tolist()) == ((0, 3), [[0, 0]] * 3)


def test_a_text_that_is_no_unicode_can_be_kept(path):
    context = make_context("Rain \ud800 fell.")
    read(path, [context], FakeEncoder())
    assert load(path, context).vectors.shape == (3, DIMENSION)


def test_what_another_encoder_read_does_not_count(path):
    read(path, CONTEXTS, FakeEncoder(), name="one")
    assert read(path, CONTEXTS, FakeEncoder(seed=1), name="two") == 100


def test_each_encoder_has_its_own_readings(path):
    read(path, CONTEXTS, FakeEncoder(), name="one")
    read(path, CONTEXTS, FakeEncoder(seed=1), name="two")
    expected = FakeEncoder(seed=0).make_reading(*lay_out(CONTEXTS[5])).vectors
    np.testing.assert_allclose(load(path, CONTEXTS[5], name="one").vectors, expected, atol=1e-3)


def test_what_another_encoder_read_is_forgotten(path):
    read(path, CONTEXTS, FakeEncoder(), name="one")
    read(path, CONTEXTS[:3], FakeEncoder(), name="two")
    forget(path, CONTEXTS[:3], name="two")
    assert count_rows(path) == {"two": 3}


def test_contexts_that_are_gone_are_forgotten(path):
    read(path, CONTEXTS, FakeEncoder())
    forget(path, CONTEXTS[10:30])
    assert count_rows(path) == {"one": 20}


def test_contexts_that_stay_are_kept(path):
    read(path, CONTEXTS, FakeEncoder())
    forget(path, CONTEXTS[10:30])
    assert read(path, CONTEXTS[10:30], FakeEncoder()) == 0


def test_a_cut_build_goes_on_where_it_was_kept_last(path):
    with pytest.raises(KeyboardInterrupt):
        read(path, CONTEXTS, FakeEncoder(stop_at=70))
    assert read(path, CONTEXTS, FakeEncoder()) == 100 - 64


def test_a_cut_fresh_build_keeps_what_was_there_until_the_first_new_ones(path):
    read(path, CONTEXTS, FakeEncoder())
    with pytest.raises(KeyboardInterrupt):
        read(path, CONTEXTS, FakeEncoder(stop_at=20), fresh=True)
    assert read(path, CONTEXTS, FakeEncoder()) == 0


def test_a_damaged_cache_is_begun_anew(path):
    path.write_bytes(b"garbage" * 1000)
    assert read(path, CONTEXTS[:3], FakeEncoder()) == 3


def test_the_table_of_an_older_version_is_dropped(path):
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE embeddings (encoder TEXT)")
    db.commit()
    db.close()
    assert read(path, CONTEXTS[:3], FakeEncoder()) == 3


def test_a_context_without_a_lead_is_its_own_text():
    assert lay_out(make_context("It fell. | It stopped.", lead="")) == (
        "It fell.\nIt stopped.",
        [(0, 20), (0, 20), (0, 8), (9, 20)],
    )


def test_a_lead_stands_before_the_passages_and_in_the_first_span_alone():
    assert lay_out(make_context("It fell. | It stopped.", "Snow.", lead="Rain")) == (
        "Rain\nIt fell.\nIt stopped.\nSnow.",
        [(0, 31), (5, 25), (26, 31), (5, 13), (14, 25), (26, 31)],
    )


def test_what_was_read_is_kept_where_no_more_is_asked_for(path):
    encoder = FakeEncoder()
    with open_embeddings(path, "one") as cache:
        readings = cache.iter_readings(CONTEXTS[:10], encoder, advance=lambda _count: None)
        for _ in CONTEXTS[:10]:
            next(readings)
    read(path, CONTEXTS[:10], encoder)
    assert len(encoder.read) == 10
