"""Parse a paper from plain or Markdown text into a document with exact spans.

The stored text is the source with three repairs and no other change: line breaks inside a paragraph become spaces,
paragraphs that a page break cut in two become one, and escaped punctuation loses its backslash.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.model import Document, DocumentKind, Paragraph, ParagraphRole, Reference, Section, SectionRole, Work
from index.references import find_doi, find_markers, parse_reference

_HEADING_MAX_CHARS = 120
_TITLE_MAX_CHARS = 300
_NAMES_MIN_WORDS, _NAMES_MAX_WORDS = 2, 60
# A line this long is prose even without a full stop at its end, so it was cut by a page break.
_PROSE_MIN_CHARS = 80

_MARKDOWN_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")
_NUMBERED_HEADING = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+(?=[^\W\d_])(.{2,})$")
_NAMED_HEADING = re.compile(
    r"(abstract|summary|introduction|background|methods?|results|discussion|conclusions?|acknowledge?ments?"
    r"|references|bibliography|works cited|literature cited|appendix(?: [a-z])?)\s*:?$",
    re.IGNORECASE,
)
_REFERENCES_TITLE = re.compile(
    r"(?:[\d.]+\s+)?(?:references|bibliography|works cited|literature cited)\W*$", re.IGNORECASE
)
_ABSTRACT_TITLE = re.compile(r"(?:[\d.]+\s+)?(?:abstract|summary)\W*$", re.IGNORECASE)
_KEYWORDS = re.compile(r"(?:key\s?words|index terms)\s*[:—-]\s*", re.IGNORECASE)
_LIST_ITEM = re.compile(r"(?:[-*+•]|\[\d{1,4}\]|\d{1,4}[.)])\s+\S")
_ESCAPE = re.compile(r"\\([$%&#_*])")
_SENTENCE_END = re.compile(r"[.!?:;…][\"'”’)\]»]*$|[\])>|]$")
_AFFILIATION = re.compile(
    r"universit|institut|department|college|school|laborator|faculty|academy|Ph\.?D", re.IGNORECASE
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class _Block:
    """A heading (`level` from 1) or a paragraph (`level` 0), with its text as stored."""

    text: str
    level: int = 0
    item: bool = False


def parse_paper(source: str, *, document_id: str, kind: DocumentKind = "paper") -> Document:
    """Parse `source` into a document.

    Args:
        source: Plain or Markdown text. Any text is accepted; one without headings becomes one section.
        document_id: The id to give the document; also its title where the text has none.
        kind: Whether it is the paper or a work that the paper cites.
    """
    blocks = _join_broken(list(_iter_blocks(source)))
    text = "\n\n".join(block.text for block in blocks)
    sections, front = _read_front(text, tuple(_iter_sections(blocks)))
    references = tuple(_iter_references(text, sections))
    prose = [(p.start, p.end) for s in sections if s.role != "references" for p in s.paragraphs]
    work = _make_work(front, Work(id=document_id, kind=kind, title=_find_title(sections) or document_id))
    return Document(
        work=replace(work, abstract=_read_abstract(text, sections)),
        text=text,
        sections=sections,
        references=references,
        markers=find_markers(text, prose, references),
    )


def _iter_blocks(source: str) -> Iterator[_Block]:
    """Split the source at blank lines, headings, list items and code fences."""
    source = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n")
    lines: list[str] = []
    in_list = fenced = False
    for line in [*source.split("\n"), ""]:
        fence = line.lstrip().startswith("```")
        if fenced or fence:
            lines.append(line)
            fenced = fenced != fence
            continue
        heading = _MARKDOWN_HEADING.match(line)
        next_item = bool(lines) and _is_item(line) and _is_item(lines[0])
        if heading or next_item or not line.strip():
            yield from _close_block(lines, alone=not (in_list or next_item))
            in_list = next_item
        if heading:
            yield _Block(_unescape(heading[2]), level=len(heading[1]))
        elif line.strip():
            lines.append(line)
    yield from _close_block(lines, alone=True)


def _is_item(line: str) -> bool:
    return bool(_LIST_ITEM.match(line.strip()))


def _close_block(lines: list[str], *, alone: bool) -> Iterator[_Block]:
    """Yield what `lines` hold as one block, and empty them; `alone` says that no list goes on around it."""
    kept = [line.strip() for line in lines if line.strip()]
    verbatim = bool(kept) and (kept[0].startswith("```") or all(line.startswith("|") for line in kept))
    text = "\n".join(line.rstrip() for line in lines).strip("\n") if verbatim else _unescape(" ".join(kept))
    lines.clear()
    if verbatim:
        yield _Block(text)
    elif text:
        level = _heading_level(text) if alone and len(kept) == 1 else 0
        yield _Block(text, level=level, item=_is_item(text))


def _unescape(text: str) -> str:
    return _ESCAPE.sub(r"\1", text)


def _heading_level(text: str) -> int:
    """Return the level of a heading, or 0 for a line that is none."""
    if len(text) > _HEADING_MAX_CHARS:
        return 0
    if _NAMED_HEADING.match(text):
        return 1
    numbered = _NUMBERED_HEADING.match(text)
    if not numbered or text.endswith((".", ";", ",")) or (numbered[1].isdigit() and not numbered[2][0].isupper()):
        return 0
    return len(re.sub(r"(?:\.0)+$", "", numbered[1]).split("."))


def _join_broken(blocks: Sequence[_Block]) -> list[_Block]:
    """Join paragraphs that a page break cut in mid-sentence; lines of the front matter end without a full stop."""
    front_end = next((position for position, block in enumerate(blocks) if block.level), 0)
    joined = list(blocks[:front_end])
    for block in blocks[front_end:]:
        if joined and _is_cut(joined[-1], block):
            joined[-1] = replace(joined[-1], text=f"{joined[-1].text} {block.text}")
        else:
            joined.append(block)
    return joined


def _is_cut(block: _Block, following: _Block) -> bool:
    """Say whether `following` goes on with the sentence in which `block` ends."""
    if block.level or following.level or following.item or "\n" in block.text or "\n" in following.text:
        return False
    if _SENTENCE_END.search(block.text) or _KEYWORDS.match(following.text):
        return False
    return following.text[0].islower() or len(block.text) >= _PROSE_MIN_CHARS


def _iter_sections(blocks: Sequence[_Block]) -> Iterator[Section]:
    """Group blocks into sections; what stands before the first heading is the front matter."""
    path: list[tuple[int, str]] = []
    heading: _Block | None = None
    members: list[tuple[int, int]] = []
    start = position = 0
    untitled: SectionRole = "front" if any(block.level for block in blocks) else "body"
    for block in [*blocks, _Block("", level=1)]:
        if block.level:
            if heading or members:
                yield _make_section(heading, path, start, members, untitled)
            path = [(level, title) for level, title in path if level < block.level] + [(block.level, block.text)]
            heading, start, members = block, position, []
        else:
            members.append((position, position + len(block.text)))
        position += len(block.text) + 2


def _make_section(
    heading: _Block | None,
    path: Sequence[tuple[int, str]],
    start: int,
    members: Sequence[tuple[int, int]],
    untitled: SectionRole,
) -> Section:
    title = heading.text if heading else ""
    titles = [outer for _, outer in path]
    role: SectionRole = "body"
    if heading is None:
        role = untitled
    elif any(_REFERENCES_TITLE.match(outer) for outer in titles):
        role = "references"
    elif _ABSTRACT_TITLE.match(title):
        role = "abstract"
    entry: ParagraphRole = "entry" if role == "references" else "text"
    return Section(
        title=title,
        level=heading.level if heading else 1,
        path=tuple(titles),
        role=role,
        start=start,
        end=members[-1][1] if members else start + len(title),
        paragraphs=tuple(Paragraph(number, *span, role=entry) for number, span in enumerate(members, 1)),
    )


def _read_front(text: str, sections: Sequence[Section]) -> tuple[tuple[Section, ...], dict[ParagraphRole, str]]:
    """Return the sections with the roles of the front matter filled in, and its first paragraph of each role."""
    found: dict[ParagraphRole, str] = {}
    marked: list[Section] = []
    for section in sections:
        roles = [_front_role(text[p.start : p.end], section, found) for p in section.paragraphs]
        paragraphs = tuple(replace(p, role=role) for p, role in zip(section.paragraphs, roles, strict=True))
        marked.append(replace(section, paragraphs=paragraphs))
    return tuple(marked), found


def _make_work(front: dict[ParagraphRole, str], work: Work) -> Work:
    """Fill in what the front matter says of the work; what is not there stays absent."""
    doi = find_doi(front.get("doi", ""))
    years = _YEAR.findall(doi or "")
    return replace(
        work,
        title=front.get("title", work.title),
        authors=_split_authors(front.get("author", "")),
        affiliation=front.get("affiliation"),
        year=int(years[-1]) if years else None,
        doi=doi,
        url=f"https://doi.org/{doi}" if doi else None,
        keywords=_split_keywords(front.get("keywords", "")),
    )


def _find_title(sections: Sequence[Section]) -> str | None:
    """Return the first top heading of a text without front matter, as Markdown writes a title."""
    return next((section.title for section in sections if section.level == 1 and section.title), None)


def _front_role(block: str, section: Section, found: dict[ParagraphRole, str]) -> ParagraphRole:
    """Return the role of a paragraph, and note in `found` the first of each role."""
    role: ParagraphRole = "entry" if section.role == "references" else "text"
    if section.role in ("front", "abstract") and _KEYWORDS.match(block):
        role = "keywords"
    elif section.role == "front" and "title" not in found:
        role = "title" if len(block) <= _TITLE_MAX_CHARS and not block.endswith(".") else "text"
    elif section.role == "front" and find_doi(block):
        role = "doi"
    elif section.role == "front" and "author" not in found and _is_names(block):
        role = "author"
    elif section.role == "front" and "author" in found and _AFFILIATION.search(block):
        role = "affiliation"
    if role not in ("text", "entry"):
        found.setdefault(role, block)
    return role


def _is_names(block: str) -> bool:
    """Say whether a block of the front matter reads as a list of people's names."""
    words = re.sub(r"[\d*†‡§,;&]+|\band\b", " ", block).split()
    return (
        _NAMES_MIN_WORDS <= len(words) <= _NAMES_MAX_WORDS
        and all(word[0].isupper() for word in words)
        and not _AFFILIATION.search(block)
    )


def _split_authors(block: str) -> tuple[str, ...]:
    names = re.split(r"\s*(?:[,;&]|\band\b)\s*", re.sub(r"[\d*†‡§]+", "", block))
    return tuple(name.strip() for name in names if name.strip())


def _split_keywords(block: str) -> tuple[str, ...]:
    words = re.split(r"\s*[;,]\s*", _KEYWORDS.sub("", block).rstrip(". "))
    return tuple(word for word in words if word)


def _read_abstract(text: str, sections: Sequence[Section]) -> str | None:
    paragraphs = [p for s in sections if s.role == "abstract" for p in s.paragraphs]
    prose = [text[p.start : p.end] for p in paragraphs if not _KEYWORDS.match(text[p.start : p.end])]
    return "\n\n".join(prose) or None


def _iter_references(text: str, sections: Sequence[Section]) -> Iterator[Reference]:
    entries = [p for s in sections if s.role == "references" for p in s.paragraphs]
    for position, entry in enumerate(entries, 1):
        yield parse_reference(text[entry.start : entry.end], entry.start, position)
