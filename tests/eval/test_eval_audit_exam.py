"""The audit's exam: papers with known faults, and clean ones, about works to which no model was fitted.

Here some of them are examined; `python -m eval.audit_exam` takes all.
"""

import pytest

from eval.audit_exam import PAPERS, open_exam, sit
from eval.audited import FAULTS, load_works, make_papers
from index.paper import parse_paper

SET = ("exam", "training")
SOME = 60


@pytest.fixture(scope="module")
def exam(settings, tmp_path_factory):
    return open_exam(settings, tmp_path_factory.mktemp("exam"))


@pytest.mark.model
def test_verdicts_are_right_without_any_text_of_what_is_cited(exam, settings):
    found = sit(exam, settings, faulty=True, with_texts=False, count=SOME)
    assert PAPERS >= 200
    assert found.f1 >= 0.95
    assert found.named_right >= 0.95


@pytest.mark.model
def test_verdicts_are_better_with_the_texts(exam, settings):
    found = sit(exam, settings, faulty=True, with_texts=True, count=SOME)
    assert found.f1 >= 0.98
    assert found.named_right >= 0.98
    assert found.uncited_right >= 0.7


@pytest.mark.model
def test_clean_papers_raise_no_false_alarms(exam, settings):
    found = sit(exam, settings, faulty=False, with_texts=False, count=SOME)
    assert found.false_alarms <= 0.01
    assert found.f1 >= 0.98


@pytest.mark.parametrize("name", SET)
def test_papers_are_read_as_they_were_made(name):
    for paper in make_papers(name, 25, seed=3, faulty=True):
        document = parse_paper(paper.text, document_id="paper")
        assert [marker.marker for marker in paper.gold] == [marker.text for marker in document.markers]
        assert list(paper.works) == [entry.number for entry in document.references]


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_changes_what_is_true_of_a_paper(fault):
    papers = [p for p in make_papers("exam", 150, seed=1, faulty=True) if p.faults == (fault,)]
    verdicts = {gold.verdict for paper in papers for gold in paper.gold}
    expected = {"lost": {"ok", "mismatch", "missing"}}.get(fault, {"ok", "mismatch"})
    assert verdicts == expected


def test_clean_papers_are_right_throughout():
    assert {gold.verdict for p in make_papers("exam", 50, seed=1, faulty=False) for gold in p.gold} == {"ok"}


def test_papers_are_of_varied_length_and_the_same_each_time():
    one, other = ([p.text for p in make_papers("exam", 60, seed=1, faulty=True)] for _ in range(2))
    assert one == other
    sizes = [len(paper.gold) for paper in make_papers("exam", 60, seed=1, faulty=True)]
    assert min(sizes) < 12
    assert max(sizes) > 40


def test_no_work_of_the_exam_is_one_of_the_training():
    exam, training = ({work.title for work in load_works(name)[0] if work.title} for name in SET)
    assert len(exam) > 100
    assert not exam & training
