"""Addresses of our own that pages link to; those of documents and places in them are in `qa.links`."""

import re
from collections.abc import Sequence
from urllib.parse import quote, urlencode

# Where files may be sent: a paper, or the text of a work that it cites.
UPLOADS = frozenset({"/papers", "/sources/texts"})
# Letters of an address that no browser reads in another way than it is written.
_ANSWER = re.compile(
    r"/conversations/[\w-]{1,64}(?:#t\d{1,6})?|/ask\?[\w%+&=.~*!$'(),;:@/?-]{1,8000}(?:#[\w-]{1,20})?", re.ASCII
)
# Behind one slash no browser reads the name of a server; it takes a backslash for a slash, and any number for two.
_OWN_PATH = re.compile(r"/(?!/)[^\\]*")


def ask_url(question: str, *, k: int | None = None, source: str | None = None) -> str:
    """Return the address of a question's answer; what is None stays at its default."""
    fields = {"q": question, "k": k, "source": source}
    return f"/ask?{urlencode({name: value for name, value in fields.items() if value is not None})}"


def thread_url(thread: str, turn: int | None = None) -> str:
    """Return the address of a conversation, at one of its turns."""
    return f"/conversations/{quote(thread, safe='')}" + (f"#t{turn}" if turn else "")


def turn_url(thread: str, turn: int) -> str:
    """Return the address to which it is sent what becomes of a turn of a conversation."""
    return f"{thread_url(thread)}/turns/{turn}"


def threads_url(before: str | None = None) -> str:
    """Return the address of the list of conversations, from one on."""
    return f"/conversations?{urlencode({'before': before})}" if before else "/conversations"


def export_url(thread: str, form: str) -> str:
    """Return the address of a conversation as a file."""
    return f"{thread_url(thread)}/export?{urlencode({'format': form})}"


def remove_url(thread: str) -> str:
    """Return the address that asks whether a conversation is to go, and lets it go."""
    return f"{thread_url(thread)}/remove"


def own_path(address: str) -> str:
    """Return an address if it is a path on this server, and the first page's if it may lead elsewhere."""
    return address if _OWN_PATH.fullmatch(address) and address.isprintable() else "/"


def paper_url(name: str) -> str:
    """Return the address that opens a paper of the home."""
    return f"/papers/{quote(name, safe='')}"


def removal_url(name: str) -> str:
    """Return the address that asks whether a paper of the home is to be removed, and that removes it."""
    return f"{paper_url(name)}/remove"


def job_url(name: str, what: str = "") -> str:
    """Return the address of a long work, or of what there is about it: its "events", or how to "cancel" it."""
    return f"/jobs/{name}/{what}" if what else f"/jobs/{name}"


def sources_url(state: str = "") -> str:
    """Return the address of the page of sources, with only the entries in one state if one is named."""
    return f"/sources?{urlencode({'state': state})}" if state else "/sources"


def text_url(paper: str, number: str) -> str:
    """Return the address that takes a file as the text of an entry of a paper."""
    return f"/sources/texts?{urlencode({'paper': paper, 'number': number})}"


def entry_anchor(position: int) -> str:
    """Return the name of the entry at a position, from 0, of a document's bibliography."""
    return f"entry-{position + 1}"


def marker_anchor(start: int) -> str:
    """Return the name of the marker that begins at a place of a document's text."""
    return f"m{start}"


def read_back(address: str | None) -> str | None:
    """Return an address as the way back from a document if it is that of an answer of ours, and else None."""
    return address if address and _ANSWER.fullmatch(address) else None


def add_back(url: str, back: str) -> str:
    """Return the address of a document with the way back from it, an address of an answer."""
    path, mark, fragment = url.partition("#")
    return f"{path}{'&' if '?' in path else '?'}{urlencode({'from': back})}{mark}{fragment}"


def cite_url(targets: Sequence[str], style: str | None = None) -> str:
    """Return the address that shows how to cite some sources; without any, the whole bibliography."""
    return f"/cite?{urlencode(_name_targets(targets) + ([('style', style)] if style else []))}"


def file_url(targets: Sequence[str], form: str, paper: str) -> str:
    """Return the address of a file of citations of some sources of a paper; without any, of the whole bibliography."""
    fields = [("format", form), *([("paper", paper)] if paper else [])]
    return f"/api/cite?{urlencode(_name_targets(targets) + fields)}"


def _name_targets(targets: Sequence[str]) -> list[tuple[str, str]]:
    return [("at", target) for target in targets] or [("bibliography", "true")]
