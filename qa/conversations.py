"""Conversations, kept with their whole answers, so that a rebuild of the index or a paper that goes loses nothing.

Whoever only asks can do without: where nothing can be kept, one of `CANNOT_KEEP` is raised, and the answer is as good.
Where a conversation is gone or full by the time of the answer, one of `NOT_KEPT` is.
"""

import secrets
import sqlite3
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.bundle import SourceFilter
from index.errors import ConversationError, IbidError, LedgerError, NoConversationError, StorageError
from qa.answer import Answer
from qa.ledger import Ledger
from qa.turns import Conversation, Judgement, Summary, Turn, read_answer, write_answer

FILE_NAME = "conversations.sqlite"
TITLE_MAX_CHARS = 200
TURNS_MAX = 1000
SUMMARIES_MAX = 200
CANNOT_KEEP: tuple[type[IbidError], ...] = (StorageError, LedgerError)
NOT_KEPT: tuple[type[IbidError], ...] = (*CANNOT_KEEP, NoConversationError, ConversationError)
_DEFAULT_TITLE_CHARS = 80
_ANSWER_MAX_CHARS = 4_000_000  # ten times what the hundred longest passages take
_ID_BYTES = 16
_SELECT_TURN = "SELECT number, k, source, answer, asked_at FROM turns"


class Conversations:
    """All conversations of a home, each of which only its owner sees; safe for threads and several processes."""

    def __init__(self, path: Path) -> None:
        self._ledger = Ledger(path)

    def begin(self, owner: str, paper: str, title: str) -> str:
        """Keep a new conversation and return its id, which nobody can guess.

        Args:
            owner: Who may see it; "" where the server is one person's own.
            paper: Name of the folder of the paper that is asked.
            title: Such as the first question; it is shortened.
        """
        name = secrets.token_urlsafe(_ID_BYTES)
        now = _now()
        with self._ledger.write() as db:
            row = (name, owner, paper, _shorten_title(title), now, now, 0)
            db.execute("INSERT INTO conversations VALUES (?,?,?,?,?,?,?)", row)
        return name

    def load(self, owner: str, conversation: str) -> Conversation:
        """Return a conversation with all its turns.

        Raises:
            NoConversationError: This owner has none of that id.
        """
        with self._ledger.read() as db:
            title, paper, started_at, changed_at = _find(
                db, owner, conversation, "title, paper, started_at, changed_at"
            )
            rows = db.execute(f"{_SELECT_TURN} WHERE conversation = ? ORDER BY number", (conversation,)).fetchall()
            thumbs = _list_thumbs(db, conversation)
        turns = tuple(self._make_turn(row, thumbs.get(row[0], {})) for row in rows)
        return Conversation(conversation, title, paper, started_at, changed_at, turns)

    def load_turn(self, owner: str, conversation: str, number: int) -> Turn:
        """Return one turn of a conversation.

        Raises:
            NoConversationError: This owner has no conversation of that id, or it has no such turn.
        """
        with self._ledger.read() as db:
            _find(db, owner, conversation, "id")
            return self._find_turn(db, conversation, number)

    def list_summaries(self, owner: str, *, before: str | None = None, k: int = 50) -> tuple[Summary, ...]:
        """Return at most k conversations of an owner, the one that changed last first.

        Args:
            owner: Whose.
            before: The cursor of the last one that is known; the list goes on from there.
            k: How many, at most `SUMMARIES_MAX`.
        """
        time, _, name = (before or "~").partition(" ")  # which sorts after all times
        with self._ledger.read() as db:
            rows = db.execute(
                "SELECT id, title, paper, changed_at, turns FROM conversations WHERE owner = ?1"
                " AND (changed_at, id) < (?2, ?3) ORDER BY changed_at DESC, id DESC LIMIT ?4",
                (owner, time, name, max(0, min(k, SUMMARIES_MAX))),
            ).fetchall()
        return tuple(Summary(*row) for row in rows)

    def add_turn(
        self,
        owner: str,
        conversation: str,
        answer: Answer,
        *,
        k: int = 5,
        source: SourceFilter = "all",
    ) -> Turn:
        """Keep an answer as the next turn of a conversation, and return it.

        Raises:
            NoConversationError: This owner has none of that id.
            ConversationError: It is full, or the answer is too large.
        """
        now, written = _now(), _write_bounded(answer)
        with self._ledger.write() as db:
            (count,) = _find(db, owner, conversation, "turns")
            check_room(count)
            row = (conversation, count + 1, k, source, written, now)
            db.execute("INSERT INTO turns VALUES (?,?,?,?,?,?)", row)
            change = "UPDATE conversations SET turns = ?, changed_at = ? WHERE id = ?"
            db.execute(change, (count + 1, now, conversation))
        return Turn(count + 1, answer.question, answer.read_as, k, source, answer, now, {})

    def complete_turn(self, owner: str, conversation: str, turn: Turn, answer: Answer) -> None:
        """Keep the whole of an answer of which `turn` has the first passages; one that was asked again stays.

        Raises:
            NoConversationError: This owner has no conversation of that id any more.
            ConversationError: The answer is too large.
        """
        written = _write_bounded(answer)
        with self._ledger.write() as db:
            _find(db, owner, conversation, "id")
            change = "UPDATE turns SET answer = ? WHERE conversation = ? AND number = ? AND asked_at = ?"
            db.execute(change, (written, conversation, turn.number, turn.asked_at))

    def replace_turn(
        self,
        owner: str,
        conversation: str,
        number: int,
        answer: Answer,
        *,
        k: int = 5,
        source: SourceFilter = "all",
    ) -> Turn:
        """Keep another answer in the place of a turn, such as to the question as typed; later turns stay.

        The judgements of the old answer go with it.

        Raises:
            NoConversationError: This owner has no conversation of that id, or it has no such turn.
            ConversationError: The answer is too large.
        """
        now, written = _now(), _write_bounded(answer)
        with self._ledger.write() as db:
            _find(db, owner, conversation, "id")
            self._find_turn(db, conversation, number)
            place = (conversation, number)
            db.execute("DELETE FROM judgements WHERE conversation = ? AND number = ?", place)
            change = "k = ?, source = ?, answer = ?, asked_at = ?"
            values = (k, source, written, now, *place)
            db.execute(f"UPDATE turns SET {change} WHERE conversation = ? AND number = ?", values)
            db.execute("UPDATE conversations SET changed_at = ? WHERE id = ?", (now, conversation))
        return Turn(number, answer.question, answer.read_as, k, source, answer, now, {})

    def rename(self, owner: str, conversation: str, title: str) -> None:
        """Give a conversation another title; that changes nothing of its place in the list.

        Raises:
            NoConversationError: This owner has none of that id.
            ConversationError: The title is empty or too long.
        """
        title = _clean_title(title)
        if not 0 < len(title) <= TITLE_MAX_CHARS:
            fault = f"the title is {len(title):,} characters long" if title else "the title is empty"
            raise ConversationError(fault, f"give it 1 to {TITLE_MAX_CHARS} characters")
        with self._ledger.write() as db:
            _find(db, owner, conversation, "id")
            db.execute("UPDATE conversations SET title = ? WHERE id = ?", (title, conversation))

    def delete(self, owner: str, conversation: str) -> None:
        """Delete a conversation with its turns and judgements, so that its words are gone from the disk.

        Raises:
            NoConversationError: This owner has none of that id.
        """
        with self._ledger.write() as db:
            _find(db, owner, conversation, "id")
            db.execute("DELETE FROM conversations WHERE id = ?", (conversation,))
        self._ledger.scrub()

    def judge(self, owner: str, conversation: str, number: int, rank: int, verdict: bool | None) -> None:  # noqa: FBT001 - what a judgement is
        """Keep whether a passage of a turn answers its question, in the place of what was judged before.

        Args:
            owner: Whose conversation.
            conversation: Its id.
            number: Of the turn.
            rank: Of the passage; 0 for "the sources do not answer this".
            verdict: True if that is right, False if not, None to take the judgement back.

        Raises:
            NoConversationError: This owner has no conversation of that id, or it has no such turn.
            ConversationError: The turn has no such passage.
        """
        place = (conversation, number, rank)
        with self._ledger.write() as db:
            _find(db, owner, conversation, "id")
            passages = len(self._find_turn(db, conversation, number).answer.passages)
            if not 0 <= rank <= passages:
                raise ConversationError(f"turn {number} has no passage {rank}", f"judge 1 to {passages}, or 0 for none")
            if verdict is None:
                db.execute("DELETE FROM judgements WHERE (conversation, number, rank) = (?,?,?)", place)
            else:
                db.execute("INSERT OR REPLACE INTO judgements VALUES (?,?,?,?,?)", (*place, verdict, _now()))

    def iter_judged(self) -> Iterator[Judgement]:
        """Yield the judgements of all owners, in the order in which they were made."""
        columns = "c.id, c.paper, j.rank, j.verdict, j.judged_at, j.number"
        tables = "judgements AS j JOIN conversations AS c ON c.id = j.conversation"
        with self._ledger.read() as db:
            for name, paper, rank, verdict, judged_at, number in db.execute(
                f"SELECT {columns} FROM {tables} ORDER BY j.judged_at, c.id, j.number, j.rank"
            ):
                turn = self._find_turn(db, name, number)
                yield Judgement(name, paper, turn, rank, bool(verdict), judged_at)

    def close(self) -> None:
        """Close the file; it is opened again when it is needed."""
        self._ledger.close()

    def _find_turn(self, db: sqlite3.Connection, conversation: str, number: int) -> Turn:
        place = (conversation, min(number, TURNS_MAX + 1))  # SQLite's integers end somewhere
        row = db.execute(f"{_SELECT_TURN} WHERE conversation = ? AND number = ?", place).fetchone()
        if row is None:
            raise NoConversationError(f"{conversation}, turn {number}")
        return self._make_turn(row, _list_thumbs(db, conversation).get(number, {}))

    def _make_turn(self, row: tuple[int, int, SourceFilter, str, str], thumbs: Mapping[int, bool]) -> Turn:
        number, k, source, written, asked_at = row
        try:
            answer = read_answer(written)
        except ValueError as error:
            raise LedgerError(self._ledger.path, "holds an answer that this version cannot read") from error
        return Turn(number, answer.question, answer.read_as, k, source, answer, asked_at, thumbs)


def check_room(turns: int) -> None:
    """Raise ConversationError where a conversation of so many turns takes no more."""
    if turns >= TURNS_MAX:
        raise ConversationError(f"the conversation has {TURNS_MAX:,} turns", "begin a new one")


def _find(db: sqlite3.Connection, owner: str, conversation: str, columns: str) -> tuple[Any, ...]:
    row = db.execute(
        f"SELECT {columns} FROM conversations WHERE id = ? AND owner = ?", (conversation, owner)
    ).fetchone()
    if row is None:
        raise NoConversationError(conversation)
    return tuple(row)


def _list_thumbs(db: sqlite3.Connection, conversation: str) -> dict[int, dict[int, bool]]:
    """Return the judgements of a conversation by turn and rank."""
    thumbs: dict[int, dict[int, bool]] = {}
    select = "SELECT number, rank, verdict FROM judgements WHERE conversation = ? ORDER BY number, rank"
    for number, rank, verdict in db.execute(select, (conversation,)):
        thumbs.setdefault(number, {})[rank] = bool(verdict)
    return thumbs


def _write_bounded(answer: Answer) -> str:
    written = write_answer(answer)
    if len(written) > _ANSWER_MAX_CHARS:
        raise ConversationError(f"the answer has {len(written):,} characters", "ask for fewer passages")
    return written


def _clean_title(title: str) -> str:
    """Return a title on one line, without control characters and halves of characters."""
    return " ".join("".join(c for c in title if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs")).split())


def _shorten_title(title: str) -> str:
    """Return the title that a conversation gets from its first question."""
    title = _clean_title(title) or "…"
    if len(title) <= _DEFAULT_TITLE_CHARS:
        return title
    kept = title[: _DEFAULT_TITLE_CHARS - 1]
    cut = kept.rfind(" ")
    return f"{kept[:cut] if cut > _DEFAULT_TITLE_CHARS // 2 else kept}…"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
