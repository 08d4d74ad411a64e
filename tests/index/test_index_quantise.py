import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from index.quantise import list_narrowing_products, list_products, measure_peaks, optimise, quantise, scale_columns

RNG = np.random.default_rng(3)
CHANNELS = 64


def make_graph(folder, products, *, bias=True, table=None):
    """Write a graph that multiplies rows, which it is given or looks up in a table, by each of some weights."""
    nodes, constants = [], []
    if table is not None:
        nodes.append(helper.make_node("Gather", ["table", "rows"], ["looked_up"], "look_up"))
        constants.append(numpy_helper.from_array(table, "table"))
    source = "rows" if table is None else "looked_up"
    for number, weights in enumerate(products):
        plain, added = f"plain{number}", f"out{number}"
        target = plain if bias else added
        nodes.append(helper.make_node("MatMul", [source, f"weights{number}"], [target], f"product{number}"))
        constants.append(numpy_helper.from_array(weights, f"weights{number}"))
        if bias:
            nodes.append(helper.make_node("Add", [plain, f"bias{number}"], [added], f"add{number}"))
            constants.append(
                numpy_helper.from_array(np.full(weights.shape[1], number + 1, np.float32), f"bias{number}")
            )
    kind = TensorProto.FLOAT if table is None else TensorProto.INT64
    given = helper.make_tensor_value_info("rows", kind, ["texts", "pieces", CHANNELS][: 3 if table is None else 2])
    outputs = [helper.make_tensor_value_info(f"out{n}", TensorProto.FLOAT, None) for n in range(len(products))]
    graph = helper.make_graph(nodes, "test", [given], outputs, constants)
    path = folder / "float32.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10), path)
    return path


def make_rows(*shape):
    return RNG.normal(size=shape).astype(np.float32)


def run(path, rows):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(path, options, ["CPUExecutionProvider"]).run(None, {"rows": rows})


def quantise_beside(path, rows, **options):
    target = path.with_name("int8.onnx")
    quantise(path, target, measure_peaks(path, [{"rows": rows}]), **options)
    return target


def measure_error(found, expected):
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


def list_kinds(path):
    return [node.op_type for node in onnx.load(path).graph.node]


@pytest.mark.parametrize("bias", [True, False])
def test_an_int8_product_is_near_that_of_float32(tmp_path, bias):
    path, rows = make_graph(tmp_path, [make_rows(CHANNELS, 32)], bias=bias), make_rows(2, 9, CHANNELS)
    target = quantise_beside(path, rows)
    assert list_kinds(target) == ["Mul", "DynamicQuantizeMatMul"]
    assert 0 < measure_error(run(target, rows)[0], run(path, rows)[0]) < 0.02


def test_products_of_one_input_become_one(tmp_path):
    path = make_graph(tmp_path, [make_rows(CHANNELS, width) for width in (32, 48, 16)])
    rows = make_rows(1, 5, CHANNELS)
    target = quantise_beside(path, rows)
    assert list_kinds(target) == ["Mul", "DynamicQuantizeMatMul", "Split"]
    for found, expected in zip(run(target, rows), run(path, rows), strict=True):
        assert found.shape == expected.shape
        assert measure_error(found, expected) < 0.02


def test_a_product_that_is_kept_stays_as_it_is(tmp_path):
    path, rows = make_graph(tmp_path, [make_rows(CHANNELS, 32), make_rows(CHANNELS, 32)]), make_rows(1, 5, CHANNELS)
    target = quantise_beside(path, rows, kept=["product0"])
    found, expected = run(target, rows), run(path, rows)
    np.testing.assert_array_equal(found[0], expected[0])
    assert 0 < measure_error(found[1], expected[1]) < 0.02


def measure_beside_plain(path, rows):
    """Return the error of a quantised graph, and that of one that is quantised as if all channels were alike."""
    (expected,) = run(path, rows)
    target = path.with_name("int8.onnx")
    errors = []
    for peaks in (measure_peaks(path, [{"rows": rows}]), {"rows": np.ones(CHANNELS, np.float32)}):
        quantise(path, target, peaks)
        errors.append(measure_error(run(target, rows)[0] - expected.mean(axis=1), expected - expected.mean(axis=1)))
    return errors


def test_a_channel_that_is_many_times_larger_costs_the_others_nothing(tmp_path):
    path, rows = make_graph(tmp_path, [make_rows(CHANNELS, 32), make_rows(CHANNELS, 16)]), make_rows(1, 40, CHANNELS)
    before = measure_error(run(quantise_beside(path, rows), rows)[0], run(path, rows)[0])
    rows[..., 7] *= 50
    target = quantise_beside(path, rows)
    assert list_kinds(target) == ["Mul", "DynamicQuantizeMatMul", "Gather", "MatMul", "Add", "Split"]
    for found, expected in zip(run(target, rows), run(path, rows), strict=True):
        assert measure_error(found, expected) < before


def test_a_channel_that_is_set_aside_is_multiplied_in_float32(tmp_path):
    path, rows = make_graph(tmp_path, [make_rows(CHANNELS, 32)]), make_rows(1, 40, CHANNELS)
    rows[..., 7] *= 50
    target = quantise_beside(path, rows)
    alone = np.zeros_like(rows)
    alone[..., 7] = rows[..., 7]
    np.testing.assert_allclose(run(target, alone)[0], run(path, alone)[0], rtol=1e-5, atol=1e-5)


def test_channels_that_stand_out_cost_the_others_little(tmp_path):
    path, rows = make_graph(tmp_path, [make_rows(CHANNELS, 32)]), make_rows(1, 40, CHANNELS)
    rows[..., :4] *= 3.5
    assert list_kinds(quantise_beside(path, rows)) == ["Mul", "DynamicQuantizeMatMul"]
    eased, plain = measure_beside_plain(path, rows)
    assert eased < 0.9 * plain


def test_a_large_table_is_looked_up_in_bytes(tmp_path):
    table = make_rows(1000, CHANNELS) * np.geomspace(0.01, 10, 1000, dtype=np.float32)[:, None]
    path, rows = make_graph(tmp_path, [np.eye(CHANNELS, dtype=np.float32)], table=table), np.array([[0, 999], [5, 5]])
    target = quantise_beside(path, rows, kept=["product0"])
    (found,), (expected,) = run(target, rows), run(path, rows)
    for one, other in zip(found[0] - 1, expected[0] - 1, strict=True):
        assert measure_error(one, other) < 0.01
    assert target.stat().st_size < path.stat().st_size * 0.4


def test_the_constants_of_what_is_replaced_are_gone(tmp_path):
    path, rows = make_graph(tmp_path, [make_rows(CHANNELS, 32)]), make_rows(1, 5, CHANNELS)
    names = {tensor.name for tensor in onnx.load(quantise_beside(path, rows)).graph.initializer}
    assert names == {"product0_keep", "product0_int8", "product0_scales", "product0_bias"}


def test_peaks_are_the_largest_magnitudes_of_all_inputs(tmp_path):
    path = make_graph(tmp_path, [make_rows(CHANNELS, 32)])
    small, large = np.ones((1, 2, CHANNELS), np.float32), np.full((1, 3, CHANNELS), -5, np.float32)
    large[..., 1] = 0
    (peaks,) = measure_peaks(path, [{"rows": small}, {"rows": large}]).values()
    assert peaks.tolist() == [5.0, 1.0, *[5.0] * (CHANNELS - 2)]


@pytest.mark.parametrize("depth", [2, 7, 64])
def test_no_two_neighbouring_weights_leave_sixteen_bits_with_any_bytes(depth):
    weights = make_rows(depth, 200)
    levels = np.round(weights / scale_columns(weights)).astype(np.int64)
    assert np.abs(levels).max() <= 127
    # The largest sum has 255 with all weights of one sign, and 0 with the others.
    for first, second in zip(levels[::2], levels[1::2], strict=False):
        for sign in (1, -1):
            assert (255 * (np.maximum(sign * first, 0) + np.maximum(sign * second, 0))).max() < 2**15


def test_a_column_of_zeros_has_a_scale():
    assert scale_columns(np.zeros((4, 2), np.float32)).tolist() == pytest.approx([1 / 127] * 2)


def test_products_are_found_with_their_biases(tmp_path):
    weights = [make_rows(CHANNELS, 32), make_rows(CHANNELS, 128)]
    first, second = list_products(onnx.load(make_graph(tmp_path, weights)).graph)
    assert (first.name, first.source, first.target, first.nodes) == ("product0", "rows", "out0", ("product0", "add0"))
    np.testing.assert_array_equal(second.weights, weights[1])
    assert second.bias.tolist() == [2.0] * 128


def test_narrowing_products_give_fewer_channels_than_they_take(tmp_path):
    path = make_graph(tmp_path, [make_rows(CHANNELS, width) for width in (128, 16, 64, 32)])
    assert list_narrowing_products(path) == ["product1", "product3"]


def test_an_optimised_graph_says_the_same(tmp_path):
    path, rows = make_graph(tmp_path, [make_rows(CHANNELS, 32)]), make_rows(1, 5, CHANNELS)
    target = quantise_beside(path, rows)
    before = run(target, rows)
    optimise(target)
    np.testing.assert_array_equal(run(target, rows)[0], before[0])
    assert sorted(file.name for file in tmp_path.iterdir()) == ["float32.onnx", "int8.onnx", "weights.bin"]
