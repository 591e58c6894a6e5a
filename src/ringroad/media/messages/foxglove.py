"""Messages of Foxglove's schemas, whichever way they are encoded; fields are asked by name.

Schemas: github.com/foxglove/foxglove-sdk, schemas. `foxglove.Imu` is not among them, but many
write it with the fields of the ROS message.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol, Self, TypeVar

import numpy as np

from ringroad.domain.recording import CAMERA, GNSS, IMU, LIDAR, SIGNALS
from ringroad.media.message import (
    Batch,
    Bulk,
    Header,
    Lane,
    Lens,
    Lenses,
    MessageType,
    Octets,
    Payloads,
    Series,
    Transform,
    Transforms,
    Values,
    imu,
    moving,
    place,
    pose,
)
from ringroad.media.pictures.plain import plain_encodings
from ringroad.media.points.pointcloud2 import FOXGLOVE_TYPES, MOST_FIELDS, sweep_encodings

MOST_DISTORTION = 16
MOST_TRANSFORMS = 4096
"""Messages."""
STILL = 1e-9
"""A point cloud that is moved by less lies where its sensor is."""


class Fields(Protocol):
    """Fields of n messages of one type, by name. What a message does not say is empty, or 0.

    Errors: UnreadableSource where messages contradict their schema.
    """

    @property
    def count(self) -> int:
        """How many messages."""
        ...

    def numbers(self, name: str) -> np.ndarray:
        """(n,) numbers."""
        ...

    def texts(self, name: str) -> list[str]:
        """A string of each."""
        ...

    def first(self, name: str) -> str:
        """A string of the first message."""
        ...

    def octets(self, name: str) -> Octets:
        """Where bytes lie in the buffer."""
        ...

    def stamps(self, name: str) -> np.ndarray:
        """(n,) int64 ns."""
        ...

    def inner(self, name: str) -> Self:
        """The message that a field holds, of each."""
        ...

    def listed(self, name: str) -> tuple[Self, np.ndarray]:
        """All messages that a repeated field holds, and which of ours each belongs to."""
        ...

    def vectors(self, name: str, most: int) -> list[tuple[float, ...]]:
        """Numbers that a repeated field holds, of each; at most so many."""
        ...


Open = Callable[[Batch], Fields]
Found = TypeVar("Found")


def foxglove_type(kind: str, opened: Open, *, header: Header | None = None) -> MessageType | None:
    """What reads messages of a type; None where nothing does.

    Args:
        kind: name of the schema.
        opened: gives the fields of messages.
        header: what looks at pictures that do not lie as bytes.
    """
    if kind in PAYLOADS:
        sensor, find = PAYLOADS[kind]
        return Bulk(
            sensor=sensor, find=partial(_found, opened, find), video=kind == VIDEO, header=header
        )
    if kind in READERS:
        sensor, read = READERS[kind]
        return Lane(sensor=sensor, read=partial(_read, opened, read))
    if kind == LENS:
        return Lenses(read=partial(_found, opened, lenses))
    if kind in TRANSFORMS:
        return Transforms(read=partial(_found, opened, TRANSFORMS[kind]), most=MOST_TRANSFORMS)
    return None


def pictures(fields: Fields) -> Payloads:
    """Of CompressedImage and CompressedVideo: the bytes tell what they are."""
    data = fields.octets("data")
    return Payloads(
        stamps_ns=fields.stamps("timestamp"),
        begins=data.begins,
        lengths=data.lengths,
        frame=fields.first("frame_id"),
    )


def plain_pictures(fields: Fields) -> Payloads:
    """Of RawImage, whose values are little endian."""
    data = fields.octets("data")
    shapes = np.stack([_whole(fields, side) for side in ("width", "height")], axis=1)
    steps, little = _whole(fields, "step"), np.zeros(fields.count, bool)
    encodings, doubts = plain_encodings(fields.texts("encoding"), little, shapes, steps, data.sizes)
    return _told(fields, data, encodings, shapes, doubts)


def clouds(fields: Fields) -> Payloads:
    """Of PointCloud."""
    data = fields.octets("data")
    steps = _whole(fields, "point_stride")
    counts = data.sizes // np.maximum(steps, 1)
    whole = (steps > 0) & (steps * counts == data.sizes)
    whole &= (data.lengths > 0) | (data.encoded == "")  # text that was not found has no length
    order = ["<"] * fields.count
    told = zip(whole.tolist(), steps.tolist(), _point_fields(fields), order, strict=True)
    encodings, doubts = sweep_encodings(told, FOXGLOVE_TYPES)
    shapes = np.stack([counts, np.ones_like(counts)], axis=1)
    moved = _moved(fields.inner("pose"))
    return _told(fields, data, encodings, shapes, (*doubts, *moved))


def lenses(fields: Fields) -> list[Lens]:
    """Of CameraCalibration."""
    sizes = zip(_whole(fields, "width").tolist(), _whole(fields, "height").tolist(), strict=True)
    columns = (
        fields.texts("frame_id"),
        sizes,
        fields.texts("distortion_model"),
        fields.vectors("D", MOST_DISTORTION),
        fields.vectors("K", 9),
        fields.vectors("P", 12),
    )
    return [
        Lens(frame=frame, size=size, model=model, distortion=bent, matrix=k, projection=p)
        for frame, size, model, bent, k, p in zip(*columns, strict=True)
    ]


def transforms(fields: Fields) -> list[Transform]:
    """Of FrameTransform."""
    parents, children = (fields.texts(f"{who}_frame_id") for who in ("parent", "child"))
    places = _parts(fields.inner("translation"), "xyz").tolist()
    turns = _parts(fields.inner("rotation"), "wxyz").tolist()
    return [
        Transform(parent=parent, child=child, translation=(x, y, z), rotation=(qw, qx, qy, qz))
        for parent, child, (x, y, z), (qw, qx, qy, qz) in zip(
            parents, children, places, turns, strict=True
        )
    ]


def many_transforms(fields: Fields) -> list[Transform]:
    """Of FrameTransforms."""
    return transforms(fields.listed("transforms")[0])


def _fix(fields: Fields) -> Values:
    where = (fields.numbers(name) for name in ("latitude", "longitude", "altitude"))
    return _values(fields, place(*where), frame=fields.first("frame_id"))


def _imu(fields: Fields) -> Values:
    turning = _parts(fields.inner("angular_velocity"), "xyz")
    speeding_up = _parts(fields.inner("linear_acceleration"), "xyz")
    return _values(fields, imu(turning, speeding_up), frame=fields.first("frame_id"))


def _pose_in_frame(fields: Fields) -> Values:
    return _values(fields, _pose(fields))


def _odometry(fields: Fields) -> Values:
    ahead = fields.inner("linear_velocity").numbers("x")
    turning = fields.inner("angular_velocity").numbers("z")
    return _values(fields, (*_pose(fields), *moving(ahead, turning)))


PREFIX = "foxglove."
VIDEO, LENS = f"{PREFIX}CompressedVideo", f"{PREFIX}CameraCalibration"
PAYLOADS: Mapping[str, tuple[str, Callable[[Fields], Payloads]]] = {
    f"{PREFIX}CompressedImage": (CAMERA, pictures),
    f"{PREFIX}RawImage": (CAMERA, plain_pictures),
    VIDEO: (CAMERA, pictures),
    f"{PREFIX}PointCloud": (LIDAR, clouds),
}
"""Name of a schema -> which sensor it is, and what finds its picture or sweep."""
READERS: Mapping[str, tuple[str, Callable[[Fields], Values]]] = {
    f"{PREFIX}LocationFix": (GNSS, _fix),
    f"{PREFIX}Imu": (IMU, _imu),
    f"{PREFIX}PoseInFrame": (SIGNALS, _pose_in_frame),
    f"{PREFIX}Odometry": (SIGNALS, _odometry),
}
"""Name of a schema -> which sensor it is, and how its values are read."""
TRANSFORMS: Mapping[str, Callable[[Fields], list[Transform]]] = {
    f"{PREFIX}FrameTransform": transforms,
    f"{PREFIX}FrameTransforms": many_transforms,
}


def _found(opened: Open, find: Callable[[Fields], Found], batch: Batch) -> Found:
    return find(opened(batch))


def _read(opened: Open, read: Callable[[Fields], Values], batch: Batch, _: str) -> Values:
    return read(opened(batch))


def _values(fields: Fields, series: tuple[Series, ...], *, frame: str = "") -> Values:
    return Values(stamps_ns=fields.stamps("timestamp"), series=series, frame=frame)


def _told(
    fields: Fields,
    data: Octets,
    encodings: tuple[str, ...],
    shapes: np.ndarray,
    doubts: tuple[str, ...],
) -> Payloads:
    """Payloads whose encoding the messages tell."""
    return Payloads(
        stamps_ns=fields.stamps("timestamp"),
        begins=data.begins,
        lengths=data.lengths,
        frame=fields.first("frame_id"),
        encodings=tuple(encoding and data.encoded + encoding for encoding in encodings),
        shapes=shapes,
        doubts=doubts,
    )


def _point_fields(fields: Fields) -> list[tuple[tuple[str, int, int], ...]]:
    """Of each message the fields of its points: name, place, number of the type."""
    inside, rows = fields.listed("fields")
    names = inside.texts("name")
    told = (names, _whole(inside, "offset").tolist(), _whole(inside, "type").tolist())
    found: list[list[tuple[str, int, int]]] = [[] for _ in range(fields.count)]
    for row, field in zip(rows.tolist(), zip(*told, strict=True), strict=True):
        if len(found[row]) < MOST_FIELDS:
            found[row].append(field)
    return [tuple(listed) for listed in found]


def _moved(pose_of: Fields) -> tuple[str, ...]:
    """Whether points lie elsewhere than their sensor."""
    at = _parts(pose_of.inner("position"), "xyz")
    turn = _parts(pose_of.inner("orientation"), "xyz")
    still = not (np.abs(at) > STILL).any() and not (np.abs(turn) > STILL).any()
    return () if still else ("its points have a pose of their own, which is not applied",)


def _pose(fields: Fields) -> tuple[Series, ...]:
    inside = fields.inner("pose")
    at = _parts(inside.inner("position"), "xyz")
    return pose(at, _parts(inside.inner("orientation"), "xyzw"))


def _parts(fields: Fields, names: str) -> np.ndarray:
    """(n, k) float64 of fields of one letter."""
    return np.stack([fields.numbers(name).astype(np.float64) for name in names], axis=1)


def _whole(fields: Fields, name: str) -> np.ndarray:
    """(n,) int64; 0 where it is no whole number that counts something."""
    values = fields.numbers(name).astype(np.float64)
    usable = np.isfinite(values) & (values >= 0) & (values < 2**32)
    return np.where(usable, values, 0).astype(np.int64)
