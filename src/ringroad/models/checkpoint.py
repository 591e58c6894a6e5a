"""Networks to bytes and back: safetensors with the configuration in their metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from ringroad.domain.canonical import canonical_json
from ringroad.domain.errors import InputError
from ringroad.models.config import NetworkConfig, read_config
from ringroad.models.network import Network

MEDIA = "application/vnd.safetensors"
KEY = "ringroad.network"


def to_bytes(network: Network) -> bytes:
    """Weights and configuration; equal weights give equal bytes."""
    state = {name: value.contiguous() for name, value in sorted(network.state_dict().items())}
    return save(state, metadata={KEY: canonical_json(network.config.to_json()).decode()})


def from_bytes(data: bytes) -> Network:
    """A network ready to run, in evaluation mode.

    Raises:
        InputError: the bytes are no safetensors file of a reference network.
    """
    config = config_of(data)
    network = Network(config)
    try:
        network.load_state_dict(_tensors(data))
    except RuntimeError as error:
        raise InputError(
            f"the weights do not fit the network: {error}", remedy="give the whole model file"
        ) from error
    return network.eval()


def config_of(data: bytes) -> NetworkConfig:
    """The configuration alone, read from the header. Raises InputError as `from_bytes`."""
    header = metadata_of(data)
    if KEY not in header:
        raise InputError(
            "no reference network: its metadata holds no configuration",
            remedy="networks from elsewhere come in as ONNX",
        )
    return read_config(json.loads(header[KEY]), subject="model")


def metadata_of(data: bytes) -> Mapping[str, str]:
    """The text metadata of a safetensors file, without touching its tensors."""
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or size > len(data) - 8:
        raise InputError("not a safetensors file", remedy="give the whole model file")
    try:
        header = json.loads(data[8 : 8 + size])
    except ValueError as error:
        raise InputError("not a safetensors file", remedy="give the whole model file") from error
    found: Mapping[str, str] = header.get("__metadata__", {})
    return found


def _tensors(data: bytes) -> dict[str, torch.Tensor]:
    try:
        return load(data)
    except SafetensorError as error:
        raise InputError(
            f"not a safetensors file: {error}", remedy="give the whole model file"
        ) from error
