"""Reads logs of Argoverse 2's sensor data: cameras, lidar and poses; annotations come apart."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from ringroad.domain.calibration import CAMERA_AXES, VEHICLE, VEHICLE_AXES, Calibration
from ringroad.domain.errors import UnreadableSource
from ringroad.domain.recording import LIDAR
from ringroad.ingest.clock_text import LATEST_NS
from ringroad.ingest.folder_files import Placed, Shot, below, content, left_out, placed
from ringroad.ingest.folder_rows import folder_reading, picture_lane, sweep_lane
from ringroad.ingest.pose_signals import pose_signals
from ringroad.media.tables.feather import read_feather
from ringroad.protocols.reader import FoundFolder, Reading, ReadRequest

CAMERAS, SWEEPS = "sensors/cameras", "sensors/lidar"
POSES = "city_SE3_egovehicle.feather"
INTRINSICS, MOUNTS = "calibration/intrinsics.feather", "calibration/egovehicle_SE3_sensor.feather"
LENSES = ("sensor_name", "fx_px", "fy_px", "cx_px", "cy_px")
PLACE, TURN = ("tx_m", "ty_m", "tz_m"), ("qw", "qx", "qy", "qz")
_TIME = re.compile(r"(\d{1,19})\.\w+")


class Av2Layout:
    """A log is a recording; its times stand in the names of its files, in nanoseconds.

    Sweeps are stored in the vehicle's coordinate system, freed of its motion, so that the lidar
    has no pose of its own. Pictures were published rectified; the lenses' k1 to k3, which the
    tables go on to name, are left out. Lanes, annotations and maps are not read.
    """

    name = "av2"
    verified = "a sweep, poses and calibrations of av2-api's test data; pictures were not"

    def find(self, folder: Path) -> tuple[FoundFolder, ...]:
        """A folder with `sensors` and the vehicle's poses or the sensors' calibration."""
        if not (folder / CAMERAS).is_dir() and not (folder / SWEEPS).is_dir():
            return ()
        beside = [name for name in (MOUNTS, INTRINSICS, POSES) if (folder / name).is_file()]
        if not beside:
            return ()
        inside = (*(folder / CAMERAS).glob("*/[!.]*.jpg"), *(folder / SWEEPS).glob("[!.]*.feather"))
        names = sorted(path.relative_to(folder).as_posix() for path in inside)
        return (FoundFolder(key="", files=(*beside, *names)),)

    def read(self, request: ReadRequest) -> Reading:
        """Index one log. Raises UnreadableSource."""
        files = placed(request)
        notes: list[str] = []
        cameras = sorted({name.split("/")[2] for name in files if name.startswith(f"{CAMERAS}/")})
        lanes = [
            picture_lane(request, name, _shots(below(files, f"{CAMERAS}/{name}"), notes))
            for name in cameras
        ]
        sweeps = sweep_lane(
            request,
            LIDAR,
            _shots(below(files, SWEEPS), notes),
            sensor=LIDAR,
            encoding="feather-points",
            measure=_measure,
        )
        times, poses = _poses(request, files, notes)
        signals, channels = pose_signals("city_SE3_egovehicle", times, poses, encoding="feather")
        return folder_reading(
            request,
            container=self.name,
            clock="recorded",
            cameras=lanes,
            ranging=[sweeps],
            signals=signals,
            signal_channels=channels,
            calibrations=_calibrations(request, files, cameras, notes),
            notes=notes,
        )


def _shots(files: Sequence[Placed], notes: list[str]) -> list[Shot]:
    """Files in the order of their times."""
    timed: dict[int, Placed] = {}
    bad = []
    for file in files:
        match = _TIME.fullmatch(file.name.rpartition("/")[2])
        time_ns = int(match[1]) if match else LATEST_NS + 1
        if time_ns > LATEST_NS or time_ns in timed:
            bad.append(file.name)
        else:
            timed[time_ns] = file
    notes += left_out({"have no time of their own in their names": bad} if bad else {})
    return [
        Shot(file=timed[time_ns], sequence=sequence, time_ns=time_ns)
        for sequence, time_ns in enumerate(sorted(timed))
    ]


def _measure(data: bytes) -> tuple[int, int]:
    """Points of a sweep; its x alone is unpacked."""
    return read_feather(data, ["x"]).num_rows, len(data)


def _poses(
    request: ReadRequest, files: Mapping[str, Placed], notes: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Times, and x, y, z, qw, qx, qy, qz in the city."""
    table = _table(request, files, POSES, ("timestamp_ns", *PLACE, *TURN), notes)
    if table is None:
        return np.zeros(0, np.int64), np.zeros((0, 7))
    times = table["timestamp_ns"].to_numpy()
    values = np.stack([table[name].to_numpy() for name in (*PLACE, *TURN)], axis=1)
    good = (times >= 0) & np.isfinite(values).all(axis=1)
    if not good.all():
        notes.append(f"{POSES}: {np.count_nonzero(~good)} rows are no poses and were left out")
    return times[good], values[good]


def _calibrations(
    request: ReadRequest, files: Mapping[str, Placed], cameras: Sequence[str], notes: list[str]
) -> list[Calibration]:
    """Of the cameras, and of the lidar, whose sweeps are the vehicle's already."""
    lenses = _by_sensor(_table(request, files, INTRINSICS, LENSES, notes))
    mounts = _by_sensor(_table(request, files, MOUNTS, ("sensor_name", *PLACE, *TURN), notes))
    found = [
        Calibration(
            channel=LIDAR,
            parent=VEHICLE,
            axes=VEHICLE_AXES,
            translation_m=(0.0, 0.0, 0.0),
            rotation=(1.0, 0.0, 0.0, 0.0),
            origin="sweeps are stored in the vehicle's coordinate system",
        )
    ]
    for name in cameras:
        lens, mount = lenses.get(name, ()), mounts.get(name, ())
        if lens and (not np.isfinite(lens).all() or min(lens[:2]) <= 0):
            notes.append(f"{name}: its intrinsics project nothing; left out")
            lens = ()
        if mount and not abs(sum(part * part for part in mount[3:]) - 1) < 1e-3:
            notes.append(f"{name}: its rotation is no unit quaternion; left out")
            mount = ()
        if lens or mount:
            found.append(
                Calibration(
                    channel=name,
                    parent=VEHICLE,
                    axes=CAMERA_AXES,
                    translation_m=mount[:3],
                    rotation=mount[3:],
                    intrinsics=lens,
                    origin=f"{INTRINSICS}, {MOUNTS}",
                )
            )
    return found


def _by_sensor(table: pa.Table | None) -> dict[str, tuple[float, ...]]:
    if table is None:
        return {}
    names, *columns = (column.to_pylist() for column in table.columns)
    return dict(zip(names, zip(*columns, strict=True), strict=True))


def _table(
    request: ReadRequest,
    files: Mapping[str, Placed],
    name: str,
    columns: Sequence[str],
    notes: list[str],
) -> pa.Table | None:
    """Columns of a table: a name or time first, then numbers; None where it cannot be read."""
    if name not in files:
        notes.append(f"there is no {name}")
        return None
    first = pa.string() if columns[0] == "sensor_name" else pa.int64()
    kinds = pa.schema([(columns[0], first), *((column, pa.float64()) for column in columns[1:])])
    try:
        table = read_feather(content(request, files[name]), columns).cast(kinds)
    except (UnreadableSource, pa.ArrowException) as error:
        notes.append(f"{name}: {str(error)[:200]}; left out")
        return None
    whole = table.drop_null()
    if len(whole) < len(table):
        notes.append(f"{name}: {len(table) - len(whole)} rows with gaps were left out")
    return whole
