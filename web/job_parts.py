"""What stands on the pages of long works: the steps of one, and the forms that begin one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a work: its name, its state ("done", "now", "waiting" or "failed"), and how far it is, in words."""

    label: str
    state: str
    note: str


@dataclass(frozen=True, slots=True)
class AddForm:
    """How to add a paper.

    Attributes:
        address: What was typed, where that is to be mended.
        size: How large a file may be, in words.
        trouble: Why nothing was added; empty where nothing was tried.
        hint: What to do then.
    """

    address: str
    size: str
    trouble: str
    hint: str


@dataclass(frozen=True, slots=True)
class FetchForm:
    """A button that fetches the works that a paper cites, or the one of entry `number`."""

    paper: str
    number: str
    label: str
