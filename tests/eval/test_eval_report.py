import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from eval.outcome import Evaluation, Outcome, Returned
from eval.plots import average_curves, bin_confidence, measure_calibration, plot_latency, plot_recall, plot_reliability
from eval.report import compose_report, write_report
from index.errors import DatasetError

HOSTILE = "</title></style><script>alert(1)</script>\"'><img src=https://evil.example/x onerror=alert(1)>{{ 7 * 7 }}"
VOID = {"br", "circle", "img", "input", "link", "meta", "path", "use"}
PASSAGES = (Returned("paper", 10, 40, "The first passage.", 0.75), Returned("other", 0, 20, "The second.", 0.5))


def outcome(number, score, **more):
    scores = {"answer_recall@1": float(score == 1), "mrr": score}
    return Outcome(f"q{number}", f"Question {number}?", scores, latency_ms=4.0 + number, **more)


def make(*outcomes, **more):
    figures = {"answer_recall@1": 0.5, "mrr": 0.75, "abstention_auroc": None, "queries": len(outcomes)}
    settings = {"model": "tiny", "threshold": 0.5, "index": None}
    return replace(Evaluation("exam", "questions", "5ha256", "ix-1", settings, figures, tuple(outcomes)), **more)


FULL = make(
    outcome(0, 1.0, confidence=0.95, returned=PASSAGES, curve=((100, 1.0),)),
    outcome(1, 0.5, confidence=0.85, returned=PASSAGES, curve=((50, 0.5), (200, 1.0))),
    outcome(2, 0.0, confidence=0.05, returned=()),
    Outcome("q3", "Unanswerable?", {}, 3.0, confidence=0.15, answerable=False, returned=PASSAGES),
)


class Balance(HTMLParser):
    """Checks that tags nest, and keeps the attributes seen."""

    def __init__(self, page):
        super().__init__()
        self.open, self.attributes, self.tags = [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attributes]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attributes]

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag, self.getpos()


@pytest.fixture
def write(tmp_path):
    def write_page(evaluation):
        write_report(evaluation, tmp_path / "report.html")
        return (tmp_path / "report.html").read_text("utf-8")

    return write_page


def hostile():
    passage = Returned(HOSTILE, 0, 5, HOSTILE, 1.0)
    asked = Outcome(HOSTILE, HOSTILE, {HOSTILE: 0.5}, 1.0, 0.5, returned=(passage,), curve=((5, 1.0),))
    return Evaluation(HOSTILE, "questions", HOSTILE, HOSTILE, {HOSTILE: HOSTILE}, {HOSTILE: 0.5}, (asked, asked))


# What the page says


def test_figures_have_an_interval_where_single_questions_have_values():
    rows = compose_report(FULL, "2026-01-02").figures
    assert [(row.name, row.value, row.questions) for row in rows] == [
        ("answer_recall@1", "0.500", "3"),
        ("mrr", "0.750", "3"),
        ("abstention_auroc", "–", ""),
        ("queries", "4", ""),
    ]
    assert [row.interval for row in rows] == ["0.000–1.000", "0.000–1.000", "", ""]
    assert rows[0].bar == (0.0, 0.5, 1.0)


def test_a_figure_beyond_one_is_not_drawn_on_the_scale_to_one():
    twice = [Outcome(f"q{i}", "?", {"pages": float(i)}, 1.0) for i in range(4)]
    (row,) = compose_report(make(*twice, figures={"pages": 1.5}), "").figures
    assert (row.bar, row.value) == (None, "1.500")
    assert row.interval == "0.500–2.500"


def test_latencies_are_given_in_milliseconds():
    (row,) = compose_report(make(figures={"latency_ms_p50": 5.25}), "").figures
    assert row.value == "5.2 ms"


def test_the_lowest_questions_come_first_and_those_without_loss_are_left_out():
    page = compose_report(FULL, "")
    assert [(row.id, row.score) for row in page.questions] == [("q2", "0.000"), ("q1", "0.000")]
    assert page.ranking == "answer_recall@1 is below 1 for 2 of 3 questions."


def test_a_question_has_its_scores_and_its_passages():
    row = compose_report(FULL, "").questions[1]
    assert row.scores == "answer_recall@1 0.000 · mrr 0.500 · confidence 0.850"
    assert [(p.place, p.score, p.text) for p in row.passages] == [
        ("paper:10-40", "0.750", "The first passage."),
        ("other:0-20", "0.500", "The second."),
    ]


def test_at_most_twenty_questions_are_shown():
    page = compose_report(make(*(outcome(i, i / 100) for i in range(30, 0, -1))), "")
    assert [row.id for row in page.questions] == [f"q{i}" for i in range(1, 21)]
    assert page.ranking == "answer_recall@1 is below 1 for 30 of 30 questions; the lowest 20 are shown."


@pytest.mark.parametrize(
    ("evaluation", "ranking"),
    [
        (make(outcome(0, 1.0)), "None: answer_recall@1 is 1 for every question that it applies to."),
        (make(Outcome("q", "?", {}, 1.0)), "Left out: no measure has a value for single questions."),
        (make(), "Left out: no measure has a value for single questions."),
    ],
)
def test_where_no_question_is_shown_the_page_says_why(evaluation, ranking):
    page = compose_report(evaluation, "")
    assert (page.questions, page.ranking) == ((), ranking)


@pytest.mark.parametrize(
    ("layout", "names", "chosen"),
    [
        ("beir", ("recall@10", "nDCG@10"), "nDCG@10"),
        ("spans", ("iou@5p", "recall@5p"), "recall@5p"),
        ("questions", ("mrr", "answer_recall@1"), "answer_recall@1"),
        ("beir", ("recall@7", "mrr"), "recall@7"),
    ],
)
def test_questions_are_ranked_by_the_main_measure_of_the_layout(layout, names, chosen):
    asked = Outcome("q", "?", dict.fromkeys(names, 0.5), 1.0)
    page = compose_report(make(asked, layout=layout, figures=dict.fromkeys(names, 0.5)), "")
    assert page.ranking.startswith(f"{chosen} is below 1")


def test_a_long_passage_is_cut_visibly():
    long = outcome(0, 0.0, returned=(Returned("d", 0, 9000, "x" * 9000, 1.0),))
    text = compose_report(make(long), "").questions[0].passages[0].text
    assert (len(text), text[-1]) == (1500, "…")


# Plots


def test_the_mean_curve_is_a_staircase():
    budgets, means = average_curves([((100, 1.0),), ((50, 0.5), (200, 1.0))])
    at = dict(zip(budgets.tolist(), means.tolist(), strict=True))
    assert [at[tokens] for tokens in (0, 48, 50, 98, 100, 198, 200)] == [0, 0, 0.25, 0.25, 0.75, 0.75, 1.0]


def test_budgets_are_round_and_reach_the_longest_curve():
    budgets, _ = average_curves([((1, 0.0), (1801, 1.0))])
    assert (budgets[0], budgets[1], budgets[-1]) == (0, 19, 1900)


def test_confidence_falls_into_tenths_with_one_in_the_last():
    confidences = np.array([0.0, 0.3, 0.31, 0.95, 1.0])
    bins = bin_confidence(confidences, np.array([0.0, 1.0, 0.0, 1.0, 1.0]))
    assert [(tenth, count, share) for tenth, count, _, share in bins] == [(0, 1, 0.0), (3, 2, 0.5), (9, 2, 1.0)]
    assert [confidence for *_, confidence, _ in bins] == pytest.approx([0.0, 0.305, 0.975])


def test_the_calibration_error_by_hand():
    assert measure_calibration([(0, 1, 0.1, 0.0), (9, 3, 0.9, 1 / 3)]) == pytest.approx((0.1 + 3 * (0.9 - 1 / 3)) / 4)


def test_reliability_counts_the_first_passage_and_else_what_the_set_says():
    plot = plot_reliability(FULL.outcomes)
    assert plot.rows == (
        ("0.0–0.1", "1", "0.050", "0.000"),
        ("0.1–0.2", "1", "0.150", "0.000"),
        ("0.8–0.9", "1", "0.850", "0.000"),
        ("0.9–1.0", "1", "0.950", "1.000"),
    )
    assert plot.alternative.startswith("Expected calibration error 0.275 over 4 questions: 0.00 right at 0.05, ")


def test_the_recall_plot_tells_its_numbers_in_words_and_in_a_table():
    plot = plot_recall(FULL.outcomes)
    assert plot.alternative == "Mean recall is 0.25 at 50 tokens, 0.75 at 100 tokens, 1.00 at 200 tokens."
    assert plot.rows[5] == ("100", "0.750")
    assert plot.caption.startswith("Mean over 2 questions")


def test_latencies_are_counted_with_their_percentiles():
    plot = plot_latency([Outcome("q", "?", {}, float(ms)) for ms in range(1, 102)])
    assert plot.caption == "Median 51.0 ms, 95th percentile 96.0 ms, slowest 101.0 ms."
    assert sum(int(count) for _, count in plot.rows) == 101


def test_one_slow_answer_does_not_stretch_the_latencies():
    plot = plot_latency([Outcome("q", "?", {}, float(ms)) for ms in [*range(1, 101), 9000]])
    assert plot.caption.endswith("slowest 9000.0 ms. The last bar also holds 1 question slower than it shows.")
    assert plot.rows[-1] == ("179.3–192.0", "1")
    assert plot.rows[-2][1] == "0"


@pytest.mark.parametrize(
    ("plot", "reason"),
    [
        (plot_recall([outcome(0, 1.0)]), "Left out: the set does not say which text is relevant"),
        (plot_reliability([outcome(0, 1.0)]), "Left out: no question has both a confidence and an answer known"),
        (plot_reliability([Outcome("q", "?", {}, 1.0, confidence=0.5)]), "Left out: no question has both"),
        (plot_latency([]), "Left out: no question was asked."),
    ],
)
def test_a_plot_without_data_is_left_out_with_the_reason(plot, reason):
    assert plot.svg is None
    assert plot.caption.startswith(reason)


# The page


def test_all_three_plots_are_drawn_with_a_text_alternative(write):
    attributes = Balance(write(FULL)).attributes
    assert attributes.count(("div", "role", "img")) == 3
    assert all(value for tag, name, value in attributes if name == "aria-label")


@pytest.mark.parametrize("evaluation", [FULL, make(outcome(0, 0.5)), make(), hostile()])
def test_every_page_is_balanced_and_no_id_stands_twice(write, evaluation):
    found = Balance(write(evaluation))
    ids = [value for _, name, value in found.attributes if name == "id"]
    assert found.open == []
    assert len(ids) == len(set(ids))
    assert not {"script", "img", "link", "iframe", "object"} & set(found.tags)


def test_what_a_drawing_refers_to_is_in_it(write):
    page = write(FULL)
    ids = {value for _, name, value in Balance(page).attributes if name == "id"}
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', page))
    assert used
    assert used <= ids


@pytest.mark.parametrize("evaluation", [FULL, hostile()])
def test_the_page_loads_nothing(write, evaluation):
    found = Balance(write(evaluation))
    loading = {"src", "srcset", "action", "data", "poster", "background", "ping"}
    assert not [a for a in found.attributes if a[1] in loading]
    assert all(value.startswith("#") for _, name, value in found.attributes if name.endswith("href"))
    styles = "".join(re.findall(r"<style.*?</style>", write(FULL), re.DOTALL))
    assert not re.search(r"@import|url\(|https?:", styles)
    assert "http://" not in write(FULL)
    assert "https://" not in write(FULL)


def test_hostile_text_is_shown_and_not_obeyed(write):
    page = write(hostile())
    assert "<script" not in page
    # Title, heading, figure, ranking, two questions with text, id, scores, place and passage, origins, setting twice.
    times = 1 + 1 + 1 + 1 + 2 * 5 + 2 + 2
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;&gt;&lt;img") == times
    assert page.count("{{ 7 * 7 }}") == times


def test_the_page_says_where_the_figures_come_from(write):
    page = write(FULL)
    for said in ("exam", "5ha256", "ix-1", "tiny", "threshold", "<dd>0.5</dd>"):
        assert said in page


def test_the_date_of_the_run_stands_on_the_page(write):
    assert re.search(r"Evaluation of \d{4}-\d\d-\d\d,", write(FULL))


def test_the_same_evaluation_gives_the_same_page(write):
    assert write(FULL) == write(FULL)


def test_plots_take_the_colours_of_the_page(write):
    drawings = "".join(re.findall(r'<div role="img".*?</div>', write(FULL), re.DOTALL))
    assert "var(--accent)" in drawings
    assert set(re.findall(r"#[0-9a-f]{6}\b(?!-)", drawings)) == set()


def test_half_a_surrogate_pair_does_not_stop_the_page(write):
    assert "<h1>?</h1>" in write(make(dataset="\ud800"))


def test_a_page_that_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="name a file in a folder that exists"):
        write_report(make(), tmp_path / "missing" / "report.html")
