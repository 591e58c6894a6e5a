"""Messages of ROS that carry pictures, frames of videos and sweeps. Their bytes are not touched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from ringroad.domain.errors import UnreadableSource
from ringroad.media.cdr import Cursor
from ringroad.media.messages import Payloads
from ringroad.media.plain import REMEDY, check_plain, plain_encoding
from ringroad.media.pointcloud2 import MOST_FIELDS, TYPES, layout_of


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
    whole = shapes[:, 0] * steps[:, 0] == steps[:, 1]
    whole &= shapes.prod(axis=1) * steps[:, 0] == lengths
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


def plain_encodings(
    told: Sequence[str],
    big_endian: np.ndarray,
    shapes: np.ndarray,
    steps: np.ndarray,
    lengths: np.ndarray,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Our encoding of each plain picture, empty text where it is not read, and why.

    Args:
        told: what messages call their encodings.
        big_endian: (n,) bool.
        shapes: (n, 2) width and height.
        steps: (n,) bytes of a row.
        lengths: (n,) bytes of the picture.
    """
    rows = zip(
        told, big_endian.tolist(), map(tuple, shapes.tolist()), steps.tolist(), lengths.tolist(),
        strict=True,
    )  # fmt: skip
    known: dict[tuple[object, ...], tuple[str, str]] = {}
    found = []
    for row in rows:
        if row not in known:
            known[row] = _plain_encoding(*row)
        found.append(known[row])
    return tuple(encoding for encoding, _ in found), _doubts(why for _, why in known.values())


def sweep_encodings(
    told: Iterable[tuple[bool, int, tuple[tuple[str, int, int], ...], str]], types: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Our encoding of each sweep, empty text where it is not read, and why.

    Args:
        told: of each whether it holds the points it claims, bytes of a point, its fields as
            `layout_of` takes them, and their byte order.
        types: numpy types by number.
    """
    known: dict[tuple[object, ...], tuple[str, str]] = {}
    found = []
    for row in told:
        if row not in known:
            known[row] = _sweep_encoding(*row, types)
        found.append(known[row])
    return tuple(encoding for encoding, _ in found), _doubts(why for _, why in known.values())


def _plain_encoding(
    told: str, big_endian: bool, shape: tuple[int, int], step: int, length: int
) -> tuple[str, str]:
    encoding = plain_encoding(told, big_endian=big_endian)
    if not encoding:
        return "", f"pictures encoded as {told[:40]!r} are not read"
    try:
        check_plain(encoding, length, shape, step)
    except UnreadableSource as error:
        return "", error.what
    return encoding, ""


def _sweep_encoding(
    whole: bool, step: int, fields: tuple[tuple[str, int, int], ...], order: str,
    types: Sequence[str],
) -> tuple[str, str]:  # fmt: skip
    if not whole:
        return "", "holds other bytes than its rows of points need"
    try:
        return str(layout_of(step, fields, types=types, order=order)), ""
    except UnreadableSource as error:
        return "", error.what


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


def _doubts(reasons: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({why for why in reasons if why}))[:3]
