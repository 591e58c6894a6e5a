"""Plans: built, described, and refused before an engine sees them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, numpy_helper

from ringroad.backends.runtime_onnx import OnnxRuntime, OnnxSession
from ringroad.deploy.parity import compare_outputs, require_parity
from ringroad.deploy.plan import build_plan, manifest_bytes, open_plan, read_manifest
from ringroad.domain.errors import InputError, PlanRefused, RingroadError
from ringroad.domain.ids import ArtifactId, digest_of
from ringroad.domain.plan import PlanManifest

MODEL = ArtifactId("model:" + "a" * 64)
Network = Callable[..., bytes]


class Watched(OnnxRuntime):
    """The engine, and what it was handed."""

    def __init__(self) -> None:
        self.seen: list[bytes | Path] = []

    def load(self, plan: bytes | Path, *, threads: int, optimise: bool = False) -> OnnxSession:
        self.seen.append(plan)
        return super().load(plan, threads=threads, optimise=optimise)


@pytest.fixture(scope="module")
def built(network: Network) -> tuple[bytes, PlanManifest]:
    return build_plan(OnnxRuntime(), network(), model=MODEL)


def test_the_plan_computes_what_the_network_computes(
    network: Network, built: tuple[bytes, PlanManifest], feeds: dict[str, np.ndarray]
) -> None:
    runtime = OnnxRuntime()
    reference = runtime.load(network(), threads=1).run(feeds)
    rows = compare_outputs(reference, open_plan(runtime, *built).run(feeds))
    require_parity(rows, built[1].parity, plan=built[1].plan)
    assert [row.output for row in rows] == ["y"]


def test_the_manifest_says_what_was_built(
    network: Network, built: tuple[bytes, PlanManifest]
) -> None:
    plan, manifest = built
    assert manifest.plan == digest_of(plan)
    assert manifest.onnx == digest_of(network())
    assert manifest.inputs[0].shape == (1, 3, 16, 24)
    assert (manifest.precision, manifest.batch, manifest.threads) == ("fp32", 1, 1)


def test_two_builds_are_equal_whatever_folder_the_network_came_from(
    network: Network, built: tuple[bytes, PlanManifest]
) -> None:
    elsewhere = network(doc="/home/somebody/train.py, line 3", prefix="/home/somebody/net.py:")
    plan, manifest = build_plan(OnnxRuntime(), elsewhere, model=MODEL)
    again, _ = build_plan(OnnxRuntime(), elsewhere, model=MODEL)
    assert plan == again
    assert b"somebody" not in plan
    assert build_plan(OnnxRuntime(), network(), model=MODEL) == built
    assert manifest.onnx != built[1].onnx


@settings(max_examples=60, deadline=None)
@given(position=st.integers(0, 10**9), bit=st.integers(0, 7))
def test_one_flipped_bit_is_refused_before_loading(
    built: tuple[bytes, PlanManifest], position: int, bit: int
) -> None:
    damaged = bytearray(built[0])
    damaged[position % len(damaged)] ^= 1 << bit
    runtime = Watched()
    with pytest.raises(PlanRefused, match="ringroad plans build model:a"):
        open_plan(runtime, bytes(damaged), built[1])
    assert not runtime.seen


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("platform", "linux-riscv64-baseline", "platform linux-riscv64"),
        ("runtime", "openvino", "runtime openvino"),
        ("runtime_version", "0.1", r"runtime version 0\.1, this is"),
    ],
)
def test_a_plan_for_another_place_is_refused_by_name(
    built: tuple[bytes, PlanManifest], field: str, value: str, says: str
) -> None:
    runtime = Watched()
    with pytest.raises(PlanRefused, match=says):
        open_plan(runtime, built[0], replace(built[1], **{field: value}))
    assert not runtime.seen
    open_plan(runtime, *built)
    assert runtime.seen == [built[0]]


def test_a_manifest_survives_its_bytes(built: tuple[bytes, PlanManifest]) -> None:
    data = manifest_bytes(built[1])
    assert read_manifest(data) == built[1]
    assert manifest_bytes(read_manifest(data)) == data


@pytest.mark.parametrize("harm", ["drop", "add", "type", "nest", "cut", "list"])
def test_a_damaged_manifest_is_refused(built: tuple[bytes, PlanManifest], harm: str) -> None:
    fields = json.loads(manifest_bytes(built[1]))
    if harm == "drop":
        del fields["platform"]
    elif harm == "add":
        fields["latency_ms"] = "3"
    elif harm == "type":
        fields["plan"] = 3
    elif harm == "nest":
        fields["inputs"] = [{"shape": [1]}]
    data = {"cut": manifest_bytes(built[1])[:-9], "list": b"[]"}.get(harm)
    with pytest.raises(PlanRefused, match="manifest cannot be read"):
        read_manifest(data or json.dumps(fields).encode())


def test_what_is_no_network_is_refused() -> None:
    for garbage in (b"", b"not a network at all", b"\x08\x07"):
        with pytest.raises(InputError):
            build_plan(OnnxRuntime(), garbage, model=MODEL)


def test_another_batch_is_refused_and_a_free_one_taken(network: Network) -> None:
    with pytest.raises(InputError, match="takes 1 frames at a time, not 4"):
        build_plan(OnnxRuntime(), network(), model=MODEL, batch=4)
    _, manifest = build_plan(OnnxRuntime(), network(batch="n"), model=MODEL, batch=4)
    assert manifest.inputs[0].shape == ("n", 3, 16, 24)


def test_other_precisions_are_not_called_fp32(network: Network) -> None:
    model = onnx.load_model_from_string(network())
    weight = model.graph.initializer[0]
    half = numpy_helper.to_array(weight).astype(np.float16)
    weight.CopyFrom(numpy_helper.from_array(half, weight.name))
    with pytest.raises(InputError, match="FLOAT16, plans are fp32"):
        build_plan(OnnxRuntime(), model.SerializeToString(), model=MODEL)


def test_weights_outside_the_file_are_refused(network: Network) -> None:
    model = onnx.load_model_from_string(network())
    model.graph.initializer[0].data_location = TensorProto.EXTERNAL
    with pytest.raises(RingroadError, match="lie in other files"):
        build_plan(OnnxRuntime(), model.SerializeToString(), model=MODEL)
