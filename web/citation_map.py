"""Which sections cite which entries: a table of sections by entries, with a dot for each marker."""

from collections.abc import Mapping, Sequence

from index.model import Section
from qa.answer import parse_locator
from qa.links import place_url
from qa.verdicts import AuditedMarker
from web.audit_parts import CitationMap, MapColumn, MapDot, MapRow
from web.picture import explain, name_column
from web.texts import say

_LABEL_MAX = 4


def draw_map(
    markers: Sequence[AuditedMarker], entries: Sequence[str], sections: Sequence[Section]
) -> CitationMap | None:
    """Return the map of a paper, None where there is no marker or no entry.

    A marker stands under the number that it prints; numbers that the list lacks stand behind it.

    Args:
        markers: As judged.
        entries: The numbers of all entries, as printed.
        sections: Of the paper; those that cite nothing are left out.
    """
    if not markers or not entries:
        return None
    columns = tuple(dict.fromkeys([*entries, *(name_column(marker) for marker in markers)]))
    rows = [_draw_row(section, markers, columns) for section in sections]
    shown = tuple(row for row in rows if any(row.cells))
    cited = {name_column(marker) for marker in markers}
    return CitationMap(
        description=say("map.description", n=len(shown), cited=len(cited.intersection(entries)), entries=len(entries)),
        columns=tuple(MapColumn(name if len(name) <= _LABEL_MAX else "(…)", name) for name in columns),
        rows=shown,
    )


def _draw_row(section: Section, markers: Sequence[AuditedMarker], columns: Sequence[str]) -> MapRow:
    cells: Mapping[str, list[MapDot]] = {name: [] for name in columns}
    for marker in markers:
        if section.start <= marker.start < section.end:
            cells[name_column(marker)].append(_draw_dot(marker))
    return MapRow(section.title or say("place.front"), tuple(tuple(dots) for dots in cells.values()))


def _draw_dot(marker: AuditedMarker) -> MapDot:
    document, start, end = parse_locator(marker.locator)
    is_wrong = marker.verdict in {"mismatch", "missing"}
    return MapDot(
        url=place_url(document, (start, end), (marker.start, marker.end)), is_wrong=is_wrong, note=explain(marker)
    )
