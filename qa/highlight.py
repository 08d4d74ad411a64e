"""The sentence that answers, inside a passage that was found."""

from index.bundle import Index
from index.corpus import Place
from qa.retrieve import RankedWindow, Ranking, weigh_shared

# What the best window's own score adds to a sentence's shared words, so that it decides where words do not.
_WINDOW_BONUS = 0.3


def find_highlight(index: Index, ranking: Ranking, place: Place, passage_id: int) -> tuple[int, int]:
    """Return the span of the sentence of a passage that answers, in its document's text."""
    window = next((window for window in ranking.windows if window.passage_id == passage_id), None)
    return max(_value_sentences(index, ranking, place, window))[2]


def highlight_document(index: Index, ranking: Ranking, document_id: str) -> tuple[int, int] | None:
    """Return the span of the sentence of a document that answers; None where it has no text.

    Raises:
        LocatorError: There is no such document.
    """
    index.corpus.load_work(document_id)
    window = next((window for window in ranking.windows if window.document_id == document_id), None)
    values = [
        value
        for passage_id in index.corpus.list_passages(document_id)
        for value in _value_sentences(index, ranking, index.corpus.load_place(passage_id), window)
    ]
    return max(values)[2] if values else None


def _value_sentences(
    index: Index, ranking: Ranking, place: Place, window: RankedWindow | None
) -> list[tuple[float, int, tuple[int, int]]]:
    """Return how well each sentence answers, then what breaks ties, the earlier first, then its span."""
    values = []
    for start, end in place.sentences:
        text = place.passage.text[start - place.passage.start : end - place.passage.start]
        shared = weigh_shared(index.windows.lexical.analyze(text), ranking.weights)
        inside = window is not None and start < window.end and window.start < end
        values.append((shared + _WINDOW_BONUS * inside, -start, (start, end)))
    return values
