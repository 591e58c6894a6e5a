"""ROS 2 messages we understand: where the picture lies in an image, and which values are signals.

Fields after the definitions of common_interfaces and ros_canopen. Units are those of REP 103.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ringroad.domain.recording import CAMERA, CAN, GNSS, IMU, SIGNALS
from ringroad.media.cdr import Cursor

IMAGE = "sensor_msgs/msg/CompressedImage"
VIDEO = "foxglove_msgs/msg/CompressedVideo"
ENCODINGS = ("cdr", "ros1")
"""Message encodings that a cursor reads: CDR, and the serialisation of ROS 1."""

COVARIANCE = 9  # doubles of a 3x3 matrix
UNKNOWN_STATUS = -2
"""`sensor_msgs/NavSatStatus` says so where nothing is known of the fix."""
SIGNAL, UNIT = "ringroad.signal", "unit"
"""In the metadata of a channel of plain numbers: what they are."""


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
    """What a channel of low rate says.

    Attributes:
        stamps_ns: (n,) int64 of the messages' headers; None where the type has none.
        series: its signals.
    """

    stamps_ns: np.ndarray | None
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pictures:
    """Where the encoded pictures of image messages lie.

    Attributes:
        stamps_ns: (n,) int64.
        begins: (n,) int64, places in the buffer.
        lengths: (n,) int64.
    """

    stamps_ns: np.ndarray
    begins: np.ndarray
    lengths: np.ndarray


def pictures(cursor: Cursor) -> Pictures:
    """The pictures of `sensor_msgs/msg/CompressedImage`; their bytes are not touched."""
    stamps_ns = cursor.stamps()
    cursor.skip_text()  # format: said in many ways, the bytes themselves are sure
    begins, lengths = cursor.sequence()
    return Pictures(stamps_ns=stamps_ns, begins=begins, lengths=lengths)


def videos(cursor: Cursor) -> Pictures:
    """The frames of `foxglove_msgs/msg/CompressedVideo`; a time and a text begin it as a header."""
    stamps_ns = cursor.stamps()
    begins, lengths = cursor.sequence()
    return Pictures(stamps_ns=stamps_ns, begins=begins, lengths=lengths)


PICTURES: dict[str, Callable[[Cursor], Pictures]] = {IMAGE: pictures, VIDEO: videos}
"""Message types that hold encoded pictures, and what finds them."""


def values(kind: str, topic: str, cursor: Cursor) -> Values:
    """Signals of one channel whose type is in `SENSORS`."""
    return READERS[kind][1](cursor, topic)


def _imu(cursor: Cursor, _: str) -> Values:
    stamps_ns = cursor.stamps()
    cursor.skip("f8", 4 + COVARIANCE)  # orientation
    turning = cursor.numbers("f8", 3)
    cursor.skip("f8", COVARIANCE)
    speeding_up = cursor.numbers("f8", 3)
    return Values(
        stamps_ns=stamps_ns,
        series=(
            *_axes("imu.angular_velocity", "rad/s", turning),
            *_axes("imu.linear_acceleration", "m/s2", speeding_up),
        ),
    )


def _nav_sat_fix(cursor: Cursor, _: str) -> Values:
    stamps_ns = cursor.stamps()
    status = cursor.numbers("i1")[:, 0]
    cursor.skip("u2")  # which satellites
    place = cursor.numbers("f8", 3)
    known = np.flatnonzero(status != UNKNOWN_STATUS)
    return Values(
        stamps_ns=stamps_ns,
        series=(
            _some("gnss.status", known, status[known]),
            _all("gnss.latitude", "deg", place[:, 0]),
            _all("gnss.longitude", "deg", place[:, 1]),
            _all("gnss.altitude", "m", place[:, 2]),
        ),
    )


def _twist_stamped(cursor: Cursor, _: str) -> Values:
    return _moving(cursor, cursor.stamps())


def _twist(cursor: Cursor, _: str) -> Values:
    return _moving(cursor, None)


def _moving(cursor: Cursor, stamps_ns: np.ndarray | None) -> Values:
    """A vehicle drives forwards and turns about z; the other four are noise of the estimate."""
    six = cursor.numbers("f8", 6)
    series = (_all("speed", "m/s", six[:, 0]), _all("yaw_rate", "rad/s", six[:, 5]))
    return Values(stamps_ns=stamps_ns, series=series)


def _can(cursor: Cursor, _: str) -> Values:
    """Each message as two whole numbers, bytes 0 to 3 and 4 to 7 with the first byte highest.

    Doubles hold both exactly, so that no bit is lost before a CAN database decodes them.
    """
    stamps_ns = cursor.stamps()
    ids = cursor.numbers("u4")[:, 0]
    flags = cursor.numbers("u1", 4)  # remote, extended, error, number of bytes
    halves = np.ascontiguousarray(cursor.numbers("u1", 8)).view(">u4")
    usable = (flags[:, 0] == 0) & (flags[:, 2] == 0)
    found = []
    for number in np.unique(ids[usable]):
        rows = np.flatnonzero(usable & (ids == number))
        found.append(_some(f"can.0x{number:03x}.bytes0-3", rows, halves[rows, 0]))
        long = rows[flags[rows, 3] > 4]
        if len(long):
            found.append(_some(f"can.0x{number:03x}.bytes4-7", long, halves[long, 1]))
    return Values(stamps_ns=stamps_ns, series=tuple(found))


def _number(kind: str) -> Callable[[Cursor, str], Values]:
    """A `std_msgs` number is named by the last part of its channel."""

    def read(cursor: Cursor, topic: str) -> Values:
        name = topic.rstrip("/").rpartition("/")[2] or "value"
        series = (_all(name, "", cursor.numbers(kind)[:, 0]),)
        return Values(stamps_ns=None, series=series)

    return read


READERS: dict[str, tuple[str, Callable[[Cursor, str], Values]]] = {
    "sensor_msgs/msg/Imu": (IMU, _imu),
    "sensor_msgs/msg/NavSatFix": (GNSS, _nav_sat_fix),
    "geometry_msgs/msg/TwistStamped": (SIGNALS, _twist_stamped),
    "geometry_msgs/msg/Twist": (SIGNALS, _twist),
    "can_msgs/msg/Frame": (CAN, _can),
    "std_msgs/msg/Bool": (SIGNALS, _number("u1")),
    "std_msgs/msg/Float32": (SIGNALS, _number("f4")),
    "std_msgs/msg/Float64": (SIGNALS, _number("f8")),
    "std_msgs/msg/Int32": (SIGNALS, _number("i4")),
    "std_msgs/msg/UInt32": (SIGNALS, _number("u4")),
}
"""Message type -> which sensor it is, and how its values are read."""

SENSORS = dict.fromkeys(PICTURES, CAMERA) | {kind: sensor for kind, (sensor, _) in READERS.items()}


def _axes(name: str, unit: str, three: np.ndarray) -> Iterator[Series]:
    for at, axis in enumerate("xyz"):
        yield _all(f"{name}.{axis}", unit, three[:, at])


def _all(name: str, unit: str, column: np.ndarray) -> Series:
    return Series(
        name=name, unit=unit, rows=np.arange(len(column)), values=column.astype(np.float64)
    )


def _some(name: str, rows: np.ndarray, column: np.ndarray) -> Series:
    return Series(name=name, unit="", rows=rows, values=column.astype(np.float64))
