"""Messages of ROS whose values are signals.

Fields after the definitions of common_interfaces and ros_canopen. Units are those of REP 103.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ringroad.domain.recording import CAN, GNSS, IMU, SIGNALS
from ringroad.media.message import (
    UNKNOWN_STATUS,
    Series,
    Values,
    axes,
    every,
    imu,
    moving,
    place,
    pose,
    some,
)
from ringroad.media.wire.cdr import Cursor

COVARIANCE, POSE_COVARIANCE = 9, 36
"""Doubles of a 3x3 and of a 6x6 matrix."""


def _imu(cursor: Cursor, _: str) -> Values:
    stamps_ns = cursor.stamps()
    cursor.skip("f8", 4 + COVARIANCE)  # orientation
    turning = cursor.numbers("f8", 3)
    cursor.skip("f8", COVARIANCE)
    speeding_up = cursor.numbers("f8", 3)
    return _stamped(cursor, stamps_ns, imu(turning, speeding_up))


def _nav_sat_fix(cursor: Cursor, _: str) -> Values:
    stamps_ns = cursor.stamps()
    status = cursor.numbers("i1")[:, 0]
    cursor.skip("u2")  # which satellites
    where = cursor.numbers("f8", 3)
    known = np.flatnonzero(status != UNKNOWN_STATUS)
    series = (some("gnss.status", known, status[known]), *place(*where.T))
    return _stamped(cursor, stamps_ns, series)


def _magnetic_field(cursor: Cursor, _: str) -> Values:
    stamps_ns = cursor.stamps()
    field = axes("magnetic_field", "T", cursor.numbers("f8", 3))
    return _stamped(cursor, stamps_ns, tuple(field))


def _twist_stamped(cursor: Cursor, _: str) -> Values:
    stamps_ns = cursor.stamps()
    return _stamped(cursor, stamps_ns, _moving(cursor))


def _twist(cursor: Cursor, _: str) -> Values:
    return Values(stamps_ns=None, series=_moving(cursor))


def _moving(cursor: Cursor) -> tuple[Series, ...]:
    six = cursor.numbers("f8", 6)
    return moving(six[:, 0], six[:, 5])


def _pose_stamped(cursor: Cursor, _: str) -> Values:
    """`frame` says in which map the vehicle is, not where a sensor sits: it is not handed on."""
    stamps_ns = cursor.stamps()
    return Values(stamps_ns=stamps_ns, series=pose(*_pose(cursor)))


def _odometry(cursor: Cursor, _: str) -> Values:
    stamps_ns = cursor.stamps()
    cursor.skip_text()  # of the vehicle
    where = pose(*_pose(cursor))
    cursor.skip("f8", POSE_COVARIANCE)
    return Values(stamps_ns=stamps_ns, series=(*where, *_moving(cursor)))


def _pose(cursor: Cursor) -> tuple[np.ndarray, np.ndarray]:
    seven = cursor.numbers("f8", 7)
    return seven[:, :3], seven[:, 3:]


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
        found.append(some(f"can.0x{number:03x}.bytes0-3", rows, halves[rows, 0]))
        long = rows[flags[rows, 3] > 4]
        if len(long):
            found.append(some(f"can.0x{number:03x}.bytes4-7", long, halves[long, 1]))
    return Values(stamps_ns=stamps_ns, series=tuple(found))


def _number(kind: str) -> Callable[[Cursor, str], Values]:
    """A `std_msgs` number is named by the last part of its channel."""

    def read(cursor: Cursor, topic: str) -> Values:
        name = topic.rstrip("/").rpartition("/")[2] or "value"
        series = (every(name, "", cursor.numbers(kind)[:, 0]),)
        return Values(stamps_ns=None, series=series)

    return read


def _stamped(cursor: Cursor, stamps_ns: np.ndarray, series: tuple[Series, ...]) -> Values:
    return Values(stamps_ns=stamps_ns, series=series, frame=cursor.frame)


NUMBERS = {
    "Bool": "u1",
    **{f"Float{8 * size}": f"f{size}" for size in (4, 8)},
    **{f"Int{8 * size}": f"i{size}" for size in (1, 2, 4, 8)},
    **{f"UInt{8 * size}": f"u{size}" for size in (1, 2, 4, 8)},
}
"""Of `std_msgs`, and the type of their value."""

READERS: Mapping[str, tuple[str, Callable[[Cursor, str], Values]]] = {
    "sensor_msgs/msg/Imu": (IMU, _imu),
    "sensor_msgs/msg/MagneticField": (IMU, _magnetic_field),
    "sensor_msgs/msg/NavSatFix": (GNSS, _nav_sat_fix),
    "geometry_msgs/msg/TwistStamped": (SIGNALS, _twist_stamped),
    "geometry_msgs/msg/Twist": (SIGNALS, _twist),
    "geometry_msgs/msg/PoseStamped": (SIGNALS, _pose_stamped),
    "nav_msgs/msg/Odometry": (SIGNALS, _odometry),
    "can_msgs/msg/Frame": (CAN, _can),
    **{f"std_msgs/msg/{name}": (SIGNALS, _number(kind)) for name, kind in NUMBERS.items()},
}
"""Message type -> which sensor it is, and how its values are read."""
