"""The shortest phrase that answers, inside a sentence that does, where it is plain.

The question asks for an amount, a date or a person, and the sentence has just one that the question does not hold.
English only; a question of any other kind has no such phrase, nor has a sentence with two that might be meant.
"""

import re
from collections.abc import Iterator
from typing import Literal, TypeAlias

from index.lexical import LexicalIndex
from index.model import Span

AnswerKind: TypeAlias = Literal["amount", "date", "person"]

_ASKED: dict[AnswerKind, str] = {
    "date": r"^\W*when\b|\b(?:since|until|till|by) when\b"
    r"|\b(?:what|which) (?:\w+ )?(?:year|date|month|decade|century|day)s?\b",
    "amount": r"\bhow (?:much|many|large|big|far|long|old|high|tall|fast|deep|wide|heavy)\b"
    r"|\b(?:what|which) (?:\w+ ){0,3}"
    r"(?:percentage|percent|proportion|fraction|share|number|amount|population|price|cost|sum|budget|rate|size)\b",
    "person": r"^\W*(?:who|whom)\b|\b(?:to|by|with|from|for) whom\b",
}
_YEAR = r"(?:1\d{3}|20\d{2})"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_ORDINAL = r"(?:\d{1,2}(?:st|nd|rd|th)|first|second|third|[a-z]+th)"
_DATE = re.compile(
    rf"\b(?:{_DAY}\s+)?{_MONTH}(?:\s+{_DAY}\b)?(?:,?\s+{_YEAR}\b)?"
    rf"|\b{_YEAR}(?:s\b|\s?[-–/]\s?(?:{_YEAR}|\d\d)\b)?|\b{_ORDINAL}\s+centur(?:y|ies)\b|\b\d{{1,4}}\s(?:BCE?|AD|CE)\b"
)
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_NUMBER = (
    rf"(?:\d+(?:[.,]\d+)*|\b(?i:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-(?:{_ONES}))?|{_ONES}|ten"
    r"|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|half|a (?:dozen|hundred|thousand|million|billion))\b)"
)
_CURRENCY = r"(?:(?:US|A|C|NZ|HK)?[$€£¥₹]\s?)"
_UNIT = (
    r"(?:\s?(?:%|‰|°\s?[CF]\b)|[\s-]?(?:km/h|mph|[kMGT]?(?:B|W|Wh|Hz|bit/s)|[kcmn]?m²?|[km]?g"
    r"|(?i:percent|per cent|percentage points|kilomet\w+|met(?:er|re)s?|miles?|feet|foot|inch(?:es)?|acres?|tons?"
    r"|tonnes?|pounds?|dollars?|euros?|yen|yuan|(?:exa|peta|tera)flops|years?|months?|weeks?|days?|hours?|minutes?"
    r"|seconds?|times))\b)?"
)
_SCALE = r"(?:[\s-](?i:hundred|thousand|million|billion|trillion)\b)*"
_AMOUNT = re.compile(rf"{_CURRENCY}?{_NUMBER}(?:\s?(?:[-–—]|to\b|or\b)\s?{_CURRENCY}?{_NUMBER})?{_SCALE}{_UNIT}")
_CAPITALISED = r"[^\W\d_a-zß-öø-ÿ][\w’'.-]*"
_NAME = re.compile(rf"\b{_CAPITALISED}(?:\s+(?:(?:of|de|von|van|der|den|la|le|al|the|and|&)\s+)?{_CAPITALISED})*")
_PATTERNS: dict[AnswerKind, re.Pattern[str]] = {"amount": _AMOUNT, "date": _DATE, "person": _NAME}
# What such a question asks for has a unit, a currency or a scale; then, if some amount is written as a share or as
# money and the question asks for one, it is that.
_MEASURED = re.compile(r"\bhow (?:much|large|big|far|long|high|tall|fast|deep|wide|heavy)\b", re.IGNORECASE)
_SHARES = (re.compile(r"percent|proportion|\bshare\b|\brate\b", re.IGNORECASE), re.compile(r"%|per ?cent"))
_MONEY = (re.compile(r"how much (?!of)|cost|budget|price|\bsum\b", re.IGNORECASE), re.compile(r"[$€£¥₹]"))


def find_kind(question: str) -> AnswerKind | None:
    """Return what kind of phrase answers a question, where its words say so."""
    return next((kind for kind, asked in _ASKED.items() if re.search(asked, question, re.IGNORECASE)), None)


def find_phrase(question: str, sentence: str, lexical: LexicalIndex) -> Span | None:
    """Return the span in a sentence of the one phrase of the kind asked for that the question does not itself hold."""
    kind = find_kind(question)
    if kind is None:
        return None
    asked = set(lexical.analyze(question))
    spans = [
        span
        for span in _iter_phrases(sentence, kind)
        if not _repeats(set(lexical.analyze(sentence[slice(*span)])), asked, kind)
    ]
    if kind == "amount":
        spans = _narrow(question, sentence, spans)
    return spans[0] if len(spans) == 1 else None


def _iter_phrases(sentence: str, kind: AnswerKind) -> Iterator[Span]:
    """Yield the spans of the phrases of a kind; what is part of a date is neither an amount nor a person."""
    dates = [found.span() for found in _DATE.finditer(sentence)]
    for found in _PATTERNS[kind].finditer(sentence):
        phrase = re.sub(r"(['’]s)?[ .,'’–-]*$", "", found.group())
        start, end = found.start(), found.start() + len(phrase)
        is_dated = any(low < end and start < high for low, high in dates)
        if phrase and (kind == "date" or not is_dated) and not (kind == "amount" and _is_label(sentence, start, end)):
            yield start, end


def _is_label(sentence: str, start: int, end: int) -> bool:
    """Say whether a number is part of a name, such as 5G or Level 3, or of a marker, such as [3]."""
    before, after = sentence[:start], sentence[end:]
    return bool(re.search(r"[\w[]$|\[[\d,\s–-]*$|\W[A-Z]\w*[ -]$|[+/.]$", before) or re.match(r"\w|[+/]\d", after))


def _repeats(terms: set[str], asked: set[str], kind: AnswerKind) -> bool:
    """Say whether a phrase with these terms tells nothing new: a person is never called by a word of the question."""
    if kind == "person":
        return not terms or bool(terms & asked)
    return bool(terms) and terms <= asked


def _narrow(question: str, sentence: str, spans: list[Span]) -> list[Span]:
    """Leave out amounts that are not written as what was asked for."""
    if _MEASURED.search(question):
        spans = [span for span in spans if not re.fullmatch(_NUMBER, sentence[slice(*span)])]
    for asked, written in (_SHARES, _MONEY):
        alike = [span for span in spans if written.search(sentence[slice(*span)])]
        if asked.search(question) and alike:
            return alike
    return spans
