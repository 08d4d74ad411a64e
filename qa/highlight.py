"""The sentence that answers, inside a passage that was found, and the phrase that answers inside the sentence."""

from dataclasses import dataclass, replace
from typing import TypeAlias

from index.bundle import Index
from index.corpus import Place
from index.model import Span
from qa.phrase import find_phrase
from qa.retrieve import Hit, RankedWindow, Ranking, weigh_shared

# What the best window's own score adds to a sentence's shared words, so that it decides where words do not.
_WINDOW_BONUS = 0.3


@dataclass(frozen=True, slots=True)
class Highlighted:
    """Spans in a document's text: of the sentence that answers, and in it of the phrase, where that is plain."""

    sentence: Span
    phrase: Span | None


def find_highlight(index: Index, question: str, ranking: Ranking, hit: Hit) -> Highlighted:
    """Return the sentence of a passage that answers."""
    lit = _light(index, question, max(_value_sentences(index, ranking, hit.place, hit.window)))
    # An entry of a bibliography is names, dates and numbers all over.
    return replace(lit, phrase=None) if hit.place.section.role == "references" else lit


def highlight_document(index: Index, question: str, ranking: Ranking, document_id: str) -> Highlighted | None:
    """Return the sentence of a document that answers; None where it has no text.

    Raises:
        LocatorError: There is no such document.
    """
    index.corpus.load_work(document_id)
    passages = index.corpus.list_passages(document_id)
    window = next((window for window in ranking.windows if window.passage_id in passages), None)
    values = [
        value
        for passage_id in passages
        for value in _value_sentences(index, ranking, index.corpus.load_place(passage_id), window)
    ]
    return _light(index, question, max(values)) if values else None


_Valued: TypeAlias = tuple[float, int, str]


def _light(index: Index, question: str, valued: _Valued) -> Highlighted:
    _, before, text = valued
    phrase = find_phrase(question, text, index.lexical)
    return Highlighted((-before, len(text) - before), phrase and (phrase[0] - before, phrase[1] - before))


def _value_sentences(index: Index, ranking: Ranking, place: Place, window: RankedWindow | None) -> list[_Valued]:
    """Return how well each sentence answers, then what breaks ties, the earlier first, then its text."""
    values = []
    for start, end in place.sentences:
        text = place.passage.text[start - place.passage.start : end - place.passage.start]
        shared = weigh_shared(index.lexical.analyze(text), ranking.weights)
        inside = window is not None and start < window.end and window.start < end
        values.append((shared + _WINDOW_BONUS * inside, -start, text))
    return values
