"""Read plain or Markdown text into blocks.

Three repairs and no other change: line breaks inside a paragraph become spaces, paragraphs that a page break cut in two
become one, and escaped punctuation loses its backslash.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from index.model import Block, Reading
from index.references.headings import is_bibliography_title

_HEADING_MAX_CHARS = 120
# A line this long is prose even without a full stop at its end, so it was cut by a page break.
_PROSE_MIN_CHARS = 80

_MARKDOWN_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_NUMBERED_HEADING = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+(?=[^\W\d_])(.{2,})$")
_NAMED_HEADING = re.compile(
    r"(abstract|summary|introduction|background|methods?|results|discussion|conclusions?|acknowledge?ments?"
    r"|references|bibliography|works cited|literature cited|appendix(?: [a-z])?)\s*:?$",
    re.IGNORECASE,
)
_KEYWORDS = re.compile(r"(?:key\s?words|index terms)\s*[:—-]\s*", re.IGNORECASE)
_LIST_ITEM = re.compile(r"(?:[-*+•]|\[\d{1,4}\]|\d{1,4}[.)])\s+\S")
_ESCAPE = re.compile(r"\\([$%&#_*])")
# With the full stops of Chinese, Japanese, Hindi, Arabic and Urdu, and the brackets that may follow them.
_SENTENCE_END = re.compile(
    "[.!?:;…\u3002\uff01\uff1f\uff0e\uff61\u0964\u061f\u06d4][\"'”’)\\]»\u300d\u300f\uff09]*$|[\\])>|]$"
)
_ENDING_CHARS = 20  # of a paragraph, in which its sentence ends


def read_text(source: str) -> Reading:
    """Read plain or Markdown text; any text is accepted.

    The lines of a bibliography stay lines, as each may be an entry of its own.
    """
    return Reading(tuple(_join_broken(list(_join_lines(_iter_blocks(source))))))


def _iter_blocks(source: str) -> Iterator[Block]:
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
            yield Block(_unescape(heading[2].rstrip().rstrip("#").rstrip()), level=len(heading[1]))
        elif line.strip():
            lines.append(line)
    yield from _close_block(lines, alone=True)


def _is_item(line: str) -> bool:
    return bool(_LIST_ITEM.match(line.strip()))


def _close_block(lines: list[str], *, alone: bool) -> Iterator[Block]:
    """Yield what `lines` hold as one block, and empty them; `alone` says that no list goes on around it."""
    kept = [line.strip() for line in lines if line.strip()]
    text = "\n".join(line.rstrip() for line in lines).strip("\n")
    lines.clear()
    if _is_verbatim(kept):
        yield Block(text)
    elif kept:
        text = _unescape("\n".join(kept))
        level = _heading_level(text) if alone and len(kept) == 1 else 0
        yield Block(text, level=level, is_item=_is_item(text))


def _is_verbatim(lines: Sequence[str]) -> bool:
    """Say whether lines are code or a table, whose line breaks stay."""
    return bool(lines) and (lines[0].startswith("```") or all(line.startswith("|") for line in lines))


def _join_lines(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks with the lines of each paragraph joined to one."""
    bibliography = 0  # level of the heading below which entries stand, if any
    for block in blocks:
        if block.level and not 0 < bibliography < block.level:
            bibliography = block.level if is_bibliography_title(block.text) else 0
        keep = bibliography or _is_verbatim(block.text.split("\n"))
        yield block if keep else replace(block, text=block.text.replace("\n", " "))


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


def _join_broken(blocks: Sequence[Block]) -> list[Block]:
    """Join paragraphs that a page break cut in mid-sentence; lines of the front matter end without a full stop."""
    front_end = next((position for position, block in enumerate(blocks) if block.level), 0)
    groups = [[block] for block in blocks[:front_end]]
    for block in blocks[front_end:]:
        if groups and _is_cut(groups[-1], block):
            groups[-1].append(block)
        else:
            groups.append([block])
    return [replace(group[0], text=" ".join(block.text for block in group)) for group in groups]


def _is_cut(group: Sequence[Block], following: Block) -> bool:
    """Say whether `following` goes on with the sentence in which a group of joined blocks ends."""
    last = group[-1]
    if last.level or following.level or following.is_item or "\n" in last.text or "\n" in following.text:
        return False
    if _SENTENCE_END.search(last.text[-_ENDING_CHARS:]) or _KEYWORDS.match(following.text):
        return False
    # Each block has a letter at least and a space behind it, so the last few tell.
    size = sum(len(block.text) + 1 for block in group[-_PROSE_MIN_CHARS:])
    return following.text[0].islower() or size > _PROSE_MIN_CHARS
