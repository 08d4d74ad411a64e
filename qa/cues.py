"""Names and dates that speak for or against an entry being what a claim is about.

"Lee et al. [6] show" cannot be about a work of Smith's, and what is told of May cannot stand in a text of March.
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from index.model import Reference

CUES = ("people_named", "others_named", "too_late", "same_month", "same_year")

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?"
)
_DATE = re.compile(
    rf"(?:\b(?P<month>{_MONTH})\b\.?(?:\s\d{{1,2}}(?:st|nd|rd|th)?)?,?\s(?:of\s)?)?"
    r"(?<![\w.,$€£¥-])(?P<year>(?:19|20)\d\d)(?![\w%-])",
    re.IGNORECASE,
)
# Behind such a word a date may lie ahead of the text that names it.
_PLANNED = re.compile(
    r"\b(?:by|until|till|through|towards?|plan\w*|expect\w*|target\w*|goal\w*|aim\w*|schedul\w*|projected|projections?"
    r"|will|would|forecast\w*|due|upcoming)\b",
    re.IGNORECASE,
)
_PLAN_CHARS = 60  # before the date, in which such a word stands
_AUTHORS = re.compile(r"(?P<name>[^\W\d_a-z][\w’'-]+)(?:\set\sal\b|\sand\s(?:colleagues|co-?workers)\b)")
_NAME = re.compile(r"[^\W\d_][\w’'-]*")


def list_cues(
    clauses: Sequence[str], sentences: Sequence[str], entries: Sequence[Reference]
) -> npt.NDArray[np.float64]:
    """Return for each claim with each entry which of `CUES` there are, of shape (claims, entries, cues)."""
    families = [frozenset(name.family for name in entry.names if name.family) for entry in entries]
    listed = frozenset().union(*families)
    cues = np.zeros((len(clauses), len(entries), len(CUES)))
    for row, (clause, sentence) in enumerate(zip(clauses, sentences, strict=True)):
        authors = {_bare(found["name"]) for found in _AUTHORS.finditer(sentence)} & listed
        named = ({_bare(word) for word in _NAME.findall(clause)} | authors) & listed
        dates = list(_iter_dates(clause))
        for column, entry in enumerate(entries):
            is_named = bool(named & families[column])
            cues[row, column] = (is_named, bool(authors) and not is_named, *_compare_dates(dates, entry.issued))
    return cues


def _bare(name: str) -> str:
    return re.sub(r"[’']s?$", "", name)


def _compare_dates(dates: Sequence[tuple[int, int, bool]], issued: str | None) -> tuple[bool, bool, bool]:
    """Return whether a claim tells of what came after an entry, of its month, and of its year."""
    if not issued:
        return False, False, False
    year, month = int(issued[:4]), int(issued[5:7] or 0)
    late = any(
        not is_planned and (told > year or (told == year and month and at > month + 1))
        for told, at, is_planned in dates
    )
    return late, any((told, at) == (year, month) and at > 0 for told, at, _ in dates), any(d[0] == year for d in dates)


def _iter_dates(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield year, month (0 where none is told), and whether it may lie ahead of who tells it, of each date."""
    for found in _DATE.finditer(text):
        month = _MONTHS.index(found["month"][:3].casefold()) + 1 if found["month"] else 0
        before = text[max(0, found.start() - _PLAN_CHARS) : found.start()]
        yield int(found["year"]), month, bool(_PLANNED.search(before))
