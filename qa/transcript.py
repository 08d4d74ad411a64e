"""Transcripts: a conversation to take along, as Markdown, as a page of HTML, or as JSON for programs.

The JSON has `format` ("ibid conversation"), `version`, the fields of `Conversation` (the `answer` of each turn in the
schema of `POST /api/ask`), and `sources`: number, citation and url of each source that was used.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Literal, TypeAlias

from qa.account import Entries, give_account, list_used
from qa.account_html import write_html
from qa.account_markdown import write_markdown
from qa.turns import Conversation, write_conversation

Form: TypeAlias = Literal["md", "html", "json"]
MEDIA_TYPES: Mapping[Form, str] = {
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
}
_JSON_VERSION = 1
_NAME_MAX_CHARS = 60


def export_conversation(conversation: Conversation, form: Form, *, entries: Entries | None = None) -> str:
    """Return a conversation with its quotes, citations and links as a text in UTF-8.

    Args:
        conversation: With all its turns.
        form: Markdown, HTML or JSON.
        entries: Entries of bibliographies as printed, by document and number, for the notes on markers; where there
            are none any more, the notes name numbers alone.
    """
    if form == "json":
        return _write_json(conversation)
    account = give_account(conversation, entries or {})
    return write_html(account) if form == "html" else write_markdown(account)


def name_file(conversation: Conversation, form: Form) -> str:
    """Return a file name for an export: ASCII, from the title, and never empty."""
    words = re.findall(r"[a-z0-9]+", conversation.title.casefold())
    name = "-".join(words)[:_NAME_MAX_CHARS].strip("-")
    return f"{name or 'conversation'}.{form}"


def _write_json(conversation: Conversation) -> str:
    fields = {
        "format": "ibid conversation",
        "version": _JSON_VERSION,
        **json.loads(write_conversation(conversation)),
        "sources": [asdict(source) for source in list_used(conversation)],
    }
    return json.dumps(fields, ensure_ascii=False, indent=1) + "\n"
