"""What the reference network looks like. A network is its configuration and its weights."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ringroad.domain.annotation import CATEGORIES, LIGHT_STATES
from ringroad.domain.config import build

NORMS = ("batch", "group", "none")
ACTIVATIONS = ("relu", "silu", "leaky")


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConfig:
    """Shape of the reference network."""

    width: int = 320
    """Pixels of the frames it takes; a multiple of 16."""
    height: int = 192
    channels: int = 16
    """Channels of the first layer; later ones have 2, 4 and 6 times as many."""
    blocks: int = 1
    """Residual blocks at each of the two coarser levels."""
    stride: int = 8
    """Pixels per cell of the output, 4 or 8."""
    kernel_size: int = 3
    norm: str = "batch"
    activation: str = "relu"
    categories: tuple[str, ...] = CATEGORIES
    light_states: tuple[str, ...] = LIGHT_STATES

    def __post_init__(self) -> None:
        """Check what would fail far from here."""
        if self.width % 16 or self.height % 16 or min(self.width, self.height) < 32:
            raise ValueError(f"{self.width}x{self.height} pixels: multiples of 16, 32 or more")
        if self.stride not in {4, 8}:
            raise ValueError(f"stride is 4 or 8, not {self.stride}")
        if self.kernel_size not in {3, 5}:
            raise ValueError(f"kernel_size is 3 or 5, not {self.kernel_size}")
        if self.norm not in NORMS:
            raise ValueError(f"norm is one of {', '.join(NORMS)}, not {self.norm!r}")
        if self.activation not in ACTIVATIONS:
            raise ValueError(
                f"activation is one of {', '.join(ACTIVATIONS)}, not {self.activation!r}"
            )
        if self.channels < 4 or self.channels % 4 or self.blocks < 0:
            raise ValueError("channels is a multiple of 4, blocks is 0 or more")
        if not self.categories:
            raise ValueError("a network has at least one category")

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of the output."""
        return self.height // self.stride, self.width // self.stride

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {key: list(v) if isinstance(v, tuple) else v for key, v in asdict(self).items()}


def read_config(values: dict[str, Any], *, subject: str = "network") -> NetworkConfig:
    """Read what `to_json` wrote. Raises InvalidConfig for unknown keys and broken rules."""
    return build(NetworkConfig, values, subject=subject)
