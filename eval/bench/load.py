"""Load: many readers at once who ask a real server over HTTP, in a process of its own beside it."""

import asyncio
import itertools
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from index.settings import Settings

_START_TIMEOUT_S = 60
_USERS = 10
_WARM = 20  # questions that are not counted


@dataclass(frozen=True, slots=True)
class Served:
    """How a server did: answers a second, and milliseconds from the request to what was waited for."""

    per_second: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it is sent, and the words in its answer that are waited for; without any, all of it."""

    head: str
    body: bytes
    awaited: bytes = b""

    def write(self, port: int) -> bytes:
        """Return it as bytes of HTTP/1.1."""
        lines = [self.head, f"Host: 127.0.0.1:{port}", f"Content-Length: {len(self.body)}", "", ""]
        return "\r\n".join(lines).encode() + self.body


def ask_api(question: str) -> Request:
    """Return a question as programs ask it."""
    body = json.dumps({"question": question}).encode()
    return Request("POST /api/ask HTTP/1.1\r\nContent-Type: application/json", body)


def ask_page(question: str) -> Request:
    """Return a question as the page asks it; its first passage is waited for."""
    head = (
        "POST /ask HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        "HX-Request: true\r\nAccept: text/html, text/event-stream"
    )
    return Request(head, urlencode({"q": question}).encode(), b"<blockquote")


@contextmanager
def serve(settings: Settings) -> Iterator[int]:
    """Serve the index in force in a process of its own, with a copy of the home for what it keeps; give its port."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        for name in ("papers", "models", "index"):
            if (settings.home / name).exists():
                (home / name).symlink_to((settings.home / name).resolve())
        port = _find_port()
        command = [str(Path(sys.executable).parent / "ibid"), "serve", "--port", str(port)]
        environ = {**os.environ, "IBID_HOME": str(home)}
        with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL) as server:  # noqa: S603 - our own
            try:
                _wait(port, server)
                yield port
            finally:
                server.terminate()


def _find_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait(port: int, server: "subprocess.Popen[bytes]") -> None:
    deadline_s = time.monotonic() + _START_TIMEOUT_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline_s:
                raise
            time.sleep(0.1)
        else:
            return


def measure_load(port: int, requests: Sequence[Request], *, users: int = _USERS, total: int = 2000) -> Served:
    """Return how a server does when some users ask at once, each the next question when the last is answered."""
    return asyncio.run(_measure(port, requests, users, total))


async def _measure(port: int, requests: Sequence[Request], users: int, total: int) -> Served:
    endless = itertools.cycle(requests)
    await _run(port, itertools.islice(endless, _WARM), 1)
    started = time.perf_counter()
    times = await _run(port, itertools.islice(endless, total), users)
    cuts = statistics.quantiles(times, n=100)
    return Served(total / (time.perf_counter() - started), cuts[49], cuts[98])


def measure_bursts(port: int, requests: Sequence[Request], *, users: int = _USERS, rounds: int = 30) -> Served:
    """Return how a server does when some users ask at the same moment, and then all wait till all are answered."""
    return asyncio.run(_measure_bursts(port, requests, users, rounds))


async def _measure_bursts(port: int, requests: Sequence[Request], users: int, rounds: int) -> Served:
    endless = itertools.cycle(requests)
    await _run(port, itertools.islice(endless, _WARM), 1)
    times: list[float] = []
    started = time.perf_counter()
    for _ in range(rounds):
        times += await _run(port, itertools.islice(endless, users), users)
    cuts = statistics.quantiles(times, n=100)
    return Served(len(times) / (time.perf_counter() - started), cuts[49], cuts[98])


async def _run(port: int, requests: Iterator[Request], users: int) -> list[float]:
    times: list[float] = []

    async def ask_on() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
        for request in requests:
            taken_ms = await _ask(request, reader, writer, port)
            times.append(taken_ms)
        writer.close()

    await asyncio.gather(*(ask_on() for _ in range(users)))
    return times


async def _ask(request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> float:
    """Return the milliseconds to what is waited for; all of the answer is read.

    Raises:
        RuntimeError: The answer is an error.
    """
    started = time.perf_counter()
    writer.write(request.write(port))
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode())
    found_s = 0.0
    seen = b""
    async for part in _iter_body(head.lower(), reader):
        seen = seen[-100:] + part
        if request.awaited and not found_s and request.awaited in seen:
            found_s = time.perf_counter()
    return ((found_s or time.perf_counter()) - started) * 1e3


async def _iter_body(head: bytes, reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    if b"content-length:" in head:
        yield await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
        return
    while size := int(await reader.readline(), 16):
        yield await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
