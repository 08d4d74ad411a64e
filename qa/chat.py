"""Follow-up questions: what a question leaves open is completed from the turns before it.

A word that stands for something said before gives way to its name there; a piece of a question takes the place of its
like in the question before; where neither reads well, the topic is added in brackets. A question that leaves nothing
open is read as it is, whatever was asked before. Where more than one name fits, or a question says too little to tell
whether it has a topic of its own, the index decides: the reading is taken that it answers with most confidence.
"""

import math
import re
from collections.abc import Sequence
from functools import cached_property
from typing import Literal, TypeAlias

from index.bundle import Index
from index.lexical import LexicalIndex
from index.settings import Settings
from qa.antecedents import Topic, list_antecedents, read_topic
from qa.confidence import estimate_confidence, weigh_evidence
from qa.ellipsis import add_question, asks_again, is_asking, is_piece, strip_lead, swap_piece, swap_question
from qa.grammar import Word, read_words
from qa.mentions import Mention
from qa.openings import AT_HAND, Opening, list_openings
from qa.question import QUESTION_MAX_CHARS, Earlier, Reading
from qa.retrieve import rank_windows

_TURNS = 3  # that count
_READINGS = 2  # that are compared
# How much surer, in log-odds, the second name must make the answer than the first.
_ORDER_COST = 2.0
# What the topic before must add to the log-odds for a question with no name and so few terms; and how much less where
# the question is tied to those before by an "and".
_TOPIC_GAINS = ((1, -math.inf), (2, -0.5), (3, 1.0))
_LEAD_GAIN = 2.0

_SINGULAR = {"are": "is", "were": "was", "do": "does", "have": "has"}
_Way: TypeAlias = Literal["name", "piece", "topic", "weigh"]


def read_question(index: Index, question: str, earlier: Sequence[Earlier], settings: Settings) -> Reading:
    """Return a question as it is meant after the turns before it; one that stands alone as it is.

    Args:
        index: The open index.
        question: As typed.
        earlier: The turns before, the last one last; only the last few count.
        settings: How to search, where readings are compared.
    """
    turns = [turn for turn in earlier[-_TURNS:] if turn.question.strip()]
    reading = _complete(index, question, turns, settings) if turns else None
    if reading is None or len(reading.text) > QUESTION_MAX_CHARS or reading.text == question:
        return Reading(question)
    return reading


def _complete(index: Index, question: str, turns: Sequence[Earlier], settings: Settings) -> Reading | None:
    lexical = index.lexical
    topics = tuple(read_topic(turn.question, turn.answer, lexical) for turn in turns)
    asked = _Asked(question, turns[-1].question, topics, lexical)
    reading: Reading | None
    match asked.find_way():
        case "name":
            reading = _choose(index, settings, _name(asked))
        case "piece":
            reading = _finish_piece(asked, index)
        case "topic":
            reading = _add_topic(asked)
        case "weigh":
            reading = _add_topic(asked)
            if reading and asked.least_gain > -math.inf:
                gain = _weigh(index, settings, reading.text) - _weigh(index, settings, asked.body)
                reading = reading if gain > asked.least_gain else None
        case _:
            return None
    if reading and _Asked(reading.text, turns[-1].question, topics, lexical).find_way():
        return _add_topic(asked)  # such a reading is closed, whatever else it holds
    return reading


class _Asked:
    """A question in its dialogue, and how it can be completed."""

    def __init__(self, question: str, before: str, topics: Sequence[Topic], lexical: LexicalIndex) -> None:
        self.before, self.topics, self._lexical = before, topics, lexical
        self.lead, self.body = strip_lead(question)
        self.words: Sequence[Word] = read_words(self.body)
        self.openings = list_openings(self.body, self.words)

    @cached_property
    def named(self) -> list[tuple[Opening, tuple[Mention, ...]]]:
        """What it leaves open, each with what it may stand for; two do not stand for the same."""
        pairs = [(each, list_antecedents(each, self.topics, self.body, self._lexical)) for each in self.openings]
        firsts: dict[str, tuple[Opening, tuple[Mention, ...]]] = {}
        for opening, found in pairs:
            if found:
                firsts.setdefault(found[0].text, (opening, found))
        return list(firsts.values())

    @cached_property
    def least_gain(self) -> float:
        """What the topic must add; never enough where it has a topic of its own, or holds a word of that one."""
        terms = self._list_terms()
        if terms is None or any(each.terms & terms for each in self.topics[-1].asked):
            return math.inf
        gain = next((gain for most, gain in _TOPIC_GAINS if len(terms) <= most), math.inf)
        if not self.lead:
            return gain
        return min(gain, _LEAD_GAIN) - _LEAD_GAIN

    def find_way(self) -> _Way | None:
        """Return how to complete it; None where it stands alone or says that it is complete, by a topic in brackets."""
        if not self.words or self.body.rstrip(" ?.!").endswith(")"):
            return None
        if self.named:
            return "name"
        is_cut = self.lead or is_asking(self.words) or self.words[0].role in {"prep", "det"} or asks_again(self.body)
        if is_piece(self.words) and is_cut:
            return "piece"
        if any(opening.kind != "the noun" for opening in self.openings):
            return "topic"
        return "weigh" if self.least_gain < math.inf else None

    def _list_terms(self) -> set[str] | None:
        """Return its terms of content; None where it names something or is no question."""
        if any(word.role == "name" or word.low in AT_HAND for word in self.words) or is_piece(self.words):
            return None
        said = " ".join(word.text for word in self.words if word.is_nominal or word.role == "verb")
        return set(self._lexical.analyze(said))


def _name(asked: _Asked) -> list[Reading]:
    """Return the question with names for what it leaves open, the likeliest first."""
    count = min(_READINGS, max(len(found) for _, found in asked.named))
    chosen = [[(opening, found[min(at, len(found) - 1)]) for opening, found in asked.named] for at in range(count)]
    return [_substitute(asked.body, pairs) for pairs in chosen]


def _substitute(body: str, chosen: Sequence[tuple[Opening, Mention]]) -> Reading:
    text = body
    taken = []
    for opening, mention in sorted(chosen, key=lambda pair: pair[0].span, reverse=True):
        start, end = opening.span
        before, called = text[:start], re.sub(r"^The ", "the ", mention.text)
        taken.append(called if before.strip() else _capitalise(called))
        if opening.is_possessive:
            called += "'" if called.endswith("s") else "'s"
        elif opening.kind == "place":
            called = f"{mention.preposition if mention.is_place else 'in'} {called}"
        elif opening.kind == "people" and not mention.is_plural:
            before = re.sub(r"\b(are|were|do|have)(?=\s$)", lambda found: _SINGULAR[found[1]], before)
        text = before + called + text[end:]
    return Reading(_capitalise(text), is_completed=True, taken=tuple(reversed(taken)))


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]


def _finish_piece(asked: _Asked, index: Index) -> Reading | None:
    if is_asking(asked.words):
        done = swap_question(asked.body, asked.before) or add_question(asked.body, asked.before)
    elif (swapped := swap_piece(asked.body, asked.before, index)) is not None:
        done = swapped
    else:
        return _add_topic(asked)
    text = _capitalise(done[0])
    return Reading(
        text, is_completed=True, taken=tuple(each if each in text else _capitalise(each) for each in done[1])
    )


def _add_topic(asked: _Asked) -> Reading | None:
    """Return the question with the topic of the turn before in brackets."""
    topic = asked.topics[-1]
    wanted = [each for each in topic.asked if each.is_asked]
    found = sorted((*topic.own, *wanted), key=lambda each: not each.is_name)
    found = found or [each for each in topic.answering if each.is_name]
    texts = tuple(dict.fromkeys(each.text for each in found))[:2]
    body = _capitalise(asked.body.strip())
    return Reading(f"{body} ({', '.join(texts)})", is_completed=True, taken=texts) if texts else None


def _choose(index: Index, settings: Settings, readings: Sequence[Reading]) -> Reading:
    """Return the reading that the index answers with most confidence, the earlier favoured."""
    if len({reading.text for reading in readings}) == 1:
        return readings[0]
    weights = [_weigh(index, settings, each.text) - _ORDER_COST * at for at, each in enumerate(readings)]
    return readings[weights.index(max(weights))]


def _weigh(index: Index, settings: Settings, text: str) -> float:
    """Return the log-odds of the index's answer to a reading."""
    share = estimate_confidence(weigh_evidence(index, rank_windows(index, text, settings)))
    return math.log(max(share, 1e-9) / max(1 - share, 1e-9))
