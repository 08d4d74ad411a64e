"""A marker as it is seen in the text, before it is known what else the text cites by."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sighting:
    """The span of a marker, and the numbers of the entries that it names; None for one that is not in the list."""

    start: int
    end: int
    names: tuple[str | None, ...]
