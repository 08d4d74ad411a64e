"""Papers with faults that are known: invented works, cited in running text by a list in which something was moved.

A paper is made as an author makes one: works are cited in the order of their numbers, or of their authors. Then faults
are put into the list or the text, as they come about in life: an entry that nothing cites, one that is lost, one that
stands there twice, two that changed places, a marker with a wrong number.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

from index.build import index_documents
from index.bundle import Index, open_index
from index.encode import Encoder, EncoderCard, QuestionReading, Reading
from index.model import Span
from index.paper import parse_paper
from index.settings import Settings

FOLDER = Path(__file__).parent / "works"
Fault: TypeAlias = Literal["uncited", "lost", "twice", "swapped", "wrong"]
FAULTS: tuple[Fault, ...] = ("uncited", "lost", "twice", "swapped", "wrong")
_BY_AUTHOR = 0.25  # of lists that are cited by number
_TOLD = 0.7  # of entries that no marker cites, but a sentence tells of
_MONTHS = "January February March April May June July August September October November December".split()


@dataclass(frozen=True, slots=True)
class InventedWork:
    """A work that does not exist, what others write of it, and its text."""

    id: str
    cluster: str
    authors: tuple[Mapping[str, str], ...]
    issued: str
    title: str
    container: str
    url: str
    claims: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Gold:
    """What a marker prints, and the numbers of the entries, none or more, that it is about."""

    marker: str
    about: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """What an audit should say of it."""
        return "ok" if self.marker.strip("[]") in self.about else "mismatch" if self.about else "missing"


@dataclass(frozen=True, slots=True)
class AuditedPaper:
    """A paper as plain text.

    Attributes:
        text: The paper.
        gold: Of its markers, in reading order.
        faults: What was put into it.
        works: The work of each entry, by number.
        uncited: Unmarked sentences that an entry supports which nothing cites, with the entry's number.
    """

    text: str
    gold: tuple[Gold, ...]
    faults: tuple[Fault, ...]
    works: Mapping[str, InventedWork]
    uncited: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Draft:
    """A paper in the making: sentences with the work that each marks, and the list."""

    sentences: list[list[tuple[str, InventedWork | None]]]
    listed: list[InventedWork] = field(default_factory=list)


@cache
def load_works(name: str) -> tuple[tuple[InventedWork, ...], Mapping[str, tuple[str, ...]]]:
    """Return the works of a set, and by cluster the sentences around them that cite nothing."""
    works = []
    for row in _read_lines(FOLDER / f"{name}.jsonl"):
        fields = {key: row[key] for key in ("id", "cluster", "issued", "title", "container", "url", "text")}
        works.append(InventedWork(**fields, authors=tuple(row["authors"]), claims=tuple(row["claims"])))
    filler = {row["cluster"]: tuple(row["filler"]) for row in _read_lines(FOLDER / f"{name}_filler.jsonl")}
    return tuple(works), filler


def _read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def open_texts(name: str, settings: Settings, folder: Path) -> Index:
    """Index the texts of a set's works, each as a document with the id of its work, and open the index.

    Args:
        name: Of the set.
        settings: Which model, and where it is exported.
        folder: Where to put the index.
    """
    works, _ = load_works(name)
    texts = [parse_paper(f"{work.title}\n\n{work.text}", document_id=work.id, kind="reference") for work in works]
    own = replace(settings, index=folder)
    index_documents(texts, own)
    index = open_index(own)
    return replace(index, encoder=_Remembering(index.encoder))


class _Remembering:
    """An encoder that reads each text once: papers about the same works say the same over and over."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[tuple[str, tuple[Span, ...]], Reading] = {}

    @property
    def card(self) -> EncoderCard:
        return self._encoder.card

    def iter_readings(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> Iterator[tuple[int, Reading]]:
        asked = [(text, tuple(own)) for text, own in zip(texts, spans, strict=True)]
        new = [each for each in dict.fromkeys(asked) if each not in self._known]
        for at, reading in self._encoder.iter_readings([text for text, _ in new], [own for _, own in new]):
            self._known[new[at]] = reading
        yield from ((at, self._known[each]) for at, each in enumerate(asked))

    def read_question(self, question: str) -> QuestionReading:
        return self._encoder.read_question(question)


def make_papers(name: str, count: int, *, seed: int, faulty: bool) -> Iterator[AuditedPaper]:
    """Yield papers of varied length about the works of a set; the same seed gives the same papers."""
    for number in range(count):
        chance = random.Random(f"{seed}-{number}")  # noqa: S311 - a play of chance, no secret
        faults: tuple[Fault, ...] = ()
        if faulty:
            faults = tuple(chance.choice(FAULTS) for _ in range(chance.choice((1, 1, 2, 3))))
        yield make_paper(name, chance, faults)


def make_paper(name: str, chance: random.Random, faults: Sequence[Fault]) -> AuditedPaper:
    """Make one paper with some faults."""
    draft = _write(name, chance)
    numbers = {work.id: number for number, work in enumerate(draft.listed, 1)}
    printed: list[InventedWork] = list(draft.listed)
    wrong: set[int] = set()
    for fault in faults:
        if fault == "uncited":
            _insert_uncited(name, draft, printed, chance)
        elif fault == "lost":
            printed.pop(chance.randrange(len(printed)))
        elif fault == "twice":
            at = chance.randrange(len(printed))
            printed.insert(chance.choice((at, at + 1)), printed[at])
        elif fault == "swapped":
            at = chance.randrange(len(printed) - 1)
            printed[at : at + 2] = printed[at : at + 2][::-1]
        else:
            wrong.add(chance.randrange(sum(work is not None for part in draft.sentences for _, work in part)))
    return _print(draft, printed, numbers, wrong, chance, faults)


def _write(name: str, chance: random.Random) -> _Draft:
    """Write sections, each on one cluster of works, and list the works."""
    works, filler = load_works(name)
    clusters: dict[str, list[InventedWork]] = {}
    for work in works:
        clusters.setdefault(work.cluster, []).append(work)
    draft = _Draft([])
    for cluster in chance.sample(sorted(clusters), chance.randint(1, 9)):
        own = clusters[cluster]
        cited = chance.sample(own, chance.randint(max(2, len(own) - 2), len(own)))
        said: list[tuple[str, InventedWork | None]] = []
        for work in cited:
            claims = chance.sample(work.claims, chance.choice((1, 1, 1, 2, 3)))
            said += [(claim, work) for claim in claims]
            said += [(sentence, None) for sentence in chance.sample(filler[cluster], chance.choice((0, 1, 1)))]
        draft.sentences.append(said)
        draft.listed += cited
    if chance.random() < _BY_AUTHOR:  # a list by author, cited by number
        draft.listed.sort(key=lambda work: _name(work.authors[0]) if work.authors else work.title)
    return draft


def _insert_uncited(name: str, draft: _Draft, printed: list[InventedWork], chance: random.Random) -> None:
    """Put an entry into the list that no marker cites; a sentence without a marker tells of it, more often than not."""
    known = {work.id for work in printed}
    spare = [work for work in load_works(name)[0] if work.id not in known]
    clusters = {work.cluster for work in printed}
    near = [work for work in spare if work.cluster in clusters] or spare
    work = chance.choice(near)
    printed.insert(chance.randrange(len(printed)), work)
    if chance.random() < _TOLD:
        part = chance.choice(draft.sentences)
        part.insert(chance.randrange(len(part)), (chance.choice(work.claims), None))


def _print(
    draft: _Draft,
    printed: Sequence[InventedWork],
    numbers: Mapping[str, int],
    wrong: set[int],
    chance: random.Random,
    faults: Sequence[Fault],
) -> AuditedPaper:
    places: dict[str, tuple[str, ...]] = {}
    for number, entry in enumerate(printed, 1):
        places[entry.id] = (*places.get(entry.id, ()), str(number))
    gold: list[Gold] = []
    uncited: list[tuple[str, str]] = []
    parts = ["A STUDY OF MANY THINGS", "A. N. Author", "1 INTRODUCTION", "This paper reviews what is known."]
    for number, said in enumerate(draft.sentences, 2):
        parts.append(f"{number} SECTION ON TOPIC {number}")
        paragraph: list[str] = []
        for sentence, work in said:
            if work is None:
                paragraph.append(sentence)
                uncited += [(sentence, places[w.id][0]) for w in printed if sentence in w.claims]
                continue
            marker = numbers[work.id]
            if len(gold) in wrong:
                marker = chance.choice([n for n in range(1, len(printed) + 1) if str(n) not in places.get(work.id, ())])
            gold.append(Gold(f"[{marker}]", places.get(work.id, ())))
            paragraph.append(f"{sentence.rstrip('.')} [{marker}].")
            if len(paragraph) > chance.randint(2, 5):
                parts.append(" ".join(paragraph))
                paragraph = []
        parts += [" ".join(paragraph)] if paragraph else []
    style = chance.choice((_print_apa, _print_ieee, _print_vancouver))
    entries = [f"{number}. {style(entry)}" for number, entry in enumerate(printed, 1)]
    text = "\n\n".join([*parts, "REFERENCES", *entries]) + "\n"
    works = {str(number): entry for number, entry in enumerate(printed, 1)}
    return AuditedPaper(text, tuple(gold), tuple(faults), works, tuple(uncited))


def print_entry(number: int, work: InventedWork) -> str:
    """Return a work as the entry of a bibliography."""
    return f"{number}. {_print_apa(work)}"


def _print_apa(work: InventedWork) -> str:
    names = ", & ".join(_name(author) for author in work.authors[:3]) + (", et al." if len(work.authors) > 3 else "")  # noqa: PLR2004
    if not work.title:
        return f"<{work.url}>"
    return f"{names} ({_date(work.issued)}). {work.title}. {work.container}.{f' <{work.url}>' if work.url else ''}"


def _print_ieee(work: InventedWork) -> str:
    names = " and ".join(_name(author, initials_first=True) for author in work.authors[:3])
    if not work.title:
        return f"[Online]. Available: {work.url}"
    link = f" [Online]. Available: {work.url}" if work.url else ""
    return f"{names}, “{work.title},” {work.container}, {work.issued[:4]}.{link}"


def _print_vancouver(work: InventedWork) -> str:
    names = ", ".join(
        author.get("literal") or f"{author['family']} {author['given'][:1]}" for author in work.authors[:6]
    )
    if not work.title:
        return work.url
    link = f" Available from: {work.url}" if work.url else ""
    return f"{names}. {work.title}. {work.container}. {work.issued[:4]}.{link}"


def _name(author: Mapping[str, str], *, initials_first: bool = False) -> str:
    if "literal" in author:
        return author["literal"]
    initials = " ".join(f"{part[0]}." for part in author["given"].split())
    return f"{initials} {author['family']}" if initials_first else f"{author['family']}, {initials}"


def _date(issued: str) -> str:
    year, *rest = issued.split("-")
    months = [_MONTHS[int(part) - 1] if n == 0 else str(int(part)) for n, part in enumerate(rest)]
    return ", ".join([year, " ".join(months)]) if months else year
