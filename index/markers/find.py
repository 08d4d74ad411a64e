"""Find the markers of a document: by whichever means its list is cited."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from index.markers.author_year import AuthorYears
from index.markers.numbered import find_keys, find_raised, find_round, find_square, is_numbered
from index.markers.sentences import iter_claims
from index.markers.sightings import Sighting
from index.model import Marker, Reference, Span

_STYLE_MIN = 3  # markers of one kind that show that the list is cited by it


def find_markers(text: str, spans: Iterable[Span], references: Sequence[Reference]) -> tuple[Marker, ...]:
    """Find the markers inside `spans` of `text`, in reading order, and resolve them to `references` as printed.

    A number beyond the list is a marker that points to nothing, as are authors with a year that no entry has.
    """
    paragraphs = list(spans)
    found = _find_numbered(text, paragraphs, references)
    strict = sum(map(len, found)) >= _STYLE_MIN
    authors = AuthorYears(references)
    markers: list[Marker] = []
    for span, numbered in zip(paragraphs, found, strict=True):
        inside = authors.find_inside(text, span, strict=strict)
        seen = _drop_overlaps([*numbered, *inside, *authors.find_narrative(text, span)])
        markers.extend(_make_markers(text, span, seen))
    return tuple(sorted(markers, key=lambda marker: marker.start))


def _find_numbered(text: str, spans: Sequence[Span], references: Sequence[Reference]) -> list[list[Sighting]]:
    """Return the markers by number of each span: in square brackets, else raised, else in round brackets."""
    numbers = frozenset(reference.number for reference in references)
    printed = is_numbered(references)
    square = [[*find_square(text, span, numbers), *find_keys(text, span, numbers)] for span in spans]
    named = {name for sightings in square for sighting in sightings for name in sighting.names if name}
    if not printed and len(named) < _STYLE_MIN:
        return [[] for _ in spans]  # the list is cited by author and year
    if not printed or len(named) >= _STYLE_MIN:
        return square
    raised = [list(find_raised(text, span, numbers)) for span in spans]
    if not any(raised) and not any(square):
        rounds = find_round(text, spans, numbers)
        return [[each for each in rounds if span[0] <= each.start and each.end <= span[1]] for span in spans]
    return [sorted([*one, *other], key=lambda each: each.start) for one, other in zip(square, raised, strict=True)]


def _drop_overlaps(sightings: Iterable[Sighting]) -> list[Sighting]:
    """Return sightings in reading order; of two that overlap, the longer one."""
    kept: list[Sighting] = []
    for sighting in sorted(sightings, key=lambda each: (each.start, -each.end)):
        if not kept or sighting.start >= kept[-1].end:
            kept.append(sighting)
    return kept


def _make_markers(text: str, span: Span, sightings: Sequence[Sighting]) -> Iterator[Marker]:
    if not sightings:
        return
    for sighting, (sentence, clause) in zip(sightings, iter_claims(text, span, sightings), strict=True):
        for name, printed in zip_longest(sighting.names, sighting.printed):
            words = text[sighting.start : sighting.end]
            yield Marker(words, sighting.start, sighting.end, name, sentence, clause, printed)
