"""Weights from outside, taken in: checked, loaded and run once. Runs inside a sandbox.

Networks from outside come in as ONNX through deploy/admit.py.
"""

from __future__ import annotations

from typing import Any

import torch

from ringroad.domain.errors import InputError, InvalidConfig
from ringroad.models.checkpoint import from_bytes, to_bytes
from ringroad.models.network import Network
from ringroad.models.safetensors_header import check_header


def admit_weights(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Check a safetensors file, run the network that it holds once, and write it afresh.

    Call it through a sandbox. That way a file that makes the parser or the network crash, hang
    or take all memory costs a worker; what its metadata claims beside the configuration is
    dropped; and a network that does not run on a black frame is not taken in.

    It is no proof of good will. A network may be slow on other frames or answer nonsense on
    purpose, and who takes over the worker itself can hand out other bytes than it was given:
    the caller checks the header of what comes back, which needs no trust.

    Returns:
        What `check_header` tells of the file, and the same weights without anything else.

    Raises:
        InputError: the file is damaged, or holds no weights of a reference network.
    """
    told = check_header(data)
    try:
        network = from_bytes(data)
    except InvalidConfig as error:
        raise InputError(
            f"its configuration breaks a rule: {error.what}",
            remedy="networks of other kinds come in as ONNX",
        ) from error
    _run_once(network)
    return told, to_bytes(network)


def _run_once(network: Network) -> None:
    config = network.config
    black = torch.zeros((1, config.height, config.width, 3), dtype=torch.uint8)
    with torch.inference_mode():
        answers = network(black)
    if not all(bool(torch.isfinite(answer).all()) for answer in answers):
        raise InputError(
            "its answers to a black frame are not finite", remedy="train it again from sound data"
        )
