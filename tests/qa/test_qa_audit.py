"""The audit of the seed paper as a reader finds it, and of small papers with one fault each."""

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest

from index.build import build_index
from index.bundle import open_index
from index.paper import parse_paper
from qa.answer import answer_question
from qa.audit import audit_paper
from qa.audits import AUDITS_FILE, hash_audit, join_audits, load_audit, load_audits
from qa.claims import read_claim
from qa.evidence import compare

pytestmark = pytest.mark.model

# What a reader finds who reads each marked sentence of the seed paper beside its bibliography; None: no entry fits.
READ = {n: n for n in (1, 2, 3, 4, 15)} | {n: n + 1 for n in (*range(5, 14), *range(16, 23))} | {14: 16, 23: None}
TOPICS = {
    "Kestrel": "How kestrels hover over roadside verges in crosswinds",
    "Basalt": "Cooling joints of columnar basalt on the island of Staffa",
    "Sourdough": "Lactic bacteria of sourdough starters kept in cold kitchens",
    "Tram": "Tram timetables and the punctuality of evening commuters in Graz",
    "Violin": "Varnish chemistry of Cremonese violin makers",
    "Glacier": "Meltwater lakes on the surface of Greenland glaciers",
    "Beetle": "Bark beetle outbreaks in spruce monocultures after drought",
    "Coin": "Silver content of Byzantine coin hoards from Thrace",
}
CLAIMS = {
    "Kestrel": "Kestrels hover over roadside verges even when crosswinds are strong",
    "Basalt": "the joints of columnar basalt on Staffa formed as the lava cooled",
    "Sourdough": "sourdough starters in cold kitchens hold other lactic bacteria",
    "Tram": "evening commuters in Graz are punctual where tram timetables are",
    "Violin": "violin makers of Cremona used varnish of a simple chemistry",
    "Glacier": "meltwater lakes gather on the surface of glaciers in Greenland",
    "Beetle": "bark beetles break out in spruce monocultures after a drought",
    "Coin": "hoards of Byzantine coins from Thrace hold less and less silver",
}


def write(said, listed, uncited=""):
    """Return a paper that marks topics with numbers, and lists topics."""
    sentences = [f"We know that {CLAIMS[topic]} [{number}]." for topic, number in said]
    entries = [
        f"{n}. Author{'ABCDEFGHI'[n]}, X. (2020). {TOPICS[topic]}. Journal of Things."
        for n, topic in enumerate(listed, 1)
    ]
    body = "\n\n".join(["A PAPER", "1 INTRODUCTION", *sentences, uncited, "REFERENCES", *entries])
    return parse_paper(body, document_id="paper")


def judge(index, settings, document):
    return audit_paper(index, document, settings, held={})


@pytest.fixture(scope="module")
def audit(index, settings):
    return join_audits(load_audits(index, settings))


@pytest.mark.parametrize("number", READ)
def test_the_paper_s_markers_are_judged_as_a_reader_does(audit, number):
    (marker,) = [each for each in audit.markers if each.marker == f"[{number}]"]
    about = READ[number]
    verdict = "missing" if about is None else "ok" if about == number else "mismatch"
    assert (marker.verdict, marker.about) == (verdict, str(about) if about else None)


def test_the_paper_s_pattern_is_told_in_words(audit):
    assert audit.pattern == (
        "From [5] on, entries run one ahead: entry 5 belongs to an uncited sentence. Apart from that, [14] is about "
        "entry 16 and [15] is right. The list has no entry for [23]. Entry 19 repeats entry 18."
    )


def test_the_sentence_that_an_uncited_entry_supports_is_told(audit):
    (sentence,) = audit.uncited
    assert sentence.about == "5"
    assert "2025 US-Japan Global Innovation Challenge" in sentence.sentence
    assert {"Innovation", "Challenge"} <= set(sentence.words)


def test_a_name_that_the_list_lacks_is_not_called_missing(audit):
    named = [marker for marker in audit.markers if not marker.marker.startswith("[")]
    assert [(marker.points_to, marker.verdict) for marker in named] == [(None, "unclear"), ("18", "unclear")]


def test_of_two_entries_that_are_one_work_the_marker_says_so(audit):
    (marker,) = [each for each in audit.markers if each.marker == "[18]"]
    assert (marker.about, marker.same_as) == ("19", "18")


def test_a_marker_tells_where_it_stands_and_which_words_decided(audit, paper):
    (marker,) = [each for each in audit.markers if each.marker == "[6]"]
    assert paper.text[marker.start : marker.end] == "[6]"
    start, end = map(int, marker.locator.rpartition(":")[2].split("-"))
    assert paper.text[start:end] == marker.sentence
    assert marker.clause in marker.sentence
    assert "Tsukuba" in marker.words


def test_a_clean_paper_has_no_fault(index, settings):
    topics = list(TOPICS)
    audit = judge(index, settings, write([(topic, n) for n, topic in enumerate(topics, 1)], topics))
    assert {marker.verdict for marker in audit.markers} == {"ok"}
    assert audit.pattern == ""


def test_a_number_beyond_the_list_is_matched_with_the_entry_that_it_means(index, settings):
    topics = list(TOPICS)
    without = topics[:2] + topics[3:]
    audit = judge(index, settings, write([(topic, n) for n, topic in enumerate(topics, 1)], without))
    assert [marker.about for marker in audit.markers] == ["1", "2", None, "3", "4", "5", "6", "7"]
    assert [marker.verdict for marker in audit.markers] == ["ok", "ok", "missing", *["mismatch"] * 5]
    assert audit.markers[-1].points_to is None
    assert audit.pattern.startswith("From [4] on, entries run one behind: the list lacks one.")


def test_where_nothing_can_be_told_the_verdict_is_unclear(index, settings):
    text = "\n\n".join(
        ["A PAPER", "1 INTRODUCTION"]
        + [f"It was later shown that this holds in general [{n}]." for n in range(1, 5)]
        + ["REFERENCES", *(f"{n}. <https://example.org/node/{n}4813120>" for n in range(1, 5))]
    )
    audit = judge(index, settings, parse_paper(text, document_id="paper"))
    assert {marker.verdict for marker in audit.markers} == {"unclear"}


def test_two_markers_of_one_sentence_are_judged_by_their_clauses(index, settings):
    both = f"We know that {CLAIMS['Kestrel']} [2], whereas {CLAIMS['Violin']} [1]."
    text = "\n\n".join(
        ["A PAPER", "1 INTRODUCTION", both, f"Besides, {CLAIMS['Coin']} [3]. And {CLAIMS['Tram']} [4].", "REFERENCES"]
        + [
            f"{n}. Author, X. (2020). {TOPICS[t]}. Journal."
            for n, t in enumerate(("Kestrel", "Violin", "Coin", "Tram"), 1)
        ]
    )
    audit = judge(index, settings, parse_paper(text, document_id="paper"))
    assert [(marker.marker, marker.about) for marker in audit.markers[:2]] == [("[2]", "1"), ("[1]", "2")]


def test_a_paper_without_markers_or_list_has_an_empty_audit(index, settings):
    for text in ("Rain fell.", "Rain fell [1].", "Rain.\n\nREFERENCES\n\n1. Smith, J. (2020). Rain. Press."):
        audit = judge(index, settings, parse_paper(text, document_id="paper"))
        assert (audit.markers, audit.pattern, audit.uncited) == ((), "", ())


def test_an_answer_carries_the_verdict_of_each_marker(index, settings):
    answer = answer_question(index, "How much will X-PAI provide over ten years?", settings)
    (marker,) = [note for passage in answer.passages for note in passage.markers if note.text == "[6]"]
    assert (marker.points_to, marker.verdict, marker.suggested) == ("6", "mismatch", "7")


def change_kept(folder, change):
    """Change what is kept of an audit in a paper's folder; return the text that is kept now."""
    with closing(sqlite3.connect(folder / AUDITS_FILE)) as db, db:
        ((audit,),) = db.execute("SELECT audit FROM audits")
        fields = json.loads(audit)
        change(fields)
        db.execute("UPDATE audits SET audit = ?", (json.dumps(fields),))
    return json.dumps(fields)


def move_home(folder, own):
    """Move a paper, so that nothing is remembered of it; return settings that open it."""
    moved = folder.with_name("moved")
    folder.rename(moved)
    return replace(own, index=moved)


def test_audits_are_kept_beside_the_index_and_read_from_there(copied_home, settings):
    own = replace(settings, home=copied_home)
    index = open_index(own)
    load_audits(index, own)
    kept = change_kept(index.folder.parent, lambda fields: fields.update(pattern="as kept"))
    with closing(sqlite3.connect(index.folder.parent / AUDITS_FILE)) as db, db:
        db.execute("UPDATE audits SET sha256 = ?", (hash_audit(kept),))
    moved = move_home(index.folder.parent, own)
    assert join_audits(load_audits(open_index(moved), moved)).pattern == "as kept"


@pytest.mark.parametrize("content", [b"", b"{}", b"garbage" * 1000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_audits_that_cannot_be_read_are_made_anew(copied_home, settings, content):
    own = replace(settings, home=copied_home)
    folder = open_index(own).folder.parent
    (folder / AUDITS_FILE).write_bytes(content)
    moved = move_home(folder, own)
    assert len(join_audits(load_audits(open_index(moved), moved)).markers) == 25
    with closing(sqlite3.connect(moved.index / AUDITS_FILE)) as db:
        assert db.execute("SELECT count(*) FROM audits").fetchone() == (1,)


MARKED = "# {0}\n\n{0} fell [1].\n\n## References\n\n[1] Pike, M. (1999). Of {0}. Wet Press.\n"


def test_with_one_more_paper_only_that_one_is_audited(tmp_path, settings, monkeypatch):
    own = replace(settings, index=tmp_path / "index")
    files = [tmp_path / f"{name}.md" for name in ("rain", "snow")]
    for file in files:
        file.write_text(MARKED.format(file.stem))
    made = []
    monkeypatch.setattr("qa.audit.audit_paper", lambda *given: made.append(given[1].work.id) or audit_paper(*given))
    for count in (1, 2):
        build_index(files[:count], own)
        load_audits(open_index(own), own)
    assert made == ["rain", "snow"]


def test_the_audit_of_a_paper_that_is_gone_is_dropped(tmp_path, settings):
    own = replace(settings, index=tmp_path / "index")
    files = [tmp_path / f"{name}.md" for name in ("rain", "snow")]
    for file in files:
        file.write_text(MARKED.format(file.stem))
    for count in (2, 1):
        build_index(files[:count], own)
        load_audits(open_index(own), own)
    with closing(sqlite3.connect(tmp_path / "index" / AUDITS_FILE)) as db:
        assert db.execute("SELECT document FROM audits").fetchall() == [("rain",)]


def test_a_document_without_markers_has_no_audit(tmp_path, settings):
    own = replace(settings, index=tmp_path / "index")
    (tmp_path / "rain.txt").write_text("Rain fell.")
    build_index([tmp_path / "rain.txt"], own)
    assert (load_audit(open_index(own), "rain", own), load_audit(open_index(own), "gone", own)) == (None, None)


def test_the_fetched_text_of_an_entry_decides_and_is_shown_at_the_words(tmp_path, settings):
    papers = tmp_path / "paper.txt"
    listed = ["Kestrel", "Basalt", "Tram", "Coin"]
    said = [("Kestrel", 1), ("Basalt", 2), ("Coin", 4)]
    text = write(said, listed).text.replace(
        f"We know that {CLAIMS['Coin']} [4].",
        "In a sample of 412 riders, delays of more than nine minutes fell by a third [4].\n\n"
        f"We know that {CLAIMS['Coin']} [4].",
    )
    papers.write_text(text)
    by_hand = tmp_path / "references"
    by_hand.mkdir()
    (by_hand / "3.txt").write_text(
        f"{TOPICS['Tram']}\n\nThe network has six lines. Among 412 riders who were asked, late arrivals by over nine "
        "minutes became rarer by one third once the timetable was thinned out. Fares were not changed."
    )
    own = replace(settings, index=tmp_path / "index")
    build_index([papers], own)
    audit = join_audits(load_audits(open_index(own), own))
    (marker,) = [each for each in audit.markers if "412 riders" in each.sentence]
    assert (marker.points_to, marker.about, marker.verdict) == ("4", "3", "mismatch")
    document, _, span = marker.support.rpartition(":")
    start, end = map(int, span.split("-"))
    assert "412 riders" in open_index(own).corpus.load_document(document).text[start:end]


def test_an_audit_that_was_changed_is_made_anew(copied_home, settings):
    own = replace(settings, home=copied_home)
    index = open_index(own)
    load_audits(index, own)
    change_kept(index.folder.parent, lambda fields: fields["markers"][0].update(about="77"))
    moved = move_home(index.folder.parent, own)
    assert join_audits(load_audits(open_index(moved), moved)).markers[0].about == "1"


def test_questions_that_come_at_once_make_one_audit(copied_home, settings, monkeypatch):
    own = replace(settings, home=copied_home)
    folder = open_index(own).folder.parent
    (folder / AUDITS_FILE).unlink(missing_ok=True)
    moved = move_home(folder, own)
    index = open_index(moved)
    made = []
    monkeypatch.setattr("qa.audit.audit_paper", lambda *given: made.append(1) or audit_paper(*given))
    with ThreadPoolExecutor(8) as pool:
        audits = list(pool.map(lambda _: join_audits(load_audits(index, moved)), range(8)))
    assert made == [1]
    assert all(each.markers[0] is audits[0].markers[0] for each in audits)


@pytest.mark.parametrize(
    "said", [["Violin"], ["Violin"] * 2, ["Violin"] * 4, ["Violin"] * 3 + ["Coin"], ["Coin", "Violin"]]
)
def test_right_markers_are_right_however_few_works_they_cite(index, settings, said):
    topics = list(TOPICS)
    audit = judge(index, settings, write([(topic, topics.index(topic) + 1) for topic in said], topics))
    assert {marker.verdict for marker in audit.markers} == {"ok"}


def test_one_wrong_marker_alone_is_seen(index, settings):
    audit = judge(index, settings, write([("Violin", 2)], list(TOPICS)))
    assert [(marker.verdict, marker.about) for marker in audit.markers] == [("mismatch", "5")]


def test_of_a_list_of_one_entry_nothing_can_be_told(index, settings):
    audit = judge(index, settings, write([("Violin", 1)] * 3, ["Violin"]))
    assert {marker.verdict for marker in audit.markers} == {"unclear"}


def number(listed, said):
    """Return a paper whose list prints these numbers, and whose markers say so of these topics."""
    sentences = [f"We know that {CLAIMS[topic]} [{n}]." for topic, n in said]
    entries = [
        f"{n}. Author{'ABCDEFGHI'[n % 9]}, X. (2020). {TOPICS[topic]}. Journal of Things." for topic, n in listed
    ]
    return parse_paper(
        "\n\n".join(["A PAPER", "1 INTRODUCTION", *sentences, "REFERENCES", *entries]), document_id="paper"
    )


def test_numbers_that_a_list_leaves_out_are_lacking_one_by_one(index, settings):
    listed = list(zip(list(TOPICS)[:6], (1, 2, 4, 5, 7, 8), strict=True))
    said = [*listed[:2], ("Beetle", 3), *listed[2:4], ("Coin", 6), *listed[4:]]
    audit = judge(index, settings, number(listed, said))
    verdicts = {marker.marker: marker.verdict for marker in audit.markers}
    assert [marker for marker, verdict in verdicts.items() if verdict == "missing"] == ["[3]", "[6]"]
    assert set(verdicts.values()) == {"ok", "missing"}
    assert audit.pattern == "The list has no entry for [3] or [6]."


def test_of_a_list_that_lacks_most_numbers_nothing_is_called_missing(index, settings):
    topics = list(TOPICS)
    audit = judge(index, settings, write([(topic, n + 6) for n, topic in enumerate(topics)], topics))
    assert "missing" not in {marker.verdict for marker in audit.markers}


def test_where_only_the_place_in_the_list_speaks_the_marker_says_so(index, settings):
    topics = list(TOPICS)
    text = write([(topic, n) for n, topic in enumerate(topics, 1)], topics).text
    text = text.replace(
        "\n\nREFERENCES", "\n\nParliaments vote on budgets every spring in most republics [3].\n\nREFERENCES"
    )
    audit = judge(index, settings, parse_paper(text, document_id="paper"))
    (stray,) = [marker for marker in audit.markers if "Parliaments" in marker.sentence]
    assert stray.evidence < 0
    assert stray.words == ()


def test_a_paper_with_markers_and_no_list_can_be_asked(tmp_path, settings):
    (tmp_path / "bare.txt").write_text(
        "A NOTE\n\n1 RAIN\n\nRain fell on the wide plain [1]. Snow fell on the hill [2]."
    )
    own = replace(settings, index=tmp_path / "index")
    build_index([tmp_path / "bare.txt"], own)
    answer = answer_question(open_index(own), "Where did the snow fall?", own)
    notes = {(note.text, note.verdict) for passage in answer.passages for note in passage.markers}
    assert notes <= {("[1]", "missing"), ("[2]", "missing")}


def test_a_sentence_with_many_markers_is_read_once(index, settings):
    topics = list(TOPICS)
    sentence = "; ".join(f"{CLAIMS[topic]} [{n}]" for n, topic in enumerate(topics, 1))
    text = write([], topics).text.replace("\n\nREFERENCES", f"\n\nWe know that {sentence}.\n\nREFERENCES")
    document = parse_paper(text, document_id="paper")
    claims = [read_claim(document, marker) for marker in document.markers]
    asked = []

    class Counting:
        card = index.encoder.card
        read_question = index.encoder.read_question

        def iter_readings(self, texts, spans):
            asked.extend(texts)
            return index.encoder.iter_readings(texts, spans)

    compare(claims, document.references, Counting())
    assert len(claims) == 8
    assert len(asked) == 1 + len(topics)
