"""Writes COCO boxes as a stream, equal rows to equal bytes. Reading them is coco's work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.canonical import canonical_json
from ringroad.domain.dataset import PictureFile
from ringroad.domain.errors import InvalidAnnotations
from ringroad.domain.ids import FrameId
from ringroad.label.rows import EMPTY

_ROWS_AT_ONCE = 8_192
_COLUMNS = ("frame_id", "category", "x", "y", "w", "h", "light_state")


def write_coco(
    pictures: Sequence[PictureFile],
    annotations: pa.Table,
    sink: BinaryIO,
    *,
    categories: Sequence[str],
) -> None:
    """Write one file of object detection boxes.

    Images are numbered from 1 in the given order, annotations from 1 by image and annotation
    id, categories from 1. A traffic light's state stands in `attributes.light_state`. A frame
    that holds nothing is an image without annotations. Authors and sources do not travel.

    Args:
        pictures: every frame of the file, in order.
        annotations: rows of `schemas.ANNOTATIONS`; rows of other frames are left out.
        sink: takes the bytes; memory does not grow with text.
        categories: all that were annotated, in the order of their ids.

    Raises:
        InvalidAnnotations: a row has a category that is not among them.
    """
    numbers = {picture.frame: i for i, picture in enumerate(pictures, start=1)}
    named = {category: i for i, category in enumerate(categories, start=1)}
    columns, places = _in_order(annotations, numbers)
    _check(columns["category"].take(places), named)
    sink.write(b'{"images":[\n')
    _write_lines(sink, map(_image, enumerate(pictures, start=1)))
    sink.write(b'],"annotations":[\n')
    _write_lines(sink, _boxes(columns, places, numbers, named))
    sink.write(b'],"categories":[\n')
    _write_lines(sink, (canonical_json({"id": i, "name": c}) for c, i in named.items()))
    sink.write(b"]}\n")


def _in_order(annotations: pa.Table, numbers: dict[FrameId, int]) -> tuple[pa.Table, pa.Array]:
    """The columns to write, and the places of boxes by image number, then annotation id."""
    images = pc.index_in(annotations["frame_id"], value_set=pa.array(numbers, pa.string()))
    wanted = pc.and_(pc.is_valid(images), pc.not_equal(annotations["category"], EMPTY))
    places = pc.indices_nonzero(wanted)
    keys = pa.table({"image": images, "id": annotations["annotation_id"]}).take(places)
    order = pc.sort_indices(keys, sort_keys=[("image", "ascending"), ("id", "ascending")])
    return annotations.select(_COLUMNS).combine_chunks(), places.take(order)


def _check(written: pa.ChunkedArray, named: dict[str, int]) -> None:
    unknown = sorted(set(pc.unique(written).to_pylist()) - set(named))
    if unknown:
        raise InvalidAnnotations(
            f"rows of {', '.join(unknown)}, which this file does not declare",
            remedy=f"export with these categories too; declared: {', '.join(named)}",
        )


def _boxes(
    columns: pa.Table, places: pa.Array, numbers: dict[FrameId, int], named: dict[str, int]
) -> Iterator[bytes]:
    number = 0
    for start in range(0, len(places), _ROWS_AT_ONCE):
        part = columns.take(places[start : start + _ROWS_AT_ONCE])
        for frame, category, x, y, w, h, state in zip(
            *(column.to_pylist() for column in part.columns), strict=True
        ):
            number += 1
            box = [_short(value) for value in (x, y, w, h)]
            record = {
                "id": number,
                "image_id": numbers[frame],
                "category_id": named[category],
                "bbox": box,
                "area": _short(w * h),
                "iscrowd": 0,
            }
            if state:
                record["attributes"] = {"light_state": state}
            yield canonical_json(record)


def _short(value: float) -> float | int:
    """The shortest decimal that reads back as the same float32; whole numbers without a point."""
    near = float(str(np.float32(value)))
    return int(near) if near.is_integer() else near


def _image(numbered: tuple[int, PictureFile]) -> bytes:
    number, picture = numbered
    return canonical_json(
        {
            "id": number,
            "file_name": picture.name,
            "width": picture.width,
            "height": picture.height,
            "frame_id": picture.frame,
        }
    )


def _write_lines(sink: BinaryIO, lines: Iterable[bytes]) -> None:
    """Records separated by commas, one per line."""
    sink.writelines(b",\n" + line if i else line for i, line in enumerate(lines))
    sink.write(b"\n")
