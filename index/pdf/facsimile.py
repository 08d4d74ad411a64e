"""Pictures of the pages of PDFs, each drawn once as long as memory lasts, by a process that may hang or crash."""

import json
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.errors import SourceError
from index.pdf.press import make_environment

# Pixels, of pictures: beside a text, and on finer screens or alone.
WIDTHS = (480, 960, 1440)
_TIMEOUT_S = 10.0  # a page takes a tenth of a second
_KEPT_MAX_BYTES = 48_000_000
_COMMAND = "from index.pdf.plates import print_plate; print_plate()"


@dataclass(frozen=True, slots=True)
class Original:
    """The PDF that a document was read from: its SHA-256, a name for messages, and what gives its bytes."""

    sha256: str
    name: str
    load: Callable[[], bytes]


class Facsimiles:
    """Draws pages and keeps the last ones; its methods may be called from any thread, and take turns."""

    def __init__(self, *, timeout_s: float = _TIMEOUT_S, kept_max_bytes: int = _KEPT_MAX_BYTES) -> None:
        self._timeout_s = timeout_s
        self._kept_max_bytes = kept_max_bytes
        self._turn, self._lock = threading.Lock(), threading.Lock()
        self._kept: OrderedDict[str, bytes | SourceError] = OrderedDict()

    def measure(self, original: Original) -> tuple[tuple[float, float], ...]:
        """Return the width and height of each page in points; zeros for a page that cannot be shown.

        Raises:
            SourceError: The PDF cannot be opened, or takes too long.
        """
        sizes = json.loads(self._make(original, {"page": None}))
        return tuple((width, height) for width, height in sizes)

    def draw(self, original: Original, page: int, width: int, words: Sequence[str] = ()) -> bytes:
        """Return a page as PNG.

        Args:
            original: Whose page it is.
            page: Its number, from 1.
            width: Of the picture in pixels; a page that is far longer than wide is drawn narrower.
            words: What is marked on it, as far as it is found there: pieces of running text.

        Raises:
            SourceError: There is no such page, or it cannot be drawn.
        """
        return self._make(original, {"page": page, "width": width, "words": list(words)})

    def _make(self, original: Original, wish: dict[str, object]) -> bytes:
        key = f"{original.sha256} {json.dumps(wish)}"
        found = self._find(key)
        if found is None:
            with self._turn:  # one child at a time: each takes a core
                found = self._find(key) or self._keep(key, self._try(original, wish))
        if isinstance(found, SourceError):
            raise found
        return found

    def _find(self, key: str) -> bytes | SourceError | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: str, made: bytes | SourceError) -> bytes | SourceError:
        """Keep what was made, a failure as well, and drop what was not asked for the longest time."""
        with self._lock:
            self._kept[key] = made
            total = sum(map(_weigh, self._kept.values()))
            while total > self._kept_max_bytes and len(self._kept) > 1:
                total -= _weigh(self._kept.popitem(last=False)[1])
        return made

    def _try(self, original: Original, wish: dict[str, object]) -> bytes | SourceError:
        try:
            return self._run(original, wish)
        except SourceError as error:
            return error

    def _run(self, original: Original, wish: dict[str, object]) -> bytes:
        command = [sys.executable, "-c", _COMMAND, json.dumps({**wish, "name": original.name})]
        failure = f"{original.name} cannot be drawn: it takes too long or breaks off"
        hint = "read its text, or save or print it as a PDF anew"
        try:
            child = subprocess.run(  # noqa: S603 - our own code
                command,
                input=original.load(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=make_environment(),
                timeout=self._timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise SourceError(failure, hint) from error
        first, _, rest = child.stdout.partition(b"\n")
        if child.returncode == 0 and first == b"ok":
            return rest
        message = first.decode(errors="replace")
        raise SourceError(message, rest.decode(errors="replace")) if message and rest else SourceError(failure, hint)


def _weigh(made: bytes | SourceError) -> int:
    return len(made) if isinstance(made, bytes) else 1000
