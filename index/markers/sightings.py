"""A marker as it is seen in the text, before it is known what else the text cites by."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sighting:
    """The span of a marker, and the numbers of the entries that it names; None for one that is not in the list.

    `printed` are the same numbers as they stand in the marker, whether or not the list has them; a marker by author and
    year prints none.
    """

    start: int
    end: int
    names: tuple[str | None, ...]
    printed: tuple[str, ...] = ()
