"""A small detector over features that were computed once, for when the backbone is frozen."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ringroad.models.network import RARE_LOGIT


class DenseHead(nn.Module):
    """Two 1 x 1 convolutions per cell: a heat map per category, and the sides of a box.

    What it answers is decoded as the reference network's answers are. Dropout before the last
    layer may stay on after training: each pass then answers as another network would.
    """

    def __init__(self, channels: int, categories: int, *, hidden: int, drop: float) -> None:
        super().__init__()
        self.mix = nn.Conv2d(channels, hidden, 1)
        self.drop = nn.Dropout(drop)
        self.heat = nn.Conv2d(hidden, categories, 1)
        self.sides = nn.Conv2d(hidden, 4, 1)
        for layer in (self.mix, self.heat, self.sides):
            nn.init.normal_(layer.weight, std=0.02 if layer is self.heat else 0.08)
        nn.init.zeros_(_bias(self.mix))
        nn.init.zeros_(_bias(self.sides))
        nn.init.constant_(_bias(self.heat), RARE_LOGIT)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """(n, channels, rows, columns) -> heat logits (n, categories, ...), sides (n, 4, ...)."""
        hidden = self.drop(torch.relu(self.mix(features)))
        return self.heat(hidden), nn.functional.softplus(self.sides(hidden))


def _bias(layer: nn.Conv2d) -> Tensor:
    if layer.bias is None:
        raise TypeError("the layer has no bias")
    return layer.bias
