"""The account of a conversation for the page: everything in words and in order, for any markup to dress.

It is made of what the turns hold, never of an index, so that it says today what was answered then.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from qa.answer import CitedPassage
from qa.cite import name_place
from qa.links import Opens, safe_url
from qa.marker_notes import MarkerNote
from qa.turns import Conversation, Turn

# The entries of bibliographies as printed, by the id of the document and the number of the entry.
Entries = Mapping[str, Mapping[str, str]]

_LINE_ENDS = re.compile(r"\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_OPENS: Mapping[Opens | None, str] = {
    "quote": "the original, at these words",
    "around": "the original, near these words",
    "page": "the original, at this page",
    "document": "the original",
    None: "the original",
}


@dataclass(frozen=True, slots=True)
class Run:
    """Words of a quote; marked where they answer."""

    text: str
    is_marked: bool


@dataclass(frozen=True, slots=True)
class Link:
    """Words and the address of the web that they lead to."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A quoted passage.

    Attributes:
        source: Number of its source.
        paragraphs: Its text, in which a line that ends in a paragraph is a line break.
        is_verbatim: Whether the document said so when it was asked.
        citation: In full, without the address.
        url: Address of the work, if there is one.
        place: Headings, paragraph and page.
        original: Opens the work there, if there is a way.
        notes: What is wrong with the markers in it, a sentence each.
    """

    source: int
    paragraphs: tuple[tuple[Run, ...], ...]
    is_verbatim: bool
    citation: str
    url: str | None
    place: str
    original: Link | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer, with the numbers of the sources that say so."""

    text: str
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question, as typed and, where that was completed, as read, with what answers; no sentences: nothing does."""

    number: int
    question: str
    read_as: str | None
    sentences: tuple[Sentence, ...]
    excerpts: tuple[Excerpt, ...]


@dataclass(frozen=True, slots=True)
class UsedSource:
    """A source of the conversation under its number, cited as a whole."""

    number: int
    citation: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """A conversation in words; `day` is that on which it began, in ISO 8601."""

    title: str
    paper: str
    day: str
    exchanges: tuple[Exchange, ...]
    sources: tuple[UsedSource, ...]


def give_account(conversation: Conversation, entries: Entries) -> Account:
    """Return a conversation in words.

    Args:
        conversation: With all its turns.
        entries: What is known of bibliographies, to say what a marker is about.
    """
    return Account(
        title=_line(conversation.title),
        paper=_line(_name_paper(conversation)),
        day=conversation.started_at[:10],
        exchanges=tuple(_exchange(turn, entries) for turn in conversation.turns),
        sources=list_used(conversation),
    )


def list_used(conversation: Conversation) -> tuple[UsedSource, ...]:
    """Return the sources of all answers, each once, by number."""
    used: dict[int, UsedSource] = {}
    for passage in (passage for turn in conversation.turns for passage in turn.answer.passages):
        number, url = passage.citation.number, safe_url(passage.citation.url)
        used.setdefault(number, UsedSource(number, _cite_whole(passage), url))
    return tuple(used[number] for number in sorted(used))


def _name_paper(conversation: Conversation) -> str:
    labels = (passage.document for turn in conversation.turns for passage in turn.answer.passages)
    return next((label.title for label in labels if label.kind == "paper"), conversation.paper)


def _exchange(turn: Turn, entries: Entries) -> Exchange:
    numbers = {passage.rank: passage.citation.number for passage in turn.answer.passages}
    said = turn.answer.answer.sentences if turn.answer.answerable else ()
    return Exchange(
        number=turn.number,
        question=_line(turn.question),
        read_as=_line(turn.read_as) if turn.read_as else None,
        sentences=tuple(
            Sentence(_line(each.text), tuple(dict.fromkeys(numbers[r] for r in each.citations if r in numbers)))
            for each in said
        ),
        excerpts=tuple(_excerpt(passage, entries.get(passage.document.id, {})) for passage in turn.answer.passages),
    )


def _excerpt(passage: CitedPassage, entries: Mapping[str, str]) -> Excerpt:
    citation, locator = passage.citation, passage.locator
    original = safe_url(citation.deep_link)
    paragraph, page = f"paragraph {locator.paragraph}", f"page {locator.page}" if locator.page else ""
    headings = " › ".join(locator.path) or locator.section or "Front matter"
    notes = (_explain(marker, entries) for marker in passage.markers)
    return Excerpt(
        source=citation.number,
        paragraphs=_cut(passage),
        is_verbatim=passage.verbatim,
        citation=_cite(passage),
        url=safe_url(citation.url),
        place=_line(", ".join(part for part in (headings, paragraph, page) if part)),
        original=Link(_OPENS.get(citation.opens, "the original"), original) if original else None,
        notes=tuple(_line(note) for note in notes if note),
    )


def _cut(passage: CitedPassage) -> tuple[tuple[Run, ...], ...]:
    """Return the text of a passage by paragraph, with the sentence that answers as runs of its own."""
    start, end = next(((mark.start, mark.end) for mark in passage.highlights), (0, 0))
    pieces = ((passage.text[:start], False), (passage.text[start:end], True), (passage.text[end:], False))
    paragraphs: list[list[Run]] = [[]]
    for piece, is_marked in pieces:
        for number, part in enumerate(re.split(r"\n[ \t]*\n\s*", clean(piece))):
            if number:
                paragraphs.append([])
            if part:
                paragraphs[-1].append(Run(part, is_marked))
    return tuple(tuple(runs) for runs in paragraphs if any(run.text.strip() for run in runs))


def _cite(passage: CitedPassage) -> str:
    """Return the citation without the address, which stands at its end."""
    return _line(passage.citation.text.removesuffix(passage.citation.url or ""))


def _cite_whole(passage: CitedPassage) -> str:
    """Return the citation of the work, not of a place in it."""
    place = _line(name_place(passage.document.title, passage.locator)).rstrip(".")
    return _cite(passage).removesuffix(f" {place}.")


def _explain(marker: MarkerNote, entries: Mapping[str, str]) -> str:
    """Return what is wrong with a marker in a sentence; nothing where all is well, or is not known."""
    text = marker.text
    if marker.verdict == "mismatch" and marker.suggested:
        entry = entries.get(marker.suggested)
        printed = f": {_strip_entry(entry, marker.suggested)}" if entry else "."
        if marker.same_as:
            return f"{text} names the same work as entry {marker.suggested} of the bibliography{printed}"
        return f"The text marks this {text}; its words match entry {marker.suggested} of the bibliography{printed}"
    if marker.verdict == "missing" and marker.points_to is None:
        return f"{text} names no entry of the bibliography."
    if marker.verdict == "missing":
        return f"The text marks this {text}; the bibliography has no entry for what its words say."
    return ""


def _strip_entry(entry: str, number: str) -> str:
    """Return an entry without its number and without what an address is put between."""
    bare = re.sub(rf"^\W?{re.escape(number)}\W*\s", "", entry)
    return re.sub(r"<(https?://[^<>\s]+)>", r"\1", bare)


def _line(text: str) -> str:
    """Return a text on one line."""
    return " ".join(clean(text).split())


def clean(text: str) -> str:
    """Return a text with all its lines ended in one way, and what is no text replaced."""
    return _NO_TEXT.sub("\ufffd", _LINE_ENDS.sub("\n", text))
