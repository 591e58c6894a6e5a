"""Writes ASAM OpenLABEL 1.0 JSON: objects first, then frames, as a stream."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pyarrow.compute as pc

from ringroad.domain.annotation import BOX, CUBOID, MASK, POINT, POLYGON, ROTATED_BOX
from ringroad.domain.canonical import canonical_json
from ringroad.domain.ids import FrameId, frame_parts
from ringroad.label.formats.carried import carried
from ringroad.label.formats.drawn import Drawn
from ringroad.label.formats.openlabel.read import ABSOLUTE, MASK_ENCODING
from ringroad.label.formats.outgoing.outgoing import Outgoing, Part
from ringroad.label.formats.outgoing.sink import Sink

_SPACE = uuid.UUID("2b1f1d1e-6f0a-5b7e-9d1c-0c6b4f6f5a11")
"""Names of objects are hashed below this."""
_ROWS_AT_ONCE = 32_768


class OpenLabelWriter:
    """Pictures are frames, numbered from 0 in order; tracks are objects.

    An object's id is a UUID made of its track and category, as the schema wants it; an annotation
    without a track is an object of its own. Our ids stand in the attributes of each shape.
    """

    def __init__(self, out: Outgoing) -> None:
        self._out = out

    def begin(self, sink: Sink) -> None:
        """Metadata, coordinate systems and objects."""
        spaces = sorted(set(pc.unique(self._out.rows["space"]).to_pylist()) - {""})
        head: dict[str, Any] = {
            "metadata": {"schema_version": "1.0.0", "name": "Ringroad export"},
            "coordinate_systems": {
                name: {"type": "local", "parent": "", "children": []} for name in spaces
            },
        }
        text = "".join(f"{json.dumps(key)}:{_json(value)},\n" for key, value in head.items())
        sink.append(f'{{"openlabel":{{{text}"objects":{{\n'.encode())
        self._objects(sink)
        sink.append(b'\n},\n"frames":{\n')

    def part(self, part: Part, sink: Sink) -> None:
        """Some frames."""
        lines = [
            f'"{at}":{_json(_frame(picture, items))}' for at, picture, items in part.by_picture()
        ]
        if lines:
            first = "" if part.first_picture == 0 else ",\n"
            sink.append((first + ",\n".join(lines)).encode())

    def end(self, sink: Sink) -> None:
        """Close it."""
        sink.append(b"\n}}}\n")

    def _objects(self, sink: Sink) -> None:
        """Each once, in the order in which frames name them first."""
        tracked: set[str] = set()
        first = True
        known = self._out.taken(["track_id", "annotation_id", "category"])
        for start in range(0, known.num_rows, _ROWS_AT_ONCE):
            rows = known.slice(start, _ROWS_AT_ONCE).to_pydict()
            lines = []
            for track, own, category in zip(*rows.values(), strict=True):
                uid = uid_of(track or own, category)
                if track and uid in tracked:
                    continue
                if track:
                    tracked.add(uid)
                lines.append(f'"{uid}":{_json({"name": track or own, "type": category})}')
            if lines:
                sink.append((("" if first else ",\n") + ",\n".join(lines)).encode())
                first = False


def uid_of(name: str, category: str) -> str:
    """The id of an object."""
    return str(uuid.uuid5(_SPACE, f"{category}\x00{name}"))


def _frame(picture: dict[str, Any], items: list[Drawn]) -> dict[str, Any]:
    _, channel, _ = frame_parts(FrameId(picture["frame_id"]))
    properties: dict[str, Any] = {
        "frame_id": picture["frame_id"],
        "streams": {channel: {"uri": picture["name"]}},
    }
    if picture["width"] > 0:
        properties |= {"width": picture["width"], "height": picture["height"]}
    objects: dict[str, Any] = {}
    for item in items:
        data = objects.setdefault(uid_of(item.track or item.id, item.category), {"object_data": {}})
        form, value = _shape(item)
        listed = data["object_data"].setdefault(form, [])
        listed.append({"name": f"{form}-{len(listed)}", **value, "attributes": _attributes(item)})
    return {"objects": objects, "frame_properties": properties}


def _attributes(item: Drawn) -> dict[str, Any]:
    own = carried(item)
    flags = [] if item.track else [{"name": "no_track", "val": True}]
    texts = [{"name": name, "val": value} for name, value in sorted(own.items())]
    return {"text": texts} | ({"boolean": flags} if flags else {})


def _shape(item: Drawn) -> tuple[str, dict[str, Any]]:
    """Which list of object data, and the value."""
    if item.shape == BOX:
        return "bbox", {"val": [item.x + item.w / 2, item.y + item.h / 2, item.w, item.h]}
    if item.shape == ROTATED_BOX:
        return "rbbox", {"val": item.points}
    if item.shape == POINT:
        return "point2d", {"val": item.points}
    if item.shape == MASK:
        return "binary", {"val": item.mask, "encoding": MASK_ENCODING, "data_type": "mask"}
    if item.shape == CUBOID:
        x, y, z, length, width, height, qw, qx, qy, qz = item.points
        value = {"val": [x, y, z, qx, qy, qz, qw, length, width, height]}
        return "cuboid", {**value, **({"coordinate_system": item.space} if item.space else {})}
    closed = item.shape == POLYGON
    return "poly2d", {"val": item.points, "mode": ABSOLUTE, "closed": closed}


def _json(value: Any) -> str:
    return canonical_json(value).decode()
