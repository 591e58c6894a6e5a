"""Makes pictures a little different each time they are shown, and their marks with them.

What is done to a frame is drawn from the seed, the epoch and the frame's row alone, so that it is
the same whichever thread does it and whenever.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np

from ringroad.datasets.loader.marks import Marks
from ringroad.domain.errors import InvalidConfig
from ringroad.media.pictures.planar import (
    clipped_boxes,
    clipped_lines,
    inverted,
    joined,
    moved_boxes,
    moved_points,
)

LUMA = np.array([0.299, 0.587, 0.114])
"""Weights of red, green and blue in brightness (ITU-R BT.601)."""
GREY = 128.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Augment:
    """How much. 0 turns a part off; all are drawn evenly from what they allow."""

    flip: float = 0.5
    """Chance to mirror left and right."""
    flip_down: float = 0.0
    """Chance to mirror up and down."""
    crop: float = 0.2
    """Largest share of width and height that is cut away; the rest is enlarged to the frame."""
    shift: float = 0.05
    """Largest translation, as a share of width and height."""
    shear: float = 0.05
    """Largest angle by which uprights lean, in radians."""
    light: float = 0.2
    """Largest change of brightness, as a share."""
    contrast: float = 0.2
    """Largest change of the distance from grey, as a share."""
    saturation: float = 0.3
    """Largest change of the distance from colourless, as a share."""
    tint: float = 0.05
    """Largest change of each of red, green and blue, as a share."""
    least_visible: float = 0.3
    """Boxes of which a smaller share is still inside are dropped; the rest are clipped."""
    fill: int = 114
    """Level of what lies outside of the recorded picture."""

    def __post_init__(self) -> None:
        """Check the ranges."""
        for item in fields(self):
            value = getattr(self, item.name)
            most = 255 if item.name == "fill" else 1.0
            if not 0 <= value <= most:
                raise InvalidConfig(f"{item.name} is {value}", remedy=f"from 0 to {most}")
        if self.crop > 0.9 or self.shear > 1.0:
            raise InvalidConfig(
                f"crop {self.crop}, shear {self.shear}", remedy="at most 0.9, and 1.0 radians"
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Change:
    """What is done to one frame.

    Attributes:
        matrix: (2, 3): where points of the picture go.
        colour: (3, 4): how much of R, G, B makes each new channel, and what is added, in levels.
    """

    matrix: np.ndarray
    colour: np.ndarray

    @property
    def inverse(self) -> np.ndarray:
        """(2, 3): where points of the new picture come from."""
        return inverted(self.matrix)


def draw(config: Augment, size: tuple[int, int], *, seed: int, epoch: int, row: int) -> Change:
    """What is done to a frame in an epoch.

    Args:
        config: how much at most.
        size: width and height of the picture.
        seed: of the loader.
        epoch: from 0 on.
        row: of the frame in its pack.
    """
    drawn = np.random.Generator(np.random.PCG64([seed, epoch, row])).random(14)
    even = 2 * drawn - 1
    return Change(
        matrix=_matrix(config, size, drawn, even), colour=_colour(config, even[[8, 9, 10]], even)
    )


def changed_marks(
    marks: Marks, change: Change, size: tuple[int, int], *, least_visible: float
) -> Marks:
    """The marks of the new picture: clipped to it, boxes dropped that are mostly outside."""
    boxes, share = clipped_boxes(moved_boxes(marks.boxes, change.matrix), *size)
    kept = np.flatnonzero((share >= least_visible) & (share > 0))
    moved = [moved_points(line, change.matrix) for line in marks.lines]
    pieces = clipped_lines(moved, *size) if moved else []
    return Marks(
        boxes=boxes[kept].astype(np.float32),
        categories=marks.categories[kept],
        states=None if marks.states is None else marks.states[kept],
        lines=[piece.astype(np.float32) for _, piece in pieces],
        line_categories=[marks.line_categories[number] for number, _ in pieces],
    )


def _matrix(
    config: Augment, size: tuple[int, int], drawn: np.ndarray, even: np.ndarray
) -> np.ndarray:
    """Crop, lean about the middle, shift, mirror."""
    width, height = size
    cut = config.crop * drawn[0]
    zoom = 1 / (1 - cut)
    found = np.array(
        [[zoom, 0, -zoom * drawn[1] * cut * width], [0, zoom, -zoom * drawn[2] * cut * height]]
    )
    lean = math.tan(config.shear * even[3])
    found = joined(found, np.array([[1, lean, -lean * height / 2], [0, 1, 0]]))
    found[:, 2] += [config.shift * even[4] * width, config.shift * even[5] * height]
    if drawn[6] < config.flip:
        found = joined(found, np.array([[-1.0, 0, width], [0, 1, 0]]))
    if drawn[7] < config.flip_down:
        found = joined(found, np.array([[1.0, 0, 0], [0, -1, height]]))
    return found


def _colour(config: Augment, main: np.ndarray, even: np.ndarray) -> np.ndarray:
    """Saturation, tint and light, then contrast about grey."""
    saturation = 1 + config.saturation * main[0]
    gain = 1 + config.contrast * main[1]
    bright = (1 + config.light * main[2]) * (1 + config.tint * even[11:14])
    mixed = saturation * np.eye(3) + (1 - saturation) * LUMA
    mixed = gain * bright[:, None] * mixed
    return np.concatenate([mixed, np.full((3, 1), GREY * (1 - gain))], axis=1)
