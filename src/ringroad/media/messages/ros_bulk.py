"""Messages of ROS that carry pictures, frames of videos and sweeps. Their bytes are not touched."""

from __future__ import annotations

import numpy as np

from ringroad.domain.errors import UnreadableSource
from ringroad.media.message import Payloads
from ringroad.media.pictures.plain import plain_encodings
from ringroad.media.points.pointcloud2 import MOST_FIELDS, REMEDY, TYPES, sweep_encodings
from ringroad.media.wire.cdr import Cursor

MOST_POINTS = 1 << 28
"""In a row, and rows: more do not fit into a message, and products of them into 64 bits."""


def pictures(cursor: Cursor) -> Payloads:
    """Of `sensor_msgs/msg/CompressedImage`."""
    stamps_ns = cursor.stamps()
    cursor.skip_text()  # format: said in many ways, the bytes themselves are sure
    begins, lengths = cursor.sequence()
    return Payloads(stamps_ns=stamps_ns, begins=begins, lengths=lengths, frame=cursor.frame)


def videos(cursor: Cursor) -> Payloads:
    """Of `foxglove_msgs/msg/CompressedVideo`, which begins with a time and a name."""
    stamps_ns = cursor.times()
    frame = cursor.first_text()
    begins, lengths = cursor.sequence()
    return Payloads(stamps_ns=stamps_ns, begins=begins, lengths=lengths, frame=frame)


def plain_pictures(cursor: Cursor) -> Payloads:
    """Of `sensor_msgs/msg/Image`."""
    stamps_ns = cursor.stamps()
    shapes = cursor.numbers("u4", 2).astype(np.int64)[:, ::-1]
    told = cursor.texts()
    big_endian = cursor.numbers("u1")[:, 0] != 0
    steps = cursor.numbers("u4")[:, 0].astype(np.int64)
    begins, lengths = cursor.sequence()
    encodings, doubts = plain_encodings(told, big_endian, shapes, steps, lengths)
    return Payloads(
        stamps_ns=stamps_ns,
        begins=begins,
        lengths=lengths,
        frame=cursor.frame,
        encodings=encodings,
        shapes=shapes,
        doubts=doubts,
    )


def clouds(cursor: Cursor) -> Payloads:
    """Of `sensor_msgs/msg/PointCloud2`, whose fields are the same in every message."""
    stamps_ns = cursor.stamps()
    shapes = cursor.numbers("u4", 2).astype(np.int64)[:, ::-1]
    fields = _fields(cursor)
    big_endian = cursor.numbers("u1")[:, 0] != 0
    steps = cursor.numbers("u4", 2).astype(np.int64)  # of a point, of a row
    begins, lengths = cursor.sequence()
    whole = shapes.max(axis=1, initial=0) < MOST_POINTS
    whole &= shapes[:, 0] * steps[:, 0] == steps[:, 1]
    whole &= shapes[:, 1] * steps[:, 1] == lengths
    orders = np.where(big_endian, ">", "<").tolist()
    told = zip(whole.tolist(), steps[:, 0].tolist(), fields, orders, strict=True)
    encodings, doubts = sweep_encodings(told, TYPES)
    return Payloads(
        stamps_ns=stamps_ns,
        begins=begins,
        lengths=lengths,
        frame=cursor.frame,
        encodings=encodings,
        shapes=shapes,
        doubts=doubts,
    )


def _fields(cursor: Cursor) -> list[tuple[tuple[str, int, int], ...]]:
    """Of each message the fields of its points: name, place, number of the type; single ones."""
    counts = cursor.numbers("u4")[:, 0]
    if (counts != counts[:1]).any() or (counts > MOST_FIELDS).any():
        raise UnreadableSource("its points change their fields, or have too many", remedy=REMEDY)
    columns = []
    for _ in range(int(counts[0]) if len(counts) else 0):
        names = cursor.texts()
        places = cursor.numbers("u4")[:, 0].tolist()
        types = cursor.numbers("u1")[:, 0].tolist()
        single = (cursor.numbers("u4")[:, 0] == 1).tolist()
        columns.append([*zip(names, places, types, single, strict=True)])
    rows = zip(*columns, strict=True) if columns else ((),) * len(counts)
    return [tuple((name, at, kind) for name, at, kind, alone in row if alone) for row in rows]
