"""Messages of ROS that tell how cameras project, and where sensors sit."""

from __future__ import annotations

from ringroad.domain.errors import UnreadableSource
from ringroad.media.message import Lens, Transform
from ringroad.media.wire.cdr import Cursor

MOST_DISTORTION = 16
MOST_TRANSFORMS = 4096
REMEDY = "copy the file again from its origin"


def lenses(cursor: Cursor) -> list[Lens]:
    """Of `sensor_msgs/msg/CameraInfo`, message by message."""
    return [_lens(cursor.one(row)) for row in range(len(cursor.ends))]


def transforms(cursor: Cursor) -> list[Transform]:
    """Of `tf2_msgs/msg/TFMessage`, message by message."""
    return [found for row in range(len(cursor.ends)) for found in _transforms(cursor.one(row))]


def _lens(cursor: Cursor) -> Lens:
    cursor.stamps()
    height, width = cursor.numbers("u4", 2)[0].tolist()
    model = cursor.first_text()
    bent = int(cursor.numbers("u4")[0, 0])
    if bent > MOST_DISTORTION:
        raise UnreadableSource(f"a lens has {bent} parameters of distortion", remedy=REMEDY)
    distortion = cursor.numbers("f8", bent)[0].tolist() if bent else ()
    matrix = cursor.numbers("f8", 9)[0].tolist()
    cursor.skip("f8", 9)  # rectification
    projection = cursor.numbers("f8", 12)[0].tolist()
    binning = cursor.numbers("u4", 2)[0]
    x, y, high, wide = cursor.numbers("u4", 4)[0].tolist()
    cropped = (x, y) != (0, 0) or (wide, high) not in {(0, 0), (width, height)}
    return Lens(
        frame=cursor.frame,
        size=(width, height),
        model=model,
        distortion=tuple(distortion),
        matrix=tuple(matrix),
        projection=tuple(projection),
        partial=bool((binning > 1).any()) or cropped,
    )


def _transforms(cursor: Cursor) -> list[Transform]:
    count = int(cursor.numbers("u4")[0, 0])
    if count > MOST_TRANSFORMS:
        raise UnreadableSource(f"a message of {count} transforms", remedy=REMEDY)
    found = []
    for _ in range(count):
        cursor.stamps()
        child = cursor.first_text()
        x, y, z, *turn = cursor.numbers("f8", 7)[0].tolist()
        qx, qy, qz, qw = turn
        found.append(
            Transform(
                parent=cursor.frame, child=child, translation=(x, y, z), rotation=(qw, qx, qy, qz)
            )
        )
    return found
