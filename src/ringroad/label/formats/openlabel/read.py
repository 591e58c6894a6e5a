"""Reads ASAM OpenLABEL 1.0 JSON: objects, and what each frame says of them, as a stream."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from ringroad.domain.annotation import CUBOID, MASK, POINT, POLYGON, POLYLINE, ROTATED_BOX
from ringroad.domain.errors import InvalidAnnotations
from ringroad.label.formats.carried import take_back, text_of
from ringroad.label.formats.craft.json_stream import JsonStream
from ringroad.label.formats.drawn import Drawn
from ringroad.label.formats.files import LabelFiles
from ringroad.label.formats.intake.checks import RowRefused
from ringroad.label.formats.intake.intake import Intake
from ringroad.label.formats.pictures import UNKNOWN
from ringroad.label.geometry import quaternion_of

MASK_ENCODING = "coco-rle"
ABSOLUTE = "MODE_POLY2D_ABSOLUTE"
BESIDE = ("text", "num", "boolean", "vec")
"""Data of an object in a frame that is an attribute of each of its shapes there."""
_PASSED = frozenset({"metadata", "ontologies", "resources", "coordinate_systems", "streams",
                     "frame_intervals"})  # fmt: skip


def read_openlabel(files: LabelFiles, intake: Intake) -> None:
    """Frames are found by `frame_id`, `name`, the uri of a stream, or by number in the channel.

    A type of an object is its category. Actions, events, relations and tags are losses. Raises
    InvalidAnnotations.
    """
    for name in files.of_kind(".json"):
        _File(files, name, intake).read()


class _File:
    """One file."""

    def __init__(self, files: LabelFiles, name: str, intake: Intake) -> None:
        self.files, self.name, self.intake = files, name, intake
        self.types: dict[str, str] = {}

    def read(self) -> None:
        frames_read, objects_read = self._pass(again=False)
        if not frames_read and not objects_read:
            raise InvalidAnnotations(
                "not OpenLABEL: no objects and no frames",
                subject=self.files.subject(self.name),
                remedy="name a file with `openlabel` at its top",
            )
        if not frames_read:
            self._pass(again=True)

    def _pass(self, *, again: bool) -> tuple[bool, bool]:
        """Go through it; frames that come before objects are read when it is gone through again."""
        frames_read = objects_read = False
        with self.files.open(self.name) as file:
            stream = JsonStream(file, subject=self.files.subject(self.name))
            for top in stream.fields():
                if top != "openlabel":
                    stream.skip()
                    continue
                for key in stream.fields():
                    if key == "objects" and not again:
                        objects_read = True
                        self._objects(stream)
                    elif key == "frames" and (objects_read or again):
                        frames_read = True
                        self._frames(stream)
                    elif key in _PASSED or again or key in {"frames", "objects"}:
                        stream.skip()
                    else:
                        count = sum(1 for _ in _entries(stream))
                        self.intake.losses.add(key, "annotations here are marks on frames alone",
                                               count=count)  # fmt: skip
        return frames_read, objects_read

    def _objects(self, stream: JsonStream) -> None:
        for uid in stream.fields():
            value = stream.value()
            kind = value.get("type") if isinstance(value, dict) else None
            if not isinstance(kind, str) or not kind:
                self.intake.refuse("unknown-category", f"object {uid!r}", "it has no type")
                continue
            self.types[uid] = kind
            if value.get("object_data"):
                self.intake.losses.add(
                    "object_data outside frames", "annotations here are marks on frames",
                    examples=[f"object {uid}"],
                )  # fmt: skip

    def _frames(self, stream: JsonStream) -> None:
        for number in stream.fields():
            value = stream.value()
            place = f"frame {number}"
            if not isinstance(value, dict):
                self.intake.refuse("not-an-object", place, "an object should stand here")
                continue
            row = self._picture(value, number, place)
            objects = value.get("objects")
            if row != UNKNOWN and isinstance(objects, dict):
                for uid, one in objects.items():
                    self._object(uid, one, row, f"{place}, object {uid}")
            for key in sorted(value.keys() - {"objects", "frame_properties"}):
                self.intake.losses.add(
                    f"{key} of frames", "annotations here are marks", examples=[place]
                )

    def _picture(self, frame: Mapping[str, Any], number: str, place: str) -> int:
        known = frame.get("frame_properties")
        properties = known if isinstance(known, dict) else {}
        names = [properties[key] for key in ("frame_id", "name")
                 if isinstance(properties.get(key), str)]  # fmt: skip
        streams = properties.get("streams")
        if isinstance(streams, dict):
            names += [one["uri"] for one in streams.values()
                      if isinstance(one, dict) and isinstance(one.get("uri"), str)]  # fmt: skip
        size = (properties.get("width"), properties.get("height"))
        if not names and number.isdecimal() and self.intake.channel:
            row = self.intake.pictures.find_number(self.intake.channel, int(number))
            if row != UNKNOWN:
                return self.intake.look(row, place=place)
        sized = size if all(type(side) is int for side in size) else None
        return self.intake.picture(*(names or [f"frame {number}"]), place=place, size=sized)

    def _object(self, uid: str, one: Any, row: int, place: str) -> None:
        kind = self.types.get(uid)
        if kind is None:
            self.intake.refuse(
                "unknown-object", place, "it is not among the objects, so it has no type",
                "add it to objects", row,
            )  # fmt: skip
            return
        data = one.get("object_data") if isinstance(one, dict) else None
        if not isinstance(data, dict):
            return
        beside = attributes_of({key: data.get(key) for key in BESIDE})
        for form, values in data.items():
            if form in BESIDE:
                continue
            for number, value in enumerate(values if isinstance(values, list) else ()):
                at = f"{place}, {form}[{number}]"
                if form not in FORMS:
                    self.intake.losses.add(form, "no annotation here has this shape", examples=[at])
                    continue
                self._shape(uid, kind, (form, value), beside, row, at)

    def _shape(
        self,
        uid: str,
        kind: str,
        found: tuple[str, Any],
        beside: Mapping[str, str],
        row: int,
        at: str,
    ) -> None:
        form, value = found
        try:
            if not isinstance(value, dict):
                raise RowRefused("not-an-object", "an object should stand here")  # noqa: TRY301
            drawn = FORMS[form](value)
        except RowRefused as error:
            self.intake.refuse(error.code, at, error.what, error.remedy, row)
            return
        drawn.category = kind
        system = value.get("coordinate_system")
        drawn.space = system if isinstance(system, str) and drawn.shape == CUBOID else ""
        own = value.get("attributes")
        mine = attributes_of(own if isinstance(own, dict) else {})
        drawn.track = uid
        untracked = mine.pop("no_track", "") == "true"
        take_back(drawn, {**beside, **mine})
        if untracked:
            drawn.track = ""
        self.intake.add(row, drawn, f"{uid}-{form}-{at.rpartition('[')[2][:-1]}", at)


def _entries(stream: JsonStream) -> Iterator[None]:
    """Count what is in an object or a list."""
    if stream.peek() == "{":
        for _ in stream.fields():
            stream.skip()
            yield
    elif stream.peek() == "[":
        for _ in stream.items():
            yield
    else:
        stream.skip()


def attributes_of(found: Mapping[str, Any]) -> dict[str, str]:
    """text, num, boolean and vec as text by name."""
    return {
        str(one["name"]): text_of(one.get("val"))
        for form in BESIDE
        for one in found.get(form) or ()
        if isinstance(one, dict) and "name" in one
    }


def _numbers(value: Mapping[str, Any], *counts: int) -> list[float]:
    found = value.get("val")
    good = isinstance(found, list) and all(
        type(one) in {int, float} and math.isfinite(one) for one in found
    )
    if not good or (counts and len(found) not in counts):  # type: ignore[arg-type]
        wanted = " or ".join(map(str, counts)) or "pairs of"
        raise RowRefused("no-shape", f"val is not {wanted} finite numbers")
    return [float(one) for one in found]  # type: ignore[union-attr]


def _bbox(value: Mapping[str, Any]) -> Drawn:
    x, y, w, h = _numbers(value, 4)
    return Drawn(category="", x=x - w / 2, y=y - h / 2, w=w, h=h)


def _rbbox(value: Mapping[str, Any]) -> Drawn:
    return Drawn(category="", shape=ROTATED_BOX, points=_numbers(value, 5))


def _poly2d(value: Mapping[str, Any]) -> Drawn:
    if value.get("mode", ABSOLUTE) != ABSOLUTE:
        raise RowRefused("no-shape", f"mode {value.get('mode')!r} is not read; {ABSOLUTE} is")
    shape = POLYGON if value.get("closed") else POLYLINE
    return Drawn(category="", shape=shape, points=_numbers(value))


def _point2d(value: Mapping[str, Any]) -> Drawn:
    return Drawn(category="", shape=POINT, points=_numbers(value, 2))


def _cuboid(value: Mapping[str, Any]) -> Drawn:
    found = _numbers(value, 9, 10)
    if len(found) == 9:
        turn = _euler(*found[3:6])
        size = found[6:]
    else:
        x, y, z, w = found[3:7]
        turn, size = [w, x, y, z], found[7:]
    return Drawn(category="", shape=CUBOID, points=[*found[:3], *size, *turn])


def _euler(about_x: float, about_y: float, about_z: float) -> list[float]:
    """Turns about z, then the new y, then the new x, as a quaternion."""
    cx, sx, cy, sy = math.cos(about_x), math.sin(about_x), math.cos(about_y), math.sin(about_y)
    cz, sz = math.cos(about_z), math.sin(about_z)
    z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    return quaternion_of(z @ y @ x)


def _binary(value: Mapping[str, Any]) -> Drawn:
    if value.get("encoding") != MASK_ENCODING or not isinstance(value.get("val"), str):
        raise RowRefused("no-shape", f"binary of encoding {value.get('encoding')!r} is not read")
    return Drawn(category="", shape=MASK, mask=value["val"])


FORMS: dict[str, Callable[[Mapping[str, Any]], Drawn]] = {
    "bbox": _bbox,
    "rbbox": _rbbox,
    "poly2d": _poly2d,
    "point2d": _point2d,
    "cuboid": _cuboid,
    "binary": _binary,
}


def is_openlabel(files: LabelFiles) -> bool:
    """JSON with `openlabel` at its top."""
    return b'"openlabel"' in files.head(".json", 4096)
