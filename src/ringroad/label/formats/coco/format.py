"""COCO object detection and segmentation; and one file of it out of memory, and into it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from ringroad.domain.annotation import BOX, MASK, POINT, POLYGON, POLYLINE, ROTATED_BOX
from ringroad.domain.dataset import PictureFile
from ringroad.domain.ids import FrameId
from ringroad.domain.problem import Problem
from ringroad.label.formats.carried import FIELDS
from ringroad.label.formats.coco.read import OWN, is_coco, read_coco
from ringroad.label.formats.coco.write import CocoWriter
from ringroad.label.formats.files import LabelFiles
from ringroad.label.formats.format import Format
from ringroad.label.formats.intake.intake import Given
from ringroad.label.formats.outgoing.outgoing import Holds, Outgoing
from ringroad.label.formats.outgoing.sink import OpenSink
from ringroad.label.formats.pictures import PICTURES, Pictures
from ringroad.label.formats.reading import read_table

_BESIDE = f"its bounding box; the shape stands in {OWN!r}, for Ringroad alone"

COCO = Format(
    name="coco",
    title="COCO object detection and segmentation (JSON)",
    holds=Holds(
        shapes={
            BOX: "",
            POLYGON: "",
            MASK: "",
            ROTATED_BOX: _BESIDE,
            POLYLINE: _BESIDE,
            POINT: _BESIDE,
        },
        fields=FIELDS | {"space"},
        notes={"parts": "COCO fills all parts of a polygon: a hole counts as inside"},
    ),
    read=read_coco,
    writer=CocoWriter,
    recognises=is_coco,
    verified="pycocotools, globox",
)


def rows_of_coco(
    data: bytes,
    frames: Mapping[str, FrameId],
    sizes: Mapping[FrameId, tuple[int, int]],
    categories: Mapping[str, str],
    *,
    author: str = "coco",
) -> tuple[pa.Table, tuple[Problem, ...]]:
    """Read annotations; each row that cannot be used becomes a problem, the rest goes on.

    Every image that is listed was looked at: without an annotation it becomes an empty frame,
    unless one of it was refused. A category that is not mapped is left out, with one problem
    that counts its boxes.

    Args:
        data: the file.
        frames: the file's `file_name` -> frame.
        sizes: frame -> width and height in pixels, as recorded.
        categories: the file's category name -> ours.
        author: stands in each row, and in its id.

    Returns:
        Rows of `schemas.ANNOTATIONS` by frame and id, source `import`; problems in file order.

    Raises:
        InvalidAnnotations: not JSON, or not a COCO object at all.
    """
    with tempfile.TemporaryDirectory(prefix="ringroad-") as folder:
        path = Path(folder) / "labels.json"
        path.write_bytes(data)
        found = read_table(
            COCO,
            LabelFiles.of(path),
            Pictures.named(frames, sizes),
            Given(categories=categories, author=author),
        )
    return found.rows, found.problems


def write_coco(
    pictures: Sequence[PictureFile],
    annotations: pa.Table,
    sink: BinaryIO,
    *,
    categories: Sequence[str],
) -> None:
    """Write one file, equal rows to equal bytes; see `CocoWriter`.

    Args:
        pictures: every frame of the file, in order.
        annotations: rows of `schemas.ANNOTATIONS`; rows of other frames are left out.
        sink: takes the bytes; memory does not grow with text.
        categories: all that were annotated, in the order of their ids.

    Raises:
        InvalidAnnotations: a row has a category that is not among them.
    """
    columns = [
        [picture.frame for picture in pictures],
        [picture.name for picture in pictures],
        [picture.width for picture in pictures],
        [picture.height for picture in pictures],
    ]
    out = Outgoing(
        pa.table(columns, schema=PICTURES), annotations, categories=categories, holds=COCO.holds
    )
    writer, to = CocoWriter(out), OpenSink(sink)
    writer.begin(to)
    for part in out.parts():
        writer.part(part, to)
    writer.end(to)
