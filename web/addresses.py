"""Addresses that pages link to: our own, and those of others that are safe to follow."""

from urllib.parse import quote, urlencode, urlsplit

# Where a link into a document lands: the highlight, or else the passage.
HERE = "here"


def ask_url(question: str, *, k: int | None = None, source: str | None = None) -> str:
    """Return the address of a question's answer; what is None stays at its default."""
    fields = {"q": question, "k": k, "source": source}
    return f"/ask?{urlencode({name: value for name, value in fields.items() if value is not None})}"


def document_url(document: str, anchor: str = "") -> str:
    """Return the address of a document, or of a place in it that has a name."""
    return f"/documents/{quote(document, safe='')}{f'#{anchor}' if anchor else ''}"


def paper_url(name: str) -> str:
    """Return the address that opens a paper of the home."""
    return f"/papers/{quote(name, safe='')}"


def place_url(document: str, passage: tuple[int, int], highlight: tuple[int, int] | None) -> str:
    """Return the address of a document that opens at a passage, or at the highlight in it."""
    spans = {"at": passage, "mark": highlight}
    query = urlencode({name: f"{span[0]}-{span[1]}" for name, span in spans.items() if span})
    return f"{document_url(document)}?{query}#{HERE}"


def entry_anchor(position: int) -> str:
    """Return the name of the entry at a position, from 0, of a document's bibliography."""
    return f"entry-{position + 1}"


def safe_url(url: str | None) -> str | None:
    """Return an address found in a document if a browser may follow it, and None for `javascript:` and its like."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None
