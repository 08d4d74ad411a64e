"""The text below "References", split into one string per entry."""

from collections.abc import Sequence


def split_bibliography(blocks: Sequence[str]) -> list[str]:
    """Return the entries."""
    return list(blocks)
