"""CVAT XML 1.1, for images and for video."""

from __future__ import annotations

from ringroad.domain.annotation import BOX, MASK, POINT, POLYGON, POLYLINE, ROTATED_BOX
from ringroad.label.formats.carried import FIELDS
from ringroad.label.formats.cvat.read_images import is_cvat_images, read_cvat_images
from ringroad.label.formats.cvat.read_video import is_cvat_video, read_cvat_video
from ringroad.label.formats.cvat.write_images import CvatImagesWriter
from ringroad.label.formats.cvat.write_video import CvatVideoWriter
from ringroad.label.formats.format import Format
from ringroad.label.formats.outgoing.outgoing import BOUNDED, BY_TRACK, Holds

NOTES = {
    "parts": "a polygon of CVAT is one ring: parts run into one another",
    "shape cuboid": "a cuboid of CVAT's images is eight corners in pixels",
}
_SHAPES = {BOX: "", ROTATED_BOX: "", POLYGON: "", POLYLINE: "", POINT: ""}

CVAT_IMAGES = Format(
    name="cvat-images",
    title="CVAT for images 1.1",
    holds=Holds(shapes={**_SHAPES, MASK: ""}, fields=FIELDS, notes=NOTES),
    read=read_cvat_images,
    writer=CvatImagesWriter,
    recognises=is_cvat_images,
    suffix=".xml",
    native=True,
    verified="globox",
)
CVAT_VIDEO = Format(
    name="cvat-video",
    title="CVAT for video 1.1",
    holds=Holds(
        shapes={**_SHAPES, MASK: BOUNDED},
        fields=FIELDS,
        notes={**NOTES, "shape mask": "a track of CVAT holds no masks"},
    ),
    read=read_cvat_video,
    writer=CvatVideoWriter,
    recognises=is_cvat_video,
    folder=True,
    order=BY_TRACK,
    native=True,
    verified="",
)
