"""What holds a work: the title of the book or proceedings, told apart from its editors and what follows."""

import re
from collections.abc import Sequence

from index.model import Name
from index.references.imprint_words import PLACE, PUBLISHER, SHORT_WORD, clean_name
from index.references.names import match_names

_NAMES_MAX_CHARS = 800  # of the editors of one book
_EDITED_BY = re.compile(r"[,.]?\s(?:\(?(?:edited|ed\.|eds\.)\sby|hrsg\.\svon)\s", re.IGNORECASE)
_EDITORS_INSIDE = re.compile(r"\s?\((?:eds?\.?|edited by|ed\. by|hrsg\.(?: von)?)\s[^()]{3,300}\)", re.IGNORECASE)
_EDITORS = re.compile(r",?\s?(?:\((?:eds?|hrsg|hg)\.?\)|\b(?:eds?\.?(?=[,.:]|$)|editors?\b))[.,:]?\s?", re.IGNORECASE)
_TITLE_BREAK = re.compile(
    r"(?P<stop>[.;?!])\s(?=\S)|,\s(?=\S)|\s\((?=vol|pp?\.|ed|\d+(?:st|nd|rd|th) ed)|\s(?=\[)", re.IGNORECASE
)
# "Speech, and Signal Processing", the rest of a title behind a comma.
_LISTED = re.compile(
    r"[^,.;]{2,40}, (?:and|&)\s[^,.;]{2,40}|[^,.;]{2,30}\s(?:and|&)\s[^,.;]{2,40}(?=[,.;]|$)|(?:and|&|or|und|et|y)\s"
)
# A book that is called by its publisher's name, as in "The Wet Press Handbook of Rain".
_BOOK = re.compile(
    r"\b(?:handbook|companion|encyclop\w+|dictionary|guide|history|introduction|proceedings)\b", re.IGNORECASE
)
_MEETING = re.compile(r"\([A-Z]{2,}|\b(?:Conf|Symp|Proc|Workshop)\b")


def split_holder(text: str) -> tuple[str | None, str]:
    """Return the title of the book and what follows, without the editors.

    Args:
        text: Behind "In": "A. Lee (Ed.), The Book. Place: Publisher" or "The Book, edited by A. Lee, Publisher".
    """
    text = _drop_leading_editors(text)
    edited = _EDITED_BY.search(text)
    if edited:
        return clean_name(text[: edited.start()]), _drop_named_editors(text[edited.end() :])
    title, rest = _split_title(text)
    return clean_name(title), _drop_trailing_editors(rest)


def drop_inner_editors(text: str) -> str:
    """Drop "(eds Lee, A. & Diaz, B.)"."""
    return _EDITORS_INSIDE.sub("", text)


def _drop_leading_editors(text: str) -> str:
    """Drop "S. Lee & A. Diaz (Eds.), " in front of the book's title."""
    mark = _EDITORS.search(text[:_NAMES_MAX_CHARS])
    if not mark or _begins_publisher(text[mark.end() :].lstrip(" ,.:;")):
        return text
    names = text[: mark.start()].rstrip(" ,")
    whole = any(not names[each.end :].strip(" .,") and _is_even(each.names) for each in match_names(names))
    return text[mark.end() :].lstrip(" ,.:") if whole else text


def _begins_publisher(text: str) -> bool:
    piece = re.split(r"[,.:(]\s?", text, maxsplit=1)[0]
    return bool((PUBLISHER.search(piece) and not _BOOK.search(piece)) or PLACE.match(text))


def _is_even(names: Sequence[Name]) -> bool:
    """Say whether all given names are initials or none is: else a title was taken for a name."""
    spelled_out = {bool(re.search(r"[^\W\d_]{3}", name.given)) for name in names}
    return len(spelled_out) == 1 and not names[0].given.startswith("The ")


def _drop_named_editors(text: str) -> str:
    """Drop the names behind "edited by": up to a stop, or a comma before a publisher, a place or a number."""
    for found in re.finditer(r"(?P<stop>\.)\s(?=\S)|,\s(?=\S)", text):
        piece = re.split(r"[,.]\s", text[found.end() :], maxsplit=1)[0]
        if found["stop"] and SHORT_WORD.search(text, max(0, found.start() - 12), found.start()):
            continue
        if found["stop"] or PUBLISHER.search(piece) or PLACE.match(piece) or piece[0].isdigit():
            return text[found.start() :]
    return ""


def _drop_trailing_editors(text: str) -> str:
    """Drop ", S. Lee and A. Diaz, Eds." before the publisher."""
    mark = _EDITORS.search(text[:_NAMES_MAX_CHARS])
    if not mark:
        return text
    return f".{text[mark.end() :]}" if mark.group().endswith(" ") else text[mark.end() :]


def _split_title(text: str) -> tuple[str, str]:
    """Split at the end of the book's title: a stop, or a comma behind which the title does not go on."""
    for found in _TITLE_BREAK.finditer(text):
        before, after = text[: found.start()], text[found.end() :]
        if found["stop"] == "." and (SHORT_WORD.search(before, max(0, len(before) - 12)) or _is_short(before, after)):
            continue
        if found.group()[0] == "," and _goes_on(before, after):
            continue
        return before, text[found.start() :]
    return text, ""


def _is_short(before: str, after: str) -> bool:
    """Say whether a stop is one of several in a short title, as in "Adv. Neural Inf. Process. Syst. (NeurIPS)"."""
    return bool(re.search(r"\b\w{1,8}\.\s\w{1,12}$", before) and re.match(r"\w{1,9}\.(?:[\s,]|$)|\(", after))


def _goes_on(before: str, after: str) -> bool:
    """Say whether the comma between two pieces belongs to a title, as in "Acoustics, Speech, and Signal Processing"."""
    piece = re.split(r",\s|\.\s", after, maxsplit=1)[0]
    if re.match(r"(?:and|&|or|und|et|y)\s", after):
        return True
    if PUBLISHER.search(piece) or _begins_with_editors(after):
        return False
    return bool(_LISTED.match(after)) or (before.endswith(".") and bool(_MEETING.search(piece)))


def _begins_with_editors(text: str) -> bool:
    return any(_EDITORS.match(text, each.end) for each in match_names(text[:_NAMES_MAX_CHARS]))
