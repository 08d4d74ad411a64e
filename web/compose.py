"""Make pages from answers, documents and the index."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from index.bundle import Index
from index.chunk import split_sentences
from index.library import Paper
from index.model import Document, FetchRoute, FetchState, Marker, Paragraph, Reference, Work
from qa.answer import K_MAX, Answer, AnswerSentence, CitedPassage, DocumentLabel
from qa.cite import name_section
from qa.links import HERE, digest_words, document_url, safe_url
from qa.marker_notes import MarkerNote
from qa.sources import ListedReference, list_sources
from web.addresses import ask_url, entry_anchor, paper_url
from web.pages import (
    AnswerPage,
    Block,
    Card,
    DocumentPage,
    DocumentRow,
    EntryRow,
    ErrorPage,
    HomePage,
    Link,
    Note,
    PaperChoice,
    Part,
    Quotation,
    SourcesPage,
)
from web.segments import Mark, MarkRole, cut, group

SITE = "Ibid"
_EXAMPLES = 5
STATES: Mapping[FetchState, str] = {
    "indexed": "indexed",
    "by_hand": "by hand",
    "not_fetched": "not fetched",
    "blocked_by_robots": "blocked by robots.txt",
    "paywalled": "behind a paywall",
    "not_found": "not found",
    "no_url": "no address",
    "unreachable": "unreachable",
    "offline": "offline",
    "unreadable": "unreadable",
}
_ROUTES: Mapping[FetchRoute, str] = {
    "doi": "through its DOI",
    "open_access": "an open-access copy",
    "landing_page": "from its own address",
    "archive": "an archive's copy, not the original",
    "by_hand": "put in by hand",
}
# How a place before the first heading is called.
_FRONT = "Front matter"
# Sections of which a reader seldom asks by their name.
_GENERIC = re.compile(
    r"(introduction|related work|background|methods?|results|discussion|conclusions?|acknowledg\w+)", re.IGNORECASE
)


def compose_home(index: Index) -> HomePage:
    """Return the first view: the first paper of the index, and questions to begin with."""
    works = index.corpus.list_works()
    work = next((work for work in works if work.kind == "paper"), works[0])
    entries = len(index.corpus.list_references(work.id))
    return HomePage(
        title=f"{SITE}: ask a paper",
        question="",
        paper=Link(work.title, document_url(work.id)),
        byline=_byline(work),
        abstract=_first_sentence(work.abstract or ""),
        holdings=f"{_count(index.manifest.passages, 'passage')}, {_count(entries, 'reference')}",
        examples=tuple(
            Link(question, ask_url(question))
            for question in islice(suggest_questions(index.corpus.load_document(work.id)), _EXAMPLES)
        ),
    )


def suggest_questions(document: Document) -> Iterable[str]:
    """Yield questions that a document's headings and keywords suggest, those of its innermost sections first."""
    # A word that the text also writes small is no name, whatever the case of the heading.
    body = [section for section in document.sections if section.role == "body" and section.title]
    words = (word for part in body for p in part.paragraphs for word in document.text[p.start : p.end].split())
    small = {word.strip(".,;:()") for word in words if word.islower()}
    for section in sorted(body, key=lambda section: -section.level):
        heading = re.sub(r"^[\dIVX.]+\s+", "", section.title).strip()
        if heading and not _GENERIC.fullmatch(heading):
            yield f"What does the paper say about {_lower(heading, small)}?"
    for keyword in document.work.keywords:
        yield f"What does the paper say about {_lower(keyword, small)}?"


def _lower(phrase: str, small: set[str]) -> str:
    """Return a phrase with the words of `small` in lower case."""

    def fold(word: re.Match[str]) -> str:
        return word[0].casefold() if word[0].casefold() in small else word[0]

    return re.sub(r"[^\W\d_]+", fold, phrase)


def _first_sentence(text: str) -> str:
    spans = split_sentences(text, Paragraph(1, 0, len(text)))
    return text[slice(*spans[0])] if spans else ""


def compose_answer(index: Index, answer: Answer, *, k: int, source: str) -> AnswerPage:
    """Return the page of an answer that was asked for with `k` and `source`."""
    has_more = len(answer.passages) == k and k < K_MAX
    return AnswerPage(
        title=f"{answer.question} · {SITE}",
        question=answer.question,
        is_answerable=answer.answerable,
        sentences=tuple(_quotation(sentence, answer.passages) for sentence in answer.answer.sentences),
        cards=tuple(_card(index, passage) for passage in answer.passages),
        more=ask_url(answer.question, k=min(2 * k, K_MAX), source=source) if has_more else None,
        confidence=f"{answer.confidence:.0%}",
        milliseconds=f"{answer.timing_ms.total:.0f} ms",
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
    entries = _Entries(document.id, index.corpus.list_references(document.id))
    highlights = _list_marks(passage)
    first = next(iter(highlights), None)
    marks = [*highlights, *entries.mark(place.markers)]
    page = f"p. {locator.page}" if locator.page else ""
    is_paper = document.kind == "paper"
    section = locator.section or _FRONT if is_paper else name_section(document.title, locator.section)
    return Card(
        rank=passage.rank,
        is_open=passage.rank == 1,
        lead=passage.text[first.start - locator.start : first.end - locator.start] if first else passage.text,
        place=" · ".join(part for part in (section, f"¶{locator.paragraph}", page) if part),
        source="this paper" if is_paper else document.title,
        path=_list_headings(document, place.section.path),
        runs=group(cut(passage.text, marks, offset=locator.start)),
        notes=tuple(entries.note(marker) for marker in passage.markers),
        citation=passage.citation.text,
        document=passage.citation.view,
        original=safe_url(passage.citation.deep_link),
        is_verbatim=passage.verbatim,
        score=f"{passage.score:.2f}",
    )


def _list_headings(document: DocumentLabel, path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the headings above a passage; those of a cited work begin with its title."""
    if document.kind == "paper":
        return path or (_FRONT,)
    return (document.title, *(heading for heading in path if name_section(document.title, heading)))


class _Entries:
    """The bibliography of a document, by number as printed; `here` says that links to it are on its own page."""

    def __init__(self, document: str, references: Sequence[Reference], *, here: bool = False) -> None:
        base = "" if here else document_url(document)
        self._links: Mapping[str, Link] = {
            entry.number: Link(entry.raw, f"{base}#{entry_anchor(position)}")
            for position, entry in reversed(list(enumerate(references)))
        }

    def mark(self, markers: Iterable[Marker]) -> list[Mark]:
        """Return a mark for each marker of the text."""
        marks = []
        for marker in markers:
            entry = self._links.get(marker.points_to or "")
            link, note = (entry.url, entry.text) if entry else (None, "")
            marks.append(Mark(marker.start, marker.end, "marker", link, note))
        return marks

    def note(self, marker: MarkerNote) -> Note:
        """Return a marker with the entry that it names."""
        return Note(marker.text, self._links.get(marker.points_to or ""))


def compose_document(
    document: Document,
    passage: tuple[int, int] | None = None,
    highlight: tuple[int, int] | None = None,
    *,
    digest: str | None = None,
) -> DocumentPage:
    """Return a document with a passage marked, and a highlight marked stronger; links land at the innermost.

    Where a digest of the words is given and those there have another, nothing is marked and the page says so.
    """
    quoted = highlight or passage
    is_moved = bool(digest and quoted and digest_words(document.text[slice(*quoted)]) != digest)
    passage, highlight = (None, None) if is_moved else (passage, highlight)
    marks = _Entries(document.work.id, document.references, here=True).mark(document.markers)
    if passage:
        marks.append(Mark(*passage, "passage", anchor="" if highlight else HERE))
    if highlight:
        marks.append(Mark(*highlight, "highlight", anchor=HERE))
    entries = {entry.start: (n, safe_url(entry.url)) for n, entry in enumerate(document.references)}
    return DocumentPage(
        title=f"{document.work.title} · {SITE}",
        question="",
        heading=document.work.title,
        has_heading=any(p.role == "title" for section in document.sections for p in section.paragraphs),
        byline=_byline(document.work),
        original=safe_url(document.work.url),
        is_moved=is_moved,
        parts=tuple(
            Part(
                anchor=f"s{number}",
                heading=section.title,
                level=section.level,
                blocks=tuple(_block(document, f"s{number}", p, marks, entries) for p in section.paragraphs),
            )
            for number, section in enumerate(document.sections, 1)
        ),
    )


def _block(
    document: Document,
    section: str,
    paragraph: Paragraph,
    marks: Sequence[Mark],
    entries: Mapping[int, tuple[int, str | None]],
) -> Block:
    text = document.text[paragraph.start : paragraph.end]
    position, url = entries.get(paragraph.start, (None, None))
    return Block(
        anchor=f"{section}-p{paragraph.number}" if position is None else entry_anchor(position),
        role=paragraph.role,
        number=paragraph.number,
        runs=group(cut(text, marks, offset=paragraph.start)),
        url=url,
    )


def compose_sources(index: Index, papers: Sequence[Paper]) -> SourcesPage:
    """Return the papers of the home, and the documents of the one that is open, each with its bibliography."""
    sources = list_sources(index)
    rows = []
    for work in sources.documents:
        if work.kind != "paper":
            continue
        entries = tuple(
            _entry_row(entry, document_url(work.id, entry_anchor(position)))
            for position, entry in enumerate(entry for entry in sources.references if entry.document == work.id)
        )
        held = sum(entry.text_url is not None for entry in entries)
        link = Link(work.title, document_url(work.id))
        counts = f"{held} of {_count(len(entries), 'reference')} can be asked"
        is_waiting = any(entry.state == STATES["not_fetched"] for entry in entries)
        rows.append(DocumentRow(link, _byline(work), safe_url(work.url), counts, is_waiting, entries))
    return replace(compose_papers(papers, ""), rows=tuple(rows), papers=_list_choices(papers, index.paper))


def compose_papers(papers: Sequence[Paper], trouble: str) -> SourcesPage:
    """Return the papers of the home alone, with what is wrong with the open one."""
    choices = _list_choices(papers, "")
    return SourcesPage(title=f"Sources · {SITE}", question="", rows=(), papers=choices, trouble=trouble)


def _list_choices(papers: Sequence[Paper], is_open: str) -> tuple[PaperChoice, ...]:
    return tuple(PaperChoice(each.title, each.name, paper_url(each.name), each.name == is_open) for each in papers)


def _entry_row(entry: ListedReference, in_paper: str) -> EntryRow:
    provenance = entry.provenance
    came = f"{_ROUTES[provenance.route]}, {provenance.fetched_at[:10]}" if provenance and entry.held_as else ""
    same = f"the same work as {entry.same_as}" if entry.same_as else ""
    why = "" if entry.state == "not_fetched" else "; ".join(part for part in (entry.reason, entry.hint) if part)
    return EntryRow(
        text=entry.text,
        document=in_paper,
        url=safe_url(entry.url),
        state=STATES[entry.state],
        is_held=entry.held_as is not None,
        text_url=document_url(entry.held_as) if entry.held_as else None,
        note=tuple(_sentence(part).replace("`", "") for part in (came, same, why) if part),
    )


def compose_error(status: int, message: str, hint: str, *, question: str = "") -> ErrorPage:
    """Return the page of an error, its message and hint as sentences."""
    return ErrorPage(
        title=f"{_sentence(message)} · {SITE}",
        question=question,
        status=status,
        message=_sentence(message),
        hint=tuple(_sentence(hint).split("`")),
    )


def _byline(work: Work) -> str:
    return " · ".join(part for part in (", ".join(work.authors), str(work.year or "")) if part)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _sentence(words: str) -> str:
    stop = "" if words.rstrip("'\"`").endswith((".", "?", "!")) else "."
    return f"{words[:1].upper()}{words[1:]}{stop}"
