"""Small ONNX networks as strangers could send them, read by FastestDet where they are good."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

SIDE, CELLS = 352, 22
FLOAT = TensorProto.FLOAT


def detector() -> bytes:
    """A pooled convolution with answers of the right shape: a good file."""
    rng = np.random.Generator(np.random.PCG64(5))
    weight = rng.normal(size=(85, 3, 1, 1)).astype(np.float32)
    nodes = [
        helper.make_node("AveragePool", ["x"], ["p"], kernel_shape=[16, 16], strides=[16, 16]),
        helper.make_node("Conv", ["p", "w"], ["z"]),
        helper.make_node("Sigmoid", ["z"], ["y"]),
    ]
    return _network(nodes, {"w": weight})


def endless() -> bytes:
    """A loop of 2**60 turns."""
    kinds = {"turn": TensorProto.INT64, "more": TensorProto.BOOL, "v": FLOAT}
    again = {"on": TensorProto.BOOL, "out": FLOAT}
    body = helper.make_graph(
        [helper.make_node("Identity", ["more"], ["on"]), helper.make_node("Cos", ["v"], ["out"])],
        "body",
        [helper.make_tensor_value_info(name, kind, []) for name, kind in kinds.items()],
        [helper.make_tensor_value_info(name, kind, []) for name, kind in again.items()],
    )
    nodes = [
        helper.make_node("ReduceMax", ["x"], ["start"], keepdims=0),
        helper.make_node("Loop", ["turns", "yes", "start"], ["y"], body=body),
    ]
    return _network(nodes, {"turns": np.array(1 << 60), "yes": np.array(True)}, answer=())


def enormous() -> bytes:
    """Few bytes that ask for four tebibytes."""
    nodes = [
        helper.make_node("ConstantOfShape", ["size"], ["big"]),
        helper.make_node("ReduceSum", ["big"], ["sum"], keepdims=0),
        helper.make_node("Add", ["x", "sum"], ["y"]),
    ]
    return _network(nodes, {"size": np.array([1 << 40])}, answer=(1, 3, SIDE, SIDE))


def leading_out(place: str) -> bytes:
    """Weights that are to be read from another file."""
    model = onnx.load_model_from_string(detector())
    weight = model.graph.initializer[0]
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    for key, value in {"location": place, "offset": "0", "length": str(85 * 3 * 4)}.items():
        row = weight.external_data.add()
        row.key, row.value = key, value
    data: bytes = model.SerializeToString()
    return data


def _network(
    nodes: list[NodeProto],
    weights: dict[str, np.ndarray],
    answer: tuple[int, ...] = (1, 85, CELLS, CELLS),
) -> bytes:
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", FLOAT, [1, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("y", FLOAT, answer)],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    data: bytes = model.SerializeToString()
    return data
