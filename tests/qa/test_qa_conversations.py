import json
import re
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from index.build import remove_paper
from index.errors import ConversationError, LedgerError, NoConversationError, StorageError
from qa import conversations as store
from qa import ledger
from qa.answer import answer_question
from qa.conversations import CANNOT_KEEP, Conversations
from qa.ledger import _STEPS as STEPS
from qa.turns import read_answer, write_answer

pytestmark = pytest.mark.model

ANNA, BORIS = "anna", "boris"


@pytest.fixture(scope="module")
def answer(index, settings, toyota):
    return answer_question(index, toyota, settings, k=3)


@pytest.fixture(scope="module")
def no_answer(index, settings):
    return answer_question(index, "What makes bread rise?", settings, k=2)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "home" / "conversations.sqlite"


@pytest.fixture
def kept(path):
    with closing(Conversations(path)) as conversations:
        yield conversations


def names(kept, owner=ANNA, **page):
    return [summary.title for summary in kept.list_summaries(owner, **page)]


def bytes_of(path):
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def test_a_conversation_comes_back_as_it_was_kept(kept, path, answer, no_answer):
    name = kept.begin(ANNA, "a-paper", "Who pays?")
    first = kept.add_turn(ANNA, name, answer, k=3, source="paper")
    second = kept.add_turn(ANNA, name, replace(no_answer, read_as="What makes bread of yeast rise?"), k=2)
    loaded = Conversations(path).load(ANNA, name)
    assert (loaded.id, loaded.title, loaded.paper) == (name, "Who pays?", "a-paper")
    assert loaded.turns == (first, second)
    assert (first.number, first.question, first.read_as, first.k, first.source) == (
        1,
        answer.question,
        None,
        3,
        "paper",
    )
    assert (second.number, second.read_as, second.answer) == (
        2,
        "What makes bread of yeast rise?",
        replace(no_answer, read_as=second.read_as),
    )
    assert kept.load_turn(ANNA, name, 2) == second


def test_times_are_of_now_in_utc(kept, answer):
    name = kept.begin(ANNA, "a-paper", "Who?")
    turn = kept.add_turn(ANNA, name, answer)
    loaded = kept.load(ANNA, name)
    times = [datetime.fromisoformat(each) for each in (loaded.started_at, turn.asked_at, loaded.changed_at)]
    assert times == sorted(times)
    assert all(time.utcoffset() == timedelta(0) for time in times)
    assert datetime.now(times[0].tzinfo) - times[0] < timedelta(minutes=1)


def test_nothing_is_made_until_something_is_kept(kept, path):
    assert kept.list_summaries(ANNA) == ()
    assert list(kept.iter_judged()) == []
    with pytest.raises(NoConversationError):
        kept.load(ANNA, "nothing")
    assert not path.parent.exists()


def test_ids_are_long_and_all_different(kept):
    ids = {kept.begin(ANNA, "a-paper", "Who?") for _ in range(50)}
    assert len(ids) == 50
    assert all(re.fullmatch(r"[\w-]{22}", name) for name in ids)


@pytest.mark.parametrize(
    "touch",
    [
        lambda kept, owner, name, answer: kept.load(owner, name),
        lambda kept, owner, name, answer: kept.load_turn(owner, name, 1),
        lambda kept, owner, name, answer: kept.add_turn(owner, name, answer),
        lambda kept, owner, name, answer: kept.replace_turn(owner, name, 1, answer),
        lambda kept, owner, name, answer: kept.complete_turn(owner, name, kept.load_turn(ANNA, name, 1), answer),
        lambda kept, owner, name, answer: kept.rename(owner, name, "Mine"),
        lambda kept, owner, name, answer: kept.delete(owner, name),
        lambda kept, owner, name, answer: kept.judge(owner, name, 1, 1, verdict=True),
    ],
)
def test_a_foreign_owner_and_an_unknown_id_are_told_the_same(kept, answer, touch):
    name = kept.begin(ANNA, "a-paper", "Who?")
    kept.add_turn(ANNA, name, answer)
    before = kept.load(ANNA, name)
    unknown = name[::-1]
    errors = []
    for owner, wanted in ((BORIS, name), ("", name), (ANNA, unknown)):
        with pytest.raises(NoConversationError, match="choose one from the list") as caught:
            touch(kept, owner, wanted, answer)
        errors.append(str(caught.value).replace(wanted, "ID"))
    assert len(set(errors)) == 1
    assert caught.value.http_status == 404
    assert kept.load(ANNA, name) == before


def test_a_title_is_made_of_a_long_question(kept):
    question = "How much has Toyota committed to invest in the battery plant in North Carolina, and who pays for it?"
    for asked, title in {
        question: "How much has Toyota committed to invest in the battery plant in North…",
        "x" * 300: "x" * 79 + "…",
        " What\n is\x00 \ud800it? ": "What is it?",
        "می‌خواهم": "می‌خواهم",
        "  ": "…",
    }.items():
        assert kept.load(ANNA, kept.begin(ANNA, "a-paper", asked)).title == title


def test_a_conversation_is_renamed_where_it_stands_in_the_list(kept):
    first = kept.begin(ANNA, "a-paper", "first")
    kept.begin(ANNA, "a-paper", "second")
    kept.rename(ANNA, first, "  the\nfirst ")
    assert names(kept) == ["second", "the first"]
    kept.rename(ANNA, first, "x" * 200)
    assert names(kept) == ["second", "x" * 200]


@pytest.mark.parametrize("title", ["", " \n\x00", "x" * 201])
def test_a_title_that_is_none_is_refused(kept, title):
    name = kept.begin(ANNA, "a-paper", "Who?")
    with pytest.raises(ConversationError, match="give it 1 to 200 characters"):
        kept.rename(ANNA, name, title)
    assert names(kept) == ["Who?"]


def test_the_list_is_of_one_owner_and_the_last_change_comes_first(kept, answer):
    first, second = (kept.begin(ANNA, "a-paper", title) for title in ("first", "second"))
    kept.begin(BORIS, "a-paper", "of another")
    assert names(kept) == ["second", "first"]
    kept.add_turn(ANNA, first, answer)
    assert names(kept) == ["first", "second"]
    assert [(each.id, each.paper, each.turns) for each in kept.list_summaries(ANNA)] == [
        (first, "a-paper", 1),
        (second, "a-paper", 0),
    ]


def test_the_list_goes_on_where_a_page_ends(kept, path):
    for number in range(7):
        kept.begin(ANNA, "a-paper", f"title {number}")
    with closing(sqlite3.connect(path)) as db, db:  # all at the same moment, so that only ids tell them apart
        db.execute("UPDATE conversations SET changed_at = '2026-01-01T00:00:00+00:00'")
    whole = kept.list_summaries(ANNA)
    pages, cursor = [], None
    while page := kept.list_summaries(ANNA, before=cursor, k=3):
        pages.append(page)
        cursor = page[-1].cursor
    assert [len(page) for page in pages] == [3, 3, 1]
    assert tuple(summary for page in pages for summary in page) == whole


def test_the_list_of_an_owner_is_read_from_an_index_alone(kept, path):
    kept.begin(ANNA, "a-paper", "Who?")
    with closing(sqlite3.connect(path)) as db:
        columns = "SELECT id, title, paper, changed_at, turns FROM conversations"
        query = (
            f"{columns} WHERE owner = 'a' AND (changed_at, id) < ('~', '') ORDER BY changed_at DESC, id DESC LIMIT 5"
        )
        plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {query}")]
    assert len(plan) == 1
    assert plan[0].startswith("SEARCH conversations USING COVERING INDEX conversations_by_owner (owner=? AND")


def test_a_turn_is_replaced_and_the_later_ones_stay(kept, answer, no_answer):
    name = kept.begin(ANNA, "a-paper", "Who?")
    kept.add_turn(ANNA, name, replace(answer, read_as="Who of them?"))
    later = kept.add_turn(ANNA, name, answer)
    kept.judge(ANNA, name, 1, 1, verdict=True)
    replaced = kept.replace_turn(ANNA, name, 1, no_answer, k=2)
    assert kept.load(ANNA, name).turns == (replaced, later)
    assert (replaced.number, replaced.answer, replaced.read_as, replaced.thumbs) == (1, no_answer, None, {})


def test_the_whole_of_an_answer_takes_the_place_of_its_first_part_and_judgements_stay(kept, answer):
    name = kept.begin(ANNA, "a-paper", "Who?")
    first = kept.add_turn(ANNA, name, replace(answer, passages=answer.passages[:1]))
    kept.judge(ANNA, name, 1, 1, verdict=True)
    kept.complete_turn(ANNA, name, first, answer)
    assert kept.load_turn(ANNA, name, 1) == replace(first, answer=answer, thumbs={1: True})


def test_a_turn_that_was_asked_again_meanwhile_is_not_completed(kept, answer, no_answer):
    name = kept.begin(ANNA, "a-paper", "Who?")
    first = kept.add_turn(ANNA, name, replace(answer, passages=answer.passages[:1]))
    again = kept.replace_turn(ANNA, name, 1, no_answer)
    kept.complete_turn(ANNA, name, first, answer)
    assert kept.load_turn(ANNA, name, 1) == again


@pytest.mark.parametrize("number", [0, 2, -1, 2**40, 2**70])
def test_a_turn_that_is_not_there_is_told(kept, answer, number):
    name = kept.begin(ANNA, "a-paper", "Who?")
    kept.add_turn(ANNA, name, answer)
    with pytest.raises(NoConversationError, match=f"turn {number}"):
        kept.replace_turn(ANNA, name, number, answer)
    with pytest.raises(NoConversationError, match=f"turn {number}"):
        kept.judge(ANNA, name, number, 1, verdict=True)


def test_a_conversation_that_is_full_takes_no_turn_more(kept, answer, monkeypatch):
    monkeypatch.setattr(store, "TURNS_MAX", 2)
    name = kept.begin(ANNA, "a-paper", "Who?")
    for _ in range(2):
        kept.add_turn(ANNA, name, answer)
    with pytest.raises(ConversationError, match="the conversation has 2 turns; begin a new one"):
        kept.add_turn(ANNA, name, answer)
    assert len(kept.load(ANNA, name).turns) == 2


def test_an_answer_that_is_too_large_is_refused(kept, answer, monkeypatch):
    monkeypatch.setattr(store, "_ANSWER_MAX_CHARS", 1000)
    name = kept.begin(ANNA, "a-paper", "Who?")
    with pytest.raises(ConversationError, match="ask for fewer passages"):
        kept.add_turn(ANNA, name, answer)


def test_judgements_are_kept_changed_and_taken_back(kept, answer):
    name = kept.begin(ANNA, "a-paper", "Who?")
    kept.add_turn(ANNA, name, answer)
    for rank, verdict in ((1, False), (1, True), (2, False), (3, True), (0, False), (3, None)):
        kept.judge(ANNA, name, 1, rank, verdict)
    assert kept.load(ANNA, name).turns[0].thumbs == {0: False, 1: True, 2: False}


@pytest.mark.parametrize("rank", [-1, 4])
def test_a_passage_that_is_not_there_cannot_be_judged(kept, answer, rank):
    name = kept.begin(ANNA, "a-paper", "Who?")
    kept.add_turn(ANNA, name, answer)
    with pytest.raises(ConversationError, match=f"no passage {rank}; judge 1 to 3, or 0 for none"):
        kept.judge(ANNA, name, 1, rank, verdict=True)


def test_judgements_of_all_owners_come_in_the_order_of_time(kept, answer, no_answer):
    first, second = kept.begin(ANNA, "one", "Who?"), kept.begin(BORIS, "two", "Why?")
    kept.add_turn(ANNA, first, answer)
    kept.add_turn(BORIS, second, no_answer)
    for owner, name, rank, verdict in ((BORIS, second, 0, True), (ANNA, first, 2, False), (ANNA, first, 1, True)):
        kept.judge(owner, name, 1, rank, verdict)
    judged = list(kept.iter_judged())
    assert [(each.conversation, each.paper, each.rank, each.verdict) for each in judged] == [
        (second, "two", 0, True),
        (first, "one", 2, False),
        (first, "one", 1, True),
    ]
    assert [each.turn.answer for each in judged] == [no_answer, answer, answer]


def test_what_is_deleted_is_gone_from_the_disk(kept, path, answer):
    words = b"committed to invest US$13.9 billion"
    name = kept.begin(ANNA, "a-paper", "Who?")
    kept.add_turn(ANNA, name, answer)
    kept.judge(ANNA, name, 1, 1, verdict=True)
    assert words in bytes_of(path)
    kept.delete(ANNA, name)
    assert words not in bytes_of(path)
    with closing(sqlite3.connect(path)) as db:
        counts = [
            db.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("conversations", "turns", "judgements")
        ]
    assert counts == [0, 0, 0]


def test_sources_keep_their_numbers_through_a_conversation(kept, answer):
    paper = answer.sources[0]
    other = replace(paper, number=3, document=replace(paper.document, id="another"))
    name = kept.begin(ANNA, "a-paper", "Who?")
    kept.add_turn(ANNA, name, answer)
    kept.add_turn(ANNA, name, replace(answer, sources=(other,)))
    assert kept.load(ANNA, name).numbered == (paper.document.id, "?2", "another")


def test_a_conversation_outlives_the_index_of_its_paper(copied_home, index, settings, toyota):
    kept = Conversations(copied_home / store.FILE_NAME)
    name = kept.begin("", index.paper, "Who?")
    kept.add_turn("", name, answer_question(index, toyota, settings))
    before = kept.load("", name)
    remove_paper(replace(settings, home=copied_home), index.paper)
    assert Conversations(copied_home / store.FILE_NAME).load("", name) == before


def test_an_answer_of_an_earlier_version_is_read_with_what_it_lacks(answer):
    fields = json.loads(write_answer(answer))
    del fields["sources"], fields["read_as"]
    for passage in fields["passages"]:
        for name in ("path", "paragraphs", "pages"):
            del passage["locator"][name]
    read = read_answer(json.dumps(fields))
    assert (read.sources, read.read_as) == ((), None)
    assert [passage.locator.path for passage in read.passages] == [(), (), ()]
    assert read.answer == answer.answer


def test_what_a_later_version_adds_to_an_answer_is_ignored(answer):
    fields = json.loads(write_answer(answer))
    fields["mood"] = fields["passages"][0]["mood"] = fields["passages"][0]["citation"]["mood"] = {"good": [1]}
    assert read_answer(json.dumps(fields)) == answer


def test_an_answer_is_written_in_the_schema_of_the_api(answer, ibid, home, toyota):
    printed = json.loads(ibid("ask", toyota, "-k", "3", "--json", home=home).stdout)
    written = json.loads(write_answer(answer))
    assert {**written, "timing_ms": None} == {**printed, "timing_ms": None}


def test_an_answer_that_cannot_be_read_names_the_file(kept, path, answer):
    name = kept.begin(ANNA, "a-paper", "Who?")
    kept.add_turn(ANNA, name, answer)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE turns SET answer = '{}'")
    with pytest.raises(LedgerError, match=r"conversations\.sqlite holds an answer .*; update Ibid"):
        kept.load(ANNA, name)


def spoil_version(path):
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")


def spoil_mark(path):
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA application_id = 7")


def spoil_head(path):
    path.write_bytes(b"not a database at all" * 100)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (spoil_version, r"is of version 99, this program reads up to \d"),
        (spoil_mark, "holds something else"),
        (spoil_head, "cannot be read"),
    ],
)
def test_a_newer_or_foreign_file_is_refused_and_left_alone(kept, path, spoil, reason):
    kept.begin(ANNA, "a-paper", "Who?")
    kept.close()
    spoil(path)
    before = path.read_bytes()
    with pytest.raises(LedgerError, match=rf"{path} {reason}.*; update Ibid, or move the file away"):
        Conversations(path).begin(ANNA, "a-paper", "Who?")
    with pytest.raises(LedgerError, match=reason):
        Conversations(path).list_summaries(ANNA)
    assert path.read_bytes() == before


def test_a_foreign_database_is_refused(path):
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(LedgerError, match="holds something else"):
        Conversations(path).list_summaries(ANNA)


def test_an_older_file_is_brought_up_to_date(kept, path, answer, monkeypatch):
    name = kept.begin(ANNA, "a-paper", "Who?")
    turn = kept.add_turn(ANNA, name, answer)
    kept.close()
    monkeypatch.setattr(ledger, "_STEPS", (*STEPS, ("ALTER TABLE judgements ADD COLUMN remark TEXT",)))
    newer = Conversations(path)
    assert newer.load(ANNA, name).turns == (turn,)
    newer.close()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (len(STEPS) + 1,)
        assert "remark" in [row[1] for row in db.execute("PRAGMA table_info(judgements)")]


def test_a_step_that_fails_leaves_an_older_file_as_it_was(kept, path, monkeypatch):
    name = kept.begin(ANNA, "a-paper", "Who?")
    kept.close()
    with monkeypatch.context() as patched:
        steps = (*STEPS, ("ALTER TABLE turns ADD COLUMN remark TEXT", "nonsense"))
        patched.setattr(ledger, "_STEPS", steps)
        with pytest.raises(sqlite3.OperationalError, match="nonsense"):
            Conversations(path).load(ANNA, name)
    assert Conversations(path).load(ANNA, name).title == "Who?"


def test_a_home_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").touch()
    kept = Conversations(tmp_path / "file" / "home" / "conversations.sqlite")
    with pytest.raises(StorageError, match="free some space or point IBID_HOME") as caught:
        kept.begin(ANNA, "a-paper", "Who?")
    assert isinstance(caught.value, CANNOT_KEEP)


def test_a_folder_in_the_place_of_the_file_is_told(path):
    path.mkdir(parents=True)
    with pytest.raises(StorageError, match="unable to open database file; free some space"):
        Conversations(path).begin(ANNA, "a-paper", "Who?")


def test_a_full_disk_is_told_and_what_was_kept_stays(kept, answer):
    name = kept.begin(ANNA, "a-paper", "Who?")
    turn = kept.add_turn(ANNA, name, answer)
    large = replace(answer, passages=answer.passages * 30)
    with kept._ledger.read() as db:  # noqa: SLF001 - the one connection that there is
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(StorageError, match=r"full; free some space"):
        kept.add_turn(ANNA, name, large)
    assert kept.load(ANNA, name).turns[0] == turn


def test_a_file_that_another_program_holds_is_told(kept, path, monkeypatch):
    kept.begin(ANNA, "a-paper", "Who?")
    kept.close()
    monkeypatch.setattr(ledger, "_BUSY_TIMEOUT_S", 0.1)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="locked; end the other program that holds it"):
            kept.begin(ANNA, "a-paper", "Why?")
        assert names(kept) == ["Who?"]


def test_turns_of_many_threads_are_numbered_without_a_gap(kept, answer):
    name = kept.begin(ANNA, "a-paper", "Who?")
    with ThreadPoolExecutor(16) as threads:
        turns = list(threads.map(lambda _: kept.add_turn(ANNA, name, answer), range(80)))
    assert sorted(turn.number for turn in turns) == list(range(1, 81))
    assert [turn.number for turn in kept.load(ANNA, name).turns] == list(range(1, 81))


def test_a_file_that_many_begin_at_the_same_moment_is_begun_once(tmp_path):
    for round_ in range(20):
        path, ready = tmp_path / f"{round_}.sqlite", Barrier(8)

        def begin(number, path=path, ready=ready):
            with closing(Conversations(path)) as kept:
                ready.wait()
                kept.begin(ANNA, "a-paper", str(number))

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(begin, range(8)))
        assert sorted(names(Conversations(path))) == list("01234567")


BEGIN_MANY = """
import sys
from pathlib import Path
from qa.conversations import Conversations
kept = Conversations(Path(sys.argv[1]))
for number in range(25):
    kept.begin("anna", "a-paper", f"{sys.argv[2]}-{number}")
"""


def test_several_processes_begin_one_file_together(path):
    commands = [[sys.executable, "-c", BEGIN_MANY, str(path), str(number)] for number in range(3)]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for command in commands]
    assert [process.communicate()[1] for process in running] == [""] * 3
    expected = {f"{process}-{number}" for process in range(3) for number in range(25)}
    assert set(names(Conversations(path), k=200)) == expected
