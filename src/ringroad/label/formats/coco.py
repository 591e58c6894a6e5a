"""COCO object detection and segmentation."""

from __future__ import annotations

from ringroad.domain.annotation import BOX, MASK, POINT, POLYGON, POLYLINE, ROTATED_BOX
from ringroad.label.formats.carried import FIELDS
from ringroad.label.formats.format import Format
from ringroad.label.formats.outgoing import Holds
from ringroad.label.formats.read_coco import OWN, is_coco, read_coco
from ringroad.label.formats.write_coco import CocoWriter

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
