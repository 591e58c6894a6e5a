"""COCO files written in one go. Exports that can be taken up again are formats.writing's work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

import pyarrow as pa

from ringroad.domain.dataset import PictureFile
from ringroad.label.formats.coco import COCO
from ringroad.label.formats.outgoing import Outgoing
from ringroad.label.formats.pictures import PICTURES
from ringroad.label.formats.sink import OpenSink
from ringroad.label.formats.write_coco import CocoWriter


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
