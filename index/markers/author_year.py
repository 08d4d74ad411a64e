"""Markers that name entries by author and year: `(Smith & Lee, 2023; Doe, n.d.)` and `Smith et al. (2020, 2021)`."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.markers.sightings import Sighting
from index.model import Reference, Span

_BODY_MAX_WORDS = 12
_YEAR = r"(?:1[5-9]|20)\d\d"
_DATE = rf"(?:{_YEAR}[a-z]?|n\.\s?d\.(?:-?[a-z](?!\w))?|in press|forthcoming)"
_DATES = rf"{_DATE}(?:(?:,|,?\sand|\s?&)\s?(?:{_DATE}|[a-z](?!\w))){{0,10}}"
_PLACE = (
    r"(?:,\s?(?:pp?\.|para\.|ch(?:ap)?\.|sec(?:t|tion)?\.?|fig(?:ure)?\.?|table|§|vol\.|my|emphasis)"
    r"\s?[^;()\[\]]{0,60}|:\s?\d[\d–-]{0,12})?"
)
_INSIDE = re.compile(r"\((?P<round>[^()]{3,600})\)|\[(?P<square>[^\[\]]{3,600})\]")
_PART = re.compile(rf"(?P<names>[^\d;]{{0,200}}?)(?P<comma>,)?\s?(?P<dates>{_DATES}){_PLACE}\.?$", re.IGNORECASE)
_LEAD = re.compile(
    r"(?:for (?:a|an) (?:review|overview|discussion|example)s?,?\s|see(?:,? also| e\.g\.| for example)?,?\s|e\.g\.,?\s"
    r"|cf\.?,?\s|i\.e\.,?\s|also,?\s|as in\s|following\s|adapted from\s|cited in\s|quoted in\s|after\s|and\s|from\s"
    r"|based on\s|source:?\s|data from\s)+",
    re.IGNORECASE,
)
_NARRATIVE = re.compile(rf"\s?[(\[](?P<dates>{_DATES}){_PLACE}[)\]]", re.IGNORECASE)
_NAME = r"(?:(?:al|el|d|l|t)[-’'])?[^\W\d_a-z][\w’'\u2010-]{0,40}"
_LINK = r"(?:of|for|the|and|&|on|in|de|la|van|von|der|den|del|di|da|du|et|y|für|des|al\.)"
_PARTICLE = r"(?:van|von|de|der|den|del|della|di|da|dos|du|la|le|ter|ten|al|el)"
_PHRASE = re.compile(
    rf"(?<!\w)(?:{_PARTICLE}\s){{0,3}}{_NAME}"
    rf"(?:,?\s(?:(?:{_LINK}\s){{0,3}}{_NAME}|et al\.?|and (?:colleagues|co-?workers|others))){{0,11}}(?:[’']s?)?$"
)
_LEAD_WORDS = re.compile(
    r"(?:(?:As|In|While|Although|However|See|By|Since|When|And|But|Both|Following|According|To|Later|Recently|Also|Thus|Here"
    r"|Like|Unlike|From|With|After|Before|For|Where|Whereas|Then|If|Yet|So|Moreover|Similarly)\b,?\s)+"
)
_MONTH = re.compile(
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december|spring|summer|autumn"
    r"|winter|fall|early|late|mid|since|until|till|circa|ca|c|between|before|by|during|as of|fy|q[1-4])\.?$",
    re.IGNORECASE,
)
_ET_AL = re.compile(r",?\s(?:et\.?\sal\b\.?|and (?:colleagues|co-?workers|others))", re.IGNORECASE)
_LITTLE_WORDS = frozenset({"and", "the", "of", "in", "for", "et", "al", "on", "a", "an"})


@dataclass(frozen=True, slots=True)
class _Entry:
    """What an entry can be named by: its authors' family names, the words of its authors, or of its title, folded."""

    number: str
    raw: str
    authors: str
    families: tuple[str, ...]
    words: frozenset[str]
    acronyms: frozenset[str]


class AuthorYears:
    """The entries of a list, found by author and year."""

    def __init__(self, references: Sequence[Reference]) -> None:
        self._by_year: defaultdict[int | None, list[_Entry]] = defaultdict(list)
        self._resolved: dict[tuple[str, str], str | None] = {}
        for reference in references:
            self._by_year[reference.year].append(_make_entry(reference))

    def find_inside(self, text: str, span: Span, *, strict: bool) -> Iterator[Sighting]:
        """Find `(Smith & Lee, 2023; Doe, n.d.)` and `[Smith et al., 2020]`.

        Args:
            text: The document's.
            span: The paragraph.
            strict: Whether a lone word before a year, as in "(Paris, 2015)", must name an entry to be a marker.

        Yields:
            Each marker with the entries that it names.
        """
        for found in _INSIDE.finditer(text, *span):
            content = found["round"] or found["square"]
            names = [name for part in self._read_parts(content, strict=strict) for name in part]
            if names:
                yield Sighting(found.start(), found.end(), tuple(names))

    def _read_parts(self, content: str, *, strict: bool) -> Iterator[list[str | None]]:
        names = ""
        for part in content.split(";"):
            found = _PART.match(part.strip())
            if not found:
                continue
            own = _LEAD.sub("", found["names"].strip(), count=1).strip(" ,")
            names = own or names
            dated = [self.resolve(names, date) for date in split_dates(found["dates"])]
            if names and (
                any(dated) or not own or (found["comma"] and _could_cite(own, found["dates"], strict=strict))
            ):
                yield dated

    def find_narrative(self, text: str, span: Span) -> Iterator[Sighting]:
        """Yield `Smith et al. (2020, 2021)`; a lone name with a year must name an entry to be a marker."""
        for found in _NARRATIVE.finditer(text, *span):
            phrase = _PHRASE.search(text[max(span[0], found.start() - 160) : found.start()])
            if not phrase:
                continue
            words = _LEAD_WORDS.sub("", phrase.group())
            while words:
                named = [self.resolve(re.sub(r"[’']s?$", "", words), date) for date in split_dates(found["dates"])]
                if any(named) or (_ET_AL.search(words) and words.count(" ") <= 3):  # noqa: PLR2004 (Van Dyk et al.)
                    yield Sighting(found.start() - len(words), found.end(), tuple(named))
                    break
                words = words.partition(" ")[2]

    def resolve(self, names: str, date: str) -> str | None:
        """Return the number of the entry that `names` and `date` name, or None."""
        if (names, date) not in self._resolved:
            self._resolved[names, date] = self._resolve(names, date)
        return self._resolved[names, date]

    def _resolve(self, names: str, date: str) -> str | None:
        year = re.match(_YEAR, date)
        candidates = self._by_year.get(int(year.group()) if year else None, [])
        listed, is_cut, words = _list_families(names), bool(_ET_AL.search(names)), _weighty(names)
        fitting = [each for each in candidates if _people_fit(listed, each.families, is_cut=is_cut)]
        fitting = fitting or [each for each in candidates if words and words <= each.words]
        if not fitting:
            acronyms = [each for each in candidates if names.replace(".", "") in each.acronyms]
            fitting = acronyms if len({each.authors for each in acronyms}) == 1 else []
        letter = date[-1] if date[-1:].isalpha() and not date.endswith(("press", "coming")) else ""
        return _choose(fitting, f"{year.group() if year else ''}{letter}", letter)


def _make_entry(reference: Reference) -> _Entry:
    authors = reference.authors or ""
    bodies = [name.literal for name in reference.names if name.literal] or [authors]
    return _Entry(
        number=reference.number,
        raw=reference.raw,
        authors=authors,
        families=tuple(fold(name.family) for name in reference.names if name.family),
        words=_weighty(authors or reference.title or ""),
        acronyms=frozenset(_initials(body, little=little) for body in bodies for little in (True, False)),
    )


def split_dates(dates: str) -> list[str]:
    """Return the dates of "2020a, b, 2021" one by one."""
    parts = [part for part in re.split(r",?\sand\s|\s?[,&]\s?", dates) if part]
    whole: list[str] = []
    for part in parts:
        whole.append(part if len(part) > 1 else f"{whole[-1][:4]}{part}")
    return [re.sub(r"^n\.\s?d\.-?", "n.d.", part).removesuffix(".") if part[0] == "n" else part for part in whole]


def _choose(fitting: Sequence[_Entry], dated: str, letter: str) -> str | None:
    """Return the number of the entry with the letter behind its year; the letters count the entries in order."""
    if not fitting:
        return None
    if not letter:
        return fitting[0].number
    printed = [each for each in fitting if re.search(rf"(?<!\w){dated}(?!\w)", each.raw)]
    place = ord(letter) - ord("a")
    return printed[0].number if printed else fitting[place].number if 0 <= place < len(fitting) else None


def _could_cite(names: str, dates: str, *, strict: bool) -> bool:
    """Say whether words before a comma and a year could be authors that the list lacks."""
    words = names.split()
    if not words or len(words) > _BODY_MAX_WORDS or _MONTH.search(names) or re.search(r"\d|[.!?]\s[A-Z]\w{3}", names):
        return False
    weighty = [word for word in words if fold(word) not in _LITTLE_WORDS and word != "&"]
    is_named = bool(weighty) and all(word[0].isupper() for word in weighty)
    return is_named and (not strict or len(words) > 1 or dates.startswith("n"))


def _list_families(names: str) -> list[str]:
    """Return the people in `names`, folded: "Smith, Lee, & Roe" are three."""
    parts = re.split(r"\s?[,;]\s?(?:and\s|&\s)?|\s(?:and|&|et|und|y)\s", _ET_AL.sub("", names))
    return [folded for part in parts if (folded := fold(part))]


def _people_fit(listed: Sequence[str], families: Sequence[str], *, is_cut: bool) -> bool:
    """Say whether the people cited are the first ones of an entry, in order."""
    if not listed or not families or len(listed) > len(families) + is_cut:
        return False
    return all(_same_family(part, family) for part, family in zip(listed, families, strict=False))


def _same_family(cited: str, family: str) -> bool:
    """Say whether a cited name is a family name, whole or by its last word, with or without given names before it."""
    return (
        cited == family
        or cited.split()[-1:] == [family]
        or family.split()[-1:] == [cited]
        or (cited.endswith(f" {family}"))
    )


def _initials(body: str, *, little: bool) -> str:
    """Return the acronym of a body, with or without its little words; empty for one word."""
    words = re.findall(r"[^\W\d_]+", body)
    initials = "".join(word[0].upper() for word in words if little or word.casefold() not in _LITTLE_WORDS)
    return initials if len(initials) > 1 else ""


def _weighty(text: str) -> frozenset[str]:
    joined = re.sub(r"\b([A-Z])\.(?=[A-Z]\.)", r"\1", text)
    return frozenset(word for word in fold(joined).split() if len(word) > 1) - _LITTLE_WORDS


def fold(text: str) -> str:
    """Return `text` in small letters without accents and punctuation, its words one space apart."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(re.findall(r"[^\W\d_]+", re.sub(r"(?<=\w)[-’'](?=\w)", "", bare)))
