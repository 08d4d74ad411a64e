"""Make the page of an answer."""

from collections.abc import Sequence

from index.bundle import Index
from index.model import format_locator
from qa.answer import K_MAX, Answer, AnswerSentence, CitedPassage, DocumentLabel
from qa.cite import name_section
from qa.links import safe_url
from web.addresses import ask_url, cite_url, file_url
from web.bibliography import Bibliography
from web.compose import name_window
from web.pages import AnswerPage
from web.parts import Card, CiteMenu, Link, Quotation
from web.segments import Mark, MarkRole, cut, group
from web.style_names import FILES, STYLES
from web.texts import say


def compose_answer(index: Index, answer: Answer, *, k: int, source: str) -> AnswerPage:
    """Return the page of an answer that was asked for with `k` and `source`."""
    has_more = len(answer.passages) == k and k < K_MAX
    return AnswerPage(
        title=name_window(answer.question),
        question=answer.question,
        is_answerable=answer.answerable,
        sentences=tuple(_quotation(sentence, answer.passages) for sentence in answer.answer.sentences),
        cards=tuple(_card(index, passage) for passage in answer.passages),
        cite_all=cite_url(targets) if (targets := [_name_place(passage) for passage in answer.passages]) else None,
        more=ask_url(answer.question, k=min(2 * k, K_MAX), source=source) if has_more else None,
        confidence=say("answer.percent", percent=f"{100 * answer.confidence:.0f}"),
        milliseconds=say("answer.milliseconds", ms=f"{answer.timing_ms.total:.0f}"),
        model=answer.index.model,
    )


def _quotation(sentence: AnswerSentence, passages: Sequence[CitedPassage]) -> Quotation:
    """Return a sentence with the phrase marked that is marked in the passage that it is quoted from."""
    whole, *phrases = next(_list_marks(passage) for passage in passages if passage.rank in sentence.citations)
    return Quotation(group(cut(sentence.text, phrases, offset=whole.start)), sentence.citations)


def _list_marks(passage: CitedPassage) -> list[Mark]:
    """Return the highlighted sentence, then the phrase inside it, if there is one, as spans of the document."""
    roles: list[MarkRole] = ["highlight", "phrase"]
    start = passage.locator.start
    return [Mark(start + of.start, start + of.end, role) for of, role in zip(passage.highlights, roles, strict=False)]


def _card(index: Index, passage: CitedPassage) -> Card:
    document, locator = passage.document, passage.locator
    place = index.corpus.find_place(document.id, locator.start, locator.end)
    entries = Bibliography(document.id, index.corpus.list_references(document.id))
    highlights = _list_marks(passage)
    first = next(iter(highlights), None)
    marks = [*highlights, *entries.mark(place.markers, passage.markers)]
    page = say("place.page", page=locator.page) if locator.page else ""
    is_own = document.kind == "paper"
    section = _name_section(document, locator.section)
    return Card(
        rank=passage.rank,
        is_open=passage.rank == 1,
        lead=passage.text[first.start - locator.start : first.end - locator.start] if first else passage.text,
        place=" · ".join(part for part in (section, say("place.paragraph", paragraph=locator.paragraph), page) if part),
        is_own=is_own,
        source=say("place.own") if is_own else document.title,
        path=_list_headings(document, place.section.path),
        runs=group(cut(passage.text, marks, offset=locator.start)),
        notes=tuple(entries.note(marker) for marker in passage.markers),
        citation=passage.citation.text,
        menu=_list_ways(_name_place(passage), index.paper),
        document=passage.citation.view,
        original=safe_url(passage.citation.deep_link),
        is_verbatim=passage.verbatim,
        score=f"{passage.score:.2f}",
    )


def _name_section(document: DocumentLabel, section: str) -> str:
    """Return the section of a passage; what stands before a paper's first heading has a name too."""
    return section or say("place.front") if document.kind == "paper" else name_section(document.title, section)


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
    return CiteMenu(
        styles=tuple(Link(say(f"style.{style}"), cite_url([target], style)) for style in STYLES),
        other=f"{cite_url([target])}#other",
        files=tuple(Link(say(f"file.{form}"), file_url([target], form, paper)) for form in FILES),
    )
