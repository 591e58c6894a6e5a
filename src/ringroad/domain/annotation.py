"""Marks on frames and the categories they carry. By the million they travel as Arrow rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from ringroad.domain.ids import FrameId

CAR = "car"
PEDESTRIAN = "pedestrian"
CYCLIST = "cyclist"
SIGN = "sign"
LIGHT = "light"
CATEGORIES = (CAR, PEDESTRIAN, CYCLIST, SIGN, LIGHT)
"""The categories of the reference network, in the order of its outputs."""

LIGHT_STATES = ("unknown", "red", "amber", "green")
"""States of a traffic light, in the order of the network's outputs."""

HUMAN = "human"
MODEL = "model"
IMPORT = "import"
SIMULATED = "simulated"
CONSENSUS = "consensus"
SOURCES = (HUMAN, MODEL, IMPORT, SIMULATED, CONSENSUS)
"""Who made an annotation."""

BOX = "box"
ROTATED_BOX = "rotated-box"
POLYGON = "polygon"
POLYLINE = "polyline"
POINT = "point"
MASK = "mask"
CUBOID = "cuboid"
SHAPES = (BOX, ROTATED_BOX, POLYGON, POLYLINE, POINT, MASK, CUBOID)
"""What an annotation's geometry can be; `Annotation.points` says how each is written."""

AREAS = frozenset({BOX, ROTATED_BOX, POLYGON, MASK})
"""Shapes that cover pixels: their bounding boxes are boxes of things."""

PIXELS = ""
VEHICLE = "vehicle"
"""Coordinate systems of points: pixels of the frame as recorded; metres, x ahead, y left, z up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Top-left corner and size in pixels of the frame as recorded."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One mark on one frame."""

    frame: FrameId
    category: str
    box: Box
    """The bounding box of whatever shape; all zero for cuboids that no camera shows."""
    id: str = ""
    light_state: str = ""
    author: str = ""
    source: str = IMPORT
    shape: str = BOX
    points: tuple[float, ...] = ()
    """By shape, in `space`:

    box            none, the box says it
    rotated-box    x, y of the middle, w, h, angle in radians, clockwise as seen (y points down)
    polygon        x, y of each corner, part after part; the last joins the first
    polyline       x, y of each vertex, in order
    point          x, y
    mask           none, `mask` says it
    cuboid         x, y, z of the middle, length, width, height, quaternion w, x, y, z
    """
    parts: tuple[int, ...] = ()
    """Corners of each part of a polygon; empty where it has one part. Parts may be holes
    (even-odd rule)."""
    mask: str = ""
    """Run lengths of a mask over the whole frame, column by column, beginning with what is
    outside, as COCO's compressed text."""
    space: str = PIXELS
    """Coordinate system of `points`: `""` for pixels, `vehicle`, or the name of another."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    track: str = ""
    """The track of a recording that it belongs to; one physical thing."""
    key: bool = True
    """Somebody drew it; false where it was interpolated between key frames of its track."""
    guideline: str = ""
    """Version of the guideline it was made under."""

    def __post_init__(self) -> None:
        """Numbers are numbers, and the shape has the points it needs."""
        if self.shape not in SHAPES:
            raise ValueError(f"unknown shape {self.shape!r}; known: {', '.join(SHAPES)}")
        numbers = (self.box.x, self.box.y, self.box.w, self.box.h, *self.points)
        if not all(math.isfinite(number) for number in numbers):
            raise ValueError("a coordinate is not a number")
        _check_points(self.shape, self.points, self.parts)
        if (self.shape == MASK) != bool(self.mask):
            raise ValueError("a mask, and nothing else, has run lengths")


_EXACTLY = {BOX: 0, ROTATED_BOX: 5, POINT: 2, MASK: 0, CUBOID: 10}
_AT_LEAST = {POLYGON: 6, POLYLINE: 4}


def _check_points(shape: str, points: tuple[float, ...], parts: tuple[int, ...]) -> None:
    if shape in _EXACTLY:
        if len(points) != _EXACTLY[shape]:
            raise ValueError(f"a {shape} has {_EXACTLY[shape]} numbers, not {len(points)}")
    elif len(points) < _AT_LEAST[shape] or len(points) % 2:
        raise ValueError(f"a {shape} has x and y of {_AT_LEAST[shape] // 2} points or more")
    if parts and (shape != POLYGON or min(parts) < 3 or 2 * sum(parts) != len(points)):
        raise ValueError("the parts of a polygon have 3 corners or more, and are all of it")
