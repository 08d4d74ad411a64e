import json

from eval.calibrate import TRAINING
from eval.dataset import hash_dataset
from eval.gate import EXAM
from eval.questions import load_questions
from index.assemble import PIPELINE
from index.settings import DEFAULT_MODEL
from qa.confidence import MODEL_FILE

FITTED = json.loads(MODEL_FILE.read_text(encoding="utf-8"))


def test_the_confidence_was_fitted_to_the_training_questions_and_the_pipeline_of_now():
    provenance = FITTED["provenance"]
    now = (hash_dataset(TRAINING), PIPELINE, DEFAULT_MODEL)
    assert (provenance["training_sha256"], provenance["pipeline"], provenance["model"]) == now


def test_more_evidence_is_more_confidence():
    assert FITTED["weights"]["score"] > 0 < FITTED["weights"]["least"]


def test_no_question_of_the_exam_is_one_of_training():
    exam, training = ({question.text.casefold() for question in load_questions(each)} for each in (EXAM, TRAINING))
    assert not exam & training
