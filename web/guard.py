"""The outermost layer: who may ask by which name, how much they may send, and what a browser may do with the answer."""

from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.errors import SECURITY_HEADERS, TOO_LARGE, WRONG_HOST, Fault, answer_fault

# The longest question, escaped in JSON as surrogate pairs, takes 24 kB.
BODY_MAX_BYTES = 64 * 1024
_ANY_ADDRESS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not bound to
# A page and its fragment share an address, and an index may change at any time.
_CACHE_HEADERS = {"cache-control": "no-cache", "vary": "HX-Request, HX-History-Restore-Request"}


class Guard:
    """Checks every request before anything else sees it, and puts the security headers on every answer.

    A name that is not ours is refused, so that a page of another site whose name is made to resolve to this machine
    cannot read our answers (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.strip("[]").casefold() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        fault = self._find_fault(Headers(scope=scope))
        app = answer_fault(Request(scope), fault) if fault else self._app
        await app(scope, _limit(receive), _with_headers(send))

    def _find_fault(self, headers: Headers) -> Fault | None:
        host = _host(headers.get("host", ""))
        # Who listens on all addresses is called by any of them; only a name can be made to resolve to us.
        if host not in self._hosts and not (self._hosts & _ANY_ADDRESS and _is_address(host)):
            return WRONG_HOST
        length = headers.get("content-length", "0")
        return TOO_LARGE if not length.isdecimal() or int(length) > BODY_MAX_BYTES else None


def _host(header: str) -> str | None:
    """Return the host of a header `Host`, without its port; None for what is no host."""
    try:
        return urlsplit(f"//{header}").hostname
    except ValueError:
        return None


def _is_address(host: str | None) -> bool:
    try:
        return bool(ip_address(host or ""))
    except ValueError:
        return False


def _limit(receive: Receive) -> Receive:
    """Count what is streamed, for a sender need not say beforehand how much it will be."""
    received = 0

    async def receive_some() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > BODY_MAX_BYTES:
            raise HTTPException(TOO_LARGE.status)
        return message

    return receive_some


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(SECURITY_HEADERS | _CACHE_HEADERS)
        await send(message)

    return send_with_headers
