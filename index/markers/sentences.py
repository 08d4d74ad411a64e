"""The sentence in which a marker stands, and the clause of it that the marker supports."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from index.markers.sightings import Sighting
from index.model import Span

_CLAUSE_MIN_WORDS = 4
_LEAD_MAX_WORDS = 5  # of "As shown by", in front of a marker that supports what follows
_ITEM_MAX_WORDS = 8  # between the commas of a list
# Behind these a sentence goes on, whatever the next word begins with.
_GOES_ON = re.compile(
    r"(?:\bet al|\bfigs?|\beqs?|\bcf|\be\.g|\bi\.e|\bvs|\brefs?|\bsect?|\bno|\bvol|\bpp?|\bca|\bapprox|\bdr|\bprof|\bmr"
    r"|\bmrs|\bst)\.$",
    re.IGNORECASE,
)
_INITIAL = re.compile(r"\b[A-Z]\.$")
_END = re.compile(r"[.!?…][\"”’')\]]{0,2}$")
_CLAUSE_BREAK = re.compile(r"(?P<mark>;|,)\s+(?P<word>(?:but|while|whereas|although|though|yet|and|or|so)\s+)?")
_LEAD = re.compile(r"(?:as|according|in|following|from|see|per|by|unlike|like|based|both|since|after)\b", re.IGNORECASE)
_LEADING = re.compile(r"[\s,;:.–—)\]-]*(?:(?:and|but|while|whereas|or|yet|so)\s+)?")


def iter_claims(text: str, span: Span, sightings: Sequence[Sighting]) -> Iterator[tuple[Span, Span]]:
    """Find the sentence and the clause of each of the markers of one paragraph.

    Args:
        text: The document's.
        span: The paragraph.
        sightings: Its markers, in reading order, none inside another.

    Yields:
        The two spans of each marker, in the order of the markers.
    """
    sentences = split_sentences(text, span, sightings)
    groups = _group(text, sightings)
    ends = [end for _, end in groups]
    position = 0
    clauses: dict[int, Span] = {}  # markers that follow each other share theirs
    for sighting in sightings:
        while position + 1 < len(sentences) and sentences[position][1] <= sighting.start:
            position += 1
        sentence = sentences[position]
        group = bisect_right(ends, sighting.start)
        if group not in clauses:
            clauses[group] = _find_clause(text, sentence, groups, group)
        yield sentence, clauses[group]


def split_sentences(text: str, span: Span, sightings: Sequence[Sighting]) -> list[Span]:
    """Return the sentences of a paragraph; a marker behind a full stop belongs to the sentence that ends there."""
    import sentencex

    boundaries = sentencex.get_sentence_boundaries("en", text[slice(*span)])
    bounds = [span[0] + boundary["start_index"] for boundary in boundaries]
    markers = [(sighting.start, sighting.end) for sighting in sightings]
    starts = [start for start in bounds if start > span[0] and not _is_inside(text, span, start, markers)]
    for group in _group(text, sightings):
        _pass_group(text, span, starts, group)
    spans = [_trim(text, low, high) for low, high in pairwise([span[0], *starts, span[1]])]
    return [each for each in spans if each[0] < each[1]] or [span]


def _is_inside(text: str, span: Span, start: int, markers: Sequence[Span]) -> bool:
    """Say whether a sentence does not really end before `start`: in a marker, or behind an abbreviation."""
    before_it = bisect_left(markers, (start, 0)) - 1
    if before_it >= 0 and markers[before_it][0] < start < markers[before_it][1]:
        return True
    before = text[max(span[0], start - 40) : start].rstrip()
    after = text[start : start + 40].lstrip()
    goes_on = after[:1].islower() and not before.endswith(("!", "?"))
    return bool(_GOES_ON.search(before)) or goes_on or not re.match(r"[^.,;:)\]\s]", after)


def _group(text: str, sightings: Sequence[Sighting]) -> list[Span]:
    """Return the spans of markers that follow each other with at most a comma between them."""
    groups: list[Span] = []
    for sighting in sightings:
        if groups and not text[groups[-1][1] : sighting.start].strip(" ,;–-"):
            groups[-1] = (groups[-1][0], sighting.end)
        else:
            groups.append((sighting.start, sighting.end))
    return groups


def _pass_group(text: str, span: Span, starts: list[int], group: Span) -> None:
    """Move the beginning of a sentence in `starts` behind markers that the stop before them leaves over.

    "Rain fell. [3] Snow fell." breaks behind the marker, "Rain fell. [3] shows why." before it.
    """
    before = text[max(span[0], group[0] - 8) : group[0]]
    after = text[group[1] : min(span[1], group[1] + 40)]
    follows = after.lstrip()
    if text[group[0]].isalpha() or not _END.search(before.rstrip()) or (follows and not after[0].isspace()):
        return
    low, high = bisect_right(starts, group[0] - 3), bisect_right(starts, group[1] + 3)
    if not follows or not follows[0].islower():
        starts[low:high] = [group[1] + len(after) - len(follows)] if follows else []
    elif before[-1:].isspace() and not _GOES_ON.search(before.rstrip()) and not _INITIAL.search(before.rstrip()):
        starts[low:high] = [group[0]]


def _find_clause(text: str, sentence: Span, groups: Sequence[Span], position: int) -> Span:
    """Return the words that a marker ends, behind the marker and the clause break before it, or else those it leads."""
    own = groups[position]
    low = max(groups[position - 1][1], sentence[0]) if position else sentence[0]
    high = min(groups[position + 1][0], sentence[1]) if position + 1 < len(groups) else sentence[1]
    leads = text[own[0]].isalpha()  # as "Smith (2020)" leads what Smith said
    for start in () if leads else (*reversed(list(_iter_breaks(text, low, own[0]))), low):
        clause = _trim(text, _LEADING.match(text, start).end(), own[0])  # type: ignore[union-attr]
        size = _count_words(text, clause)
        if size >= _CLAUSE_MIN_WORDS and (size > _LEAD_MAX_WORDS or not _LEAD.match(text, clause[0])):
            return clause
    led = _trim(text, own[0], next(_iter_breaks(text, own[1], high), high))
    if _count_words(text, led) - _count_words(text, own) >= (1 if leads else _CLAUSE_MIN_WORDS - 1):
        return led if leads else _trim(text, _LEADING.match(text, low).end(), led[1])  # type: ignore[union-attr]
    return _trim(text, sentence[0], own[0]) if own[0] > sentence[0] else sentence


def _iter_breaks(text: str, low: int, high: int) -> Iterator[int]:
    """Yield where clauses end; a comma before "and" ends one only where it closes no list."""
    last = low
    for found in _CLAUSE_BREAK.finditer(text, low, high):
        is_list = _count_words(text, (last, found.start())) <= _ITEM_MAX_WORDS and last > low
        word = (found["word"] or "").strip()
        if found["mark"] == ";" or (word and (word not in ("and", "or", "so") or not is_list)):
            yield found.start()
        last = found.end()


def _count_words(text: str, span: Span) -> int:
    return len(re.findall(r"\w+", text[slice(*span)]))


def _trim(text: str, low: int, high: int) -> Span:
    piece = text[low:high]
    return low + len(piece) - len(piece.lstrip()), high - len(piece) + len(piece.rstrip())
