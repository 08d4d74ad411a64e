"""Which terms stand in each window: memory-mapped, so that how well a unit matches a question needs no search.

The terms of a context are those of its title and headings, which stand in each of its units, and then those of its
windows in reading order: so those of a passage, or of a context, follow each other. A term is kept as its CRC-32.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.arrays import list_ranges, open_array
from index.vectors import Ids

TERMS_FILE = "terms.npy"
FIRSTS_FILE = "firsts.npy"
TOTALS_FILE = "totals.npy"
VOCABULARY_FILE = "vocabulary.npy"
_FEW = 12  # terms that are looked for one by one, which a question seldom has more of
_HALVES = np.uint32(1 << 16)  # how many lower halves of a hash there are
SCALES = ("windows", "passages", "contexts")
# Of each term: in how many windows, passages and contexts it stands, title and headings among their own words.
ENTRY = np.dtype([("term", np.uint32), ("held", np.uint32, (len(SCALES),))])


@dataclass(frozen=True, slots=True)
class TermCounts:
    """How often terms stand in some contexts, by rows: one for its title and headings, then one per window.

    Attributes:
        counts: How often each term stands in a row, and last how many terms it has in all, of shape (rows, terms + 1).
        starts: The row with which each context begins, of shape (contexts,).
    """

    counts: npt.NDArray[np.int64]
    starts: Ids


def _hash_all(terms: Sequence[str]) -> npt.NDArray[np.uint32]:
    return np.array([hash_term(term) for term in terms], np.uint32)


def hash_term(term: str) -> int:
    """Return the number by which a term is known."""
    return zlib.crc32(term.encode("utf-8", "surrogatepass"))


def weigh_counts(held: npt.NDArray[np.int64], units: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return ln(1 + (N - n + .5) / (n + .5)), where n of N units hold a term (Robertson and Zaragoza, 2009)."""
    return np.asarray(np.log1p((units[:, None] - held + 0.5) / (held + 0.5)), np.float64)


class TermTable:
    """Reads the files that a `TermsWriter` wrote.

    `rows` says how many there are, one for each context's title and headings and one per window; `units`, how many
    windows, passages and contexts there are; `lengths`, how many terms all of them have; `mean_lengths`, how many each
    has on average, which is at least 1.
    """

    def __init__(self, folder: Path) -> None:
        """Open the files in a folder.

        Raises:
            DamagedIndexError: They are no such files.
        """
        self._terms = open_array(folder / TERMS_FILE, np.uint32)
        self._firsts = open_array(folder / FIRSTS_FILE, np.int64)
        self._vocabulary = open_array(folder / VOCABULARY_FILE, ENTRY)
        self.lengths, self.units = open_array(folder / TOTALS_FILE, np.int64)
        self.mean_lengths = np.maximum(1, self.lengths / np.maximum(1, self.units))
        self.rows = len(self._firsts) - 1

    def weigh(self, terms: Iterable[str]) -> dict[str, float]:
        """Return the inverse document frequency of each term among windows; one that none holds weighs most."""
        wanted = list(terms)
        return dict(zip(wanted, self.weigh_scales(wanted)[0].tolist(), strict=True))

    def weigh_scales(self, terms: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return the inverse document frequency for each scale and term, of shape (3, terms)."""
        return weigh_counts(self.count_holders(terms), self.units)

    def count_holders(self, terms: Sequence[str]) -> npt.NDArray[np.int64]:
        """Return how many units of each scale hold each term, of shape (3, terms)."""
        hashes = _hash_all(terms)
        known = self._vocabulary["term"]
        if not len(known):
            return np.zeros((len(SCALES), len(terms)), np.int64)
        places = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
        return np.where(known[places] == hashes, self._vocabulary["held"][places].T.astype(np.int64), 0)

    def count(self, terms: Sequence[str], firsts: Ids, stops: Ids) -> TermCounts:
        """Return how often each of `terms` stands in some rows.

        Args:
            terms: Different terms, as the analyzer gives them.
            firsts: The first row of each context: the number of its first window, and one for each context before it.
            stops: The row behind its last.
        """
        sizes = stops - firsts
        rows = list_ranges(firsts, stops)
        lengths = self._firsts[rows + 1] - self._firsts[rows]
        number, places = _find(_hash_all(terms), self._load(firsts, stops))
        at = np.searchsorted(np.cumsum(lengths), places, side="right")
        shape = len(rows), len(terms) + 1
        counts = np.bincount(at * shape[1] + number, minlength=shape[0] * shape[1]).reshape(shape)
        counts[:, -1] = lengths
        return TermCounts(counts, np.cumsum(sizes) - sizes)

    def _load(self, firsts: Ids, stops: Ids) -> npt.NDArray[np.uint32]:
        """Return the terms of ranges of rows, one after the other; ranges that follow each other are read as one."""
        cuts = np.flatnonzero(firsts[1:] != stops[:-1])
        begins = self._firsts[firsts[np.append(0, cuts + 1)]] if len(firsts) else firsts
        ends = self._firsts[stops[np.append(cuts, -1)]] if len(stops) else stops
        pieces = [self._terms[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
        return np.concatenate([np.empty(0, np.uint32), *pieces])


def _find(hashes: npt.NDArray[np.uint32], found: npt.NDArray[np.uint32]) -> tuple[Ids, Ids]:
    """Return which of some different hashes stands at which place, for each place that holds one of them."""
    places = np.flatnonzero(_mark_few(hashes, found) if len(hashes) <= _FEW else _mark_many(hashes, found))
    order = np.argsort(hashes)
    number = order[np.minimum(np.searchsorted(hashes[order], found[places]), len(hashes) - 1)]
    is_held = hashes[number] == found[places]
    return number[is_held], places[is_held]


def _mark_few(hashes: npt.NDArray[np.uint32], found: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Mark the places that hold one of some hashes."""
    marked, is_equal = np.zeros((2, len(found)), np.bool_)
    for each in hashes:
        marked |= np.equal(found, each, out=is_equal)
    return marked


def _mark_many(hashes: npt.NDArray[np.uint32], found: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Mark the places that hold one of some hashes, or one whose lower half is the same; time is the same for any."""
    may_hold = np.zeros(_HALVES, np.bool_)
    may_hold[hashes % _HALVES] = True
    return may_hold.take((found % _HALVES).astype(np.intp))
