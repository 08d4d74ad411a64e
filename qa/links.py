"""Addresses of quotes: in Ibid's own viewer, and at the work's own address, where a browser marks the very words."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias
from urllib.parse import quote, urlsplit
from weakref import ref

from index.joined_corpus import AnyCorpus
from index.model import Span, Work
from qa.finder import Finder
from qa.fragments import make_directive
from qa.occurrence import find_quote

# What opens at a link: exactly the quote, a little more around it, a printed page, or only the document.
Opens: TypeAlias = Literal["quote", "around", "page", "document"]

# Where a link into a document lands: the highlight, or else the passage.
HERE = "here"
_DIGEST_CHARS = 8
_AROUND_CHARS = 400
# Many questions are answered by the same sentences of the same documents; a page of 1 MB takes some 5 MB to search.
# What is remembered does not hold the corpus: that of an index that was replaced has files open in every thread.
_DIRECTIVES_KEPT, _FINDERS_KEPT = 4096, 8


@dataclass(frozen=True, slots=True)
class Links:
    """Where a quote can be read: in the viewer, and at the work's own address, if it has one."""

    view: str
    deep_link: str | None = None
    opens: Opens | None = None


def link_quote(corpus: AnyCorpus, work: Work, quoted: Span, page: int | None) -> tuple[str | None, Opens | None]:
    """Return the link that opens a work's own address at a quote, and what it opens at.

    Args:
        corpus: Holds the work.
        work: Only an address of the web is linked to.
        quoted: Where the quote stands in the work's text.
        page: On which the quote stands: a viewer of printed documents finds that, and no words.
    """
    url = safe_url(work.url)
    if not url:
        return None, None
    if page is not None:
        return f"{url.partition('#')[0]}#page={page}", "page"
    found = _find_directive(ref(corpus), work.id, quoted)
    return (f"{_strip_directive(url)}{found[0]}", found[1]) if found else (url, "document")


@lru_cache(maxsize=_DIRECTIVES_KEPT)
def _find_directive(held: ref[AnyCorpus], document: str, quoted: Span) -> tuple[str, Opens] | None:
    corpus = _hold(held)
    finder, is_shown = _open_finder(held, document)
    place: Span | None = quoted
    if is_shown:
        start, end = quoted
        low = max(0, start - _AROUND_CHARS)
        text = corpus.load_text(document, low, end + _AROUND_CHARS)
        place = find_quote(finder, text, (start - low, end - low))
    directive = make_directive(finder, place) if place else None
    return (directive.text, "quote" if directive.is_exact else "around") if directive else None


@lru_cache(maxsize=_FINDERS_KEPT)
def _open_finder(held: ref[AnyCorpus], document: str) -> tuple[Finder, bool]:
    """Return what searches a document's page, and whether that is the page as it is shown, or only its text."""
    corpus = _hold(held)
    shown = corpus.load_shown(document)
    return Finder(shown or corpus.load_text(document)), bool(shown)


def _hold(held: ref[AnyCorpus]) -> AnyCorpus:
    corpus = held()
    assert corpus  # noqa: S101 - whoever asks holds it
    return corpus


def _strip_directive(url: str) -> str:
    """Return an address ready for a directive: with the fragment that it has, but no directive of its own."""
    plain = url.partition(":~:")[0]
    return plain if "#" in plain else f"{plain}#"


def document_url(document: str, anchor: str = "") -> str:
    """Return the address of a document in the viewer, or of a place in it that has a name."""
    return f"/documents/{quote(document, safe='')}{f'#{anchor}' if anchor else ''}"


def place_url(document: str, passage: Span, highlight: Span | None = None, *, words: str | None = None) -> str:
    """Return the address of a document in the viewer that opens at a passage, or at the highlight in it.

    Args:
        document: Its id.
        passage: In its text.
        highlight: In its text.
        words: Those at the highlight, or else the passage, by which the viewer sees whether they are still there.
    """
    mark = f"&mark={highlight[0]}-{highlight[1]}" if highlight else ""
    digest = f"&is={digest_words(words)}" if words is not None else ""
    return f"{document_url(document)}?at={passage[0]}-{passage[1]}{mark}{digest}#{HERE}"


def digest_words(words: str) -> str:
    """Return a short digest of words: enough to see that they are others, not to keep anyone from forging it."""
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_CHARS]


def safe_url(url: str | None) -> str | None:
    """Return an address found in a document if a browser may follow it, and None for `javascript:` and its like."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None
