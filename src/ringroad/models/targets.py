"""Boxes to what the network should answer, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ringroad.models.config import NetworkConfig

IGNORE = -1
"""A light state that nobody told."""
REACH = 1
"""Cells around the centre's that also learn the box, where they lie inside it."""
CENTRE_SHARE = 0.12
"""Width of the heat bump, as a share of the box's side (one standard deviation)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Targets:
    """What a batch should answer.

    Attributes:
        heat: (n, categories, rows, columns) float32, 1 at a centre, falling off around it.
        sides: (n, 4, rows, columns) float32, cells from the middle of the cell to the box's
            left, top, right, bottom; meaningful where `inside`.
        inside: (n, rows, columns) bool, cells that learn a box.
        state: (n, rows, columns) int64, light state or IGNORE.
    """

    heat: np.ndarray
    sides: np.ndarray
    inside: np.ndarray
    state: np.ndarray


def targets(
    config: NetworkConfig,
    boxes: Sequence[np.ndarray],
    categories: Sequence[np.ndarray],
    states: Sequence[np.ndarray],
) -> Targets:
    """Draw the targets of n frames.

    Args:
        config: of the network.
        boxes: n arrays (m, 4) of x, y, w, h in pixels of the network's input.
        categories: n arrays (m,) of indices into the network's categories.
        states: n arrays (m,) of indices into its light states, or IGNORE.
    """
    rows, columns = config.grid
    count = len(boxes)
    drawn = Targets(
        heat=np.zeros((count, len(config.categories), rows, columns), np.float32),
        sides=np.zeros((count, 4, rows, columns), np.float32),
        inside=np.zeros((count, rows, columns), bool),
        state=np.full((count, rows, columns), IGNORE, np.int64),
    )
    for number in range(count):
        # Large boxes first, so that a small one in front keeps its own cells.
        order = np.argsort(-boxes[number][:, 2:].prod(axis=1), kind="stable")
        for place in order:
            _draw(
                drawn,
                number,
                boxes[number][place] / config.stride,
                int(categories[number][place]),
                int(states[number][place]),
            )
    return drawn


def _draw(drawn: Targets, number: int, box: np.ndarray, category: int, state: int) -> None:
    rows, columns = drawn.inside.shape[1:]
    x, y, w, h = (float(value) for value in box)
    middle_x, middle_y = x + w / 2, y + h / 2
    row, column = int(middle_y), int(middle_x)
    if not (0 <= row < rows and 0 <= column < columns):
        return
    _bump(drawn.heat[number, category], row, column, w, h)
    for r in range(max(0, row - REACH), min(rows, row + REACH + 1)):
        for c in range(max(0, column - REACH), min(columns, column + REACH + 1)):
            own = r == row and c == column
            if own or (x < c + 0.5 < x + w and y < r + 0.5 < y + h):
                sides = (c + 0.5 - x, r + 0.5 - y, x + w - c - 0.5, y + h - r - 0.5)
                drawn.sides[number, :, r, c] = np.maximum(sides, 0.01)
                drawn.inside[number, r, c] = True
                drawn.state[number, r, c] = state


def _bump(heat: np.ndarray, row: int, column: int, w: float, h: float) -> None:
    """Raise a Gaussian of the box's shape, 1 at its cell; the higher of two bumps stays."""
    spread_y, spread_x = max(CENTRE_SHARE * h, 0.35), max(CENTRE_SHARE * w, 0.35)
    reach_y, reach_x = int(3 * spread_y) + 1, int(3 * spread_x) + 1
    top, bottom = max(0, row - reach_y), min(heat.shape[0], row + reach_y + 1)
    left, right = max(0, column - reach_x), min(heat.shape[1], column + reach_x + 1)
    dy = (np.arange(top, bottom) - row) / spread_y
    dx = (np.arange(left, right) - column) / spread_x
    bump = np.exp(-0.5 * (dy[:, None] ** 2 + dx[None, :] ** 2)).astype(np.float32)
    np.maximum(heat[top:bottom, left:right], bump, out=heat[top:bottom, left:right])
