"""The state of a training between two epochs, on disk: tensors as safetensors, the rest as JSON."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from ringroad.models.network import Network

FILE = "progress.safetensors"
KEY = "ringroad.progress"


@dataclass(slots=True, kw_only=True, eq=False)
class Progress:
    """All that the next epoch depends on, besides configuration, data and seed."""

    model: Network
    average: Network
    optimiser: torch.optim.AdamW
    epoch: int = 0
    """Epochs done."""
    curve: list[dict[str, float]] = field(default_factory=list)


def save_progress(folder: Path, state: Progress) -> None:
    """Write the state, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors: dict[str, torch.Tensor] = {}
    for name, network in (("model", state.model), ("average", state.average)):
        tensors |= {f"{name}.{key}": value for key, value in network.state_dict().items()}
    for number, values in state.optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{number}.{key}": value for key, value in values.items()}
    told = json.dumps({"epoch": state.epoch, "curve": state.curve})
    data = save({name: value.contiguous() for name, value in tensors.items()}, {KEY: told})
    temporary = folder / f".{FILE}.{os.getpid()}"
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / FILE)


def load_progress(folder: Path, state: Progress) -> None:
    """Take up the state that lies in the folder; nothing happens where there is none, or half."""
    path = folder / FILE
    if not path.is_file():
        return
    data = path.read_bytes()
    try:
        tensors = load(data)
    except SafetensorError:
        return
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    told = json.loads(header["__metadata__"][KEY])
    state.model.load_state_dict(_part(tensors, "model."))
    state.average.load_state_dict(_part(tensors, "average."))
    kept = state.optimiser.state_dict()
    moments: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in _part(tensors, "optimiser.").items():
        number, _, key = name.partition(".")
        moments.setdefault(int(number), {})[key] = value
    state.optimiser.load_state_dict({**kept, "state": moments})
    state.epoch = told["epoch"]
    state.curve = told["curve"]


def _part(tensors: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {
        name.removeprefix(prefix): value
        for name, value in tensors.items()
        if name.startswith(prefix)
    }
