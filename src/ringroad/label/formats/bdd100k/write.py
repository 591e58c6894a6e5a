"""Writes BDD100K's labels: a list of frames, one per picture."""

from __future__ import annotations

from typing import Any

from ringroad.domain.annotation import BOX, LIGHT, MASK, POLYGON
from ringroad.domain.ids import FrameId, frame_parts
from ringroad.label.formats.bdd100k.read import TYPES
from ringroad.label.formats.carried import ID, TRACK, carried
from ringroad.label.formats.carried import LIGHT as STATE
from ringroad.label.formats.craft.text import records
from ringroad.label.formats.drawn import Drawn
from ringroad.label.formats.outgoing.outgoing import Outgoing, Part
from ringroad.label.formats.outgoing.sink import Sink

COLOURS = {"amber": "yellow", "unknown": "none"}


class Bdd100kWriter:
    """`id` is the track where there is one, else our id, which stands in the attributes too."""

    def __init__(self, out: Outgoing) -> None:
        self._out = out

    def begin(self, sink: Sink) -> None:
        """Open the list."""
        sink.append(b"[\n")

    def part(self, part: Part, sink: Sink) -> None:
        """Some frames."""
        frames = [_frame(picture, items) for _, picture, items in part.by_picture()]
        sink.append(records(frames, first=part.first_picture == 0))

    def end(self, sink: Sink) -> None:
        """Close it."""
        sink.append(b"\n]\n")


def _frame(picture: dict[str, Any], items: list[Drawn]) -> dict[str, Any]:
    recording, channel, number = frame_parts(FrameId(picture["frame_id"]))
    size = (picture["width"], picture["height"])
    found: dict[str, Any] = {
        "name": picture["name"],
        "frame_id": picture["frame_id"],
        "videoName": f"{recording}/{channel}",
        "frameIndex": number,
        "labels": [_label(item, size) for item in items],
    }
    return found | ({"size": {"width": size[0], "height": size[1]}} if min(size) > 0 else {})


def _label(item: Drawn, size: tuple[int, int]) -> dict[str, Any]:
    own: dict[str, Any] = carried(item)
    if item.category == LIGHT and item.light_state:
        own["trafficLightColor"] = COLOURS.get(own.pop(STATE), item.light_state)
    found: dict[str, Any] = {"id": own.get(TRACK) or own[ID], "category": item.category}
    if item.shape == BOX:
        found["box2d"] = {
            "x1": item.x, "y1": item.y, "x2": item.x + item.w, "y2": item.y + item.h,
        }  # fmt: skip
    elif item.shape == MASK:
        found["rle"] = {"counts": item.mask, "size": [size[1], size[0]]}
    else:
        found["poly2d"] = _lines(item, own.pop(TYPES, ""))
    return found | {"attributes": own}


def _lines(item: Drawn, kinds: str) -> list[dict[str, Any]]:
    lines, begin = [], 0
    for corners in item.parts or [len(item.points) // 2]:
        end = begin + corners
        lines.append(
            {
                "vertices": [item.points[2 * n : 2 * n + 2] for n in range(begin, end)],
                TYPES: kinds[begin:end] or "L" * corners,
                "closed": item.shape == POLYGON,
            }
        )
        begin = end
    return lines
