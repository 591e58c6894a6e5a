"""nuScenes' tables of annotations."""

from __future__ import annotations

from ringroad.domain.annotation import CUBOID, VEHICLE
from ringroad.label.formats.format import Format
from ringroad.label.formats.outgoing import Holds
from ringroad.label.formats.read_nuscenes import is_nuscenes, read_nuscenes
from ringroad.label.formats.write_nuscenes import NuScenesWriter

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
