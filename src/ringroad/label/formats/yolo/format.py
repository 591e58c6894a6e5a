"""YOLO text in its three forms: boxes, polygons, rotated boxes."""

from __future__ import annotations

from dataclasses import replace

from ringroad.domain.annotation import BOX, MASK, POLYGON, ROTATED_BOX
from ringroad.label.formats.format import Format
from ringroad.label.formats.outgoing.outgoing import BOUNDED, Holds
from ringroad.label.formats.yolo.read import (
    is_yolo,
    is_yolo_obb,
    is_yolo_seg,
    read_yolo,
    read_yolo_obb,
    read_yolo_seg,
)
from ringroad.label.formats.yolo.write import YoloRingWriter, YoloWriter

YOLO = Format(
    name="yolo",
    title="YOLO",
    holds=Holds(shapes={BOX: "", POLYGON: BOUNDED, MASK: BOUNDED, ROTATED_BOX: BOUNDED}),
    read=read_yolo,
    writer=YoloWriter,
    recognises=is_yolo,
    folder=True,
    verified="GTSDB as it was published in this form; globox",
)
YOLO_SEG = replace(
    YOLO,
    name="yolo-seg",
    title="YOLO segmentation",
    holds=Holds(
        shapes={BOX: "", POLYGON: "", MASK: BOUNDED, ROTATED_BOX: BOUNDED},
        notes={"parts": "a line of YOLO is one ring: parts run into one another"},
    ),
    read=read_yolo_seg,
    writer=YoloRingWriter,
    recognises=is_yolo_seg,
    verified="",
)
YOLO_OBB = replace(
    YOLO,
    name="yolo-obb",
    title="YOLO rotated boxes",
    holds=Holds(shapes={BOX: "", POLYGON: BOUNDED, MASK: BOUNDED, ROTATED_BOX: ""}),
    read=read_yolo_obb,
    writer=YoloRingWriter,
    recognises=is_yolo_obb,
    verified="",
)
