"""The files of the look, small and kept: each goes by an address that changes with what is in it."""

import hashlib
from pathlib import Path

from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

FOLDER = Path(__file__).parent / "static"
_KEPT = "public, max-age=31536000, immutable"


def name_asset(name: str) -> str:
    """Return the address of a file, with a digest of its content.

    Raises:
        KeyError: There is no such file.
    """
    return f"/static/{name}?{_DIGESTS[name]}"


def serve_assets() -> ASGIApp:
    """Serve the files, compressed where the browser takes that; nothing else is compressed, and no stream waits."""
    return GZipMiddleware(StaticFiles(directory=FOLDER))


def choose_caching(scope: Scope) -> str:
    """Return how browsers may keep an answer: under the address of its content for ever, else never unasked.

    A page and its fragment share an address, and an index may change at any time.
    """
    folder, _, name = scope["path"].rpartition("/")
    is_named = folder == "/static" and scope["query_string"].decode("latin-1") == _DIGESTS.get(name)
    return _KEPT if is_named else "no-cache"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


_DIGESTS = {path.name: _digest(path) for path in FOLDER.iterdir()}
