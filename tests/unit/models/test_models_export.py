"""The exported network: equal bytes anywhere, equal answers, nothing said about this machine."""

import subprocess
import sys

import numpy as np
import torch

from ringroad.backends.runtime_onnx import OnnxRuntime
from ringroad.deploy.onnx_strip import strip
from ringroad.models.checkpoint import config_of, from_bytes, to_bytes
from ringroad.models.config import NetworkConfig
from ringroad.models.export import to_onnx
from ringroad.models.network import Network

CONFIG = NetworkConfig(width=64, height=32, channels=8)
PROGRAM = """
import hashlib, torch
from ringroad.deploy.onnx_strip import strip
from ringroad.models.config import NetworkConfig
from ringroad.models.export import to_onnx
from ringroad.models.network import Network
torch.manual_seed(0)
network = Network(NetworkConfig(width=64, height=32, channels=8))
print(hashlib.sha256(strip(to_onnx(network))).hexdigest())
"""


def network():
    torch.manual_seed(0)
    return Network(CONFIG)


def test_equal_bytes_in_other_processes_and_folders(tmp_path):
    digests = set()
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        run = subprocess.run(
            [sys.executable, "-c", PROGRAM], cwd=folder, capture_output=True, text=True, check=True
        )
        digests.add(run.stdout)
    assert len(digests) == 1


def test_no_path_of_this_machine_in_the_file():
    data = strip(to_onnx(network()))
    for text in (sys.prefix, "/home", ".py"):
        assert text.encode() not in data


def test_engine_and_torch_agree():
    model = network().eval()
    frames = np.random.default_rng(0).integers(0, 256, (3, 32, 64, 3), dtype=np.uint8)
    session = OnnxRuntime().load(strip(to_onnx(model)), threads=1, optimise=True)
    found = session.run({"frames": frames})
    with torch.no_grad():
        wanted = model(torch.from_numpy(frames))
    for name, values in zip(("heat", "sides", "state", "embedding"), wanted, strict=True):
        assert np.abs(found[name] - values.numpy()).max() < 1e-4
    assert np.allclose(np.linalg.norm(found["embedding"], axis=1), 1, atol=1e-3)


def test_checkpoint_round_trip():
    model = network()
    data = to_bytes(model)
    assert to_bytes(from_bytes(data)) == data
    assert config_of(data) == CONFIG
