"""How far the fetched texts of a bibliography's entries hold what claims say, and where.

Each claim is searched for in all these texts at once, at the three scales; what counts for a text is its best window.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from index.bundle import Index
from index.model import Span
from index.settings import Settings
from index.vectors import Scores
from qa.retrieve import rank_windows_of

Matrix: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Support:
    """What texts hold of claims.

    Attributes:
        scores: The hybrid score of the best window of each text for each claim, of shape (claims, texts).
        spans: That window's span in its document, of shape (claims, texts, 2); zeros where none was found.
    """

    scores: Matrix
    spans: npt.NDArray[np.int64]

    def find(self, claim: int, text: int) -> Span | None:
        """Return where a text holds a claim best; None where the search came upon nothing in it."""
        start, end = self.spans[claim, text].tolist()
        return (start, end) if end else None


def find_support(
    index: Index, claims: Sequence[tuple[str, Scores]], documents: Sequence[int], settings: Settings
) -> Support:
    """Search documents for claims.

    Args:
        index: The open index.
        claims: The words of each, and their unit vector.
        documents: Number of the document that holds each text; texts may share one.
        settings: How to search.
    """
    columns: dict[int, list[int]] = {}
    for column, document in enumerate(documents):
        columns.setdefault(document, []).append(column)
    scores = np.zeros((len(claims), len(documents)))
    spans = np.zeros((len(claims), len(documents), 2), np.int64)
    around = (min(documents), max(documents) + 1)
    for row, (words, vector) in enumerate(claims):
        windows = rank_windows_of(index, vector, words, settings, around)
        # A text that the search does not come upon is no better than the last that it does.
        scores[row] = windows.fused[-1] if len(windows) else 0.0
        found, firsts = np.unique(windows.rows["document"], return_index=True)
        for document, first in zip(found.tolist(), firsts.tolist(), strict=True):
            own = columns.get(document, [])
            scores[row, own] = windows.fused[first]
            spans[row, own] = windows.rows["start"][first], windows.rows["end"][first]
    return Support(scores, spans)
