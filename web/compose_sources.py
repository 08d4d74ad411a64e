"""Make the page of sources: what the open paper cites, entry by entry, and the papers of the home."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args
from urllib.parse import urlsplit

from index.bundle import Index
from index.errors import IbidError
from index.model import FetchState, Provenance, Work
from index.settings import Settings
from qa.links import document_url, safe_url
from qa.sources import ListedReference, list_sources
from web.addresses import cite_url, entry_anchor, sources_url, text_url
from web.compose import make_sentence, name_byline, name_window
from web.compose_papers import list_choices, make_form
from web.job_parts import FetchForm
from web.pages import SourcesPage
from web.parts import Link
from web.source_parts import DocumentRow, EntryChange, EntryRow, StateFilter
from web.texts import say

_SIGNS: Mapping[FetchState, str] = {
    "indexed": "held",
    "by_hand": "held",
    "not_fetched": "waiting",
    "blocked_by_robots": "closed",
    "paywalled": "closed",
    "not_found": "missing",
    "no_url": "missing",
    "unreachable": "trouble",
    "offline": "trouble",
    "unreadable": "trouble",
}


@dataclass(frozen=True, slots=True)
class SourcesView:
    """How the page is asked for.

    Attributes:
        state: Only entries in this state are shown; all where it is none.
        may_add: Whether readers may fetch texts and send files.
        number: Of the entry for which a file was sent in vain, if one was.
        error: Why it was not taken.
    """

    state: str = ""
    may_add: bool = False
    number: str = ""
    error: IbidError | None = None


def compose_sources(index: Index, settings: Settings, view: SourcesView) -> SourcesPage:
    """Return what the open paper cites, and the papers of the home."""
    sources = list_sources(index)
    papers = [work for work in sources.documents if work.kind == "paper"]
    page = compose_papers_alone(settings, index.paper, "", may_add=view.may_add)
    rows = [_Rows(index, work, view, is_first=work == papers[0]).list(sources.references) for work in papers]
    return SourcesPage(
        title=page.title,
        question="",
        rows=tuple(rows),
        filters=_list_filters(sources.references, view.state),
        papers=page.papers,
        add=page.add,
        trouble="",
    )


def compose_papers_alone(settings: Settings, is_open: str, trouble: str, *, may_add: bool) -> SourcesPage:
    """Return the papers of the home alone, with what is wrong with the open one."""
    return SourcesPage(
        title=name_window(say("page.sources")),
        question="",
        rows=(),
        filters=(),
        papers=list_choices(settings, is_open=is_open, may_remove=may_add),
        add=make_form(settings) if may_add and settings.index is None else None,
        trouble=trouble,
    )


def _list_filters(entries: Sequence[ListedReference], chosen: str) -> tuple[StateFilter, ...]:
    """Return the states that entries are in, all first; none where there is but one."""
    counts = Counter(entry.state for entry in entries)
    if len(counts) < 2:  # noqa: PLR2004 - nothing to choose from
        return ()
    states = [
        StateFilter(say(f"state.{state}"), counts[state], sources_url(state), state == chosen)
        for state in get_args(FetchState)
        if counts[state]
    ]
    is_all = chosen not in counts
    return (StateFilter(say("sources.all"), len(entries), sources_url(), is_all), *states)


class _Rows:
    """What is shown of one paper of an index."""

    def __init__(self, index: Index, work: Work, view: SourcesView, *, is_first: bool) -> None:
        self._paper = index.paper
        self._work = work
        self._view = view
        # The numbers by which entries are cited and changed are those of the first paper.
        self._is_first = is_first

    def list(self, references: Sequence[ListedReference]) -> DocumentRow:
        """Return the paper with those of its entries that are wanted."""
        listed = [entry for entry in references if entry.document == self._work.id]
        states = {entry.state for entry in listed}
        rows = [self._row(entry, position) for position, entry in enumerate(listed)]
        shown = self._view.state if self._view.state in {entry.state for entry in references} else ""
        is_waiting = bool(states - {"indexed", "by_hand"})
        return DocumentRow(
            document=Link(self._work.title, document_url(self._work.id)),
            byline=name_byline(self._work),
            original=safe_url(self._work.url),
            counts=say("sources.counts", held=sum(each.text_url is not None for each in rows), n=len(rows)),
            is_waiting=is_waiting and not self._view.may_add,
            fetch=FetchForm(self._paper, "", say("sources.fetch_all")) if is_waiting and self._view.may_add else None,
            entries=tuple(row for row, entry in zip(rows, listed, strict=True) if shown in {"", entry.state}),
        )

    def _row(self, entry: ListedReference, position: int) -> EntryRow:
        target = entry.number if self._is_first else entry.held_as
        provenance = entry.provenance if entry.held_as else None
        change = self._change(entry)
        return EntryRow(
            anchor=entry_anchor(position) if self._is_first else f"{self._work.id}-{entry_anchor(position)}",
            number=entry.number,
            text=_strip_number(entry),
            document=document_url(self._work.id, entry_anchor(position)),
            url=safe_url(entry.url),
            state=say(f"state.{entry.state}"),
            sign=_SIGNS[entry.state],
            text_url=document_url(entry.held_as) if entry.held_as else None,
            cite=cite_url([target]) if target else None,
            came=say(f"route.{provenance.route}", date=provenance.fetched_at[:10]) if provenance else "",
            source=_name_source(provenance) if provenance else None,
            note=tuple(_list_notes(entry, can_change=change is not None)),
            change=change,
        )

    def _change(self, entry: ListedReference) -> EntryChange | None:
        if not (self._view.may_add and self._is_first):
            return None
        error = self._view.error if self._view.number == entry.number else None
        label = say("entry.fetch_again") if entry.state != "not_fetched" else say("entry.fetch")
        can_fetch = (entry.url or entry.doi or entry.arxiv) and entry.state != "by_hand"
        return EntryChange(
            paper=self._paper,
            number=entry.number,
            upload=text_url(self._paper, entry.number),
            fetch=label if can_fetch else "",
            can_forget=entry.held_as is not None,
            is_open=error is not None,
            trouble=make_sentence(error.message) if error else "",
            hint=make_sentence(error.hint) if error else "",
        )


def _strip_number(entry: ListedReference) -> str:
    """Return an entry as printed without its number, which stands before it."""
    return re.sub(rf"^\W?{re.escape(entry.number)}\W*\s", "", entry.text)


def _name_source(provenance: Provenance) -> Link | None:
    """Return where a text came from, by the name of the host, or the file that was put in by hand."""
    if provenance.route == "by_hand":
        return None
    url = safe_url(provenance.got)
    return Link(urlsplit(provenance.got).hostname or provenance.got, url) if url else None


def _list_notes(entry: ListedReference, *, can_change: bool) -> Sequence[str]:
    """Return that an entry repeats another one, why there is no text of it, and what to do if no button does it."""
    same = say("sources.same_as", number=entry.same_as) if entry.same_as else ""
    parts = [entry.reason] if can_change else [entry.reason, entry.hint]
    why = (
        "" if entry.state in {"not_fetched", "by_hand"} else say("list.semicolon").join(part for part in parts if part)
    )
    return [part for part in (same, make_sentence(why).replace("`", "") if why else "") if part]
