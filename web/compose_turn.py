"""Make a turn: a question with its answer, from what was answered then and what the index holds now."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlencode

from index.bundle import Index, SourceFilter
from index.errors import LocatorError
from index.lexical import make_analyzer
from index.model import Marker, format_locator
from qa.answer import Answer, AnswerSentence, CitedPassage, DocumentLabel
from qa.cite import name_section
from qa.links import safe_url
from qa.question import K_MAX
from web.addresses import add_back, ask_url, cite_url, file_url, thread_url, turn_url
from web.bibliography import Bibliography
from web.parts import Link
from web.segments import Mark, MarkRole, cut, group
from web.style_names import FILES, STYLES
from web.texts import join_list, say
from web.turn_parts import Again, Card, CiteMenu, Quotation, Thumbs, TurnPart

_SHARED_MAX = 12  # words
_WORD = re.compile(r"\w+(?:[-’']\w+)*")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a turn that is kept, besides its answer.

    Attributes:
        thread: The conversation.
        number: Of the turn.
        thumbs: By rank, what the reader found to answer; 0 is that the sources do not.
    """

    thread: str
    number: int
    thumbs: dict[int, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer that is to be shown, and how it was asked for; `name` tells it from others where it is not kept."""

    answer: Answer
    k: int
    source: SourceFilter
    kept: Kept | None = None
    name: str = "1"

    @property
    def anchor(self) -> str:
        """The turn's name on the page."""
        return f"t{self.kept.number if self.kept else self.name}"


class TurnComposer:
    """Makes turns over one index; bibliographies are read once."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._known: dict[str, Bibliography | None] = {}

    def compose(self, shown: Shown, cards: tuple[Card, ...] | None = None) -> TurnPart:
        """Return a turn with these cards, by default all its passages."""
        answer, kept = shown.answer, shown.kept
        has_more = len(answer.passages) == shown.k and shown.k < K_MAX
        more_k = min(2 * shown.k, K_MAX) if has_more else None
        targets = [_name_place(passage) for passage in answer.passages]
        return TurnPart(
            anchor=shown.anchor,
            question=answer.question,
            read_as=answer.read_as,
            again=Again(turn_url(kept.thread, kept.number), shown.k, more_k) if kept else None,
            more=ask_url(answer.question, k=more_k, source=shown.source) if more_k and not kept else None,
            is_answerable=answer.answerable,
            sentences=tuple(_quotation(shown, sentence) for sentence in answer.answer.sentences),
            cards=tuple(self.card(shown, passage) for passage in answer.passages) if cards is None else cards,
            cite_all=cite_url(targets) if targets else None,
            confidence=say("answer.percent", percent=f"{100 * answer.confidence:.0f}"),
            milliseconds=say("answer.milliseconds", ms=f"{answer.timing_ms.total:.0f}"),
            model=answer.index.model,
            thumbs=None if answer.answerable else name_thumbs(shown, 0),
        )

    def card(self, shown: Shown, passage: CitedPassage) -> Card:
        """Return one passage of a turn."""
        document, locator = passage.document, passage.locator
        entries = self._find_bibliography(document.id)
        warning = self._find_warning(passage, entries)
        highlights = _list_marks(passage)
        first = next(iter(highlights), None)
        markers = entries.mark(self._list_markers(passage), passage.markers) if entries and not warning else []
        page = say("place.page", page=locator.page) if locator.page else ""
        paragraph = say("place.paragraph", paragraph=locator.paragraph)
        is_paper = document.kind == "paper"
        section = locator.section or say("place.front") if is_paper else name_section(document.title, locator.section)
        return Card(
            anchor=f"{shown.anchor}-p{passage.rank}",
            rank=passage.rank,
            is_open=passage.rank == 1,
            is_own=is_paper,
            lead=passage.text[first.start - locator.start : first.end - locator.start] if first else passage.text,
            place=" · ".join(part for part in (section, paragraph, page) if part),
            source=say("place.own") if is_paper else document.title,
            path=_list_headings(document, locator.path),
            runs=group(cut(passage.text, [*highlights, *markers], offset=locator.start)),
            notes=tuple(entries.note(marker) for marker in passage.markers) if entries else (),
            citation=passage.citation.text,
            menu=_list_ways(_name_place(passage), self._index.paper),
            document=add_back(passage.citation.view, _name_turn(shown)) if entries else None,
            beside=_name_beside(shown, passage) if entries else None,
            original=safe_url(passage.citation.deep_link),
            warning=warning,
            score=f"{passage.score:.2f}",
            shared=join_list(list_shared_words(shown.answer.read_as or shown.answer.question, passage.text)),
            thumbs=name_thumbs(shown, passage.rank),
        )

    def _find_bibliography(self, document: str) -> Bibliography | None:
        """Return the bibliography of a document, None where the index does not hold it any more."""
        if document not in self._known:
            try:
                self._index.corpus.load_work(document)
                self._known[document] = Bibliography(document, self._index.corpus.list_references(document))
            except LocatorError:
                self._known[document] = None
        return self._known[document]

    def _find_warning(self, passage: CitedPassage, entries: Bibliography | None) -> str:
        if entries is None:
            return say("answer.gone")
        locator = passage.locator
        now = self._index.corpus.load_text(passage.document.id, locator.start, locator.end)
        return "" if passage.verbatim and now == passage.text else say("answer.moved")

    def _list_markers(self, passage: CitedPassage) -> Sequence[Marker]:
        locator = passage.locator
        found = self._index.corpus.find_place(passage.document.id, locator.start, locator.end).markers
        return found if len(found) == len(passage.markers) else ()


def list_shared_words(question: str, text: str) -> list[str]:
    """Return the words of a question that a text has as well, in whatever form, each once."""
    there = set(_analyze(text))
    return [word for word, stems in _read_words(question) if there.intersection(stems)][:_SHARED_MAX]


@lru_cache(maxsize=256)
def _read_words(question: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Return the words of a question, each with its stems."""
    return tuple((word, frozenset(_analyze(word))) for word in dict.fromkeys(_WORD.findall(question)))


def _analyze(text: str) -> list[str]:
    return list(_open_analyzer().analyze(text))


@cache
def _open_analyzer() -> Any:  # tantivy's, which only `index.lexical` knows
    return make_analyzer()


def _name_turn(shown: Shown) -> str:
    """Return the address of a turn."""
    if shown.kept:
        return thread_url(shown.kept.thread, shown.kept.number)
    return ask_url(shown.answer.question, k=shown.k, source=shown.source)


def _name_beside(shown: Shown, passage: CitedPassage) -> str | None:
    """Return the address that shows a turn's conversation with a passage's document beside it."""
    if not shown.kept:
        return None
    query = passage.citation.view.partition("?")[2].partition("#")[0]
    return f"{thread_url(shown.kept.thread)}?{urlencode({'read': passage.document.id})}&{query}"


def name_thumbs(shown: Shown, rank: int) -> Thumbs | None:
    """Return what the reader thinks of a passage of a turn, or, at rank 0, of there being none; None if not kept."""
    if not shown.kept:
        return None
    verdict = shown.kept.thumbs.get(rank)
    told = {True: "up", False: "down", None: ""}[verdict]
    return Thumbs(f"{turn_url(shown.kept.thread, shown.kept.number)}/thumbs", rank, told)  # type: ignore[arg-type]


def _quotation(shown: Shown, sentence: AnswerSentence) -> Quotation:
    """Return a sentence with the phrase marked that is marked in the passage that it is quoted from."""
    passages = shown.answer.passages
    whole, *phrases = next(_list_marks(passage) for passage in passages if passage.rank in sentence.citations)
    chips = tuple(Link(str(rank), f"#{shown.anchor}-p{rank}") for rank in sentence.citations)
    return Quotation(group(cut(sentence.text, phrases, offset=whole.start)), chips)


def _list_marks(passage: CitedPassage) -> list[Mark]:
    """Return the highlighted sentence, then the phrase inside it, if there is one, as spans of the document."""
    roles: list[MarkRole] = ["highlight", "phrase"]
    start = passage.locator.start
    return [Mark(start + of.start, start + of.end, role) for of, role in zip(passage.highlights, roles, strict=False)]


def _list_headings(document: DocumentLabel, path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the headings above a passage; those of a cited work begin with its title."""
    if document.kind == "paper":
        return path or (say("place.front"),)
    return (document.title, *(heading for heading in path if name_section(document.title, heading)))


def _name_place(passage: CitedPassage) -> str:
    """Return the locator of the sentence that answers, by which a passage is cited, or else of all of it."""
    start, document = passage.locator.start, passage.document.id
    spans = [format_locator(document, start + mark.start, start + mark.end) for mark in passage.highlights[:1]]
    return (spans or [passage.locator.id])[0]


def _list_ways(target: str, paper: str) -> CiteMenu:
    page, file = cite_url([target]), file_url([target], "{}", paper)
    return CiteMenu(
        styles=tuple(Link(say(f"style.{style}"), f"{page}&style={style}") for style in STYLES),
        other=f"{page}#other",
        files=tuple(Link(say(f"file.{form}"), file.replace("%7B%7D", form)) for form in FILES),
    )
