"""Model files from strangers: looked at inside the sandbox, registered whole or not at all."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner, Result

from ringroad.app import Settings, create_workspace, join, open_parts
from ringroad.cli.main import ringroad
from ringroad.domain.errors import InputError
from ringroad.models.checkpoint import to_bytes
from ringroad.models.config import NetworkConfig
from ringroad.models.network import Network
from ringroad.pipelines.evaluate.registry import import_model
from ringroad.pipelines.train.named_models import model_of
from ringroad.pipelines.workspace import Workspace
from ringroad.protocols.sandbox import Sandbox
from ringroad.workflow.bench import SilentTracker

sys.path.insert(0, str(Path(__file__).parent))

from fatal_engine import FatalEngine
from outside_networks import detector, endless, enormous, leading_out

Open = Callable[..., Workspace]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    workspaces: list[Workspace] = []

    def at_hand(*, timeout_s: float = 60.0, sandbox: Sandbox | None = None) -> Workspace:
        folder = tmp_path / "workspace"
        create_workspace(folder)
        parts = open_parts(Settings(folder=folder, sandbox_timeout_s=timeout_s))
        if sandbox is not None:
            parts = replace(parts, sandbox=sandbox)
        workspaces.append(
            join(
                folder,
                parts,
                tracker=SilentTracker(),
                listener=lambda _: None,
                say=lambda _: None,
            )
        )
        return workspaces[-1]

    yield at_hand
    for workspace in workspaces:
        workspace.close()


def weights() -> bytes:
    torch.manual_seed(1)
    return to_bytes(Network(NetworkConfig(width=64, height=48, channels=8)).eval())


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :]


def refuses(workspace: Workspace, path: Path, data: bytes, said: str) -> None:
    """One error that names the file and what to do; nothing of it in the catalog."""
    path.write_bytes(data)
    with pytest.raises(InputError, match=said) as raised:
        import_model(workspace, path, predictor="fastestdet", config={})
    assert raised.value.subject == str(path)
    assert raised.value.remedy
    assert workspace.catalog.artifacts() == []
    assert workspace.catalog.names() == {}


def test_damaged_and_hostile_files_are_refused(opened: Open, tmp_path: Path) -> None:
    workspace = opened()
    onnx, tensors = tmp_path / "net.onnx", tmp_path / "net.safetensors"
    good, sound = detector(), weights()
    refuses(workspace, onnx, good[: len(good) // 2], "not an ONNX network")
    refuses(workspace, onnx, flipped(good, 0), "not a|without|operator set")
    refuses(workspace, onnx, leading_out("/etc/passwd"), "lie in other files")
    refuses(workspace, onnx, enormous(), "did not run|memory")
    refuses(workspace, onnx, b"", "without a single node")
    refuses(workspace, tensors, sound[:-1], "lies at")
    refuses(workspace, tensors, sound[:100], "its header claims")
    refuses(workspace, tensors, (2**60).to_bytes(8, "little") + sound[8:], "claims 115292150460684")
    refuses(workspace, tensors, flipped(sound, sound.index(b'"dtype"') + 2), "not described by")
    refuses(workspace, tensors, good, "not a sound safetensors file")
    onnx.write_bytes(good)
    import_model(workspace, onnx, predictor="fastestdet", config={})
    assert [item.kind for item in workspace.catalog.artifacts("onnx")] == ["onnx"]


def test_a_network_that_never_answers(opened: Open, tmp_path: Path) -> None:
    workspace = opened(timeout_s=5.0)
    refuses(workspace, tmp_path / "net.onnx", endless(), "took longer than 5 s")


def test_a_network_on_which_the_engine_crashes(opened: Open, tmp_path: Path) -> None:
    workspace = opened(sandbox=FatalEngine(detector()))
    path = tmp_path / "net.onnx"
    refuses(workspace, path, detector(), "SIGSEGV while it was looked at inside the sandbox")
    healthy = opened()
    assert import_model(healthy, path, predictor="fastestdet", config={}).kind == "onnx"


def test_a_file_beyond_the_limit_is_not_even_read(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.touch()
    os.truncate(path, 300 << 20)
    with pytest.raises(InputError, match="has 315 MB") as raised:
        import_model(opened(), path, predictor="fastestdet", config={})
    assert raised.value.subject == str(path)


def test_weights_become_what_they_were(opened: Open, tmp_path: Path) -> None:
    workspace = opened()
    path = tmp_path / "net.safetensors"
    path.write_bytes(weights())
    made = import_model(workspace, path, predictor="", config={})
    assert workspace.blobs.get(made.digest) == weights()
    assert model_of(workspace, made.id).config["width"] == 64


def invoke(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(ringroad, [*arguments, "--workspace", str(workspace)])


def test_the_terminal_says_which_file_and_what_to_do(tmp_path: Path) -> None:
    path, workspace = tmp_path / "net.onnx", tmp_path / "workspace"
    path.write_bytes(leading_out("/etc/passwd"))
    arguments = ("models", "import", str(path), "--name", "n", "--predictor", "fastestdet")
    result = invoke(workspace, *arguments)
    assert result.exit_code == 1
    assert f"error: {path}: weights lie in other files: 'w'" in result.output
    assert "what to do: save it as one file" in result.output
    assert "Traceback" not in result.output
    listed = json.loads(invoke(workspace, "models", "list", "--json").output)
    assert listed == {"models": []}


def test_plans_of_a_file_say_to_import_it_first(tmp_path: Path) -> None:
    path, workspace = tmp_path / "net.onnx", tmp_path / "workspace"
    path.write_bytes(detector())
    invoke(workspace, "init")
    result = invoke(workspace, "plans", "build", str(path))
    assert result.exit_code == 2
    assert "ringroad models import" in result.output


@pytest.mark.parametrize(
    ("name", "predictor"), [("FastestDet", "fastestdet"), ("nanodet_m", "nanodet")]
)
def test_good_networks_are_taken_in_and_told(
    test_data: Path, tmp_path: Path, name: str, predictor: str
) -> None:
    path, workspace = test_data / "models" / f"{name}.onnx", tmp_path / "workspace"
    arguments = ("models", "import", str(path), "--name", "n", "--predictor", predictor)
    assert invoke(workspace, *arguments).exit_code == 0
    shown = json.loads(invoke(workspace, "models", "show", "n", "--json").output)
    assert shown["predictor"] == predictor
    assert shown["file"]["inputs"][0]["name"] == "input.1"
    assert "input.1 float[1, 3, " in invoke(workspace, "models", "show", "n").output
