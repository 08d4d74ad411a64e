"""Fit the models of `qa/evidence.py`, which say whether a claim is about an entry, to papers about invented works.

`python -m eval.calibrate_audit` writes `qa/evidence.json`. The works of the audit's exam take no part in the fit.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from eval.audited import FOLDER, AuditedPaper, make_papers, open_texts
from index.bundle import Index
from index.paper import parse_paper
from index.settings import Settings, load_settings
from qa.alike import Matrix
from qa.claims import read_claim
from qa.evidence import FEATURES, MODEL_FILE, TEXT_FEATURES, add_texts, compare, rate_words
from qa.support import find_support

_PAPERS = 200
_STRENGTH = 0.03  # inverse of the ridge penalty: the features are akin, and their weights should stay small


def main() -> None:
    """Write the weights, and print them with how well they tell pairs apart in the papers that they were fitted to."""
    settings = load_settings()
    papers = list(make_papers("training", _PAPERS, seed=1, faulty=False))
    with TemporaryDirectory() as folder:
        index = open_texts("training", settings, Path(folder))
        rows = list(_iter_rows(papers, index, settings))
    plain, held, labels, telling, weights = (np.concatenate(column) for column in zip(*rows, strict=True))
    fitted = {
        "entry": _fit(FEATURES, plain[telling], labels[telling], weights[telling]),
        "text": _fit((*FEATURES, *TEXT_FEATURES), held, labels, weights),
        "provenance": {"training_sha256": hash_training(), "papers": _PAPERS, "model": settings.model},
    }
    MODEL_FILE.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(fitted, indent=1))


def _iter_rows(papers: Sequence[AuditedPaper], index: Index, settings: Settings) -> Iterator[tuple[Matrix, ...]]:
    """Yield the pairs of each claim: features without and with the texts, labels, whether the entry says much, weights.

    A claim's pair with its own entry weighs 1, and so do those with all others together, so that the odds are even.
    """
    numbers = {work.id: position for position, work in enumerate(index.corpus.list_works())}
    for paper in papers:
        document = parse_paper(paper.text, document_id="paper")
        claims = [read_claim(document, marker) for marker in document.markers]
        compared = compare(claims, document.references, index.encoder)
        said = [
            (claim.sentence[slice(*claim.clause)], own) for claim, own in zip(claims, compared.vectors, strict=True)
        ]
        said += [
            (entry.title or entry.raw, own) for entry, own in zip(document.references, compared.titles, strict=True)
        ]
        documents = [numbers[paper.works[entry.number].id] for entry in document.references]
        support = find_support(index, said, documents, settings)
        held = add_texts(compared.features, support.scores, range(len(documents)))
        telling = np.array([rate_words(entry) == 1 for entry in document.references])
        for at, gold in enumerate(paper.gold):
            own = np.array([entry.number in gold.about for entry in document.references])
            yield compared.features[at], held[at], own, telling, np.where(own, 1.0, 1 / max(1, (~own).sum()))


def _fit(names: Sequence[str], features: Matrix, labels: Matrix, weights: Matrix) -> dict[str, Any]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    model = LogisticRegression(C=_STRENGTH, max_iter=2000)
    model.fit((features - mean) / spread, labels, sample_weight=weights)
    slopes = model.coef_[0] / spread
    return {
        "intercept": round(float(model.intercept_[0] - mean @ slopes), 4),
        "weights": dict(zip(names, (round(float(slope), 4) for slope in slopes), strict=True)),
        "auroc": round(float(roc_auc_score(labels, features @ slopes, sample_weight=weights)), 4),
    }


def hash_training() -> str:
    """Return what changes with the works that the models are fitted to."""
    texts = [(FOLDER / name).read_bytes() for name in ("training.jsonl", "training_filler.jsonl")]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()


if __name__ == "__main__":
    main()
