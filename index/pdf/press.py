"""Read a PDF in a process of its own: a hostile file may hang or crash that one, and takes nothing else with it.

The child reads the file from its standard input and writes a line of JSON for what the file says of itself, and one for
each page; it is given a time for each line, and a bound on its memory where the system knows one.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

from index.errors import SourceError
from index.pdf.lines import Fragment, Sheet

_PAGE_TIMEOUT_S = 30.0  # a page takes a twentieth of a second
_MAX_MEMORY_BYTES = 4_000_000_000
_ROOT = Path(__file__).resolve().parents[2]
_COMMAND = "from index.pdf.press import print_sheets; print_sheets()"


@dataclass(frozen=True, slots=True)
class Print:
    """A PDF as read: its pages, what it says of itself by the names that it uses, and what read it."""

    sheets: tuple[Sheet, ...]
    metadata: dict[str, str]
    extractor: str


def read_print(content: bytes, name: str, max_pages: int, *, page_timeout_s: float = _PAGE_TIMEOUT_S) -> Print:
    """Read all pages of a PDF.

    Args:
        content: The bytes of the file.
        name: What messages call it.
        max_pages: Pages that it may have.
        page_timeout_s: Seconds that one page may take.

    Returns:
        Its pages in their order, and what it says of itself.

    Raises:
        SourceError: It cannot be opened, has no page or too many, or takes too long.
    """
    command = [sys.executable, "-c", _COMMAND, name, str(max_pages)]
    with subprocess.Popen(  # noqa: S603 - our own code
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=make_environment(),
    ) as child:
        lines = list(_iter_answers(child, content, page_timeout_s))
    if not lines or lines[-1] != "end":
        failure = lines[-1] if lines and isinstance(lines[-1], str) else ""
        message, _, hint = failure.partition("\n")
        if hint:
            raise SourceError(message, hint)
        raise SourceError(f"{name} cannot be read: it takes too long or breaks off", "save or print it as a PDF anew")
    first, *sheets = lines[:-1]
    return Print(tuple(_unpack(sheet) for sheet in sheets), first["metadata"], first["extractor"])


def print_sheets() -> None:
    """Be the child: read the file from standard input, and write what stands in it to standard output."""
    from index.pdf.glyphs import find_version, open_print

    bound_memory()
    name, max_pages = sys.argv[1], int(sys.argv[2])
    try:
        with open_print(sys.stdin.buffer.read(), name, max_pages) as opened:
            _write({"metadata": opened.read_metadata(), "extractor": find_version()})
            for sheet in opened.iter_sheets():
                _write(_pack(sheet))
        _write("end")
    except SourceError as error:
        _write(f"{error.message}\n{error.hint}")


def _iter_answers(child: "subprocess.Popen[bytes]", content: bytes, timeout_s: float) -> Iterator[Any]:
    """Yield what the child writes, until it ends or takes too long for one line, which is its end as well."""
    if child.stdin is None or child.stdout is None:
        return
    with _watch(child, timeout_s), suppress(BrokenPipeError):
        child.stdin.write(content)
        child.stdin.close()
    while True:
        with _watch(child, timeout_s):
            line = child.stdout.readline()
        if not line.endswith(b"\n"):
            return
        yield json.loads(line)


@contextmanager
def _watch(child: "subprocess.Popen[bytes]", timeout_s: float) -> Iterator[None]:
    """Kill the child if it takes too long for what is done in the context."""
    timer = Timer(timeout_s, child.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def make_environment() -> dict[str, str]:
    """Return the environment of a child that runs our own code, from wherever this was started."""
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    return os.environ | {"PYTHONPATH": path}


def bound_memory() -> None:
    """Bound what this process, a child, may take of the memory, where the system knows a bound."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY_BYTES, _MAX_MEMORY_BYTES))


def _write(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def _pack(sheet: Sheet) -> list[object]:
    pieces = [[f.text, f.x0, f.x1, f.y, f.size, f.font, f.bold, f.order] for f in sheet.fragments]
    rest = [sheet.urls, sheet.stamps, sheet.unmapped, sheet.has_picture]
    return [sheet.number, sheet.width, sheet.height, pieces, *rest]


def _unpack(packed: list[Any]) -> Sheet:
    number, width, height, pieces, urls, stamps, unmapped, has_picture = packed
    fragments = tuple(Fragment(*piece) for piece in pieces)
    return Sheet(number, width, height, fragments, tuple(urls), tuple(stamps), unmapped, has_picture)
