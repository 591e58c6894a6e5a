"""Writes YOLO text: one file per picture, data.yaml with the names."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ringroad.domain.annotation import POLYGON, ROTATED_BOX
from ringroad.domain.errors import InvalidAnnotations
from ringroad.label.formats.drawn import Drawn
from ringroad.label.formats.outgoing.names import stems
from ringroad.label.formats.outgoing.outgoing import Outgoing, Part
from ringroad.label.formats.outgoing.sink import Sink
from ringroad.label.geometry import corners_of


class YoloWriter:
    """Boxes, in shares of width and height with all their digits: one comes back as it was."""

    def __init__(self, out: Outgoing) -> None:
        self._out = out
        self._stems = stems(out.pictures)

    def begin(self, sink: Sink) -> None:
        """The names of categories, and where pictures are expected."""
        lines = ["path: .", "train: images", "val: images", "names:"]
        lines += [
            f"  {number}: {json.dumps(name, ensure_ascii=False)}"
            for number, name in enumerate(self._out.categories)
        ]
        sink.put(("\n".join(lines) + "\n").encode(), "data.yaml")

    def part(self, part: Part, sink: Sink) -> None:
        """A file for each picture, empty where it holds nothing."""
        for at, picture, items in part.by_picture():
            size = (picture["width"], picture["height"])
            if items and min(size) <= 0:
                raise InvalidAnnotations(
                    "the size of the picture is not known, and YOLO needs it",
                    subject=picture["frame_id"],
                    remedy="ingest the picture, or export in pixels: coco, cvat-images",
                )
            lines = [
                f"{self._out.numbers[item.category]} {self._shape(item, size)}\n" for item in items
            ]
            sink.put("".join(lines).encode(), f"labels/{self._stems[at]}.txt")

    def end(self, sink: Sink) -> None:
        """Nothing."""

    def _shape(self, item: Drawn, size: tuple[int, int]) -> str:
        return shares((item.x + item.w / 2, item.y + item.h / 2, item.w, item.h), size)


class YoloRingWriter(YoloWriter):
    """Polygons, or rotated boxes by their corners; a box is four corners like any other."""

    def _shape(self, item: Drawn, size: tuple[int, int]) -> str:
        if item.shape == POLYGON:
            return shares(item.points, size)
        if item.shape == ROTATED_BOX:
            return shares(corners_of(item.points), size)
        right, bottom = item.x + item.w, item.y + item.h
        return shares((item.x, item.y, right, item.y, right, bottom, item.x, bottom), size)


def shares(values: Sequence[float], size: tuple[int, int]) -> str:
    """Pixels along x, y, x, y ... as shares of width and height."""
    return " ".join(repr(value / size[place % 2]) for place, value in enumerate(values))
