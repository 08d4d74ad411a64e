"""The joints between printed lines: hyphens at their ends, addresses that they cut, and all else with a space."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from urllib.parse import unquote

from index.pdf.lines import HYPHEN, LOWERED, RAISED, Line
from index.pdf.printed_urls import close_up, write_tildes

SOFT_HYPHEN = "\u00ad"
_TYPED, _SOFT = "\u2010", SOFT_HYPHEN
_WORD = re.compile(r"[^\W_]{1,60}(?:[-\u2010][^\W_]{1,60}){0,6}")
_LAST_WORD = re.compile(r"[^\W_]{1,60}(?:[-\u2010\u2019'][^\W_]{1,60}){0,6}$")
_FIRST_WORD = re.compile(r"[^\W_]{1,60}(?:[-\u2010\u2019'][^\W_]{1,60}){0,6}")
_ADDRESS = re.compile(
    r"(?:https?:/{0,2}|ftp://|www\.|doi\.org/|doi:\s?10\.|(?<![\d.])10\.\d{4,9}/)\S{0,2000}$", re.IGNORECASE
)
_SCHEME = re.compile(r"(?:https?://)?(?:(?:dx\.)?doi\.org/|doi:\s?|www\.)?", re.IGNORECASE)
_CLOSING = ".,;:>)]}\"'”’"
_GOES_ON = "/-_=&?%#~+@"
_FIRST_PIECE = re.compile(r"[^/\-_.=&?%#~+:]{0,40}[/\-_.=&?%#~+:]?")
_INSIDE = re.compile(r"[/_=&?%#~+\d]|[\w)][.\-:][\w(]")
_AFTER_ADDRESS = frozenset(
    "accessed access last and available retrieved in on the doi arxiv pp vol visited online".split()
)
_NEXT_ADDRESS = re.compile(r"https?:|www\.|doi:|arxiv:", re.IGNORECASE)
_OLD_DOI = re.compile(r"\d{2,8}[-.]")  # behind "0167-9473(02)"
_SUFFIX = re.compile(r"(?:pdf|s?html?|xhtml|php|aspx?|jsp|cfm|xml|txt|docx?|org|com|net|edu|gov|int)(?:\W|$)")
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_CHAR_EM = 0.5  # about how wide a letter is
_CUTS_MIN_SHARE = 0.015  # of the lines that end within a word, where words are cut
_SIGNS_MIN = 3  # lines that end with U+2010, from which that is the sign of a cut word and of nothing else
_CAPITALS_MIN = 4  # capitals of a cut word, rather than of a country
_COMPOUND_HEADS = frozenset(
    "self well high low long short large small real cross fine two three four five six one first second third peer half"
    " open world much so multi non co".split()
)
_PLAIN_PREFIXES = frozenset(("multi", "non", "co", "inter", "intra", "micro", "macro", "anti", "counter"))
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uff00-\uffef]")


class Joints:
    """Joins the lines of one document, by the words that stand in it whole and the addresses that it links to."""

    def __init__(self, lines: Sequence[Line], urls: Iterable[str]) -> None:
        self._words: Counter[str] = Counter()
        for line in lines:
            self._words.update(word.casefold().replace(_TYPED, "-") for word in _WORD.findall(_inner(line.text)))
        ends = sum(line.text.endswith(_TYPED) for line in lines)
        within = sum(_TYPED in line.text[:-1] for line in lines)
        self._is_typeset_by_sign = ends >= _SIGNS_MIN and within < ends
        self._urls = sorted({_bare(url) for url in urls})
        self._keeps = self._keeps_hyphens(lines)

    def _keeps_hyphens(self, lines: Sequence[Line]) -> bool:
        """Say whether hyphens at line ends are those of compounds, by the words that stand elsewhere in the document.

        Where these say nothing, by how rare such line ends are: who cuts words at all cuts many.
        """
        whole = parted = ends = 0
        for line, below in pairwise(lines):
            left, right = _LAST_WORD.search(line.text[-200:-1]), _FIRST_WORD.match(below.text[:200])
            if line.text[-1:] not in (HYPHEN, "-", _SOFT) or not left or not right:
                continue
            ends += 1
            whole += bool(self._words[f"{left.group()}{right.group()}".casefold()])
            parted += bool(self._words[f"{left.group()}-{right.group()}".casefold()])
        return parted > whole or (parted == whole and ends < _CUTS_MIN_SHARE * len(lines))

    def join(self, lines: Sequence[Line]) -> tuple[str, list[int]]:
        """Return the text of lines that make one block, and where in it each of them begins."""
        text, starts = "", []
        for at, tail in enumerate(close_up([line.text for line in lines])):
            if at:
                text = self._join_two(text, tail, lines[at - 1].room)
            starts.append(len(text))
            text += tail
        return write_tildes(text), starts

    def _join_two(self, head: str, tail: str, room: float) -> str:
        """Return `head` with what stands between it and `tail`: a space, a hyphen or nothing."""
        address = _ADDRESS.search(head, max(0, len(head) - 2000))
        if address and tail:
            # What was opened goes on until it is closed.
            room = 0.0 if head[: address.start()].endswith("<") and ">" not in address.group() else room
            joined = self._join_address(address.group(), tail.split(" ", 1)[0], room)
            if joined is not None:
                return head[: address.start()] + joined
        if re.search(r"\bdoi:\s?$", head[-8:], re.IGNORECASE) and tail.startswith("10."):
            return head
        if head.endswith((HYPHEN, "-", _TYPED, _SOFT)):
            return self._join_word(head, tail)
        if head.endswith(("\u2014", "\u2013")) and head[-2:-1].strip():
            return head
        if re.search(r"[^\W\d_]/$", head[-2:]) or (_UNSPACED.match(head[-1:]) and _UNSPACED.match(tail[:1])):
            return head
        return f"{head} " if head else head

    def _join_word(self, head: str, tail: str) -> str:
        sign, stem = head[-1], head[:-1]
        left, right = _LAST_WORD.search(stem[-200:]), _FIRST_WORD.match(tail[:200])
        if not left or not right:
            return f"{stem}- " if stem.endswith(" ") or not right else f"{stem}-"
        if sign == _SOFT or (sign == _TYPED and self._is_typeset_by_sign):
            return stem
        if right.group() in ("and", "or", "to") and tail[right.end() :].startswith(" "):
            return f"{stem}- "  # as in "two- and threefold"
        if self._is_typeset_by_sign or self._is_compound(left.group(), right.group()):
            return f"{stem}-"
        return stem

    def _is_compound(self, left: str, right: str) -> bool:
        """Say whether a word that a line end cuts is written with a hyphen."""
        first, last = re.split(r"[-\u2010]", left)[-1], re.split(r"[-\u2010]", right)[0]
        if first[-1].isdigit() or last[0].isdigit() or len(first) == 1:
            return True
        whole, parted = self._words[f"{first}{last}".casefold()], self._words[f"{first}-{last}".casefold()]
        parted += self._words[f"{left}-{right}".casefold()]
        if whole or parted:
            return parted > whole
        if last[0].isupper():
            return not (first.isupper() and last.isupper() and len(first) >= _CAPITALS_MIN)
        if first != left or (last != right and last in ("to", "of", "the", "by", "in", "on", "and", "as", "a")):
            return True
        if self._keeps:
            return True
        return first.casefold() in _COMPOUND_HEADS - _PLAIN_PREFIXES and bool(self._words[last.casefold()])

    def _join_address(self, head: str, piece: str, room: float) -> str | None:
        """Return an address with the sign at its end mended if `piece` goes on with it, else None."""
        stem = head[:-1] if head.endswith((HYPHEN, _TYPED, _SOFT)) else head
        hyphened = stem != head
        for whole in (stem, f"{stem}-") if hyphened else (head,):
            if self._is_linked(whole, piece):
                return whole
        if hyphened:
            is_inserted = head.endswith(_SOFT) or (head.endswith(_TYPED) and self._is_typeset_by_sign)
            return stem if is_inserted else f"{stem}-"
        if self._is_linked(head, ""):
            return None
        return head if _goes_on(head, piece, room, self._words) else None

    def _is_linked(self, head: str, piece: str) -> bool:
        """Say whether a link leads to where `head` and `piece` together do, or, without a piece, just to `head`."""
        start = _bare(head)
        whole = (start + _bare(piece, scheme=False)) if piece else start
        at = bisect_left(self._urls, whole)
        if at >= len(self._urls) or not start:
            return False
        return self._urls[at].startswith(whole) if piece else self._urls[at] == whole


def _goes_on(head: str, piece: str, room: float, words: Counter[str]) -> bool:
    """Say by its looks whether a piece at the start of a line goes on with the address that ends the line before."""
    bare = piece.rstrip(_CLOSING)
    if "<" in head[:1] or not bare or piece[0] in '([<“"\u2018':
        return False
    first = _FIRST_PIECE.match(piece)
    if first and room > 1 + _CHAR_EM * max(2, len(first.group())) and not head.endswith(tuple(_GOES_ON)):
        return False  # it would have fitted on the line before
    if bare.casefold() in _AFTER_ADDRESS or _NEXT_ADDRESS.match(piece):
        return head.casefold().endswith(("http:", "https:", "//")) and not piece.startswith("http")
    if head.endswith(tuple(_GOES_ON)) or piece[0] in _GOES_ON:
        return True
    return _looks_like_rest(head, piece, is_known=bool(words[bare.casefold()]))


def _looks_like_rest(head: str, piece: str, *, is_known: bool) -> bool:
    """Say whether a piece looks like the rest of an address and not like a word of the text behind it."""
    bare = piece.rstrip(_CLOSING)
    if head.endswith((",", ";", ")", ">", "]", "”", '"')):
        return head.endswith(")") and "(" in head and bool(_OLD_DOI.match(piece))
    if bare.isalpha() or (head.endswith((".", ":")) and bare.islower() and not _INSIDE.search(bare)):
        return bare.islower() and (not is_known or (head.endswith(".") and bool(_SUFFIX.match(piece))))
    return bool(_INSIDE.search(bare)) and not _YEAR.fullmatch(bare)


def _bare(address: str, *, scheme: bool = True) -> str:
    """Return an address in the form in which addresses are compared."""
    bare = unquote(address.strip().lstrip("<(["))
    bare = _SCHEME.sub("", bare, count=1) if scheme else bare
    return bare.rstrip(_CLOSING + "/" * (not scheme)).casefold() if scheme is False else bare.rstrip(".,;>)").casefold()


def _inner(text: str) -> str:
    """Return the text of a line without the words that the ends of the line may cut."""
    text = text.replace(RAISED, " ").replace(LOWERED, " ")
    return text.rpartition(" ")[0] if text.endswith((HYPHEN, "-", _TYPED, _SOFT)) else text
