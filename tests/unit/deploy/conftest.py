"""A small real network, and input that fits it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper


def _network(
    *, doc: str = "", prefix: str = "", batch: int | str = 1, weights_as_inputs: bool = False
) -> bytes:
    """Two convolutions with a branch and a ReLU between; seeded weights, one input, one output."""
    rng = np.random.Generator(np.random.PCG64(3))
    shapes = {"w1": (16, 3, 3, 3), "w2": (16, 16, 3, 3), "w3": (4, 16, 1, 1)}
    weights = [
        numpy_helper.from_array((rng.standard_normal(s) / 8).astype(np.float32), prefix + name)
        for name, s in shapes.items()
    ]
    inner = [prefix + name for name in ("a", "b", "c", "d")]
    pads = {"pads": [1, 1, 1, 1]}
    nodes = [
        helper.make_node("Conv", ["x", prefix + "w1"], [inner[0]], name=prefix + "n0", **pads),
        helper.make_node("Relu", [inner[0]], [inner[1]], name=prefix + "n1", doc_string=doc),
        helper.make_node("Conv", [inner[1], prefix + "w2"], [inner[2]], name="n2", **pads),
        helper.make_node("Add", [inner[1], inner[2]], [inner[3]], name="n3"),
        helper.make_node("Conv", [inner[3], prefix + "w3"], ["y"], name="n4"),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, 3, 16, 24])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [batch, 4, 16, 24])
    inputs = [x]
    if weights_as_inputs:
        inputs += [helper.make_tensor_value_info(w.name, w.data_type, w.dims) for w in weights]
    graph = helper.make_graph(nodes, prefix + "g", inputs, [y], weights, doc_string=doc)
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
        producer_name=doc or "test",
        doc_string=doc,
    )
    if doc:
        helper.set_model_props(model, {"trace": doc})
        node = model.graph.node[0].metadata_props.add()
        node.key, node.value = "stack", doc
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString()
    return data


@pytest.fixture(scope="session")
def network() -> Callable[..., bytes]:
    return _network


@pytest.fixture(scope="session")
def feeds() -> dict[str, np.ndarray]:
    rng = np.random.Generator(np.random.PCG64(0))
    return {"x": rng.standard_normal((1, 3, 16, 24)).astype(np.float32)}
