"""Text directives: the part of a link that makes a browser open a page at a quote and mark exactly it.

`#:~:text=[prefix-,]start[,end][,-suffix]`: a directive is lengthened until a browser's first match is the quote. Where
none can be (the quote cuts a character in two, or stands several times among the same words), it marks a little more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from index.model import Span
from qa.edges import is_edge, is_of_word, is_unseen, is_whole
from qa.finder import Finder, Parts

_SHORT_WORDS = 10  # up to which a quote is named whole, if it is in one line
_ENDS_WORDS = (5, 9, 16)  # of start and of end, for a longer one
_AROUND_WORDS = (2, 4, 8, 16, 40)  # of prefix and suffix
_PART_MAX_CHARS = 700  # a link of some 2,000 characters is still followed everywhere
_WIDER_LINES = 8


@dataclass(frozen=True, slots=True)
class Directive:
    """What follows `#` in a link, and what a browser marks then: a span of the page's text, the quote or more."""

    text: str
    selected: Span
    is_exact: bool


def make_directive(finder: Finder, wanted: Span) -> Directive | None:
    """Return a directive that selects a span of a page's text, or else the smallest span around it that one can select.

    Args:
        finder: Of the page.
        wanted: White space at its ends is left out.

    Returns:
        None where there is none.
    """
    text = finder.text
    quoted = _trim(text, *wanted)
    if not text[slice(*quoted)].strip():
        return None
    for span in _iter_spans(text, quoted):
        parts = next((parts for parts in _iter_parts(text, span) if finder.is_first(parts)), None)
        if parts:
            return Directive(_format(text, parts), span, _trim(text, *span) == quoted)
    return None


def _trim(text: str, start: int, end: int) -> Span:
    """Return a span without what no reader sees at its ends."""
    while start < end and _is_blank(text[start]):
        start += 1
    while start < end and _is_blank(text[end - 1]):
        end -= 1
    return start, end


def _is_blank(char: str) -> bool:
    return char.isspace() or is_unseen(char)


def _iter_spans(text: str, quoted: Span) -> Iterator[Span]:
    """Yield a span, then ever wider ones around it: to whole characters, to whole words, to lines.

    A mark that no reader sees keeps Chromium from seeing that a word ends before it; a space behind it ends a word.
    """
    seen: set[Span] = set()
    for span in _iter_wider(text, *quoted):
        low, high = _trim(text, *span)
        is_cut = not is_whole(text, low) or not (is_whole(text, high) or is_unseen(text[high]))
        if not is_cut and (low, high) not in seen:
            seen.add((low, high))
            yield low, _pass_unseen(text, high)


def _iter_wider(text: str, start: int, end: int) -> Iterator[Span]:
    yield start, end
    while not is_whole(text, start):
        start -= 1
    while not is_whole(text, end):
        end += 1
    yield start, end
    start, end = _seek_edge(text, start, -1), _seek_edge(text, end, 1)
    yield start, end
    for _ in range(_WIDER_LINES):
        low, high = text.rfind("\n", 0, max(0, start - 1)) + 1, text.find("\n", end + 1)
        high = high if high >= 0 else len(text)
        yield from ((low, end), (start, high), (low, high))
        start, end = low, high


def _pass_unseen(text: str, end: int) -> int:
    """Return the place behind the space that follows a mark that no reader sees, or the place where there is none."""
    place = end
    while place < len(text) and is_unseen(text[place]):
        place += 1
    return place + 1 if place > end and text[place : place + 1] == " " else end


def _seek_edge(text: str, offset: int, step: int) -> int:
    while not is_edge(text, offset):
        offset += step
    return offset


def _iter_parts(text: str, span: Span) -> Iterator[Parts]:
    """Yield directives that select a span, short ones first, as far as the edges of words and lines allow."""
    start, end = span
    needs = not is_edge(text, start), not is_edge(text, end)
    if not any(needs):
        yield from _iter_cores(text, span)
    cores = list(_iter_cores(text, span))
    for words in _AROUND_WORDS:
        prefix, suffix = _find_before(text, start, words), _find_after(text, end, words)
        for core in cores:
            if prefix and not needs[1]:
                yield Parts(core.start, core.end, prefix=prefix)
            if suffix and not needs[0]:
                yield Parts(core.start, core.end, suffix=suffix)
        for core in cores:
            if prefix and suffix:
                yield Parts(core.start, core.end, prefix=prefix, suffix=suffix)


def _iter_cores(text: str, span: Span) -> Iterator[Parts]:
    """Yield a span as a whole, if it is in one line, and by its first and last words; these first if it is long."""
    start, end = span
    whole = [Parts(span)] if "\n" not in text[start:end] and end - start <= _PART_MAX_CHARS else []
    is_short = len(text[start:end].split()) <= _SHORT_WORDS
    if is_short:
        yield from whole
    for words in _ENDS_WORDS:
        head, tail = _cut_head(text, start, end, words), _cut_tail(text, start, end, words)
        if head and tail and head <= tail:
            yield Parts((start, head), (tail, end))
    if not is_short:
        yield from whole


def _cut_head(text: str, start: int, end: int, words: int) -> int | None:
    """Return where the first words of a span end, inside its first line; None where no edge of a word is."""
    line = text.find("\n", start, end)
    return _walk(text, start, min(end, line if line >= 0 else end, start + _PART_MAX_CHARS), words)


def _cut_tail(text: str, start: int, end: int, words: int) -> int | None:
    """Return where the last words of a span begin, inside its last line; None where no edge of a word is."""
    return _walk(text, end, max(text.rfind("\n", start, end) + 1, start, end - _PART_MAX_CHARS), words)


def _find_before(text: str, start: int, words: int) -> Span | None:
    """Return the words right before a place, as far as they stand in one line."""
    end = start
    while end and text[end - 1].isspace():
        end -= 1
    end = _pass_unseen(text, _trim(text, 0, end)[1])
    if end > start or text[end:start].strip() or is_unseen(text[start]):
        return None
    begin = _walk(text, end, max(text.rfind("\n", 0, end) + 1, end - _PART_MAX_CHARS), words)
    return None if begin is None else (begin, end)


def _find_after(text: str, end: int, words: int) -> Span | None:
    """Return the words right behind a place, as far as they stand in one line."""
    start = end
    while start < len(text) and text[start].isspace():
        start += 1
    if start == len(text) or is_unseen(text[start]) or (end and is_unseen(text[end - 1])):
        return None
    line = text.find("\n", start)
    stop = _walk(text, start, min(line if line >= 0 else len(text), start + _PART_MAX_CHARS), words)
    return None if stop is None else (start, stop)


def _walk(text: str, place: int, limit: int, words: int) -> int | None:
    """Return the edge behind so many words on the way from a place to a limit, or behind as many as there are."""
    step = 1 if limit > place else -1
    found, count = None, 0
    while place != limit and count < words:
        place += step
        passed = text[min(place, place - step)]
        if is_of_word(passed) and is_edge(text, place):
            found, count = place, count + 1
        elif step > 0 and _pass_unseen(text, place) > place:
            found, count = min(_pass_unseen(text, place), limit), count + 1
        elif place == limit and not _is_blank(passed) and is_edge(text, place):
            found = place
    return found


def _format(text: str, parts: Parts) -> str:
    prefix, start, end, suffix = (
        _encode(text[slice(*part)]) if part else "" for part in (parts.prefix, parts.start, parts.end, parts.suffix)
    )
    given = (f"{prefix}-" if prefix else "", start, end, f"-{suffix}" if suffix else "")
    return f":~:text={','.join(part for part in given if part)}"


def _encode(words: str) -> str:
    """Return words percent-encoded, and with them what has a meaning in a directive: hyphen, comma, ampersand."""
    seen = "".join(char for char in words if not is_unseen(char))
    return quote(seen, safe="", errors="replace").replace("-", "%2D")
