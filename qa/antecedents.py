"""What a word that stands for something may stand for: what the turns before speak of, the likeliest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from index.lexical import LexicalIndex
from qa.grammar import read_words
from qa.mentions import BODIES, Mention, find_noun, list_answering, list_mentions, name_definitely, prefer_full_name
from qa.openings import Opening

_IN = frozenset("in at near".split())
# By these, and the words for bodies, a thing may be called that was called by its name only.
_CALLED = frozenset("firm startup country place town area region project plan thing one product tool method".split())


@dataclass(frozen=True, slots=True)
class Topic:
    """What a turn speaks of.

    Attributes:
        word: The word that its question opens with.
        asked: All that its question mentions.
        own: What its question mentions and does not ask for, by the names of the answer where these say more.
        answering: All that its answer mentions.
        new: What only its answer mentions.
        called: Names in the answer that hold the noun that was asked for.
    """

    word: str
    asked: tuple[Mention, ...]
    own: tuple[Mention, ...]
    answering: tuple[Mention, ...]
    new: tuple[Mention, ...]
    called: tuple[Mention, ...]

    @property
    def is_for_many(self) -> bool:
        """Whether the question asks for several things."""
        return any(each.is_asked and each.is_plural for each in self.asked)


def read_topic(question: str, answer: str, lexical: LexicalIndex) -> Topic:
    """Return what a turn speaks of."""
    asked = tuple(list_mentions(question, lexical))
    answering = tuple(list_answering(answer, lexical))
    known = set(lexical.analyze(question))
    own = tuple(prefer_full_name(each, answering) for each in asked if not each.is_asked)
    new = tuple(
        name_definitely(each)
        for each in answering
        if not set(lexical.analyze(each.head)) & known and not each.terms <= known
    )
    word = next((each.low for each in read_words(question)[:1]), "")
    wanted = {term for each in asked if each.is_asked for term in lexical.analyze(each.head)}
    called = tuple(
        name_definitely(each) for each in answering if each.is_name and wanted & set(lexical.analyze(each.head))
    )
    return Topic(word, asked, own, answering, new, called)


def list_antecedents(
    opening: Opening, topics: Sequence[Topic], question: str, lexical: LexicalIndex
) -> tuple[Mention, ...]:
    """Return what an opening of a question may stand for: all from the last turn that speaks of some.

    Args:
        opening: The words that stand for it.
        topics: The turns before, the last one last.
        question: In which the opening stands; what it names itself is left out.
        lexical: What makes terms of words.
    """
    if opening.noun:
        for topic in reversed(topics):
            found = find_noun(opening.noun, (*topic.asked, *topic.answering), lexical)
            if found:
                return (
                    max((each for each in found if found[0].terms <= each.terms), key=lambda each: len(each.terms)),
                )
    is_called = opening.kind == "noun" and opening.noun.split()[-1] not in BODIES | _CALLED
    if opening.kind in {"the noun", "one"} or is_called:
        return ()
    known = set(lexical.analyze(question))
    for topic in reversed(topics):
        fits = tuple(each for each in _order(topic, opening) if not each.terms <= known)
        if fits:
            return fits
    return ()


def _order(topic: Topic, opening: Opening) -> Sequence[Mention]:
    """Return what fits: first what is named in the answer, where a name was asked for; or else what was asked about."""
    named = [each for each in topic.new if each.is_name]
    match opening.kind:
        case "person":
            fits = [each for each in [*named, *topic.own] if each.is_person and not (each.is_plural or each.is_place)]
            return sorted(fits, key=lambda each: (" " not in each.text, topic.word != "who" and each.is_answer))
        case "place":
            mentions = [*topic.own, *named]
            return [each for each in mentions if each.is_place] or [each for each in mentions if each.is_name]
        case "people":
            return _order_many(topic, named)
        case _:
            is_name_asked = any(each.is_asked for each in topic.asked) and not topic.is_for_many
            is_first = topic.word in {"which", "what"} and is_name_asked
            is_first |= opening.kind == "noun" and topic.word == "who"
            own = [each for each in topic.own if not (each.is_name and each.preposition in _IN)]
            mentions = [*topic.called, *named, *own] if is_first else [*own, *named]
            return sorted(mentions, key=lambda each: each.is_plural)


def _order_many(topic: Topic, named: Sequence[Mention]) -> Sequence[Mention]:
    many = [each for each in topic.own if each.is_plural and not each.is_row]
    if topic.word == "who":
        rows = [each for each in topic.new if each.is_row]
        return [*(each for each in rows if each.is_person), *many, *(each for each in rows if not each.is_person)]
    if topic.word == "what" or topic.is_for_many:
        new = sorted(topic.new, key=lambda each: not each.is_plural)
        return [*many, *new[:1], *topic.own, *new[1:]]
    return [*many, *sorted([*topic.own, *named], key=lambda each: not each.is_plural)]
