"""What is the same on every page: the navigation with its counts, and light or dark."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

Theme: TypeAlias = Literal["auto", "light", "dark"]
THEMES: tuple[Theme, ...] = get_args(Theme)


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame of a page.

    Attributes:
        wrong: How many markers of the open paper point to another entry than their words, as far as that is known.
        sources: How many entries of its bibliography can be asked, out of how many; empty where there are none.
        theme: What the reader chose; "auto" follows the system.
        next_theme: What the switch leads to.
        here: The address of this page, to which the switch comes back.
    """

    wrong: int
    sources: str
    theme: Theme
    next_theme: Theme
    here: str


NO_FRAME = Frame(wrong=0, sources="", theme="auto", next_theme="light", here="/")
