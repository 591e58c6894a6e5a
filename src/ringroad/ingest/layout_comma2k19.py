"""Reads segments of comma2k19: logs of CAN, IMU, GNSS and pose, and a video where it is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ringroad.domain.calibration import CAMERA_AXES, VEHICLE, Calibration
from ringroad.domain.errors import UnreadableSource
from ringroad.domain.recording import OTHER, Channel
from ringroad.ingest.can_signals import can_signals
from ringroad.ingest.comma2k19_signals import (
    LOGS,
    POSE,
    POSE_SENSOR,
    POSES,
    RADAR,
    RADAR_SENSOR,
    columns_of,
    radar_signals,
)
from ringroad.ingest.folder_files import Placed, below, content, placed
from ringroad.ingest.folder_rows import Lane, folder_reading, video_lane
from ringroad.ingest.gps_time import ns_of_seconds, utc_of_gps
from ringroad.ingest.rows import Signal, rate_hz
from ringroad.media.can import CanLog, CanMessage, load_dbc
from ringroad.media.tables.npy import read_npy
from ringroad.media.video.container import index_video
from ringroad.media.video.hevc_stream import index_hevc_stream
from ringroad.protocols.reader import FoundFolder, Reading, ReadRequest

LOG = "processed_log"
RAW_CAN = "CAN/raw_can"
UNREAD = ("GNSS/raw_gnss_qcom", "GNSS/raw_gnss_ublox")
"""Measurements of single satellites: they are counted, and no signals."""
DATABASES = "dbc"
VIDEOS = {"video.hevc": index_hevc_stream, "video.mp4": index_video}
"""The data set's own stream, and one that somebody has put into a container."""
CAMERA_NAME = "video"
INTRINSICS = (910.0, 910.0, 582.0, 437.0)
"""Of all cameras of the data set, in its own tools."""
DEEPEST = 3
"""Chunk, route, segment: so far below its CAN databases a segment lies at most."""
TIE_NS = 1_000_000
"""GPS times of frames tell the device's clock where they agree among each other to so much."""
MOST_BOOT_S = 1e9
MESSAGE_BYTES = 8


@dataclass(slots=True, kw_only=True)
class _Found:
    """What was gathered so far."""

    request: ReadRequest
    files: Mapping[str, Placed]
    """By their names in the segment; databases below `dbc/`."""
    signals: list[Signal] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def array(self, name: str) -> np.ndarray | None:
        """The array of a file; None, with a note, where it cannot be had."""
        file = self.files.get(name)
        if file is None:
            return None
        try:
            return read_npy(content(self.request, file))
        except UnreadableSource as error:
            self.notes.append(f"{file.name}: {error.what}; left out")
            return None


class Comma2k19Layout:
    """A segment of one minute is a recording; CAN databases lie in `dbc` beside or above it.

    Times are those of the device's clock since it was switched on. The GPS times of the frames
    say what they are in UTC; without them the clock is a declared one.
    """

    name = "comma2k19"
    verified = "a segment of the data set itself, without its video"

    def find(self, folder: Path) -> tuple[FoundFolder, ...]:
        """A segment, or all those below a folder that holds CAN databases."""
        databases = tuple(
            f"{DATABASES}/{path.name}" for path in sorted((folder / DATABASES).glob("[!.]*.dbc"))
        )
        if (folder / LOG).is_dir():
            return (FoundFolder(key="", files=(*databases, *_files(folder, ""))),)
        if not databases:
            return ()
        return tuple(
            FoundFolder(key=key, files=(*databases, *_files(segment, f"{key}/")))
            for depth in range(1, DEEPEST + 1)
            for segment in sorted(log.parent for log in folder.glob("*/" * depth + LOG))
            for key in [segment.relative_to(folder).as_posix()]
        )

    def read(self, request: ReadRequest) -> Reading:
        """Index one segment. Raises UnreadableSource."""
        found = _Found(request=request, files=_own(placed(request)))
        offset_ns = _tie(found)
        base_ns = request.start_ns if offset_ns is None else offset_ns
        for name in sorted((*LOGS, RADAR, *UNREAD)):
            _take_log(found, name, base_ns)
        _take_poses(found, base_ns)
        _take_can(found, base_ns)
        cameras = list(_cameras(found, base_ns))
        return folder_reading(
            request,
            container=self.name,
            clock="declared" if offset_ns is None else "recorded",
            cameras=cameras,
            signals=found.signals,
            signal_channels=found.channels,
            calibrations=[_calibration()],
            notes=found.notes,
        )


def _files(segment: Path, prefix: str) -> list[str]:
    """Files of a segment in order, below `prefix`."""
    arrays = [*segment.glob(f"{POSE}/[!.]*"), *segment.glob(f"{LOG}/*/*/[!.]*")]
    arrays += [segment / name for name in VIDEOS]
    found = sorted(path.relative_to(segment).as_posix() for path in arrays if path.is_file())
    return [f"{prefix}{name}" for name in found]


def _own(files: Mapping[str, Placed]) -> dict[str, Placed]:
    """The files by their names in the segment."""
    log = next((name for name in files if f"{LOG}/" in name), "")
    prefix = log[: log.index(f"{LOG}/")] if log else ""
    return {name.removeprefix(prefix): file for name, file in files.items()}


def _tie(found: _Found) -> int | None:
    """What to add to the device's clock to have UTC, in ns; None where it is not known."""
    boot, gps = found.array(f"{POSE}/frame_times"), found.array(f"{POSE}/frame_gps_times")
    if (
        boot is not None
        and gps is not None
        and gps.shape == (*boot.shape, 2)
        and boot.dtype.kind == gps.dtype.kind == "f"
        and _usable(boot).all()
        and ((gps >= 0) & (gps < 1e6)).all()
        and len(boot)
    ):
        apart = utc_of_gps(gps[:, 0], gps[:, 1]) - ns_of_seconds(boot)
        spread = int(np.ptp(apart))
        if spread <= TIE_NS:
            found.notes.append(
                f"times count since the device was switched on; the GPS times of {len(boot)} "
                f"frames, which agree to {spread} ns, say when that was in UTC"
            )
            return int(np.sort(apart)[len(apart) // 2])
    found.notes.append(
        "times count since the device was switched on, and no GPS times of frames say when that was"
    )
    return None


def _usable(seconds: np.ndarray) -> np.ndarray:
    usable: np.ndarray = (seconds >= 0) & (seconds < MOST_BOOT_S)
    return usable


def _times(found: _Found, name: str, base_ns: int) -> np.ndarray | None:
    """(n,) int64 ns; None, with a note, where they are no times."""
    seconds = found.array(name)
    if seconds is None:
        return None
    if seconds.ndim != 1 or seconds.dtype.kind != "f" or not _usable(seconds).all():
        found.notes.append(f"{name}: holds no times; left out")
        return None
    return ns_of_seconds(seconds) + base_ns


def _take_log(found: _Found, name: str, base_ns: int) -> None:
    """One folder of times and values."""
    times, values = _times(found, f"{LOG}/{name}/t", base_ns), found.array(f"{LOG}/{name}/value")
    if times is None or values is None or not len(times):
        return
    sensor, columns = LOGS.get(name, (OTHER, ()))
    try:
        if values.dtype.kind not in "fiu":
            raise ValueError(f"holds {values.dtype}")  # noqa: TRY301 (one way out for all of it)
        if name == RADAR:
            sensor = RADAR_SENSOR
            found.signals += radar_signals(times, values)
        elif columns:
            found.signals += columns_of(name, columns, times, values)
        else:
            found.notes.append(f"{name}: {len(times)} measurements of satellites are not read")
    except ValueError as error:
        found.notes.append(f"{name}: {error}; left out")
        return
    found.channels.append(_channel(name, sensor, times))


def _channel(name: str, sensor: str, times: np.ndarray) -> Channel:
    return Channel(
        name=name,
        sensor=sensor,
        encoding="npy",
        messages=len(times),
        rate_hz=rate_hz(len(times) - 1, int(np.ptp(times))),
    )


def _take_poses(found: _Found, base_ns: int) -> None:
    """Where the camera was at each frame."""
    times = _times(found, f"{POSE}/frame_times", base_ns)
    if times is None or not len(times):
        return
    before = len(found.signals)
    for name, columns in POSES.items():
        values = found.array(f"{POSE}/{name}")
        try:
            if values is not None and values.dtype.kind == "f":
                found.signals += columns_of(POSE, columns, times, values)
        except ValueError as error:
            found.notes.append(f"{name}: {error}; left out")
    if len(found.signals) > before:
        found.channels.append(_channel(POSE, POSE_SENSOR, times))


def _take_can(found: _Found, base_ns: int) -> None:
    """All CAN frames. NumPy drops zeros at the end of texts; in the file they are still there."""
    times = _times(found, f"{LOG}/{RAW_CAN}/t", base_ns)
    parts = {name: found.array(f"{LOG}/{RAW_CAN}/{name}") for name in ("src", "address", "data")}
    bus, identifier, data = parts.values()
    if times is None or bus is None or identifier is None or data is None or not len(times):
        return
    whole = {part.shape for part in (bus, identifier, data)} == {times.shape}
    numbers = bus.dtype.kind in "iu" and identifier.dtype.kind in "iu"
    if not whole or not numbers or data.dtype != np.dtype(f"S{MESSAGE_BYTES}"):
        found.notes.append(f"{RAW_CAN}: is no log of CAN frames; left out")
        return
    log = CanLog(
        time_ns=times,
        bus=bus.astype(np.int64),
        identifier=identifier.astype(np.int64),
        data=np.frombuffer(data.tobytes(), np.uint8).reshape(-1, MESSAGE_BYTES),
    )
    signals, channels, notes = can_signals(log, _databases(found), channel=RAW_CAN)
    found.signals += signals
    found.channels += channels
    found.notes += notes


def _databases(found: _Found) -> dict[str, dict[int, CanMessage]]:
    """The CAN databases that can be read, by their files."""
    known = {}
    for file in below(found.files, DATABASES):
        try:
            known[file.name] = load_dbc(content(found.request, file))
        except UnreadableSource as error:
            found.notes.append(f"{file.name}: {error.what}; left out")
    if not known:
        found.notes.append(f"no CAN database in {DATABASES}/ beside or above: frames stay bytes")
    return known


def _cameras(found: _Found, base_ns: int) -> Iterator[Lane]:
    """The video, each frame at its time; what is said of it where it is not there."""
    name = next((name for name in VIDEOS if name in found.files), None)
    times = _times(found, f"{POSE}/frame_times", base_ns)
    if name is None or times is None:
        found.notes.append("no video: no frames" if name is None else f"{name}: has no times")
        return
    known = dict(enumerate(times.tolist()))
    try:
        yield video_lane(
            found.request, CAMERA_NAME, found.files[name], known.get, index_of=VIDEOS[name]
        )
    except UnreadableSource as error:
        found.notes.append(f"{name}: {error.what}; left out")


def _calibration() -> Calibration:
    return Calibration(
        channel=CAMERA_NAME,
        parent=VEHICLE,
        axes=CAMERA_AXES,
        intrinsics=INTRINSICS,
        origin="the data set's own tools",
    )
