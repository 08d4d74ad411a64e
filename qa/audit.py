"""The audit of a paper's citations: what each marker points to, what its sentence is about, and whether that agrees.

Evidence (`evidence.py`, and `support.py` where the text of an entry is at hand) says how far the marked words speak for
each entry; the sequence model (`alignment.py`) weighs it over the whole list. Where neither decides, the verdict is
"unclear": a doubt that is told beats a wrong word.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.bundle import Index
from index.model import Document, Marker, Reference, Span, format_locator
from index.references import find_same_works
from index.settings import Settings
from qa.alignment import Matrix, Pointing, align
from qa.claims import Claim, list_unmarked, read_claim
from qa.evidence import Comparison, add_texts, compare, pick_akin, rate_words, weigh
from qa.pattern import Found, describe_pattern
from qa.support import Support, find_support
from qa.verdicts import Audit, AuditedMarker, UncitedSentence, Verdict

# How sure it must be that a marker is wrong, and that it is right.
_SURE_WRONG, _SURE_RIGHT = 0.7, 0.5
# How far the words of a marker may speak against the entry that its place in the list speaks for.
_AGAINST = -2.5
# How much likelier the words of a marker, or of one near it, must be for its entry before its place in the list counts.
_ANCHOR = 1.5
_ANCHOR_PLACES = 4
# The same for an unmarked sentence to be told as one that an entry supports.
_SUPPORTED = 3.0
_SHARED_MIN = 2  # words
_WORTH_A_LOOK = 0.0  # from which it is looked for in the texts of entries
_WORDS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class HeldText:
    """The text of an entry, as a document of the index: its place among all of them, and its id."""

    position: int
    document: str


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """All that is weighed: claims, those of markers first, beside entries.

    Attributes:
        document: The paper.
        claims: Those of its markers, then its unmarked sentences.
        compared: Claims and entries.
        likelihoods: Of each claim being about each entry, as `evidence.weigh` gives them.
        held: Id of the document that holds the text of the entry at a place.
        support: Where these texts hold the claims at `searched`, a row for each.
        searched: Claims that were looked for in the texts, ascending.
    """

    document: Document
    claims: Sequence[Claim]
    compared: Comparison
    likelihoods: Matrix
    held: Mapping[int, str]
    support: Support | None
    searched: Sequence[int]

    @property
    def is_whole(self) -> bool:
        """Whether the list has more of the numbers that markers print than it lacks; else it was hardly read right."""
        printed = {marker.number: marker.points_to for marker in self.document.markers if marker.number}
        return 2 * sum(points_to is None for points_to in printed.values()) <= len(printed)

    @property
    def entries(self) -> Sequence[Reference]:
        return self.document.references

    def list_words(self, claim: int, entry: int) -> tuple[str, ...]:
        return tuple(self.compared.list_shared(claim, entry)[:_WORDS_SHOWN])

    def find_passage(self, claim: int, entry: int) -> str | None:
        """Return the locator of the place in the text of an entry that holds a claim best, if there is one."""
        if self.support is None or entry not in self.held or claim not in self.searched:
            return None
        span = self.support.find(self.searched.index(claim), list(self.held).index(entry))
        return format_locator(self.held[entry], *span) if span else None

    def locate(self, span: Span) -> str:
        return format_locator(self.document.work.id, *span)


def audit_paper(
    index: Index, document: Document, settings: Settings, *, held: Mapping[str, HeldText] | None = None
) -> Audit:
    """Audit the citations of a paper, with the texts of the works that it cites, as far as they are there.

    Args:
        index: The open index, which holds these texts.
        document: The paper.
        settings: How to search the texts.
        held: The text of each entry that has one, by the entry's number; by default those that the index lists for it.
    """
    if not document.references or not document.markers:
        return Audit(document.work.id, (), "", ())
    held = _list_held(index, document) if held is None else held
    case = _make_case(index, document, settings, held)
    count = len(document.markers)
    numbers = {entry.number: place for place, entry in reversed(list(enumerate(case.entries)))}
    pointings = _point_all(document)
    same = find_same_works(case.entries)
    chances = align(case.likelihoods[:count], pointings, [numbers[number] for number in same])
    anchored = _list_anchored(case.likelihoods[:count], chances, pointings)
    judged = tuple(
        _judge(case, at, chances[at], pointings[at], same, is_anchored=at in anchored) for at in range(count)
    )
    uncited = tuple(_list_uncited(case, judged))
    pattern = describe_pattern(
        _list_found(judged, case.entries),
        [entry.number for entry in case.entries],
        repeats=same,
        uncited=frozenset(sentence.about for sentence in uncited),
    )
    return Audit(document.work.id, judged, pattern, uncited)


def _make_case(index: Index, document: Document, settings: Settings, held: Mapping[str, HeldText]) -> _Case:
    entries, marked = document.references, len(document.markers)
    unmarked = pick_akin(list_unmarked(document), entries)
    claims = [*(read_claim(document, marker) for marker in document.markers), *unmarked]
    compared = compare(claims, entries, index.encoder, marked=marked)
    likelihoods = weigh(compared.features) * [rate_words(entry) for entry in entries]
    if len(entries) == 1:  # it cannot be told how near is near
        likelihoods[:] = 0.0
    searched = [at for at in range(len(claims)) if at < marked or likelihoods[at].max() >= _WORTH_A_LOOK]
    texts = {place: held[entry.number] for place, entry in enumerate(entries) if entry.number in held}
    support = None
    if texts:
        said = [(claims[at].sentence[slice(*claims[at].clause)], compared.vectors[at]) for at in searched]
        said += [(entries[place].title or entries[place].raw, compared.titles[place]) for place in range(len(entries))]
        support = find_support(index, said, [text.position for text in texts.values()], settings)
        features = add_texts(compared.features[searched], support.scores, list(texts))
        likelihoods[np.ix_(searched, list(texts))] = weigh(features, "text")
    names = {place: text.document for place, text in texts.items()}
    return _Case(document, claims, compared, likelihoods, names, support, searched)


def _list_held(index: Index, document: Document) -> dict[str, HeldText]:
    """Return the texts that the index holds of the works that a paper cites, by the numbers of the entries."""
    return {
        number: HeldText(position, work.id)
        for position, work in index.corpus.list_cited(document.work.id)
        for number in work.entries
    }


def _point_all(document: Document) -> list[Pointing]:
    """Return what each marker prints, its number as its rank among all numbers that the list and its markers print."""
    places = {entry.number: place for place, entry in reversed(list(enumerate(document.references)))}
    printed = {number for marker in document.markers if (number := _printed(marker)) is not None}
    listed = {int(number) for number in places if number.isdigit()}
    ranks = {number: rank for rank, number in enumerate(sorted(printed | listed), 1)}
    return [Pointing(places.get(m.points_to or ""), ranks.get(_printed(m) or 0)) for m in document.markers]


def _printed(marker: Marker) -> int | None:
    return int(marker.number) if marker.number and marker.number.isdigit() else None


def _list_anchored(likelihoods: Matrix, chances: Matrix, pointings: Sequence[Pointing]) -> set[int]:
    """Return the markers that have evidence of their own, or stand in the list beside one that has."""
    best = chances.argmax(axis=1)
    width = likelihoods.shape[1]
    own = {at for at, entry in enumerate(best.tolist()) if entry < width and likelihoods[at, entry] >= _ANCHOR}
    firm = np.array(sorted({number for at in own if (number := pointings[at].number) is not None}))
    numbers = [pointing.number for pointing in pointings]
    near = {
        at
        for at, number in enumerate(numbers)
        if number is not None and len(firm) and np.abs(firm - number).min() <= _ANCHOR_PLACES
    }
    return own | near


def _judge(
    case: _Case, at: int, chances: Matrix, pointing: Pointing, same: Mapping[str, str], *, is_anchored: bool
) -> AuditedMarker:
    marker, entries = case.document.markers[at], case.entries
    best = int(chances.argmax())
    pointed = len(entries) if pointing.entry is None else pointing.entry
    right = float(chances[pointing.entry]) if pointing.entry is not None else 0.0
    verdict: Verdict = "unclear"
    if best == pointing.entry:
        fits = is_anchored and case.likelihoods[at, best] > _AGAINST
        verdict = "ok" if fits and right >= _SURE_RIGHT else "unclear"
    elif chances[best] >= _SURE_WRONG and (is_anchored or best == pointed) and (best < len(entries) or case.is_whole):
        verdict = "missing" if best == len(entries) else "mismatch"
    about = None if best == len(entries) or chances[best] < _SURE_RIGHT else entries[best].number
    points_to = None if pointing.entry is None else entries[pointing.entry].number
    is_same = verdict == "mismatch" and about and points_to and same.get(about, about) == same.get(points_to, points_to)
    return AuditedMarker(
        marker=marker.text,
        sentence=case.document.text[slice(*marker.sentence)],
        clause=case.document.text[slice(*marker.clause)],
        number=marker.number,
        points_to=points_to,
        about=about,
        verdict=verdict,
        score=round(right if verdict == "unclear" else float(chances[best]), 4),
        evidence=round(float(case.likelihoods[at, best]), 2) if about else 0.0,
        words=case.list_words(at, best) if about else (),
        locator=case.locate(marker.sentence),
        start=marker.start,
        end=marker.end,
        same_as=points_to if is_same else None,
        support=case.find_passage(at, best) if about else None,
    )


def _list_found(judged: Sequence[AuditedMarker], entries: Sequence[Reference]) -> list[Found]:
    """Return each printed number with the place of the entry that most of its markers are about."""
    places = {entry.number: place for place, entry in reversed(list(enumerate(entries, 1)))}
    found: dict[int, list[int | None]] = {}
    for marker in judged:
        if marker.number and marker.number.isdigit():
            known = 0 if marker.verdict == "missing" else places.get(marker.about or "")
            found.setdefault(int(marker.number), []).append(None if marker.verdict == "unclear" else known)
    most = {number: Counter(of).most_common(1)[0][0] for number, of in found.items()}
    return [Found(number, _expect(number, places), most[number]) for number in sorted(most)]


def _expect(number: int, places: Mapping[str, int]) -> int:
    """Return the place of the entry of a number; of one that the list lacks, where it would stand."""
    before = [int(each) for each in places if each.isdigit() and int(each) <= number]
    last = max(before, default=0)
    return places.get(str(last), 0) + number - last


def _list_uncited(case: _Case, judged: Sequence[AuditedMarker]) -> list[UncitedSentence]:
    """Return the unmarked sentences that an entry supports which no marker is about.

    Of a work that is cited somewhere, a text may well go on to speak without a marker.
    """
    found = []
    cited = {marker.about for marker in judged}
    for at in range(len(judged), len(case.claims)):
        claim = case.claims[at]
        place = int(case.likelihoods[at].argmax())
        entry = case.entries[place]
        is_supported = case.likelihoods[at, place] >= _SUPPORTED and len(case.list_words(at, place)) >= _SHARED_MIN
        if entry.number in cited or not is_supported:
            continue
        span = (claim.start, claim.start + len(claim.sentence))
        found.append(
            UncitedSentence(
                sentence=case.document.text[slice(*span)],
                about=entry.number,
                score=round(float(case.likelihoods[at, place]), 2),
                words=case.list_words(at, place),
                locator=case.locate(span),
                support=case.find_passage(at, place),
            )
        )
    return found
