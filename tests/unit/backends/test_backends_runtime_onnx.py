"""The default engine: equal bytes, equal answers, and errors that say what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from ringroad.backends.runtime_onnx import OnnxRuntime, _flags, _sorted_by_need
from ringroad.domain.errors import InputError

BUILD = """
import sys
from pathlib import Path
from ringroad.backends.runtime_onnx import OnnxRuntime
Path(sys.argv[2]).write_bytes(OnnxRuntime().build(Path(sys.argv[1]).read_bytes(), threads=1))
"""


def _branches() -> bytes:
    """Eight convolutions side by side, so that the engine adds many nodes of its own."""
    rng = np.random.Generator(np.random.PCG64(1))
    nodes, weights = [], []
    for i in range(8):
        kernel = (rng.standard_normal((16, 16, 3, 3)) / 12).astype(np.float32)
        weights.append(numpy_helper.from_array(kernel, f"w{i}"))
        nodes.append(helper.make_node("Conv", ["x", f"w{i}"], [f"c{i}"], pads=[1, 1, 1, 1]))
        nodes.append(helper.make_node("Sigmoid", [f"c{i}"], [f"s{i}"]))
    nodes.append(helper.make_node("Sum", [f"s{i}" for i in range(8)], ["y"]))
    shape = ["n", 16, 12, 20]
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "xy")
    graph = helper.make_graph(nodes, "branches", [x], [y], weights)
    opsets = [helper.make_opsetid("", 17)]
    data: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()
    return data


def test_equal_bytes_from_other_processes_and_folders(tmp_path: Path) -> None:
    (tmp_path / "in.onnx").write_bytes(_branches())
    plans = {OnnxRuntime().build(_branches(), threads=1)}
    for name in ("here", "a rather longer folder/there"):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        command = [sys.executable, "-c", BUILD, str(tmp_path / "in.onnx"), str(folder / "plan")]
        subprocess.run(command, check=True, cwd=folder)
        plans.add((folder / "plan").read_bytes())
    assert len(plans) == 1


def test_equal_bytes_for_real_networks(test_data: Path) -> None:
    network = (test_data / "models/FastestDet.onnx").read_bytes()
    plans = {OnnxRuntime().build(network, threads=1) for _ in range(4)}
    assert len(plans) == 1
    onnx_names = [node.name for node in onnx.load_model_from_string(plans.pop()).graph.node]
    assert len(onnx_names) == len(set(onnx_names))


def test_a_plan_answers_as_the_optimised_network_does() -> None:
    runtime = OnnxRuntime()
    rng = np.random.Generator(np.random.PCG64(2))
    feeds = {"x": rng.standard_normal((2, 16, 12, 20)).astype(np.float32)}
    plan = runtime.load(runtime.build(_branches(), threads=1), threads=1)
    optimised = runtime.load(_branches(), threads=1, optimise=True)
    assert plan.inputs == {"x": ("n", 16, 12, 20)}
    assert plan.outputs == ("y",)
    assert np.array_equal(plan.run(feeds)["y"], optimised.run(feeds)["y"])
    assert np.array_equal(plan.run(feeds)["y"], plan.run(feeds)["y"])


def test_a_plan_loads_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "plan.onnx"
    path.write_bytes(OnnxRuntime().build(_branches(), threads=1))
    assert OnnxRuntime().load(path, threads=1).outputs == ("y",)


@pytest.mark.parametrize("network", [b"", b"no network", _branches()[:200]])
def test_what_the_engine_cannot_take_is_an_input_error(network: bytes) -> None:
    with pytest.raises(InputError, match=r"does not take this network.*onnx\.checker"):
        OnnxRuntime().load(network, threads=1)
    with pytest.raises(InputError):
        OnnxRuntime().build(network, threads=1)


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.onnx"):
        OnnxRuntime().load(tmp_path / "absent.onnx", threads=1)


@pytest.mark.parametrize(
    "feeds",
    [
        {},
        {"z": np.zeros((1, 16, 12, 20), np.float32)},
        {"x": np.zeros((1, 3, 12, 20), np.float32)},
        {"x": np.zeros((1, 16, 12, 20), np.float64)},
    ],
)
def test_feeds_that_do_not_fit_name_the_inputs(feeds: dict[str, np.ndarray]) -> None:
    with pytest.raises(InputError, match=r"its inputs are \{'x'"):
        OnnxRuntime().load(_branches(), threads=1).run(feeds)


def test_order_follows_need_then_name() -> None:
    nodes = [
        helper.make_node("Add", ["b", "a"], ["y"]),
        helper.make_node("Relu", ["x"], ["b"]),
        helper.make_node("Relu", ["x"], ["a"]),
    ]
    for order in (nodes, nodes[::-1]):
        assert [node.output[0] for node in _sorted_by_need(order)] == ["a", "b", "y"]


def test_platform_names_the_instruction_set() -> None:
    system, machine, capability = OnnxRuntime().platform().split("-")
    assert system == sys.platform
    assert machine
    assert capability in {"avx512", "avx2", "avx", "neon", "baseline"}
    listed = "processor\t: 0\nflags\t\t: fpu avx avx2 fma\n\nprocessor\t: 1\nflags\t\t: fpu\n"
    assert _flags(listed) == {"fpu", "avx", "avx2", "fma"}
    assert _flags("Features : asimd\n") == set()
