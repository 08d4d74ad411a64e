"""Cut a text where marks begin and end, so that marks that overlap can be shown without a loss of text."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, TypeAlias

MarkRole: TypeAlias = Literal["passage", "highlight", "phrase", "marker", "wrong"]


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
    """A stretch of text with the same marks all along; `is_wrong` says that it is a marker of another entry."""

    text: str
    is_passage: bool
    is_highlight: bool
    is_phrase: bool
    is_wrong: bool
    link: str | None
    note: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring segments that are highlighted alike, so that a sentence with a marker in it stays one mark."""

    is_passage: bool
    is_highlight: bool
    anchor: str
    segments: tuple[Segment, ...]


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
    edges = {offset, end, *(max(mark.start, offset) for mark in inside), *(min(mark.end, end) for mark in inside)}
    ordered = sorted(edges)
    return tuple(
        _segment(text[low - offset : high - offset], low, [m for m in inside if m.start <= low and high <= m.end])
        for low, high in pairwise(ordered)
    )


def _segment(text: str, start: int, marks: Sequence[Mark]) -> Segment:
    return Segment(
        text=text,
        is_passage=any(mark.role == "passage" for mark in marks),
        is_highlight=any(mark.role == "highlight" for mark in marks),
        is_phrase=any(mark.role == "phrase" for mark in marks),
        is_wrong=any(mark.role == "wrong" for mark in marks),
        link=next((mark.link for mark in marks if mark.link), None),
        note="\n".join(dict.fromkeys(mark.note for mark in marks if mark.note)),
        anchor=next((mark.anchor for mark in marks if mark.anchor and mark.start == start), ""),
    )


def group(segments: Sequence[Segment]) -> tuple[Run, ...]:
    """Join neighbouring segments that are highlighted alike; one with an anchor begins a new run."""
    runs: list[Run] = []
    for part in segments:
        last = runs[-1] if runs else None
        alike = last and (last.is_passage, last.is_highlight) == (part.is_passage, part.is_highlight)
        if last and alike and not part.anchor:
            runs[-1] = replace(last, segments=(*last.segments, part))
        else:
            runs.append(Run(part.is_passage, part.is_highlight, part.anchor, (part,)))
    return tuple(runs)
