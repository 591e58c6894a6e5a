"""Networks from outside: the rules of the file, and one black frame through their predictor."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from ringroad.backends.runtime_onnx import OnnxRuntime
from ringroad.deploy.admit import admit_network
from ringroad.deploy.onnx_check import check_network
from ringroad.deploy.onnx_strip import strip
from ringroad.domain.errors import InputError

Network = Callable[..., bytes]
FLOAT = TensorProto.FLOAT


def edited(network: bytes, edit: Callable[[onnx.ModelProto], object]) -> bytes:
    model = onnx.load_model_from_string(network)
    edit(model)
    data: bytes = model.SerializeToString()
    return data


def outside(tensor: TensorProto, place: str = "/etc/passwd") -> TensorProto:
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    row = tensor.external_data.add()
    row.key, row.value = "location", place
    return tensor


def constant(model: onnx.ModelProto) -> None:
    node = helper.make_node(
        "Constant", [], ["c"], value=outside(numpy_helper.from_array(np.ones(2)))
    )
    model.graph.node.insert(0, node)


def within_a_branch(model: onnx.ModelProto) -> None:
    value = outside(numpy_helper.from_array(np.ones(2), "hidden"))
    graph = helper.make_graph(
        [helper.make_node("Identity", ["hidden"], ["v"])],
        "branch", [], [helper.make_tensor_value_info("v", FLOAT, [2])], [value],
    )  # fmt: skip
    node = helper.make_node("If", ["yes"], ["z"], then_branch=graph, else_branch=graph)
    model.graph.node.append(node)


def within_a_function(model: onnx.ModelProto) -> None:
    value = outside(numpy_helper.from_array(np.ones(2)))
    body = [helper.make_node("Constant", [], ["v"], value=value)]
    made = helper.make_function("own", "F", [], ["v"], body, [helper.make_opsetid("", 17)])
    model.functions.append(made)


@pytest.mark.parametrize(
    "hide",
    [
        lambda model: outside(model.graph.initializer[0]),
        lambda model: outside(model.graph.initializer[0], "../../secret"),
        constant,
        within_a_branch,
        within_a_function,
    ],
)
def test_weights_in_other_files_are_refused_wherever_they_hide(
    network: Network, hide: Callable[[onnx.ModelProto], object]
) -> None:
    with pytest.raises(InputError, match="weights lie in other files") as raised:
        check_network(edited(network(), hide))
    assert "one file" in raised.value.remedy


def set_opset(version: int) -> Callable[[onnx.ModelProto], object]:
    def edit(model: onnx.ModelProto) -> None:
        model.opset_import[0].version = version

    return edit


def first_side(model: onnx.ModelProto, size: int) -> None:
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = size


def cache_of_an_engine(model: onnx.ModelProto) -> None:
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    model.graph.node.append(
        helper.make_node("EPContext", ["x"], ["e"], domain="com.microsoft", ep_cache_context="/x")
    )


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (set_opset(6), "uses operator set 6"),
        (set_opset(10_000), "uses operator set 10000"),
        (lambda model: model.ClearField("opset_import"), "uses operator set None"),
        (lambda model: model.graph.ClearField("input"), "not a valid ONNX network|no input"),
        (lambda model: model.graph.ClearField("output"), "no input or no output"),
        (lambda model: model.graph.ClearField("node"), "without a single node"),
        (lambda model: model.graph.input[0].type.tensor_type.ClearField("shape"), "shape"),
        (lambda model: first_side(model, 1 << 40), "is of shape"),
        (lambda model: first_side(model, -4), "is of shape"),
        (lambda model: model.graph.node[0].input.append("nowhere"), "not a valid ONNX network"),
        (cache_of_an_engine, "from another file"),
    ],
)
def test_each_rule_of_a_graph_has_its_words(
    network: Network, edit: Callable[[onnx.ModelProto], object], said: str
) -> None:
    with pytest.raises(InputError, match=said) as raised:
        check_network(edited(network(), edit))
    assert raised.value.remedy


def test_a_name_that_would_write_on_the_terminal_is_refused(network: Network) -> None:
    def edit(model: onnx.ModelProto) -> None:
        model.graph.input[0].name = model.graph.node[0].input[0] = "\x1b[2Jx"

    with pytest.raises(InputError, match="cannot be shown"):
        check_network(edited(network(), edit))


def test_what_is_held_is_told_in_plain_values(network: Network) -> None:
    told = check_network(network(batch="n", weights_as_inputs=True))
    assert told["inputs"] == [{"name": "x", "type": "float", "shape": ["?", 3, 16, 24]}]
    assert told["outputs"] == [{"name": "y", "type": "float", "shape": ["?", 4, 16, 24]}]
    assert (told["nodes"], told["parameters"]) == (5, 16 * 27 + 16 * 144 + 4 * 16)
    assert told["opsets"] == {"": 17}
    assert json.loads(json.dumps(told)) == told


def test_training_graphs_are_stripped(network: Network) -> None:
    plain = strip(network())
    assert strip(edited(network(), lambda model: model.training_info.add())) == plain


@pytest.mark.parametrize("keep", [0, 1, 100, 0.5, 0.99])
def test_a_truncated_network_is_refused(network: Network, keep: float) -> None:
    data = network()
    cut = data[: int(keep if keep >= 1 else keep * len(data))]
    with pytest.raises(InputError):
        admit_network(OnnxRuntime(), cut, "fastestdet", {})


def test_a_network_of_another_predictor_is_refused(network: Network) -> None:
    with pytest.raises(InputError, match="did not run on x"):
        admit_network(OnnxRuntime(), network(), "fastestdet", {})


def test_good_networks_come_through_stripped(test_data: Path) -> None:
    for name, predictor in (("FastestDet", "fastestdet"), ("nanodet_m", "nanodet")):
        data = (test_data / "models" / f"{name}.onnx").read_bytes()
        told, plain = admit_network(OnnxRuntime(), data, predictor, {})
        assert plain == strip(data)
        assert [row["name"] for row in told["inputs"]] == ["input.1"]


def test_an_answer_that_the_predictor_cannot_read(test_data: Path) -> None:
    data = (test_data / "models" / "shufflenetv2_x0.5_embed288.onnx").read_bytes()

    def of_its_size(model: onnx.ModelProto) -> None:
        for place in (2, 3):
            model.graph.input[0].type.tensor_type.shape.dim[place].dim_value = 352

    with pytest.raises(InputError, match=r"cannot read it|did not run") as raised:
        admit_network(OnnxRuntime(), edited(data, of_its_size), "fastestdet", {})
    assert raised.value.remedy
