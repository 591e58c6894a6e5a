"""nuScenes' tables of annotations."""

from __future__ import annotations

from ringroad.domain.annotation import CUBOID, VEHICLE
from ringroad.label.formats.format import Format
from ringroad.label.formats.nuscenes.read import is_nuscenes, read_nuscenes
from ringroad.label.formats.nuscenes.write import NuScenesWriter
from ringroad.label.formats.outgoing.outgoing import Holds

NUSCENES = Format(
    name="nuscenes",
    title="nuScenes tables",
    holds=Holds(
        shapes={CUBOID: ""},
        fields=frozenset({"annotation_id", "track_id", "attributes"}),
        spaces=frozenset({VEHICLE}),
        notes={"space": "poses do not travel: what is not in the vehicle's coordinates stays out"},
    ),
    read=read_nuscenes,
    writer=NuScenesWriter,
    recognises=is_nuscenes,
    folder=True,
    verified="",
)
