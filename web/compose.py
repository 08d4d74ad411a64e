"""Make pages from documents and the index."""

from collections.abc import Sequence
from dataclasses import replace

from index.bundle import Index
from index.library import Paper
from index.model import Work
from qa.links import document_url, safe_url
from qa.sources import ListedReference, list_sources
from web.addresses import cite_url, entry_anchor, paper_url
from web.pages import ErrorPage, SourcesPage
from web.parts import DocumentRow, EntryRow, Link, PaperChoice
from web.texts import join_list, say

SITE = "Ibid"


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
    return tuple(PaperChoice(p.title, p.name, paper_url(p.name), "", p.name == is_open) for p in papers)


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
