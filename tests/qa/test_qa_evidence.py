"""How far words speak for an entry."""

import json

import numpy as np
import pytest

from eval.calibrate_audit import hash_training
from index.model import Reference
from qa.claims import Claim
from qa.evidence import (
    FEATURES,
    MODEL_FILE,
    TEXT_FEATURES,
    add_texts,
    compare,
    pick_akin,
    rate_words,
    read_address,
    weigh,
)

ENTRIES = [
    Reference("1", "", 0, 0, title="How kestrels hover over roadside verges", container="Bird Study"),
    Reference("2", "", 0, 0, title="Varnish chemistry of Cremonese violin makers", container="Strad"),
    Reference("3", "", 0, 0, url="https://www.energy.gov/node/4813120"),
]
CLAIMS = [
    Claim("Kestrels hover above the verges of roads, whereas violins need varnish.", (0, 40)),
    Claim("Kestrels hover above the verges of roads, whereas violins need varnish.", (42, 70)),
]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (
            "https://www.nsin.mil/events/2025-01-22-us-japan-joint-challenge/",
            ("nsin", "events 2025 01 22 us japan joint challenge"),
        ),
        ("https://www.energy.gov/node/4813120", ("energy", "")),
        ("https://example.org/en/news/20250516152834.html", ("example", "")),
        ("https://example.org/a/UnitedStates_and-Japan%20pact", ("example", "United States and Japan pact")),
        ("https://doi.org/10.1000/abc", ("", "")),
        (None, ("", "")),
    ],
)
def test_the_words_of_an_address_are_read_without_its_codes(url, words):
    assert read_address(url) == words


def test_an_entry_of_a_word_or_two_cannot_be_told_from_others():
    assert [rate_words(entry) for entry in ENTRIES] == [1.0, 1.0, 0.2]


@pytest.mark.model
def test_each_clause_speaks_for_its_own_entry(index):
    compared = compare(CLAIMS, ENTRIES[:2], index.encoder)
    assert compared.features.shape == (2, 2, len(FEATURES))
    likelihoods = weigh(compared.features)
    assert likelihoods.argmax(axis=1).tolist() == [0, 1]
    assert (likelihoods.max(axis=1) > 1).all()
    assert (likelihoods.min(axis=1) < -1).all()


@pytest.mark.model
def test_the_words_that_both_have_are_told_as_the_sentence_has_them(index):
    compared = compare(CLAIMS, ENTRIES[:2], index.encoder)
    assert set(compared.list_shared(0, 0)) == {"Kestrels", "hover", "verges"}
    assert set(compared.list_shared(0, 1)) == {"violins", "varnish"}


@pytest.mark.model
def test_what_other_sentences_say_moves_no_marker_s_evidence(index):
    alone = compare(CLAIMS, ENTRIES, index.encoder)
    other = Claim("Nothing of this is about birds, violins, varnish or kestrels.", (0, 60))
    beside = compare([*CLAIMS, other], ENTRIES, index.encoder, marked=2)
    # In 8 bits a vector depends a little on what is read beside it.
    np.testing.assert_allclose(beside.features[:2], alone.features, atol=0.04)


@pytest.mark.model
def test_a_word_of_the_title_counts_by_its_likeness_and_its_rarity(index):
    features = dict(zip(FEATURES, compare(CLAIMS, ENTRIES[:2], index.encoder).features[0, 0], strict=True))
    assert 0.5 < features["title_words_in_clause"] <= features["title_words_in_sentence"] <= 1.01
    assert features["title_stems_in_clause"] == pytest.approx(features["title_stems_in_sentence"])


def test_features_of_texts_stand_behind_those_of_entries():
    features, scores = (
        np.zeros((2, 3, len(FEATURES))),
        np.array([[0.5, 0.1], [0.2, 0.4], [0.9, 0.3], [0.2, 0.2], [0.1, 0.8]]),
    )
    added = add_texts(features, scores, [0, 2])
    assert added.shape == (2, 2, len(FEATURES) + len(TEXT_FEATURES))
    np.testing.assert_allclose(added[..., -2], scores[:2])
    # Less the other text, less what other titles reach with this one, with the mean of that: .5 - .1 - .15 + .2.
    np.testing.assert_allclose(added[..., -1], [[0.45, -0.45], [-0.15, 0.15]])


def test_a_lone_text_is_measured_by_what_other_titles_reach_with_it():
    features, scores = np.zeros((1, 2, len(FEATURES))), np.array([[0.5], [0.9], [0.2]])
    assert add_texts(features, scores, [0])[0, 0, -1] == pytest.approx(0.3)


@pytest.mark.model
def test_who_else_is_cited_moves_no_marker_s_evidence(index):
    alone, beside = (compare([CLAIMS[0]] * n + CLAIMS[1:], ENTRIES, index.encoder) for n in (1, 5))
    np.testing.assert_allclose(beside.features[0], alone.features[0], atol=0.04)


def test_only_sentences_with_words_of_a_title_are_looked_at():
    said = ["Kestrels hover well.", "Violins are old.", "The study of birds is old.", "Nothing is known."]
    claims = [Claim(text, (0, len(text))) for text in said]
    assert [claim.sentence for claim in pick_akin(claims, ENTRIES)] == ["Kestrels hover well.", "Violins are old."]


def test_the_models_were_fitted_to_the_training_works_as_they_are():
    stored = json.loads(MODEL_FILE.read_text())
    assert stored["provenance"]["training_sha256"] == hash_training()
    assert list(stored["text"]["weights"]) == [*FEATURES, *TEXT_FEATURES]
    assert list(stored["entry"]["weights"]) == list(FEATURES)
