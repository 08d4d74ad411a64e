"""Headings: which printed lines are headings, by number, name or how they are set, and how deep they lie."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from index.pdf.heading_words import (
    is_caption,
    is_lettered,
    is_named,
    is_outermost,
    is_roman,
    number_level,
    opens_body,
    plain,
)
from index.pdf.lines import Line, count_gaps, ends_sentence
from index.pdf.measures import Measures
from index.pdf.run_in import is_run_in, run_in_level

_MIN_CHARS, _MAX_CHARS, _STRONG_MAX_CHARS = 3, 160, 110
_MAX_LINES = 4
_MAX_LEVEL = 4
_LEADING_EM = 1.6  # that the lines of one heading stand apart at most
_SAME_SIZE = 0.05
_APART = 1.12  # of the usual distance of lines, above which two stand apart
_WORDS_SHARE = 0.75  # of the signs of a heading that are letters
_CENTRED_EM = 1.5
_ALONE_EM = 5.0  # free behind a line that is one of its own
_CHAR_EM = 0.5  # about how wide a letter is
_INNER_MIN = 3  # headings of one style, from which a usual name among them says nothing of the level
_WORD = re.compile(r"[^\W\d_]{3,}")
_FORMULA = re.compile(r"[\d=+<>]")

_Style: TypeAlias = tuple[float, bool, bool]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: its lines from `start` to `end`, and its level from 1."""

    start: int
    end: int
    level: int


def find_headings(lines: Sequence[Line], start: int, usual: Measures) -> list[Heading]:
    """Return the headings among the lines from `start` on, where the title ends."""
    found: list[tuple[int, int]] = []
    at = start
    while at < len(lines):
        end = _find_end(lines, at, usual)
        is_front = not found and lines[at].page == lines[0].page
        if _is_heading(lines, at, end, usual) and (not is_front or opens_body(plain(lines[at].text))):
            found.append((at, end))
            at = end
        else:
            at += 1
    levels = _find_levels([lines[at] for at, _ in found])
    return [Heading(at, end, level) for (at, end), level in zip(found, levels, strict=True)]


def _find_end(lines: Sequence[Line], at: int, usual: Measures) -> int:
    """Return where a heading ends that would begin at a line, and may go on over several lines set alike."""
    end = at + 1
    if is_run_in(lines, at):
        return end
    while end < min(len(lines), at + _MAX_LINES) and _is_alike(lines[end - 1], lines[end], usual):
        text = plain(lines[end].text)
        if is_named(plain(lines[end - 1].text)) or number_level(text) or is_named(text):
            break
        end += 1
    return end


def _is_alike(above: Line, line: Line, usual: Measures) -> bool:
    """Say whether a line goes on with a heading: it follows closely, is set alike, and had no room above."""
    if line.column != above.column or not 0 < line.y - above.y < _LEADING_EM * line.size:
        return False
    if abs(line.size - above.size) > _SAME_SIZE * above.size or (line.bold, line.font) != (above.bold, above.font):
        return False
    if _is_capital(above) != _is_capital(line):
        return False
    centred = _is_centred(above) and _is_centred(line)
    if not (usual.is_strong(line) or line.font != usual.font or _is_capital(line) or centred):
        return False
    word = _CHAR_EM * (len(line.text.split(" ", 1)[0]) + 1)
    return centred or above.room < 1 + word or line.text[:1].islower()


def _is_heading(lines: Sequence[Line], at: int, end: int, usual: Measures) -> bool:
    """Say whether the lines from `at` to `end` are a heading."""
    line, text = lines[at], plain(" ".join(line.text for line in lines[at:end]))
    if is_run_in(lines, at):
        return True
    if (
        line.column < 0
        or (count_gaps(line) > 1 and not (usual.is_strong(line) and number_level(text)))
        or not _MIN_CHARS <= len(text) <= _MAX_CHARS
        or is_caption(text)
        or not _WORD.search(text)
    ):
        return False
    apart = at == 0 or lines[at - 1].column != line.column or usual.gap(lines[at - 1], line) > _APART
    if is_named(text):
        ended = at > 0 and ends_sentence(lines[at - 1].text) and line.room > _ALONE_EM and text[0].isupper()
        return apart or ended or usual.is_strong(line) or _is_capital(line) or _is_centred(line)
    if text.endswith((",", ";")) or (usual.is_small(line) and not (line.bold and apart and number_level(text))):
        return False
    if usual.is_strong(line):
        return _is_strong_heading(text, apart=apart)
    followed = end == len(lines) or lines[end].column != line.column or usual.gap(lines[end - 1], lines[end]) > _APART
    short = line.room > 1 or end > at + 1
    return apart and short and _is_quiet_heading(line, text, usual, followed=followed)


def _is_strong_heading(text: str, *, apart: bool) -> bool:
    """Say whether large or bold words are a heading: by a number, or by standing apart and being words."""
    if number_level(text):
        return True
    letters = sum(char.isalpha() or char == " " for char in text)
    is_title = letters > _WORDS_SHARE * len(text) and not text[0].islower() and not text.endswith(".")
    return apart and is_title and len(text) <= _STRONG_MAX_CHARS


def _is_quiet_heading(line: Line, text: str, usual: Measures, *, followed: bool) -> bool:
    """Say whether words of the size and weight of running text are a heading."""
    if number_level(text) and not text.endswith((".", ":")):
        return followed or line.font != usual.font or _is_capital(line)
    return followed and _is_capital(line) and not _FORMULA.search(text)


def _is_centred(line: Line) -> bool:
    return line.indent > 1 and abs(line.indent - line.room) < _CENTRED_EM


def _is_capital(line: Line) -> bool:
    return line.text.upper() == line.text and bool(_WORD.search(line.text))


def _find_levels(headings: Sequence[Line]) -> list[int]:
    """Return the level of each heading: by its number, else by that of others that are set alike."""
    texts = [plain(line.text) for line in headings]
    styles = [_style(line) for line in headings]
    numbers = _find_numbers(texts)
    known: dict[_Style, Counter[int]] = {}
    for style, number, text in zip(styles, numbers, texts, strict=True):
        level = number or int(is_outermost(text))
        if level:
            known.setdefault(style, Counter())[level] += 1
    rank = {style: counts.most_common(1)[0][0] for style, counts in known.items()}
    for style in sorted(set(styles) - set(rank), reverse=True):
        larger = [level for other, level in rank.items() if other > style]
        rank[style] = min(_MAX_LEVEL, max(larger) + 1) if larger else 1
    inner = {style for style, count in Counter(styles).items() if rank[style] > 1 and count >= _INNER_MIN}
    return [
        number or (1 if is_named(text) and style not in inner else rank[style])
        for number, style, text in zip(numbers, styles, texts, strict=True)
    ]


def _find_numbers(texts: Sequence[str]) -> list[int]:
    """Return how deep the number of each heading lies, 0 where it has none; "II" before "A" before "1"."""
    has_roman = any(is_roman(text) and not is_lettered(text) for text in texts)
    lettered = [is_lettered(text) and not (has_roman and is_roman(text)) for text in texts]
    has_letters = any(lettered)
    levels = []
    for text, is_letter in zip(texts, lettered, strict=True):
        level = 1 if is_roman(text) else run_in_level(text)
        if is_letter:
            level = 2 if has_roman else 1
        elif has_roman and level == 1 and text[0].isdigit():
            level = 3 if has_letters else 2
        levels.append(level)
    return levels


def _style(line: Line) -> _Style:
    return round(line.size * 2) / 2, _is_capital(line), line.bold
