"""The guarded way to a server: checked addresses, bounded answers, a few retries.

From the inside out: ssrfguard looks a name up once, refuses it if any address is not a public one, and connects to one
of the addresses that it checked, for every request anew; `WholeAnswers` reads an answer to its end within its limits
and turns every failure into a `DownloadError`; httpx-retries tries again what may pass.

A proxy named by the environment is not used: it would look names up itself, where nothing can be checked. Certificates
are always verified, against SSL_CERT_FILE or SSL_CERT_DIR where these are set, as httpx does.
"""

import asyncio
import math
import queue
import socket
import threading
from typing import Any

import httpx
from httpx_retries import Retry, RetryTransport
from ssrfguard import Policy, Resolver, SSRFGuardError
from ssrfguard.httpx import AsyncSafeTransport

from index.fetch.download import DownloadError
from index.fetch.failure import PassingError, explain, iter_causes
from index.fetch.inflate import Inflater

# The web's own ports, and those on which repositories are found beside them.
PORTS = frozenset((80, 443, 8000, 8080, 8081, 8443, 8888))
LOOKUP_TIMEOUT_S = 10.0  # a lookup cannot be cancelled, so it has a limit of its own
RETRIES = 3
BACKOFF_SHARE = 1 / 120  # of the time that a URL may take; doubled with each retry: .5, 1 and 2 s of 30
ERROR_MAX_BYTES = 1_000_000  # of a page that only says what went wrong
_LARGE_BYTES, _LARGE_ANSWERS = 4_000_000, 3  # at most so many larger ones are read at once, to bound the memory
_LONGEST_WAIT_S = 30 * 86_400.0  # more is a slip, or a hoax
_WAITING = frozenset((429, 503))  # statuses that come with a Retry-After


def open_transport(
    max_bytes: int, timeout_s: float, resolver: Resolver | None
) -> tuple[httpx.AsyncBaseTransport, "WholeAnswers"]:
    """Return the transport, and within it the one that counts the requests that are really made.

    Args:
        max_bytes: That an answer may have, unpacked.
        timeout_s: That a URL may take in all, on which the pauses between retries depend.
        resolver: Looks names up instead of `socket.getaddrinfo`; what it returns is checked all the same.
    """
    guard = AsyncSafeTransport(
        policy=Policy(allowed_ports=PORTS), resolver=bound_lookup(resolver or socket.getaddrinfo), trust_env=True
    )
    answers = WholeAnswers(guard, max_bytes)
    retry = Retry(
        total=RETRIES,
        allowed_methods=["GET"],
        status_forcelist=[502, 503, 504],
        validate_response=_check_told_wait,
        retry_on_exceptions=[PassingError],
        backoff_factor=timeout_s * BACKOFF_SHARE,
        backoff_jitter=0.2,
        max_backoff_wait=3600.0,  # a Retry-After that does not fit never gets here
    )
    return RetryTransport(answers, retry), answers


def make_request(url: httpx.URL, headers: dict[str, str], timeout_s: float, **extensions: Any) -> httpx.Request:
    """Return a GET for `url`; `extensions` tell the transports how to treat it."""
    timeout = httpx.Timeout(timeout_s, connect=timeout_s / 4)  # for each of up to four addresses
    return httpx.Request("GET", url, headers=headers, extensions={"timeout": timeout.as_dict(), **extensions})


def bound_lookup(resolver: Resolver) -> Resolver:
    """Return `resolver` with a limit of time; what takes longer goes on in a thread that holds nothing up."""

    def look_up(*question: Any) -> Any:
        answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(list(resolver(*question)))
            except (OSError, ValueError) as error:  # UnicodeError, for a name that is none, is a ValueError
                answers.put(error)

        threading.Thread(target=ask, daemon=True).start()
        try:
            answer = answers.get(timeout=LOOKUP_TIMEOUT_S)
        except queue.Empty:
            raise socket.gaierror(socket.EAI_AGAIN, "the lookup took too long") from None
        if isinstance(answer, OSError):
            raise answer
        if isinstance(answer, ValueError):
            raise socket.gaierror(socket.EAI_NONAME, "the name is none") from answer
        return answer

    return look_up


class WholeAnswers(httpx.AsyncBaseTransport):
    """Reads each answer to its end and unpacks it, so that nothing that is cut short or too large leaves here.

    It counts the `requests` that are made, and keeps when a server was last reached, by the event loop's clock.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, max_bytes: int) -> None:
        self._inner = inner
        self._max_bytes = max_bytes
        self._large = asyncio.Semaphore(_LARGE_ANSWERS)
        self.requests = 0
        self.reached_at = -1e9

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer with its content, without the headers that say how that was packed.

        The request's extensions hold its time-out as `limit` and a list of `failures`, to which the reason of each
        failed try is added; they may hold `max_bytes`, at which the answer is cut off.

        Raises:
            DownloadError: No answer came, or none that may be used.
        """
        self.requests += 1
        faults: list[BaseException] = []

        async def note_fault(event: str, told: dict[str, Any]) -> None:
            if event == "connection.connect_tcp.failed":  # the pool strips the causes off what it raises
                faults.extend(iter_causes(told["exception"]))

        request.extensions["trace"] = note_fault
        try:
            response = await self._inner.handle_async_request(request)
            self.reached_at = asyncio.get_running_loop().time()
            try:
                content = await self._read(response, request.extensions.get("max_bytes"))
            finally:
                await response.aclose()
        except (httpx.TransportError, httpx.InvalidURL, SSRFGuardError, OSError, ValueError) as error:
            failure = explain(error, faults)
            request.extensions["failures"].append(failure.reason)
            raise failure from error
        headers = _drop_framing(response.headers)
        _check_wait(response.status_code, headers, request.extensions["limit"])
        return httpx.Response(response.status_code, headers=headers, content=content)

    async def _read(self, response: httpx.Response, cut_at: int | None) -> bytes:
        if cut_at is None and response.status_code >= httpx.codes.BAD_REQUEST:
            cut_at = ERROR_MAX_BYTES
        body = Inflater(
            response.headers.get("content-encoding", ""), cut_at or self._max_bytes, is_cut=cut_at is not None
        )
        pieces = response.aiter_raw()
        await _collect(pieces, body, _LARGE_BYTES)
        if body.size_bytes > _LARGE_BYTES:
            async with self._large:
                await _collect(pieces, body, self._max_bytes)
        return body.finish()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


async def _collect(pieces: Any, body: Inflater, until_bytes: int) -> None:
    async for piece in pieces:
        body.feed(piece)
        if body.size_bytes > until_bytes or body.is_full:
            return


def _drop_framing(headers: httpx.Headers) -> httpx.Headers:
    """Return the headers without those that say how the body was packed and sent."""
    framing = (b"content-encoding", b"content-length", b"transfer-encoding", b"connection", b"keep-alive")
    return httpx.Headers([(name, value) for name, value in headers.raw if name.lower() not in framing])


def _check_wait(status: int, headers: httpx.Headers, limit: asyncio.Timeout) -> None:
    """Leave a Retry-After to the retries if the time suffices, and drop one that cannot be read.

    Raises:
        DownloadError: It asks for more time than is left.
    """
    asked = headers.get("retry-after", "")
    if status not in _WAITING or not asked:
        return
    try:
        wait_s = Retry().parse_retry_after(asked[:100])
    except (ValueError, OverflowError):
        del headers["retry-after"]
        return
    wait_s = min(wait_s, _LONGEST_WAIT_S)
    if asyncio.get_running_loop().time() + wait_s >= (limit.when() or math.inf):
        raise DownloadError("unreachable", f"asked to wait {wait_s:.0f} s", wait_s)


def _check_told_wait(response: httpx.Response) -> None:
    """Have a 429 tried again if it says when; httpx-retries waits for as long as the answer's headers say."""
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS and "retry-after" in response.headers:
        raise PassingError("unreachable", "asked to wait")
