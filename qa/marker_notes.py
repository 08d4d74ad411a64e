"""The markers inside a passage, with what the audit of their paper says of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from index.bundle import Index
from index.corpus import Place
from index.model import Marker
from index.settings import Settings
from qa.verdicts import Audit, AuditedMarker, Verdict


@dataclass(frozen=True, slots=True)
class MarkerNote:
    """A marker inside a passage, with what the audit of the paper says of it.

    Markers of the works that a paper cites are not audited, and so "unclear".

    Attributes:
        text: As printed.
        points_to: Number of the entry that it names as printed.
        verdict: Whether that is what the words before it are about.
        suggested: Number of the entry that they are about, where that is another one.
        score: Probability of the verdict, where there is one.
        evidence: Whether the words by themselves speak for that entry, above 0, or against it, as in the audit.
        support: Locator of the passage in the fetched text of what they are about that holds them best.
        same_as: Number of the entry that it names, where the suggested one is the same work.
    """

    text: str
    points_to: str | None
    verdict: Verdict
    suggested: str | None
    score: float | None = None
    evidence: float | None = None
    support: str | None = None
    same_as: str | None = None


def note_markers(index: Index, place: Place, settings: Settings) -> tuple[MarkerNote, ...]:
    """Return the markers of a passage as its paper's audit judges them."""
    if not place.markers:
        return ()
    # Imported where it is needed: few passages have markers.
    from qa.audits import load_audit

    return judge_markers(place.markers, load_audit(index, place.passage.document_id, settings))


def judge_markers(markers: Sequence[Marker], audit: Audit | None) -> tuple[MarkerNote, ...]:
    """Return a note for each of some neighbouring markers, in their order; those that were not audited are open."""
    judged: dict[int, list[AuditedMarker]] = {}
    for each in audit.markers if audit else ():
        judged.setdefault(each.start, []).append(each)
    notes = []
    for marker in markers:
        own = judged.get(marker.start)  # one for each entry that it names
        notes.append(_note(own.pop(0)) if own else _leave_open(marker))
    return tuple(notes)


def _leave_open(marker: Marker) -> MarkerNote:
    is_lacking = marker.number is not None and marker.points_to is None
    return MarkerNote(marker.text, marker.points_to, "missing" if is_lacking else "unclear", None)


def _note(judged: AuditedMarker) -> MarkerNote:
    return MarkerNote(
        text=judged.marker,
        points_to=judged.points_to,
        verdict=judged.verdict,
        suggested=judged.about if judged.about != judged.points_to else None,
        score=judged.score,
        evidence=judged.evidence,
        support=judged.support,
        same_as=judged.same_as,
    )
