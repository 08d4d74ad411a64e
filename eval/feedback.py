"""What readers judged, as a set of questions: a passage found right holds an answer, an honest no has none.

The last judgement counts: of the same passage of the same question, and between a passage and "there is no answer".
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass

from eval.dataset import Dataset
from eval.questions import Question
from index.errors import DatasetError
from index.library import find_folder
from index.settings import Settings
from qa.conversations import FILE_NAME, Conversations
from qa.turns import Judgement

_HOW = "judge answers by their thumbs on the page of `ibid serve`"
_NO_ANSWER = ""


@dataclass(frozen=True, slots=True)
class Feedback:
    """Judged questions about one paper.

    Attributes:
        dataset: The questions with a thumb up.
        ups: Thumbs up that count.
        downs: Thumbs down that count.
        only_downs: Questions with thumbs down alone: they tell no answer, and are not asked.
        others: Judgements about other papers, by the names of these.
    """

    dataset: Dataset
    ups: int
    downs: int
    only_downs: int
    others: Mapping[str, int]

    @property
    def figures(self) -> dict[str, int]:
        """What is counted, by name."""
        counts = {"judgements": self.ups + self.downs, "ups": self.ups, "downs": self.downs}
        return {**counts, "only_downs": self.only_downs, "other_papers": sum(self.others.values())}


def load_feedback(settings: Settings) -> Feedback:
    """Return what was judged of answers from the paper that the settings name, or else the one in use.

    Raises:
        DatasetError: Nothing was, or no answer is known of any question.
        NoIndexError: There is no paper.
    """
    paper = find_folder(settings).name
    with closing(Conversations(settings.home / FILE_NAME)) as conversations:
        judgements = list(conversations.iter_judged())
    if not judgements:
        raise DatasetError("nothing has been judged yet", _HOW)
    others = Counter(each.paper for each in judgements if each.paper != paper)
    asked = _group([each for each in judgements if each.paper == paper])
    questions = tuple(_make_question(number, *each) for number, each in enumerate(asked, 1) if any(each[1].values()))
    verdicts = [verdict for _, of_question in asked for verdict in of_question.values()]
    if not questions:
        raise DatasetError(_explain(paper, len(verdicts), others), f"{_HOW}, or name another paper with --paper")
    rows = [[question.text, *question.answers] for question in questions]
    digest = hashlib.sha256(json.dumps(rows).encode()).hexdigest()
    return Feedback(
        dataset=Dataset("feedback", "questions", digest, questions),
        ups=sum(verdicts),
        downs=len(verdicts) - sum(verdicts),
        only_downs=len(asked) - len(questions),
        others=others,
    )


def tell_left_out(feedback: Feedback) -> list[str]:
    """Return what was judged and is not measured, a line each."""
    lines = []
    if feedback.only_downs:
        lines.append(f"not asked, because they have thumbs down alone: {feedback.only_downs}")
    if feedback.others:
        names = ", ".join(f"{name} ({count})" for name, count in sorted(feedback.others.items()))
        lines.append(f"judgements of other papers, which --paper chooses: {names}")
    return lines


def _group(judgements: Iterable[Judgement]) -> list[tuple[Judgement, dict[str, bool]]]:
    """Return, for each question as it was read, its last judgement, and the verdict on each answer, the last one last.

    The same question counts once, however often and by whomever it was asked.
    """
    last: dict[str, Judgement] = {}
    verdicts: dict[str, dict[str, bool]] = {}
    for each in judgements:
        question = " ".join(_read(each).casefold().split())
        of_question = verdicts.setdefault(question, {})
        of_question.pop(_quote(each), None)
        of_question[_quote(each)] = each.verdict
        last[question] = each
    return [(last[question], of_question) for question, of_question in verdicts.items()]


def _make_question(number: int, judgement: Judgement, verdicts: Mapping[str, bool]) -> Question:
    """Return a question with the answers that were found right, none where the last word was that there is none."""
    right = [answer for answer, verdict in verdicts.items() if verdict]
    answers = () if right[-1] == _NO_ANSWER else tuple(answer for answer in right if answer != _NO_ANSWER)
    place = f"turn {judgement.turn.number} of conversation {judgement.conversation}"
    return Question(str(number), _read(judgement), answers, place)


def _read(judgement: Judgement) -> str:
    return judgement.turn.read_as or judgement.turn.question


def _quote(judgement: Judgement) -> str:
    """Return the sentence that was judged, or all of a passage in which none is highlighted; "" for no answer."""
    if judgement.rank == 0:
        return _NO_ANSWER
    passage = judgement.turn.answer.passages[judgement.rank - 1]
    return next((passage.text[mark.start : mark.end] for mark in passage.highlights), passage.text)


def _explain(paper: str, downs: int, others: Mapping[str, int]) -> str:
    if downs:
        return f"of {paper} there are thumbs down alone ({downs}), which tell no answer"
    return f"no answer from {paper} has been judged, but from {', '.join(sorted(others))}"
