"""What messages say, however they are encoded: payloads, values, lenses, transforms.

`media/messages/types.py` knows which types of message are read, and as what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

UNKNOWN_STATUS = -2
"""`sensor_msgs/NavSatStatus` says so where nothing is known of the fix."""

Header = Callable[[memoryview], tuple[str, tuple[int, int]]]
"""Looks at one payload: its encoding, and width and height."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """Some messages of one channel in memory.

    Attributes:
        buffer: (b,) uint8 that holds them.
        starts: (n,) int64, where each begins.
        ends: (n,) int64, behind its last byte.
    """

    buffer: np.ndarray
    starts: np.ndarray
    ends: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """One signal over time.

    Attributes:
        name: `imu.angular_velocity.z` ...
        unit: of `values`.
        rows: (k,) which of the messages it comes from.
        values: (k,) float64.
    """

    name: str
    unit: str
    rows: np.ndarray
    values: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Values:
    """What messages of a channel of low rate say.

    Attributes:
        stamps_ns: (n,) int64 of the messages' headers; None where the type has none.
        series: its signals.
        frame: name of the sensor's coordinate system; empty where they do not say.
    """

    stamps_ns: np.ndarray | None
    series: tuple[Series, ...]
    frame: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Payloads:
    """Where the pictures or sweeps of messages lie.

    Attributes:
        stamps_ns: (n,) int64; 0 where a message does not say.
        begins: (n,) int64, places in the buffer.
        lengths: (n,) int64.
        frame: name of the sensor's coordinate system.
        encodings: of each, empty text where nobody reads it; None where the bytes tell.
        shapes: (n, 2) int64 width and height, in pixels or points; None where the bytes tell.
        doubts: why some are not read.
    """

    stamps_ns: np.ndarray
    begins: np.ndarray
    lengths: np.ndarray
    frame: str = ""
    encodings: tuple[str, ...] | None = None
    shapes: np.ndarray | None = None
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Octets:
    """Where the bytes of a field lie.

    Attributes:
        begins: (n,) int64, places in the buffer.
        lengths: (n,) int64, as they lie there; 0 where there are none.
        sizes: (n,) int64, of the bytes that they stand for, where they are text.
        encoded: what stands in front of the encoding of such text, or empty.
    """

    begins: np.ndarray
    lengths: np.ndarray
    sizes: np.ndarray
    encoded: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """How one camera projects, as a message of calibration says.

    Attributes:
        frame: name of the camera's coordinate system.
        size: width and height of its pictures in pixels.
        model: of the distortion, as the message calls it.
        distortion: its parameters.
        matrix: K, 3 x 3 by rows: of pictures as they were taken; empty where it is not told.
        projection: P, 3 x 4 by rows: of rectified pictures; empty where it is not told.
        partial: whether pictures are cropped or binned, so that both speak of others.
    """

    frame: str
    size: tuple[int, int]
    model: str
    distortion: tuple[float, ...]
    matrix: tuple[float, ...]
    projection: tuple[float, ...]
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform:
    """Where one coordinate system lies in another: `rotation * p + translation` of a point p."""

    parent: str
    child: str
    translation: tuple[float, float, float]
    rotation: tuple[float, float, float, float]
    """w, x, y, z as the message has them: of whatever length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """A type of message that carries one picture or sweep each."""

    sensor: str
    find: Callable[[Batch], Payloads]
    video: bool = False
    """Whether frames need others to be decoded."""
    header: Header | None = None
    """What looks at payloads that tell their encoding themselves; None for JPEG and PNG."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A type of message whose values are signals. `read` takes the channel's name as well."""

    sensor: str
    read: Callable[[Batch, str], Values]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lenses:
    """A type of message that tells how a camera projects."""

    read: Callable[[Batch], list[Lens]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transforms:
    """A type of message that tells where coordinate systems lie."""

    read: Callable[[Batch], list[Transform]]
    most: int
    """So many messages of a channel are looked at."""


MessageType = Bulk | Lane | Lenses | Transforms


def shortened(reasons: Iterable[str]) -> tuple[str, ...]:
    """At most three different ones; empty texts are none."""
    return tuple(sorted({why for why in reasons if why}))[:3]


def axes(name: str, unit: str, three: np.ndarray) -> Iterator[Series]:
    """Three series of (n, 3) values: `NAME.x`, `NAME.y`, `NAME.z`."""
    for at, axis in enumerate("xyz"):
        yield every(f"{name}.{axis}", unit, three[:, at])


def every(name: str, unit: str, column: np.ndarray) -> Series:
    """A series with a value of each message."""
    return Series(
        name=name, unit=unit, rows=np.arange(len(column)), values=column.astype(np.float64)
    )


def some(name: str, rows: np.ndarray, column: np.ndarray) -> Series:
    """A series with values of some messages."""
    return Series(name=name, unit="", rows=rows, values=column.astype(np.float64))


def pose(position: np.ndarray, orientation: np.ndarray) -> tuple[Series, ...]:
    """Where the vehicle was: (n, 3) metres, and (n, 4) quaternions x, y, z, w as ROS has them."""
    turned = (every(f"pose.orientation.{part}", "", orientation[:, at]) for part, at in QUATERNION)
    return (*axes("pose.position", "m", position), *turned)


def imu(turning: np.ndarray, speeding_up: np.ndarray) -> tuple[Series, ...]:
    """(n, 3) rad/s and (n, 3) m/s2."""
    return (
        *axes("imu.angular_velocity", "rad/s", turning),
        *axes("imu.linear_acceleration", "m/s2", speeding_up),
    )


def place(latitude: np.ndarray, longitude: np.ndarray, altitude: np.ndarray) -> tuple[Series, ...]:
    """Degrees and metres."""
    return (
        every("gnss.latitude", "deg", latitude),
        every("gnss.longitude", "deg", longitude),
        every("gnss.altitude", "m", altitude),
    )


def moving(ahead: np.ndarray, about_z: np.ndarray) -> tuple[Series, ...]:
    """A vehicle drives forwards and turns about z; the rest of its motion is noise."""
    return (every("speed", "m/s", ahead), every("yaw_rate", "rad/s", about_z))


QUATERNION = (("w", 3), ("x", 0), ("y", 1), ("z", 2))
"""Parts of a quaternion in our order, and their places where w comes last."""
