"""Numbers of sources: in the order of their first use, and the same for as long as a conversation goes on."""

from collections.abc import Iterable, Mapping


def number_sources(
    uses: Iterable[str], earlier: Mapping[str, int] | None = None, same: Mapping[str, str] | None = None
) -> dict[str, int]:
    """Return a number for each source that is used, from 1 and without gaps; one work has one number.

    Args:
        uses: Sources by name, such as ids of documents or numbers of entries, as often as they are used, in order.
        earlier: What this returned for what was used before; it is kept.
        same: The name of the first source that is the same work, by the names of those that repeat one.

    Returns:
        The numbers by name, of the earlier ones as well; names of one work have the same number.
    """
    same = same or {}
    numbers = dict(earlier or {})
    of_works = {same.get(name, name): number for name, number in numbers.items()}
    for name in uses:
        work = same.get(name, name)
        numbers[name] = of_works.setdefault(work, max(of_works.values(), default=0) + 1)
    return numbers
