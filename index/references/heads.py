"""What stands before the title of an entry: its authors, told by what follows them, and its date if it is there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from index.model import Name
from index.references.dates import MONTH, NO_DATE, YEAR
from index.references.imprint import find_publisher_inside, is_imprint
from index.references.imprint_words import find_stops
from index.references.names import NameForm, NameList, could_be_body, end_editors, is_body, match_names, read_names
from index.references.titles import split_quoted

_SEARCHED_CHARS = 3000  # where an opening quotation mark is looked for
_PAREN_DATE = re.compile(
    rf"\((?:ca?\.\s?|circa\s)?(?P<date>(?:{YEAR}[a-z]?(?:\s?[–/-]\s?{YEAR})?|{NO_DATE})(?:[,;:]?\s[^()]{{0,40}})?"
    rf"|(?:\d\d?\s)?\b{MONTH}(?:\s\d\d?,?|,)?\s{YEAR}|(?:spring|summer|fall|autumn|winter)\s{YEAR})\)",
    re.IGNORECASE,
)
_BARE_DATE = re.compile(rf"[.,]?\s?[,.]?\s(?P<date>{YEAR}[a-z]?|n\.\s?d\.)(?=[.,:;]?\s)", re.IGNORECASE)
_BODY_DATE = re.compile(rf"(?P<body>[^\d“\"]{{2,160}}?)[.,]?\s(?P<date>{YEAR}[a-z]?|n\.\s?d\.)[.,]\s", re.IGNORECASE)
_DATE_FIRST = re.compile(rf"(?P<date>{YEAR}[a-z]?)\.\s(?=\S)")
_OPENING_QUOTE = re.compile(r"(?:^|(?<=[\s(]))[“\"«„「]|(?:^|(?<=[.,:]\s))['\u2018](?=\w)")
_COLLABORATION = re.compile(r"(?P<name>(?:The )?[A-Z][\w-]{1,20}(?: [A-Z][\w-]{1,20})? Collaboration)[,:;]\s")
_GAP = re.compile(r"(?:\.,|\s?[.,:;])?\s(?=\S)|[.。\uff0e]\s?(?=\S)")
_NAMES_SHARE = 0.6  # of a prefix that a list of names must cover to make the whole prefix the authors
_TITLE_MIN_WORDS = 3  # of a title without a stop that stands before its date


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the title.

    Attributes:
        rest: The entry from the title on.
        authors: As printed.
        names: One by one.
        date: As printed.
        sure: How sure the authors are, 0 to 1.
        form: How the names are printed.
        by_comma: Whether a comma, not a stop, sets off the title.
        is_loose: Whether only a space stands between the date and the title, as in Harvard's styles.
        title: What stands before the date, if that is the title.
    """

    rest: str
    authors: str | None = None
    names: tuple[Name, ...] = ()
    date: str | None = None
    sure: float = 0.0
    form: NameForm | None = None
    by_comma: bool = False
    is_loose: bool = False
    title: str | None = None


def read_head(text: str) -> Head:
    """Read the head of an entry by the strongest evidence: a date, a quotation mark, a list of names, a body."""
    leader = _COLLABORATION.match(text)
    if leader:
        head = read_head(text[leader.end() :])
        if head.form in ("initials", "full", "inverted"):
            names = (Name(literal=leader["name"]), *head.names)
            return replace(head, authors=f"{leader.group()}{head.authors}", names=names)
    return _find_dated(text) or _find_quoted(text) or _find_listed(text) or find_body(text) or Head(text)


def iter_compact_heads(text: str) -> Iterator[Head]:
    """Yield the heads of "Family GH. Rest" and "Body. Rest", and that of an entry without authors."""
    for found in match_names(text):
        if found.form == "compact" and text[found.end : found.end + 1] == ".":
            yield _make_head(text, found, found.end)
    body = find_body(text)
    if body:
        yield body
    yield Head(text)


def _find_dated(text: str) -> Head | None:
    """Return the head of an entry whose date stands right behind its authors, or in front of everything."""
    first, inside = _DATE_FIRST.match(text), _PAREN_DATE.search(text)
    if first:
        return Head(text[first.end() :], date=first["date"])
    if inside:
        rest = text[inside.end() :]
        head = _read_prefix(text[: inside.start()], rest.lstrip(" .,:;"), inside["date"])
        if head:
            return replace(head, is_loose=bool(re.match(r"\s[A-Z]", rest)), by_comma=rest.startswith(","))
    for found in match_names(text):
        bare = _BARE_DATE.match(text, end_editors(text, found.end))
        if bare:
            return _make_head(text, found, bare.end(), date=bare["date"])
    body = _BODY_DATE.match(text)
    is_title = body and body.group().endswith(", ") and ", " in body["body"]  # "Body, The Year in Rain 2020, Press"
    if body and not is_title and could_be_body(body["body"]):
        authors = body["body"].strip(" ,")
        return Head(text[body.end() :], authors, read_names(authors), body["date"], 0.8, "body")
    return None


def _read_prefix(prefix: str, rest: str, date: str) -> Head | None:
    """Return a head if what stands before "(2020)" is the authors, or, without any, the title."""
    if not re.search(r"[^\W\d_]{2}", rest):
        return None
    head = _read_authors(prefix)
    if head:
        return replace(head, rest=rest, date=date, sure=min(head.sure + 0.02, 1))
    ends = prefix.rstrip()[-1:] in tuple(".?!])") or ("," not in prefix and len(prefix.split()) >= _TITLE_MIN_WORDS)
    lists = match_names(prefix)
    is_listed = any(n.form in ("initials", "inverted", "compact") and _match_gap(prefix, n, n.end) for n in lists)
    if not ends or is_listed or "“" in prefix or is_imprint(prefix, "-") or find_stops(prefix.strip(" .")):
        return None
    return Head(rest, date=date, title=prefix)


def _read_authors(prefix: str) -> Head | None:
    """Return a head, its rest left empty, if the whole of `prefix` is authors."""
    authors = prefix.strip(" ,;:")
    lists = match_names(prefix)
    whole = next((n for n in lists if not prefix[end_editors(prefix, n.end) :].strip(" .,:;")), None)
    if whole:
        return Head("", trim_authors(authors), _choose_names(prefix, whole), None, 0.95, whole.form)
    if re.search(r"[“\"]|\d{3}|\bvol\b|\bpp?\.", authors):
        return None
    if could_be_body(authors.rstrip(".")):
        return Head("", trim_authors(authors), read_names(authors), None, 0.85, "body")
    longest = max(lists, key=lambda found: found.end, default=None)
    if longest and longest.end >= _NAMES_SHARE * len(authors) and not any(map(str.isdigit, authors)):
        return Head("", trim_authors(authors), longest.names, None, 0.6, longest.form)
    return None


def _choose_names(text: str, found: NameList) -> tuple[Name, ...]:
    people = text[: found.end]
    return read_names(people) if found.form in ("full", "compact", "initials") and is_body(people) else found.names


def _make_head(text: str, found: NameList, start: int, *, date: str | None = None, by_comma: bool = False) -> Head:
    authors = trim_authors(text[: end_editors(text, found.end)])
    rest = text[start:].lstrip(" .,:;")
    return Head(rest, authors, _choose_names(text, found), date, 0.95, found.form, by_comma)


def _find_quoted(text: str) -> Head | None:
    """Return the head of an entry whose title stands in quotation marks."""
    opening = _OPENING_QUOTE.search(text[:_SEARCHED_CHARS])
    if not opening or not split_quoted(text[opening.start() :]):
        return None
    prefix, rest = text[: opening.start()], text[opening.start() :]
    if not prefix.strip(" ,;:"):
        return Head(text)
    head = _read_authors(prefix)
    return replace(head, rest=rest) if head else None


def _find_listed(text: str) -> Head | None:
    """Return the head of an entry that begins with a list of people which something fitting follows."""
    lists = match_names(text)
    # "Ann B. Lee and Cy Diaz. Title. Press" has a title left behind its two names, "Lee A. Rain and Snow. Press" none.
    has_more = any(n.form == "full" and len(n.names) > 1 and find_stops(text[n.end + 2 :].rstrip(". ")) for n in lists)
    for found in lists:
        if found.form in ("full", "compact", "inverted_full") and is_body(text[: found.end]):
            continue
        if found.form == "compact" and len(found.names) == 1 and has_more:
            continue
        gap = _match_gap(text, found, end_editors(text, found.end))
        if gap and _leaves_title(text[gap.end() :], found):
            return _make_head(text, found, gap.end(), by_comma=gap.group().strip() == ",")
    return None


def _match_gap(text: str, found: NameList, end: int) -> re.Match[str] | None:
    """Return what sets off the title behind a list of names, if it fits the form of the names."""
    gap = _GAP.match(text, end)
    if not gap:
        return None
    mark = gap.group().strip() or text[end - 1]
    if found.is_cut or mark in (":", ".", "。", "\uff0e"):
        return gap
    if mark == ",":
        has_and = re.search(r"\s(?:and|&|und|et)\s", text[: found.end])
        is_plain = bool(has_and) or find_publisher_inside(text[end:]) is not None
        fits = found.form in ("initials", "inverted", "compact") or (found.form == "full" and is_plain)
    else:
        fits = found.form == "inverted" or bool(text[found.end : end].strip())
    return gap if fits else None


def _leaves_title(rest: str, found: NameList) -> bool:
    """Say whether a title can follow; one lone name may be a title itself, and needs two parts behind it."""
    if len(found.names) > 1 or found.is_cut or found.form in ("initials", "inverted", "compact", "cjk"):
        return bool(rest.strip())
    return bool(find_stops(rest.strip().rstrip(".")))


def find_body(text: str) -> Head | None:
    """Return the head of an entry that begins with the name of a body."""
    for found in re.finditer(r"(?<!\b[A-Z])\.\s|[,:]\s", text[:200]):
        authors, rest, mark = text[: found.start()], text[found.end() :], found.group().strip()
        named = is_body(authors) or re.fullmatch(r"[A-Z][A-Z&.-]{1,9}|[A-Z][a-z]+[A-Z]\w*", authors)
        if named and could_be_body(authors) and (mark == ":" or re.search(r"[.,?]\s\S", rest)):
            return Head(rest, authors, read_names(authors), None, 0.75, "body", by_comma=mark == ",")
        if mark == ".":
            break
    return None


def trim_authors(authors: str) -> str:
    """Drop the full stop behind the authors, but not the one of a last initial or of "et al."."""
    authors = authors.strip(" ,;:")
    return authors if re.search(r"\b(?:\w|al|Jr|Sr|Inc|Ltd|Co)\.$", authors) else authors.rstrip(".")
