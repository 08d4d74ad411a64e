"""Manners towards the hosts: obey their robots.txt, one request at a time to each, and a pause between pages.

This is a transport beneath the cache, so that what the cache answers waits for nobody. robots.txt itself and redirects
start no pause: a pause lies between two pages of one host.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import httpx

from index.fetch.download import DownloadError
from index.fetch.failure import UnreachedError
from index.fetch.redirect import STATUSES, read_redirect
from index.fetch.robots import ALLOW_ALL, MAX_BYTES, MAX_REDIRECTS, Rules, parse_robots

MAX_PAUSE_S = 60.0  # a host that asks for a longer one is asked no more
_TOO_MANY, _SERVER_ERROR = 429, 500


@dataclass(slots=True)
class _Lane:
    """The queue before one host, when it may be asked next by the clock of the event loop, and its sites' rules."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0
    rules: dict[httpx.URL, Rules | DownloadError] = field(default_factory=dict)


class PoliteTransport(httpx.AsyncBaseTransport):
    """Queues requests by host.

    `send_robots` sends the request for a robots.txt: through the cache, where one lies over this transport.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, delay_s: float, hosts: int) -> None:
        self._inner = inner
        self._delay_s = delay_s
        self._slots = asyncio.Semaphore(hosts)
        self._lanes: dict[str, _Lane] = {}
        self.send_robots: Callable[[httpx.Request], Awaitable[httpx.Response]] = self.handle_async_request

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request when it is its turn.

        Its extensions hold its time-out as `limit`, which stands still while it queues, and whether to
        `check_robots`; `is_robots` marks the request for a robots.txt, which belongs to the turn of its page.

        Raises:
            DownloadError: The host's robots.txt forbids it or cannot be had, or no usable answer came.
        """
        if request.extensions["is_robots"]:
            return await self._inner.handle_async_request(request)
        lane = self._lanes.setdefault(request.url.host, _Lane())
        async with self._take_turn(lane, request.extensions["limit"]):
            rules = await self._check_rules(lane, request) if request.extensions["check_robots"] else ALLOW_ALL
            return await self._send(lane, rules, request)

    @asynccontextmanager
    async def _take_turn(self, lane: _Lane, limit: asyncio.Timeout) -> AsyncIterator[None]:
        with _standing_still(limit):
            await lane.lock.acquire()
        try:
            with _standing_still(limit):
                await _wait_for(lane)
                await self._slots.acquire()
            try:
                yield
            finally:
                self._slots.release()
        finally:
            lane.lock.release()

    async def _send(self, lane: _Lane, rules: Rules, request: httpx.Request) -> httpx.Response:
        pause_s = max(rules.delay_s, self._delay_s)
        try:
            response = await self._inner.handle_async_request(request)
            if response.status_code in STATUSES:
                pause_s = rules.delay_s
        except DownloadError as error:
            pause_s = max(pause_s, error.wait_s)
            raise
        finally:
            lane.free_at = _now() + pause_s
        return response

    async def _check_rules(self, lane: _Lane, request: httpx.Request) -> Rules:
        place = request.url.join("/robots.txt")
        if place not in lane.rules:
            lane.rules[place] = DownloadError("unreachable", "its robots.txt does not come")  # for who cancels this
            try:
                lane.rules[place] = await self._load_rules(place, request)
            except UnreachedError:
                del lane.rules[place]  # it was the network's failure, not the site's
                raise
        rules = lane.rules[place]
        if isinstance(rules, DownloadError):
            raise DownloadError(rules.state, rules.reason)
        if not rules.is_allowed(str(request.url)):
            raise DownloadError("blocked_by_robots", "its robots.txt forbids it")
        return rules

    async def _load_rules(self, place: httpx.URL, page: httpx.Request) -> Rules | DownloadError:
        """Return the rules at `place`, or why there are none to go by; RFC 9309 then forbids the whole site."""
        try:
            response = await self._follow(place, page)
        except UnreachedError:
            raise  # that concerns the network, not the site
        except DownloadError as error:
            return error
        if response.status_code == _TOO_MANY or response.status_code >= _SERVER_ERROR:
            return DownloadError("unreachable", f"its robots.txt answers with status {response.status_code}")
        return parse_robots(response.content) if response.is_success else ALLOW_ALL

    async def _follow(self, place: httpx.URL, page: httpx.Request) -> httpx.Response:
        for _ in range(MAX_REDIRECTS + 1):
            headers = {name: page.headers[name] for name in ("user-agent", "accept-encoding")}
            extensions = {**page.extensions, "is_robots": True, "max_bytes": MAX_BYTES, "caching": {}}
            response = await self.send_robots(httpx.Request("GET", place, headers=headers, extensions=extensions))
            await response.aread()
            if (onward := read_redirect(place, response)) is None:
                break
            place = onward
        return response

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


async def _wait_for(lane: _Lane) -> None:
    pause_s = lane.free_at - _now()
    if pause_s > MAX_PAUSE_S:
        raise DownloadError("unreachable", f"asked to wait {pause_s:.0f} s")
    if pause_s > 0:
        await asyncio.sleep(pause_s)


@contextmanager
def _standing_still(limit: asyncio.Timeout) -> Iterator[None]:
    """Stop the clock of a time-out."""
    ends_at = limit.when()
    if ends_at is None or limit.expired():
        yield
        return
    left_s = ends_at - _now()
    limit.reschedule(None)
    try:
        yield
    finally:
        if not limit.expired():
            limit.reschedule(_now() + left_s)


def _now() -> float:
    return asyncio.get_running_loop().time()
