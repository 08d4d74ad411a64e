"""What contexts mean to an encoder, kept between builds: a rebuild reads only what is new, a cut build goes on."""

import hashlib
import sqlite3
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.encode import Encoder, Reading, pack_words
from index.model import Context, Span

_COMMIT_EVERY = 32  # contexts: a second or two of work
_ROUND = 4096  # contexts handed to the encoder together, so that memory is bounded

_SCHEMA = """
CREATE TABLE IF NOT EXISTS readings (encoder TEXT, digest BLOB, vectors BLOB, words BLOB, ranges BLOB,
    PRIMARY KEY (encoder, digest)) WITHOUT ROWID;
DROP TABLE IF EXISTS embeddings;
"""


@dataclass(frozen=True, slots=True)
class PackedReading:
    """A context as kept: its own vector first, then those of its passages, then those of its windows.

    Attributes:
        vectors: Unit vectors, float16 of shape (spans, dimension), which costs retrieval nothing measurable.
        words: The signs of the words' vectors, as `pack_words` writes them.
        ranges: The half-open range of each span in `words`, of shape (spans, 2).
    """

    vectors: npt.NDArray[np.float16]
    words: npt.NDArray[np.uint8]
    ranges: npt.NDArray[np.int32]


def lay_out(context: Context) -> tuple[str, list[Span]]:
    """Return the text that stands for a context, and the spans in it of the context, its passages and its windows."""
    text = f"{context.lead}\n{context.indexed}" if context.lead else context.indexed
    start = len(text) - len(context.indexed)
    passages, windows = [], []
    for passage in context.passages:
        passages.append((start, start + len(passage.indexed)))
        for window in passage.windows:
            windows.append((start, start + len(window.indexed)))
            start += len(window.indexed) + 1
    return text, [(0, len(text)), *passages, *windows]


class EmbeddingCache:
    """Readings of one encoder by the SHA-256 of what was read; `encoded` says how many were new."""

    def __init__(self, db: sqlite3.Connection, encoder: str) -> None:
        self.encoded = 0
        self._db = db
        self.encoder = encoder
        db.executescript(_SCHEMA)

    def iter_readings(
        self, contexts: Iterable[Context], encoder: Encoder, *, advance: Callable[[int], None]
    ) -> Generator[PackedReading, None, None]:
        """Yield the reading of each context, in order; those not known yet are read ahead while the caller is at work.

        Args:
            contexts: What to read, each text once.
            encoder: Reads what is not known.
            advance: Is told of each context before its reading is yielded.

        Yields:
            What a context means.
        """
        unread = iter(contexts)
        while batch := [(_digest(*laid), laid) for laid in map(lay_out, islice(unread, _ROUND))]:
            missing = {digest: laid for digest, laid in batch if not self._knows(digest)}
            coming = self._read_round(missing, encoder)
            for digest, _ in batch:
                reading = None
                while digest in missing:
                    read, reading = next(coming)
                    del missing[read]
                advance(1)
                yield reading or self._load(digest, encoder.card.dimension)
            self._db.commit()

    def _knows(self, digest: bytes) -> bool:
        found = self._db.execute("SELECT 1 FROM readings WHERE encoder = ? AND digest = ?", (self.encoder, digest))
        return found.fetchone() is not None

    def forget_all(self) -> None:
        """Drop all readings."""
        self._db.execute("DELETE FROM readings")

    def _load(self, digest: bytes, dimension: int) -> PackedReading:
        """Return the reading of a context that was read."""
        row = self._db.execute(
            "SELECT vectors, words, ranges FROM readings WHERE encoder = ? AND digest = ?", (self.encoder, digest)
        ).fetchone()
        return PackedReading(
            vectors=np.frombuffer(row[0], np.float16).reshape(-1, dimension),
            words=np.frombuffer(row[1], np.uint8).reshape(-1, -(-dimension // 8)),
            ranges=np.frombuffer(row[2], np.int32).reshape(-1, 2),
        )

    def forget_all_but(self, contexts: Iterable[Context]) -> None:
        """Drop the readings of other contexts and of other encoders."""
        unused = self._list_known() - {_digest(*lay_out(context)) for context in contexts}
        self._db.execute("DELETE FROM readings WHERE encoder <> ?", (self.encoder,))
        rows = [(self.encoder, digest) for digest in unused]
        self._db.executemany("DELETE FROM readings WHERE encoder = ? AND digest = ?", rows)
        self._db.commit()

    def _list_known(self) -> set[bytes]:
        return {row[0] for row in self._db.execute("SELECT digest FROM readings WHERE encoder = ?", (self.encoder,))}

    def _read_round(
        self, missing: Mapping[bytes, tuple[str, Sequence[Span]]], encoder: Encoder
    ) -> Iterator[tuple[bytes, PackedReading]]:
        """Read what is missing, and keep it; yield each reading with its digest, in any order."""
        if not missing:
            return
        digests = list(missing)
        texts, spans = zip(*missing.values(), strict=True)
        for row, reading in encoder.iter_readings(texts, spans):
            packed = _pack(reading)
            blobs = (array.tobytes() for array in (packed.vectors, packed.words, packed.ranges))
            values = (self.encoder, digests[row], *blobs)
            self._db.execute("INSERT OR REPLACE INTO readings VALUES (?,?,?,?,?)", values)
            self.encoded += 1
            if self.encoded % _COMMIT_EVERY == 0:
                self._db.commit()
            yield digests[row], packed


def _pack(reading: Reading) -> PackedReading:
    vectors, ranges = reading.vectors.astype(np.float16), reading.ranges.astype(np.int32)
    return PackedReading(vectors, pack_words(reading.words), ranges)


def _digest(text: str, spans: Sequence[Span]) -> bytes:
    return hashlib.sha256(f"{spans}\n{text}".encode("utf-8", "surrogatepass")).digest()


@contextmanager
def open_embeddings(path: Path, encoder: str) -> Iterator[EmbeddingCache]:
    """Open the cache file; one that is damaged is begun anew, since it can be made again."""
    try:
        with closing(sqlite3.connect(path)) as db:
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as db:
        yield EmbeddingCache(db, encoder)
        db.commit()  # of the last round, too, whoever has asked for no more than there is
