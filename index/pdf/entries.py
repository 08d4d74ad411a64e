"""The entries of a bibliography: where each of them begins among the lines below its heading."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from index.pdf.heading_words import is_caption, plain
from index.pdf.lines import LOWERED, RAISED, Line, count_gaps, ends_sentence
from index.pdf.measures import Measures
from index.pdf.paragraphs import Piece, first_word_em

_NUMBER = re.compile(rf"{RAISED}?[\[(]?(\d{{1,3}})[\])]?[.:]?{LOWERED}?(?:\s|(?=[A-Z]))")
_LABEL = re.compile(r"\[[A-Za-z][\w+\-’'*. ,&]{1,30}\]")
_AUTHOR = re.compile(r"(?:[A-Z][\w'’\-]{1,40}|(?:de|van|von|der|la|le|di|da|du|al)\s[A-Z])")
_YEAR = re.compile(r"(?:18|19|20)\d\d|n\.d\.|in press|forthcoming", re.IGNORECASE)
_FIRST_MAX = 3  # number that the first entry of a list may have
_SKIP_MAX = 2  # entries whose numbers may be lost
_ENTRY_MAX_LINES = 15
_INDENT_EM = 0.4
_GAP, _TAIL_GAP = 1.25, 1.6
_HANGING_SHARE = 0.9  # of the lines that go on with entries, which are moved in
_MARKS = ("[", RAISED)
_MAX_FIRSTS = 10
_UNANNOUNCED_MIN, _READ_SHARE = 4, 0.6  # entries of a list without a heading; as many of them hold a year or an address
_OTHER_SIZE = 0.12


def split_entries(lines: Sequence[Line], usual: Measures) -> tuple[list[Piece], list[Line], list[Line]]:
    """Return the entries of a bibliography, the lines of figures that it flows around, and those that stand behind it.

    What stands behind it may be the lives of the authors, or their addresses.
    """
    floats = _find_floats(lines, usual)
    floating = [line for line, is_float in zip(lines, floats, strict=True) if is_float]
    lines = [line for line, is_float in zip(lines, floats, strict=True) if not is_float]
    end = _find_end(lines)
    listed = lines[:end]
    starts = _find_numbered(listed) or _find_labelled(listed) or _find_hanging(listed) or _find_parted(listed, usual)
    bounds = sorted({0, *starts})
    end = _find_tail(listed, bounds, usual)
    entries = [Piece(tuple(listed[low:high]), "entry") for low, high in pairwise([*bounds, end]) if low < high]
    return entries, floating, lines[end:]


def find_unannounced(lines: Sequence[Line]) -> int | None:
    """Return where a numbered bibliography begins that has no heading, as letters to physicists print it, or None."""
    firsts = [at for at, line in enumerate(lines) if line.text[:1] in _MARKS and entry_number(line.text) == 1]
    for at in reversed(firsts[-_MAX_FIRSTS:]):
        listed = lines[at:]
        starts = _find_numbered(listed)
        read = sum(_reads_as_entry(listed, start) for start in starts)
        if len(starts) >= _UNANNOUNCED_MIN and read > _READ_SHARE * len(starts):
            return at
    return None


def entry_number(text: str) -> int | None:
    """Return the number that an entry begins with, if any."""
    found = _NUMBER.match(text)
    return int(found[1]) if found else None


def _find_floats(lines: Sequence[Line], usual: Measures) -> list[bool]:
    """Return which lines are of figures and their captions, which a bibliography may flow around."""
    floats: list[bool] = []
    above: Line | None = None
    for line in lines:
        follows = above is not None and above.column == line.column
        apart = above is None or not follows or usual.gap(above, line) > _GAP
        is_row = bool(floats) and floats[-1] and count_gaps(line) > 0
        floats.append(line.column < 0 or is_row or (is_caption(line.text) if apart else floats[-1]))
        above = line
    return floats


def _find_end(lines: Sequence[Line]) -> int:
    """Return where lines begin that are all set in another size than the entries."""
    sizes = Counter(round(line.size * 2) / 2 for line in lines)
    size = sizes.most_common(1)[0][0] if sizes else 0.0
    for at in range(len(lines) // 2, len(lines)):
        rest = lines[at:]
        if not any(abs(line.size - size) <= _OTHER_SIZE * size for line in rest):
            return at
    return len(lines)


def _find_tail(lines: Sequence[Line], starts: Sequence[int], usual: Measures) -> int:
    """Return where the last entry ends: before a line that juts out, or stands far apart, as no line of others does."""
    inner = [at for low, high in pairwise(starts) for at in range(low + 1, high)]
    inner = [at for at in inner if lines[at].column == lines[at - 1].column]
    edges = {at: lines[low].x0 for low, high in pairwise(starts) for at in range(low + 1, high)}
    hanging = sum(lines[at].x0 - edges[at] > _INDENT_EM * lines[at].size for at in inner)
    is_hanging = len(inner) > _FIRST_MAX and hanging > _HANGING_SHARE * len(inner)
    gap = max((usual.gap(lines[at - 1], lines[at]) for at in inner), default=_TAIL_GAP)
    for at in range(starts[-1] + 1, len(lines)) if starts else ():
        line = lines[at]
        if line.column != lines[starts[-1]].column:
            break
        juts_out = is_hanging and line.x0 - lines[starts[-1]].x0 < _INDENT_EM * line.size
        if juts_out or usual.gap(lines[at - 1], line) > max(1.15 * gap, _TAIL_GAP):
            return at
    return len(lines)


def _find_numbered(lines: Sequence[Line]) -> list[int]:
    """Return the lines that begin with the numbers of entries, which count up; empty for a list without."""
    starts: list[int] = []
    last = 0
    for at, line in enumerate(lines):
        number = entry_number(line.text)
        if number is None or not last < number <= last + 1 + (_SKIP_MAX if last else _FIRST_MAX - 1):
            continue
        if number > last + 1 and last and _comes_later(lines, at, last + 1):
            continue
        starts.append(at)
        last = number
    brackets = sum(lines[at].text.lstrip(RAISED)[:1] in "[(" for at in starts)
    is_list = len(starts) >= max(2, len(lines) / _ENTRY_MAX_LINES) and (starts[0] < _FIRST_MAX or brackets > 1)
    return starts if is_list else []


def _comes_later(lines: Sequence[Line], at: int, number: int) -> bool:
    return any(entry_number(line.text) == number for line in lines[at + 1 : at + 40])


def _find_labelled(lines: Sequence[Line]) -> list[int]:
    starts = [at for at, line in enumerate(lines) if _LABEL.match(plain(line.text[:80]))]
    return starts if len(starts) > 1 and starts[0] == 0 else []


def _find_hanging(lines: Sequence[Line]) -> list[int]:
    """Return the lines that jut out to the left in each column, if many others are moved in by the same width."""
    edges = {
        column: min(line.x0 for line in lines if line.column == column) for column in {line.column for line in lines}
    }
    shifts = [(line.x0 - edges[line.column]) / line.size for line in lines]
    moved = Counter(round(shift * 2) / 2 for shift in shifts if shift > _INDENT_EM)
    if not moved or moved.most_common(1)[0][1] < max(2, 0.2 * len(lines)):
        return []
    starts = [at for at, shift in enumerate(shifts) if shift <= _INDENT_EM]
    first_lines = sum(_begins_entry(lines, at) for at in starts)
    return starts if starts[:1] == [0] and first_lines >= 0.7 * len(starts) else []


def _begins_entry(lines: Sequence[Line], at: int) -> bool:
    """Say whether an entry may begin with a line, by the end of the one above it and by its first word."""
    if not at:
        return True
    return bool(_AUTHOR.match(lines[at].text.lstrip("“\"'\u2018—–_- "))) or not lines[at].text[:1].islower()


def _find_parted(lines: Sequence[Line], usual: Measures) -> list[int]:
    """Return the lines that begin entries by a gap or an indent, or behind a short line; else by their words."""
    starts = []
    for at, (above, line) in enumerate(pairwise(lines), 1):
        if line.column == above.column:
            parted = usual.gap(above, line) > _GAP or line.x0 - above.x0 > _INDENT_EM * line.size
            parted = parted or (_ends_entry(above) and above.room > 1 + first_word_em(line.text))
        else:
            parted = _ends_entry(above)
        if parted and _begins_entry(lines, at) and _reads_as_entry(lines, at):
            starts.append(at)
    return starts


def _ends_entry(line: Line) -> bool:
    return ends_sentence(line.text) or bool(re.search(r"(?:/\S{0,200}|\d|>)$", line.text[-220:]))


def _reads_as_entry(lines: Sequence[Line], at: int) -> bool:
    """Say whether a year or an address stands in the lines with which an entry may begin."""
    text = " ".join(line.text for line in lines[at : at + 4])
    return bool(_YEAR.search(text) or "http" in text or "doi" in text.casefold())
