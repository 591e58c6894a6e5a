"""A scene is a list of oriented boxes. What they show is decided by their kind, in shade.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

PLAIN = 0
BODY = 1
CABIN = 2
BUILDING = 3
FOLIAGE = 4
GLOW = 5
SIGN = 6
CLOTH = 7

COLUMNS = 14
"""Of a primitive: centre x, y, z; half sizes; cosine and sine of the yaw; red, green, blue in
[0, 1], linear; kind; instance; emission."""

Colour = tuple[float, float, float]


@dataclass(slots=True)
class Scene:
    """Boxes being put together. Metres; x ahead along the road, y to the left, z up."""

    rows: list[tuple[float, ...]] = field(default_factory=list)

    def box(
        self,
        centre: tuple[float, float, float],
        size: tuple[float, float, float],
        colour: Colour,
        *,
        yaw: float = 0.0,
        kind: int = PLAIN,
        instance: int = 0,
        emission: float = 0.0,
    ) -> None:
        """Add a box of full `size`; `yaw` turns it to the left, in radians."""
        halves = (size[0] / 2, size[1] / 2, size[2] / 2)
        turn = (float(np.cos(yaw)), float(np.sin(yaw)))
        self.rows.append((*centre, *halves, *turn, *colour, float(kind), float(instance), emission))

    def array(self) -> np.ndarray:
        """(n, COLUMNS) float32."""
        return np.array(self.rows, np.float32).reshape(-1, COLUMNS)


def placed(
    origin: tuple[float, float], yaw: float, ahead: float, left: float
) -> tuple[float, float]:
    """A point given ahead and to the left of a pose, in the world."""
    c, s = float(np.cos(yaw)), float(np.sin(yaw))
    return origin[0] + c * ahead - s * left, origin[1] + s * ahead + c * left


def pick(rng: np.random.Generator, choices: Sequence[Colour]) -> Colour:
    """One of some colours."""
    return choices[int(rng.integers(len(choices)))]
