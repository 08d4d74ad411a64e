"""Answers: ranked passages, the sentence that answers, its citation and the paper's own markers, or an honest no.

The dataclasses here are the one schema that `ibid ask --json`, `POST /api/ask` and the page share.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from index.bundle import Index
from index.corpus import Place
from index.errors import LocatorError, QuestionError
from index.model import DocumentKind, Locator, Marker, format_locator
from index.settings import Settings
from qa.audits import load_audits
from qa.cite import Citation, cite
from qa.confidence import estimate_confidence, weigh_evidence
from qa.highlight import find_highlight
from qa.retrieve import Hit, Ranking, SourceFilter, group_passages, rank_windows
from qa.verdicts import AuditedMarker, Verdict

QUESTION_MAX_CHARS = 2000
K_MAX = 100


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
class MarkerNote:
    """A marker inside a passage, with what the audit of the paper says of it.

    Markers of the works that a paper cites are not audited, and so "unclear".

    Attributes:
        text: As printed.
        points_to: Number of the entry that it names as printed.
        verdict: Whether that is what the words before it are about.
        suggested: Number of the entry that they are about, where that is another one.
        score: Probability of the verdict, where there is one.
        support: Locator of the passage in the fetched text of what they are about that holds them best.
        same_as: Number of the entry that it names, where the suggested one is the same work.
    """

    text: str
    points_to: str | None
    verdict: Verdict
    suggested: str | None
    score: float | None = None
    support: str | None = None
    same_as: str | None = None


@dataclass(frozen=True, slots=True)
class CitedPassage:
    """A passage as answered: `text` equals the document's text at the locator's span.

    The first highlight is the sentence that answers; a second, inside it, is the phrase that does, where that is plain.
    """

    rank: int
    score: float
    text: str
    document: DocumentLabel
    locator: Locator
    highlights: tuple[Highlight, ...]
    citation: Citation
    markers: tuple[MarkerNote, ...]


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
    """All that is known about a question; `confidence` is the probability that the first passage answers it."""

    question: str
    answerable: bool
    confidence: float
    index: IndexStamp
    passages: tuple[CitedPassage, ...]
    answer: AnswerText
    timing_ms: Timing


def answer_question(
    index: Index, question: str, settings: Settings, *, k: int = 5, source: SourceFilter = "all"
) -> Answer:
    """Answer a question with at most k passages, best first.

    Raises:
        QuestionError: The question, k or source cannot be used.
    """
    started = time.perf_counter()
    question = check_question(question)
    check_k(k)
    if source == "references" and index.windows.papers == index.manifest.windows:
        raise QuestionError(
            "no work that the paper cites can be asked yet", "fetch some with `ibid fetch`, or ask all sources"
        )
    ranking = rank_windows(index, question, settings, source=source)
    hits = group_passages(index, ranking, k, spread=source != "paper")
    passages = tuple(
        _cite_hit(index, question, rank, hit, ranking, settings=settings) for rank, hit in enumerate(hits, 1)
    )
    confidence = estimate_confidence(weigh_evidence(index, ranking))
    answerable = confidence >= settings.threshold
    total_ms = (time.perf_counter() - started) * 1e3
    manifest = index.manifest
    return Answer(
        question=question,
        answerable=answerable,
        confidence=round(confidence, 4),
        index=IndexStamp(manifest.id, str(manifest.settings["model"]), manifest.documents, manifest.passages),
        passages=passages,
        answer=_extract(passages if answerable else ()),
        timing_ms=Timing(*(round(ms, 2) for ms in (ranking.encode_ms, ranking.retrieve_ms, total_ms))),
    )


def check_question(question: str) -> str:
    """Return the question without the white space around it.

    Raises:
        QuestionError: It is empty, too long, or holds no word.
    """
    question = question.strip()
    if not question:
        raise QuestionError("the question is empty", "ask something, such as: Who wrote this paper?")
    if len(question) > QUESTION_MAX_CHARS:
        length = f"{len(question):,} characters long"
        raise QuestionError(f"the question is {length}", f"shorten it to {QUESTION_MAX_CHARS:,} characters or fewer")
    if re.search(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]", question) or not re.search(r"[^\W_]", question):
        raise QuestionError("the question is not text", "ask in words, in UTF-8")
    return question


def check_k(k: int) -> None:
    """Raise QuestionError unless k is a number of passages that can be asked for."""
    if not 1 <= k <= K_MAX:
        raise QuestionError(f"k is {k}", f"ask for 1 to {K_MAX} passages")


def _cite_hit(
    index: Index, question: str, rank: int, hit: Hit, ranking: Ranking, *, settings: Settings
) -> CitedPassage:
    passage = hit.place.passage
    work = index.corpus.load_work(passage.document_id)
    found = find_highlight(index, question, ranking, hit)
    start, end = found.sentence
    spans = [span for span in (found.sentence, found.phrase) if span]
    locator = locate(hit.place, start)
    return CitedPassage(
        rank=rank,
        score=round(hit.window.score, 4),
        text=passage.text,
        document=DocumentLabel(work.id, work.title, work.kind),
        locator=locator,
        highlights=tuple(Highlight(low - passage.start, high - passage.start) for low, high in spans),
        citation=cite(work, locator, passage.text[start - passage.start : end - passage.start]),
        markers=_note_markers(index, hit.place, settings),
    )


def locate(place: Place, start: int) -> Locator:
    """Return where a reader finds a passage; its paragraph is the one in which `start` lies."""
    passage, section = place.passage, place.section
    paragraph = max((p for p in section.paragraphs if p.start <= max(start, passage.start)), key=lambda p: p.start)
    return Locator(
        id=format_locator(passage.document_id, passage.start, passage.end),
        section=section.title,
        paragraph=paragraph.number,
        page=next((number for begin, number in reversed(place.pages) if begin <= max(start, passage.start)), None),
        start=passage.start,
        end=passage.end,
    )


def _note_markers(index: Index, place: Place, settings: Settings) -> tuple[MarkerNote, ...]:
    """Return the markers of a passage as its paper's audit judges them."""
    if not place.markers:
        return ()
    audit = load_audits(index, settings).get(place.passage.document_id)
    judged: dict[int, list[AuditedMarker]] = {}
    for marker in audit.markers if audit else ():
        judged.setdefault(marker.start, []).append(marker)
    starts = [marker.start for marker in place.markers]
    return tuple(
        _note(judged[marker.start][starts[:at].count(marker.start)]) if audit else _leave_open(marker)
        for at, marker in enumerate(place.markers)
    )


def _leave_open(marker: Marker) -> MarkerNote:
    is_lacking = marker.number is not None and marker.points_to is None
    return MarkerNote(marker.text, marker.points_to, "missing" if is_lacking else "unclear", None)


def _note(judged: AuditedMarker) -> MarkerNote:
    return MarkerNote(
        text=judged.marker,
        points_to=judged.points_to,
        verdict=judged.verdict,
        suggested=judged.about if judged.about != judged.points_to else None,
        score=judged.score,
        support=judged.support,
        same_as=judged.same_as,
    )


def _extract(passages: Sequence[CitedPassage]) -> AnswerText:
    """Answer with the highlighted sentence of the first passage."""
    sentences = tuple(
        AnswerSentence(passage.text[mark.start : mark.end], (passage.rank,), supported=True)
        for passage in passages[:1]
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
