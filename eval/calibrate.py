"""Fit the confidence model of `qa/confidence.py` to the training questions, and store it with its provenance.

`python -m eval.calibrate` writes `qa/confidence.json`. The exam of the gate takes no part in the fit.
"""

import json
from dataclasses import astuple
from pathlib import Path

import numpy as np

from eval.dataset import hash_dataset
from eval.questions import load_questions
from index.assemble import PIPELINE
from index.bundle import open_index
from index.settings import load_settings
from qa.confidence import MODEL_FILE, weigh_evidence
from qa.retrieve import rank_windows

TRAINING = Path(__file__).parent / "training"
_FOLDS = 10


def main() -> None:
    """Write the weights, and print them with the AUROC on questions that they were not fitted to."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import brier_score_loss, roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    settings = load_settings()
    index = open_index(settings)
    questions = load_questions(TRAINING)
    rows = [astuple(weigh_evidence(index, rank_windows(index, question.text, settings))) for question in questions]
    evidence, answerable = np.array(rows), np.array([bool(question.answers) for question in questions])
    model = LogisticRegression(C=100.0, class_weight="balanced", max_iter=1000)
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    unseen = cross_val_predict(model, evidence, answerable, cv=folds, method="predict_proba")[:, 1]
    model.fit(evidence, answerable)
    fitted = {
        "weights": {
            "intercept": round(float(model.intercept_[0]), 4),
            **dict(zip(("score", "least"), (round(float(weight), 4) for weight in model.coef_[0]), strict=True)),
        },
        "provenance": {
            "training_sha256": hash_dataset(TRAINING),
            "answerable": int(answerable.sum()),
            "unanswerable": int((~answerable).sum()),
            "model": str(index.manifest.settings["model"]),
            "pipeline": PIPELINE,
            "cross_validated_auroc": round(float(roc_auc_score(answerable, unseen)), 4),
            "cross_validated_brier": round(float(brier_score_loss(answerable, unseen)), 4),
        },
    }
    MODEL_FILE.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(fitted, indent=1))


if __name__ == "__main__":
    main()
