import math
import os

import numpy as np
import pytest

from index.errors import DamagedIndexError
from index.lexical import LexicalWriter, TantivyIndex, make_analyzer

TEXTS = [
    "Rain fell on the hills.",
    "Rain, rain and more rain fell.",
    "Snow fell on the mountains, and it was cold.",
    "The semiconductor industry of Japan grows.",
    "Japanese semiconductors, semiconductors and wafers.",
    "Wafers.",
    "Rain fell on the hills.",
]


def save_lexical(folder, texts):
    with LexicalWriter(folder) as writer:
        for text in texts:
            writer.add(make_analyzer().analyze(text))


def rank(lexical, terms, k, first, stop):
    """The oracle: BM25 with k1 1.2 and b .75 over the analyzer's own terms."""
    documents = [lexical.analyze(text) for text in TEXTS]
    lengths = np.array([len(document) for document in documents])
    scores = np.zeros(len(TEXTS))
    for term in terms:
        counts = np.array([document.count(term) for document in documents])
        holding = int((counts > 0).sum())
        idf = math.log(1 + (len(TEXTS) - holding + 0.5) / (holding + 0.5))
        scores += idf * 2.2 * counts / (counts + 1.2 * (0.25 + 0.75 * lengths / lengths.mean()))
    found = [row for row in range(first, min(stop, len(TEXTS))) if scores[row] > 0]
    ids = sorted(found, key=lambda row: (-round(scores[row], 6), row))[:k]
    return ids, scores[ids]


@pytest.fixture(scope="module")
def lexical(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lexical")
    save_lexical(folder, TEXTS)
    return TantivyIndex(folder)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Semiconductors", ["semiconductor"]),
        ("cooperating cooperation", ["cooper", "cooper"]),
        ("Café NAÏVE", ["cafe", "naiv"]),
        ("the and of", []),
        ("", []),
        ("5G networks", ["5g", "network"]),
        ("US-Japan", ["us", "japan"]),
        ("x" * 60, []),
    ],
)
def test_a_text_is_analyzed_into_terms(lexical, text, terms):
    assert lexical.analyze(text) == terms


@pytest.mark.parametrize(
    "question", ["rain", "rain fell", "semiconductor wafers", "cold rain in Japan", "rain rain wafer"]
)
@pytest.mark.parametrize(("k", "first", "stop"), [(10, 0, 7), (2, 0, 7), (10, 1, 5), (1, 3, 99), (10, 0, 1)])
def test_a_search_ranks_as_bm25_does(lexical, question, k, first, stop):
    terms = lexical.analyze(question)
    ids, scores = lexical.search(terms, k, first=first, stop=stop)
    expected_ids, expected_scores = rank(lexical, terms, k, first, stop)
    assert ids.tolist() == expected_ids
    np.testing.assert_allclose(scores, expected_scores, rtol=1e-4)


def test_equal_texts_tie_by_id(lexical):
    assert lexical.search(["hill"], 5, first=0, stop=7)[0].tolist() == [0, 6]


@pytest.mark.parametrize(
    ("terms", "k", "first", "stop"),
    [
        ([], 5, 0, 7),
        (["rain"], 0, 0, 7),
        (["rain"], 5, 3, 3),
        (["rain"], 5, 4, 2),
        (["glacier"], 5, 0, 7),
        (["rain"], 5, 7, 9),
    ],
)
def test_an_empty_search_finds_nothing(lexical, terms, k, first, stop):
    ids, scores = lexical.search(terms, k, first=first, stop=stop)
    assert (ids.tolist(), ids.dtype, scores.tolist(), scores.dtype) == ([], np.int64, [], np.float32)


def test_an_index_of_no_texts_finds_nothing(tmp_path):
    save_lexical(tmp_path, [])
    assert TantivyIndex(tmp_path).search(["rain"], 5, first=0, stop=5)[0].tolist() == []


def test_a_read_only_folder_serves_as_well(tmp_path, monkeypatch):
    save_lexical(tmp_path, TEXTS)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert TantivyIndex(tmp_path).search(["snow"], 5, first=0, stop=7)[0].tolist() == [2]


def test_an_empty_folder_is_damaged(tmp_path):
    with pytest.raises(DamagedIndexError, match="is no lexical index; rebuild it with `ibid build --fresh`"):
        TantivyIndex(tmp_path)


def test_a_damaged_read_only_folder_is_named_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(DamagedIndexError) as caught:
        TantivyIndex(tmp_path)
    assert str(tmp_path) in caught.value.message


def test_the_terms_of_a_text_are_those_of_its_parts(lexical, paper):
    lines = paper.text.split("\n")
    assert lexical.analyze(paper.text) == [term for line in lines for term in lexical.analyze(line)]
