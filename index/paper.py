"""Make a document of what was read from a file: sections, front matter, bibliography and markers, with exact spans."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from index.front import is_keywords, read_front
from index.legible import make_legible
from index.markers import find_markers
from index.model import Block, Document, DocumentKind, Paragraph, Reading, Reference, Section, SectionRole, Work
from index.references import parse_reference, split_bibliography
from index.references.headings import is_bibliography_title
from index.text import read_text

_ABSTRACT_TITLE = re.compile(r"(?:[\d.]+\s+)?(?:abstract|summary)\W*$", re.IGNORECASE)
_ABSTRACT_MIN_CHARS = 300
_GAP = "\n\n"  # between two blocks of the stored text
# Where a title that a page's own markup does not vouch for was found: what cites the work knows it better.
_FIRST_PAGE = "first page"


def parse_paper(source: str, *, document_id: str, kind: DocumentKind = "paper") -> Document:
    """Parse plain or Markdown text into a document.

    Args:
        source: Any text is accepted; one without headings becomes one section.
        document_id: The id to give the document; also its title where the text has none.
        kind: Whether it is the paper or a work that the paper cites.
    """
    return make_document(read_text(source), document_id=document_id, kind=kind)


def make_document(reading: Reading, *, document_id: str, kind: DocumentKind = "paper") -> Document:
    """Make a document of what was read; else as `parse_paper`.

    What the file says of its work goes before what its first page says.
    """
    blocks = _split_entries(tuple(_iter_legible(reading.blocks)))
    text = _GAP.join(block.text for block in blocks)
    sections, work = read_front(text, tuple(_iter_sections(blocks)), Work(document_id, kind, title=document_id))
    references = tuple(_iter_references(text, sections))
    prose = [(p.start, p.end) for s in sections if s.role != "references" for p in s.paragraphs]
    return Document(
        work=_apply_facts(replace(work, abstract=_read_abstract(text, sections)), reading),
        text=text,
        sections=sections,
        references=references,
        markers=find_markers(text, prose, references),
        pages=tuple(_iter_pages(blocks)),
        shown=reading.shown,
    )


def _iter_legible(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks without what is no text; of one that is nothing else, the page turns pass to the next."""
    carried: tuple[tuple[int, int], ...] = ()
    for block in blocks:
        text = make_legible(block.text)
        turns = tuple((len(make_legible(block.text[:offset])), page) for offset, page in block.pages)
        carried += turns
        if text or not block.text:
            yield replace(block, text=text, pages=carried)
            carried = ()


def _split_entries(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks with each entry of a bibliography in one of its own, and marked as one."""
    whole: list[Block] = []
    entries: list[Block] = []
    bibliography = 0  # level of the heading below which entries stand, if any
    for block in [*blocks, Block("", level=1)]:
        if block.level:
            whole += _regroup(entries)
            entries = []
        if block.level and not 0 < bibliography < block.level:
            bibliography = block.level if is_bibliography_title(block.text) else 0
        (entries if bibliography and not block.level else whole).append(block)
    return whole[:-1]


def _regroup(blocks: Sequence[Block]) -> list[Block]:
    """Return blocks of a bibliography as one per entry, each with the page on which it begins.

    What a reader of files set apart behind the last entry, such as the lives of the authors, is no entry.
    """
    items = [at for at, block in enumerate(blocks) if block.is_item]
    end = items[-1] + 1 if items else len(blocks)
    texts = [block.text for block in blocks[:end]]
    entries = split_bibliography(texts)
    pages = _Pages(blocks[:end])
    kept = blocks[:end] if entries == texts else [Block(entry, pages=pages.take(entry)) for entry in entries]
    return [*(replace(block, role="entry", is_item=True) for block in kept), *blocks[end:]]


class _Pages:
    """Tells on which page each of some texts begins that are cut anew, by the letters and digits before it."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        sizes = [_count_letters(block.text) for block in blocks]
        starts = accumulate(sizes, initial=0)
        self._turns = [
            (start + _count_letters(block.text[:offset]), page)
            for start, block in zip(starts, blocks, strict=False)
            for offset, page in block.pages
        ]
        self._read = 0

    def take(self, text: str) -> tuple[tuple[int, int], ...]:
        """Return the pages that begin in the next text; one that begins inside it is put at its start."""
        self._read += _count_letters(text)
        passed = [page for at, page in self._turns if at < self._read]
        self._turns = self._turns[len(passed) :]
        return ((0, passed[0]),) if passed else ()


def _count_letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def _iter_pages(blocks: Sequence[Block]) -> Iterator[tuple[int, int]]:
    start = 0
    for block in blocks:
        for offset, page in block.pages:
            yield start + offset, page
        start += len(block.text) + len(_GAP)


def _apply_facts(work: Work, reading: Reading) -> Work:
    """Fill in what the file says of its work, and say of every field where it was found."""
    fields = ("title", "authors", "affiliation", "year", "doi", "url", "abstract", "keywords", "container")
    blank = Work(id=work.id, kind=work.kind, title=work.id)
    provenance = {field: _FIRST_PAGE for field in fields if getattr(work, field) != getattr(blank, field)}
    facts = {fact.field: fact for fact in reversed(reading.facts) if fact.field in fields}
    values = {field: _make_value_legible(fact.value) for field, fact in facts.items()}
    provenance |= {field: fact.provenance for field, fact in facts.items()}
    known = replace(work, **values, provenance=provenance)  # type: ignore[arg-type]
    return replace(known, url=f"https://doi.org/{known.doi}") if known.doi and not known.url else known


def _make_value_legible(value: str | int | tuple[str, ...]) -> str | int | tuple[str, ...]:
    if isinstance(value, tuple):
        return tuple(map(make_legible, value))
    return make_legible(value) if isinstance(value, str) else value


def _iter_sections(blocks: Sequence[Block]) -> Iterator[Section]:
    """Group blocks into sections; what stands before the first heading is the front matter."""
    path: list[tuple[int, str]] = []
    heading: Block | None = None
    members: list[Paragraph] = []
    start = position = 0
    untitled: SectionRole = "front" if any(block.level for block in blocks) else "body"
    for block in [*blocks, Block("", level=1)]:
        if block.level:
            if heading or members:
                yield _make_section(heading, path, start, members, untitled)
            path = [(level, title) for level, title in path if level < block.level] + [(block.level, block.text)]
            heading, start, members = block, position, []
        else:
            members.append(Paragraph(len(members) + 1, position, position + len(block.text), block.role))
        position += len(block.text) + len(_GAP)


def _make_section(
    heading: Block | None,
    path: Sequence[tuple[int, str]],
    start: int,
    members: Sequence[Paragraph],
    untitled: SectionRole,
) -> Section:
    title = heading.text if heading else ""
    titles = [outer for _, outer in path]
    role: SectionRole = "body"
    if heading is None:
        role = untitled
    elif any(is_bibliography_title(outer) for outer in titles):
        role = "references"
    elif _ABSTRACT_TITLE.match(title):
        role = "abstract"
    return Section(
        title=title,
        level=heading.level if heading else 1,
        path=tuple(titles),
        role=role,
        start=start,
        end=members[-1].end if members else start + len(title),
        paragraphs=tuple(members),
    )


def _read_abstract(text: str, sections: Sequence[Section]) -> str | None:
    paragraphs = [p for s in sections if s.role == "abstract" for p in s.paragraphs]
    prose = [text[p.start : p.end] for p in paragraphs if not is_keywords(text[p.start : p.end])]
    if not prose:  # some papers begin with it, without a word above it
        first = (text[p.start : p.end] for s in sections if s.role == "front" for p in s.paragraphs if p.role == "text")
        prose = [block for block in first if len(block) >= _ABSTRACT_MIN_CHARS and block.endswith(".")][:1]
    return "\n\n".join(prose) or None


def _iter_references(text: str, sections: Sequence[Section]) -> Iterator[Reference]:
    """Yield the entries; one whose number is taken, as in a second list, bears it with a mark: "1-2"."""
    entries = [p for s in sections if s.role == "references" for p in s.paragraphs if p.role == "entry"]
    seen: Counter[str] = Counter()
    for position, entry in enumerate(entries, 1):
        reference = parse_reference(text[entry.start : entry.end], entry.start, position)
        seen[reference.number] += 1
        times = seen[reference.number]
        yield replace(reference, number=f"{reference.number}-{times}") if times > 1 else reference
