"""Questions to begin with, from a paper's headings and keywords."""

import re
from collections.abc import Iterable

from index.model import Document
from web.texts import say

# Sections of which a reader seldom asks by their name.
_GENERIC = re.compile(
    r"(introduction|related work|background|methods?|results|discussion|conclusions?|acknowledg\w+)", re.IGNORECASE
)


def suggest_questions(document: Document) -> Iterable[str]:
    """Yield questions that a document's headings and keywords suggest, those of its innermost sections first."""
    # A word that the text also writes small is no name, whatever the case of the heading.
    body = [section for section in document.sections if section.role == "body" and section.title]
    words = (word for part in body for p in part.paragraphs for word in document.text[p.start : p.end].split())
    small = {word.strip(".,;:()") for word in words if word.islower()}
    for section in sorted(body, key=lambda section: -section.level):
        heading = re.sub(r"^[\dIVX.]+\s+", "", section.title).strip()
        if heading and not _GENERIC.fullmatch(heading):
            yield say("home.about", topic=_lower(heading, small))
    for keyword in document.work.keywords:
        yield say("home.about", topic=_lower(keyword, small))


def _lower(phrase: str, small: set[str]) -> str:
    """Return a phrase with the words of `small` in lower case."""

    def fold(word: re.Match[str]) -> str:
        return word[0].casefold() if word[0].casefold() in small else word[0]

    return re.sub(r"[^\W\d_]+", fold, phrase)
