"""The alignment as a picture: the numbers that markers print above, the entries below, a line to what each one means.

A number stands right above its entry, so that a right marker has a straight line and a list that runs ahead is seen as
a slant.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from qa.verdicts import AuditedMarker
from web.audit_parts import Dot, Line, Picture, Rail
from web.texts import say

# All in pixels. A row of columns is as wide as the page where it has few, and never too narrow to tell dots apart.
_WIDTH, _COLUMN_MIN, _COLUMN_MAX = 880, 14, 44
_PAD, _HEIGHT = 20, 220
_TOP, _BOTTOM = 60, 160
_LABEL_ABOVE, _LABEL_BELOW = _TOP - 12, _BOTTOM + 22
# Columns as narrow as this have a number only now and then.
_LABEL_ROOM = 24
_LABEL_MAX = 4
# Which of two lines between the same dots is drawn, the loudest last.
_ORDER = ("unclear", "printed", "ok", "wrong")


def draw_alignment(markers: Sequence[AuditedMarker], entries: Sequence[str]) -> Picture | None:
    """Return the picture of an audit, None where there is no marker or no entry.

    Args:
        markers: As judged.
        entries: The numbers of all entries, as printed.
    """
    if not markers or not entries:
        return None
    columns = _place_columns(markers, entries)
    lines = dict.fromkeys(line for marker in markers for line in _draw_lines(marker, columns))
    return Picture(
        width=round(max(columns.values()) + _PAD),
        height=_HEIGHT,
        description=_describe(markers),
        rails=(Rail(_TOP, say("picture.printed"), 20), Rail(_BOTTOM, say("picture.meant"), _HEIGHT - 8)),
        lines=tuple(sorted(lines, key=lambda line: _ORDER.index(line.role))),
        dots=(*_draw_printed(markers, columns), *_draw_entries(entries, columns)),
    )


def _place_columns(markers: Iterable[AuditedMarker], entries: Sequence[str]) -> Mapping[str, float]:
    """Return where each number stands from the left; those that the list lacks stand behind it."""
    names = dict.fromkeys([*entries, *(name_column(marker) for marker in markers)])
    step = min(max((_WIDTH - 2 * _PAD) / max(len(names) - 1, 1), _COLUMN_MIN), _COLUMN_MAX)
    return {name: round(_PAD + step * at, 1) for at, name in enumerate(names)}


def name_column(marker: AuditedMarker) -> str:
    """Return the number under which a marker stands: as it prints it, whether or not the list has it."""
    return marker.points_to or marker.number or marker.marker


def _draw_lines(marker: AuditedMarker, columns: Mapping[str, float]) -> Iterable[Line]:
    start = columns[name_column(marker)]
    printed = marker.points_to if marker.points_to in columns else None
    if marker.verdict in {"mismatch", "missing"} and printed:
        yield Line(_curve(start, columns[printed]), "printed")
    if marker.verdict in {"ok", "mismatch"} and marker.about in columns:
        yield Line(_curve(start, columns[str(marker.about)]), "ok" if marker.verdict == "ok" else "wrong")
    if marker.verdict == "unclear" and printed:
        yield Line(_curve(start, columns[printed]), "unclear")


def _curve(start: float, end: float) -> str:
    middle = (_TOP + _BOTTOM) / 2
    return f"M{start} {_TOP}C{start} {middle} {end} {middle} {end} {_BOTTOM}"


def _draw_printed(markers: Sequence[AuditedMarker], columns: Mapping[str, float]) -> Iterable[Dot]:
    """Yield a dot for each number that a marker prints, wrong where one such marker is."""
    labels = _label(columns)
    for name, x in columns.items():
        of_number = [marker for marker in markers if name_column(marker) == name]
        if of_number:
            is_wrong = any(marker.verdict in {"mismatch", "missing"} for marker in of_number)
            note = say("list.semicolon").join(dict.fromkeys(explain(marker) for marker in of_number))
            yield Dot(x, _TOP, labels[name], _LABEL_ABOVE, is_wrong, note)


def _draw_entries(entries: Sequence[str], columns: Mapping[str, float]) -> Iterable[Dot]:
    labels = _label(columns)
    for name in dict.fromkeys(entries):
        yield Dot(
            columns[name], _BOTTOM, labels[name], _LABEL_BELOW, is_wrong=False, note=say("picture.entry", number=name)
        )


def _label(columns: Mapping[str, float]) -> Mapping[str, str]:
    """Return the number that stands at each column: at all, or at some where they are narrow."""
    positions = list(columns.values())
    step = positions[1] - positions[0] if len(positions) > 1 else _LABEL_ROOM
    every = math.ceil(_LABEL_ROOM / step)
    shown = {name: name if len(name) <= _LABEL_MAX else "(…)" for name in columns}
    return {name: label if at % every == 0 else "" for at, (name, label) in enumerate(shown.items())}


def explain(marker: AuditedMarker) -> str:
    """Return in words what a marker points to."""
    names = {"mismatch": "wrong", "missing": "missing", "unclear": "unclear", "ok": "right"}
    return say(f"picture.told.{names[marker.verdict]}", marker=marker.marker, number=marker.about)


def _describe(markers: Sequence[AuditedMarker]) -> str:
    counts = Counter(marker.verdict for marker in markers)
    return say(
        "picture.description",
        n=len(markers),
        right=counts["ok"],
        wrong=counts["mismatch"],
        missing=counts["missing"],
        unclear=counts["unclear"],
    )
