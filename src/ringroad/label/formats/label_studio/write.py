"""Writes Label Studio's JSON: one task per picture, ids of regions are ours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ringroad.domain.annotation import BOX, MODEL, POINT, POLYGON, POLYLINE, ROTATED_BOX
from ringroad.domain.errors import InvalidAnnotations
from ringroad.label.formats.carried import ID, carried
from ringroad.label.formats.craft.text import records
from ringroad.label.formats.craft.xml_text import tag
from ringroad.label.formats.drawn import Drawn
from ringroad.label.formats.outgoing.outgoing import Outgoing, Part
from ringroad.label.formats.outgoing.sink import Sink

KINDS = {
    BOX: "rectanglelabels",
    ROTATED_BOX: "rectanglelabels",
    POLYGON: "polygonlabels",
    POLYLINE: "polygonlabels",
    POINT: "keypointlabels",
}


class LabelStudioWriter:
    """What people and imports drew is an annotation of its task, what a model said a prediction."""

    def __init__(self, out: Outgoing) -> None:
        self._out = out

    def begin(self, sink: Sink) -> None:
        """Open the list."""
        sink.append(b"[\n")

    def part(self, part: Part, sink: Sink) -> None:
        """Some tasks."""
        tasks = [task_of(picture, items) for _, picture, items in part.by_picture()]
        sink.append(records(tasks, first=part.first_picture == 0))

    def end(self, sink: Sink) -> None:
        """Close it."""
        sink.append(b"\n]\n")


def task_of(
    picture: dict[str, Any], items: Sequence[Drawn], *, predicted: bool = False
) -> dict[str, Any]:
    """One task.

    Args:
        picture: columns of its picture; `url` in place of `name` where the server needs one.
        items: its annotations.
        predicted: all of them are pre-labels.
    """
    size = (picture["width"], picture["height"])
    if items and min(size) <= 0:
        raise InvalidAnnotations(
            "the size of the picture is not known, and Label Studio needs it",
            subject=picture["frame_id"],
            remedy="ingest the picture, or export in pixels: coco, cvat-images",
        )
    guessed = [item for item in items if predicted or item.source == MODEL]
    drawn = [item for item in items if not predicted and item.source != MODEL]
    task: dict[str, Any] = {
        "data": {
            "image": picture.get("url", picture["name"]),
            "frame_id": picture["frame_id"],
        },
        "annotations": [],
        "predictions": [],
    }
    if drawn or (not guessed and not predicted):
        task["annotations"] = [{"result": [region_of(item, size) for item in drawn]}]
    if guessed:
        task["predictions"] = [
            {"model_version": "ringroad", "result": [region_of(item, size) for item in guessed]}
        ]
    return task


def region_of(item: Drawn, size: tuple[int, int]) -> dict[str, Any]:
    """One region, in percent of the picture."""
    kind = KINDS[item.shape]
    own = carried(item)
    region = own.pop(ID) or None
    found = {
        "from_name": kind.removesuffix("labels"),
        "to_name": "image",
        "type": kind,
        "original_width": size[0],
        "original_height": size[1],
        "image_rotation": 0,
        "value": {kind: [item.category], **_value(item, size)},
        "meta": {"ringroad": {ID: item.id, **own}},
    }
    return {"id": region, **found} if region else found


def _value(item: Drawn, size: tuple[int, int]) -> dict[str, Any]:
    across, down = 100 / size[0], 100 / size[1]
    if item.shape == BOX:
        return {
            "x": item.x * across, "y": item.y * down,
            "width": item.w * across, "height": item.h * down, "rotation": 0,
        }  # fmt: skip
    if item.shape == ROTATED_BOX:
        x, y, w, h, angle = item.points
        cos, sin = math.cos(angle), math.sin(angle)
        left, top = x - w / 2 * cos + h / 2 * sin, y - w / 2 * sin - h / 2 * cos
        return {
            "x": left * across, "y": top * down, "width": w * across, "height": h * down,
            "rotation": math.degrees(angle) % 360,
        }  # fmt: skip
    pairs = zip(item.points[0::2], item.points[1::2], strict=True)
    points = [[x * across, y * down] for x, y in pairs]
    if item.shape == POINT:
        return {"x": points[0][0], "y": points[0][1], "width": 0.5}
    return {"points": points, "closed": item.shape == POLYGON}


def labelling_config(categories: Sequence[str]) -> str:
    """The interface of a project that shows all that an export holds."""
    labels = "".join(f"    {tag('Label', value=name)}/>\n" for name in categories)
    parts = [
        f'  <{name} name="{name.removesuffix("Labels").lower()}" toName="image">\n'
        f"{labels}  </{name}>\n"
        for name in ("RectangleLabels", "PolygonLabels", "KeyPointLabels")
    ]
    image = '  <Image name="image" value="$image"/>\n'
    return f"<View>\n{image}{''.join(parts)}</View>\n"
