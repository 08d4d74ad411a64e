"""Make pages from documents and the index."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice

from index.bundle import Index
from index.chunk import split_sentences
from index.library import Paper
from index.model import Document, Paragraph, Work
from qa.links import document_url, safe_url
from qa.sources import ListedReference, list_sources
from web.addresses import ask_url, cite_url, entry_anchor, paper_url
from web.pages import ErrorPage, HomePage, SourcesPage
from web.parts import DocumentRow, EntryRow, Link, PaperChoice
from web.texts import join_list, say

SITE = "Ibid"
_EXAMPLES = 5
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
        title=say("home.window", site=SITE),
        question="",
        paper=Link(work.title, document_url(work.id)),
        byline=name_byline(work),
        abstract=_first_sentence(work.abstract or ""),
        holdings=say(
            "home.holdings",
            passages=say("home.passages", n=index.manifest.passages),
            references=say("home.references", n=entries),
        ),
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
            yield say("home.about", topic=_lower(heading, small))
    for keyword in document.work.keywords:
        yield say("home.about", topic=_lower(keyword, small))


def _lower(phrase: str, small: set[str]) -> str:
    """Return a phrase with the words of `small` in lower case."""

    def fold(word: re.Match[str]) -> str:
        return word[0].casefold() if word[0].casefold() in small else word[0]

    return re.sub(r"[^\W\d_]+", fold, phrase)


def _first_sentence(text: str) -> str:
    spans = split_sentences(text, Paragraph(1, 0, len(text)))
    return text[slice(*spans[0])] if spans else ""


def compose_sources(index: Index, papers: Sequence[Paper]) -> SourcesPage:
    """Return the papers of the home, and the documents of the one that is open, each with its bibliography."""
    sources = list_sources(index)
    rows = []
    papers_of_index = [work for work in sources.documents if work.kind == "paper"]
    for work in papers_of_index:
        # The numbers by which entries are cited are those of the first paper.
        is_first = work == papers_of_index[0]
        listed = [entry for entry in sources.references if entry.document == work.id]
        entries = tuple(
            _entry_row(entry, document_url(work.id, entry_anchor(position)), is_first=is_first)
            for position, entry in enumerate(listed)
        )
        held = sum(entry.text_url is not None for entry in entries)
        link = Link(work.title, document_url(work.id))
        counts = say("sources.counts", held=held, n=len(entries))
        is_waiting = any(entry.state == "not_fetched" for entry in listed)
        rows.append(DocumentRow(link, name_byline(work), safe_url(work.url), counts, is_waiting, entries))
    return replace(compose_papers(papers, ""), rows=tuple(rows), papers=_list_choices(papers, index.paper))


def compose_papers(papers: Sequence[Paper], trouble: str) -> SourcesPage:
    """Return the papers of the home alone, with what is wrong with the open one."""
    choices = _list_choices(papers, "")
    return SourcesPage(title=name_window(say("page.sources")), question="", rows=(), papers=choices, trouble=trouble)


def _list_choices(papers: Sequence[Paper], is_open: str) -> tuple[PaperChoice, ...]:
    return tuple(PaperChoice(each.title, each.name, paper_url(each.name), each.name == is_open) for each in papers)


def _entry_row(entry: ListedReference, in_paper: str, *, is_first: bool) -> EntryRow:
    provenance = entry.provenance
    target = entry.number if is_first else entry.held_as
    is_held = provenance and entry.held_as
    came = say(f"route.{provenance.route}", date=provenance.fetched_at[:10]) if provenance and is_held else ""
    same = say("sources.same_as", number=entry.same_as) if entry.same_as else ""
    why = "" if entry.state == "not_fetched" else _say_why(entry)
    return EntryRow(
        text=entry.text,
        document=in_paper,
        url=safe_url(entry.url),
        state=say(f"state.{entry.state}"),
        is_held=entry.held_as is not None,
        text_url=document_url(entry.held_as) if entry.held_as else None,
        cite=cite_url([target]) if target else None,
        note=tuple(part for part in (came, same, why) if part),
    )


def _say_why(entry: ListedReference) -> str:
    """Return why there is no text of an entry, and what to do."""
    why = say("list.semicolon").join(part for part in (entry.reason, entry.hint) if part)
    return make_sentence(why).replace("`", "") if why else ""


def compose_error(status: int, message: str, hint: str, *, question: str = "") -> ErrorPage:
    """Return the page of an error, its message and hint as sentences."""
    return ErrorPage(
        title=name_window(make_sentence(message)),
        question=question,
        status=status,
        message=make_sentence(message),
        hint=tuple(make_sentence(hint).split("`")),
    )


def name_window(what: str) -> str:
    """Return the title of the window that shows something."""
    return say("page.window", what=what, site=SITE)


def name_byline(work: Work) -> str:
    """Return who wrote a work, and when."""
    return " · ".join(part for part in (join_list(work.authors), str(work.year or "")) if part)


def make_sentence(words: str) -> str:
    """Return words with a capital and a stop."""
    stop = "" if words.rstrip("'\"`").endswith((".", "?", "!")) else "."
    return f"{words[:1].upper()}{words[1:]}{stop}"
