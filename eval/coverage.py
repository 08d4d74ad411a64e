"""How much of the text that answers is among the text returned, character by character.

As published in "Evaluating Chunking Strategies for Retrieval" (Smith and Troynikov, Chroma, 2024) and its code,
`chunking_evaluation`: a relevant character that two returned pieces hold counts once as found, but both pieces count
in full as returned, so that precision and IoU pay for overlap. Where two relevant ranges overlap, the published code
counts what they share twice in the length of the relevant text; here it counts once, so that finding all of it is 1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Range: TypeAlias = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Shares from 0 to 1; all are 0 where nothing was returned."""

    recall: float
    precision: float
    iou: float


def measure_coverage(returned: Sequence[Range], gold: Sequence[Range]) -> Coverage:
    """Compare returned ranges with those that answer, each `(document, start, end)` with `start < end`."""
    relevant = union_ranges(gold)
    found = _count(_intersect(union_ranges(returned), relevant))
    wanted, spent = _count(relevant), _count(returned)
    return Coverage(
        recall=found / wanted,
        precision=found / spent if spent else 0.0,
        iou=found / (spent + wanted - found),
    )


def union_ranges(ranges: Iterable[Range]) -> list[Range]:
    """Return the same characters as ranges that do not overlap, in order."""
    merged: list[Range] = []
    for document, start, end in sorted(ranges):
        if merged and merged[-1][0] == document and start <= merged[-1][2]:
            merged[-1] = (document, merged[-1][1], max(merged[-1][2], end))
        else:
            merged.append((document, start, end))
    return merged


def _intersect(left: Sequence[Range], right: Sequence[Range]) -> list[Range]:
    pairs = [(a, b) for a in left for b in right if a[0] == b[0]]
    shared = [(a[0], max(a[1], b[1]), min(a[2], b[2])) for a, b in pairs]
    return [piece for piece in shared if piece[1] < piece[2]]


def _count(ranges: Iterable[Range]) -> int:
    return sum(end - start for _, start, end in ranges)
