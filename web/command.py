"""The command `ibid serve`."""

import contextlib
import socket
from typing import Annotated

import typer

from index.errors import PortTakenError
from qa.cli import IndexOption, settings_for

_PORT_MAX = 65535
# Seconds that requests in flight are given to end after Ctrl-C.
_GRACE_S = 3


def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on; others on your network need 0.0.0.0.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=_PORT_MAX, help="Port to listen on; 0 takes a free one.")] = 8000,
    allow_adding: Annotated[
        bool,
        typer.Option("--allow-adding", help="Let all who can reach it add and remove papers, not only this machine."),
    ] = False,
    index: IndexOption = None,
) -> None:
    """Serve the page and the API."""
    settings = settings_for(index)
    with bind(host, port) as listener:
        import uvicorn

        from index.library import is_bare
        from qa.audits import load_audits
        from qa.rerank import open_reranker
        from web.app import LOCAL_HOSTS, create_app

        app = create_app(settings, hosts=(*LOCAL_HOSTS, host), may_add=allow_adding or None)
        # Whatever is wrong with the index or the reranker is said now, and nobody's question waits until it is loaded.
        if not (app.state.may_add and is_bare(settings)):
            load_audits(app.state.live.get(), settings)
        open_reranker(settings)
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_GRACE_S,
        )
        _listen(listener, host, port)
        typer.echo(f"Ibid answers at {_url(listener, host)} (Ctrl-C ends it)")
        # uvicorn ends in good order, then raises what ended it.
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])


def bind(host: str, port: int) -> socket.socket:
    """Take an address without listening on it yet.

    Raises:
        PortTakenError: It is in use, or not this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise PortTakenError(host, port, str(error)) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise PortTakenError(host, port, error.strerror or str(error)) from error
    return listener


def _listen(listener: socket.socket, host: str, port: int) -> None:
    """Listen; of two servers that took an address at the same moment, the second fails here."""
    try:
        listener.listen()
    except OSError as error:
        raise PortTakenError(host, port, error.strerror or str(error)) from error


def _url(listener: socket.socket, host: str) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{listener.getsockname()[1]}"
