"""Cut a text where marks begin and end, so that marks that overlap can be shown without a loss of text."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from typing import Literal, TypeAlias

MarkRole: TypeAlias = Literal["passage", "highlight", "phrase", "marker", "wrong", "found", "current"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A span that is shown in a way of its own.

    Attributes:
        start: Where it begins.
        end: Where it ends, exclusive.
        role: What it is.
        link: Where a click on it leads, if anywhere.
        note: What is said of it on hover.
        anchor: Name by which a link scrolls to it.
    """

    start: int
    end: int
    role: MarkRole
    link: str | None = None
    note: str = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text with the same marks all along.

    Attributes:
        text: What it says.
        is_passage: Whether it belongs to the passage.
        is_highlight: Whether it is marked stronger.
        is_phrase: Whether it is the phrase that answers.
        is_wrong: Whether it is a marker of another entry.
        is_found: Whether it is what was searched for.
        is_current: Whether it is the place among those that was gone to.
        link: Where a click on it leads, if anywhere.
        note: What is said of it on hover.
        anchor: Name of the passage or highlight that begins with it.
        name: Name of the marker that begins with it.
        place: Name of the place among those that was gone to, where that begins with it.
    """

    text: str
    is_passage: bool
    is_highlight: bool
    is_phrase: bool
    is_wrong: bool
    is_found: bool
    is_current: bool
    link: str | None
    note: str
    anchor: str
    name: str
    place: str


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring segments that are highlighted alike, so that a sentence with a marker in it stays one mark."""

    is_passage: bool
    is_highlight: bool
    anchor: str
    segments: tuple[Segment, ...]


# The fields of a segment without any mark, behind its text.
_UNMARKED = (False, False, False, False, False, False, None, "", "", "", "")


def cut(text: str, marks: Sequence[Mark], *, offset: int = 0) -> tuple[Segment, ...]:
    """Cut a text where marks begin and end; the segments joined are the text.

    Where several marks with a link cover the same words, the first one's link is followed; all notes are kept.

    Args:
        text: What to cut.
        marks: In any order; those that are empty or lie outside the text do nothing.
        offset: Where in its document the text begins, which is what the marks count from.
    """
    end = offset + len(text)
    inside = [mark for mark in marks if mark.start < mark.end and mark.start < end and mark.end > offset]
    if not inside:
        return (Segment(text, *_UNMARKED),) if text else ()
    begun: dict[int, list[tuple[int, Mark]]] = {}
    for order, mark in enumerate(inside):
        begun.setdefault(max(mark.start, offset), []).append((order, mark))
    edges = sorted({offset, end, *begun, *(min(mark.end, end) for mark in inside)})
    segments: list[Segment] = []
    over: list[tuple[int, Mark]] = []
    for low, high in pairwise(edges):
        over = sorted([each for each in over if each[1].end > low] + begun.get(low, []), key=itemgetter(0))
        segments.append(_segment(text[low - offset : high - offset], low, [mark for _, mark in over]))
    return tuple(segments)


def _segment(text: str, start: int, marks: Sequence[Mark]) -> Segment:
    if not marks:
        return Segment(text, *_UNMARKED)
    roles = {mark.role for mark in marks}
    names = {mark.role: mark.anchor for mark in reversed(marks) if mark.anchor and mark.start == start}
    return Segment(
        text=text,
        is_passage="passage" in roles,
        is_highlight="highlight" in roles,
        is_phrase="phrase" in roles,
        is_wrong="wrong" in roles,
        is_found=not roles.isdisjoint(("found", "current")),
        is_current="current" in roles,
        link=next((mark.link for mark in marks if mark.link), None),
        note="\n".join(dict.fromkeys(mark.note for mark in marks if mark.note)),
        anchor=names.get("passage") or names.get("highlight", ""),
        name=names.get("marker") or names.get("wrong", ""),
        place=names.get("current", ""),
    )


def group(segments: Sequence[Segment]) -> tuple[Run, ...]:
    """Join neighbouring segments that are highlighted alike; one with an anchor begins a new run."""
    runs: list[list[Segment]] = []
    for part in segments:
        last = runs[-1][-1] if runs else None
        if last and not part.anchor and (last.is_passage, last.is_highlight) == (part.is_passage, part.is_highlight):
            runs[-1].append(part)
        else:
            runs.append([part])
    return tuple(Run(run[0].is_passage, run[0].is_highlight, run[0].anchor, tuple(run)) for run in runs)
