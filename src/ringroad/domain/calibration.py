"""Where a sensor sits on its vehicle and, of a camera, how it projects."""

from __future__ import annotations

from dataclasses import dataclass

VEHICLE = "vehicle"
"""The vehicle's own coordinate system: x ahead, y to the left, z up (ISO 8855), in metres."""
CAMERA_AXES = "x right, y down, z ahead"
VEHICLE_AXES = "x ahead, y left, z up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Of one channel, for a whole recording.

    A point p of the sensor's coordinate system lies at `rotation * p + translation_m` in the
    parent's.
    """

    channel: str
    parent: str
    """The coordinate system that the pose leads to: `vehicle`, or the name of a channel."""
    axes: str
    """Of the sensor's own coordinate system: `x right, y down, z ahead` ..."""
    translation_m: tuple[float, ...] = ()
    """x, y, z; empty where the pose is not known."""
    rotation: tuple[float, ...] = ()
    """Unit quaternion w, x, y, z; empty where the pose is not known."""
    intrinsics: tuple[float, ...] = ()
    """fx, fy, cx, cy in pixels; empty for sensors that do not project."""
    distortion_model: str = ""
    """`plumb_bob`, `fisheye` ..., or empty where pictures are rectified."""
    distortion: tuple[float, ...] = ()
    origin: str = ""
    """Which file or message it was read from."""
