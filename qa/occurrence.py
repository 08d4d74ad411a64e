"""Where a quote of a document stands in the text of the page that the document was read from.

Reading a page puts markers in brackets, formulas in words and lists in lines, so that only letters and digits are
compared, and where not even those agree, as in a formula, only the first and last words of the quote.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from index.model import Span
from qa.edges import is_letter
from qa.finder import Finder
from qa.fold import fold

_ENDS_WORDS = 6
_SPREAD, _SPREAD_CHARS = 2, 200  # how much longer the quote may be on the page
_AROUND_CHARS = 160
_OCCURRENCES_MAX = 50
_WORD = re.compile(r"[^\W_]+")
_GAP = r"[\W_]{0,40}"


def find_quote(finder: Finder, text: str, quoted: Span) -> Span | None:
    """Return where a quote stands in a page's text, or None; of several places, the one in the same surroundings.

    Args:
        finder: Of the page.
        text: Of the document.
        quoted: Where the quote stands in it.
    """
    start, end = quoted
    before = _letters(fold(text[max(0, start - _AROUND_CHARS) : start]).text)[::-1]
    after = _letters(fold(text[end : end + _AROUND_CHARS]).text)
    page = finder.folded

    def agrees(place: Span) -> int:
        ahead = _letters(page.text[max(0, place[0] - 2 * _AROUND_CHARS) : place[0]])[::-1]
        behind = _letters(page.text[place[1] : place[1] + 2 * _AROUND_CHARS])
        return _count_same(before, ahead) + _count_same(after, behind)

    places = list(islice(_iter_places(page.text, fold(text[start:end]).text), _OCCURRENCES_MAX))
    if not places:
        return None
    low, high = max(places, key=agrees) if len(places) > 1 else places[0]
    return page.first(low), page.last(high)


def _iter_places(page: str, quote: str) -> Iterator[Span]:
    """Yield where a quote stands, both folded: to the letter if it does, or else by its letters and digits."""
    place = page.find(quote)
    words = _WORD.findall(quote)
    if place < 0 or not words:
        yield from _iter_alike(page, quote, words)
    while place >= 0 and words:
        yield place, place + len(quote)
        place = page.find(quote, place + 1)


def _iter_alike(page: str, quote: str, words: Sequence[str]) -> Iterator[Span]:
    if not words:
        return
    few = min(_ENDS_WORDS, max(1, len(words) // 2))
    tail = _compile(words[-few:])
    for head in _compile(words[:few]).finditer(page):
        beyond = page[head.start() : head.start() + _SPREAD * len(quote) + _SPREAD_CHARS]
        end = _match_letters(beyond, "".join(words))
        if end is None and len(words) >= _ENDS_WORDS:
            found = tail.search(beyond, len(head[0]))
            end = found and found.end()
        if end is not None:
            yield _take_ends(page, quote, (head.start(), head.start() + end))


def _compile(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(_GAP.join(map(re.escape, words)))


def _match_letters(text: str, letters: str) -> int | None:
    """Return where letters and digits end with which a text begins, whatever is between them; None if it does not."""
    taken = 0
    for word in _WORD.finditer(text):
        size = min(len(word[0]), len(letters) - taken)
        if word[0][:size] != letters[taken : taken + size]:
            return None
        taken += size
        if taken == len(letters):
            return word.start() + size
    return None


def _letters(text: str) -> str:
    return "".join(_WORD.findall(text))


def _count_same(one: str, other: str) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _take_ends(page: str, quote: str, place: Span) -> Span:
    """Return a place with the marks at both ends of the quote that stand there on the page too."""
    start, end = place
    letters = [at for at, char in enumerate(quote) if is_letter(char)]
    for mark in reversed(quote[: letters[0]]):
        start -= start > 0 and page[start - 1] == mark
    for mark in quote[letters[-1] + 1 :]:
        end += page[end : end + 1] == mark
    return start, end
