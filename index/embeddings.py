"""Vectors by content, kept between builds: a rebuild encodes only what is new, a build cut short goes on."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.encode import OnnxEncoder

_COMMIT_EVERY = 32  # batches: a second or two of work


class EmbeddingCache:
    """Vectors of one encoder by the SHA-256 of their text."""

    def __init__(self, db: sqlite3.Connection, encoder: str) -> None:
        self._db = db
        self._encoder = encoder
        db.execute(
            "CREATE TABLE IF NOT EXISTS embeddings (encoder TEXT, digest BLOB, vector BLOB,"
            " PRIMARY KEY (encoder, digest)) WITHOUT ROWID"
        )

    def encode(
        self, texts: Sequence[str], encoder: OnnxEncoder, *, fresh: bool, advance: Callable[[int], None]
    ) -> tuple[npt.NDArray[np.float32], int]:
        """Return one unit row per text, and how many texts had to be encoded; afterwards only these texts are kept."""
        digests = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        if fresh:
            self._db.execute("DELETE FROM embeddings")
        known = set() if fresh else self._list_known()
        missing = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in known}
        advance(len(texts) - len(missing))
        self._encode_missing(list(missing), list(missing.values()), encoder, advance)
        self._forget(known - set(digests))
        vectors = np.empty((len(texts), encoder.card.dimension), np.float32)
        for row, digest in enumerate(digests):
            vectors[row] = self._load(digest)
        return vectors, len(missing)

    def _list_known(self) -> set[bytes]:
        return {row[0] for row in self._db.execute("SELECT digest FROM embeddings WHERE encoder = ?", (self._encoder,))}

    def _encode_missing(
        self, digests: list[bytes], texts: list[str], encoder: OnnxEncoder, advance: Callable[[int], None]
    ) -> None:
        for number, (rows, vectors) in enumerate(encoder.iter_batches(texts), 1):
            values = [
                (self._encoder, digests[row], vector.tobytes()) for row, vector in zip(rows, vectors, strict=True)
            ]
            self._db.executemany("INSERT OR REPLACE INTO embeddings VALUES (?,?,?)", values)
            if number % _COMMIT_EVERY == 0:
                self._db.commit()
            advance(len(rows))
        self._db.commit()

    def _forget(self, unused: set[bytes]) -> None:
        self._db.execute("DELETE FROM embeddings WHERE encoder <> ?", (self._encoder,))
        rows = [(self._encoder, digest) for digest in unused]
        self._db.executemany("DELETE FROM embeddings WHERE encoder = ? AND digest = ?", rows)
        self._db.commit()

    def _load(self, digest: bytes) -> npt.NDArray[np.float32]:
        key = (self._encoder, digest)
        (vector,) = self._db.execute("SELECT vector FROM embeddings WHERE encoder = ? AND digest = ?", key).fetchone()
        return np.frombuffer(vector, np.float32)


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
