"""Lines on standard output, some of it bold, dim or underlined where a reader looks at a terminal.

Its own few lines, as rich, which knows this and much more, takes a twentieth of a cold answer to import.
"""

import os
import re
import sys
from collections.abc import Iterable
from itertools import pairwise
from typing import TypeAlias

BOLD, DIM, UNDERLINE = 1, 2, 4  # as ECMA-48 numbers them
Style: TypeAlias = int
# A half-open range of a text, and how it is shown.
StyledSpan: TypeAlias = tuple[int, int, Style]

# What moves the cursor or speaks to the terminal; a text that was fetched may hold any.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def show(text: str, style: Style | None = None, *, spans: Iterable[StyledSpan] = (), end: str = "\n") -> None:
    """Print a text.

    Args:
        text: Control characters in it are left out, but for tabs and line ends.
        style: How all of it is shown.
        spans: How parts of it are shown in addition; they may overlap.
        end: What follows it.
    """
    styled = [*spans, *([(0, len(text), style)] if style else [])]
    try:
        sys.stdout.write(paint(text, styled if _has_styles() else ()) + end)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None


def paint(text: str, spans: Iterable[StyledSpan]) -> str:
    """Return a text without control characters, but for the codes that show spans of it so."""
    spans = list(spans)
    bounds = sorted({0, len(text), *(at for start, stop, _ in spans for at in (start, stop))})
    painted = []
    for start, stop in pairwise(bounds):
        piece = _CONTROL.sub("", text[start:stop])
        styles = sorted({style for first, last, style in spans if first <= start and stop <= last})
        painted.append(f"\x1b[{';'.join(map(str, styles))}m{piece}\x1b[0m" if styles and piece else piece)
    return "".join(painted)


def _has_styles() -> bool:
    """Say whether standard output is a terminal that knows styles."""
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "unknown")
