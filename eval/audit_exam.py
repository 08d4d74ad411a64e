"""The exam of the audit: papers with known faults about invented works to which its models were not fitted.

`python -m eval.audit_exam` prints the figures.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from eval.audited import AuditedPaper, make_papers, open_texts
from index.bundle import Index
from index.paper import parse_paper
from index.settings import Settings, load_settings
from qa.audit import HeldText, audit_paper

WORKS = "exam"
PAPERS = 200
_SEED = 7


@dataclass(frozen=True, slots=True)
class Figures:
    """How an audit did.

    Attributes:
        markers: How many were judged.
        f1: Micro-averaged over verdicts; one that is unclear is none.
        false_alarms: Share of right markers that are called wrong.
        named_right: Share of markers whose entry is named right, of those that have one.
        uncited_found: Share of the unmarked sentences about an entry that nothing cites which are told with that entry.
        uncited_right: Share of what is told of such sentences that is right.
    """

    markers: int
    f1: float
    false_alarms: float
    named_right: float
    uncited_found: float
    uncited_right: float


def open_exam(settings: Settings, folder: Path) -> Index:
    """Index the texts of the exam's works in a folder, and open the index."""
    return open_texts(WORKS, settings, folder)


def sit(index: Index, settings: Settings, *, faulty: bool, with_texts: bool, count: int = PAPERS) -> Figures:
    """Audit the papers of the exam, or the first `count` of them."""
    papers = make_papers(WORKS, count, seed=_SEED, faulty=faulty)
    return judge(papers, index, settings, with_texts=with_texts)


def judge(papers: Iterable[AuditedPaper], index: Index, settings: Settings, *, with_texts: bool) -> Figures:
    """Audit papers.

    Args:
        papers: With what is true of them.
        index: Of the texts of the works, as `open_texts` gives it.
        settings: How to search these.
        with_texts: Whether the texts of the works are at hand.
    """
    positions = {work.id: at for at, work in enumerate(index.corpus.list_works())}
    verdicts: Counter[tuple[str, str]] = Counter()
    named: Counter[bool] = Counter()
    told: Counter[str] = Counter()
    for paper in papers:
        document = parse_paper(paper.text, document_id="paper")
        held = {n: HeldText(positions[work.id], work.id) for n, work in paper.works.items()} if with_texts else {}
        audit = audit_paper(index, document, settings, held=held)
        for marker, gold in zip(audit.markers, paper.gold, strict=True):
            verdicts[gold.verdict, marker.verdict] += 1
            named[marker.about in gold.about] += bool(gold.about)
        said = {(each.sentence, each.about) for each in audit.uncited}
        told += Counter(said=len(said), true=len(paper.uncited), both=len(said & set(paper.uncited)))
    right = sum(count for (true, verdict), count in verdicts.items() if true == verdict)
    decided = sum(count for (_, verdict), count in verdicts.items() if verdict != "unclear")
    fine = sum(count for (true, _), count in verdicts.items() if true == "ok")
    alarms = sum(verdicts["ok", verdict] for verdict in ("mismatch", "missing"))
    return Figures(
        markers=verdicts.total(),
        f1=2 * right / (decided + verdicts.total()),
        false_alarms=alarms / fine,
        named_right=named[True] / named.total(),
        uncited_found=told["both"] / max(1, told["true"]),
        uncited_right=told["both"] / max(1, told["said"]),
    )


def main() -> None:
    """Print the figures of faulty and of clean papers, without and with the texts of what they cite."""
    settings = load_settings()
    with TemporaryDirectory() as folder:
        index = open_exam(settings, Path(folder))
        for faulty, with_texts in product((True, False), (False, True)):
            found = sit(index, settings, faulty=faulty, with_texts=with_texts)
            kind = f"{'faulty' if faulty else 'clean'} papers, {'with' if with_texts else 'without'} texts"
            print(f"{PAPERS} {kind}: {_tell(found)}")


def _tell(found: Figures) -> str:
    return (
        f"{found.markers:,} markers, F1 {found.f1:.3f}, false alarms {found.false_alarms:.2%}, entry named right "
        f"{found.named_right:.3f}; of sentences that lack a marker {found.uncited_found:.2f} found, and "
        f"{found.uncited_right:.2f} of what is told of them right"
    )


if __name__ == "__main__":
    main()
