import json
from contextlib import closing
from dataclasses import replace

import pytest

from eval.feedback import load_feedback
from eval.saved import load_evaluation
from index.errors import DatasetError
from index.settings import Settings
from qa.answer import answer_question
from qa.conversations import FILE_NAME, Conversations

pytestmark = pytest.mark.model

QUESTION = "How much will Toyota invest in North Carolina?"
WHO = "Who wrote this paper?"
BREAD = "What makes bread rise?"


@pytest.fixture
def judged_home(home, tmp_path):
    """A home of the test's own: the model and the paper of `home`, and conversations that the test keeps."""
    folder = tmp_path / "judged"
    folder.mkdir()
    for name in ("models", "index"):
        (folder / name).symlink_to((home / name).resolve(), target_is_directory=True)
    return folder


@pytest.fixture
def ask(judged_home, index, settings):
    """Give a function that asks, keeps the turn, and judges it; it returns the answer."""
    with closing(Conversations(judged_home / FILE_NAME)) as kept:

        def keep(question, thumbs, *, paper=index.paper, read_as=None, owner="", **fields):
            answer = replace(answer_question(index, read_as or question, settings, k=3), question=question)
            answer = replace(answer, read_as=read_as, **fields)
            name = kept.begin(owner, paper, question)
            number = kept.add_turn(owner, name, answer).number
            for rank, verdict in thumbs:
                kept.judge(owner, name, number, rank, verdict)
            return answer

        yield keep


@pytest.fixture
def judged(judged_home):
    return Settings(home=judged_home)


def lit(answer, rank):
    passage = answer.passages[rank - 1]
    return passage.text[passage.highlights[0].start : passage.highlights[0].end]


def asked(feedback):
    return [(question.text, question.answers) for question in feedback.dataset.content]


def test_a_thumb_up_makes_the_highlighted_sentence_an_answer(ask, judged):
    answer = ask(QUESTION, [(1, True), (2, False), (3, True)])
    feedback = load_feedback(judged)
    assert asked(feedback) == [(QUESTION, (lit(answer, 1), lit(answer, 3)))]
    assert (feedback.ups, feedback.downs, feedback.only_downs, dict(feedback.others)) == (2, 1, 0, {})


def test_a_passage_without_a_highlight_is_an_answer_as_a_whole(ask, judged, index, settings):
    passages = answer_question(index, QUESTION, settings, k=1).passages
    ask(QUESTION, [(1, True)], passages=tuple(replace(passage, highlights=()) for passage in passages))
    assert asked(load_feedback(judged)) == [(QUESTION, (passages[0].text,))]


def test_an_honest_no_that_is_right_makes_a_question_without_an_answer(ask, judged):
    ask(BREAD, [(0, True)])
    assert asked(load_feedback(judged)) == [(BREAD, ())]


def test_a_question_is_asked_as_it_was_read(ask, judged):
    ask("and there?", [(1, True)], read_as=QUESTION)
    assert load_feedback(judged).dataset.content[0].text == QUESTION


def test_thumbs_down_alone_are_counted_and_not_asked(ask, judged):
    ask(WHO, [(2, False), (3, False)])
    ask(BREAD, [(0, False)])
    ask(QUESTION, [(1, True)])
    feedback = load_feedback(judged)
    assert [text for text, _ in asked(feedback)] == [QUESTION]
    assert (feedback.ups, feedback.downs, feedback.only_downs) == (1, 3, 2)


def test_the_last_judgement_of_a_passage_counts_wherever_it_was_made(ask, judged):
    answer = ask(QUESTION, [(1, True), (2, True)])
    ask(f"  {QUESTION.upper()} ", [(1, False)], owner="another")
    feedback = load_feedback(judged)
    assert [answers for _, answers in asked(feedback)] == [(lit(answer, 2),)]
    assert (feedback.ups, feedback.downs) == (1, 1)


@pytest.mark.parametrize(("thumbs", "count"), [([(1, True), (0, True)], 0), ([(0, True), (1, True)], 1)])
def test_of_an_answer_and_a_no_the_last_one_counts(ask, judged, thumbs, count):
    ask(QUESTION, thumbs)
    assert len(asked(load_feedback(judged))[0][1]) == count


def test_only_the_paper_in_use_is_measured_and_the_others_are_told(ask, judged):
    ask(QUESTION, [(1, True)])
    ask(WHO, [(1, True), (2, True)], paper="another-paper")
    feedback = load_feedback(judged)
    assert [text for text, _ in asked(feedback)] == [QUESTION]
    assert dict(feedback.others) == {"another-paper": 2}


def test_another_hash_stands_for_other_judgements(ask, judged):
    ask(QUESTION, [(1, True)])
    first = load_feedback(judged).dataset.sha256
    assert load_feedback(judged).dataset.sha256 == first
    ask(QUESTION, [(2, True)])
    assert load_feedback(judged).dataset.sha256 != first


def test_nothing_judged_is_told(ask, judged, judged_home):
    with pytest.raises(DatasetError, match="nothing has been judged yet; judge answers by their thumbs"):
        load_feedback(judged)
    assert not (judged_home / FILE_NAME).exists()


def test_thumbs_down_alone_make_no_set(ask, judged):
    ask(QUESTION, [(1, False)])
    with pytest.raises(DatasetError, match=r"thumbs down alone \(1\).* or name another paper with --paper"):
        load_feedback(judged)


def test_judgements_of_other_papers_alone_make_no_set(ask, judged):
    ask(QUESTION, [(1, True)], paper="another-paper")
    with pytest.raises(DatasetError, match=r"has been judged, but from another-paper; .*--paper"):
        load_feedback(judged)


@pytest.fixture
def measure(judged_home, ibid_eval, monkeypatch):
    monkeypatch.setenv("IBID_HOME", str(judged_home))
    return lambda *arguments: ibid_eval("--from-feedback", *arguments)


def test_the_command_prints_the_figures_of_questions_and_what_was_judged(ask, measure):
    ask(QUESTION, [(1, True), (2, False)])
    ask(BREAD, [(0, True)])
    ask(WHO, [(3, False)])
    ask(WHO, [(1, True)], paper="another-paper")
    code, out, err = measure("--json")
    figures = json.loads(out)
    assert (code, err) == (0, "")
    assert figures["answer_recall@1"] == figures["mrr"] == figures["abstention_auroc"] == 1.0
    counts = {"queries": 2, "judgements": 4, "ups": 2, "downs": 2, "only_downs": 1, "other_papers": 1}
    assert {name: figures[name] for name in counts} == counts
    lines = measure()[1].splitlines()
    assert lines[0].split() == ["answer_recall@1", "1.0000"]
    assert ["judgements", "4"] in [line.split() for line in lines]
    assert lines[-2:] == [
        "not asked, because they have thumbs down alone: 1",
        "judgements of other papers, which --paper chooses: another-paper (1)",
    ]


def test_a_report_and_the_outcomes_are_written(ask, measure, tmp_path):
    ask(QUESTION, [(1, True)])
    code, _, _ = measure("--report", tmp_path / "a.html", "--save", tmp_path / "a.json")
    assert code == 0
    assert "feedback" in (tmp_path / "a.html").read_text("utf-8")
    assert [outcome.text for outcome in load_evaluation(tmp_path / "a.json").outcomes] == [QUESTION]


@pytest.mark.parametrize(
    "arguments",
    [["set.jsonl"], ["--compare"], ["--with", "candidates=50"], ["--run", "x"], ["--split", "train"]],
)
def test_what_feedback_does_not_go_with_is_refused(measure, arguments):
    code, out, err = measure(*arguments)
    assert (code, out) == (2, "")
    assert "--from-feedback makes a set of its own for one run; leave out DATASET" in err


def test_no_feedback_is_one_line_of_error(measure):
    code, out, err = measure()
    assert (code, out) == (2, "")
    assert err == ("ibid: nothing has been judged yet; judge answers by their thumbs on the page of `ibid serve`\n")


def test_no_dataset_is_told(ibid_eval):
    code, _, err = ibid_eval()
    assert code == 2
    assert "0 datasets are named; name one, or compare two with --compare, or use --from-feedback" in err
