"""Writes COCO object files as a stream, a column at a time: equal rows, equal bytes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.annotation import BOX, MASK, POLYGON
from ringroad.domain.canonical import canonical_json
from ringroad.label.formats.coco.read import OWN
from ringroad.label.formats.craft.text import joined, lines, numbers, quoted, short, where
from ringroad.label.formats.outgoing.outgoing import Outgoing, Part
from ringroad.label.formats.outgoing.sink import Sink

_IMAGES_AT_ONCE = 65_536


class CocoWriter:
    """Images are numbered from 1 in order, annotations from 1 by image and annotation id.

    Ids, tracks, key frames, guidelines and states of lights stand in `attributes`, which other
    tools keep. A frame that holds nothing is an image without annotations. A shape that COCO
    lacks stands in `ringroad` beside its bounding box.
    """

    def __init__(self, out: Outgoing) -> None:
        self._out = out

    def begin(self, sink: Sink) -> None:
        """Images and categories."""
        sink.append(b'{"images":[\n')
        for start in range(0, self._out.pictures.num_rows, _IMAGES_AT_ONCE):
            pictures = self._out.pictures.slice(start, _IMAGES_AT_ONCE)
            sink.append(lines(_images(pictures, start), first=start == 0))
        named = [{"id": n, "name": name} for n, name in enumerate(self._out.categories, start=1)]
        sink.append(b'\n],"categories":[\n' + b",\n".join(map(canonical_json, named)))
        sink.append(b'\n],"annotations":[\n')

    def part(self, part: Part, sink: Sink) -> None:
        """Some annotations."""
        rows = part.rows
        if not rows.num_rows:
            return
        count = rows.num_rows
        named = pc.index_in(rows["category"], value_set=pa.array(self._out.categories, pa.string()))
        x, y, w, h = (rows[name].combine_chunks() for name in "xywh")
        areas, shapes = _shapes(part, self._out, pc.multiply(w, h))
        texts = joined(
            '{"id":',
            numbers(pa.array(np.arange(part.first_row + 1, part.first_row + 1 + count))),
            ',"image_id":',
            numbers(pa.array(part.at + 1)),
            ',"category_id":',
            numbers(pc.add(named, 1)),
            ',"bbox":[', numbers(x), ",", numbers(y), ",", numbers(w), ",", numbers(h),
            '],"area":',
            areas,
            ',"iscrowd":0,"attributes":',
            _attributes(rows),
            shapes,
            "}",
        )  # fmt: skip
        sink.append(lines(texts, first=part.first_row == 0))

    def end(self, sink: Sink) -> None:
        """Close the list."""
        sink.append(b"\n]}\n")


def _images(pictures: pa.Table, before: int) -> pa.Array:
    count = pictures.num_rows
    sized = pc.greater(pictures["width"], 0)
    size = joined(
        ',"width":', numbers(pictures["width"]), ',"height":', numbers(pictures["height"])
    )
    return joined(
        '{"id":',
        numbers(pa.array(np.arange(before + 1, before + 1 + count))),
        ',"file_name":',
        quoted(pictures["name"]),
        ',"frame_id":',
        quoted(pictures["frame_id"]),
        where(sized, size),
        "}",
    )


def _attributes(rows: pa.Table) -> pa.Array:
    """`carried.carried` for whole columns."""
    own = rows["attributes"]
    inner = pc.utf8_slice_codeunits(own, 1, -1)
    parts: list[Any] = ['{"annotation_id":', quoted(rows["annotation_id"])]
    for key, column in (("guideline", "guideline"), ("light_state", "light_state"),
                        ("track_id", "track_id")):  # fmt: skip
        said = pc.not_equal(rows[column], "")
        if pc.any(said).as_py():
            parts.append(where(said, joined(f',"{key}":', quoted(rows[column]))))
    if not pc.all(rows["key"]).as_py():
        parts.append(where(pc.invert(rows["key"]), pa.array([',"keyframe":false'] * len(rows))))
    parts += [where(pc.not_equal(own, ""), joined(",", inner)), "}"]
    return joined(*parts)


def _shapes(part: Part, out: Outgoing, boxes: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Areas, and what stands beside bounding boxes that are not all."""
    areas = numbers(boxes)
    other = pc.not_equal(part.rows["shape"], BOX).combine_chunks()
    if not pc.any(other).as_py():
        return areas, pa.array([""] * part.rows.num_rows, pa.string())
    places = np.flatnonzero(other.to_numpy(zero_copy_only=False)).tolist()
    rows = part.rows.take(pa.array(places)).to_pylist()
    texts = [""] * part.rows.num_rows
    for place, row in zip(places, rows, strict=True):
        texts[place] = _beside(row, out.pictures, int(part.at[place]))
    return areas, pa.array(texts, pa.string())


def _beside(row: dict[str, Any], pictures: pa.Table, at: int) -> str:
    shape, points = row["shape"], row["points"]
    if shape == MASK:
        size = [pictures["height"][at].as_py(), pictures["width"][at].as_py()]
        return ',"segmentation":' + json.dumps({"counts": row["mask"], "size": size})
    if shape == POLYGON:
        rings, begin = [], 0
        for corners in row["parts"] or [len(points) // 2]:
            rings.append(points[2 * begin : 2 * (begin + corners)])
            begin += corners
        return ',"segmentation":' + json.dumps(rings)
    box = [short(row[name]) for name in "xywh"]
    own = {"shape": shape, "points": points, "bbox": box}
    return f',"{OWN}":' + json.dumps(own)
