"""Numbers of sources: in the order of their first use, and the same for as long as a conversation goes on."""

from collections.abc import Iterable, Mapping


def number_sources(uses: Iterable[str], earlier: Mapping[str, int] | None = None) -> dict[str, int]:
    """Return a number for each source that is used, from 1 and without gaps.

    Args:
        uses: Sources by name, one name a work, as often as they are used, in order.
        earlier: What this returned for what was used before; it is kept.

    Returns:
        The numbers by name, of the earlier ones as well.
    """
    numbers = dict(earlier or {})
    for name in uses:
        numbers.setdefault(name, max(numbers.values(), default=0) + 1)
    return numbers
