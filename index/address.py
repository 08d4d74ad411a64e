"""Addresses of papers as people give them: a URL, a DOI, an arXiv id."""

import re

from index.model import Reference

_DOI = re.compile(r"(?:doi:\s*|(?:https?://)?(?:dx\.|www\.)?doi\.org/)?(10\.\d{4,9}/\S{1,500})", re.IGNORECASE)
_ARXIV_ID = r"(\d{4}\.\d{4,5}|[a-z-]{1,20}(?:\.[a-z]{2})?/\d{7})(?:v\d{1,3})?"
_ARXIV = re.compile(
    rf"(?:arxiv:\s*|(?:https?://)?(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html)/)?{_ARXIV_ID}(?:\.pdf)?", re.IGNORECASE
)
_URL = re.compile(r"https?://[^\s/]{1,300}(?:[/?#]\S{0,2000})?", re.IGNORECASE)


def parse_address(text: str) -> Reference | None:
    """Return the work that a text names as an entry that holds its identifier, or None if it is no address."""
    text = text.strip().strip("<>")
    doi = _DOI.fullmatch(text)
    if doi:
        return Reference("1", text, 0, len(text), doi=doi[1].rstrip("?.").lower())
    arxiv = _ARXIV.fullmatch(text.rstrip("?"))
    if arxiv:
        return Reference("1", text, 0, len(text), arxiv=arxiv[1].lower())
    return Reference("1", text, 0, len(text), url=text) if _URL.fullmatch(text) else None
