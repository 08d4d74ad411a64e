"""Entries taken apart by their shape, whatever style they are printed in."""

import re
from dataclasses import dataclass

from index.model import Name
from index.references.dates import YEAR
from index.references.heads import Head, iter_compact_heads, read_head
from index.references.imprint import Imprint, read_imprint
from index.references.titles import clean_title, split_quoted, split_title, take_extras

_NOWHERE = Imprint()
# "Title[J]. Journal, 2020": the marks of GB/T 7714, the Chinese standard.
_TYPE_MARK = re.compile(r"\s?\[(?:J|M|C|D|R|S|P|N|A|EB|DB|CP|Z)(?:/OL)?\]\s?[.,:。\uff0c]?\s?")
_SITE_FIRST = re.compile(
    rf"(?P<container>(?:[^.;:]|(?<=\b[A-Z])\.){{2,80}})\.\s(?P<date>{YEAR}(?:\s[A-Z][a-z]{{2}}(?:\s\d\d?)?)?)\s?[.;]\s"
    r"(?P<title>[^\W\d][^;]{7,300})$"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry taken apart, its parts as printed; `authors_sure` and `title_sure` say how sure those are, 0 to 1."""

    authors: str | None = None
    names: tuple[Name, ...] = ()
    date: str | None = None
    title: str | None = None
    imprint: Imprint = _NOWHERE
    authors_sure: float = 0.0
    title_sure: float = 0.0


def read_entry(text: str, *, is_linked: bool, is_online: bool = False) -> Entry:
    """Take an entry apart.

    Args:
        text: The entry on one line, without its number, identifiers and access date.
        is_linked: Whether it has a URL that leads to no DOI.
        is_online: Whether it says "[Internet]": then a site may stand before its page.
    """
    site = _read_site(text) if is_online else None
    if site:
        return site
    head = read_head(text)
    marked, quoted = _TYPE_MARK.search(head.rest), split_quoted(head.rest)
    if head.title:
        title, tail, sure = head.title, head.rest, 0.8
    elif marked:
        title, tail, sure = head.rest[: marked.start()], head.rest[marked.end() :], 0.95
    elif quoted:
        title, tail, sure = *quoted, 0.95
    else:
        title, tail = split_title(head.rest, by_comma=head.by_comma, is_loose=head.is_loose and is_linked)
        sure = 0.9 if head.authors and tail else 0.7
    is_part = bool(quoted) and not marked and not head.title
    return _assemble(head, (title, tail), sure=sure, is_linked=is_linked, is_part=is_part)


def _read_site(text: str) -> Entry | None:
    """Read "Authors. Site [Internet]. 2023 [cited 2024 May 3]. Page"."""
    for head in iter_compact_heads(text):
        site = _SITE_FIRST.match(head.rest)
        if site:
            imprint = Imprint(container=site["container"].strip(), date=site["date"])
            return Entry(head.authors, head.names, site["date"], clean_title(site["title"]), imprint, head.sure, 0.8)
    return None


def _assemble(head: Head, parts: tuple[str, str], *, sure: float, is_linked: bool, is_part: bool) -> Entry:
    title, extras = (parts[0], "") if is_part else take_extras(parts[0])
    clean = clean_title(title)
    imprint = read_imprint(f"{extras} {parts[1]}".strip(), is_part=is_part, is_linked=is_linked)
    date = head.date or imprint.date
    return Entry(head.authors, head.names, date, clean, imprint, head.sure, sure if clean else 0.0)
