"""The entries of a document's bibliography as links, and what is said of the markers that name them."""

import re
import textwrap
from collections.abc import Mapping, Sequence

from index.model import Marker, Reference
from qa.answer import parse_locator
from qa.links import document_url, place_url
from qa.marker_notes import MarkerNote
from web.addresses import entry_anchor, marker_anchor
from web.parts import Link, Note
from web.segments import Mark
from web.texts import join_list, say

_AUTHORS_MAX_CHARS = 40
_TITLE_MAX_CHARS = 90


class Bibliography:
    """The bibliography of a document, by number as printed; `here` says that links to it are on its own page."""

    def __init__(self, document: str, references: Sequence[Reference], *, here: bool = False) -> None:
        base = "" if here else document_url(document)
        self._is_here = here
        self._entries: Mapping[str, tuple[Reference, str]] = {
            entry.number: (entry, f"{base}#{entry_anchor(position)}")
            for position, entry in reversed(list(enumerate(references)))
        }

    def link(self, number: str | None) -> Link | None:
        """Return an entry as printed, None where there is none such."""
        found = self._entries.get(number or "")
        return Link(found[0].raw, found[1]) if found else None

    def link_short(self, number: str | None, support: str | None = None) -> Link | None:
        """Return an entry by number, author, year and title; it opens its own text at `support`, if there is one."""
        found = self._entries.get(number or "")
        if not found:
            return None
        text = say("note.entry", number=number, name=name_entry(found[0]))
        return Link(text, support_url(support) if support else found[1])

    def mark(self, markers: Sequence[Marker], notes: Sequence[MarkerNote]) -> list[Mark]:
        """Return a mark for each marker of the text, with the entry that it names and what is wrong with that.

        Args:
            markers: Of the document, each with its note.
            notes: As many.
        """
        return [self._mark(marker, note) for marker, note in zip(markers, notes, strict=True)]

    def _mark(self, marker: Marker, note: MarkerNote) -> Mark:
        entry = self.link(marker.points_to)
        link, words = (entry.url, entry.text) if entry else (None, "")
        meant = self.link_short(note.suggested)
        name = marker_anchor(marker.start) if self._is_here else ""
        if note.verdict == "mismatch" and meant and not note.same_as:
            words = f"{say('note.wrong', marker=marker.text, entry=meant.text)}\n{words}".rstrip()
            return Mark(marker.start, marker.end, "wrong", link, words, name)
        if note.verdict == "missing" and entry:
            words = f"{say('note.missing_in_text')}\n{words}"
            return Mark(marker.start, marker.end, "wrong", link, words, name)
        return Mark(marker.start, marker.end, "marker", link, words, name)

    def note(self, note: MarkerNote) -> Note:
        """Return a marker with the entry that it names and what the audit says of that."""
        entry, meant = self.link(note.points_to), self.link_short(note.suggested, note.support)
        verdict, hint = _judge(note)
        return Note(note.text, entry, verdict, meant if verdict in {"wrong", "same"} else None, hint)


def _judge(note: MarkerNote) -> tuple[str, str]:
    """Return the verdict on a marker, and a hint."""
    if note.verdict == "mismatch":
        return ("same", say("note.hint_same")) if note.same_as else ("wrong", "")
    if note.verdict == "missing":
        return "missing", ""
    if note.verdict == "ok":
        return "ok", say("note.hint_words" if (note.evidence or 0) > 0 else "note.hint_place")
    return "unclear", say("note.hint_unchecked" if note.score is None else "note.hint_unclear")


def support_url(locator: str) -> str:
    """Return the address that opens a text at a locator."""
    document, start, end = parse_locator(locator)
    return place_url(document, (start, end))


def name_entry(entry: Reference) -> str:
    """Return the author, year and title of an entry, as far as they are known, shortened; else the entry."""
    authors = _name_authors(entry)
    title = textwrap.shorten(entry.title or "", _TITLE_MAX_CHARS, placeholder=" …")
    known = join_list([authors, str(entry.year or ""), title])
    bare = re.sub(rf"^\W?{re.escape(entry.number)}\W*\s", "", entry.raw)
    return known if title or authors else textwrap.shorten(bare, _TITLE_MAX_CHARS, placeholder=" …")


def _name_authors(entry: Reference) -> str:
    """Return the authors of an entry as printed, or of many the first one."""
    authors = entry.authors or ""
    if len(authors) > _AUTHORS_MAX_CHARS and len(entry.names) > 1:
        authors = say("note.et_al", author=entry.names[0].family or entry.names[0].literal)
    return textwrap.shorten(authors, _AUTHORS_MAX_CHARS, placeholder=" …")
