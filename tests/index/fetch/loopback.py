"""A small web for tests: named hosts with public addresses, healthy and ill, served by one thread on loopback.

The code under test runs unchanged. While a `Web` is open, names are looked up in its table and connections to its
addresses are led to its server below Python's socket layer, as a router would; every other connection is refused and
noted in `strays`. Certificates come from an authority of its own, in the file that SSL_CERT_FILE names meanwhile.
"""

import asyncio
import contextlib
import errno
import os
import re
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

import trustme

TLS_PORTS = (443, 8443)
WEB_PORTS = (80, 8080, *TLS_PORTS)
REASONS = {200: "OK", 301: "Moved", 302: "Found", 304: "Not Modified", 404: "Not Found"}


@dataclass
class Page:
    """An answer; with an ETag or Last-Modified among the headers, a matching conditional request gets a 304."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    latency_s: float = 0.0


@dataclass
class Visit:
    """A request as the server saw it; `ended` is 0 while it is being answered."""

    host: str
    path: str
    headers: dict[str, str]
    scheme: str
    started: float
    ended: float = 0.0
    status: int = 0


Ill = Callable[["Visit", asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Service = Callable[["Visit"], "Page"]


class Web:
    """Hosts and their pages. Use it as a context manager; `visits` is what was asked, in order."""

    def __init__(self, folder: Path) -> None:
        self.visits: list[Visit] = []
        self.strays: list[tuple] = []
        self.lookups: list[str] = []
        self.is_offline = False
        self.latency_s = 0.0
        self._pages: dict[tuple[str, str], list[Page] | Ill | Service] = {}
        self._addresses: dict[str, list[list[str]]] = {}
        self._closed: set[str] = set()
        self._mute: set[str] = set()
        self._hosts: dict[str, str] = {}
        self._ca = trustme.CA()
        self._other_ca = trustme.CA()
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._folder = folder
        self.roots = folder / "roots.pem"
        self._peers: weakref.WeakKeyDictionary[socket.socket, tuple] = weakref.WeakKeyDictionary()

    # What there is

    def add(self, host, path, body=b"", status=200, headers=None, latency_s=None) -> str:
        """Put a page at a path of a host, and return its https URL; again for the same path, it is the next answer."""
        body = body.encode() if isinstance(body, str) else body
        page = Page(body, status, dict(headers or {"Content-Type": "text/html; charset=utf-8"}), latency_s or 0.0)
        self.add_host(host)
        pages = self._pages.setdefault((host, unquote(path)), [])
        pages.append(page)
        return f"https://{host}{path}"

    def replace(self, host, path, body=b"", status=200, headers=None) -> str:
        """Put a page in the place of what was there."""
        self._pages.pop((host, unquote(path)), None)
        return self.add(host, path, body, status, headers)

    def add_redirect(self, host, path, location, status=302) -> str:
        return self.add(host, path, b"moved", status, {"Location": location, "Content-Type": "text/plain"})

    def add_ill(self, host, path, ill: Ill) -> str:
        """Put what answers as it likes at a path of a host."""
        self.add_host(host)
        self._pages[host, path] = ill
        return f"https://{host}{path}"

    def add_service(self, host, path, choose: Service) -> str:
        """Put what chooses its page by the request at a path of a host, whatever the query."""
        self.add_host(host)
        self._pages[host, unquote(path)] = choose
        return f"https://{host}{path}"

    def add_robots(self, host, text, status=200) -> str:
        return self.add(host, "/robots.txt", text, status, {"Content-Type": "text/plain"})

    def add_host(self, host, *answers: list[str]) -> None:
        """Give a host its address; or, with `answers`, what one lookup after the other is told, the last for ever."""
        if host not in self._addresses or answers:
            number = len(self._addresses)
            own = f"93.184.{number // 250}.{number % 250 + 1}"
            self._addresses[host] = [[own if a == "own" else a for a in each] for each in answers] or [[own]]
            self._hosts[own] = host
        if host not in self._contexts:  # now, not in the handshake that a client waits for
            self._contexts[host] = self._make_context(host)

    def _make_context(self, name) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(name).configure_cert(context)
        return context

    def add_closed(self, host) -> str:
        """Add a host that refuses every connection."""
        self.add_host(host)
        self._closed.add(self._addresses[host][0][0])
        return f"https://{host}/"

    def add_mute(self, host) -> str:
        """Add a host that accepts a connection and never says a word, not even in TLS."""
        self.add_host(host)
        self._mute.add(self._addresses[host][0][0])
        return f"https://{host}/"

    def add_certificate(self, host, fault) -> str:
        """Add a host whose certificate is "expired", "foreign", "self-signed" or for the "wrong host"."""
        self._contexts[host] = context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if fault == "self-signed":
            chain, key = self._folder / "self.pem", self._folder / "self.key"
            chain.write_bytes(self._other_ca.cert_pem.bytes())
            key.write_bytes(self._other_ca.private_key_pem.bytes())
            context.load_cert_chain(chain, key)
            return self.add(host, "/")
        ca = self._other_ca if fault == "foreign" else self._ca
        name = "elsewhere.example" if fault == "wrong host" else host
        ends = datetime(2020, 1, 1, tzinfo=UTC) if fault == "expired" else None
        ca.issue_cert(name, not_after=ends).configure_cert(context)
        return self.add(host, "/")

    def is_host(self, name) -> bool:
        return name in self._addresses

    def visits_to(self, host, path=None) -> list[Visit]:
        return [visit for visit in self.visits if visit.host == host and path in (None, visit.path)]

    # Running it

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        assert started.wait(10)
        self._ca.cert_pem.write_to_path(self.roots)
        self._saved_environ = {name: os.environ.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR")}
        os.environ["SSL_CERT_FILE"] = str(self.roots)
        os.environ.pop("SSL_CERT_DIR", None)
        self._saved = (socket.getaddrinfo, socket.socket.connect, socket.socket.connect_ex, socket.socket.getpeername)
        self._route()
        return self

    def __exit__(self, *_) -> None:
        socket.getaddrinfo, socket.socket.connect = self._saved[:2]
        socket.socket.connect_ex, socket.socket.getpeername = self._saved[2:]
        for name, value in self._saved_environ.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._serve(started))
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.01))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _serve(self, started: threading.Event) -> None:
        self._stop = asyncio.Event()
        self._loop.set_exception_handler(lambda *_: None)
        plain = await self.listen("127.0.0.1", 0, is_secure=False)
        tls = await self.listen("127.0.0.1", 0, is_secure=True)
        mute = await asyncio.start_server(self._ignore, "127.0.0.1", 0)
        self._plain, self._tls, self._deaf = (s.sockets[0].getsockname()[1] for s in (plain, tls, mute))
        started.set()
        await self._stop.wait()
        for server in (plain, tls, mute):
            server.close()

    async def listen(self, address, port, *, is_secure) -> asyncio.Server:
        """Serve the web on an address, in the event loop that runs."""
        context = None
        if is_secure:
            context = self._make_context("default.example")
            context.sni_callback = self._choose_certificate
        scheme = "https" if is_secure else "http"
        return await asyncio.start_server(
            lambda r, w: self._talk(r, w, scheme), address, port, ssl=context, limit=2**20
        )

    def _choose_certificate(self, tls, name, _context) -> None:
        if name in self._contexts:
            tls.context = self._contexts[name]

    async def _ignore(self, _reader, writer) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await self._stop.wait()
        writer.transport.abort()

    async def _talk(self, reader, writer, scheme) -> None:
        own = writer.get_extra_info("sockname")
        if own[0] not in self._hosts and own[1] in WEB_PORTS:
            self.strays.append(own)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ssl.SSLError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:] if line)}
                host = headers.get("host", "").split(":")[0]
                visit = Visit(host, head[0].split(" ")[1], headers, scheme, time.monotonic())
                self.visits.append(visit)
                try:
                    await self._answer(visit, reader, writer)
                finally:
                    visit.ended = time.monotonic()
        writer.close()

    async def _answer(self, visit, reader, writer) -> None:
        paths = (unquote(visit.path), unquote(urlsplit(visit.path).path))
        pages = next((self._pages[visit.host, path] for path in paths if (visit.host, path) in self._pages), None)
        if asyncio.iscoroutinefunction(pages):
            await pages(visit, reader, writer)
            writer.close()
            raise ConnectionResetError
        if callable(pages):
            pages = [pages(visit)]
        page = Page(b"nothing here", 404) if not pages else pages.pop(0) if len(pages) > 1 else pages[0]
        await asyncio.sleep(page.latency_s or self.latency_s)
        status, headers, body = page.status, dict(page.headers), page.body
        if is_unchanged(visit.headers, headers):
            status, body = 304, b""
        visit.status = status
        headers.setdefault("Date", formatdate(usegmt=True))
        if status != 304:
            headers.setdefault("Content-Length", str(len(body)))
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}\r\n{lines}\r\n".encode("latin-1"))
        with contextlib.suppress(OSError):
            for start in range(0, len(body), 2**18):  # in pieces, for the memory of the server counts as well
                if writer.is_closing() or reader.at_eof():
                    break
                writer.write(body[start : start + 2**18])
                await writer.drain()

    # The way there

    def name_addresses(self, host) -> list[str]:
        """Return what the next lookup of a host is told; nothing for a host that is not there."""
        self.lookups.append(host)
        answers = self._addresses.get(host, [[]])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def look_up(self, host, port, *rest, **named):
        if self.is_offline:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        if re.fullmatch(r"[\d.]+|.*:.*|localhost", str(host)):
            return self._saved[0](host, port, *rest, **named)
        addresses = self.name_addresses(host)
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        family = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(family[":" in a], socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses]

    def _route(self) -> None:
        web, (_, connect, connect_ex, getpeername) = self, self._saved

        def routed_connect(self, address):
            if self.family == socket.AF_UNIX:
                return connect(self, address)
            web._peers[self] = tuple(address)
            return connect(self, ("127.0.0.1", web._find_port(address)))

        def routed_connect_ex(self, address):
            if self.type & socket.SOCK_DGRAM:
                return 0 if address[0] in web._hosts and not web.is_offline else errno.ENETUNREACH
            return connect_ex(self, ("127.0.0.1", web._find_port(address)))

        def routed_getpeername(self):
            return web._peers.get(self) or getpeername(self)

        socket.getaddrinfo = self.look_up
        socket.socket.connect, socket.socket.connect_ex = routed_connect, routed_connect_ex
        socket.socket.getpeername = routed_getpeername

    def _find_port(self, address) -> int:
        if address[0] in self._closed:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
        if address[0] not in self._hosts:
            self.strays.append(tuple(address))
            raise OSError(errno.ENETUNREACH, "Network is unreachable")
        if address[0] in self._mute:
            return self._deaf
        return self._tls if address[1] in TLS_PORTS else self._plain


def is_unchanged(asked: dict[str, str], headers: dict[str, str]) -> bool:
    """Return whether a conditional request names the page as it is."""
    pairs = (("if-none-match", "ETag"), ("if-modified-since", "Last-Modified"))
    return any(name in headers and asked.get(condition) == headers[name] for condition, name in pairs)
