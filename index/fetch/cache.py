"""The HTTP cache on disk: RFC 9111 by hishel, in one SQLite file, which a kill at any moment leaves whole.

hishel's own asynchronous storage needs one more package and saves a body while it is read; bodies are whole here
before they get this far, so a thread saves them through its synchronous storage. Nothing in the file is unpickled.
"""

import asyncio
import hashlib
import re
import sqlite3
import time
import uuid
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import cast

import httpx
from hishel import AsyncBaseStorage, CacheOptions, Entry, Headers, Request, Response, SqliteStorage
from hishel.httpx import AsyncCacheTransport

from index.errors import StorageError

DAY_S = 86_400
BRIEF_S = 600  # for what a server says is not there: it may come back
KEPT_S = 90 * DAY_S  # after the last use
MAX_SIZE_BYTES = 1_000_000_000
_MAX_AGE = re.compile(r"max-age\s{0,5}=\s{0,5}\"?(\d{1,9})", re.IGNORECASE)
_GONE = (404, 410)


def open_cache(folder: Path, inner: httpx.AsyncBaseTransport) -> AsyncCacheTransport:
    """Return a transport that answers from the cache in `folder` where it can, and else asks `inner`.

    Raises:
        StorageError: The folder cannot be written.
    """
    path = folder / "http.sqlite"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _drop_damaged(path)
    except OSError as error:
        raise StorageError(path, error.strerror or str(error)) from error
    storage = SqliteStorage(database_path=path, default_tti=KEPT_S, max_size=MAX_SIZE_BYTES)
    return AsyncCacheTransport(_FreshnessTransport(inner), _ThreadedStorage(storage), rfc=CacheOptions(shared=False))


def make_key(url: httpx.URL, accept: str) -> str:
    """Return the name under which the answer is kept: what is accepted is part of it, since many a Vary forgets it."""
    return hashlib.sha256(f"{accept}\n{url}".encode()).hexdigest()


def _drop_damaged(path: Path) -> None:
    """Delete a file that is no cache: it can be had again."""
    connection = sqlite3.connect(path)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        raise OSError(str(error)) from error
    except sqlite3.DatabaseError:
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)
    finally:
        connection.close()


class _FreshnessTransport(httpx.AsyncBaseTransport):
    """Writes into each answer how long it may be kept, before the cache reads it."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        headers = response.headers
        freshness = _tell_freshness(response, is_robots=request.extensions["is_robots"])
        headers.pop("cache-control", None)
        if freshness is not None:
            headers["cache-control"] = freshness
        headers["date"] = formatdate(time.time(), usegmt=True)  # a server's clock may be wrong, or a lie
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


def _tell_freshness(response: httpx.Response, *, is_robots: bool) -> str | None:
    """Return the Cache-Control of an answer: its own, in plain terms, or ours where it has none; None for neither.

    robots.txt holds for a day (RFC 9309), and so does a page or redirect that says nothing of its freshness (a
    heuristic, as RFC 9111 leaves to the cache). Errors are not kept but for those that say that nothing is there.
    """
    status, own = response.status_code, response.headers.get("cache-control", "")[:1000].lower()
    if is_robots:
        return f"max-age={DAY_S}" if status < 500 and status != 429 else "no-store"  # noqa: PLR2004
    if status >= httpx.codes.BAD_REQUEST:
        return f"max-age={BRIEF_S}" if status in _GONE else "no-store"
    if "no-store" in own:
        return "no-store"
    if re.search(r"no-cache(?!\s{0,5}=)", own):
        return "no-cache"
    if (found := _MAX_AGE.search(own)) is not None:
        age = response.headers.get("age", "")
        spent_s = int(age) if age.isdecimal() and len(age) < 10 else 0  # noqa: PLR2004  # how long others kept it
        return f"max-age={max(0, int(found[1]) - spent_s)}"
    is_told = "expires" in response.headers or status == httpx.codes.NOT_MODIFIED  # then, what was told before holds
    return None if is_told else f"max-age={DAY_S}"


class _ThreadedStorage(AsyncBaseStorage):
    """hishel's synchronous storage behind its asynchronous interface; looking up is fast, saving is not."""

    def __init__(self, inner: SqliteStorage) -> None:
        super().__init__()
        self._inner = inner

    async def create_entry(
        self, request: Request, response: Response, key: str, *, ttl: float | None = None, tti: float | None = None
    ) -> Entry:
        pieces = [piece async for piece in cast(AsyncIterator[bytes], response.stream)]

        def save() -> None:
            before = self._inner.get_entries(key)
            saved = self._inner.create_entry(request, replace(response, stream=iter(pieces)), key, ttl=ttl, tti=tti)
            deque(cast(Iterator[bytes], saved.response.stream), maxlen=0)  # it is saved as it is read
            for entry in before:  # hishel keeps the last of them and would choose by dates, which are whole seconds
                self._inner.remove_entry(entry.id)

        await asyncio.to_thread(save)
        return Entry(uuid.uuid4(), request, replace(response, stream=_iter_pieces(pieces)))

    async def get_entries(self, key: str) -> list[Entry]:
        return [
            replace(
                entry,
                response=replace(entry.response, stream=_iter_pieces(cast(Iterator[bytes], entry.response.stream))),
            )
            for entry in self._inner.get_entries(key)
        ]

    async def update_headers(self, id: uuid.UUID, headers: Headers) -> None:  # noqa: A002
        self._inner.update_headers(id, headers)

    async def remove_entry(self, id: uuid.UUID) -> None:  # noqa: A002
        self._inner.remove_entry(id)

    async def close(self) -> None:
        self._inner.close()


async def _iter_pieces(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
