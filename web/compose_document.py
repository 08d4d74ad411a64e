"""Make the reader: a document with its outline, what is marked and found in it, and its bibliography."""

import math
import re
import textwrap
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby
from operator import itemgetter
from urllib.parse import urlencode

from index.model import Document, Paragraph, Section, Span
from qa.links import HERE, digest_words, document_url, safe_url
from qa.marker_notes import judge_markers
from qa.verdicts import Audit
from web.addresses import cite_url, entry_anchor, marker_anchor
from web.bibliography import Bibliography
from web.compose import name_byline, name_window
from web.occurrences import MARKED_MAX, Occurrences, find_occurrences
from web.pages import DocumentPage
from web.parts import Link
from web.reader_parts import Block, DocumentPart, Leaf, OutlineRow, Part, Search, Sheet
from web.segments import Mark, Run, cut, group
from web.sheets import find_page
from web.texts import say
from web.view import View

FOUND = "found"
_NUMBER = re.compile(r"(?:\d+|[IVX]+)(?:\.\d+)*(?=[.\s])")
_HEADING_MAX_CHARS = 24


def compose_document(document: DocumentPart, back: Link | None = None) -> DocumentPage:
    """Return the page of a document, with the way back to where the reader was."""
    return DocumentPage(title=name_window(document.heading), question="", back=back, document=document)


def compose_document_part(
    document: Document, view: View | None = None, *, audit: Audit | None = None, sheets: Sequence[Sheet] = ()
) -> DocumentPart:
    """Return a document to be read, with a passage marked, and a highlight marked stronger.

    Where a digest of the words is given and those there have another, nothing is marked and the reader is told.
    Markers lead to the entry that they print; where the audit finds that they mean another one, they say which.

    Args:
        document: To be read.
        view: How, and on which page.
        audit: Of its markers.
        sheets: The printed pages that it was read from, in their order.
    """
    view = view or View()
    quoted = view.highlight or view.passage
    is_moved = bool(view.digest and quoted and digest_words(document.text[slice(*quoted)]) != view.digest)
    found = find_occurrences(document.text, view.find)
    current = (view.n - 1) % len(found.spans) if found.spans else None
    marks = [*_mark_quoted(view, is_moved=is_moved), *_mark_found(found, current)]
    sought = found.spans[current] if current is not None else None if is_moved else quoted
    return DocumentPart(
        heading=document.work.title,
        depth=view.depth,
        has_heading=any(p.role == "title" for section in document.sections for p in section.paragraphs),
        byline=name_byline(document.work),
        original=safe_url(document.work.url),
        cite=cite_url([document.work.id]),
        is_moved=is_moved,
        outline=tuple(_list_outline(document.sections, sought[0] if sought else None)),
        search=_compose_search(document, view, found, current),
        leaves=tuple(_bind(_Blocks(document, audit, marks).iter_parts(is_paged=bool(sheets)), sheets)),
    )


def _mark_quoted(view: View, *, is_moved: bool) -> Iterator[Mark]:
    if view.passage and not is_moved:
        yield Mark(*view.passage, "passage", anchor="" if view.highlight else HERE)
    if view.highlight and not is_moved:
        yield Mark(*view.highlight, "highlight", anchor=HERE)


def _mark_found(found: Occurrences, current: int | None) -> Iterator[Mark]:
    for place, span in enumerate(found.spans):
        yield Mark(*span, "current", anchor=FOUND) if place == current else Mark(*span, "found")


def _list_outline(sections: Sequence[Section], sought: int | None) -> Iterator[OutlineRow]:
    """Yield the headings; the current one is the last before what is sought."""
    headed = [(number, section) for number, section in enumerate(sections, 1) if section.title]
    before = [number for number, section in headed if sought is not None and section.start <= sought]
    current = before[-1] if before else None
    for number, section in headed:
        yield OutlineRow(section.title, _section_anchor(number), section.level, number == current)


def _section_anchor(number: int) -> str:
    return f"s{number}"


def _compose_search(document: Document, view: View, found: Occurrences, current: int | None) -> Search:
    path = view.path or document_url(document.work.id)
    is_several = current is not None and len(found.spans) > 1

    def go(place: int) -> str:
        n = place % len(found.spans) + 1
        return f"{path}?{urlencode([*view.fields, ('find', view.find), ('n', n)])}#{FOUND}"

    query = f"?{urlencode(view.fields)}" if view.fields else ""
    return Search(
        path=f"{path}#{FOUND}",
        kept=view.fields,
        words=view.find,
        told=_tell(view.find, found, current),
        previous=go(current - 1) if is_several and current is not None else None,
        next=go(current + 1) if is_several and current is not None else None,
        over=f"{path}{query}{f'#{HERE}' if view.passage or view.highlight else ''}",
    )


def _tell(words: str, found: Occurrences, current: int | None) -> str:
    """Return what was found, in words."""
    if not words.strip():
        return ""
    if current is None:
        return say("reader.nowhere")
    if found.count == 1:
        return say("reader.once")
    told = say("reader.place", place=f"{current + 1:,}", n=found.count)
    return told if found.count <= MARKED_MAX else f"{told} {say('reader.too_many', n=MARKED_MAX)}"


@dataclass(slots=True)
class _Blocks:
    """Makes the paragraphs of a document, each with the marks that touch it."""

    document: Document
    audit: Audit | None
    marks: Sequence[Mark]
    _of: dict[int, list[Mark]] = field(default_factory=dict)
    _cited: dict[str, list[Link]] = field(default_factory=dict)

    def iter_parts(self, *, is_paged: bool) -> Iterator[tuple[int, Part]]:
        """Yield its sections, cut where pages begin, each with the number of its page; all on page 0 without pages."""
        self._sort_marks()
        self._cited = _list_cited(self.document)
        entries = {entry.start: place for place, entry in enumerate(self.document.references)}
        pages = _sort_pages(self.document.pages) if is_paged else ()
        for number, section in enumerate(self.document.sections, 1):
            anchor = _section_anchor(number)
            page = find_page(pages, section.start)
            on_pages = groupby(section.paragraphs, lambda p: find_page(pages, p.start))
            parts = {on: tuple(self._make_block(anchor, p, entries) for p in group) for on, group in on_pages}
            heading = self._cut(section.start, section.start + len(section.title))
            for at, on in enumerate(sorted({page, *parts})):
                title, runs = (section.title, heading) if at == 0 else ("", ())
                yield on, Part(anchor, title, runs, section.level, parts.get(on, ()))

    def _sort_marks(self) -> None:
        """Give each mark to the headings and paragraphs that it touches: the time does not grow with their product."""
        document = self.document
        paragraphs = [(p.start, p.end) for section in document.sections for p in section.paragraphs]
        headings = [(section.start, section.start + len(section.title)) for section in document.sections]
        spans = sorted([*paragraphs, *(span for span in headings if span[0] < span[1])])
        starts, ends = [start for start, _ in spans], [end for _, end in spans]
        bibliography = Bibliography(document.work.id, document.references, here=True)
        of_markers = bibliography.mark(document.markers, judge_markers(document.markers, self.audit))
        for mark in [*of_markers, *self.marks]:
            for start in starts[bisect_right(ends, mark.start) : bisect_left(starts, mark.end)]:
                self._of.setdefault(start, []).append(mark)

    def _cut(self, start: int, end: int) -> tuple[Run, ...]:
        return group(cut(self.document.text[start:end], self._of.get(start, ()), offset=start))

    def _make_block(self, section: str, paragraph: Paragraph, entries: Mapping[int, int]) -> Block:
        place = entries.get(paragraph.start)
        entry = self.document.references[place] if place is not None else None
        return Block(
            anchor=f"{section}-p{paragraph.number}" if place is None else entry_anchor(place),
            role=paragraph.role,
            number=paragraph.number,
            runs=self._cut(paragraph.start, paragraph.end),
            url=safe_url(entry.url) if entry else None,
            cited=tuple(self._cited.get(entry.number, ())) if entry else (),
        )


def _sort_pages(pages: Sequence[Span]) -> tuple[Span, ...]:
    """Return where pages begin, none of them with a lower number than the one before."""
    highest = accumulate((number for _, number in pages), max)
    return tuple((start, number) for (start, _), number in zip(pages, highest, strict=True))


def _bind(parts: Iterable[tuple[int, Part]], sheets: Sequence[Sheet]) -> Iterator[Leaf]:
    """Yield the leaves; a page on which nothing begins is beside what begins before it, or else after it."""
    leaves = [(page, tuple(part for _, part in group)) for page, group in groupby(parts, itemgetter(0))]
    for at, (_, of_page) in enumerate(leaves):
        first = leaves[at][0] if at else 0
        after = leaves[at + 1][0] if at + 1 < len(leaves) else math.inf
        yield Leaf(of_page, tuple(sheet for sheet in sheets if first <= sheet.number < after))


def _list_cited(document: Document) -> dict[str, list[Link]]:
    """Return the places whose markers name each entry, by its number."""
    places = sorted((p.start, name_place(section, p)) for section in document.sections for p in section.paragraphs)
    starts = [start for start, _ in places]
    cited: dict[str, list[Link]] = {}
    for marker in document.markers:
        if marker.points_to is not None:
            place = places[max(0, bisect_right(starts, marker.start) - 1)][1]
            cited.setdefault(marker.points_to, []).append(Link(place, f"#{marker_anchor(marker.start)}"))
    return cited


def name_place(section: Section, paragraph: Paragraph) -> str:
    """Return a short name of a paragraph: its section's number or first words, and its own number."""
    number = _NUMBER.match(section.title)
    name = number[0] if number else textwrap.shorten(section.title, _HEADING_MAX_CHARS, placeholder=" …")
    return f"{name} ¶{paragraph.number}".strip()
