"""The guarded HTTP client: every download of a paper, a reference or a fact about one goes through it.

Inside out: connections to checked addresses only, whole and bounded answers, retries (`guard`); robots.txt and one
request at a time to a host (`politeness`); the cache on disk (`cache`); and here redirects, hop by hop through all of
that, and the time limit over everything.

It asks with GET only and holds no cookies, no passwords and no proxies, so nothing secret can leak to anyone, not even
where a redirect leads from https to http.
"""

import asyncio
import logging
import socket
import urllib.request
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.fetch.download import Download, DownloadError, Fetcher
from index.fetch.inflate import ACCEPT_ENCODING
from index.fetch.robots import AGENT
from index.settings import Settings

if TYPE_CHECKING:
    import httpx
    from ssrfguard import Resolver

    from index.fetch.guard import WholeAnswers

__all__ = ["Client", "Download", "DownloadError", "Fetcher", "open_client"]

MAX_REDIRECTS = 10
ACCEPT = "text/html, application/xhtml+xml, application/pdf;q=0.9, text/plain;q=0.8, */*;q=0.5"
# Hosts one of which can be looked up wherever there is an internet.
_WELL_KNOWN = ("doi.org", "arxiv.org", "www.wikipedia.org")
_PROBE_S = 5.0
_ONLINE_FOR_S = 60.0  # how long an answer of any server shows that the network is there

logger = logging.getLogger(__name__)


class Client:
    """A `Fetcher` over the real network, of use to many tasks of one event loop at a time."""

    def __init__(
        self, transport: "httpx.AsyncBaseTransport", answers: "WholeAnswers", resolver: "Resolver", settings: Settings
    ) -> None:
        self._transport = transport
        self._answers = answers
        self._resolver = resolver
        self._timeout_s = settings.fetch_timeout_s
        self._agent = format_agent(settings.contact)
        self._known_hosts: deque[str] = deque(maxlen=3)
        self._online: tuple[float, bool] = (-_ONLINE_FOR_S, True)
        self._probing = asyncio.Lock()

    @property
    def requests(self) -> int:
        """How many requests were made over the network, those for robots.txt included."""
        return self._answers.requests

    async def get(
        self, url: str, *, accept: str | None = None, refresh: bool = False, check_robots: bool = True
    ) -> Download:
        """Return the answer to a GET for `url`, as `Fetcher` says.

        With `check_robots`, each host on the way of a redirect is asked for its robots.txt; without, none is.

        Raises:
            DownloadError: No answer came, or none that may be used.
        """
        from index.fetch.failure import UnreachedError

        headers = {"user-agent": self._agent, "accept": accept or ACCEPT, "accept-encoding": ACCEPT_ENCODING}
        if refresh:
            headers["cache-control"] = "no-cache"
        failures: list[str] = []
        try:
            async with asyncio.timeout(self._timeout_s) as limit:
                return await self._follow(url, headers, limit=limit, failures=failures, check_robots=check_robots)
        except TimeoutError:
            late = failures[-1] if failures else f"took longer than {self._timeout_s:g} s"
            raise DownloadError("unreachable", late) from None
        except UnreachedError as error:
            if await self.is_online():
                raise
            raise DownloadError("offline", "no network can be reached") from error

    async def is_online(self) -> bool:
        """Return whether there is an internet, so that a failure is the host's own."""
        now = asyncio.get_running_loop().time()
        if now - self._answers.reached_at < _ONLINE_FOR_S:
            return True
        async with self._probing:
            if now - self._online[0] >= _ONLINE_FOR_S:
                self._online = (now, await self._can_reach_any())
        return self._online[1]

    async def _can_reach_any(self) -> bool:
        hosts = {*_WELL_KNOWN, *self._known_hosts}
        probes = [asyncio.create_task(asyncio.to_thread(_has_route, host, self._resolver)) for host in hosts]
        done, late = await asyncio.wait(probes, timeout=_PROBE_S)
        for probe in late:
            probe.cancel()
        return any(probe.result() for probe in done)

    async def _follow(self, url: str, headers: dict[str, str], **extensions: Any) -> Download:
        """Follow the redirects from `url` to their end."""
        from index.fetch.redirect import parse_address, read_redirect

        target = parse_address(url)
        passed: set[httpx.URL] = set()
        while len(passed) <= MAX_REDIRECTS:
            passed.add(target)
            response = await self._send(target, headers, **extensions)
            onward = read_redirect(target, response)
            if onward is None:
                self._known_hosts.append(target.host)
                return _make_download(url, str(target), response)
            if onward in passed:
                raise DownloadError("unreachable", "redirects in a circle")
            target = onward
        raise DownloadError("unreachable", f"redirects more than {MAX_REDIRECTS} times")

    async def _send(self, target: "httpx.URL", headers: dict[str, str], **extensions: Any) -> "httpx.Response":
        from index.fetch.cache import make_key
        from index.fetch.guard import make_request

        caching = {"key": make_key(target, headers["accept"])}
        request = make_request(target, headers, self._timeout_s, is_robots=False, caching=caching, **extensions)
        response = await self._transport.handle_async_request(request)
        await response.aread()
        return response


@asynccontextmanager
async def open_client(settings: Settings, folder: Path, resolver: "Resolver | None" = None) -> AsyncIterator[Client]:
    """Open a client that keeps its cache in `folder`.

    Args:
        settings: Say who asks, how politely, and within which limits.
        folder: Of the cache, made where it is missing; several processes may share it.
        resolver: Looks names up instead of `socket.getaddrinfo`; grants nothing, since what it returns is checked.

    Yields:
        The client, until the context is left.

    Raises:
        StorageError: The folder cannot be written.
    """
    from index.fetch.cache import open_cache
    from index.fetch.guard import bound_lookup, open_transport
    from index.fetch.politeness import PoliteTransport

    if any(scheme in ("http", "https", "all") for scheme in urllib.request.getproxies()):
        logger.warning("the proxy that the environment names is not used: behind it no address could be checked")
    inner, answers = open_transport(settings.fetch_max_bytes, settings.fetch_timeout_s, resolver)
    polite = PoliteTransport(inner, settings.fetch_delay_s, settings.fetch_hosts)
    transport = open_cache(folder, polite)
    polite.send_robots = transport.handle_async_request
    try:
        yield Client(transport, answers, bound_lookup(resolver or socket.getaddrinfo), settings)
    finally:
        await transport.aclose()


def format_agent(contact: str | None) -> str:
    """Return the name by which servers know the program, with an address for complaints where there is one."""
    about = f"+mailto:{contact}" if contact else "reads the works that a paper cites, for one reader"
    return f"{AGENT}/{version('ibid')} ({about})"


def _make_download(asked: str, got: str, response: "httpx.Response") -> Download:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Download(
        asked=asked,
        got=got,
        status=response.status_code,
        headers=headers,
        content_type=headers.get("content-type", "").split(";")[0].strip().lower(),
        content=response.content,
        fetched_at=parsedate_to_datetime(headers["date"]).astimezone(UTC).isoformat(),
        from_cache=response.extensions["caching"]["from_cache"],
    )


def _has_route(host: str, resolver: "Resolver") -> bool:
    """Return whether a host has an address and a route leads to it; nothing is sent there."""
    try:
        answers = resolver(host, 443, 0, socket.SOCK_STREAM, 0, 0)
    except OSError:
        return False
    for family, _, _, _, address in answers:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            if probe.connect_ex(address) == 0:
                return True
    return False
