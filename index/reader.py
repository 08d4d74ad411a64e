"""Which documents there are, and what each of them holds: read only where it is new or has to be written anew."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.accessions import Accession, Accessions, save_accessions
from index.corpus import Corpus
from index.errors import SourceError
from index.families import Family
from index.model import Document, Outcome
from index.segment import CORPUS_FILE, SegmentCard
from index.write_segment import Piece


@dataclass(frozen=True, slots=True)
class HeldSegment:
    """A segment in force: its folder, what it is, and the digest of each document, or "" of one that was dropped."""

    folder: Path
    card: SegmentCard
    digests: tuple[str, ...]


class Reader:
    """Reads families of documents for one build."""

    def __init__(self, families: Sequence[Family], made_by: object, known: Accessions) -> None:
        """Take what there is to read.

        Args:
            families: Each is read at most once.
            made_by: What stands for the settings and the program, whose change makes anything new.
            known: The register of the paper's folder.
        """
        self._families = families
        self._made_by = made_by
        self._known = known
        begun = hashlib.sha256(repr(made_by).encode())
        self.stamps = [_go_on(begun, family.stamp) for family in families]
        self._pieces: dict[str, Piece] = {}
        # Of a bundle of all of it.
        self.identity = _go_on(begun, self.stamps)[:12]

    def list_documents(self, *, fresh: bool = False) -> dict[str, int]:
        """Return the length of each document by its digest, papers first; what is `fresh` is read in any case."""
        for at, stamp in enumerate(self.stamps):
            if fresh or stamp not in self._known.read:
                self._read(at)
        found = [self._known.read[stamp] for stamp in self.stamps]
        sizes: dict[str, int] = {}
        for each in found:
            sizes.update(zip(each.digests[: each.papers], each.sizes, strict=False))
        for each in found:
            sizes.update(zip(each.digests[each.papers :], each.sizes[each.papers :], strict=True))
        return sizes

    def read_title(self) -> str:
        """Return the title of the first paper; nothing where there is none."""
        if not self.stamps:
            return ""
        if self.stamps[0] not in self._known.read:
            self._read(0)
        return self._known.read[self.stamps[0]].title

    def _read(self, at: int) -> Accession:
        holdings = self._families[at].read()
        pieces = []
        for document in holdings.documents:
            outcomes = holdings.outcomes.get(document.work.id, {})
            pieces.append(make_piece(document, outcomes, self._made_by))
        self._pieces |= {piece.digest: piece for piece in pieces}
        read = Accession(
            title=pieces[0].document.work.title if pieces else "",
            papers=sum(piece.document.work.kind == "paper" for piece in pieces),
            digests=[piece.digest for piece in pieces],
            sizes=[len(piece.document.text) for piece in pieces],
        )
        self._known.read[self.stamps[at]] = read
        return read

    def load_pieces(self, digests: Sequence[str], held: Iterable[HeldSegment]) -> list[Piece]:
        """Return documents by their digests: as read just now, as a segment holds them, or from their source.

        Raises:
            SourceError: A source was changed meanwhile.
        """
        wanted = set(digests) - self._pieces.keys()
        for segment in held:
            self._load_held(segment, wanted)
            wanted -= self._pieces.keys()
        for at, stamp in enumerate(self.stamps if wanted else ()):
            if not wanted.isdisjoint(self._known.read[stamp].digests):
                self._read(at)
        if not self._pieces.keys() >= set(digests):
            raise SourceError("a text was changed while it was read", "run `ibid build` again")
        return [self._pieces[digest] for digest in digests]

    def _load_held(self, segment: HeldSegment, wanted: set[str]) -> None:
        positions = [at for at, digest in enumerate(segment.digests) if digest in wanted]
        if not positions:
            return
        corpus = Corpus(segment.folder / CORPUS_FILE)
        for name in corpus.name_documents(positions).values():
            piece = make_piece(corpus.load_document(name), corpus.load_outcomes(name), self._made_by)
            self._pieces[piece.digest] = piece

    def save(self, folder: Path) -> None:
        """Save the register with what was read."""
        save_accessions(folder, self._known, [stamp for stamp in self.stamps if stamp in self._known.read])


def make_piece(document: Document, outcomes: Mapping[str, Outcome], made_by: object) -> Piece:
    """Return a document with what changes whenever anything that is kept of it does."""
    told = repr((made_by, document, sorted(outcomes.items()))).encode("utf-8", "surrogatepass")
    return Piece(document, outcomes, hashlib.sha256(told).hexdigest())


def _go_on(begun: "hashlib._Hash", told: object) -> str:
    """Return the SHA-256 of what was begun and goes on with `told`."""
    whole = begun.copy()
    whole.update(repr(told).encode("utf-8", "surrogatepass"))
    return whole.hexdigest()
