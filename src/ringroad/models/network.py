"""The reference network: one pass over a frame gives objects, light states and an embedding."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ringroad.models.config import NetworkConfig

RARE_LOGIT = -4.6
"""Bias of the heat map: a cell is an object's centre one time in a hundred, as in RetinaNet."""


class Unit(nn.Sequential):
    """Convolution, norm, activation."""

    def __init__(self, config: NetworkConfig, inner: int, outer: int, *, stride: int = 1) -> None:
        kernel = config.kernel_size
        bias = config.norm == "none"
        super().__init__(
            nn.Conv2d(inner, outer, kernel, stride, kernel // 2, bias=bias),
            _norm(config.norm, outer),
            _activation(config.activation),
        )


class Block(nn.Module):
    """Two units and a way around them."""

    def __init__(self, config: NetworkConfig, channels: int) -> None:
        super().__init__()
        self.first = Unit(config, channels, channels)
        self.second = Unit(config, channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, h, w) to the same."""
        changed: Tensor = self.second(self.first(x))
        return x + changed


class Network(nn.Module):
    """A small anchor-free detector.

    Objects are peaks of a heat map per category (Zhou et al., "Objects as points", 2019); each
    cell also tells the distances to the four sides of its box (Tian et al., "FCOS", 2019).
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        c = config.channels
        self.stem = nn.Sequential(Unit(config, 3, c, stride=2), Unit(config, c, 2 * c, stride=2))
        self.middle = nn.Sequential(
            Unit(config, 2 * c, 4 * c, stride=2),
            *(Block(config, 4 * c) for _ in range(config.blocks)),
        )
        self.coarse = nn.Sequential(
            Unit(config, 4 * c, 6 * c, stride=2),
            *(Block(config, 6 * c) for _ in range(config.blocks)),
        )
        self.down = nn.Conv2d(6 * c, 4 * c, 1)
        if config.stride == 4:
            self.finer = nn.Conv2d(4 * c, 2 * c, 1)
        out = 4 * c if config.stride == 8 else 2 * c
        self.neck = Unit(config, out, out)
        self.heat = nn.Conv2d(out, len(config.categories), 1)
        self.sides = nn.Conv2d(out, 4, 1)
        self.state = nn.Conv2d(out, len(config.light_states), 1)
        nn.init.constant_(_bias(self.heat), RARE_LOGIT)

    def forward(self, frames: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Run on whole frames.

        Args:
            frames: (n, height, width, 3) uint8 RGB.

        Returns:
            heat (n, categories, rows, columns) logits; sides (n, 4, rows, columns) distances
            from the cell's middle to left, top, right and bottom in cells; state
            (n, states, rows, columns) logits; embedding (n, d) of length 1.
        """
        x = frames.permute(0, 3, 1, 2).to(torch.float32) / 127.5 - 1.0
        fine = self.stem(x)
        middle = self.middle(fine)
        coarse = self.coarse(middle)
        whole = middle + nn.functional.interpolate(self.down(coarse), scale_factor=2.0)
        if self.config.stride == 4:
            whole = fine + nn.functional.interpolate(self.finer(whole), scale_factor=2.0)
        features = self.neck(whole)
        pooled = coarse.mean(dim=(2, 3))
        embedding = pooled / (pooled.square().sum(dim=1, keepdim=True) + 1e-6).sqrt()
        sides = nn.functional.softplus(self.sides(features))
        return self.heat(features), sides, self.state(features), embedding


def _bias(layer: nn.Conv2d) -> Tensor:
    if layer.bias is None:
        raise TypeError("the layer has no bias")
    return layer.bias


def _norm(name: str, channels: int) -> nn.Module:
    if name == "batch":
        return nn.BatchNorm2d(channels)
    return nn.GroupNorm(4, channels) if name == "group" else nn.Identity()


def _activation(name: str) -> nn.Module:
    made: dict[str, nn.Module] = {
        "relu": nn.ReLU(inplace=True),
        "silu": nn.SiLU(inplace=True),
        "leaky": nn.LeakyReLU(0.1, inplace=True),
    }
    return made[name]
