"""Print answers, places, sources and health on a terminal."""

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from index.corpus import Place
from index.library import Paper
from index.model import Document, Reference
from qa.answer import Answer, CitedPassage
from qa.marker_notes import MarkerNote
from qa.terminal import BOLD, DIM, UNDERLINE, show
from qa.verdicts import Audit, AuditedMarker

if TYPE_CHECKING:  # to read bibliographies takes a tenth of a cold answer to load, and an answer needs none of it
    from qa.doctor import Check
    from qa.sources import ListedReference, Sources

_ENTRY_MAX_CHARS = 160


def render_answer(answer: Answer, entries: Mapping[str, Sequence[Reference]]) -> None:
    """Print an answer: the sentence that answers, then the passages with their citations and entries.

    Args:
        answer: What to print.
        entries: The bibliography of each document that has a passage in it.
    """
    if answer.answerable:
        show(answer.answer.text, BOLD, end="\n\n")
    else:
        show("The sources do not seem to answer this. Nearest passages:", BOLD, end="\n\n")
    for passage in answer.passages:
        _render_passage(passage, {entry.number: entry for entry in entries[passage.document.id]})
    show(f"confidence {answer.confidence:.2f} · {answer.timing_ms.total:.0f} ms", DIM)


def _render_passage(passage: CitedPassage, entries: Mapping[str, Reference]) -> None:
    lead = f"{passage.rank}. "
    marks = [(len(lead) + mark.start, len(lead) + mark.end) for mark in passage.highlights]
    show(lead + passage.text, spans=[*((*mark, BOLD) for mark in marks), *((*mark, UNDERLINE) for mark in marks[1:])])
    if not passage.verbatim:
        show("   not verbatim: the document does not say this word by word; build the index again")
    show(f"   {passage.citation.text}", DIM)
    for marker in passage.markers:
        for line in _explain_marker(marker, entries):
            show(f"   {line}", DIM)
    show(f"   ibid show {passage.locator.id}", DIM, end="\n\n")


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
    if title:
        show(f"{title}\n", DIM)
    titles = {entry.number: entry.title or entry.raw for entry in entries}
    show(audit.pattern or "Every marker that could be judged points at the right entry.", BOLD, end="\n\n")
    for marker in audit.markers:
        style = DIM if marker.verdict == "ok" else None
        line = f"{marker.marker:>6}  {marker.verdict:9}{marker.score:5.2f}  {_point_out(marker, titles)}"
        show(line, style)
        if marker.verdict != "ok":
            show(f"{'':24}{_shorten(marker.clause)}", DIM)
    if audit.uncited:
        show("\nSentences without a marker that an entry supports:", BOLD)
    for sentence in audit.uncited:
        show(f"  entry {sentence.about}: {_shorten(sentence.sentence)}")
    counts = Counter(marker.verdict for marker in audit.markers)
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
    show(f"\n{len(audit.markers)} markers: {told}", DIM)


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
    passage, section = place.passage, place.section
    show(document.work.title, BOLD)
    show(" › ".join(section.path) or "Front matter", DIM, end="\n\n")
    paragraphs = [p for part in document.sections for p in part.paragraphs]
    inside = [n for n, p in enumerate(paragraphs) if p.start < passage.end and passage.start < p.end]
    for paragraph in paragraphs[max(0, inside[0] - 1) : inside[-1] + 2]:
        text = document.text[paragraph.start : paragraph.end]
        start, end = max(0, passage.start - paragraph.start), min(len(text), passage.end - paragraph.start)
        show(text, spans=[(start, end, BOLD)] if start < end else (), end="\n\n")


def render_sources(sources: "Sources") -> None:
    """Print the documents, then the entries of their bibliographies."""
    for work in sources.documents:
        facts = ", ".join([*work.authors, *([str(work.year)] if work.year else [])])
        show(work.title, BOLD)
        show(f"  {work.kind} {work.id} · {facts} · {work.url or 'no address'}", DIM)
        render_entries([entry for entry in sources.references if entry.document == work.id])


def render_entries(entries: "Sequence[ListedReference]") -> None:
    """Print entries with what became of each, and what to do about those whose text did not come.

    What holds for several is said once, below them.
    """
    common = Counter((entry.state, entry.reason, entry.hint) for entry in entries)
    for entry in entries:
        title = _shorten(entry.title or entry.text)
        style = None if entry.held_as else DIM
        show(f"  {entry.number:>4}  {_name_state(entry.state):18}{title}", style)
        if common[entry.state, entry.reason, entry.hint] == 1:
            _render_why(entry.reason, entry.hint, indent=26)
    for (state, reason, hint), count in common.items():
        if count > 1 and (reason or hint):
            show(f"  {_name_state(state)}, {count} entries:", DIM)
            _render_why(reason, hint, indent=4)
    if entries:
        came = sum(entry.held_as is not None for entry in entries)
        show(f"  {came} of {len(entries)} references can be asked", BOLD)


def _render_why(reason: str, hint: str, *, indent: int) -> None:
    why = "; ".join(part for part in (reason, hint) if part)
    if why:
        show(f"{'':{indent}}{why}", DIM)


def _name_state(state: str) -> str:
    return state.replace("_", " ")


def render_papers(papers: Sequence[Paper], used: str) -> None:
    """Print the papers of the home; a star marks the one in use."""
    for paper in papers:
        show(f"{'*' if paper.name == used else ' '} {paper.name}", BOLD)
        show(f"  {paper.title}", DIM)
    if not papers:
        show("there is no paper yet; make one with `ibid build`")


def render_health(checks: "Sequence[Check]") -> None:
    """Print what was checked, what was found, and how to mend what is wrong."""
    for check in checks:
        show(f"{'ok' if check.ok else 'wrong':6} {check.name:16} {check.found}")
        if check.hint:
            show(f"{'':23} → {check.hint}")
