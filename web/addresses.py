"""Addresses of our own that pages link to; those of documents and places in them are in `qa.links`."""

from urllib.parse import quote, urlencode


def ask_url(question: str, *, k: int | None = None, source: str | None = None) -> str:
    """Return the address of a question's answer; what is None stays at its default."""
    fields = {"q": question, "k": k, "source": source}
    return f"/ask?{urlencode({name: value for name, value in fields.items() if value is not None})}"


def paper_url(name: str) -> str:
    """Return the address that opens a paper of the home."""
    return f"/papers/{quote(name, safe='')}"


def entry_anchor(position: int) -> str:
    """Return the name of the entry at a position, from 0, of a document's bibliography."""
    return f"entry-{position + 1}"
