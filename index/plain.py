"""Take a text as it stands: the document's text is the text given, so spans count in the source itself.

For texts that come with offsets of their own, such as published question sets; `paper.py` repairs what it reads.
"""

import re
from collections.abc import Iterator

from index.model import Document, DocumentKind, Paragraph, Section, SectionRole, Work

_BLOCK = re.compile(r"\S[^\n]*(?:\n(?![ \t]*\n)[^\n]*\S)*")
_HEADING = re.compile(r"(#{1,6})[ \t]+(\S[^\n]*)")


def parse_plain(text: str, *, document_id: str, title: str = "", kind: DocumentKind = "reference") -> Document:
    """Cut a text at its blank lines and Markdown headings.

    A heading belongs to the first paragraph of its section, so that every word of the text can be found.

    Args:
        text: Any text.
        document_id: The id to give the document.
        title: What it is called; empty where it has no title.
        kind: Whether it is the paper or a work that the paper cites.
    """
    return Document(Work(id=document_id, kind=kind, title=title), text, tuple(_iter_sections(text)))


def _iter_sections(text: str) -> Iterator[Section]:
    path: list[tuple[int, str]] = []
    spans: list[tuple[int, int]] = []
    for block in _BLOCK.finditer(text):
        heading = _HEADING.match(block.group())
        if heading and spans:
            yield _make_section(path, spans)
            spans = []
        if heading:
            level = len(heading[1])
            path = [(outer, title) for outer, title in path if outer < level] + [(level, heading[2].strip("# \t\r"))]
        spans.append(block.span())
    if spans:
        yield _make_section(path, spans)


def _make_section(path: list[tuple[int, str]], spans: list[tuple[int, int]]) -> Section:
    level, title = path[-1] if path else (1, "")
    role: SectionRole = "body"
    paragraphs = tuple(Paragraph(number, *span) for number, span in enumerate(spans, 1))
    return Section(title, level, tuple(t for _, t in path), role, spans[0][0], spans[-1][1], paragraphs)
