"""Citations: how a passage is cited, its key, and a link that opens the original at the very words."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from index.model import Locator, Work

_FRAGMENT_WORDS = 5


@dataclass(frozen=True, slots=True)
class Citation:
    """How to cite a passage; `url` and `deep_link` are absent where the work has no address."""

    key: str
    text: str
    url: str | None
    deep_link: str | None


def cite(work: Work, locator: Locator, quotation: str) -> Citation:
    """Return the citation of a passage, whose link opens at `quotation`, and a PDF at least at its page."""
    page = f"page={locator.page}" if locator.page else ""
    return Citation(
        key=make_key(work),
        text=format_citation(work, locator),
        url=work.url,
        deep_link=f"{work.url}#{page}:~:text={make_text_fragment(quotation)}" if work.url else None,
    )


def make_key(work: Work) -> str:
    """Return a short name of a work: its first author's last word and the year, or else its id."""
    words = re.findall(r"\w+", work.authors[0].casefold()) if work.authors else []
    return f"{words[-1]}{work.year or ''}" if words else work.id


def format_citation(work: Work, locator: Locator) -> str:
    """Return author, year, title, section, paragraph and address as one line; what is not known is left out."""
    authors = ", ".join(work.authors)
    year = f"({work.year})" if work.year else "(n.d.)" if authors else ""
    page = f"p. {locator.page}" if locator.page else ""
    section = name_section(work.title, locator.section)
    place = ", ".join(part for part in (section, page, f"para. {locator.paragraph}") if part)
    head = " ".join(part for part in (authors, year) if part)
    return (
        " ".join(f"{part.rstrip('.')}." for part in (head, work.title, place) if part) + f" {work.url or ''}".rstrip()
    )


def name_section(title: str, section: str) -> str:
    """Return the name of a section, or nothing where it only repeats the title of its work."""
    return "" if _fold(section) == _fold(title) else section


def _fold(words: str) -> str:
    return "".join(filter(str.isalnum, words.casefold()))


def make_text_fragment(quotation: str) -> str:
    """Return the text directive that selects `quotation`: its first and last words, percent-encoded.

    The characters that have a meaning in a directive, `-`, `,` and `&`, are encoded too (URL Fragment Text Directives,
    W3C Community Group draft, 2023).
    """
    words = quotation.split()
    if len(words) <= 2 * _FRAGMENT_WORDS:
        return _encode(" ".join(words))
    return f"{_encode(' '.join(words[:_FRAGMENT_WORDS]))},{_encode(' '.join(words[-_FRAGMENT_WORDS:]))}"


def _encode(text: str) -> str:
    return quote(text, safe="").replace("-", "%2D")
