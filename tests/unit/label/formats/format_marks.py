"""Annotations of every shape on a few frames, and a trip through a format and back."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ringroad.domain.annotation import (
    BOX,
    CUBOID,
    MASK,
    POINT,
    POLYGON,
    POLYLINE,
    ROTATED_BOX,
    VEHICLE,
)
from ringroad.label.formats.files import LabelFiles
from ringroad.label.formats.format import Format
from ringroad.label.formats.intake.intake import Given
from ringroad.label.formats.known import format_of, guessed
from ringroad.label.formats.outgoing.outgoing import Outgoing
from ringroad.label.formats.pictures import PICTURES, Pictures
from ringroad.label.formats.reading import ReadTable, read_table
from ringroad.label.formats.writing import Written, write_labels
from ringroad.label.geometry import bounds_of, corners_of
from ringroad.label.masks import counts_from, text_of
from ringroad.label.rows import Mark, rows

WIDTH, HEIGHT = 100, 80
CATEGORIES = ("car", "light", "lane", "road")
FRAMES = [f"v/r/front/{number:06d}" for number in range(4)]
"""The last one holds nothing."""


def pictures(frames: list[str] = FRAMES, *, name: str = "images/{}.jpg") -> pa.Table:
    count = len(frames)
    names = [name.format(frame.rpartition("/")[2]) for frame in frames]
    return pa.table([frames, names, [WIDTH] * count, [HEIGHT] * count], schema=PICTURES)


def mask() -> Mark:

    pixels = np.zeros((HEIGHT, WIDTH), bool)
    pixels[10:30, 20:45] = True
    pixels[15:20, 25:30] = False
    x, y, w, h = 20, 10, 25, 20
    text = text_of(counts_from(pixels))
    return Mark(category="road", x=x, y=y, w=w, h=h, shape=MASK, mask=text)


TURNED = (50.0, 40.0, 30.0, 10.0, math.pi / 6)


def _turned() -> Mark:

    x, y, w, h = bounds_of(corners_of(TURNED))
    return Mark(category="car", x=x, y=y, w=w, h=h, shape=ROTATED_BOX, points=TURNED)


def line(shape: str, *points: float, parts: tuple[int, ...] = (), category: str = "lane") -> Mark:
    across, down = points[0::2], points[1::2]
    return Mark(
        category=category,
        x=min(across),
        y=min(down),
        w=max(across) - min(across),
        h=max(down) - min(down),
        shape=shape,
        points=points,
        parts=parts,
    )


BOXES = [
    Mark(category="car", x=0.1, y=2, w=30.25, h=40, id="first", track="t1",
         attributes={"occluded": "true", "colour": 'r"ed & <blue>'}),
    Mark(category="light", x=50, y=3, w=8.3, h=20.7, light_state="amber", id="second"),
    Mark(category="car", x=33.3, y=3.7, w=8.125, h=20, id="third", track="t1", key=False,
         guideline="g1"),
]  # fmt: skip

SHAPES: dict[str, Mark] = {
    BOX: BOXES[0],
    ROTATED_BOX: _turned(),
    POLYGON: line(POLYGON, 1, 2, 30.5, 2, 15, 40.25, category="road"),
    "parts": line(
        POLYGON, 1, 2, 30, 2, 15, 40, 50, 50, 60, 50, 55, 60, parts=(3, 3), category="road"
    ),
    POLYLINE: line(POLYLINE, 1, 2, 30.5, 20, 15, 40.25, 17, 60),
    POINT: Mark(category="light", x=12.5, y=13.25, w=0, h=0, shape=POINT, points=(12.5, 13.25),
                light_state="red"),
    MASK: mask(),
    CUBOID: Mark(category="car", x=0, y=0, w=0, h=0, shape=CUBOID, space=VEHICLE,
                 points=(10.5, -2.25, 0.75, 4.5, 1.9, 1.6, 0.8, 0.0, 0.0, 0.6)),
}  # fmt: skip


def track(id_: str, name: str) -> Mark:
    return Mark(category="car", x=1, y=2, w=3, h=4, id=id_, track=name)


def table(marks: dict[str, list[Mark]] | None = None) -> pa.Table:
    """Boxes on the first frame, one of a track on the second, every other shape on the third."""
    if marks is None:
        others = [mark for name, mark in SHAPES.items() if name != BOX]
        marks = {
            FRAMES[0]: BOXES[:2],
            FRAMES[1]: BOXES[2:],
            FRAMES[2]: [
                Mark(**{**_fields(mark), "id": f"shape-{number}"})
                for number, mark in enumerate(others)
            ],
            FRAMES[3]: [],
        }
    return rows(marks, author="ann", source="human")  # type: ignore[arg-type]


def _fields(mark: Mark) -> dict[str, Any]:
    return {name: getattr(mark, name) for name in Mark.__dataclass_fields__}


def outgoing(
    format_: Format, annotations: pa.Table, shown: pa.Table | None = None, **more: Any
) -> Outgoing:
    return Outgoing(
        shown if shown is not None else pictures(),
        annotations,
        categories=more.pop("categories", CATEGORIES),
        holds=format_.holds,
        order=format_.order,
        **more,
    )


def write(name: str, annotations: pa.Table, target: Path, **more: Any) -> Written:
    format_ = format_of(name)
    return write_labels(format_, outgoing(format_, annotations, **more), target, key="test")


def read(name: str, path: Path, shown: pa.Table | None = None, **more: Any) -> ReadTable:
    """`name` may be empty: then the format is guessed."""
    files = LabelFiles.of(path)
    format_ = format_of(name) if name else guessed(files)
    known = Pictures(shown if shown is not None else pictures())
    given = Given(**{"categories": {}, "author": "ann", **more})
    return read_table(format_, files, known, given)


def target_of(name: str, folder: Path) -> Path:
    format_ = format_of(name)
    return folder / ("labels" if format_.folder else f"labels{format_.suffix}")
