"""What is really there: boxes of what can be seen, lanes and the vehicle's path. A side channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ringroad.domain.ids import FrameId
from ringroad.media.annotation_rows import full
from ringroad.media.schemas import ANNOTATIONS
from ringroad.simulate.camera import Camera, Shot
from ringroad.simulate.town import LANE_M, LANES

AUTHOR = "truth"
MINIMUM_PIXELS = 60
MINIMUM_SIDE = 7
MINIMUM_SHARE = 0.3
"""Share of a thing's pixels in the picture that nothing may hide."""
LANES_SCHEMA = pa.schema(
    [
        pa.field("frame_id", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),  # lane (a line between lanes), or path
        pa.field("index", pa.int32(), nullable=False),
        pa.field("points", pa.list_(pa.float32()), nullable=False),  # x, y, x, y ... in pixels
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What an instance is."""

    category: str
    light_state: str = ""


def box_rows(frame: FrameId, shot: Shot, things: Mapping[int, Thing]) -> list[tuple[object, ...]]:
    """First columns of `schemas.ANNOTATIONS` for one frame: boxes around visible pixels.

    Left out is what shows fewer than `MINIMUM_PIXELS` pixels, is narrower or lower than
    `MINIMUM_SIDE`, or shows less than `MINIMUM_SHARE` of its pixels in the picture.
    """
    rows: list[tuple[object, ...]] = []
    for instance, thing in sorted(things.items()):
        left, top, right, bottom, pixels = (int(value) for value in shot.visible[instance])
        wide, high = right - left + 1, bottom - top + 1
        if pixels < MINIMUM_PIXELS or min(wide, high) < MINIMUM_SIDE:
            continue
        if pixels < MINIMUM_SHARE * int(shot.covered[instance]):
            continue
        rows.append(
            (
                f"{frame}/truth/{instance:04d}",
                frame,
                thing.category,
                float(left),
                float(top),
                float(wide),
                float(high),
                thing.light_state,
                AUTHOR,
                "simulated",
            )
        )
    if not rows:
        rows.append((f"{frame}/truth/none", frame, "", 0.0, 0.0, 0.0, 0.0, "", AUTHOR, "simulated"))
    return rows


def truth_table(rows: Sequence[tuple[object, ...]]) -> pa.Table:
    """Rows of all frames as one table."""
    columns = list(zip(*rows, strict=True))
    boxes = list(ANNOTATIONS)[: len(columns)]
    return full(
        pa.table(
            {
                field.name: pa.array(column, field.type)
                for field, column in zip(boxes, columns, strict=True)
            }
        )
    )


def lane_rows(
    frame: FrameId, camera: Camera, path: np.ndarray
) -> list[tuple[str, str, int, list[float]]]:
    """Lines between lanes, and where the vehicle will drive, in pixels.

    Args:
        frame: which.
        camera: of the frame.
        path: (n, 2) x, y of the vehicle from now on.
    """
    ahead = camera.eye[0] + np.geomspace(3.0, 80.0, 24)
    rows = []
    for index, number in enumerate(range(-LANES, LANES + 1)):
        line = np.stack([ahead, np.full(24, number * LANE_M), np.zeros(24)], axis=1)
        rows.append((str(frame), "lane", index, _pixels(camera, line)))
    on_road = np.concatenate([path, np.zeros((len(path), 1))], axis=1)
    rows.append((str(frame), "path", 0, _pixels(camera, on_road)))
    return rows


def lanes_table(rows: Sequence[tuple[str, str, int, list[float]]]) -> pa.Table:
    """Lines and paths of all frames as one table."""
    columns = list(zip(*rows, strict=True))
    return pa.table(
        {
            field.name: pa.array(column, field.type)
            for field, column in zip(LANES_SCHEMA, columns, strict=True)
        },
        schema=LANES_SCHEMA,
    )


def _pixels(camera: Camera, points: np.ndarray) -> list[float]:
    """x, y of the points that lie before the camera and in the picture."""
    seen = camera.project(points)
    kept = (seen[:, 2] > 1.0) & (seen[:, 0] >= 0) & (seen[:, 0] < camera.width)
    kept &= (seen[:, 1] >= 0) & (seen[:, 1] < camera.height)
    flat: list[float] = np.round(seen[kept, :2], 2).astype(np.float32).ravel().tolist()
    return flat
