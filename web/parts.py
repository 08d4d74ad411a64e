"""What stands on pages: links, passages, notes, rows and pictures, ready to be shown."""

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Link:
    """Words and the address that they lead to."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Note:
    """A marker of the paper and the entry that it names.

    Attributes:
        marker: As printed.
        entry: None where the list has none such.
        verdict: How the audit sees it: "ok", "wrong", "same", "missing" or "unclear".
        meant: The entry that its words match, where that is another one.
        hint: What the audit says, for those who ask.
    """

    marker: str
    entry: Link | None
    verdict: str
    meant: Link | None
    hint: str


@dataclass(frozen=True, slots=True)
class PaperChoice:
    """A paper of the home, the address that opens it, and the one that removes it where that is allowed."""

    title: str
    name: str
    url: str
    remove: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class StyleChoice:
    """A citation style by its name, and as people call it."""

    name: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class InText:
    """A place that is cited, and how it is cited in running text, in HTML."""

    source: Link
    citation: Markup
