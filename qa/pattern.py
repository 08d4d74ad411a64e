"""What is wrong with the numbers of a paper's markers as a whole, in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_AHEAD = 4  # numbers that are looked at to tell the beginning of a run from a single stray one
_RUN_MIN = 3  # of these that must be off by the same count
_COUNTS = "no one two three four five six seven eight nine ten".split()
_LISTED = 8  # single exceptions that are named one by one


@dataclass(frozen=True, slots=True)
class Found:
    """A number that markers print, the place (from 1) of its entry, and that of the entry that they are about.

    `place` is 0 where the list has no such entry, and None where it is unclear.
    """

    number: int
    expected: int
    place: int | None


@dataclass(frozen=True, slots=True)
class _Run:
    """Numbers from `first` on, which belongs at place `start`, whose entries stand `offset` places further down."""

    first: int
    start: int
    offset: int


def describe_pattern(
    found: Sequence[Found], names: Sequence[str], *, repeats: Mapping[str, str], uncited: frozenset[str]
) -> str:
    """Return what is wrong in a few sentences; empty where every number is right or unclear.

    Args:
        found: Each printed number once, ascending.
        names: The numbers of all entries as printed, in their order.
        repeats: Entries that repeat an earlier one, with that one.
        uncited: Entries that an unmarked sentence is about.
    """
    runs = list(_iter_runs(found))
    parts = [
        _describe_run(runs[at - 1] if at else _Run(0, 0, 0), run, names, repeats, uncited)
        for at, run in enumerate(runs)
    ]
    offsets = _spread_offsets(runs, found)
    strays = [each for each in found if each.place and _offset(each) != offsets[each.number]]
    lacking = [f"[{each.number}]" for each in found if each.place == 0]
    if strays:
        named = [_describe_stray(each, names) for each in strays[:_LISTED]]
        more = f", and {len(strays) - _LISTED} more are off by themselves" if len(strays) > _LISTED else ""
        parts.append(f"{'Apart from that, ' if runs else ''}{_join(named) if not more else ', '.join(named)}{more}.")
    if lacking:
        parts.append(f"The list has no entry for {_join(lacking, 'or')}.")
    told = " ".join(parts)
    repeated = [_tell_repeat(name, repeats) for name in names if parts and name in repeats]
    parts += [f"{repeat}." for repeat in repeated if repeat not in told]
    return " ".join(f"{part[0].upper()}{part[1:]}" for part in parts)


def _iter_runs(found: Sequence[Found]) -> Iterator[_Run]:
    """Yield where the count changes by which numbers are off, unless only for a stray number or two."""
    known = [each for each in found if each.place]
    offset = 0
    for at, each in enumerate(known):
        own = _offset(each)
        ahead = [_offset(other) for other in known[at : at + _AHEAD]]
        if own != offset and ahead.count(own) >= min(_RUN_MIN, max(2, len(ahead))):
            offset = own
            yield _Run(each.number, each.expected, own)


def _offset(found: Found) -> int:
    return (found.place or 0) - found.expected


def _spread_offsets(runs: Sequence[_Run], found: Sequence[Found]) -> dict[int, int]:
    return {each.number: next((run.offset for run in reversed(runs) if run.first <= each.number), 0) for each in found}


def _describe_run(
    before: _Run, run: _Run, names: Sequence[str], repeats: Mapping[str, str], uncited: frozenset[str]
) -> str:
    if not run.offset:
        return f"from [{run.first}] on, numbers and entries agree again."
    size = abs(run.offset)
    count = _COUNTS[size] if size < len(_COUNTS) else str(size)
    way = "ahead" if run.offset > 0 else "behind"
    skipped = range(run.start + before.offset, run.start + run.offset)
    causes = [_explain(_name(place, names), repeats, uncited) for place in skipped if 1 <= place <= len(names)]
    cause = (
        f": {'; '.join(causes)}"
        if causes
        else f": the list lacks {_COUNTS[min(before.offset - run.offset, 10)]}"
        if run.offset < before.offset
        else ""
    )
    return f"from [{run.first}] on, entries run {count} {way}{cause}."


def _describe_stray(found: Found, names: Sequence[str]) -> str:
    if found.place == found.expected:
        return f"[{found.number}] is right"
    return f"[{found.number}] is about entry {_name(found.place, names)}"


def _explain(entry: str, repeats: Mapping[str, str], uncited: frozenset[str]) -> str:
    if entry in repeats:
        return _tell_repeat(entry, repeats)
    return f"entry {entry} belongs to an uncited sentence" if entry in uncited else f"no marker is about entry {entry}"


def _tell_repeat(entry: str, repeats: Mapping[str, str]) -> str:
    return f"entry {entry} repeats entry {repeats[entry]}"


def _name(place: int | None, names: Sequence[str]) -> str:
    return names[(place or 1) - 1]


def _join(parts: Sequence[str], word: str = "and") -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"
