"""What a question leaves open: words in it that stand for what was said before."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from index.model import Span
from qa.grammar import Role, Word

OpeningKind: TypeAlias = Literal["thing", "people", "person", "place", "noun", "the noun", "one"]

_KINDS: dict[str, OpeningKind] = {
    **dict.fromkeys(("it", "its", "this", "that"), "thing"),
    **dict.fromkeys(("they", "them", "their", "these", "those"), "people"),
    **dict.fromkeys(("he", "him", "his", "she", "her"), "person"),
    "there": "place",
}
_LONE = frozenset("one ones two both other others".split())
_POSSESSIVES = frozenset("its their his her".split())
# What is always at hand: the text that is asked, and those who ask it.
AT_HAND = frozenset(
    "paper papers article study text work document report thesis chapter section author authors conclusion"
    " introduction abstract references bibliography keywords title reader world day days year years time country"
    " countries sides governments same".split()
)
# "Is it true that", "how is it that", "it takes two years to": such an it stands for nothing.
_EMPTY_IT = re.compile(
    r"\b(?:is|was|'s)\s+it\s+(?:\w+\s+)?(?:that|who|to|true|possible|likely|correct|right)\b"
    r"|\bit(?:\s+is|'s|\s+was)\s+(?:\w+\s+){0,2}(?:that|to)\b"
    r"|\bit\s+(?:seems?|appears?|turns?\s+out|follows?|(?:will|would)\s+take|takes?|took)\b"
    r"|\b(?:does|did)\s+it\s+(?:matter|seem|mean\s+that|take\b.*\bto)\b",
    re.IGNORECASE,
)
_ORDINALS = frozenset("first second third fourth fifth last next other old new same".split())
_FOLLOWED = frozenset("who whom whose which that in with of from on at for working".split())


@dataclass(frozen=True, slots=True)
class Opening:
    """Words that stand for something said before.

    Attributes:
        kind: What they may stand for; "noun" behind "that" and its like, "the noun" behind "the", "one" for what has no
            name of its own.
        span: Where, with the article.
        noun: The noun with what stands before it, for those kinds.
        is_possessive: Whether a possessive has to take their place.
    """

    kind: OpeningKind
    span: Span
    noun: str = ""
    is_possessive: bool = False


def list_openings(question: str, words: Sequence[Word]) -> tuple[Opening, ...]:
    """Return what a question leaves open, the first of each kind, in order."""
    empty = {found.start() + place for found in _EMPTY_IT.finditer(question) for place in _find_it(found.group())}
    firsts: dict[OpeningKind, Opening] = {}
    for opening in _iter_openings(words, empty):
        firsts.setdefault(opening.kind, opening)
    return tuple(sorted(firsts.values(), key=lambda opening: opening.span))


def _find_it(phrase: str) -> list[int]:
    return [found.start() for found in re.finditer(r"\bit\b", phrase, re.IGNORECASE)]


def _iter_openings(words: Sequence[Word], empty: set[int]) -> Iterator[Opening]:
    for at, word in enumerate(words):
        if word.role == "det" and word.low in {"the", "this", "that", "these", "those"}:
            yield from _open_noun(words, at)
        elif _is_event(words, at) or _is_lone(words, at):
            yield Opening("one", (word.start, word.end))
        elif word.low in _KINDS and word.role != "conj" and word.start not in empty and _is_open(words, at):
            is_possessive = word.low in _POSSESSIVES and word.role == "det"
            yield Opening(_KINDS[word.low], (word.start, word.end), is_possessive=is_possessive)


def _is_open(words: Sequence[Word], at: int) -> bool:
    """Say whether a pronoun stands for something outside of the question."""
    after = words[at + 1].low if at + 1 < len(words) else ""
    match words[at].low:
        case "this" | "that":
            return after != "that"
        case "these" | "those":
            return after not in _FOLLOWED
        case "there":
            return not _is_existential(words, at)
        case _:
            return not _is_bound(words, at)


def _is_lone(words: Sequence[Word], at: int) -> bool:
    """Say whether a word is "one" or its like with no noun of its own, as in "the first one" or "the two"."""
    if words[at].low not in _LONE:
        return False
    after = words[at + 1] if at + 1 < len(words) else None
    is_called = at > 0 and (words[at - 1].role in {"det", "wh"} or words[at - 1].low in _ORDINALS)
    return is_called and (after is None or (after.role in {"aux", "verb", "prep", "wh", "conj"} and after.low != "of"))


def _is_event(words: Sequence[Word], at: int) -> bool:
    """Say whether "that" stands for all that was said: it is what somebody does or says."""
    is_that = words[at].role == "pron" and words[at].low in {"this", "that"}
    return is_that and at > 0 and (words[at - 1].role == "verb" or words[at - 1].low == "do")


def _is_existential(words: Sequence[Word], at: int) -> bool:
    near = [words[other].role for other in (at - 1, at + 1) if 0 <= other < len(words)]
    return "aux" in near and len(words) > at + 1


def _is_bound(words: Sequence[Word], at: int) -> bool:
    """Say whether something earlier in the question is what a pronoun stands for.

    A possessive takes what the question has named before it, a subject of a later clause does, an object does not.
    """
    named = [other for other in range(at) if words[other].role in {"noun", "name"} and _binds(words, other, at)]
    if not named:
        return False
    if words[at].low in _POSSESSIVES and words[at].role == "det":
        return True
    between = words[named[0] + 1 : at]
    joined = any(word.role in {"conj", "wh"} for word in between)
    after = words[at + 1] if at + 1 < len(words) else None
    is_subject = (
        after is not None and after.role in {"aux", "verb"} and between[-1:] != [] and between[-1].role != "aux"
    )
    return joined or is_subject


def _binds(words: Sequence[Word], noun: int, at: int) -> bool:
    """Say whether a noun agrees with a pronoun, and is not what the question asks for about it."""
    is_many = words[noun].low.endswith("s") and words[noun].role == "noun" and not words[noun].low.endswith("ss")
    if words[at].low in {"it", "its"} and is_many:
        return False
    after: Role | None = words[noun + 1].role if noun + 1 < len(words) else None
    is_asked = any(word.role == "wh" for word in words[max(0, noun - 3) : noun])
    return not (is_asked and after == "aux")


def _open_noun(words: Sequence[Word], at: int) -> Iterator[Opening]:
    """Yield "that fund", or "the fund" with nothing beside it that says which."""
    stop = at + 1
    while stop < len(words) and words[stop].is_nominal and words[stop].start - words[stop - 1].end == 1:
        stop += 1
    noun = words[at + 1 : stop]
    if not 1 <= len(noun) <= 2 or any(word.role != "noun" for word in noun) or noun[-1].low in AT_HAND:  # noqa: PLR2004
        return
    if any(word.low == noun[-1].low for word in words[:at]):
        return
    after = words[stop] if stop < len(words) else None
    beyond = words[stop + 1] if stop + 1 < len(words) else None
    is_told = after is not None and (
        after.low in {"who", "which", "that", "of", "between"}
        or (after.low in {"for", "in", "with", "on", "by", "from", "about", "to"} and beyond is not None)
        or (after.role == "verb" and words[at].low == "the" and not any(word.role == "aux" for word in words[:at]))
    )
    if is_told and words[at].low in {"the", "those"}:
        return
    is_possessive = noun[-1].is_possessive
    end = noun[-1].end - (2 if noun[-1].low.endswith("'s") else is_possessive)
    kind: OpeningKind = "the noun" if words[at].low == "the" else "noun"
    phrase = " ".join(word.low for word in noun).removesuffix("'s")
    yield Opening(kind, (words[at].start, end), phrase, is_possessive)
