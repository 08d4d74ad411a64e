"""The guarded way to a server: checked addresses, bounded answers, a few retries.

From the inside out: ssrfguard looks a name up once, refuses it if any address is not a public one, and connects to one
of the addresses that it checked, for every request anew; `WholeAnswers` reads an answer to its end within its limits
and turns every failure into a `DownloadError`; httpx-retries tries again what may pass.

A proxy named by the environment is not used: it would look names up itself, where nothing can be checked. Certificates
are always verified, against SSL_CERT_FILE or SSL_CERT_DIR where these are set, as httpx does.
"""

import asyncio
import errno
import math
import queue
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
from httpx_retries import Retry, RetryTransport
from ssrfguard import BlockedAddressError, BlockedURLError, Policy, Resolver, SSRFGuardError
from ssrfguard.httpx import AsyncSafeTransport

from index.download import DownloadError
from index.inflate import Inflater

# The web's own ports, and those on which repositories are found beside them.
PORTS = frozenset((80, 443, 8000, 8080, 8081, 8443, 8888))
LOOKUP_TIMEOUT_S = 10.0  # a lookup cannot be cancelled, so it has a limit of its own
RETRIES = 3
BACKOFF_SHARE = 1 / 120  # of the time that a URL may take; doubled with each retry: .5, 1 and 2 s of 30
ERROR_MAX_BYTES = 1_000_000  # of a page that only says what went wrong
_LARGE_BYTES, _LARGE_ANSWERS = 4_000_000, 3  # at most so many larger ones are read at once, to bound the memory
_WAITING = frozenset((429, 503))  # statuses that come with a Retry-After
# The last two are what a machine without IPv6 says to an address of that kind.
_NO_ROUTE = frozenset((errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT))
# OpenSSL's codes, X509_V_ERR_*.
_CERTIFICATE = {
    9: "is not valid yet",
    10: "has expired",
    18: "is self-signed",
    19: "is self-signed",
    20: "comes from no known authority",
    21: "comes from no known authority",
    62: "is for another host",
}


class UnreachedError(DownloadError):
    """No server was reached: its name cannot be looked up or no route leads to it. This machine may be offline."""


class _PassingError(DownloadError):
    """A failure that may pass, so that it is worth another try."""


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
        retry_on_exceptions=[_PassingError],
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
                faults.extend(_iter_causes(told["exception"]))

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
    if asyncio.get_running_loop().time() + wait_s >= (limit.when() or math.inf):
        raise DownloadError("unreachable", f"asked to wait {wait_s:.0f} s", wait_s)


def _check_told_wait(response: httpx.Response) -> None:
    """Have a 429 tried again if it says when; httpx-retries waits for as long as the answer's headers say."""
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS and "retry-after" in response.headers:
        raise _PassingError("unreachable", "asked to wait")


def explain(error: Exception, faults: Sequence[BaseException] = ()) -> DownloadError:
    """Return what a failure of the network means, in a few words; `faults` are what is known of it besides."""
    for cause in (*_iter_causes(error), *faults):
        if isinstance(cause, SSRFGuardError):
            return DownloadError("unreachable", _explain_refusal(cause))
        if isinstance(cause, ssl.SSLCertVerificationError):
            fault = _CERTIFICATE.get(cause.verify_code, "cannot be trusted")
            return DownloadError("unreachable", f"the certificate {fault}")
        if isinstance(cause, OSError) and (failure := _explain_socket(cause)) is not None:
            return failure
    if isinstance(error, httpx.TimeoutException):
        return DownloadError("unreachable", "the host does not answer")
    return _explain_protocol(error)


def _explain_socket(error: OSError) -> DownloadError | None:
    if isinstance(error, socket.gaierror):
        is_unknown = error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
        return UnreachedError("unreachable", "no such host" if is_unknown else "the host cannot be looked up")
    if error.errno in _NO_ROUTE:
        return UnreachedError("unreachable", "there is no route to the host")
    if isinstance(error, ConnectionRefusedError):
        return _PassingError("unreachable", "the connection was refused")
    return None


def _explain_refusal(error: SSRFGuardError) -> str:
    """Return why ssrfguard refused an address; only its words tell."""
    if isinstance(error, BlockedAddressError):
        return "leads to a private address"
    reason = error.reason if isinstance(error, BlockedURLError) else ""
    if "allowed_ports" in reason:
        return "asks for a port that is not the web's"
    has_address = any(word in reason for word in ("RFC", "address", "numeric"))
    return "leads to a private address" if has_address else "is no address on the web"


def _explain_protocol(error: Exception) -> DownloadError:
    text = str(error)
    if isinstance(error, httpx.RemoteProtocolError):
        if "complete message body" in text:
            return _PassingError("unreachable", "sent less than it announced")
        if "disconnected" in text:
            return _PassingError("unreachable", "hung up without an answer")
        return DownloadError("unreachable", "does not answer in HTTP")
    if any(isinstance(cause, ssl.SSLError) for cause in _iter_causes(error)):
        return DownloadError("unreachable", "no secure connection could be made")
    if isinstance(error, httpx.NetworkError):
        return _PassingError("unreachable", "the connection was reset")
    return DownloadError("unreachable", "is no address on the web")


def _iter_causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it comes from, also where several came together."""
    pending, seen = [error], 0
    while pending and seen < 50:  # noqa: PLR2004  # a chain of causes has no business being longer
        cause = pending.pop(0)
        seen += 1
        yield cause
        if isinstance(cause, BaseExceptionGroup):
            pending.extend(cause.exceptions)
        if (inner := cause.__cause__ or cause.__context__) is not None:
            pending.append(inner)
