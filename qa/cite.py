"""Citations: how a passage is cited, its key, and the links that open it."""

import re
from dataclasses import dataclass

from index.model import Locator, Work
from qa.links import Links, Opens


@dataclass(frozen=True, slots=True)
class Citation:
    """How to cite a passage.

    Attributes:
        key: A short name of the work.
        text: One line.
        url: The work's own address, if it has one.
        deep_link: Opens that address at the quote; absent where there is none of the web, or the quote is in doubt.
        opens: What the deep link opens at: the very quote, a little more around it, its printed page, or no place.
        view: The path in Ibid's own viewer that opens the document at the quote.
        number: Of the source: 1 for the first one that an answer, or a conversation, uses.
    """

    key: str
    text: str
    url: str | None
    deep_link: str | None
    opens: Opens | None
    view: str
    number: int


def cite(work: Work, locator: Locator, links: Links, *, number: int = 1) -> Citation:
    """Return the citation of a passage of a numbered source with the links to it."""
    return Citation(
        key=make_key(work),
        text=format_citation(work, locator),
        url=work.url,
        deep_link=links.deep_link,
        opens=links.opens,
        view=links.view,
        number=number,
    )


def make_key(work: Work) -> str:
    """Return a short name of a work: its first author's last word and the year, or else its id."""
    words = re.findall(r"\w+", work.authors[0].casefold()) if work.authors else []
    return f"{words[-1]}{work.year or ''}" if words else work.id


def format_citation(work: Work, locator: Locator) -> str:
    """Return author, year, title, section, paragraph and address as one line; what is not known is left out."""
    authors = ", ".join(work.authors)
    year = f"({work.year})" if work.year else "(n.d.)" if authors else ""
    head = " ".join(part for part in (authors, year) if part)
    parts = (head, work.title, name_place(work.title, locator))
    return " ".join(f"{part.rstrip('.')}." for part in parts if part) + f" {work.url or ''}".rstrip()


def name_place(title: str, locator: Locator) -> str:
    """Return section, page and paragraph, as a citation of a passage of a work with that title has them."""
    page = f"p. {locator.page}" if locator.page else ""
    section = name_section(title, locator.section)
    return ", ".join(part for part in (section, page, f"para. {locator.paragraph}") if part)


def name_section(title: str, section: str) -> str:
    """Return the name of a section, or nothing where it only repeats the title of its work."""
    return "" if _fold(section) == _fold(title) else section


def _fold(words: str) -> str:
    return "".join(filter(str.isalnum, words.casefold()))
