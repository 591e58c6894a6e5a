"""Reads BDD100K's labels (Scalabel's form too): frames with boxes, lanes, areas, as a stream."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from ringroad.domain.annotation import MASK, POLYGON, POLYLINE
from ringroad.domain.errors import InvalidAnnotations
from ringroad.label.formats.carried import ID, take_back
from ringroad.label.formats.craft.json_stream import JsonStream
from ringroad.label.formats.drawn import Drawn
from ringroad.label.formats.files import LabelFiles
from ringroad.label.formats.intake.checks import RowRefused
from ringroad.label.formats.intake.intake import Intake
from ringroad.label.formats.pictures import UNKNOWN

_FRAME = frozenset({"name", "labels", "videoName", "frameIndex", "size", "url", "frame_id"})
_LABEL = frozenset({"id", "category", "attributes", "box2d", "poly2d", "rle"})
TYPES = "types"
"""Attribute that keeps which vertices of a line are control points of a curve."""


def read_bdd100k(files: LabelFiles, intake: Intake) -> None:
    """A list of frames, an object with `frames`, or a frame per file. Raises InvalidAnnotations."""
    for name in files.of_kind(".json"):
        with files.open(name) as file:
            stream = JsonStream(file, subject=files.subject(name))
            for number, frame in enumerate(_frames(stream)):
                place = f"frame {number}"
                if not isinstance(frame, dict) or not isinstance(frame.get("name"), str):
                    intake.refuse("not-an-object", place, "a frame with a name should stand here")
                else:
                    _frame(frame, f"frame {number}, name {frame['name']!r}", intake)
            stream.end()


def _frames(stream: JsonStream) -> Iterator[Any]:
    if stream.peek() == "[":
        yield from stream.items()
        return
    found = False
    single: dict[str, Any] = {}
    for key in stream.fields():
        if key == "frames" and stream.peek() == "[":
            found = True
            for item in stream.items():
                # the form of 2018 has one picture per file, its labels below frames[0].objects
                yield item if "name" in item or "objects" not in item else _old(item, single)
        elif key in {"name", "attributes"}:
            single[key] = stream.value()
        elif key == "labels":
            single[key] = stream.value()
            found = True
        else:
            stream.skip()
    if "labels" in single:
        yield single
    if not found:
        raise InvalidAnnotations(
            "not labels of BDD100K: neither a list nor `frames`",
            subject=stream.subject,
            remedy="name a file such as bdd100k_labels_images_train.json",
        )


def _old(item: Mapping[str, Any], single: Mapping[str, Any]) -> dict[str, Any]:
    labels = [
        {**label, "poly2d": [{"vertices": [pair[:2] for pair in label["poly2d"]],
                              TYPES: "".join(str(pair[2]) for pair in label["poly2d"]),
                              "closed": "area" in str(label.get("category"))}]}
        if isinstance(label, dict) and isinstance(label.get("poly2d"), list)
        and all(isinstance(pair, list) and len(pair) == 3 for pair in label["poly2d"])
        else label
        for label in item.get("objects") or ()
    ]  # fmt: skip
    return {"name": single.get("name"), "labels": labels}


def _frame(frame: Mapping[str, Any], place: str, intake: Intake) -> None:
    name = frame["name"]
    names = [frame["frame_id"]] if isinstance(frame.get("frame_id"), str) else []
    size = frame.get("size")
    sides = (size.get("width"), size.get("height")) if isinstance(size, dict) else None
    picture = intake.picture(*names, name, f"{name}.jpg", place=place, size=sides)
    for key in sorted(frame.keys() - _FRAME):
        if frame[key]:
            intake.losses.add(f"{key} of frames", "annotations here are marks, not frames",
                              examples=[place])  # fmt: skip
    if picture == UNKNOWN:
        return
    tracked = bool(frame.get("videoName"))
    for number, label in enumerate(frame.get("labels") or ()):
        at = f"{place}, labels[{number}]"
        try:
            if not isinstance(label, dict) or not isinstance(label.get("category"), str):
                raise RowRefused("not-an-object", "a label with a category should stand here")  # noqa: TRY301
            drawn, their = _label(label, number, intake.size(picture), tracked=tracked)
        except RowRefused as error:
            intake.refuse(error.code, at, error.what, error.remedy, picture)
            continue
        for key in label.keys() - _LABEL:
            if label[key] not in (None, True, False):
                intake.losses.add(key, "annotations here have no such field", examples=[at])
        intake.add(picture, drawn, their, at)


def _label(
    label: Mapping[str, Any], number: int, size: tuple[float, float], *, tracked: bool
) -> tuple[Drawn, str]:
    drawn = Drawn(category=label["category"])
    said = label.get("attributes")
    attributes = {k: v for k, v in said.items() if v is not None} if isinstance(said, dict) else {}
    their = str(label.get("id", number))
    if tracked and ID not in attributes and "id" in label:
        drawn.track = their
    take_back(drawn, attributes)
    if isinstance(label.get("box2d"), dict):
        corners = [label["box2d"].get(name) for name in ("x1", "y1", "x2", "y2")]
        if not all(map(_number, corners)):
            raise RowRefused("no-box", f"box2d is {corners}, not four finite numbers")
        left, top, right, bottom = map(float, corners)
        drawn.x, drawn.y, drawn.w, drawn.h = left, top, right - left, bottom - top
    elif label.get("poly2d"):
        _lines(drawn, label["poly2d"])
    elif isinstance(label.get("rle"), dict):
        _mask(drawn, label["rle"], size)
    else:
        raise RowRefused("no-shape", "it has neither box2d nor poly2d nor rle")
    return drawn, their


def _lines(drawn: Drawn, lines: Any) -> None:
    try:
        found = [
            [float(value) for vertex in line["vertices"] for value in vertex[:2]] for line in lines
        ]
    except (TypeError, KeyError, ValueError) as error:
        raise RowRefused("no-shape", "poly2d is no list of vertices") from error
    closed = [bool(line.get("closed")) for line in lines]
    if len(found) > 1 and not all(closed):
        raise RowRefused(
            "several-lines", f"{len(found)} open lines under one label", "give each one its label"
        )
    drawn.shape = POLYGON if closed[0] else POLYLINE
    drawn.points = [value for line in found for value in line]
    drawn.parts = [len(line) // 2 for line in found] if len(found) > 1 else []
    kinds = "".join(str(line.get(TYPES) or "") for line in lines)
    if kinds.strip("L"):
        drawn.attributes[TYPES] = kinds


def _mask(drawn: Drawn, rle: Mapping[str, Any], size: tuple[float, float]) -> None:
    if rle.get("size") != [int(size[1]), int(size[0])] or not isinstance(rle.get("counts"), str):
        raise RowRefused(
            "bad-mask", "its size is not that of the picture, or it has no run lengths"
        )
    drawn.shape, drawn.mask = MASK, rle["counts"]


def _number(value: Any) -> bool:
    return type(value) in {int, float} and math.isfinite(value)


def is_bdd100k(files: LabelFiles) -> bool:
    """JSON with frames of `labels`."""
    head = files.head(".json")
    return (
        b'"labels"' in head
        and b'"name"' in head
        and (b"2d" in head or b'"videoName"' in head or b'"attributes"' in head)
    )
