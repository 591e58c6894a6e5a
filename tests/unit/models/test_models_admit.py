"""Weights from outside: what comes through, what does not."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import load, save

from ringroad.domain.errors import InputError
from ringroad.models.admit import admit_weights
from ringroad.models.checkpoint import KEY, metadata_of, to_bytes
from ringroad.models.config import NetworkConfig
from ringroad.models.network import Network


@pytest.fixture(scope="module")
def weights() -> bytes:
    torch.manual_seed(0)
    return to_bytes(Network(NetworkConfig(width=64, height=48, channels=8)).eval())


def rewritten(weights: bytes, *, more: dict[str, str] | None = None, **config: object) -> bytes:
    known = json.loads(metadata_of(weights)[KEY]) | config
    return save(load(weights), metadata={KEY: json.dumps(known), **(more or {})})


def test_our_own_weights_come_through_unchanged(weights: bytes) -> None:
    told, clean = admit_weights(weights)
    assert clean == weights
    assert told["parameters"] > 10_000


def test_other_metadata_is_dropped(weights: bytes) -> None:
    _, clean = admit_weights(rewritten(weights, more={"home": "/home/ada"}))
    assert clean == weights


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"channels": 12}, "do not fit the network"),
        ({"stride": 5}, "breaks a rule"),
        ({"depth": 5}, "breaks a rule"),
    ],
)
def test_a_configuration_that_is_not_theirs(
    weights: bytes, config: dict[str, object], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        admit_weights(rewritten(weights, **config))


def test_weights_that_answer_nothing_finite(weights: bytes) -> None:
    state = load(weights)
    state["heat.bias"][0] = torch.nan
    with pytest.raises(InputError, match="not finite"):
        admit_weights(save(state, metadata=dict(metadata_of(weights))))
