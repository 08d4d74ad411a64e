"""Numbers of units through all segments: those of a segment follow those of the one before."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from index.arrays import list_distinct
from index.segment import SegmentCard
from index.vectors import Ids


class Numbering:
    """Where each segment begins among the units of all."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self.firsts: list[int] = np.cumsum([0, *sizes], dtype=np.int64).tolist()

    def __len__(self) -> int:
        return self.firsts[-1]

    def find(self, number: int) -> tuple[int, int]:
        """Return the segment of a unit, and its number there."""
        segment = int(np.searchsorted(self.firsts, number, side="right")) - 1
        return segment, number - self.firsts[segment]

    def split(self, numbers: npt.NDArray[np.integer]) -> Iterator[tuple[int, npt.NDArray[np.bool_], Ids]]:
        """Yield each segment that holds some of the units, which those are, and their numbers there."""
        segments = np.searchsorted(self.firsts, numbers, side="right") - 1
        for segment in list_distinct(segments).tolist():
            of_segment = segments == segment
            yield segment, of_segment, np.asarray(numbers[of_segment] - self.firsts[segment], np.int64)

    def clip(self, first: int, stop: int) -> Iterator[tuple[int, int, int]]:
        """Yield each segment that a range touches, and the range there."""
        for segment, (low, high) in enumerate(zip(self.firsts, self.firsts[1:], strict=False)):
            inside = max(first, low), min(stop, high)
            if inside[0] < inside[1]:
                yield segment, inside[0] - low, inside[1] - low


def list_sizes(cards: Sequence[SegmentCard]) -> dict[str, list[int]]:
    """Return how many passages, contexts and documents each segment has."""
    return {
        "passage": [card.passages for card in cards],
        "context": [card.contexts for card in cards],
        "document": [card.documents for card in cards],
    }
