"""The text below "References", split into one string per entry.

A list with numbers or keys is cut where they count on, inside a line too. A list without is cut where a line or a block
begins with authors, behind an entry that has its date. Lines in between belong to the entry before them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from index.references.dates import YEAR
from index.references.identifiers import rejoin_urls

_START_MAX = 3  # number that the first entry may have, where the first ones are lost
_GAP_MAX = 2  # numbers that may be missing between two entries
_NUMBERED_MIN = 2
_ENTRY_MAX_LINES = 15  # of a wrapped entry
_KEYED_SHARE = 0.8  # of the blocks that must begin with a key or number to make it one whatever the order
_NUMBER_FORMS = (
    r"\[(?P<number>\d{1,4})\][.:]?\s*",
    r"\((?P<number>\d{1,4})\)\s+",
    r"(?P<number>\d{1,4})[.)]\s*(?=[^\W\d_]|[<“\"'\u2018(\[]|$)",
    r"(?P<number>\d{1,4})\s+(?=[^\W\d_]|[“\"<])",
)
_KEY = re.compile(r"\[(?:\d{1,4}|[^\W\d_][\w+&’'*. -]{0,24}\d{2,4}[a-z]?|[A-Z][A-Za-z+]{1,9}\d{0,2})\]\s")
_NO_ENTRY = re.compile(
    rf"[\s|–—-]*(?!{YEAR})(?:\d{{1,4}}|[ivxlc]{{1,7}}|page \d{{1,4}}(?: of \d{{1,4}})?)[\s|–—-]*$"
    r"|\W*(?:references|bibliography|(?:references )?\(?continued\)?)\W*$"
    r"|(?:received|accepted|submitted|revised|published online|manuscript received)\b[^.]{0,120}\b(?:19|20)\d\d\W*$",
    re.IGNORECASE,
)
_HEADING = re.compile(r"(?:[A-Z\d]{1,2}\.\s)?[A-Z][^\d,.;:?!()\"“]{2,60}:?$")
_HEADING_MAX_WORDS = 6
_HEAD_MAX_CHARS = 600  # of the beginning of an entry, in which its authors and date are looked for
_DATED = re.compile(rf"(?<!\d){YEAR}(?!\d)|\bn\.\s?d\.|\bin press\b|\bforthcoming\b", re.IGNORECASE)
# An entry ends in a stop that is none of an initial, or in an address, which may fill a line of its own.
_CLOSED = re.compile(r"(?:[!?)\]>”\"]|(?<!\b[A-Z])\.|https?://\S{4,}|\b10\.\d{4,9}/\S+|^\S*[/_.=-]\S*)$")
_GOES_ON = re.compile(
    r"https?:|www\.|\d|[),.;:&/–-]|(?:Retrieved|Available|Accessed|Cited|Last accessed|In|Vol|Pp|No|URL|DOI|PMID|ISBN"
    r"|ISSN|Springer|Proceedings|Journal)\b"
)
_CUT_WORD = re.compile(r"[^\W\d_]-$")
_SMALL_START = re.compile(r"(?:van|von|de|der|den|del|della|di|da|dos|du|la|le|ter|ten|al|el|af|d['’])\b[\s'’-]")


@dataclass(slots=True)
class _Entry:
    """The lines of an entry, as they are read."""

    lines: list[str] = field(default_factory=list)
    has_date: bool = False

    def __str__(self) -> str:
        return join_lines(self.lines)

    def add(self, line: str) -> None:
        self.lines.append(line)
        self.has_date = self.has_date or bool(_DATED.search(line))


def split_bibliography(blocks: Sequence[str]) -> list[str]:
    """Return the entries of a bibliography; one that stands whole in a block comes out as it is.

    Args:
        blocks: What stands below the heading; lines inside a block are kept apart by line breaks.
    """
    lines = [
        (line.strip(), not number) for block in blocks for number, line in enumerate(re.split(r"[\n\f\r]+", block))
    ]
    lines = [(line, is_first) for line, is_first in lines if line and not _NO_ENTRY.match(line)]
    for form in _NUMBER_FORMS:
        pattern = re.compile(form)
        if _is_numbered([line for line, _ in lines], pattern):
            return [str(entry) for entry in _split_numbered(lines, pattern)]
    if _is_keyed(lines):
        return [str(entry) for entry in _gather_keyed(lines)]
    return [str(entry) for entry in _gather(_drop_headings(lines))]


def _is_keyed(lines: Sequence[tuple[str, bool]]) -> bool:
    keyed = sum(bool(_KEY.match(line)) for line, _ in lines)
    blocks = sum(is_first for _, is_first in lines)
    letters = sum(bool(_KEY.match(line)) and not line[1].isdigit() for line, _ in lines)
    return keyed >= max(_NUMBERED_MIN, _KEYED_SHARE * blocks) or letters >= max(
        _NUMBERED_MIN, len(lines) / _ENTRY_MAX_LINES
    )


def join_lines(lines: Iterable[str]) -> str:
    """Return wrapped lines as one, words and addresses whole."""
    pieces: list[str] = []
    for line in lines:
        if pieces:
            pieces[-1] = _end_line(pieces[-1], line)
        pieces.append(line)
    return rejoin_urls("".join(pieces)) if len(pieces) > 1 else "".join(pieces)


def _end_line(line: str, below: str) -> str:
    """Return a line as it stands before the next: with a space, or without the hyphen that cuts a word."""
    last = line[line.rfind(" ") + 1 :]
    if "://" in last or last.startswith(("www.", "10.", "doi.org")):
        return f"{line} "  # whether an address goes on is seen when the lines are joined
    if line.endswith("\u00ad") or (_CUT_WORD.search(last) and below[:1].islower() and last.count("-") == 1):
        return line[:-1]
    return line if re.search(r"\w[-–]$", last) else f"{line} "


def _is_numbered(lines: Sequence[str], form: re.Pattern[str]) -> bool:
    """Say whether enough entries begin with numbers of this form that count up from the first ones."""
    last = starts = inside = 0
    for line in lines:
        for number, start in _iter_numbers(line, form, last):
            last = number
            starts, inside = starts + (start == 0), inside + (start > 0)
    return starts + inside >= max(_NUMBERED_MIN + (inside > 0), len(lines) / _ENTRY_MAX_LINES)


def _counts_on(number: int, last: int) -> bool:
    return last < number <= last + 1 + (_GAP_MAX if last else _START_MAX - 1)


def _split_numbered(lines: Sequence[tuple[str, bool]], form: re.Pattern[str]) -> Iterator[_Entry]:
    """Yield the entries of a numbered list; what stands before the first number is an entry only if it has a date."""
    entry = _Entry()
    last = 0
    for line, is_first in lines:
        cuts = list(_iter_numbers(line, form, last))
        last = max((number for number, _ in cuts), default=last)
        starts = [start for _, start in cuts]
        bounds = [*([] if starts[:1] == [0] else [0]), *starts, len(line)]
        for low, high in pairwise(bounds):
            piece = line[low:high].strip()
            is_stray = is_first and low == 0 and low not in starts and _stands_apart(entry, piece)
            if (low in starts or is_stray) and entry.lines:
                yield entry
                entry = _Entry()
            entry.add(piece)
    if entry.lines:
        yield entry


def _iter_numbers(line: str, form: re.Pattern[str], last: int) -> Iterator[tuple[int, int]]:
    """Yield the numbers that count on in `line`, and where they stand: at its start, or behind the end of an entry."""
    for gap in re.finditer(r"^|(?<=[.)\]>”\"\w/])\s+(?=[\[(\d])", line):
        found = form.match(line, gap.end())
        if not found or not _counts_on(int(found["number"]), last):
            continue
        inside = gap.end() > 0
        if inside and not _may_begin_inside(line, gap.start(), found, last):
            continue
        last = int(found["number"])
        yield last, gap.end()


def _may_begin_inside(line: str, end: int, found: re.Match[str], last: int) -> bool:
    """Say whether an entry may begin inside a line: in brackets anywhere, else behind a stop and before a name."""
    number = int(found["number"])
    if found.group().startswith("["):
        return number == last + 1
    before, after = line[max(0, end - 300) : end], line[found.end() : found.end() + 60]
    is_closed = bool(_CLOSED.search(before)) and not re.search(r"\b(?:vol|no|pp?|nr|art|ed)\.$", before, re.IGNORECASE)
    return is_closed and bool(
        re.match(r"[<“\"\u2018]|[A-ZÀ-ÖØ-ÞĀ-ɏḀ-\u1eff]|https?:", after) or _SMALL_START.match(after)
    )


def _stands_apart(entry: _Entry, piece: str) -> bool:
    """Say whether an unnumbered block of a numbered list is an entry of its own, and not the rest of the one before."""
    if not entry.lines:
        return False
    above = entry.lines[-1]
    return bool(_CLOSED.search(above) and not _GOES_ON.match(piece) and _DATED.search(piece) and _find_start(piece))


def _gather_keyed(lines: Sequence[tuple[str, bool]]) -> Iterator[_Entry]:
    entry = _Entry()
    for line, _ in lines:
        if entry.lines and _KEY.match(line):
            yield entry
            entry = _Entry()
        entry.add(line)
    if entry.lines:
        yield entry


def _gather(lines: Sequence[tuple[str, bool]]) -> Iterator[_Entry]:
    """Yield the entries of a list without numbers."""
    starts = [_find_start(f"{line} {below}") for (line, _), (below, _) in pairwise([*lines, ("", True)])]
    # Where most entries give their date behind the authors, no other line begins one.
    wanted = {"dated"} if starts.count("dated") > starts.count("undated") else {"dated", "undated"}
    entry = _Entry()
    for (line, is_first), start in zip(lines, starts, strict=True):
        if entry.lines and _begins_entry(line, entry, is_first=is_first, is_start=start in wanted):
            yield entry
            entry = _Entry()
        entry.add(line)
    if entry.lines:
        yield entry


def _begins_entry(line: str, entry: _Entry, *, is_first: bool, is_start: bool) -> bool:
    """Say whether a line begins an entry: the first one of a block does, unless it plainly goes on."""
    above = entry.lines[-1]
    if not _CLOSED.search(above):
        return is_first and is_start and entry.has_date and not above.endswith((",", "&", "-", ":"))
    if re.match(rf"{YEAR}\.\s", line):
        return is_first
    return not _goes_on(line) and (is_first or (is_start and entry.has_date))


def _goes_on(line: str) -> bool:
    return (line[0].islower() or bool(_GOES_ON.match(line))) and not _SMALL_START.match(line)


def _find_start(line: str) -> str:
    """Say whether a line begins with authors and a date, or with authors or a title in quotation marks alone."""
    from index.references.heads import read_head  # its patterns take long to compile

    head = read_head(line[:_HEAD_MAX_CHARS])
    if head.date and (head.authors or head.title):
        return "dated"
    return "undated" if head.authors or line.startswith(("“", '"')) else ""


def _drop_headings(lines: Sequence[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Drop lines such as "Primary sources" between the entries: a block of few words, without date or stop."""
    return [(line, is_first) for line, is_first in lines if not (is_first and _is_heading(line))]


def _is_heading(line: str) -> bool:
    return bool(_HEADING.match(line)) and len(line.split()) <= _HEADING_MAX_WORDS
