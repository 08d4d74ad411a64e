"""The reranker, proven with real cross encoders: tiny ones of random weights, made and saved here."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest

from index.errors import ModelError, SettingError
from index.export import _bundled_folder, hush
from index.settings import Settings, load_settings
from qa.answer import answer_question
from qa.doctor import check_health
from qa.rerank import CrossEncoderReranker, open_reranker
from qa.retrieve import group_passages, rank_windows

pytestmark = pytest.mark.model

TEXTS = [f"The {name} opened in {year}." for name in ("plant", "school", "harbour") for year in range(1990, 2004)]
TOLD = "; set IBID_RERANKER to a sentence-transformers CrossEncoder by folder or name, or leave it unset for none$"
OFF = {"IBID_RERANKER": "off"}


def save_model(folder, *, labels=1, scale=1.0, bias=0.0):
    """Save a cross encoder of random weights, the same for each call but for the head's scale and bias."""
    with hush():
        import torch
        from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

        torch.manual_seed(1)
        tokenizer = AutoTokenizer.from_pretrained(_bundled_folder())
        sizes = {"hidden_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
        shape = BertConfig(vocab_size=tokenizer.vocab_size, num_labels=labels, initializer_range=0.2, **sizes)
        model = BertForSequenceClassification(shape)
        with torch.no_grad():
            model.classifier.weight *= scale
            model.classifier.bias += bias
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return save_model(tmp_path_factory.mktemp("tiny") / "cross-encoder")


@pytest.fixture(scope="module")
def predict(tiny):
    """Score pairs by sentence-transformers itself, one at a time."""
    with hush():
        from sentence_transformers import CrossEncoder

        model = CrossEncoder(str(tiny), local_files_only=True)
    return lambda question, texts: np.array(
        [model.predict((question, text), show_progress_bar=False) for text in texts]
    )


@pytest.fixture(scope="module")
def reranking(settings, tiny):
    return replace(settings, reranker=str(tiny))


@pytest.fixture(scope="module")
def plain(index, settings, toyota):
    return rank_windows(index, toyota, settings)


@pytest.fixture(scope="module")
def reranked(index, reranking, toyota):
    return rank_windows(index, toyota, reranking)


def list_passages(ranking):
    return list(dict.fromkeys(window.passage_id for window in ranking.windows))


def order_by_force(index, plain, question, predict, depth):
    """Return the passages with the first so many in the order of their predicted scores."""
    passages = list_passages(plain)
    scores = predict(question, [index.corpus.load_place(passage).passage.text for passage in passages[:depth]])
    return [passages[at] for at in sorted(range(depth), key=lambda at: -scores[at])] + passages[depth:]


def test_scores_are_those_of_the_cross_encoder_in_the_order_given(tiny, predict):
    scores = CrossEncoderReranker(str(tiny)).score("When did the plant open?", TEXTS)
    assert (scores.dtype, scores.shape) == (np.float32, (42,))
    np.testing.assert_allclose(scores, predict("When did the plant open?", TEXTS), atol=1e-5)
    assert np.ptp(scores) > 0.05


def test_no_texts_have_no_scores(tiny):
    assert CrossEncoderReranker(str(tiny)).score("why?", []).shape == (0,)


def test_a_text_longer_than_the_model_reads_is_cut(tiny):
    long, longer = "plant " * 600, "plant " * 900
    scores = CrossEncoderReranker(str(tiny)).score("why?", [long, longer])
    assert scores[0] == pytest.approx(scores[1], abs=1e-6)


def test_threads_that_share_a_reranker_get_the_scores_of_one(tiny):
    reranker = CrossEncoderReranker(str(tiny))
    alone = reranker.score("When?", TEXTS)
    with ThreadPoolExecutor(4) as pool:
        for scores in pool.map(lambda _: reranker.score("When?", TEXTS), range(8)):
            np.testing.assert_allclose(scores, alone, atol=1e-6)


def test_a_reranker_is_loaded_once_even_by_threads(reranking):
    with ThreadPoolExecutor(4) as pool:
        opened = set(pool.map(lambda _: id(open_reranker(reranking)), range(8)))
    assert opened == {id(open_reranker(reranking))}


def test_no_reranker_is_set_by_default(settings):
    assert (settings.reranker, settings.reranked) == (None, 20)
    assert open_reranker(settings) is None


def test_without_a_reranker_the_score_is_the_hybrid_one(plain):
    assert [window.score for window in plain.windows] == [window.fused for window in plain.windows]


@pytest.mark.parametrize("depth", [1, 2, 20, 46])
def test_the_first_passages_follow_the_reranker_and_the_rest_their_old_order(
    index, reranking, plain, toyota, predict, depth
):
    ranking = rank_windows(index, toyota, replace(reranking, reranked=depth))
    assert list_passages(ranking) == order_by_force(index, plain, toyota, predict, depth)


def test_a_depth_beyond_the_corpus_reranks_all(index, reranking, plain, toyota, predict):
    ranking = rank_windows(index, toyota, replace(reranking, reranked=100))
    assert list_passages(ranking) == order_by_force(index, plain, toyota, predict, 47)


def test_the_reranker_changes_the_first_passage(plain, reranked):
    assert list_passages(plain)[0] != list_passages(reranked)[0]


def test_the_windows_of_a_passage_that_was_read_stand_together(reranked):
    runs = [passage for passage, _ in groupby(reranked.windows, key=lambda window: window.passage_id)]
    assert len(set(runs[:20])) == 20
    assert set(runs[:20]).isdisjoint(runs[20:])


def test_the_windows_of_a_passage_keep_their_order(plain, reranked):
    for passage in list_passages(plain):
        before, after = ([w.id for w in of.windows if w.passage_id == passage] for of in (plain, reranked))
        assert after == before


def test_the_scores_of_the_places_stay(plain, reranked):
    scores = [window.score for window in reranked.windows]
    assert scores == [window.score for window in plain.windows]
    assert scores == sorted(scores, reverse=True)


def test_a_window_keeps_its_hybrid_score_and_its_evidence(plain, reranked):
    kept = {window.id: window.fused for window in reranked.windows}
    assert kept == {window.id: window.score for window in plain.windows}


def test_the_row_of_a_window_moves_with_it(index, plain, reranked):
    windows = reranked.windows
    assert windows.ids.tolist() != plain.windows.ids.tolist()
    assert windows.rows.tolist() == index.table.load(windows.ids).tolist()


def test_passages_are_grouped_in_the_new_order(index, reranked):
    hits = group_passages(index, reranked, 30)
    assert [hit.window.passage_id for hit in hits] == list_passages(reranked)[:30]
    assert [hit.window.score for hit in hits] == sorted((hit.window.score for hit in hits), reverse=True)


def test_the_confidence_knows_nothing_of_the_rerankers_scale(index, reranking, toyota, tmp_path):
    steep = replace(reranking, reranker=str(save_model(tmp_path / "steep", scale=2.0)))
    one, two = (answer_question(index, toyota, settings) for settings in (reranking, steep))
    assert one.passages == two.passages
    assert one.confidence == two.confidence


def test_a_source_without_documents_gives_an_empty_list(index, reranking, toyota):
    assert list(rank_windows(index, toyota, reranking, source="references").windows) == []


@pytest.mark.parametrize("environ", [{}, {"IBID_RERANKER": ""}, OFF])
def test_off_and_unset_mean_none(environ):
    assert load_settings(environ).reranker is None


def test_any_other_value_names_a_model():
    assert load_settings({"IBID_RERANKER": "~/cross-encoder"}).reranker == "~/cross-encoder"


@pytest.mark.parametrize(("value", "depth"), [("1", 1), ("100", 100)])
def test_the_depth_is_read(value, depth):
    assert load_settings({"IBID_RERANKED": value}).reranked == depth


@pytest.mark.parametrize("value", ["0", "101", "ten", "2.5"])
def test_a_depth_out_of_bounds_is_refused(value):
    with pytest.raises(SettingError, match=f"IBID_RERANKED is '{value}'; set it to a whole number from 1 to 100"):
        load_settings({"IBID_RERANKED": value})


def test_the_reranker_does_not_shape_the_index(settings, reranking):
    assert reranking.shape() == settings.shape()


def remove_all(folder):
    for file in folder.iterdir():
        file.unlink()


def damage(name):
    def act(folder):
        (folder / name).write_bytes((folder / name).read_bytes()[:100])

    return act


@pytest.mark.parametrize(
    "spoil", [remove_all, damage("model.safetensors"), damage("config.json"), damage("tokenizer.json")]
)
def test_a_damaged_model_is_refused_and_the_setting_named(tmp_path, spoil):
    folder = save_model(tmp_path / "spoilt")
    spoil(folder)
    with pytest.raises(ModelError, match=f"cannot load the reranker {folder}: .+{TOLD}"):
        open_reranker(Settings(home=tmp_path, reranker=str(folder)))


@pytest.mark.parametrize("name", ["no-such/cross-encoder", "no/such/folder", "nothing", "a b"])
def test_a_model_that_cannot_be_had_is_refused_and_the_setting_named(tmp_path, name):
    with pytest.raises(ModelError, match=f"cannot load the reranker {name}: .+{TOLD}"):
        open_reranker(Settings(home=tmp_path, reranker=name))


def test_a_model_of_several_labels_is_refused(tmp_path):
    folder = save_model(tmp_path / "labels", labels=3)
    with pytest.raises(ModelError, match=f"the reranker {folder} gives 3 labels, not one score{TOLD}"):
        CrossEncoderReranker(str(folder))


def test_an_encoder_whose_head_would_be_random_is_refused():
    with pytest.raises(ModelError, match=f"is a BertModel, which is no cross encoder{TOLD}"):
        CrossEncoderReranker(str(_bundled_folder()))


def test_scores_that_are_no_numbers_are_refused(tmp_path):
    reranker = CrossEncoderReranker(str(save_model(tmp_path / "nan", bias=float("nan"))))
    with pytest.raises(ModelError, match=f"gives scores that are no numbers{TOLD}"):
        reranker.score("why?", TEXTS)


def test_a_model_that_was_mended_is_opened(tmp_path):
    settings = Settings(home=tmp_path, reranker=str(tmp_path / "late"))
    with pytest.raises(ModelError):
        open_reranker(settings)
    save_model(tmp_path / "late")
    assert open_reranker(settings).score("why?", ["because"]).shape == (1,)


def test_the_doctor_tries_the_reranker(reranking, tiny):
    check = check_health(reranking)[-1]
    assert (check.name, check.ok, check.hint) == ("reranker", True, "")
    assert check.found == f"{tiny} orders the first 20 passages anew"


@pytest.mark.parametrize("broken", ["missing", "nan"])
def test_the_doctor_says_how_to_mend_a_reranker(settings, tmp_path, broken):
    folder = save_model(tmp_path / "nan", bias=float("nan")) if broken == "nan" else tmp_path / "missing"
    check = check_health(replace(settings, reranker=str(folder)))[-1]
    assert (check.name, check.ok) == ("reranker", False)
    assert check.hint.startswith("set IBID_RERANKER to ")


def test_ask_gives_the_passages_in_the_rerankers_order(ibid, home, tiny, toyota, index, plain, predict):
    done = ibid("ask", toyota, "--json", "-k", "25", home=home, IBID_RERANKER=str(tiny))
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1)
    order = order_by_force(index, plain, toyota, predict, 20)[:25]
    texts = [index.corpus.load_place(passage).passage.text for passage in order]
    assert [passage["text"] for passage in json.loads(done.stdout)["passages"]] == texts


def test_ask_with_a_missing_reranker_is_refused_in_one_line(ibid, home, toyota):
    done = ibid("ask", toyota, home=home, IBID_RERANKER="no-such/cross-encoder")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("ibid: cannot load the reranker no-such/cross-encoder: ")
    assert "; set IBID_RERANKER to " in done.stderr
