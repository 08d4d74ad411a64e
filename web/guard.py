"""The outermost layer: who may ask by which name, how much they may send, and what a browser may do with the answer."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.addresses import UPLOADS
from web.assets import choose_caching
from web.errors import SECURITY_HEADERS, Fault, answer_fault, own_fault

# The longest question, escaped in JSON as surrogate pairs, takes 24 kB.
BODY_MAX_BYTES = 64 * 1024
# What a form sends around the file in it: the other fields, and the lines between them.
_FORM_MAX_BYTES = 64 * 1024
_BODY_TIMEOUT_S, _UPLOAD_TIMEOUT_S = 30, 300
# A browser shows no answer before all is sent, so a file that is too large is read to its end, within reason.
_DRAINED_TIMES = 10
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_ANY_ADDRESS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not bound to


@dataclass(frozen=True, slots=True)
class _Bounds:
    """How much a request may send, how much more is read only to be thrown away, and how long that may take."""

    max_bytes: int
    drained_bytes: int
    timeout_s: float


class Guard:
    """Checks every request before anything else sees it, and puts the security headers on every answer.

    A name that is not ours is refused, so that a page of another site whose name is made to resolve to this machine
    cannot read our answers (DNS rebinding). So is what another site's page sends in its reader's name (cross-site
    request forgery).
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str], upload_max_bytes: int) -> None:
        self._app = app
        self._hosts = frozenset(host.strip("[]").casefold() for host in hosts)
        most = upload_max_bytes + _FORM_MAX_BYTES
        self._body = _Bounds(BODY_MAX_BYTES, BODY_MAX_BYTES, _BODY_TIMEOUT_S)
        self._upload = _Bounds(most, _DRAINED_TIMES * most, _UPLOAD_TIMEOUT_S)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        bounds = self._upload if scope["method"] == "POST" and scope["path"] in UPLOADS else self._body
        fault = self._find_fault(scope["method"], Headers(scope=scope), bounds)
        app = answer_fault(Request(scope), fault) if fault else self._app
        await app(scope, _limit(receive, bounds), _with_headers(send, choose_caching(scope)))

    def _find_fault(self, method: str, headers: Headers, bounds: _Bounds) -> Fault | None:
        host = _host(headers.get("host", ""))
        # Who listens on all addresses is called by any of them; only a name can be made to resolve to us.
        if host not in self._hosts and not (self._hosts & _ANY_ADDRESS and _is_address(host)):
            return own_fault(400, "wrong_host")
        if method not in _SAFE_METHODS and _is_cross_site(headers):
            return own_fault(403)
        length = headers.get("content-length", "0")
        return own_fault(413) if not length.isdecimal() or int(length) > bounds.drained_bytes else None


def is_loopback(host: str) -> bool:
    """Say whether only this machine goes by a name."""
    try:
        return host.casefold() == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


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


def _is_cross_site(headers: Headers) -> bool:
    """Say whether a browser sends this for another site's page; what is sent by no browser names no site.

    Browsers tell the site where they trust the address (https, loopback), and the origin everywhere else.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site not in {"same-origin", "none"}
    return origin is not None and origin.casefold().partition("://")[2] != headers.get("host", "").casefold()


def _limit(receive: Receive, bounds: _Bounds) -> Receive:
    """Count what is streamed, for a sender need not say beforehand how much it will be, nor ever come to its end."""
    received = 0
    is_whole = False
    deadline = asyncio.get_running_loop().time() + bounds.timeout_s

    async def receive_some() -> Message:
        nonlocal received, is_whole
        if is_whole:  # what comes now is word that the reader has gone
            return await receive()
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408) from None
        received += len(message.get("body", b""))
        is_whole = not message.get("more_body", False)
        return message

    async def receive_within_bounds() -> Message:
        message = await receive_some()
        if received > bounds.max_bytes:
            while not is_whole and received <= bounds.drained_bytes:
                await receive_some()
            raise HTTPException(413)
        return message

    return receive_within_bounds


def _with_headers(send: Send, caching: str) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(SECURITY_HEADERS | {"cache-control": caching})
            headers.add_vary_header("HX-Request, HX-History-Restore-Request")
        await send(message)

    return send_with_headers
