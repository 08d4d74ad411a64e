"""What the turns before speak of: the noun phrases of their questions and the names in their answers."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.lexical import LexicalIndex
from index.model import Span
from qa.grammar import Word, read_words

MENTION_MAX_CHARS = 120
_ANSWER_MAX_CHARS = 1500
# These prepositions hang a phrase on the noun before them.
_HANGING = frozenset("of for on in between about at".split())
_HANGING_ON = frozenset("of between for on in".split())  # and these on one after that
_PLACING = frozenset("in at near from to into outside across within".split())
_SINGULAR = frozenset(
    "united states philippines netherlands series news physics politics economics mathematics".split()
)
_PERSONS = frozenset(
    "author writer minister president ambassador secretary king queen emperor leader founder director professor"
    " student scientist physicist chancellor senator governor mayor pope prince general doctor poet artist singer"
    " player coach inventor man woman father mother son daughter researcher".split()
)
BODIES = frozenset(
    "act agency agreement alliance association bank bowl center centre city club committee company corporation"
    " council county dialogue dynasty exchange fund government group holdings initiative institute islands kingdom"
    " league ministry network office parliament partnership party process program programme province republic"
    " river school state states strategy system treaty university".split()
)
_PERSON_NAMES = 3
_BARE = frozenset("university holdings company corporation parliament government".split())
_VAGUE = frozenset(
    "paper article study text work document year years month date day time name names kind sort way amount number sum"
    " thing things something anything part reason purpose goal aim role place example detail details total point"
    " percentage percent proportion share budget cost size title price names".split()
)
_DATE_WORD = re.compile(
    r"^(?:\d[\d.,:-]*(?:st|nd|rd|th)?|(?:jan|febr)uary|march|april|may|june|july|august|(?:sept|nov|dec)ember|october"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day)$"
)
_YEAR = re.compile(r"^(?:1\d|20)\d\ds?$")


@dataclass(frozen=True, slots=True)
class Mention:
    """A thing, person or place that a turn speaks of.

    Attributes:
        text: How it is called there, with its article.
        head: Its noun.
        name_span: Where the name in it stands.
        span: Where, in the question or the answer.
        terms: The stems of its words.
        is_name: Whether it holds a name.
        is_plural: Whether its last noun is one of many.
        is_person: Whether it may be called he or she.
        is_place: Whether it stood where a place does.
        is_asked: Whether it is what was asked for, as in "which company".
        preposition: That which it stood behind.
        is_answer: Whether it stands in the answer.
        is_row: Whether it is several, joined by "and".
    """

    text: str
    head: str
    name_span: Span | None
    span: Span
    terms: frozenset[str]
    is_name: bool
    is_plural: bool
    is_person: bool
    is_place: bool
    is_asked: bool
    preposition: str
    is_answer: bool = False
    is_row: bool = False


def list_mentions(question: str, lexical: LexicalIndex) -> list[Mention]:
    """Return what a question speaks of, in its order; what it was completed with in brackets first."""
    inner = re.search(r"\(([^()]{2,})\)\W*$", question)
    if inner:
        first = [each for part in inner[1].split(", ") for each in _read_mentions(part, lexical)]
        return first + _read_mentions(question[: inner.start()], lexical)
    return _read_mentions(question, lexical)


def list_answering(answer: str, lexical: LexicalIndex) -> list[Mention]:
    """Return what an answering sentence speaks of, in its order, each once."""
    found: dict[str, Mention] = {}
    for mention in _read_mentions(cut_answer(answer), lexical):
        found.setdefault(mention.text.casefold(), replace(mention, is_answer=True, is_asked=False))
    return list(found.values())


def cut_answer(answer: str) -> str:
    """Return what an answer says: of an entry of a bibliography its title."""
    entry = re.match(r".{0,200}?\((?:\d{4}|n\.d\.)[^)]*\)[.,:]?\s+(.+?)(?:\.\s|$)", answer)
    return (entry[1] if entry else answer)[:_ANSWER_MAX_CHARS]


def find_noun(noun: str, mentions: Sequence[Mention], lexical: LexicalIndex) -> list[Mention]:
    """Return the mentions that a noun stands in with more beside it, each with an article."""
    wanted = set(lexical.analyze(noun))
    return [
        name_definitely(mention)
        for mention in mentions
        if wanted < mention.terms and set(lexical.analyze(mention.head)) & wanted
    ]


def prefer_full_name(mention: Mention, answering: Sequence[Mention]) -> Mention:
    """Return a name of the answer that holds all words of a mention and more, in the place of one that is cut short."""
    if sum(word[0].isupper() for word in mention.text.split()) > 1:
        return mention
    head = mention.head.casefold()
    longer = (each for each in answering if each.is_name and mention.terms < each.terms)
    full = next((each for each in longer if mention.is_name or each.head.casefold() == head), None)
    if full is None:
        return mention
    full = name_definitely(full)
    return replace(mention, text=full.text, head=full.head, terms=full.terms, is_name=True)


def name_definitely(mention: Mention) -> Mention:
    """Return a mention with an article where its noun wants one."""
    words = mention.text.split()
    head = mention.head
    wants = not mention.is_row and (head[:1].islower() or (head.casefold() in BODIES - _BARE and mention.is_name))
    has = words[0].casefold() == "the" or words[0].endswith(("'s", "’s", "s'", "s’"))
    return mention if has or not wants else replace(mention, text=f"the {mention.text}")


def _read_mentions(text: str, lexical: LexicalIndex) -> list[Mention]:
    words = read_words(text)
    mentions = [each for run in _iter_phrases(words, text) if (each := _mend(run, text, lexical, words))]
    return [*mentions, *_join(mentions, text)]


def _join(mentions: Sequence[Mention], text: str) -> Iterator[Mention]:
    """Yield as one what stands in a row with commas and "and"."""
    row: list[Mention] = []
    for mention in (*mentions, None):
        if row and mention and re.fullmatch(r",? and (?:the )?|, (?:the )?", text[row[-1].span[1] : mention.span[0]]):
            row.append(mention)
            continue
        between = text[row[-2].span[1] : row[-1].span[0]] if len(row) > 1 else ""
        if "and" in between:
            start, end = row[0].span[0], row[-1].span[1]
            if end - start <= MENTION_MAX_CHARS:
                terms = frozenset().union(*(each.terms for each in row))
                is_person = all(each.is_person and " " in each.text for each in row)
                yield replace(
                    row[0],
                    text=text[start:end],
                    span=(start, end),
                    terms=terms,
                    is_plural=True,
                    is_row=True,
                    is_person=is_person,
                )
        row = [mention] if mention else []


def _iter_phrases(words: Sequence[Word], text: str) -> Iterator[list[Word]]:
    """Yield the runs of words that call something: a noun phrase with what hangs on it."""
    run: list[Word] = []
    for at, word in enumerate((*words, None)):
        if word and _continues(run, word, words[at + 1] if at + 1 < len(words) else None, text):
            run.append(word)
            continue
        while run and not run[-1].is_nominal:
            run.pop()
        if any(each.role in {"noun", "name"} for each in run):
            yield run
        run = [word] if word and (word.is_nominal or word.role == "det") else []


def _continues(run: Sequence[Word], word: Word, after: Word | None, text: str) -> bool:
    """Say whether a word goes on with a phrase; where it ties another noun to it, that has to follow."""
    if not run or not re.fullmatch(r"\s?[“”\"]?\s?", text[run[-1].end : word.start]):
        return False
    if word.is_nominal or word.role == "det":
        return word.is_nominal or run[-1].role == "prep"
    if after is None or not run[-1].is_nominal or _YEAR.match(after.low):
        return False
    if word.low == "and":
        return after.is_nominal and any(each.low == "between" for each in run)
    is_first = all(each.role != "prep" for each in run)
    may_hang = word.low in _HANGING if is_first else word.low in _HANGING_ON
    return word.role == "prep" and may_hang and (after.is_nominal or after.low == "the")


def _mend(run: list[Word], text: str, lexical: LexicalIndex, words: Sequence[Word]) -> Mention | None:
    """Return the mention that a run of words is, if it says anything."""
    is_indefinite = bool(run) and run[0].low in {"a", "an"}
    before = next((each for each in reversed(words) if run and each.end <= run[0].start), None)
    while run and run[0].role in {"det", "prep", "adv"} and not (run[0].low == "the" and len(run) > 1):
        run = run[1:]
    if not any(each.role in {"noun", "name"} for each in run):
        return None
    cut = next((at for at, each in enumerate(run) if each.role == "prep"), len(run))
    head = run[cut - 1]
    low = _drop_possessive(head.low)
    names = [each for each in run[:cut] if each.role == "name"]
    called = _drop_possessive(text[run[0].start : run[-1].end])
    if low in _VAGUE and cut < len(run):
        return _mend(run[cut + 1 :], text, lexical, words)
    if (low in _VAGUE and not names) or _is_no_mention(called, run) or not lexical.analyze(called):
        return None
    return Mention(
        text=f"the {called}" if is_indefinite and head.text[0].islower() else called,
        head=_drop_possessive(head.text),
        name_span=(names[0].start, names[0].start + len(_drop_possessive(text[names[0].start : names[-1].end])))
        if names
        else None,
        span=(run[0].start, run[0].start + len(called)),
        terms=frozenset(lexical.analyze(called)),
        is_name=bool(names),
        is_plural=head.text[0].islower() and low.endswith("s") and not low.endswith(("ss", "us", "is")),
        is_person=_may_be_person(run, names, low),
        is_place=before is not None and before.low in _PLACING,
        is_asked=before is not None and (before.role == "wh" or before.low in {"many", "much"}),
        preposition=before.low if before is not None and before.role == "prep" else "",
    )


def _drop_possessive(called: str) -> str:
    return re.sub(r"['’]s?$", "", called)


def _is_no_mention(called: str, run: Sequence[Word]) -> bool:
    """Say whether words are too long to be said again, an address, or but a date."""
    is_address = re.search(r"\w\.\w+/|://", called) is not None
    return len(called) > MENTION_MAX_CHARS or is_address or all(_DATE_WORD.match(each.low) for each in run)


def _may_be_person(run: Sequence[Word], names: Sequence[Word], head: str) -> bool:
    """Say whether words may name a person: by an office, or by up to three names of which none is that of a body."""
    lows = {each.low for each in run}
    is_bare = (
        len(names) == len(run) <= _PERSON_NAMES
        and not lows & BODIES
        and not any("0" <= c <= "9" for c in "".join(lows))
    )
    return head in _PERSONS or bool(names and lows & _PERSONS) or is_bare
