"""RADIATE's calibration file to poses: the lidar and the radar in the left camera.

The file states places T in metres and angles R in degrees of each sensor. How they make a
transform was taken from what the data set's own tools compute: of lidar l and camera c a point
lies at `(A Rx Ry Rz)^T p + (T_l - T_c)` in the camera, with angles R_l - R_c, where A turns the
axes of the one into those of the other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from ringroad.domain.calibration import CAMERA_AXES, VEHICLE, Calibration
from ringroad.ingest.poses import quaternion_of

AXES = "x right, y ahead, z up"
"""Of the lidar, and of the radar's Cartesian pictures."""
CAMERAS = {"zed_left": "left_cam_calib", "zed_right": "right_cam_calib"}
RANGING = {
    "velo_lidar": "lidar_calib",
    "Navtech_Cartesian": "radar_calib",
    "Navtech_Polar": "radar_calib",
}
BASE = "zed_left"
_SECTION = re.compile(r"(\w+):\s*")
_ENTRY = re.compile(r"\s+(\w+):\s*(\[?[-+.\deE, ]+\]?)\s*")
_AXES = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])

Sections = Mapping[str, Mapping[str, tuple[float, ...]]]


def parse_radiate(text: str) -> dict[str, dict[str, tuple[float, ...]]]:
    """Sections of numbers; all else that YAML knows is passed over."""
    found: dict[str, dict[str, tuple[float, ...]]] = {}
    section: dict[str, tuple[float, ...]] = {}
    for line in text.splitlines():
        if head := _SECTION.fullmatch(line):
            section = found.setdefault(head[1], {})
        elif entry := _ENTRY.fullmatch(line):
            try:
                numbers = tuple(float(part) for part in entry[2].strip("[] ").split(","))
            except ValueError:
                continue
            if np.isfinite(numbers).all():
                section[entry[1]] = numbers
    return found


def radiate_calibrations(sections: Sections, *, origin: str) -> list[Calibration]:
    """Of all channels that the file says something about.

    Raises:
        KeyError, ValueError: a section lacks a number, or has too many of them.
    """
    found = [
        _camera(channel, sections[name], origin)
        for channel, name in CAMERAS.items()
        if name in sections
    ]
    base = sections.get(CAMERAS[BASE])
    for channel, name in RANGING.items():
        if base is not None and name in sections:
            x, y, z = (
                mine - its
                for mine, its in zip(_three(sections[name], "T"), _three(base, "T"), strict=True)
            )
            angles = np.subtract(_three(sections[name], "R"), _three(base, "R"))
            found.append(
                Calibration(
                    channel=channel,
                    parent=BASE,
                    axes=AXES,
                    translation_m=(x, y, z),
                    rotation=quaternion_of((_AXES @ _turn(*np.radians(angles).tolist())).T),
                    origin=origin,
                )
            )
    return found


def _camera(channel: str, section: Mapping[str, tuple[float, ...]], origin: str) -> Calibration:
    fx, fy, cx, cy = (section[name][0] for name in ("fx", "fy", "cx", "cy"))
    return Calibration(
        channel=channel,
        parent=VEHICLE,
        axes=CAMERA_AXES,
        intrinsics=(fx, fy, cx, cy),
        distortion_model="plumb_bob",
        distortion=tuple(section[name][0] for name in ("k1", "k2", "p1", "p2", "k3")),
        origin=origin,
    )


def _three(section: Mapping[str, tuple[float, ...]], name: str) -> tuple[float, float, float]:
    x, y, z = section[name]
    return x, y, z


def _turn(x: float, y: float, z: float) -> np.ndarray:
    """(3, 3): about z, then y, then x, in radians."""
    cx, sx, cy, sy, cz, sz = np.cos(x), np.sin(x), np.cos(y), np.sin(y), np.cos(z), np.sin(z)
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    turned: np.ndarray = about_x @ about_y @ about_z
    return turned
