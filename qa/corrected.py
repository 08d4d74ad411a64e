"""The bibliography of a paper as its text means it: in the order in which it is used, by what its markers are about."""

from collections.abc import Sequence
from dataclasses import dataclass

from qa.verdicts import Audit, AuditedMarker


@dataclass(frozen=True, slots=True)
class CorrectedOrder:
    """Numbers of the entries as printed, in the order in which they should stand, and what to know of it."""

    entries: tuple[str, ...]
    notes: tuple[str, ...] = ()


def correct_order(audit: Audit, entries: Sequence[str]) -> CorrectedOrder:
    """Return the entries that markers are about in the order of first use, then those that no marker is about.

    Args:
        audit: Of the paper.
        entries: The numbers of all entries as printed.
    """
    used = list(dict.fromkeys(number for marker in audit.markers if (number := _mean(marker))))
    rest = [number for number in entries if number not in used]
    lacking = list(dict.fromkeys(marker.marker for marker in audit.markers if marker.verdict == "missing"))
    notes = [f"the list has no entry for {', '.join(lacking)}"] if lacking else []
    notes += [f"no marker is about {_name_entries(rest)}, which {_verb(rest)} last"] if rest and used else []
    return CorrectedOrder((*used, *rest), tuple(notes))


def _mean(marker: AuditedMarker) -> str | None:
    """Return the number of the entry that a marker means: where it is unclear, what it prints."""
    return marker.points_to if marker.verdict == "unclear" else marker.about


def _name_entries(numbers: Sequence[str]) -> str:
    return f"{'entry' if len(numbers) == 1 else 'entries'} {', '.join(numbers)}"


def _verb(numbers: Sequence[str]) -> str:
    return "stands" if len(numbers) == 1 else "stand"
