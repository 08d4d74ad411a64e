"""Print answers, places, sources and health on a terminal."""

import os
import sys
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from index.corpus import Place
from index.library import Paper
from index.model import Document, Reference
from qa.answer import Answer, CitedPassage
from qa.marker_notes import MarkerNote
from qa.verdicts import Audit, AuditedMarker

if TYPE_CHECKING:  # to read bibliographies takes a tenth of a cold answer to load, and an answer needs none of it
    from qa.doctor import Check
    from qa.sources import ListedReference, Sources

_MARK = "bold"
_PHRASE = "underline"
_QUIET = "dim"
_ENTRY_MAX_CHARS = 160


def render_answer(answer: Answer, entries: Mapping[str, Sequence[Reference]]) -> None:
    """Print an answer: the sentence that answers, then the passages with their citations and entries.

    Args:
        answer: What to print.
        entries: The bibliography of each document that has a passage in it.
    """
    console = _console()
    if answer.answerable:
        console.print(Text(answer.answer.text, _MARK), end="\n\n")
    else:
        console.print("The sources do not seem to answer this. Nearest passages:", style=_MARK, end="\n\n")
    for passage in answer.passages:
        _render_passage(console, passage, {entry.number: entry for entry in entries[passage.document.id]})
    console.print(f"confidence {answer.confidence:.2f} · {answer.timing_ms.total:.0f} ms", style=_QUIET)


def _render_passage(console: Console, passage: CitedPassage, entries: Mapping[str, Reference]) -> None:
    text = Text(passage.text)
    for mark in passage.highlights:
        text.stylize(_MARK, mark.start, mark.end)
    for mark in passage.highlights[1:]:
        text.stylize(_PHRASE, mark.start, mark.end)
    console.print(Text(f"{passage.rank}. ") + text)
    if not passage.verbatim:
        console.print("   not verbatim: the document does not say this word by word; build the index again")
    console.print(Text(f"   {passage.citation.text}", _QUIET))
    for marker in passage.markers:
        for line in _explain_marker(marker, entries):
            console.print(Text(f"   {line}", _QUIET))
    console.print(Text(f"   ibid show {passage.locator.id}", _QUIET), end="\n\n")


def _explain_marker(marker: MarkerNote, entries: Mapping[str, Reference]) -> list[str]:
    """Return what a marker names, and what is wrong with that, a line each."""
    entry, other = entries.get(marker.points_to or ""), entries.get(marker.suggested or "")
    lines = [f"{marker.text} → {entry.raw if entry else 'no entry of the bibliography'}"]
    if marker.verdict == "mismatch" and other:
        same = ", the same work" if marker.same_as else ""
        lines.append(f"{'':{len(marker.text)}} ! its words match entry {marker.suggested}{same}: {other.raw}")
    elif marker.verdict == "missing" and entry:
        lines.append(f"{'':{len(marker.text)}} ! its words match no entry of the bibliography")
    return lines


def render_audit(audit: Audit, entries: Sequence[Reference], *, title: str = "") -> None:
    """Print the pattern of an audit, each marker with its verdict, and the sentences that lack one.

    `title` is that of the paper, where there are several.
    """
    console = _console()
    if title:
        console.print(Text(f"{title}\n", _QUIET))
    titles = {entry.number: entry.title or entry.raw for entry in entries}
    console.print(
        Text(audit.pattern or "Every marker that could be judged points at the right entry.", _MARK), end="\n\n"
    )
    for marker in audit.markers:
        style = _QUIET if marker.verdict == "ok" else ""
        line = f"{marker.marker:>6}  {marker.verdict:9}{marker.score:5.2f}  {_point_out(marker, titles)}"
        console.print(Text(line, style))
        if marker.verdict != "ok":
            console.print(Text(f"{'':24}{_shorten(marker.clause)}", _QUIET))
    if audit.uncited:
        console.print(Text("\nSentences without a marker that an entry supports:", _MARK))
    for sentence in audit.uncited:
        console.print(Text(f"  entry {sentence.about}: {_shorten(sentence.sentence)}"))
    counts = Counter(marker.verdict for marker in audit.markers)
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
    console.print(Text(f"\n{len(audit.markers)} markers: {told}", _QUIET))


def _point_out(marker: AuditedMarker, titles: Mapping[str, str]) -> str:
    """Return what a marker should point to, in words."""
    if marker.verdict == "missing":
        return "the list has no entry for this"
    if marker.about is None:
        return "cannot be told"
    same = f", the same work as entry {marker.same_as}" if marker.same_as else ""
    lead = "→ entry" if marker.verdict == "mismatch" else "entry" if marker.verdict == "ok" else "perhaps entry"
    return f"{lead} {marker.about}: {_shorten(titles[marker.about])}{same}"


def _shorten(text: str) -> str:
    return textwrap.shorten(text, _ENTRY_MAX_CHARS, placeholder=" …")


def render_place(document: Document, place: Place) -> None:
    """Print a passage with the paragraphs before and after it, the passage itself marked."""
    console = _console()
    passage, section = place.passage, place.section
    console.print(Text(document.work.title, _MARK))
    console.print(Text(" › ".join(section.path) or "Front matter", _QUIET), end="\n\n")
    paragraphs = [p for part in document.sections for p in part.paragraphs]
    inside = [n for n, p in enumerate(paragraphs) if p.start < passage.end and passage.start < p.end]
    for paragraph in paragraphs[max(0, inside[0] - 1) : inside[-1] + 2]:
        text = Text(document.text[paragraph.start : paragraph.end])
        start, end = passage.start - paragraph.start, passage.end - paragraph.start
        if end > 0 and start < len(text):
            text.stylize(_MARK, max(0, start), min(len(text), end))
        console.print(text, end="\n\n")


def render_sources(sources: "Sources") -> None:
    """Print the documents, then the entries of their bibliographies."""
    console = _console()
    for work in sources.documents:
        facts = ", ".join([*work.authors, *([str(work.year)] if work.year else [])])
        console.print(Text(work.title, _MARK))
        console.print(Text(f"  {work.kind} {work.id} · {facts} · {work.url or 'no address'}", _QUIET))
        render_entries([entry for entry in sources.references if entry.document == work.id])


def render_entries(entries: "Sequence[ListedReference]") -> None:
    """Print entries with what became of each, and what to do about those whose text did not come.

    What holds for several is said once, below them.
    """
    console = _console()
    common = Counter((entry.state, entry.reason, entry.hint) for entry in entries)
    for entry in entries:
        title = _shorten(entry.title or entry.text)
        style = "" if entry.held_as else _QUIET
        console.print(Text(f"  {entry.number:>4}  {_name_state(entry.state):18}{title}", style))
        if common[entry.state, entry.reason, entry.hint] == 1:
            _render_why(console, entry.reason, entry.hint, indent=26)
    for (state, reason, hint), count in common.items():
        if count > 1 and (reason or hint):
            console.print(Text(f"  {_name_state(state)}, {count} entries:", _QUIET))
            _render_why(console, reason, hint, indent=4)
    if entries:
        came = sum(entry.held_as is not None for entry in entries)
        console.print(Text(f"  {came} of {len(entries)} references can be asked", _MARK))


def _render_why(console: Console, reason: str, hint: str, *, indent: int) -> None:
    why = "; ".join(part for part in (reason, hint) if part)
    if why:
        console.print(Text(f"{'':{indent}}{why}", _QUIET))


def _name_state(state: str) -> str:
    return state.replace("_", " ")


def render_papers(papers: Sequence[Paper], used: str) -> None:
    """Print the papers of the home; a star marks the one in use."""
    console = _console()
    for paper in papers:
        console.print(Text(f"{'*' if paper.name == used else ' '} {paper.name}", _MARK))
        console.print(Text(f"  {paper.title}", _QUIET))
    if not papers:
        console.print("there is no paper yet; make one with `ibid build`")


def render_health(checks: "Sequence[Check]") -> None:
    """Print what was checked, what was found, and how to mend what is wrong."""
    console = _console()
    for check in checks:
        console.print(f"{'ok' if check.ok else 'wrong':6} {check.name:16} {check.found}")
        if check.hint:
            console.print(f"{'':23} → {check.hint}")


class _Pipe(Console):
    """A console whose reader, such as `head`, may have seen enough."""

    def on_broken_pipe(self) -> None:
        """End without a failure."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0)


def _console() -> Console:
    return _Pipe(highlight=False, markup=False, soft_wrap=True)
