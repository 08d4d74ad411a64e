"""Make the page of citations from the audits of an index's papers."""

from collections import Counter
from collections.abc import Iterable, Mapping

from index.bundle import Index
from index.settings import Settings
from qa.answer import parse_locator
from qa.audits import load_audits
from qa.links import document_url, place_url
from qa.verdicts import Audit, AuditedMarker, UncitedSentence, Verdict
from web.addresses import cite_url, file_url
from web.audit_parts import AuditPart, Finding
from web.bibliography import Bibliography, support_url
from web.citation_map import draw_map
from web.compose import name_window
from web.pages import CitationsPage
from web.parts import Link
from web.picture import draw_alignment
from web.style_names import FILES
from web.texts import join_list, say

# From which probability on something is called so; the names are those of texts.
_LIKELY = ((0.99, "almost_certain"), (0.9, "very_likely"), (0.75, "likely"), (0.0, "barely"))
_PERHAPS = ((0.75, "perhaps_right"), (0.25, "open"), (0.0, "perhaps_wrong"))
# Numbers are what such a style corrects.
_FIRST_STYLES = ("ieee", "vancouver", "apa", "mla", "chicago", "chicago-notes", "harvard")


def count_wrong(index: Index, settings: Settings) -> int:
    """Return how many markers of an index's papers point to another entry than the one that their words match."""
    audits = load_audits(index, settings).values()
    return sum(marker.verdict == "mismatch" for audit in audits for marker in audit.markers)


def compose_citations(index: Index, settings: Settings) -> CitationsPage:
    """Return the audits of an index's papers, and ways to the bibliography of the first one as its text means it."""
    papers = [work.id for work in index.corpus.list_works() if work.kind == "paper"]
    audits = load_audits(index, settings)
    has_entries = bool(papers and index.corpus.list_references(papers[0]))
    return CitationsPage(
        title=name_window(say("page.citations")),
        question="",
        audits=tuple(
            _audit_part(index, audits.get(paper) or Audit(paper, (), "", ()), is_first=paper == papers[0])
            for paper in papers
        ),
        styles=tuple(Link(say(f"style.{name}"), cite_url([], name)) for name in _FIRST_STYLES) if has_entries else (),
        files=tuple(Link(say(f"file.{form}"), file_url([], form, index.paper)) for form in FILES)
        if has_entries
        else (),
    )


def _audit_part(index: Index, audit: Audit, *, is_first: bool) -> AuditPart:
    entries = [entry.number for entry in index.corpus.list_references(audit.document)]
    cards = _Cards(index, audit.document, is_first=is_first)
    findings = [cards.judge(f"m{at}", marker) for at, marker in enumerate(audit.markers, 1)]
    return AuditPart(
        paper=Link(index.corpus.load_work(audit.document).title, document_url(audit.document)),
        pattern=audit.pattern,
        is_fine=not any(finding.verdict in {"wrong", "same", "missing"} for finding in findings),
        counts=_tell_counts(audit.markers),
        picture=draw_alignment(audit.markers, entries),
        map=draw_map(audit.markers, entries, index.corpus.load_document(audit.document).sections),
        wrong=tuple(finding for finding in findings if finding.verdict in {"wrong", "same", "missing"}),
        others=tuple(finding for finding in findings if finding.verdict in {"ok", "unclear"}),
        uncited=tuple(cards.add(f"u{at}", sentence) for at, sentence in enumerate(audit.uncited, 1)),
    )


def _tell_counts(markers: Iterable[AuditedMarker]) -> str:
    counts = Counter(marker.verdict for marker in markers)
    order: Mapping[Verdict, str] = {"mismatch": "wrong", "missing": "missing", "ok": "right", "unclear": "unclear"}
    told = [say(f"citations.told.{name}", n=counts[verdict]) for verdict, name in order.items() if counts[verdict]]
    return say("citations.markers", n=counts.total(), told=join_list(told))


class _Cards:
    """What is shown of the markers and sentences of one paper."""

    def __init__(self, index: Index, document: str, *, is_first: bool) -> None:
        self._bibliography = Bibliography(document, index.corpus.list_references(document))
        works = index.corpus.list_works()
        self._held: Mapping[str, str] = {
            n: work.id for work in works if work.cited_by == document for n in work.entries
        }
        self._is_first = is_first

    def judge(self, anchor: str, marker: AuditedMarker) -> Finding:
        """Return what is shown of a marker."""
        meant = marker.about if marker.about != marker.points_to else None
        printed = marker.points_to if self._bibliography.link(marker.points_to) else None
        verdict, told = _tell(marker)
        return Finding(
            anchor=anchor,
            marker=marker.marker,
            place=_place(marker.locator, (marker.start, marker.end)),
            verdict=verdict,
            told=told,
            likely=_name_likelihood(marker),
            words=marker.clause,
            shared=join_list(marker.words),
            printed=self._bibliography.link_short(printed),
            meant=self._bibliography.link_short(meant),
            text_url=self._find_text(marker.about, marker.support),
            cite=self._cite(marker.about),
        )

    def add(self, anchor: str, sentence: UncitedSentence) -> Finding:
        """Return what is shown of a sentence without a marker."""
        return Finding(
            anchor=anchor,
            marker="",
            place=_place(sentence.locator),
            verdict="uncited",
            told=say("verdict.uncited"),
            likely="",
            words=sentence.sentence,
            shared=join_list(sentence.words),
            printed=None,
            meant=self._bibliography.link_short(sentence.about),
            text_url=self._find_text(sentence.about, sentence.support),
            cite=self._cite(sentence.about),
        )

    def _find_text(self, number: str | None, support: str | None) -> str | None:
        held = self._held.get(number or "")
        return support_url(support) if support else document_url(held) if held else None

    def _cite(self, number: str | None) -> str | None:
        target = number if self._is_first else self._held.get(number or "")
        return cite_url([target]) if target else None


def _place(locator: str, mark: tuple[int, int] | None = None) -> str:
    document, start, end = parse_locator(locator)
    return place_url(document, (start, end), mark)


def _tell(marker: AuditedMarker) -> tuple[str, str]:
    """Return the verdict on a marker by its name, and in words."""
    if marker.verdict == "mismatch" and marker.same_as:
        return "same", say("verdict.same", number=marker.about)
    if marker.verdict == "mismatch":
        return "wrong", say("verdict.wrong", number=marker.about)
    if marker.verdict == "missing":
        return "missing", say("verdict.missing")
    return ("ok", say("verdict.right")) if marker.verdict == "ok" else ("unclear", say("verdict.unclear"))


def _name_likelihood(marker: AuditedMarker) -> str:
    """Return how sure a verdict is, in words."""
    if marker.verdict == "unclear" and marker.points_to is None:
        return say("likely.no_entry")
    scale = _PERHAPS if marker.verdict == "unclear" else _LIKELY
    return say(f"likely.{next(name for least, name in scale if marker.score >= least)}")
