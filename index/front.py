"""The front matter: which of a paper's first lines are its title, authors, affiliation, DOI and keywords."""

import re
from collections.abc import Sequence
from dataclasses import replace

from index.model import Paragraph, ParagraphRole, Section, Work
from index.references import find_doi

_TITLE_MAX_CHARS = 300
_NAMES_MIN_WORDS, _NAMES_MAX_WORDS = 2, 60

_KEYWORDS = re.compile(r"(?:key\s?words|index terms)\s*[:—-]\s*", re.IGNORECASE)
_AFFILIATION = re.compile(
    r"universit|institut|department|college|school|laborator|faculty|academy|Ph\.?D", re.IGNORECASE
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def read_front(text: str, sections: Sequence[Section], work: Work) -> tuple[tuple[Section, ...], Work]:
    """Return the sections with the roles of the front matter filled in, and the work with what it says of it.

    Args:
        text: The document's.
        sections: Its sections; a role that a paragraph has already stays.
        work: What is known of the work without it.
    """
    found: dict[ParagraphRole, str] = {}
    marked: list[Section] = []
    for section in sections:
        roles = [_find_role(text[p.start : p.end], p, section, found) for p in section.paragraphs]
        paragraphs = tuple(replace(p, role=role) for p, role in zip(section.paragraphs, roles, strict=True))
        marked.append(replace(section, paragraphs=paragraphs))
    return tuple(marked), _make_work(found, replace(work, title=_find_title(sections) or work.title))


def is_keywords(block: str) -> bool:
    """Say whether a paragraph lists keywords."""
    return bool(_KEYWORDS.match(block))


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


def _find_role(block: str, paragraph: Paragraph, section: Section, found: dict[ParagraphRole, str]) -> ParagraphRole:
    """Return the role of a paragraph, and note in `found` the first of each role."""
    role = paragraph.role
    if role != "text":
        pass
    elif section.role in ("front", "abstract") and _KEYWORDS.match(block):
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
