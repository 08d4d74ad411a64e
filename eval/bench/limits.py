"""The distance to the limit: the encoder's operations per second, and those of plain matrix products, in one run.

An operation is a multiplication or an addition. A product of float32 matrices is what this machine does best without
special code, so an encoder that reaches its rate wastes nothing; one in 8 bits may go beyond.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper
from threadpoolctl import threadpool_limits
from tokenizers import Tokenizer

from eval.bench.spread import Spread, summarise, summarise_ratios
from index.encode import OnnxEncoder

TEXT_TOKENS = 200
_TEXTS = 24
_SIDE = 1536  # of the square matrices: large enough that no larger one is faster
_ROUNDS = 5
_OPSET = 18
_IR_VERSION = 10
ENCODER, FLOAT32, INT8 = "encoder", "float32", "int8"


@dataclass(frozen=True, slots=True)
class Architecture:
    """The size of a transformer encoder: its layers, the width of a word's vector, and the width between."""

    layers: int
    width: int
    inner: int

    def count_operations(self, tokens: int) -> int:
        """Return the operations that reading a text of so many word pieces takes, its special ones included.

        Of each word piece four products with a square matrix and two with an oblong one, and its products with the
        keys and the values of all. What is not a matrix product is left out; it is less than a hundredth.
        """
        per_token = 4 * self.width**2 + 2 * self.width * self.inner + 2 * tokens * self.width
        return 2 * self.layers * tokens * per_token


@dataclass(frozen=True, slots=True)
class Limits:
    """Rates in 10⁹ operations per second.

    Attributes:
        operations_per_token: Of the model, on texts of 200 word pieces.
        rates: By library, type and cores, and of the encoder on all cores.
        encoder_over_float32: The encoder's rate over the better of the two float32 rates on all cores, in each round.
        encoder_over_int8: The same over the int8 rate.
    """

    operations_per_token: float
    rates: Mapping[str, Spread]
    encoder_over_float32: Spread
    encoder_over_int8: Spread


def load_architecture(model: Path) -> Architecture:
    """Read the size of a model in the layout of Hugging Face."""
    config: dict[str, Any] = json.loads((model / "config.json").read_text(encoding="utf-8"))
    return Architecture(config["num_hidden_layers"], config["hidden_size"], config["intermediate_size"])


def measure_limits(encoder: OnnxEncoder, model: Path, texts: Sequence[str]) -> Limits:
    """Measure all rates in turn, several times.

    Args:
        encoder: What reads texts.
        model: Folder of the model that it was exported from.
        texts: Prose to cut texts of 200 word pieces from.
    """
    architecture = load_architecture(model)
    operations = architecture.count_operations(TEXT_TOKENS)
    read = cut_texts(texts, model)
    works: dict[str, tuple[Callable[[], object], float]] = {
        **_list_products(),
        ENCODER: (lambda: encoder.encode_passages(read), operations * len(read)),
    }
    rates: dict[str, list[float]] = {name: [] for name in works}
    for counted in range(_ROUNDS + 1):
        for name, (work, of) in works.items():
            rate = of / _time_s(work) / 1e9
            if counted:  # the first round warms up
                rates[name].append(rate)
    best = [max(both) for both in zip(rates[f"numpy {FLOAT32}"], rates[f"onnxruntime {FLOAT32}"], strict=True)]
    return Limits(
        operations / TEXT_TOKENS,
        {name: summarise(values) for name, values in rates.items()},
        summarise_ratios(rates[ENCODER], best),
        summarise_ratios(rates[ENCODER], rates[f"onnxruntime {INT8}"]),
    )


def cut_texts(texts: Sequence[str], model: Path) -> list[str]:
    """Return texts of which each is read as 200 word pieces, the two special ones included."""
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    cut: list[str] = []
    for text in _join(texts):
        offsets = tokenizer.encode(text, add_special_tokens=False).offsets
        own = text[: offsets[min(TEXT_TOKENS - 2, len(offsets)) - 1][1]]
        if len(tokenizer.encode(own).ids) == TEXT_TOKENS:
            cut.append(own)
        if len(cut) == _TEXTS:
            break
    return cut


def _join(texts: Sequence[str]) -> list[str]:
    return [f"{one} {other}" for one, other in zip(texts[::2], texts[1::2], strict=False)]


def _list_products() -> dict[str, tuple[Callable[[], object], float]]:
    """Return products of square matrices by name, each with its operations."""
    random = np.random.default_rng(0)
    one, other = (random.standard_normal((_SIDE, _SIDE), np.float32) for _ in range(2))
    bytes_, signed = (random.integers(0, 100, (_SIDE, _SIDE)).astype(kind) for kind in (np.uint8, np.int8))
    operations = 2.0 * _SIDE**3
    works: dict[str, tuple[Callable[[], object], float]] = {}
    for threads, cores in ((1, ", one core"), (0, "")):
        works[f"numpy {FLOAT32}{cores}"] = (_multiply_by_numpy(one, other, threads), operations)
        works[f"onnxruntime {FLOAT32}{cores}"] = (_multiply_by_onnxruntime("MatMul", one, other, threads), operations)
        works[f"onnxruntime {INT8}{cores}"] = (
            _multiply_by_onnxruntime("MatMulInteger", bytes_, signed, threads),
            operations,
        )
    return works


def _multiply_by_numpy(one: Any, other: Any, threads: int) -> Callable[[], object]:
    def multiply() -> object:
        with threadpool_limits(threads or None):
            return one @ other

    return multiply


def _multiply_by_onnxruntime(operator: str, one: Any, other: Any, threads: int) -> Callable[[], object]:
    """Return a product with a constant, as a model's weights are; 0 threads are as many as there are cores."""
    weights = onnx.numpy_helper.from_array(other, "weights")
    kinds = {np.dtype(np.float32): (TensorProto.FLOAT, TensorProto.FLOAT)}
    taken, given = kinds.get(one.dtype, (TensorProto.UINT8, TensorProto.INT32))
    graph = helper.make_graph(
        [helper.make_node(operator, ["rows", "weights"], ["product"])],
        "product",
        [helper.make_tensor_value_info("rows", taken, one.shape)],
        [helper.make_tensor_value_info("product", given, one.shape)],
        [weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
    return lambda: session.run(["product"], {"rows": one})


def _time_s(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
