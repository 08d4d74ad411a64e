"""Questions that are but a piece of one: "and in 2024?", "what about Japan?", "why?".

The piece takes the place of its like in the question before, or else follows that question.
"""

import re
from collections.abc import Sequence

import numpy as np

from index.bundle import Index
from index.model import Span
from qa.grammar import Word, read_words
from qa.mentions import Mention, list_mentions

_LEAD = re.compile(
    r"^\W*(?:(?:and|but|or|so|also|ok|okay|well|thanks|thank you|no|yes)\b[\s,.!]*)*"
    r"(?:(?:what|how) about\b|what of\b|(?:the )?same for\b)?[\s,:]*",
    re.IGNORECASE,
)
_TAIL = re.compile(r"[\s?.!]+$")
_AND_TAIL = re.compile(r", and (?:\w+ )?(?:what|who|whom|when|where|why|how|which)\b[^,]*$", re.IGNORECASE)
_BRACKET = re.compile(r"\s*(\([^()]+\))\W*$")
_ORDINAL = re.compile(
    r"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|\d+(?:st|nd|rd|th))\b", re.IGNORECASE
)
_NO_ADVERBS = frozenset("what which who".split())
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\ds?\b")
_DATED = re.compile(r"^(?:in|by|since|until|before|after|for|during)?\s*(?:the\s)?(?:1[5-9]|20)\d\ds?$", re.IGNORECASE)
_ALSO = re.compile(r"[\s,]+(?:too|as well|also)(?=\W*$)", re.IGNORECASE)
# What asks for more of the same.
_AGAIN = re.compile(
    r"(?:(?:any|some)thing (?:else|more)|(?:any |some )?(?:more|further) (?:details?|information|info|examples?)|more"
    r"|details|examples?|elaborate|explain|go on)(?: please)?",
    re.IGNORECASE,
)
_PIECE_NOMINALS = 4
# From where on a piece is like what it would take the place of.
_ALIKE = 0.35
# What a name is more like a name than a noun.
_SAME_KIND = 0.15
# What one with an article is less like one without.
_ARTICLE = 0.1


def strip_lead(question: str) -> tuple[str, str]:
    """Return the words that tie a question to those before, such as "and what about", and the rest of it."""
    found = _LEAD.match(question)
    end = found.end() if found else 0
    if end >= len(question.rstrip(" ?.!")):
        end = 0
    also = _ALSO.search(question, end)
    if also and is_piece(read_words(question[end:])):
        return question[:end].strip() + also.group(), question[end : also.start()] + question[also.end() :]
    return question[:end].strip(), question[end:]


def asks_again(body: str) -> bool:
    """Say whether words ask for more of the same, or for the same of another year."""
    body = _TAIL.sub("", body).strip()
    return _AGAIN.fullmatch(body) is not None or _DATED.match(body) is not None


def is_piece(words: Sequence[Word]) -> bool:
    """Say whether words are no sentence: they have no verb, and are too few to have one that is not known."""
    nominals = sum(word.is_nominal for word in words)
    return all(word.role not in {"aux", "verb"} for word in words) and nominals <= _PIECE_NOMINALS


def is_asking(words: Sequence[Word]) -> bool:
    """Say whether a piece asks, as "in which year" does."""
    return any(word.role == "wh" for word in words[:2])


def add_question(piece: str, before: str) -> tuple[str, tuple[str, ...]]:
    """Return the question before with a piece added, or in front where it asks for yes or no; and it alone."""
    bracket = _BRACKET.search(before)
    topic = f" {bracket[1]}" if bracket else ""
    asked = before[: bracket.start()] if bracket else before
    asked = _TAIL.sub("", _AND_TAIL.sub("", _TAIL.sub("", asked)))
    piece = _TAIL.sub("", piece)
    first = read_words(asked)[:1]
    if first and first[0].role == "aux":
        asked = asked[:1].lower() + asked[1:]
        return f"{piece} {asked}?{topic}", (asked,)
    return f"{asked}, and {piece[:1].lower()}{piece[1:]}?{topic}", (asked,)


def swap_question(piece: str, before: str) -> tuple[str, tuple[str, ...]] | None:
    """Return the question before with its question word replaced, where both are adverbs; and what is left of it."""
    words, asking = read_words(before), read_words(piece)
    if [word.role for word in words[:2]] != ["wh", "aux"] or words[0].low not in {"when", "where", "why"}:
        return None
    is_adverb = all(word.role in {"wh", "prep", "adv", "num"} and word.low not in _NO_ADVERBS for word in asking)
    rest = before[words[1].start :]
    return (f"{_TAIL.sub('', piece)} {rest}", (rest,)) if is_adverb else None


def swap_piece(piece: str, before: str, index: Index) -> tuple[str, tuple[str, ...]] | None:
    """Return the question before with a piece in the place of its like, and what is left of it; None where none is."""
    bracket = _BRACKET.search(before)
    if bracket:
        swapped = swap_piece(piece, before[: bracket.start()], index)
        return swapped and (swapped[0] + bracket.group(), swapped[1])
    piece = _TAIL.sub("", piece)
    for pattern in (_ORDINAL, _YEAR):
        new, old = pattern.search(piece), pattern.search(before)
        if new and old and (pattern is _ORDINAL or _DATED.match(piece)):
            return _swap(before, old.span(), new.group())
    adjective = re.match(r"(?:the |that )?(\S+)(?: one| ones)$", piece, re.IGNORECASE)
    if adjective and adjective[1].casefold() not in {"other", "others", "last", "next", "which"}:
        return _swap_adjective(adjective[1], before)
    return _swap_mention(piece, before, index)


def _swap(before: str, span: Span, new: str) -> tuple[str, tuple[str, ...]]:
    kept = (before[: span[0]], before[span[1] :])
    return kept[0] + new + kept[1], tuple(part.strip() for part in kept if re.search(r"\w", part))


def _swap_adjective(word: str, before: str) -> tuple[str, tuple[str, ...]] | None:
    """Swap an adjective for the one of its like in the question before: "Japanese" for "American"."""
    for each in read_words(before)[1:]:
        if each.role == "name" and re.search(r"(?:ese|an|ish|ch|i)$", each.low) and word.casefold() != each.low:
            return _swap(before, (each.start, each.end), word)
    return None


def _swap_mention(piece: str, before: str, index: Index) -> tuple[str, tuple[str, ...]] | None:
    lexical = index.lexical
    words = [word for word in read_words("x " + piece) if word.start]
    preposition = words[0].low if words and words[0].role == "prep" and len(words) > 1 else ""
    body = piece[words[1].start - 2 :] if preposition else piece
    is_name = any(word.role == "name" for word in words)
    known = set(lexical.analyze(piece))
    mentions = [each for each in list_mentions(before, lexical) if not known & each.terms]
    if preposition:
        mentions = [each for each in mentions if each.preposition == preposition]
    is_many = not is_name and words[-1].low.endswith("s")  # no name, even where none has a capital
    scored = [
        (_compare(body, _call(each, before, is_name=is_name), index) + _SAME_KIND * (each.is_name == is_name), each)
        for each in mentions
        if not (is_many and each.is_name)
    ]
    score, old = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    if old is None or score < (_ALIKE if not preposition else _ALIKE / 2):
        return None
    new = re.sub(r"['’]s?$", "", body)
    return _swap(before, *_fit_name(new, old, before) if is_name and old.name_span else (old.span, new))


def _fit_name(new: str, old: Mention, before: str) -> tuple[Span, str]:
    """Return where a name goes in the place of another, and how: one that takes no article takes that of the other."""
    start, end = old.name_span or old.span
    if end == old.span[1] and before[old.span[0] : start].casefold() == "the ":
        return (old.span[0], end), new
    is_called = re.search(
        r"\b(?:the|an?|its|their)\s$|^the\s", before[old.span[0] : start] or before[:start], re.IGNORECASE
    )
    return (start, end), re.sub(r"^the\s", "", new, flags=re.IGNORECASE) if is_called else new


def _call(mention: Mention, before: str, *, is_name: bool) -> str:
    """Return what of a mention a piece would take the place of."""
    return before[slice(*_fit_name("", mention, before)[0])] if is_name and mention.name_span else mention.text


def _compare(piece: str, called: str, index: Index) -> float:
    """Return how like two names or nouns are."""
    first, second = (index.encoder.read_question(text).vector for text in (piece, called))
    have_article = [text.casefold().startswith("the ") for text in (piece, called)]
    return float(np.dot(first, second)) - _ARTICLE * (have_article[0] != have_article[1])
