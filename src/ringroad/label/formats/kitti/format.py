"""KITTI object labels."""

from __future__ import annotations

from ringroad.domain.annotation import BOX, CUBOID, MASK, POLYGON, ROTATED_BOX
from ringroad.label.formats.format import Format
from ringroad.label.formats.kitti.read import CAMERA, ON_BOX, THING, is_kitti, read_kitti
from ringroad.label.formats.kitti.write import KittiWriter
from ringroad.label.formats.outgoing.outgoing import BOUNDED, Holds

KITTI = Format(
    name="kitti",
    title="KITTI object labels",
    holds=Holds(
        shapes={BOX: "", CUBOID: "", POLYGON: BOUNDED, MASK: BOUNDED, ROTATED_BOX: BOUNDED},
        attributes=frozenset({*ON_BOX, THING, "score"}),
        spaces=frozenset({CAMERA}),
        notes={
            "attributes": "KITTI holds truncated, occluded, alpha and score, no other attribute",
            "space": "KITTI holds cuboids in the camera's coordinates; others stay out",
        },
    ),
    read=read_kitti,
    writer=KittiWriter,
    recognises=is_kitti,
    folder=True,
    verified="75 label files of the data set itself, byte for byte; datumaro",
)
