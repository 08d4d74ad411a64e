"""A Linux network namespace in which the hosts of a `Web` have their real addresses and ports, and names come by DNS.

A program that runs in it runs as it would on the internet, without a seam: it looks names up at a name server, dials
public addresses at ports 80 and 443, and every address that it could dial by mistake leads to the web as well, where a
connection to one that belongs to no host is noted in the web's `strays`. It needs root; ask `is_possible` first.
"""

import asyncio
import contextlib
import ctypes
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading

from loopback import TLS_PORTS, WEB_PORTS

CLONE_NEWNET = 0x40000000
TYPE_A = 1


def is_possible() -> bool:
    """Return whether a namespace can be made here."""
    if sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("nsenter"):
        return False
    return subprocess.run(["unshare", "-n", "-m", "true"], capture_output=True, check=False).returncode == 0


class Namespace:
    """Serves a web inside; use it as a context manager, and `start` programs in it."""

    def __init__(self, web, folder) -> None:
        self._web = web
        self._folder = folder

    def __enter__(self):
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)
        (self._folder / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        return self

    def __exit__(self, *_) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def start(self, *arguments, **options) -> subprocess.Popen:
        """Start a program inside, with the web's certificate authority as the one to trust."""
        environ = {**os.environ, "SSL_CERT_FILE": str(self._web.roots)}
        return subprocess.Popen(self.lead(*arguments), env=environ, **options)

    def lead(self, *arguments) -> list[str]:
        """Return the command that starts a program inside."""
        enter = f'mount --bind {self._folder}/resolv.conf /etc/resolv.conf && exec "$@"'
        return ["nsenter", f"--net={self._place}", "unshare", "-m", "sh", "-c", enter, "sh", *map(str, arguments)]

    def _run(self) -> None:
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):  # of this thread alone
            raise OSError(ctypes.get_errno(), "unshare")
        for line in ("link set lo up", "route add local 0.0.0.0/0 dev lo", "-6 route add local ::/0 dev lo"):
            subprocess.run(["ip", *line.split()], check=True)
        self._place = f"/proc/{os.getpid()}/task/{threading.get_native_id()}/ns/net"
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda *_: None)
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._serve())
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.01))
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        servers = [await self._web.listen("0.0.0.0", port, is_secure=port in TLS_PORTS) for port in WEB_PORTS]
        names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        names.bind(("127.0.0.1", 53))
        transport, _ = await self._loop.create_datagram_endpoint(lambda: _Names(self._web), sock=names)
        self._ready.set()
        await self._stop.wait()
        transport.close()
        for server in servers:
            server.close()


class _Names(asyncio.DatagramProtocol):
    """A name server for the hosts of a web; every other name does not exist."""

    def __init__(self, web) -> None:
        self._web = web

    def connection_made(self, transport) -> None:
        self._transport = transport

    def datagram_received(self, question, sender) -> None:
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1 : at + 1 + question[at]].decode())
            at += question[at] + 1
        (kind,) = struct.unpack_from("!H", question, at + 1)
        host = ".".join(labels).lower()
        addresses = self._web.name_addresses(host) if kind == TYPE_A else []
        is_known = bool(addresses) or self._web.is_host(host)
        head = question[:2] + struct.pack("!HHHHH", 0x8180 if is_known else 0x8183, 1, len(addresses), 0, 0)
        answers = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", TYPE_A, 1, 0, 4) + socket.inet_aton(a) for a in addresses)
        self._transport.sendto(head + question[12 : at + 5] + answers, sender)
