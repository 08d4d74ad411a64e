"""Where the title of an entry ends: at its closing quotation mark, a stop, or the comma before what holds the work."""

import re

from index.references.dates import YEAR
from index.references.imprint import find_publisher_inside, is_imprint
from index.references.imprint_words import find_stops, is_publisher
from index.references.names import could_be_body
from index.references.volumes import find_volume

_QUOTED_MAX_CHARS = 2000
OPENING = {"“": "”", '"': '"', "\u2018": "’", "«": "»", "„": "“", "「": "」", "'": "'"}
_CLOSED = re.compile(r"\s?[.,;]|\s?\(|\s?\[|\s(?:in|en)\b|\s[A-Z]|\s\d|\s?$")
_STANDARD = re.compile(r",\s(?=(?:ISO|IEC|IEEE|ANSI|ASTM|DIN|EN|BS|RFC|NISO|ITU-T)\b[ /A-Z-]{0,12}\d)")
_EDITION = re.compile(
    r"[,.]\s(?=(?:\d{1,2}(?:st|nd|rd|th)|second|third|revised|rev\.)\s(?:rev\.\s)?ed(?:ition|n)?\b)", re.IGNORECASE
)
_YEAR_BEHIND = re.compile(rf",?\s\({YEAR}\)\.?$|,\s{YEAR}\.?$")
_ENDS_IN_YEAR = re.compile(rf"(?:\s[A-Z]?\d{{1,5}})?\s\({YEAR}\)\.?$")
_IN_BEHIND = re.compile(r"[,;]\s(?=[Ii]n:\s)|\s(?=//\s?\S)|\s(?=in (?:Proceedings of|Proc\.|Advances in)\s)")
_COMMA_IN = re.compile(r"[,.]\s(?=in:\s|in\s(?:proc|advances|\d{4}\s|[A-Z]))", re.IGNORECASE)
# A bracket behind a title that is none of its own: an edition, a version, a number, a type.
_EXTRA = re.compile(
    r"\s*(?:\[[^\[\]]{1,120}\]|\((?=[^()]{0,60}(?:\bed\b|\bedition|\bvols?\b|version|\bno\b\.|\breport|paper\b|patent"
    r"|\bpp?\.|doctoral|thesis|dissertation|[A-Z]{2,8}[ /-]?\d|\bRFC|publication|release|\bv\d))[^()]{1,120}\))$",
    re.IGNORECASE,
)
_TELLING_EXTRA = re.compile(r"thesis|dissertation|\bed\b|\bedition|\bvol|\bpp?\.|report|paper|patent", re.IGNORECASE)


def split_quoted(rest: str) -> tuple[str, str] | None:
    """Return the title in quotation marks and what follows, if `rest` begins with one that ends with its mark."""
    opening, closing = rest[:1], OPENING.get(rest[:1])
    if not closing:
        return None
    depth = 1
    for position in range(1, min(len(rest), _QUOTED_MAX_CHARS)):
        char = rest[position]
        if char == opening != closing:
            depth += 1
        if char != closing or _is_apostrophe(rest, position):
            continue
        depth -= opening != closing
        inner, after = rest[1:position].rstrip(), rest[position + 1 :]
        if inner and (depth == 0 or opening == closing):
            if inner[-1] in ".,?!;" or _CLOSED.match(after):
                return inner, after.lstrip(" ,.;")
            if opening != closing:
                return None
    return None


def _is_apostrophe(text: str, position: int) -> bool:
    around = text[position - 1 : position + 2]
    return text[position] in "’'" and around[:1].isalnum() and around[2:].isalnum()


def split_title(rest: str, *, by_comma: bool = False, is_loose: bool = False) -> tuple[str, str]:
    """Return the title and what follows, where no quotation marks tell.

    Args:
        rest: The entry from its title on.
        by_comma: Whether a comma sets off the authors: then one may set off the title too.
        is_loose: Whether the entry has but commas between its parts.
    """
    rest = rest.strip()
    stops = [stop for stop in find_stops(rest) if rest[stop[1] :].strip(" .")]
    marked = _split_at_mark(rest, stops, by_comma=by_comma)
    if marked:
        return marked
    if by_comma and len(stops) == 1 and rest[stops[0][0] - 1] in "?!" and "," in rest[stops[0][1] :]:
        # As in "Does it rain? Evidence from Ghent, Journal of Rain 12 (2020) 1–9".
        stops = stops if _is_placed(rest[stops[0][1] :]) else []
    if by_comma and not (stops and _is_placed(rest[stops[0][1] :])):
        split = _split_at_comma(rest, stops)
        if split:
            return split
    if not stops:
        return _split_loose(rest) if is_loose else (rest, "")
    return _split_at_stop(rest, stops)


def _split_at_mark(rest: str, stops: list[tuple[int, int]], *, by_comma: bool) -> tuple[str, str] | None:
    """Split before ", in: ", an edition, the number of a standard, a year at the end, or a publisher in brackets."""
    first_stop = stops[0][0] if stops else len(rest)
    for mark in (_IN_BEHIND, _EDITION, _STANDARD):
        found = mark.search(rest)
        if found and found.start() <= first_stop:
            return rest[: found.start()], rest[found.end() :]
    ended = _YEAR_BEHIND.search(rest)
    if ended and not stops and not (by_comma and rest.count(",") > ended.group().count(",")):
        return rest[: ended.start()], rest[ended.start() :]
    inside = find_publisher_inside(rest)
    if inside is not None and inside <= first_stop and not (by_comma and _COMMA_IN.search(rest)):
        return rest[:inside], rest[inside:]
    semicolon = re.search(r";\s(?=\S)", rest)
    if semicolon and semicolon.start() < first_stop and _is_placed(rest[semicolon.end() :]):
        return rest[: semicolon.start()], rest[semicolon.end() :]
    return None


def _split_at_stop(rest: str, stops: list[tuple[int, int]]) -> tuple[str, str]:
    """Split at the first stop; a question mark ends a title only where an imprint follows."""
    end, start = stops[0]
    if rest[end - 1] in "?!" and len(stops) > 1 and not is_imprint(rest[start : stops[1][0]], rest[stops[1][1] :]):
        end, start = stops[1]
    return rest[:end], rest[start:]


def _split_loose(rest: str) -> tuple[str, str]:
    """Split "Title in small letters, Name of a Site"."""
    site = re.search(r",\s(?P<site>[^,]{2,60})$", rest.rstrip(" ."))
    return (rest[: site.start()], site["site"]) if site and could_be_body(site["site"]) else (rest, "")


def _split_at_comma(rest: str, stops: list[tuple[int, int]]) -> tuple[str, str] | None:
    """Return title and imprint of "Title, Journal 12 (2020) 45–67" and "Title, Publisher, Place, 2020"."""
    inside = _COMMA_IN.search(rest)
    first_stop = stops[0][0] if stops else len(rest)
    if inside and inside.start() < first_stop:
        return rest[: inside.start()], rest[inside.end() :]
    commas = list(re.finditer(r",\s(?!(?:and|&|or)\s|\d{4}\s?[–-])", rest[:first_stop]))
    volume = find_volume(rest)
    dated = _ENDS_IN_YEAR.search(rest)
    if volume is None and not stops and dated:
        volume = dated.start()
    if volume is None:
        return _split_at_publisher(rest, commas, has_stops=bool(stops))
    if volume > first_stop + 1:
        return None
    before = [comma for comma in commas if comma.end() < volume]
    return (rest[: before[-1].start()], rest[before[-1].end() :]) if before else ("", rest)


def _split_at_publisher(rest: str, commas: list[re.Match[str]], *, has_stops: bool) -> tuple[str, str] | None:
    for number, comma in enumerate(commas):
        piece = rest[comma.end() :].split(",", 1)[0]
        if is_publisher(piece):
            # "Title, FAO, Rome, 2020": up to two short pieces before the year are publisher and place.
            cut = commas[max(0, number - 2)] if re.fullmatch(rf"{YEAR}\.?", piece) else comma
            return rest[: cut.start()], rest[cut.end() :]
    return (rest[: commas[0].start()], rest[commas[0].end() :]) if commas and not has_stops else None


def _is_placed(piece: str) -> bool:
    """Say whether a piece begins "Place: Publisher" or "Publisher: Place"."""
    place = re.match(r"(?:[^\W\d_]|In\s)[^:;()]{1,80}:\s[^\W\d_]", piece)
    return bool(place) or is_publisher(re.split(r"[,;]", piece, maxsplit=1)[0])


def take_extras(title: str) -> tuple[str, str]:
    """Return a title without the brackets behind it that are none of its own, and those that tell of the imprint."""
    extras: list[str] = []
    title = title.rstrip(" .,")
    while found := _EXTRA.search(title, max(0, len(title) - 260)):
        inner = found.group().strip()
        title = title[: found.start()].rstrip(" .,")
        if _TELLING_EXTRA.search(inner):
            extras.insert(0, inner.strip("()[] ") + ".")
    return title, " ".join(extras)


def clean_title(title: str) -> str | None:
    """Return a title without the stop behind it and the quotation marks around it, or None if nothing is left."""
    title = title.strip().rstrip(",;:").removesuffix(".").strip()
    title = re.sub(r"[.,](?=[”\"’]$)", "", title)
    if title[:1] in OPENING and title.endswith(OPENING[title[0]]) and title.count(title[0]) == 1:
        title = title[1:-1].strip()
    return title if any(map(str.isalnum, title)) else None
