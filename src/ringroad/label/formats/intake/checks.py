"""Checks what a reader found: numbers, points, areas, frames. Taking it in is intake's work."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ringroad.domain.annotation import AREAS, CUBOID, MASK, POINT, POLYGON, ROTATED_BOX, SHAPES
from ringroad.label.formats.drawn import Drawn
from ringroad.label.geometry import bounds_of, corners_of
from ringroad.label.masks import bounds_of as mask_bounds
from ringroad.label.masks import counts_of

OVERSHOOT_PX = 1.0
"""Boxes that pass the frame's edge by no more than this are clipped: tools round differently."""
_STRICT = frozenset(AREAS - {ROTATED_BOX})
"""Shapes whose bounding box may not leave the frame."""


class RowRefused(Exception):
    """One row of the file cannot be used."""

    def __init__(self, code: str, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.code, self.what, self.remedy = code, what, remedy


@dataclass(slots=True)
class Waiting:
    """Rows that are not a batch yet, column by column."""

    picture: list[int] = field(default_factory=list)
    category: list[str] = field(default_factory=list)
    box: list[tuple[float, float, float, float]] = field(default_factory=list)
    their: list[int | str | None] = field(default_factory=list)
    place: list[str] = field(default_factory=list)
    more: list[Drawn | None] = field(default_factory=list)


class Checked:
    """Which of some rows are numbers, have an area and lie in their frame; boxes clipped to it."""

    def __init__(self, rows: Waiting, stated: np.ndarray) -> None:
        self.refused: dict[int, tuple[str, str, str]] = {}
        self.box = box = np.array(rows.box, np.float64).reshape(-1, 4)
        size = stated[np.array(rows.picture, np.int64)]
        strict = np.array([item is None or item.shape in _STRICT for item in rows.more])
        flat = np.array([item is not None and item.shape not in AREAS for item in rows.more])
        unseen = np.array([item is not None and item.shape == CUBOID for item in rows.more])
        unseen &= (box[:, 2:] == 0).all(axis=1)
        with np.errstate(invalid="ignore", over="ignore"):
            over = np.maximum(-box[:, :2], box[:, :2] + box[:, 2:] - size)
            over = np.where(size > 0, over, -np.inf).max(axis=1)
            low = np.clip(box[:, :2], 0, None)
            high = np.where(
                size > 0, np.minimum(box[:, :2] + box[:, 2:], size), box[:, :2] + box[:, 2:]
            )
            none = (high <= low).any(axis=1) if len(box) else np.zeros(0, bool)
            beyond = (high < low).any(axis=1) if len(box) else np.zeros(0, bool)
        finite = np.isfinite(box).all(axis=1)
        hollow = finite & ~flat & (box[:, 2:] <= 0).any(axis=1)
        outside = finite & ~hollow & ~unseen & ((strict & (over > OVERSHOOT_PX)) | (~flat & none))
        outside |= finite & flat & ~unseen & beyond
        self._tell(np.flatnonzero(~finite), "not-a-number", "a coordinate is not a finite number")
        self._tell(np.flatnonzero(hollow), "empty-box", "has no area", "draw it again or remove it")
        for place in np.flatnonzero(outside).tolist():
            self._tell(
                [place],
                "outside-frame",
                f"leaves the frame of {size[place][0]:g} by {size[place][1]:g} pixels",
                "check that sizes and boxes belong to the same resolution",
            )
        clip = finite & ~unseen & (over > 0) | (finite & ~unseen & (box[:, :2] < 0).any(axis=1))
        box[clip] = np.concatenate([low, high - low], axis=1)[clip]

    @property
    def kept(self) -> list[int]:
        """Places of rows that nothing is wrong with."""
        return [place for place in range(len(self.box)) if place not in self.refused]

    def refuse(self, place: int, code: str, what: str, remedy: str = "") -> None:
        """Set a row aside, if it is not already."""
        self.refused.setdefault(place, (code, what, remedy))

    def _tell(self, places: Any, code: str, what: str, remedy: str = "") -> None:
        for place in np.asarray(places).tolist():
            x, y, w, h = (f"{value:g}" for value in self.box[place])
            self.refuse(place, code, f"box x {x}, y {y}, w {w}, h {h} {what}", remedy)


def complete(drawn: Drawn, size: tuple[float, float]) -> None:
    """Check the numbers of a shape and fill in its bounding box. Raises RowRefused."""
    _check_points(drawn)
    if drawn.shape == MASK:
        drawn.x, drawn.y, drawn.w, drawn.h = _mask_box(drawn.mask, size)
    elif drawn.shape == CUBOID:
        if min(drawn.points[3:6]) <= 0:
            raise RowRefused("empty-box", "the cuboid has no volume", "draw it again or remove it")
        if not any(drawn.points[6:]):
            raise RowRefused("no-turn", "its quaternion has no length")
    elif drawn.shape == ROTATED_BOX and min(drawn.points[2:4]) <= 0:
        raise RowRefused("empty-box", "the box has no area", "draw it again or remove it")
    elif not drawn.w and not drawn.h:
        corners = corners_of(drawn.points) if drawn.shape == ROTATED_BOX else drawn.points
        drawn.x, drawn.y, drawn.w, drawn.h = bounds_of(corners)


def _check_points(drawn: Drawn) -> None:
    count = len(drawn.points)
    if drawn.shape not in SHAPES:
        known = f"known: {', '.join(SHAPES)}"
        raise RowRefused("unknown-shape", f"{drawn.shape!r} is no shape", known)
    if not all(map(math.isfinite, drawn.points)):
        raise RowRefused("not-a-number", "a coordinate is not a finite number")
    exactly = _EXACTLY.get(drawn.shape)
    if exactly is not None and count != exactly:
        raise RowRefused("too-few-points", f"{count} numbers, not the {exactly} of a {drawn.shape}")
    if exactly is None and (count % 2 or count < (6 if drawn.shape == POLYGON else 4)):
        raise RowRefused("too-few-points", f"{count / 2:g} points make no {drawn.shape}")
    if drawn.parts and (min(drawn.parts) < 3 or 2 * sum(drawn.parts) != count):
        raise RowRefused("bad-outline", "the parts of the polygon are not all of it")


_EXACTLY = {ROTATED_BOX: 5, POINT: 2, MASK: 0, CUBOID: 10}


def _mask_box(text: str, size: tuple[float, float]) -> tuple[float, float, float, float]:
    try:
        counts = counts_of(text)
    except ValueError as error:
        raise RowRefused("bad-mask", str(error)) from error
    width, height = int(size[0]), int(size[1])
    if sum(counts) != width * height:
        raise RowRefused(
            "bad-mask",
            f"its runs cover {sum(counts):,} pixels, the picture has {width} by {height}",
            "export masks at the size of the picture",
        )
    x, y, w, h = mask_bounds(counts, height)
    return float(x), float(y), float(w), float(h)
