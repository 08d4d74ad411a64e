"""What each marker of a paper is meant to support: the sentence that it stands in, and the clause that it ends."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from index.chunk import split_sentences
from index.model import Document, Marker, Span

_CLAUSE_MIN_CHARS = 40  # what is shorter, such as the last name of a list, says too little by itself


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence without its markers, and in it the clause that a marker supports; `start` is that of the sentence."""

    sentence: str
    clause: Span
    start: int = 0


def read_claim(document: Document, marker: Marker) -> Claim:
    """Return what a marker is meant to support; spaces stand for the markers, so that all offsets hold."""
    low, high = marker.sentence
    sentence = _blank(document, low, high)
    start, end = marker.clause
    if end - start < _CLAUSE_MIN_CHARS:
        start, end = low, high
    return Claim(sentence, (start - low, end - low), low)


def _blank(document: Document, low: int, high: int) -> str:
    text = document.text[low:high]
    for marker in markers_within(document.markers, low, high):
        start, end = max(marker.start, low) - low, min(marker.end, high) - low
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def markers_within(markers: Sequence[Marker], low: int, high: int) -> list[Marker]:
    """Return the markers that touch a span."""
    return [marker for marker in markers if marker.start < high and low < marker.end]


def list_unmarked(document: Document) -> list[Claim]:
    """Return the sentences of the body that no marker stands in, and that say enough to be looked up."""
    marked = sorted(marker.sentence for marker in document.markers)
    claims = []
    for section in document.sections:
        for paragraph in section.paragraphs if section.role == "body" else ():
            for low, high in split_sentences(document.text, paragraph) if paragraph.role == "text" else ():
                # Sentences do not overlap but where a marker's own rules cut them otherwise.
                near = marked[max(0, bisect_left(marked, (low, 0)) - 1) :][:3]
                is_marked = any(start < high and low < end for start, end in near)
                if not is_marked and high - low >= _CLAUSE_MIN_CHARS:
                    claims.append(Claim(document.text[low:high], (0, high - low), low))
    return claims
