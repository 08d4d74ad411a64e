"""Where words and characters surely begin and end, whichever browser looks.

Browsers cut words as Unicode does (UAX 29), with dictionaries for scripts that write no spaces. Only the places on
which all of them agree count here; of the others nothing is assumed.
"""

import re
import unicodedata
from itertools import pairwise

# They join what stands on both sides of them, as in "3.14" and "don't".
_JOINERS = frozenset(
    ".,:;'_\"/-\u00b7\u055f\u05f3\u05f4\u060d\u066b\u066c\u2018\u2019\u201c\u201d\u2024\u2027"
    "\ufe50\ufe52\ufe54\ufe55\uff07\uff0c\uff0d\uff0e\uff1a\uff1b\uff3f"
)
_MODIFIERS = range(0x1F3FB, 0x1F400)
_FLAGS = range(0x1F1E6, 0x1F200)
_ZERO_WIDTH_JOINER = "\u200d"
_VIRAMA = 9  # combining class
_LETTER = re.compile(r"[^\W_]")


def is_letter(char: str) -> bool:
    """Say whether a character is a letter or a digit."""
    return bool(_LETTER.match(char))


def is_of_word(char: str) -> bool:
    """Say whether a character is a letter or a digit, or a mark on one."""
    return is_letter(char) or unicodedata.category(char) in ("Mn", "Mc", "Me")


def is_whole(text: str, offset: int) -> bool:
    """Say whether no character of those that a reader sees is cut at an offset."""
    if not 0 < offset < len(text):
        return True
    before, after = text[offset - 1], text[offset]
    if before == _ZERO_WIDTH_JOINER or _extends(after):
        return False
    if unicodedata.combining(before) == _VIRAMA and is_letter(after):
        return False
    return not (ord(before) in _FLAGS and ord(after) in _FLAGS) and not ("\u1100" <= after <= "\u11ff")


def is_edge(text: str, offset: int) -> bool:
    """Say whether a word surely begins or ends at an offset."""
    if not is_whole(text, offset):
        return False
    base = offset
    while base and _extends(text[base - 1]):  # what extends a character belongs to its word
        base -= 1
    if not (base and offset < len(text)) or text[base - 1].isspace() or text[offset].isspace():
        return True
    before, after = text[base - 1], text[offset]
    if is_letter(before) and is_letter(after):
        return False
    if after in _JOINERS and is_letter(before):
        return not _is_joined(text[offset + 1 : offset + 2])
    if before in _JOINERS and is_letter(after):
        return not _is_joined(text[max(0, base - 2) : base - 1])
    return not (before == "_" or after == "_")


def is_unseen(char: str) -> bool:
    """Say whether a character is a mark that no reader sees, such as a soft hyphen, and does not join others."""
    return unicodedata.category(char) == "Cf" and char not in "\u200c\u200d"


def is_broken(text: str) -> bool:
    """Say whether a mark that no reader sees stands between a letter and a mark on it: no search finds that."""
    return any(is_unseen(one) and _extends(other) for one, other in pairwise(text))


def is_picture(char: str) -> bool:
    """Say whether a character may be part of an emoji."""
    return (unicodedata.category(char) in ("So", "Sk", "Cn") and not char.isascii()) or char in "\ufe0f\u20e3"


def _extends(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Me", "Mc", "Cf") or ord(char) in _MODIFIERS


def _is_joined(beyond: str) -> bool:
    return bool(beyond) and (is_letter(beyond) or _extends(beyond) or beyond in _JOINERS)
