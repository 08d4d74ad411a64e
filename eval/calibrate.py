"""Fit the confidence model of `qa/confidence.py` to the project's own exam, and print its coefficients.

`python -m eval.calibrate` also prints the AUROC on questions that the model was not fitted to (ten-fold
cross-validation), which is what to expect of other questions.
"""

import json
from dataclasses import astuple

import numpy as np

from eval.gate import EXAM
from eval.questions import load_questions
from index.bundle import open_index
from index.settings import load_settings
from qa.confidence import weigh_evidence
from qa.retrieve import retrieve

_REGULARISATION = 1000.0
_FOLDS = 10


def main() -> None:
    """Print coefficients and cross-validated AUROC as JSON."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    settings = load_settings()
    index = open_index(settings)
    questions = load_questions(EXAM)
    rows = []
    for question in questions:
        ranking = retrieve(
            index, question.text, k=1, source="all", dense_weight=settings.dense_weight, candidates=settings.candidates
        )
        rows.append(astuple(weigh_evidence(index, ranking)))
    evidence, answerable = np.array(rows), np.array([bool(question.answers) for question in questions])
    model = LogisticRegression(C=_REGULARISATION, class_weight="balanced", max_iter=1000)
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    unseen = cross_val_predict(model, evidence, answerable, cv=folds, method="predict_proba")[:, 1]
    fitted = model.fit(evidence, answerable)
    figures = {
        "intercept": float(fitted.intercept_[0]),
        **dict(zip(("score", "mean", "minimum"), map(float, fitted.coef_[0]), strict=True)),
        "auroc": float(roc_auc_score(answerable, fitted.predict_proba(evidence)[:, 1])),
        "auroc_unseen": float(roc_auc_score(answerable, unseen)),
    }
    print(json.dumps({name: round(figure, 3) for name, figure in figures.items()}, indent=1))


if __name__ == "__main__":
    main()
