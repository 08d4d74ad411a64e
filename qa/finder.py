"""The search that a browser does for a text directive, as far as it decides which of several places is selected.

The order of steps is that of the specification (URL Fragment Text Directives, W3C Community Group draft, 2023) and of
Chromium's TextFragmentFinder, compared with Chromium 156:

- White space is folded to one space, a space that does not break stays one of its own. A line break, the edge of a
  block and whatever has a box of its own (a button, a ruby, a formula) part what is searched. A picture, what is
  hidden, and the edge of an inline element part nothing, not even a word.
- "start" begins a word unless a prefix stands before it, and ends one unless a suffix follows; a prefix begins a word,
  a suffix ends one. So a quote may begin inside a word, if its prefix begins the word.
- Soft hyphens and other unseen marks are skipped inside a part, but one between two parts keeps them apart, and a word
  before one does not end there for a part.
- Between prefix, start and suffix there may be white space, line breaks and edges of blocks, or nothing.
- Where prefix or suffix does not fit, the search goes on from the next word after where it began; but behind a start
  that has an end, only the end is searched again.

What counts as the same here is more than in any browser, and what counts as a word's edge is, too. So where the first
match is the one that is wanted, it is the browser's first as well, as long as it is a match there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from index.model import Span
from qa.edges import is_broken, is_picture, is_whole
from qa.fold import Folded, fold

_STEPS_MAX = 2000  # of one search; a directive that needs more is too weak anyway


@dataclass(frozen=True, slots=True)
class Parts:
    """The spans of a directive's parts in a page's text; `end`, and what stands around, may be absent."""

    start: Span
    end: Span | None = None
    prefix: Span | None = None
    suffix: Span | None = None

    @property
    def selected(self) -> Span:
        """What they are meant to select."""
        return self.start[0], (self.end or self.start)[1]

    def list(self) -> list[Span]:
        """Return those that are there."""
        return [part for part in (self.prefix, self.start, self.end, self.suffix) if part]


class Finder:
    """Searches one page."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded: Folded = fold(text)
        self._has_unseen = self.folded.starts is not None

    def is_first(self, parts: Parts) -> bool:
        """Say whether a browser surely selects exactly what the parts are meant to."""
        if not all(map(self._is_searchable, parts.list())):
            return False
        found = self._find(parts)
        start, end = parts.selected
        return found == (self.folded.at(start), self.folded.at(end))

    def _find(self, parts: Parts) -> Span | None:
        """Return the first match as a span of the folded text."""
        start, suffix = self._needle(parts.start), parts.suffix and self._needle(parts.suffix)
        begun = -1
        for begun_before, match in self._iter_starts(parts, start):
            if match < 0:
                begun = begun_before
                continue
            if self._is_passed_over(begun, begun_before):
                return None
            done = match + len(start)
            if parts.end:
                return self._find_end(match, done, self._needle(parts.end), parts)
            if not suffix or self._follows(done, suffix):
                return match, done
            begun = begun_before
        return None

    def _iter_starts(self, parts: Parts, start: str) -> Iterator[Span]:
        """Yield where each prefix or, without one, start begins, and its start; -1 for a prefix that has none."""
        text = self.folded.text
        prefix = self._needle(parts.prefix) if parts.prefix else ""
        for at in self._iter_matches(
            prefix or start, begins=True, ends=not prefix and bool(parts.end or not parts.suffix)
        ):
            place = self._skip_space(at + len(prefix)) if prefix else at
            yield at, place if text.startswith(start, place) else -1

    def _find_end(self, match: int, place: int, end: str, parts: Parts) -> Span | None:
        suffix = parts.suffix and self._needle(parts.suffix)
        for at in self._iter_matches(end, place, begins=True, ends=not suffix):
            if not suffix or self._follows(at + len(end), suffix):
                return match, at + len(end)
        return None

    def _iter_matches(self, needle: str, place: int = 0, *, begins: bool, ends: bool) -> Iterator[int]:
        text = self.folded.text
        for _ in range(_STEPS_MAX):
            place = text.find(needle, place)
            if place < 0:
                return
            done = place + len(needle)
            if not (begins and self._is_inside(place)) and not (ends and self._is_inside(done)):
                yield place
            place += 1

    def _is_inside(self, place: int) -> bool:
        """Say whether a place surely is inside a word."""
        around = self.folded.text[max(0, place - 1) : place + 1]
        return len(around) == 2 and place > 0 and around.isascii() and around.isalnum()  # noqa: PLR2004 - both sides

    def _is_passed_over(self, begun: int, at: int) -> bool:
        """Say whether a search that began at a place in vain may go on behind a match: it goes on at a word's end."""
        return begun >= 0 and not any(map(str.isspace, self.folded.text[begun:at]))

    def _follows(self, place: int, needle: str) -> bool:
        return self.folded.text.startswith(needle, self._skip_space(place))

    def _skip_space(self, place: int) -> int:
        text = self.folded.text
        while place < len(text) and text[place].isspace():
            place += 1
        return place

    def _needle(self, part: Span) -> str:
        return self.folded.text[self.folded.at(part[0]) : self.folded.at(part[1])]

    def _is_searchable(self, part: Span) -> bool:
        """Say whether a part can be searched for.

        One that begins or ends with a picture, and is found in the middle of one that is joined of several, has been
        seen to hang Chromium 156.
        """
        start, end = part
        needle = self._needle(part)
        if self._has_unseen and is_broken(self.text[start : end + 1]):
            return False
        if not needle.strip() or not (is_picture(self.text[start]) or is_picture(self.text[end - 1])):
            return bool(needle.strip())
        places = list(self._iter_matches(needle, begins=False, ends=False))
        spans = [(self.folded.first(place), self.folded.first(place + len(needle))) for place in places]
        return all(is_whole(self.text, low) and is_whole(self.text, high) for low, high in spans)
