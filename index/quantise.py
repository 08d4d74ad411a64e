"""Make the matrix products of an ONNX graph int8. This file knows ONNX graphs; `export.py` judges what comes out.

A product's input is quantised as it runs, with one scale for all of it, so that a channel far larger than its like
costs all others their digits. The few that are many times larger are multiplied in float32 (Dettmers et al.,
LLM.int8(), 2022). Of the others those that stand out are divided, and the weights they meet multiplied, by how far
they do (after Xiao et al., SmoothQuant, 2023, which so treats all channels). Weights have a scale each column, as large
as it takes for no sum of two neighbouring products to leave 16 bits: processors without dot products of bytes add
them up so, and saturate.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import helper, numpy_helper

# A channel stands out if its peak is beyond this quantile of all channels' peaks, and is set aside if it is beyond that
# by this factor: in the default model one to four do where a feed-forward layer begins or ends, and none elsewhere.
_USUAL = 0.9
_ASIDE = 4.0
# Rows from which a table of embeddings is worth its scales.
_TABLE_ROWS_MIN = 1000
_LEVELS = 127
_CONTRIB = "com.microsoft"
WEIGHTS_FILE = "weights.bin"
_ASIDE_BYTES = 1024  # of an array that goes there
Array = npt.NDArray[np.float32]
Peaks = dict[str, Array]


@dataclass(frozen=True, slots=True)
class Product:
    """A matrix product by constant weights, and the addition of its bias where it has one.

    Attributes:
        name: Of the node of the graph.
        source: Name of the input, of shape (…, rows of the weights).
        target: Name of what comes out, bias added.
        weights: Float32 of shape (channels in, channels out).
        bias: Float32 of shape (channels out,), of zeros where there is none.
        nodes: Names of the nodes that it replaces.
    """

    name: str
    source: str
    target: str
    weights: Array
    bias: Array
    nodes: tuple[str, ...]


def list_products(graph: onnx.GraphProto) -> list[Product]:
    """Return all matrix products by constant weights, in the order of the graph."""
    constants = {tensor.name: tensor for tensor in graph.initializer}
    readers = defaultdict(list)
    for node in graph.node:
        for name in node.input:
            readers[name].append(node)
    products = []
    for node in graph.node:
        tensor = constants.get(node.input[1]) if node.op_type == "MatMul" else None
        if tensor is None or len(tensor.dims) != 2:  # noqa: PLR2004
            continue
        weights = np.asarray(numpy_helper.to_array(tensor), np.float32)
        bias, last = np.zeros(weights.shape[1], np.float32), node
        following = readers[node.output[0]]
        if len(following) == 1 and following[0].op_type == "Add":
            for name in following[0].input:
                if name in constants and tuple(constants[name].dims) == bias.shape:
                    bias, last = np.asarray(numpy_helper.to_array(constants[name]), np.float32), following[0]
        replaced = tuple(dict.fromkeys((node.name, last.name)))
        products.append(Product(node.name, node.input[0], last.output[0], weights, bias, replaced))
    return products


def list_narrowing_products(path: Path) -> list[str]:
    """Return the names of the products that give fewer channels than they take, in the order of the graph."""
    products = list_products(onnx.load(path).graph)
    return [product.name for product in products if product.weights.shape[0] > product.weights.shape[1]]


def measure_peaks(path: Path, feeds: Sequence[dict[str, npt.NDArray[np.int64]]]) -> Peaks:
    """Return, by name of a product's input, the largest magnitude that each channel reaches on some inputs."""
    model = onnx.load(path)
    sources = sorted({product.source for product in list_products(model.graph)})
    own = {output.name for output in model.graph.output}
    shapeless = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in sources]
    model.graph.output.extend(output for output in shapeless if output.name not in own)
    watched = path.with_name("watched.onnx")
    onnx.save(model, watched)
    session = onnxruntime.InferenceSession(watched, None, ["CPUExecutionProvider"])
    watched.unlink()
    peaks: Peaks = {}
    for feed in feeds:
        for name, values in zip(sources, session.run(sources, feed), strict=True):
            peak = np.abs(values).reshape(-1, values.shape[-1]).max(axis=0)
            peaks[name] = np.maximum(peaks.get(name, peak), peak)
    return peaks


def quantise(source: Path, target: Path, peaks: Peaks, *, kept: Collection[str] = ()) -> None:
    """Write a graph with its matrix products and large tables in int8.

    Args:
        source: The float32 graph.
        target: Where the int8 graph goes.
        peaks: What `measure_peaks` gave of it.
        kept: Names of the products that stay in float32.
    """
    model = onnx.load(source)
    graph = model.graph
    groups: dict[str, list[Product]] = defaultdict(list)
    for product in list_products(graph):
        if product.name not in kept:
            groups[product.source].append(product)
    # Products of one input become one product: it is quantised once, and a wide product is faster.
    first = {group[0].name: group for group in groups.values()}
    replaced = {name for group in groups.values() for product in group for name in product.nodes}
    tables = {tensor.name: tensor for tensor in graph.initializer if _is_table(tensor)}
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        if node.name in first:
            group = first[node.name]
            nodes += _make_product(graph, group, peaks[group[0].source])
        elif node.op_type == "Gather" and node.input[0] in tables:
            nodes += _make_lookup(graph, node, numpy_helper.to_array(tables[node.input[0]]))
        elif node.name not in replaced:
            nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    read = {name for node in nodes for name in node.input}
    constants = [tensor for tensor in graph.initializer if tensor.name in read]
    del graph.initializer[:]
    graph.initializer.extend(constants)
    model.opset_import.append(helper.make_opsetid(_CONTRIB, 1))
    onnx.save(model, target)


def optimise(path: Path) -> None:
    """Have onnxruntime rewrite a graph in place, so that it need not each time the graph is opened.

    The weights go into a file beside it, from which they are mapped: that is opened in a third of the time.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(path.with_suffix(".optimised"))
    # Its own kernel of an addition and a normalisation in one is four times as slow as the two are.
    onnxruntime.InferenceSession(path, options, ["CPUExecutionProvider"], disabled_optimizers=["SkipLayerNormFusion"])
    whole = onnx.load(path.with_suffix(".optimised"))
    path.with_suffix(".optimised").unlink()
    weights = path.with_name(WEIGHTS_FILE)
    weights.unlink(missing_ok=True)
    onnx.save(whole, path, save_as_external_data=True, location=WEIGHTS_FILE, size_threshold=_ASIDE_BYTES)
    weights.chmod(path.stat().st_mode)  # it is made for its owner alone


def scale_columns(weights: Array) -> Array:
    """Return the scale of each column at which no two neighbouring bytes, times two more, sum up beyond 16 bits.

    The activations are bytes without a sign: 255 * (127 + 1) is below 2 ** 15, rounding included.
    """
    even = np.pad(weights, ((0, weights.shape[0] % 2), (0, 0))).reshape(-1, 2, weights.shape[1])
    sums = np.maximum(np.maximum(even, 0).sum(axis=1), np.maximum(-even, 0).sum(axis=1)).max(axis=0)
    return np.asarray(np.where(sums > 0, sums, 1) / _LEVELS, np.float32)


def _make_product(graph: onnx.GraphProto, group: Sequence[Product], peaks: Array) -> list[onnx.NodeProto]:
    """Return the nodes that compute all products of one input as one."""
    name, source = group[0].name, group[0].source
    targets = [product.target for product in group]
    joint = targets[0] if len(group) == 1 else f"{name}_joint"
    weights = np.concatenate([product.weights for product in group], axis=1)
    usual = np.quantile(peaks, _USUAL) or 1
    (aside,) = np.nonzero(peaks > _ASIDE * usual)
    excess = np.maximum(peaks / usual, 1).astype(np.float32)
    keep = np.where(peaks > _ASIDE * usual, 0, 1 / excess).astype(np.float32)
    levels, scales = _round_columns(np.where(keep > 0, excess, 0)[:, None] * weights)
    eased, main = f"{name}_eased", f"{name}_main" if len(aside) else joint
    inputs = [
        eased,
        _add(graph, f"{name}_int8", levels),
        _add(graph, f"{name}_scales", scales),
        "",
        _add(graph, f"{name}_bias", np.concatenate([product.bias for product in group])),
    ]
    nodes = [
        helper.make_node("Mul", [source, _add(graph, f"{name}_keep", keep)], [eased], f"{name}_ease"),
        helper.make_node("DynamicQuantizeMatMul", inputs, [main], f"{name}_product", domain=_CONTRIB),
    ]
    if len(aside):
        places, rest = _add(graph, f"{name}_places", aside), _add(graph, f"{name}_rest", weights[aside])
        picked, small = f"{name}_picked", f"{name}_small"
        nodes += [
            helper.make_node("Gather", [source, places], [picked], f"{name}_pick", axis=-1),
            helper.make_node("MatMul", [picked, rest], [small], f"{name}_aside"),
            helper.make_node("Add", [main, small], [joint], f"{name}_sum"),
        ]
    if len(group) > 1:
        sizes = _add(graph, f"{name}_sizes", np.array([product.weights.shape[1] for product in group], np.int64))
        nodes.append(helper.make_node("Split", [joint, sizes], targets, f"{name}_split", axis=-1))
    return nodes


def _round_columns(weights: Array) -> tuple[npt.NDArray[np.int8], Array]:
    scales = scale_columns(weights)
    return np.round(weights / scales).astype(np.int8), scales


def _is_table(tensor: onnx.TensorProto) -> bool:
    return len(tensor.dims) == 2 and tensor.dims[0] >= _TABLE_ROWS_MIN  # noqa: PLR2004


def _make_lookup(graph: onnx.GraphProto, node: onnx.NodeProto, table: npt.NDArray[Any]) -> list[onnx.NodeProto]:
    """Return the nodes that look up rows of a table that is stored as bytes, with a scale each row."""
    name = node.output[0]
    peaks = np.abs(table).max(axis=1, keepdims=True)
    scales = np.asarray(np.where(peaks > 0, peaks, 1) / _LEVELS, np.float32)
    levels, scale = _add(graph, f"{name}_int8", np.round(table / scales).astype(np.int8)), f"{name}_scale"
    return [
        helper.make_node("Gather", [levels, node.input[1]], [f"{name}_levels"], f"{name}_find"),
        helper.make_node("Gather", [_add(graph, f"{name}_scales", scales), node.input[1]], [scale], f"{name}_weigh"),
        helper.make_node("Cast", [f"{name}_levels"], [f"{name}_raw"], f"{name}_cast", to=onnx.TensorProto.FLOAT),
        helper.make_node("Mul", [f"{name}_raw", scale], [name], f"{name}_restore"),
    ]


def _add(graph: onnx.GraphProto, name: str, values: npt.NDArray[Any]) -> str:
    graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
    return name
