"""Which segments of an index stay as they are, and which documents are written anew.

Segments double: what is new is written together with every segment that is not much larger. So there are few of them,
and how often a document is written grows with the logarithm of how many follow it (O'Neil et al., 1996). A document
that is gone is only left out, until a quarter of its segment is.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

# What is so small is written anew each time, in one order with what is new; a minute's work would be too much.
_SMALL_CHARS = 1_500_000
_GROWTH = 2
# So much is written anew before what is new can be found: a fraction of a second's work.
_AT_ONCE_CHARS = 100_000
_GONE_MAX = 0.25
# About two and a half million windows: one segment is written by one process, in memory that this bounds.
_SEGMENT_CHARS = 625_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do.

    Attributes:
        kept: The positions of the documents to leave out of each segment that stays, by the segment's name.
        written: The digests of the documents of each new segment; of an index without any, one that is empty.
    """

    kept: Mapping[str, frozenset[int]]
    written: tuple[tuple[str, ...], ...]


def list_plans(segments: Mapping[str, Sequence[str]], sizes: Mapping[str, int]) -> list[Plan]:
    """Decide what to do, one plan after the other, so that just the documents of `sizes` are in force.

    What is new can be found before much of what is there is written anew: where that would take long, what is new is
    written alone first.

    Args:
        segments: The digests of the documents of each segment there is, by position; "" for one that was dropped.
        sizes: The characters of each document that is to be indexed by its digest, papers first.
    """
    plan, alone = plan_segments(segments, sizes), plan_alone(segments, sizes)
    anew = {digest for group in plan.written for digest in group}.difference(*alone.written)
    return [alone, plan] if sum(sizes[digest] for digest in anew) > _AT_ONCE_CHARS else [plan]


def plan_alone(segments: Mapping[str, Sequence[str]], sizes: Mapping[str, int]) -> Plan:
    """Decide what to do, else as `list_plans`, so that nothing is written but what is new."""
    held = {digest for digests in segments.values() for digest in digests}
    return _make_plan(
        segments, list(segments), {digest: sizes[digest] for digest in sizes if digest not in held}, sizes
    )


def plan_segments(segments: Mapping[str, Sequence[str]], sizes: Mapping[str, int]) -> Plan:
    """Decide what to do, else as `list_plans`, so that there are few segments."""
    held = {name: [digest for digest in digests if digest in sizes] for name, digests in segments.items()}
    weights = {name: sum(sizes[digest] for digest in digests) for name, digests in held.items()}
    loose = sum(sizes.values()) - sum(weights.values())
    kept: list[str] = []
    for name in sorted(weights, key=weights.__getitem__):
        is_thin = len(held[name]) < (1 - _GONE_MAX) * len(segments[name])
        if is_thin or (loose > 0 and weights[name] <= max(_SMALL_CHARS, _GROWTH * loose) <= _SEGMENT_CHARS):
            loose += weights[name]
        else:
            kept.append(name)
    known = {digest for name in kept for digest in held[name]}
    return _make_plan(segments, kept, {digest: size for digest, size in sizes.items() if digest not in known}, sizes)


def _make_plan(
    segments: Mapping[str, Sequence[str]], kept: Collection[str], loose: Mapping[str, int], sizes: Mapping[str, int]
) -> Plan:
    gone = {
        name: frozenset(at for at, digest in enumerate(digests) if digest not in sizes)
        for name, digests in segments.items()
        if name in kept
    }
    written = _divide(loose)
    return Plan(gone, tuple(written) if written or kept else ((),))


def _divide(sizes: Mapping[str, int]) -> list[tuple[str, ...]]:
    """Return documents in groups of which each may be a segment."""
    groups: list[list[str]] = []
    room = 0
    for digest, size in sizes.items():
        if not groups or room < size:
            groups.append([])
            room = _SEGMENT_CHARS
        groups[-1].append(digest)
        room -= size
    return [tuple(group) for group in groups]
