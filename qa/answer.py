"""Answers: ranked passages, the sentence that answers, its citation and the paper's own markers, or an honest no.

The dataclasses here are the one schema that `ibid ask --json`, `POST /api/ask` and the page share.
"""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from index.bundle import Index, SourceFilter
from index.corpus import Place
from index.errors import LocatorError, QuestionError
from index.model import DocumentKind, Locator, Span, format_locator
from index.settings import Settings
from qa.cite import Citation, cite
from qa.confidence import estimate_confidence, weigh_evidence
from qa.highlight import find_highlight
from qa.links import Links, link_quote, place_url
from qa.marker_notes import MarkerNote, note_markers
from qa.numbering import number_sources
from qa.question import Earlier, Reading, check_earlier, check_k, check_numbered, check_question
from qa.retrieve import Hit, Ranking, group_passages, rank_windows


@dataclass(frozen=True, slots=True)
class IndexStamp:
    """Which index answered."""

    id: str
    model: str
    documents: int
    passages: int


@dataclass(frozen=True, slots=True)
class DocumentLabel:
    """Which document a passage is from."""

    id: str
    title: str
    kind: DocumentKind


@dataclass(frozen=True, slots=True)
class Highlight:
    """What answers, as offsets into the passage's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CitedPassage:
    """A passage as answered: `text` equals the document's text at the locator's span.

    The first highlight is the sentence that answers; a second, inside it, is the phrase that does, where that is plain.
    `verbatim` says that text and highlights were compared with the document just now; a passage that is not has no
    highlight and no link to the original.
    """

    rank: int
    score: float
    text: str
    document: DocumentLabel
    locator: Locator
    highlights: tuple[Highlight, ...]
    citation: Citation
    markers: tuple[MarkerNote, ...]
    verbatim: bool


@dataclass(frozen=True, slots=True)
class CitedSource:
    """A document that gives passages to an answer, under its number there."""

    number: int
    document: DocumentLabel
    key: str
    url: str | None


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """A sentence of the answer with the ranks of the passages that it is quoted from."""

    text: str
    citations: tuple[int, ...]
    supported: bool


@dataclass(frozen=True, slots=True)
class AnswerText:
    """The answer in words: quoted sentences, none where the sources do not answer."""

    mode: Literal["extract"]
    text: str
    sentences: tuple[AnswerSentence, ...]


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds spent."""

    encode: float
    retrieve: float
    total: float


@dataclass(frozen=True, slots=True)
class Answer:
    """All that is known about a question.

    `confidence` is the probability that the first passage answers it; `sources` are the documents of the passages, each
    once, by number; `read_as` is the question as completed from the turns before, where it left something open.
    """

    question: str
    answerable: bool
    confidence: float
    index: IndexStamp
    passages: tuple[CitedPassage, ...]
    answer: AnswerText
    timing_ms: Timing
    sources: tuple[CitedSource, ...] = ()
    read_as: str | None = None


def answer_question(
    index: Index,
    question: str,
    settings: Settings,
    *,
    k: int = 5,
    source: SourceFilter = "all",
    numbered: Sequence[str] = (),
    earlier: Sequence[Earlier] = (),
) -> Answer:
    """Answer a question with at most k passages, best first.

    Args:
        index: The open index.
        question: In words.
        settings: How to search, and from which confidence a question counts as answered.
        k: How many passages.
        source: Which documents may answer.
        numbered: Ids of the sources that the conversation has used so far, in the order of their numbers, which stay.
        earlier: The turns before, the last one last, from which a question that leaves something open is completed.

    Raises:
        QuestionError: The question, k, source, the sources used so far or the turns before cannot be used.
    """
    found = find_passages(index, question, settings, k=k, source=source, numbered=numbered, earlier=earlier)
    return conclude(found, tuple(iter_cited(found)))


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What was found for a question, before it is cited.

    Attributes:
        index: Where.
        question: As typed.
        reading: As it was read.
        settings: How.
        ranking: The windows.
        hits: The passages, best first.
        numbers: Of the sources in the answer, by document.
        confidence: As in `Answer`.
        started_s: When the question came, on the clock of `time.perf_counter`.
    """

    index: Index
    question: str
    reading: Reading
    settings: Settings
    ranking: Ranking
    hits: Sequence[Hit]
    numbers: Mapping[str, int]
    confidence: float
    started_s: float


def find_passages(
    index: Index,
    question: str,
    settings: Settings,
    *,
    k: int = 5,
    source: SourceFilter = "all",
    numbered: Sequence[str] = (),
    earlier: Sequence[Earlier] = (),
) -> Found:
    """Find the passages of an answer; to cite them takes about as long again. Else as `answer_question`."""
    started_s = time.perf_counter()
    question = check_question(question)
    check_k(k)
    check_numbered(numbered)
    check_earlier(earlier)
    if source == "references" and index.manifest.papers["windows"] == index.manifest.windows:
        raise QuestionError(
            "no work that the paper cites can be asked yet", "fetch some with `ibid fetch`, or ask all sources"
        )
    reading = _read(index, question, earlier, settings)
    ranking = rank_windows(index, reading.text, settings, source=source)
    hits = group_passages(index, ranking, k, spread=source != "paper")
    used = {name: number for number, name in enumerate(numbered, 1)}
    numbers = number_sources((hit.place.passage.document_id for hit in hits), used)
    confidence = estimate_confidence(weigh_evidence(index, ranking))
    return Found(index, question, reading, settings, ranking, hits, numbers, confidence, started_s)


def _read(index: Index, question: str, earlier: Sequence[Earlier], settings: Settings) -> Reading:
    """Return the question as it is meant; one that is the first of its conversation stands alone."""
    if not earlier:
        return Reading(question)
    # Imported where it is needed: a cold answer does without.
    from qa.chat import read_question

    return read_question(index, question, earlier, settings)


def iter_cited(found: Found) -> Iterator[CitedPassage]:
    """Cite the passages that were found, one by one."""
    for rank, hit in enumerate(found.hits, 1):
        yield _cite_hit(found, rank, hit)


def conclude(found: Found, passages: tuple[CitedPassage, ...]) -> Answer:
    """Return the answer that passages give, all that were found or the first of them."""
    answerable = found.confidence >= found.settings.threshold and any(passage.verbatim for passage in passages)
    total_ms = (time.perf_counter() - found.started_s) * 1e3
    manifest = found.index.manifest
    return Answer(
        question=found.question,
        answerable=answerable,
        confidence=round(found.confidence, 4),
        index=IndexStamp(manifest.id, str(manifest.settings["model"]), manifest.documents, manifest.passages),
        passages=passages,
        answer=_extract(passages if answerable else ()),
        sources=_list_sources(passages),
        timing_ms=Timing(*(round(ms, 2) for ms in (found.ranking.encode_ms, found.ranking.retrieve_ms, total_ms))),
        read_as=found.reading.text if found.reading.is_completed else None,
    )


def _cite_hit(found: Found, rank: int, hit: Hit) -> CitedPassage:
    index = found.index
    passage = hit.place.passage
    work = index.corpus.load_work(passage.document_id)
    spans = _find_quotes(index, found.reading.text, hit, found.ranking)
    span = passage.start, passage.end
    locator = locate(hit.place, (spans or [span])[0][0])
    start, end = (spans or [span])[0]
    view = place_url(work.id, span, *spans[:1], words=passage.text[start - passage.start : end - passage.start])
    deep_link, opens = link_quote(index.corpus, work, (start, end), locator.page) if spans else (None, None)
    return CitedPassage(
        rank=rank,
        score=round(hit.window.score, 4),
        text=passage.text,
        document=DocumentLabel(work.id, work.title, work.kind),
        locator=locator,
        highlights=tuple(Highlight(low - passage.start, high - passage.start) for low, high in spans),
        citation=cite(work, locator, Links(view, deep_link, opens), number=found.numbers[work.id]),
        markers=note_markers(index, hit.place, found.settings),
        verbatim=bool(spans),
    )


def _find_quotes(index: Index, question: str, hit: Hit, ranking: Ranking) -> list[Span]:
    """Return the sentence that answers, and the phrase, if plain; none where the document no longer says so."""
    passage = hit.place.passage
    if index.corpus.load_text(passage.document_id, passage.start, passage.end) != passage.text:
        return []
    found = find_highlight(index, question, ranking, hit)
    spans = [span for span in (found.sentence, found.phrase) if span]
    is_inside = all(passage.start <= start < end <= passage.end for start, end in spans)
    return spans if is_inside else []


def locate(place: Place, start: int) -> Locator:
    """Return where a reader finds a passage; its paragraph and page are those in which `start` lies."""
    passage, section = place.passage, place.section
    start = max(start, passage.start)
    paragraph = max((p for p in section.paragraphs if p.start <= start), key=lambda p: p.start)
    numbers = [p.number for p in section.paragraphs]
    printed = [number for _, number in place.pages]
    return Locator(
        id=format_locator(passage.document_id, passage.start, passage.end),
        section=section.title,
        paragraph=paragraph.number,
        page=next((number for begin, number in reversed(place.pages) if begin <= start), None),
        start=passage.start,
        end=passage.end,
        path=section.path,
        paragraphs=(numbers[0], numbers[-1]),
        pages=(printed[0], printed[-1]) if printed else (),
    )


def _list_sources(passages: Sequence[CitedPassage]) -> tuple[CitedSource, ...]:
    """Return the documents of passages, each once, by number."""
    sources = {
        passage.citation.number: CitedSource(
            passage.citation.number, passage.document, passage.citation.key, passage.citation.url
        )
        for passage in passages
    }
    return tuple(sources[number] for number in sorted(sources))


def _extract(passages: Sequence[CitedPassage]) -> AnswerText:
    """Answer with the highlighted sentence of the first passage that stands in its document."""
    sentences = tuple(
        AnswerSentence(passage.text[mark.start : mark.end], (passage.rank,), supported=True)
        for passage in [passage for passage in passages if passage.verbatim][:1]
        for mark in passage.highlights[:1]
    )
    return AnswerText("extract", " ".join(sentence.text for sentence in sentences), sentences)


def parse_locator(locator: str) -> tuple[str, int, int]:
    """Return document id, start and end of a locator's id.

    Raises:
        LocatorError: It is not of the form `document:start-end`.
    """
    found = re.fullmatch(r"([a-z0-9-]{1,100}):(\d{1,9})-(\d{1,9})", locator.strip())
    if not found:
        raise LocatorError(locator)
    return found[1], int(found[2]), int(found[3])
