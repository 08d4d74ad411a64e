"""Vectors by content, kept between builds: a rebuild encodes only what is new, a build cut short goes on."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.encode import OnnxEncoder, pack_words

_COMMIT_EVERY = 32  # batches: a second or two of work


class EmbeddingCache:
    """Vectors of one encoder by the SHA-256 of their text."""

    def __init__(self, db: sqlite3.Connection, encoder: str) -> None:
        self._db = db
        self._encoder = encoder
        self._used: set[bytes] = set()
        db.execute(
            "CREATE TABLE IF NOT EXISTS embeddings (encoder TEXT, digest BLOB, vector BLOB,"
            " PRIMARY KEY (encoder, digest)) WITHOUT ROWID"
        )

    def encode(
        self, texts: Sequence[str], encoder: OnnxEncoder, *, fresh: bool, advance: Callable[[int], None]
    ) -> tuple[npt.NDArray[np.float32], int]:
        """Return one unit row per text, and how many texts had to be encoded."""
        digests = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        if fresh:
            self._db.execute("DELETE FROM embeddings")
        known = set() if fresh else self._list_known()
        missing = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in known}
        advance(len(texts) - len(missing))
        self._encode_missing(list(missing), list(missing.values()), encoder, advance)
        self._used.update(digests)
        vectors = np.empty((len(texts), encoder.card.dimension), np.float32)
        for row, digest in enumerate(digests):
            vectors[row] = np.frombuffer(self._load(digest), np.float32)
        return vectors, len(missing)

    def encode_words(self, texts: Sequence[str], encoder: OnnxEncoder, advance: Callable[[int], None]) -> list[bytes]:
        """Return the vectors of each text's word pieces, as `pack_words` writes them."""
        known = self._list_known()
        blobs = []
        for text in texts:
            digest = hashlib.sha256(b"words " + text.encode("utf-8", "surrogatepass")).digest()
            if digest not in known:
                row = (self._encoder, digest, pack_words(encoder.encode_words(text)[1]))
                self._db.execute("INSERT OR REPLACE INTO embeddings VALUES (?,?,?)", row)
            blobs.append(self._load(digest))
            self._used.add(digest)
            advance(1)
        self._db.commit()
        return blobs

    def forget_unused(self) -> None:
        """Drop the vectors that were not asked for since the cache was opened."""
        self._forget(self._list_known() - self._used)

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

    def _load(self, digest: bytes) -> bytes:
        key = (self._encoder, digest)
        (vector,) = self._db.execute("SELECT vector FROM embeddings WHERE encoder = ? AND digest = ?", key).fetchone()
        return bytes(vector)


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
