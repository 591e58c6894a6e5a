"""What is known of a scene of nuScenes beside its pictures and sweeps: times, places, calibrations.

It stands in the tables of the data set, or in a keyframe's file that others derived from them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ringroad.domain.calibration import CAMERA_AXES, VEHICLE, VEHICLE_AXES, Calibration
from ringroad.domain.errors import UnreadableSource
from ringroad.ingest.folder_files import Placed, text
from ringroad.ingest.nuscenes_tables import Row, numbers, rows, text_field
from ringroad.ingest.poses import quaternion_of
from ringroad.protocols.reader import ReadRequest

LIDAR_AXES = "x right, y ahead, z up"
MICROSECOND_NS = 1000
LATEST_US = 2**63 // MICROSECOND_NS - 1
TABLES = ("scene", "sample", "sample_data", "calibrated_sensor", "ego_pose")
"""Those that are read; categories, instances, annotations and maps are left alone."""
_NOTHING = np.zeros((0, 7))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Known:
    """Of one scene.

    Attributes:
        times_ns: when a file was made, by its name, where something else than its name tells.
        calibrations: of channels, whether or not they have files.
        pose_ns: (n,) int64.
        poses: (n, 7) float64: x, y, z in metres of the map, quaternion w, x, y, z.
        notes: doubts.
    """

    times_ns: Mapping[str, int] = field(default_factory=dict)
    calibrations: Sequence[Calibration] = ()
    pose_ns: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    poses: np.ndarray = field(default_factory=lambda: _NOTHING)
    notes: Sequence[str] = ()


def scenes(version: Path, present: Collection[str]) -> dict[str, list[str]]:
    """Files of each scene of a version of the tables, among those that are there.

    Raises:
        UnreadableSource: one of the three tables that tell it is none.
        OSError: one of them is missing.
    """
    names = {row.get("token"): row.get("name") for row in rows(version / "scene.json")}
    scene_of = {
        row.get("token"): names.get(row.get("scene_token")) for row in rows(version / "sample.json")
    }
    sample_of, file_of = text_field("sample_token"), text_field("filename")
    found: dict[str, list[str]] = {}

    def look(row: bytes) -> bool:
        scene, file = scene_of.get(sample_of(row)), file_of(row)
        if isinstance(scene, str) and file in present:
            found.setdefault(scene, []).append(file)
        return False

    for _ in rows(version / "sample_data.json", look):
        pass
    return found


def from_tables(
    request: ReadRequest, tables: Mapping[str, Placed], channels: Mapping[str, str]
) -> Known:
    """What the tables say of a scene's files.

    Args:
        request: whose files they are.
        tables: by name.
        channels: of each file.
    """
    notes: list[str] = []
    file_of, token_of = text_field("filename"), text_field("token")
    data: dict[str, Row] = {}
    for row in _rows(request, tables, "sample_data", lambda row: file_of(row) in channels, notes):
        data.setdefault(str(row.get("filename")), row)
    times = {
        name: time_us * MICROSECOND_NS
        for name, row in data.items()
        if type(time_us := row.get("timestamp")) is int and 0 <= time_us <= LATEST_US
    }
    if len(times) < len(channels):
        notes.append(f"the tables tell no time of {len(channels) - len(times)} files")
    wanted = {row.get("ego_pose_token") for row in data.values()}
    placed_at, poses = [], []
    for row in _rows(request, tables, "ego_pose", lambda row: token_of(row) in wanted, notes):
        if (found := _pose(row)) is not None:
            placed_at.append(found[0])
            poses.append(found[1])
    return Known(
        times_ns=times,
        calibrations=_mounted(request, tables, data, channels, notes),
        pose_ns=np.array(placed_at, np.int64),
        poses=np.array(poses).reshape(-1, 7),
        notes=notes,
    )


def from_keyframe(
    request: ReadRequest, file: Placed, times_ns: Mapping[str, int], channels: Mapping[str, str]
) -> Known:
    """What a keyframe's own file says: the form that MMDetection3D derives from the tables.

    Poses are 4 x 4 matrices there, rounded to 32 bits, and its only time is one of a sweep.

    Args:
        request: whose file it is.
        file: JSON of one sample.
        times_ns: of each file, from its name.
        channels: of each file.
    """
    lidar = [times_ns[name] for name, channel in channels.items() if _is_lidar(channel)]
    try:
        (sample,) = json.loads(text(request, file))["data_list"]
        found = [
            _from_matrix(name, part["cam2ego"], file.name, part["cam2img"])
            for name, part in sorted(sample["images"].items())
        ]
        sweep = sample["lidar_points"]["lidar2ego"]
        found += [
            _from_matrix(name, sweep, file.name)
            for name in sorted({*channels.values()})
            if _is_lidar(name)
        ]
        ego = _from_matrix("", sample["ego2global"], file.name)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return Known(notes=[f"{file.name} is no keyframe of nuScenes: {error}"])
    except UnreadableSource as error:
        return Known(notes=[f"{file.name}: {error.what}; left out"])
    return Known(
        calibrations=found,
        pose_ns=np.array(lidar[:1], np.int64),
        poses=np.array([(*ego.translation_m, *ego.rotation)] * len(lidar[:1])).reshape(-1, 7),
        notes=["one keyframe, in a form that others derived: poses are rounded to 32 bits"],
    )


def _is_lidar(channel: str) -> bool:
    return channel.startswith("LIDAR")


def _rows(
    request: ReadRequest,
    tables: Mapping[str, Placed],
    name: str,
    wanted: Callable[[bytes], bool],
    notes: list[str],
) -> list[Row]:
    if name not in tables:
        notes.append(f"there is no table {name}.json")
        return []
    try:
        return list(rows(request.path / tables[name].name, wanted))
    except UnreadableSource as error:
        notes.append(f"{tables[name].name}: {error.what}; left out")
        return []


def _pose(row: Row) -> tuple[int, tuple[float, ...]] | None:
    time_us = row.get("timestamp")
    if type(time_us) is not int or not 0 <= time_us <= LATEST_US:
        return None
    try:
        return time_us * MICROSECOND_NS, (
            *numbers(row, "translation", 3),
            *numbers(row, "rotation", 4),
        )
    except ValueError:
        return None


def _mounted(
    request: ReadRequest,
    tables: Mapping[str, Placed],
    data: Mapping[str, Row],
    channels: Mapping[str, str],
    notes: list[str],
) -> list[Calibration]:
    """Of each channel, the calibration that most of its files name."""
    named: dict[str, Counter[str]] = {}
    for file, row in sorted(data.items()):
        token = str(row.get("calibrated_sensor_token"))
        named.setdefault(channels[file], Counter())[token] += 1
    several = [channel for channel, counts in named.items() if len(counts) > 1]
    if several:
        notes.append(f"{', '.join(several)}: several calibrations, that of most files is taken")
    wanted = {counts.most_common(1)[0][0]: channel for channel, counts in named.items()}
    token_of = text_field("token")
    found = []
    for row in _rows(
        request, tables, "calibrated_sensor", lambda row: token_of(row) in wanted, notes
    ):
        channel = wanted.get(str(row.get("token")), "")
        try:
            found.append(_calibration(channel, row, tables["calibrated_sensor"].name))
        except ValueError as error:
            notes.append(f"{channel}: its calibration is none: {error}")
    return sorted(found, key=lambda item: item.channel)


def _calibration(channel: str, row: Row, origin: str) -> Calibration:
    matrix = row.get("camera_intrinsic")
    return Calibration(
        channel=channel,
        parent=VEHICLE,
        axes=_axes(channel),
        translation_m=numbers(row, "translation", 3),
        rotation=_unit(numbers(row, "rotation", 4)),
        intrinsics=_intrinsics(matrix) if matrix else (),
        origin=origin,
    )


def _from_matrix(channel: str, matrix: Any, origin: str, projection: Any = None) -> Calibration:
    """Of a 4 x 4 matrix that leads to the vehicle. Raises ValueError, TypeError."""
    whole = np.array(matrix, np.float64)
    if whole.shape != (4, 4) or not np.abs(whole).max() < np.inf:
        raise ValueError(f"{channel or 'the pose'} is no matrix of 4 x 4 numbers")
    return Calibration(
        channel=channel,
        parent=VEHICLE,
        axes=_axes(channel),
        translation_m=tuple(whole[:3, 3].tolist()),
        rotation=quaternion_of(whole[:3, :3]),
        intrinsics=_intrinsics(projection) if projection else (),
        origin=origin,
    )


def _axes(channel: str) -> str:
    if _is_lidar(channel):
        return LIDAR_AXES
    return CAMERA_AXES if channel.startswith("CAM") else VEHICLE_AXES


def _intrinsics(matrix: Any) -> tuple[float, ...]:
    k = np.array(matrix, np.float64)
    if k.shape != (3, 3) or not np.abs(k).max() < np.inf or min(k[0, 0], k[1, 1]) <= 0:
        raise ValueError("its camera matrix projects nothing")
    return (k[0, 0].item(), k[1, 1].item(), k[0, 2].item(), k[1, 2].item())


def _unit(quaternion: tuple[float, ...]) -> tuple[float, ...]:
    if abs(sum(part * part for part in quaternion) - 1) > 1e-3:
        raise ValueError("its rotation is no unit quaternion")
    return quaternion
