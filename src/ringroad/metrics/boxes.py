"""Boxes of many frames as flat columns: what every detection metric takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FlatBoxes:
    """Boxes of all frames and categories, one element per box in every column.

    Attributes:
        frames: (n,) int64, numbers from 0 of the caller's choice.
        categories: (n,) int64, numbers from 0 of the caller's choice.
        boxes: (n, 4) float64, top-left x, y, w, h in pixels.
        scores: (n,) float64; 1 for truth.
    """

    frames: np.ndarray
    categories: np.ndarray
    boxes: np.ndarray
    scores: np.ndarray

    def __post_init__(self) -> None:
        """Columns of one length."""
        lengths = {len(self.frames), len(self.categories), len(self.boxes), len(self.scores)}
        if len(lengths) != 1 or self.boxes.shape[1:] != (4,):
            raise ValueError(f"columns of different lengths, boxes {self.boxes.shape}")

    def __len__(self) -> int:
        return len(self.frames)

    def take(self, where: np.ndarray) -> FlatBoxes:
        """The boxes at a mask or at indices."""
        return FlatBoxes(
            frames=self.frames[where],
            categories=self.categories[where],
            boxes=self.boxes[where],
            scores=self.scores[where],
        )
