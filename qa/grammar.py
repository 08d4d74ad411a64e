"""The words of an English question and what they do in it, told by closed word classes and by where a word stands.

This is no part-of-speech tagger: it knows the words that hold a question together, a few hundred verbs, and that what
is left are names and nouns. It needs no model, and is right about short questions.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Role: TypeAlias = Literal["wh", "aux", "prep", "det", "pron", "conj", "adv", "num", "verb", "name", "noun"]

ASKING = frozenset("what which who whom whose when where why how".split())
_BE = frozenset("is are was were be been being isn't aren't wasn't weren't 's".split())
_HAVE = frozenset("has have had hasn't haven't hadn't".split())
_DO = frozenset(
    "do does did will would can could should shall may might must don't doesn't didn't won't can't couldn't".split()
)
_AUXILIARIES = _BE | _HAVE | _DO
PREPOSITIONS = frozenset(
    "in on at by for from to of with about between among during since until till under over within after before against"
    " through into onto across per via besides behind toward towards near outside inside beyond than as regarding"
    " without despite worth amid amongst along upon versus unlike including following".split()
)
DEMONSTRATIVES = frozenset("this that these those".split())
_DETERMINERS = frozenset(
    "the a an this that these those its their his her our my your each every any some no both all another such".split()
)
PRONOUNS = frozenset("it they them he she him i we you us me ones there itself themselves himself herself".split())
_CONJUNCTIONS = frozenset("and or but nor because while if whether though although so".split())
_ADVERBS = frozenset(
    "also too then else exactly not only just now still ever even more most much many long often far about actually"
    " together again already yet first-ever really please instead anyway currently precisely up out off"
    " down away so not true false possible clear".split()
)
# What follows "how" and is asked for with it.
DEGREES = frozenset(
    "much many long often far big large high fast old deep wide heavy small quickly soon strong expensive tall good"
    " important come".split()
)
_VERBS = frozenset(
    "accelerate achieve add adopt affect agree aim allow announce appear apply approve argue arrive ask assess"
    " attack attend avoid back become begin believe belong benefit borrow break bring build buy call carry cause"
    " change charge choose cite claim collaborate collect combine come commit compare compete complete conclude"
    " conduct connect consider consist contain continue contribute control cooperate coordinate cost cover create"
    " criticise criticize cut decide declare defeat define deliver demand depend describe destroy determine develop"
    " die differ discover discuss do double drop earn emphasize employ enable encourage end endorse ensure enter"
    " establish examine exist expand expect explain express extend face fail fall favor favour fight finance find"
    " finish focus follow force form found get give go govern grow happen help hire hold hope identify implement"
    " import improve include increase influence inform intend introduce invade invent invest investigate involve"
    " join keep kill know lack last launch lay lead learn leave lie like limit link live locate look lose maintain"
    " make manage mean measure meet mention mitigate move name need negotiate occur offer open operate oppose"
    " organise organize own participate pay perform plan play pledge praise prefer prepare present prevent produce"
    " promise promote propose protect provide publish push put raise reach read receive recommend reduce refer"
    " reject rely remain replace report represent require respect respond result reveal rule run say secure see seek"
    " select sell send serve set share show sign speak spend stand start state stay stop store strengthen study"
    " succeed suffer suggest supply support surrender switch take talk tap tell test think threaten train travel"
    " treat try turn understand use visit want watch win work write yield".split()
)
_IRREGULAR = frozenset(
    "began begun became broke broken brought built bought came caught chose chosen cut dealt did done drew drawn fell"
    " fallen fought found gave given went gone got grew grown held kept knew known laid led left lost made meant met"
    " paid put ran read rose risen said sang sung saw seen sent set shown sold sought spent spoke spoken stood told"
    " thought took taken taught understood wore won wrote written".split()
)
_NUMBERS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve hundred thousand million billion".split()
)
# No participles, for all that they end like one.
_NO_PARTICIPLES = frozenset("speed seed weed breed indeed hundred sacred".split())
# Behind these "that" opens a clause.
_SAYING = frozenset(
    "say says said think thinks mean means mention mentions claim claims show shows state states argue argues know"
    " note notes see suggest suggests conclude concludes report reports believe seem seems ensure hope stated argued"
    " reported claimed announced".split()
)
_WORD = re.compile(r"(?:[^\W\d_]\.){2,}|[A-Z]\.(?= [A-Z])|[$€£¥]?[^\W_](?:[\w.,'’&+/-]*[^\W_])?(?:['’](?=\W|$))?")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question: as typed, in lower case, where, and what it does; `text` keeps a possessive s."""

    text: str
    low: str
    start: int
    end: int
    role: Role = "noun"

    @property
    def is_nominal(self) -> bool:
        """Whether it may stand in the name of something."""
        return self.role in {"noun", "name", "num"}

    @property
    def is_possessive(self) -> bool:
        """Whether it ends in a possessive s."""
        return self.low.endswith(("'s", "'"))


def read_words(text: str) -> list[Word]:
    """Return the words of a text with their roles."""
    words = list(_iter_words(text))
    has_case = any(word.text.islower() for word in words)
    roles: list[Role] = []
    for at in range(len(words)):
        roles.append(_find_role(at, roles, words, has_case=has_case))
    for at, word in enumerate(words):
        if word.low in DEMONSTRATIVES:
            roles[at] = _read_demonstrative(at, roles, words)
    _find_main_verb(words, roles)
    for at in range(1, len(words) - 1):
        if roles[at] == "verb" and words[at].low.endswith("ing") and _is_attribute(at, roles, words):
            roles[at] = "noun"
    return [Word(w.text, w.low, w.start, w.end, role) for w, role in zip(words, roles, strict=True)]


def _iter_words(text: str) -> Iterator[Word]:
    for found in _WORD.finditer(text):
        start, end = found.span()
        low = found.group().casefold().replace("’", "'")
        stem = low.removesuffix("'s")
        if stem != low and (stem in ASKING or stem in {"it", "that", "there", "he", "she"}):
            yield Word(text[start : end - 2], stem, start, end - 2)
            yield Word(text[end - 2 : end], "'s", end - 2, end)
        else:
            yield Word(found.group(), low, start, end)


def is_verb_form(low: str) -> bool:
    """Say whether a word can be a form of a verb."""
    if low in _VERBS or low in _IRREGULAR:
        return True
    stems = [low.removesuffix(ending) for ending in ("s", "es", "ed", "d", "ing") if low.endswith(ending)]
    doubled = [stem[:-1] for stem in stems if len(stem) > 3 and stem[-1] == stem[-2]]  # noqa: PLR2004 - run, running
    changed = [stem[:-1] + "y" for stem in stems if stem.endswith("i")]
    return any(stem in _VERBS or stem + "e" in _VERBS for stem in (*stems, *doubled, *changed)) or (
        len(low) > 4 and low.endswith("ed") and low not in _NO_PARTICIPLES  # noqa: PLR2004 - but not "need"
    )


def _find_role(at: int, roles: Sequence[Role], words: Sequence[Word], *, has_case: bool) -> Role:
    word, low = words[at], words[at].low
    before = roles[-1] if roles else None
    after = words[at + 1].low if at + 1 < len(words) else ""
    if re.match(r"(?:[a-z]{1,2})?[$€£¥]", low):
        return "num"
    if at and has_case and word.text[0].isupper() and low != "i":
        return "name"
    if low[0].isdigit():
        return "name" if re.search(r"[^\W\d_]", low) and not low.endswith(("st", "nd", "rd", "th")) else "num"
    closed = _find_closed_role(low, before, after)
    if closed:
        return closed
    if has_case and re.search(r"[A-Z].*[A-Z\d]", word.text):
        return "name"
    is_told = len(roles) > 1 and roles[-2] in {"noun", "name", "pron"}  # not asked: the subject stands before "will"
    is_verb = is_verb_form(low) and (
        (before == "aux" and is_told) or _takes_verb(before, words[at - 1].low if at else "", low, after)
    )
    return "verb" if is_verb else "noun"


def _find_closed_role(low: str, before: Role | None, after: str) -> Role | None:
    classes: tuple[tuple[Role, frozenset[str]], ...] = (
        ("wh", ASKING),
        ("aux", _AUXILIARIES),
        ("conj", _CONJUNCTIONS),
        ("num", _NUMBERS),
        ("det", _DETERMINERS),
        ("pron", PRONOUNS),
        ("prep", PREPOSITIONS),
        ("adv", _ADVERBS | (DEGREES if before == "wh" else frozenset())),
    )
    if low == "her" and (not after or after in PREPOSITIONS):
        return "pron"
    return next((role for role, group in classes if low in group), None)


def _takes_verb(before: Role | None, previous: str, low: str, after: str) -> bool:
    """Say whether a form of a verb is one behind a word of this role."""
    is_gerund = low.endswith("ing")
    if before in {None, "pron", "wh", "noun", "name", "conj"}:
        return True
    if before == "adv":
        return previous not in {"many", "much", "more", "most"}
    if before == "prep":
        return previous == "to" or (is_gerund and bool(after) and after not in PREPOSITIONS)
    if before == "aux":
        return previous not in _DO and (is_gerund or low in _IRREGULAR or low.endswith("ed"))
    return before == "verb" and is_gerund


def _read_demonstrative(at: int, roles: Sequence[Role], words: Sequence[Word]) -> Role:
    """Say whether "that" and its like stand for something, stand before a noun, or open a clause."""
    before, previous = (roles[at - 1], words[at - 1].low) if at else (None, "")
    after = roles[at + 1] if at + 1 < len(words) else None
    opens = before in {"noun", "name", "num"} or previous in _SAYING | {
        "it",
        "those",
        "true",
        "possible",
        "clear",
        "so",
    }
    if (
        words[at].low == "that"
        and after
        and (opens or after in {"det", "pron"} or (before is None and after == "name"))
    ):
        return "conj"
    beyond = roles[at + 2] if at + 2 < len(words) else None
    is_participle = after in {"noun", "verb"} and is_verb_form(words[at + 1].low) and beyond not in {"noun", "name"}
    return "det" if after in {"noun", "name", "num"} and not is_participle else "pron"


def _is_attribute(at: int, roles: Sequence[Role], words: Sequence[Word]) -> bool:
    """Say whether a form in -ing between nouns belongs to them ("the EV charging fund"), and tells of no action."""
    nominal = {"noun", "name"}
    is_told = any(word.low in _BE for word in words[:at]) and "verb" not in roles[at + 1 :]
    return roles[at - 1] in nominal and roles[at + 1] in nominal and not is_told


def _find_main_verb(words: Sequence[Word], roles: list[Role]) -> None:
    """Give "do" and its like the verb that they must have: the last word of the run behind the subject, if none is."""
    start = next((at for at, word in enumerate(words) if word.low in _DO and roles[at] == "aux"), None)
    if start is None or any(role in {"verb", "aux"} for role in roles[start + 1 :]):
        return
    stop = start + 1
    while stop < len(words) and (
        roles[stop] in {"noun", "name", "num"} or (roles[stop] == "det" and stop == start + 1)
    ):
        stop += 1
    if stop - start > 2 and roles[stop - 1] == "noun":  # noqa: PLR2004 - a subject and a verb
        roles[stop - 1] = "verb"
