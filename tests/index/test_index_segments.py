"""An index of several segments answers as one of a single segment does; what is added leaves the others alone."""

import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest

import index.assemble
import index.plan
import qa.retrieve
from index.build import index_documents
from index.bundle import find_bundle, load_manifest, open_index
from index.errors import LocatorError
from index.families import Family
from index.holdings import Holdings
from index.paper import parse_paper
from index.plain import parse_plain
from index.plan import list_plans, plan_segments
from index.settings import Settings
from qa.retrieve import rank_windows

pytestmark = pytest.mark.model

DEEDS = (
    "lifted copper from the hold",
    "carried grain to the mill",
    "sank in fog near the pier",
    "won a prize for speed",
)
TEXTS = {
    f"harbour-{n}": "\n\n".join(
        f"Crane {m} of harbour {n} {DEEDS[(n + m) % 4]} in {1900 + 7 * n + m}. It was seen by {m + 2} men." * 2
        for m in range(4)
    )
    for n in range(6)
}
QUESTIONS = [
    "Which crane lifted copper?",
    "What sank in the fog?",
    "harbour 5 in 1936",
    "Who saw the crane of harbour 2?",
]


def parse(name, text=None):
    return parse_plain(text or TEXTS[name], document_id=name, title=name)


@pytest.fixture(scope="module")
def home(tmp_path_factory, model_folder):
    folder = tmp_path_factory.mktemp("segments")
    (folder / "models").symlink_to(model_folder.parent, target_is_directory=True)
    return Settings(home=folder)


@pytest.fixture
def own(home, tmp_path):
    return replace(home, index=tmp_path / "index")


@pytest.fixture
def apart(monkeypatch):
    """Each build writes just what is new."""
    monkeypatch.setattr(index.plan, "_SMALL_CHARS", 0)
    monkeypatch.setattr(index.plan, "_GROWTH", 0)


def build(settings, *names, **texts):
    documents = [parse(name, texts.get(name)) for name in names]
    return index_documents(documents, settings)


def rank(settings, question):
    """Return the windows that were found, each by its document and span, with its score."""
    opened = open_index(settings)
    windows = rank_windows(opened, question, settings).windows
    names = opened.corpus.name_documents(np.unique(windows.rows["document"]).tolist())
    return {
        (names[row["document"]], int(row["start"]), int(row["end"])): float(score)
        for row, score in zip(windows.rows, windows.scores, strict=True)
    }


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("candidates", [250, 10])
def test_several_segments_rank_as_one_does(home, own, tmp_path, apart, monkeypatch, question, candidates):
    monkeypatch.setattr(qa.retrieve, "_WORDS_DEPTH", 500)
    names = sorted(TEXTS)
    one = replace(home, index=tmp_path / "one", candidates=candidates)
    build(one, *names)
    several = replace(own, candidates=candidates)
    for count in (2, 4, 6):
        build(several, *names[:count])
    assert len(open_index(one).manifest.segments) == 1
    assert len(open_index(several).manifest.segments) == 3
    expected, found = rank(one, question), rank(several, question)
    if candidates == 250:
        assert found == pytest.approx(expected, abs=0.02)  # eight bits have other ranges in each segment
    first = max(expected, key=expected.get)
    assert found[first] == pytest.approx(expected[first], abs=0.02)


def test_what_is_new_is_written_alone_and_the_rest_is_linked(own, apart):
    build(own, "harbour-0", "harbour-1")
    before = find_bundle(own.index)
    (old,) = load_manifest(before).segments
    files = {name: (before / old.name / name).stat().st_ino for name in old.files}
    built = build(own, "harbour-0", "harbour-1", "harbour-2")
    assert built.encoded == 1
    assert [card.documents for card in built.manifest.segments] == [2, 1]
    after = find_bundle(own.index) / old.name
    assert {name: (after / name).stat().st_ino for name in old.files} == files


def test_a_document_that_is_gone_is_not_found(own, apart):
    names = sorted(TEXTS)
    build(own, *names)
    built = build(own, *names[1:])
    assert [len(card.dropped) for card in built.manifest.segments] == [1]
    assert (built.manifest.documents, built.manifest.passages) == (5, 5 * (built.manifest.passages // 5))
    for question in QUESTIONS:
        assert "harbour-0" not in {name for name, *_ in rank(own, question)}
    corpus = open_index(own).corpus
    assert [work.id for work in corpus.list_works()] == names[1:]
    assert corpus.load_text("harbour-0") == ""
    with pytest.raises(LocatorError):
        corpus.load_document("harbour-0")


def test_a_document_that_has_changed_is_found_as_it_is_now(own, apart):
    names = sorted(TEXTS)
    build(own, *names)
    build(own, *names, **{"harbour-3": "A whale came into the bay in 1950."})
    corpus = open_index(own).corpus
    assert corpus.load_text("harbour-3") == "A whale came into the bay in 1950."
    found = rank(own, "What came into the bay?")
    assert max(found, key=found.get)[0] == "harbour-3"
    assert sum(name == "harbour-3" for name, *_ in found) == 1


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_every_document_of_several_segments_is_whole(own, apart, name):
    names = sorted(TEXTS)
    build(own, *names[:3])
    build(own, *names)
    corpus = open_index(own).corpus
    expected = parse(name)
    assert corpus.load_document(name) == expected
    assert corpus.load_work(name) == expected.work
    numbers = corpus.list_passages(name)
    places = [corpus.load_place(number) for number in numbers]
    assert [place.passage.document_id for place in places] == [name] * len(places)
    first = places[0].passage
    assert corpus.find_place(name, first.start, first.end).passage == first


def test_the_words_of_contexts_are_those_of_their_own_segment(own, apart):
    names = sorted(TEXTS)
    build(own, *names[:3])
    build(own, *names)
    opened = open_index(own)
    rows = opened.table.load(np.arange(len(opened.table)))
    contexts = np.unique(rows["context"]).tolist()
    words = opened.corpus.load_words(contexts)
    assert list(words) == contexts == list(range(opened.manifest.contexts))
    firsts, stops = opened.table.find_inside(np.array(contexts))
    assert [
        (int(rows["context"][first]), int(rows["context"][stop - 1])) for first, stop in zip(firsts, stops, strict=True)
    ] == [(context, context) for context in contexts]


def test_a_build_that_was_cut_goes_on_with_the_segments_that_are_whole(own, monkeypatch):
    monkeypatch.setattr(index.plan, "_SEGMENT_CHARS", 600)
    names, written = sorted(TEXTS), []
    stop_at = [2]
    whole = index.assemble.write_segment

    def write(folder, *rest):
        if stop_at == [len(written)]:
            raise KeyboardInterrupt
        written.append(folder.name.removesuffix(".part"))
        return whole(folder, *rest)

    monkeypatch.setattr(index.assemble, "write_segment", write)
    with pytest.raises(KeyboardInterrupt):
        build(own, *names)
    first = list(written)
    written.clear()
    stop_at.clear()
    built = build(own, *names)
    assert built.encoded == len(written)  # one context each
    assert set(first).isdisjoint(written)
    assert {*first, *written} == {card.name for card in built.manifest.segments}
    assert not (own.index / ".segments").exists()


def test_a_fresh_build_takes_no_segment_of_a_build_that_was_cut(own, monkeypatch):
    cut = [True]
    whole = index.assemble.install_bundle

    def install(*parts):
        if cut:
            raise KeyboardInterrupt
        return whole(*parts)

    monkeypatch.setattr(index.assemble, "install_bundle", install)
    with pytest.raises(KeyboardInterrupt):
        build(own, "harbour-0")
    (waiting,) = (own.index / ".segments").iterdir()
    (waiting / "stale").touch()
    cut.clear()
    recipe = index.assemble.Recipe(own, fresh=True)
    holdings = Holdings((parse("harbour-0"),), {})
    index.assemble.assemble_bundle(own.index, [Family(["anew"], lambda: holdings)], recipe)
    assert not list(find_bundle(own.index).rglob("stale"))


CITING = (
    "A PAPER\n\n1 TEXT\n\nCranes lift [1].\n\nREFERENCES\n\n1. Smith, J. (2001). Cranes. Harbour Press.\n\n"
    "2. Roe, R. (2002). Ships. Harbour Press."
)


def test_the_entries_of_a_document_that_is_gone_do_not_count(own, apart):
    citing = [parse_paper(CITING, document_id=name) for name in ("one", "other")]
    index_documents([*citing, parse("harbour-0"), parse("harbour-1"), parse("harbour-2")], own)
    assert open_index(own).corpus.held_references == (0, 4)
    index_documents([citing[0], parse("harbour-0"), parse("harbour-1"), parse("harbour-2")], own)
    assert open_index(own).manifest.segments[0].dropped
    assert open_index(own).corpus.held_references == (0, 2)
    assert not open_index(own).corpus.has_pages("other")


def test_the_position_of_a_cited_work_is_that_of_its_passages_though_others_are_gone(own, apart):
    citing = parse_paper(CITING, document_id="one")
    others = [parse(f"harbour-{n}") for n in range(4)]
    work = parse("harbour-4")
    work = replace(work, work=replace(work.work, kind="reference", cited_by="one", entries=("1",)))
    index_documents([citing, *others, work], own)
    index_documents([citing, *others[1:], work], own)
    opened = open_index(own)
    ((position, found),) = opened.corpus.list_cited("one")
    first, stop = opened.table.find_documents(position, position + 1)
    assert (found.id, list(range(first, stop))) == ("harbour-4", opened.corpus.list_passages("harbour-4"))
    assert (opened.corpus.is_marked_paper("one"), opened.corpus.find_digest("harbour-0")) == (True, "")


def test_small_segments_are_written_anew_with_what_is_new():
    plan = plan_segments({"s": ["a", "b"]}, dict.fromkeys("abc", 100))
    assert (dict(plan.kept), plan.written) == ({}, (("a", "b", "c"),))


def test_a_segment_much_larger_than_what_is_new_stays(monkeypatch):
    monkeypatch.setattr(index.plan, "_SMALL_CHARS", 100)
    plan = plan_segments({"large": ["a"], "small": ["b"]}, {"a": 1000, "b": 150, "c": 100})
    assert (dict(plan.kept), plan.written) == ({"large": frozenset()}, (("b", "c"),))


def test_where_much_is_written_anew_what_is_new_is_written_alone_first():
    alone, plan = list_plans({"s": ["a", "gone"], "t": ["b"]}, {"a": 900_000, "b": 1000, "c": 100})
    assert (dict(alone.kept), alone.written) == ({"s": frozenset({1}), "t": frozenset()}, (("c",),))
    assert (dict(plan.kept), plan.written) == ({}, (("a", "b", "c"),))


@pytest.mark.parametrize("segments", [{}, {"s": ["a"], "t": ["b"]}])
def test_where_little_is_written_anew_all_is_done_at_once(segments):
    (plan,) = list_plans(segments, {"a": 30_000, "b": 1000, "c": 900_000})
    assert plan.written == (("a", "b", "c"),)


def test_a_build_that_is_cut_while_it_writes_anew_what_was_there_has_put_in_force_what_is_new(own, monkeypatch):
    build(own, "harbour-0", "harbour-1")
    monkeypatch.setattr(index.plan, "_AT_ONCE_CHARS", 0)
    whole, installed = index.assemble.install_bundle, []

    def install(*parts):
        if installed:
            raise KeyboardInterrupt
        installed.append(whole(*parts))

    monkeypatch.setattr(index.assemble, "install_bundle", install)
    with pytest.raises(KeyboardInterrupt):
        build(own, "harbour-0", "harbour-1", "harbour-2")
    opened = open_index(own)
    assert [card.documents for card in opened.manifest.segments] == [2, 1]
    assert opened.corpus.load_work("harbour-2").id == "harbour-2"


def test_what_is_written_anew_behind_takes_the_place_of_what_was_there(own, monkeypatch):
    build(own, "harbour-0", "harbour-1")
    monkeypatch.setattr(index.plan, "_AT_ONCE_CHARS", 0)
    built = build(own, "harbour-0", "harbour-1", "harbour-2")
    assert (built.encoded, [card.documents for card in open_index(own).manifest.segments]) == (1, [3])


def test_where_nothing_is_new_every_segment_stays():
    plan = plan_segments({"s": ["a"], "t": ["b"]}, {"a": 100, "b": 100})
    assert (dict(plan.kept), plan.written) == ({"s": frozenset(), "t": frozenset()}, ())


def test_a_segment_of_which_a_third_is_gone_is_written_anew():
    plan = plan_segments({"s": ["a", "b", "gone"]}, {"a": 100, "b": 100})
    assert (dict(plan.kept), plan.written) == ({}, (("a", "b"),))


@pytest.mark.parametrize("count", [200, 1000])
def test_the_number_of_segments_grows_with_the_logarithm_of_the_documents(count, monkeypatch):
    monkeypatch.setattr(index.plan, "_SMALL_CHARS", 300)
    sizes, segments, writes = {}, {}, 0
    for number in range(count):
        sizes[str(number)] = 100
        plan = plan_segments(segments, sizes)
        segments = {name: segments[name] for name in plan.kept}
        for group in plan.written:
            segments[f"{number}"] = list(group)
            writes += len(group)
    assert len(segments) <= 2 * np.log2(count)
    assert writes <= 2 * count * np.log2(count)
    assert sorted(digest for digests in segments.values() for digest in digests) == sorted(map(str, range(count)))


def test_an_index_that_is_closed_goes_at_once(own, apart):
    build(own, "harbour-0")
    build(own, "harbour-0", "harbour-1")
    index = open_index(own)
    index.corpus.load_work("harbour-0")
    corpus = weakref.ref(index.corpus)
    gc.disable()
    del index
    gone = corpus() is None
    gc.enable()
    assert gone
