"""The shortest phrase that answers, inside a sentence that does, where it is plain.

The question asks for an amount, a date or a person, and the sentence has just one that the question does not hold.
English only; a question of any other kind has no such phrase, nor has a sentence with two that might be meant.
"""

import re
from collections.abc import Callable, Iterator
from typing import Literal, TypeAlias

from index.encode import FUNCTION_WORDS
from index.lexical import LexicalIndex
from index.model import Span

AnswerKind: TypeAlias = Literal["amount", "date", "person"]

_AUXILIARY = r"(?:is|was|were|are|did|does|do|will|has|have|had|can|could|should|would)"
_FILLER = r"(?:(?:is|was|were|are|the|an?|its|total|overall|exact|approximate|average|annual) ){0,3}"
_ASKED: dict[AnswerKind, str] = {
    "date": rf"^\W*when {_AUXILIARY}\b|\b(?:since|until|till|by) when\b"
    r"|\b(?:what|which) (?:exact )?(?:year|date|month|decade|century|day)s?\b",
    "amount": r"\bhow (?:much|many|large|big|far|long|old|high|tall|fast|deep|wide|heavy)\b"
    rf"|\b(?:what|which) {_FILLER}"
    r"(?:percentage|percent|proportion|fraction|share|number|amount|population|price|cost|sum|budget|rate|size)\b",
    "person": r"^\W*(?:who|whom)\b|\b(?:to|by|with|from|for) whom\b",
}

_YEAR = r"(?<![$€£¥₹\d.,])(?:1\d{3}|20\d{2})(?!\d|[.,]\d)"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_MONTH = (
    r"(?:(?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_ORDINAL = r"(?:\d{1,2}(?:st|nd|rd|th)|first|second|third|[a-z]{3,12}th)"
# Patterns are compiled where they are first looked for: no question needs all, and all take a fiftieth of a cold
# answer.
_DATE = (
    rf"\b{_YEAR}-\d\d(?:-\d\d)?\b|\b(?:{_DAY}\s+)?{_MONTH}(?:\s+{_DAY}\b)?(?:,?\s+{_YEAR}\b)?"
    rf"|\b{_YEAR}(?:s\b|\s?[-–/]\s?(?:{_YEAR}|\d\d)\b)?"
    rf"|\b(?:{_ORDINAL}(?:\s+(?:and|to)\s+|\s?[-–]\s?))?{_ORDINAL}\s+centur(?:y|ies)\b|\b\d{{1,4}}\s(?:BCE?|AD|CE)\b"
)

_ONES = "one|two|three|four|five|six|seven|eight|nine"
_NUMBER = (
    rf"(?:\d+(?:[.,]\d+)*|\b(?i:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-(?:{_ONES}))?|{_ONES}|ten"
    r"|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|half|a (?:dozen|hundred|thousand|million|billion))\b)"
)
_RANGE = rf"{_NUMBER}(?:\s?(?:[-–—]|to\b|or\b)\s?{_NUMBER})?"
_CURRENCY = r"(?:(?:US|A|C|NZ|HK)?[$€£¥₹]\s?)"
_UNIT = (
    r"(?:\s?(?:%|‰|°\s?[CF]\b)|[\s-]?(?:km/h|mph|[kMGT]?(?:B|W|Wh|Hz|bit/s)|[kcmn]?m²?|[km]?g"
    r"|(?i:percent|per cent|percentage points|kilomet\w+|met(?:er|re)s?|miles?|feet|foot|inch(?:es)?|acres?|tons?"
    r"|tonnes?|pounds?|dollars?|euros?|yen|yuan|(?:exa|peta|tera)flops|years?|months?|weeks?|days?|hours?|minutes?"
    r"|seconds?|times))\b)?"
)
_SCALE = r"(?:[\s-](?i:dozen|hundred|thousand|million|billion|trillion)\b)*"
_AMOUNT = rf"(?:(?<!\w)-(?=\d))?{_CURRENCY}?{_RANGE}(?:\s?[-–]\s?{_CURRENCY}{_NUMBER})?{_SCALE}{_UNIT}"
# A word; what joins the words of a person's name; what a sentence opens with; what stands before a place.
_WORD = r"(?<![\w/@.])[^\W\d_](?:[\w’'-]|\.(?=\w))*"
_JOINING = frozenset("de del von van der den la le al bin".split())
_OPENING = FUNCTION_WORDS | frozenset(
    "he she his her we our after before while although since during most some all both each if but then under".split()
)
_PLACING = frozenset("in at on near from outside across".split())
_DAYS = frozenset(f"{day}day" for day in ("Mon", "Tues", "Wednes", "Thurs", "Fri", "Satur", "Sun"))

# What stands before a number that is part of a name or of a marker, such as Level 3, COVID-19 or [3], or that counts
# what is known already, such as the two countries.
_LABEL = (
    r"[\w[+/.]$|\[[\d,\s–-]*$|\w\W+[A-Z]\w*\.? ?-?$|[A-Z]{2}-$"
    r"|\b(?:No|Fig(?:ure)?|Table|Section|Chapter|Level|Version)\.? $"
)
_DEFINITE = r"(?i)\b(?:the|these|those|both|no|each|every|any|its|their|his|her|our) $"
_LOOK_BACK = 40

# A question that asks how large something is wants a unit, a currency or a scale, and one that asks how many wants
# none that it does not name; then, where an amount is written as a share or as money and that is asked for, it is that.
_MEASURED = r"(?i)\bhow (?:much|large|big|far|long|high|tall|fast|deep|wide|heavy)\b|\b(?:price|cost|budget|rate)\b"
_COUNTED = r"(?i)\bhow many (.*)"
_SHARES = (r"(?i)percent|proportion|\bshare\b|\brate\b", r"%|per ?cent")
_MONEY = (r"(?i)how much (?!of)|cost|budget|price|\bsum\b", r"[$€£¥₹]")


def find_kind(question: str) -> AnswerKind | None:
    """Return what kind of phrase answers a question, where its words say so."""
    return next((kind for kind, asked in _ASKED.items() if re.search(asked, question, re.IGNORECASE)), None)


def find_phrase(question: str, sentence: str, lexical: LexicalIndex) -> Span | None:
    """Return the span in a sentence of the one phrase of the kind asked for; None where no one phrase is plain.

    A single word is no plain name of a person: it may as well be that of a place or of a firm.
    """
    kind = find_kind(question)
    if kind is None:
        return None
    asked = set(lexical.analyze(question))
    spans = list(_FINDERS[kind](sentence))
    terms = [set(lexical.analyze(sentence[slice(*span)])) for span in spans]
    # Nobody asks for a person by a part of the name.
    shared = [of & asked if kind == "person" else of and of <= asked for of in terms]
    spans = [span for span, is_known in zip(spans, shared, strict=True) if not is_known]
    if kind == "amount":
        spans = _narrow(question, sentence, spans)
    if len(spans) != 1 or spans[0] == (0, len(sentence)):
        return None
    return spans[0] if kind != "person" or " " in sentence[slice(*spans[0])] else None


def _find_dates(sentence: str) -> Iterator[Span]:
    """Yield dates; a number in capitals' company or in brackets is a label, such as ISO 1400."""
    for found in re.finditer(_DATE, sentence):
        before = sentence[max(0, found.start() - _LOOK_BACK) : found.start()]
        if not re.search(r"\b[A-Z]{2,}[ -]$|\[$", before):
            yield found.start(), found.start() + len(found.group().rstrip(" ."))


def _find_amounts(sentence: str) -> Iterator[Span]:
    """Yield amounts; what is part of a date, a name or a marker is none."""
    dated = {at for span in _find_dates(sentence) for at in range(*span)}
    for found in re.finditer(_AMOUNT, sentence):
        start, end = found.span()
        before, after = sentence[max(0, start - _LOOK_BACK) : start], sentence[end : end + 2]
        is_label = re.search(_LABEL, before) or re.match(r"\w|[+/]\d|-\w", after)
        is_known = re.search(_DEFINITE, before) and found.group()[0].isalpha()
        if start not in dated and not is_label and not is_known:
            yield start, end


def _find_persons(sentence: str) -> Iterator[Span]:
    """Yield names that may be a person's: no day, no acronym, no place, and no lone word that opens a sentence."""
    dated = {at for span in _find_dates(sentence) for at in range(*span)}
    for words in _iter_names(sentence):
        start, end = words[0].start(), words[-1].end()
        before = sentence[max(0, start - _LOOK_BACK) : start].split()[-1:] or ["."]
        opens = len(words) == 1 and before[0][-1] in ".?!"
        is_acronym = not any(letter.islower() for word in words for letter in word.group())
        is_place = before[0].casefold() in _PLACING
        if not (opens or is_acronym or is_place or start in dated or words[0].group() in _DAYS):
            yield start, end - 2 * sentence.endswith(("'s", "’s"), start, end)


def _iter_names(sentence: str) -> Iterator[list[re.Match[str]]]:
    """Yield runs of capitalised words, without the function words that open them."""
    run: list[re.Match[str]] = []
    for word in (*re.finditer(_WORD, sentence), None):
        gap = sentence[run[-1].end() : word.start()] if run and word else ""
        follows = gap == " " or (gap == ". " and len(run[-1].group()) == 1)
        if word and follows and (_is_capitalised(word.group()) or word.group() in _JOINING):
            run.append(word)
            continue
        while run and not _is_capitalised(run[-1].group()):
            run.pop()
        if run:
            yield run
        run = [word] if word and _is_capitalised(word.group()) and word.group().casefold() not in _OPENING else []


def _is_capitalised(word: str) -> bool:
    return word[0].isupper() and not re.search(r"\d|\.[a-z]{2}", word)


_FINDERS: dict[AnswerKind, Callable[[str], Iterator[Span]]] = {
    "amount": _find_amounts,
    "date": _find_dates,
    "person": _find_persons,
}


def _narrow(question: str, sentence: str, spans: list[Span]) -> list[Span]:
    """Leave out amounts that are not written as what was asked for."""
    counted = re.search(_COUNTED, question)

    def fits(span: Span) -> bool:
        amount = sentence[slice(*span)]
        if counted:
            is_bare = re.fullmatch(_RANGE + _SCALE, amount) is not None
            return is_bare or amount.split()[-1].rpartition("-")[2].casefold().rstrip("s") in counted[1].casefold()
        return not re.search(_MEASURED, question) or not re.fullmatch(_RANGE, amount)

    spans = [span for span in spans if fits(span)]
    for asked, written in (_SHARES, _MONEY):
        alike = [span for span in spans if re.search(written, sentence[slice(*span)])]
        if re.search(asked, question) and alike:
            return alike
    return spans
