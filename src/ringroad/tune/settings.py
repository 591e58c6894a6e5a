"""What a training is asked to do by a trial: fixed values of a study, with searched ones put in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from ringroad.models.config import NetworkConfig

FIXED_ONLY = frozenset({"height", "threads"})
"""The height follows a searched width; threads make no better network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainSettings:
    """Parameters of training, of the network's shape, and of augmentation."""

    learning_rate: float = 3e-3
    batch: int = 8
    epochs: int = 20
    weight_decay: float = 1e-2
    width: int = 320
    """Pixels, a multiple of 16."""
    height: int = 0
    """Pixels; 0: in the recordings' shape."""
    channels: int = 16
    stride: int = 8
    blocks: int = 1
    kernel_size: int = 3
    norm: str = "batch"
    activation: str = "relu"
    flip: float = 0.5
    """Chance to mirror a frame."""
    zoom: float = 0.2
    """Largest enlargement, as a share."""
    light: float = 0.25
    """Largest change of brightness and contrast, as a share."""
    noise: float = 4.0
    """Largest standard deviation of added noise, in levels of 255."""
    threads: int = 1

    def __post_init__(self) -> None:
        """Check what would fail far from here."""
        if not 0 < self.learning_rate < 1:
            raise ValueError(f"learning_rate lies between 0 and 1, not {self.learning_rate}")
        for name in ("batch", "epochs", "threads"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is 1 or more, not {getattr(self, name)}")
        for name in ("weight_decay", "zoom", "noise"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name} is 0 or more, not {getattr(self, name)}")
        for name in ("flip", "light"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is a share from 0 to 1, not {getattr(self, name)}")
        self.network(height=self.height or 192, categories=("car",))

    def network(self, *, height: int, categories: tuple[str, ...]) -> NetworkConfig:
        """The network of these settings."""
        return NetworkConfig(
            width=self.width,
            height=height,
            channels=self.channels,
            blocks=self.blocks,
            stride=self.stride,
            kernel_size=self.kernel_size,
            norm=self.norm,
            activation=self.activation,
            categories=categories,
        )

    @property
    def augment(self) -> dict[str, float] | None:
        """How much frames are changed before they are shown; None where it is the usual."""
        usual = {name: getattr(self, name) == DEFAULTS[name] for name in AUGMENT}
        return None if all(usual.values()) else {name: getattr(self, name) for name in AUGMENT}

    def with_values(self, values: Mapping[str, Any]) -> TrainSettings:
        """These settings with searched values put in. Raises ValueError for one out of range."""
        return replace(self, **values)


AUGMENT = ("flip", "zoom", "light", "noise")
DEFAULTS: dict[str, Any] = {item.name: item.default for item in fields(TrainSettings)}
KINDS: dict[str, type] = {
    name: type(value) for name, value in DEFAULTS.items() if name not in FIXED_ONLY
}
"""Parameters that may be searched, and the type of each."""
