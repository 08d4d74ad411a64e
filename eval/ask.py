"""Ask every question of a dataset, and note what came of it."""

import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from eval.beir import BeirSet, Gold, PlainText, Query
from eval.coverage import Range, measure_coverage
from eval.measure import find_rank, score_rank
from eval.outcome import Outcome, Returned
from eval.questions import Question
from eval.ranked import Ranked, measure_run
from eval.spans import SpanQuestion, SpanSet
from index.bundle import Index
from index.chunk import load_token_counter
from index.errors import DatasetError, QuestionError
from index.settings import Settings
from qa.answer import Answer, answer_question
from qa.highlight import Highlighted, highlight_document
from qa.question import check_question
from qa.retrieve import Ranking, rank_windows

# As deep as reciprocal ranks look; twice what a user is shown unless more is asked for.
PASSAGES = 10
RUN_DEPTH = 100
# Windows fill these, not passages: one passage would be nearly all of the smallest.
BUDGETS_TOKENS = (250, 450, 900, 1800)
SHOWN_PASSAGES = 5
COVERAGE_MEASURES = tuple(
    f"{name}@{depth}"
    for depth in (*map(str, BUDGETS_TOKENS), f"{SHOWN_PASSAGES}p")
    for name in ("recall", "precision", "iou")
)

Advance = Callable[[], None]
_Asked = TypeVar("_Asked", Question, Query, SpanQuestion)


def ask_questions(
    questions: Sequence[Question], index: Index, settings: Settings, *, advance: Advance = lambda: None
) -> tuple[Outcome, ...]:
    """Ask the questions of an exam."""
    outcomes = []
    for question, outcome in _answer_each(questions, index, settings):
        rank = find_rank((piece.text for piece in outcome.returned), question.answers)
        scores = {**score_rank(rank), "mrr": 1 / rank if rank else 0.0} if question.answers else {}
        outcomes.append(replace(outcome, scores=scores, answerable=bool(question.answers)))
        advance()
    return tuple(outcomes)


def ask_beir(
    beir: BeirSet, index: Index, settings: Settings, *, advance: Advance = lambda: None
) -> tuple[tuple[Outcome, ...], dict[str, Ranked]]:
    """Ask the queries of a set in the BEIR layout; return also the ranked documents of each that has some."""
    outcomes = []
    run: dict[str, Ranked] = {}
    for query, outcome in _answer_each(beir.queries, index, settings):
        ranking = rank_windows(index, query.text, settings)
        if query.gold is None or query.gold.answers:
            run[query.id] = rank_documents(index, ranking)
        outcomes.append(_mark_answer(outcome, query.gold, index, ranking) if query.gold else outcome)
        advance()
    ranked = measure_run({name: beir.qrels[name] for name in run}, run)
    return tuple(replace(o, scores={**ranked.get(o.id, {}), **o.scores}) for o in outcomes), run


def rank_documents(index: Index, ranking: Ranking) -> Ranked:
    """Return the documents by their first windows, at most `RUN_DEPTH`."""
    documents, first = np.unique(ranking.windows.rows["document"], return_index=True)
    order = np.argsort(first)[:RUN_DEPTH]
    names = index.corpus.name_documents(documents[order].tolist())
    scores = ranking.windows.scores[first[order]]
    return [
        (names[document], score) for document, score in zip(documents[order].tolist(), scores.tolist(), strict=True)
    ]


def is_lit(gold: Gold, found: Highlighted | None) -> bool:
    """Say whether a highlighted sentence holds the first character of any of the answers."""
    return found is not None and any(found.sentence[0] <= at < found.sentence[1] for at, _ in gold.answers)


def ask_spans(
    spans: SpanSet, index: Index, settings: Settings, *, advance: Advance = lambda: None
) -> tuple[Outcome, ...]:
    """Ask the questions of a set in the spans layout, of all its texts at once."""
    texts = {text.id: text for text in spans.texts}
    outcomes = []
    for question, outcome in _answer_each(spans.questions, index, settings):
        windows = rank_windows(index, question.text, settings).windows
        names = index.corpus.name_documents(np.unique(windows.rows["document"]).tolist())
        ranges = [(names[window.document], window.start, window.end) for window in windows]
        outcomes.append(_cover(outcome, question, _count_tokens(ranges, texts), texts))
        advance()
    return tuple(outcomes)


def fill_budget(pieces: Sequence[tuple[Range, int]], budget_tokens: int, texts: Mapping[str, PlainText]) -> list[Range]:
    """Return the text that just so many tokens hold: whole pieces while they fit, and of the next its beginning.

    Args:
        pieces: Ranges in rank order, each with the tokens returned up to its end.
        budget_tokens: How many cl100k tokens to return.
        texts: The documents by id.
    """
    filled: list[Range] = []
    used = 0
    for (document, start, end), total in pieces:
        if total > budget_tokens:
            end = _cut(texts[document].text, start, end, budget_tokens - used)  # noqa: PLW2901 - the same range, shorter
        if start < end:
            filled.append((document, start, end))
        if total >= budget_tokens:
            break
        used = total
    return filled


def _cut(text: str, start: int, end: int, tokens: int) -> int:
    """Return where the longest beginning of `[start, end)` ends that has at most so many tokens."""
    count = load_token_counter()
    return start - 1 + bisect_right(range(end - start), tokens, key=lambda length: count(text[start : start + length]))


def _answer_each(questions: Sequence[_Asked], index: Index, settings: Settings) -> Iterator[tuple[_Asked, Outcome]]:
    """Check all questions, warm up with the first, then answer each; measures are for the layout to add."""
    for question in questions:
        try:
            check_question(question.text)
        except QuestionError as error:
            raise DatasetError(f"{question.place} cannot be asked: {error.message}", error.hint) from error
    answer_question(index, questions[0].text, settings, k=PASSAGES)
    for question in questions:
        yield question, _answer(question.id, question.text, index, settings)


def _answer(name: str, text: str, index: Index, settings: Settings) -> Outcome:
    started = time.perf_counter()
    answer = answer_question(index, text, settings, k=PASSAGES)
    latency_ms = (time.perf_counter() - started) * 1e3
    return Outcome(name, text, {}, latency_ms, answer.confidence, returned=list_returned(answer))


def list_returned(answer: Answer) -> tuple[Returned, ...]:
    """Return the passages of an answer as an outcome keeps them."""
    return tuple(
        Returned(piece.document.id, piece.locator.start, piece.locator.end, piece.text, piece.score)
        for piece in answer.passages
    )


def _mark_answer(outcome: Outcome, gold: Gold, index: Index, ranking: Ranking) -> Outcome:
    """Add what a query with marked answers is measured by; nothing but its confidence where it has none."""
    if not gold.answers:
        return replace(outcome, answerable=False)
    rank = find_rank((piece.text for piece in outcome.returned), [text for _, text in gold.answers])
    lit = is_lit(gold, highlight_document(index, outcome.text, ranking, gold.doc))
    return replace(outcome, scores={**score_rank(rank), "highlight_accuracy": float(lit)}, answerable=True)


def _count_tokens(windows: Sequence[Range], texts: Mapping[str, PlainText]) -> list[tuple[Range, int]]:
    """Return the windows that the largest budget takes, each with the tokens returned up to its end."""
    count = load_token_counter()
    counted: list[tuple[Range, int]] = []
    total = 0
    for document, start, end in windows:
        if total >= BUDGETS_TOKENS[-1]:
            break
        total += count(texts[document].text[start:end])
        counted.append(((document, start, end), total))
    return counted


def _cover(
    outcome: Outcome, question: SpanQuestion, pieces: Sequence[tuple[Range, int]], texts: Mapping[str, PlainText]
) -> Outcome:
    gold = [(question.document_id, start, end) for start, end in question.gold]
    passages = [(piece.document_id, piece.start, piece.end) for piece in outcome.returned[:SHOWN_PASSAGES]]
    lists = [*(fill_budget(pieces, budget, texts) for budget in BUDGETS_TOKENS), passages]
    shares = [measure_coverage(returned, gold) for returned in lists]
    figures = [figure for share in shares for figure in (share.recall, share.precision, share.iou)]
    windows = [piece for piece, _ in pieces]
    curve = ((total, measure_coverage(windows[:n], gold).recall) for n, (_, total) in enumerate(pieces, 1))
    scores = dict(zip(COVERAGE_MEASURES, figures, strict=True))
    return replace(outcome, scores=scores, curve=((0, 0.0), *curve))
