"""Stripping: nothing of the exporter's machine stays, nothing of the network goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx

from ringroad.backends.runtime_onnx import OnnxRuntime
from ringroad.deploy.onnx_strip import strip

Network = Callable[..., bytes]


def test_paths_vanish_and_folders_do_not_matter(network: Network) -> None:
    def exported(home: str) -> bytes:
        return strip(network(doc=f"{home}/train.py, line 7", prefix=f"{home}/net.py:"))

    first = exported("/home/ada/work")
    assert b"/home/" not in first
    assert b"train.py" not in first
    assert first == exported("/tmp/build-7/x")  # noqa: S108 (a text, no file)
    onnx.checker.check_model(onnx.load_model_from_string(first))


def test_stripping_twice_changes_nothing_more(network: Network) -> None:
    once = strip(network(doc="a", prefix="/home/a.py:"))
    assert strip(once) == once


def test_outputs_stay_bit_for_bit(network: Network, feeds: dict[str, np.ndarray]) -> None:
    noisy = network(doc="/home/a.py", prefix="/home/a.py:")
    runtime = OnnxRuntime()
    before = runtime.load(noisy, threads=1).run(feeds)
    after = runtime.load(strip(noisy), threads=1).run(feeds)
    assert before.keys() == after.keys()
    assert np.array_equal(before["y"], after["y"])


def test_names_that_are_no_paths_stay(network: Network) -> None:
    names = {
        t.name
        for t in onnx.load_model_from_string(strip(network(prefix="/neck/"))).graph.initializer
    }
    assert names == {"/neck/w1", "/neck/w2", "/neck/w3"}


def test_weights_listed_as_inputs_become_constants(network: Network) -> None:
    assert strip(network(weights_as_inputs=True)) == strip(network())


def test_real_networks_keep_their_doors(test_data: Path) -> None:
    for path in sorted((test_data / "models").glob("*.onnx")):
        session = OnnxRuntime().load(path, threads=1)
        plain = OnnxRuntime().load(strip(path.read_bytes()), threads=1)
        assert (plain.inputs, plain.outputs) == (session.inputs, session.outputs)
