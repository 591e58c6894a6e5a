"""Rows of recordings without any fault, drawn from a seed: what checks must stay silent about.

Times and values only, no pictures; `simulate` makes whole recordings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from ringroad.domain.calibration import CAMERA_AXES, VEHICLE, VEHICLE_AXES, Calibration
from ringroad.domain.ids import Digest, RecordingId, frame_id, recording_id, vehicle_id
from ringroad.domain.recording import (
    CAMERA,
    CAN,
    GNSS,
    IMU,
    LIDAR,
    SIGNALS,
    Channel,
    Recording,
)
from ringroad.media import schemas

WIDTH, HEIGHT = 1280, 720
START_NS = 1_780_000_000_000_000_000
MOTION_HZ = 100.0
EARTH_M = 6_371_000.0
ORIGIN_DEG = (48.1, 11.5)
POINTS = 60_000.0
MEASURED = ("brightness", "contrast", "sharpness", "saturation", "condition", "speed_mps")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecordingTables:
    """The rows of one recording, as a reader hands them on.

    Attributes:
        recording: the noun.
        frames: rows of `schemas.FRAMES`.
        signals: rows of `schemas.SIGNALS`.
        sweeps: rows of `schemas.SWEEPS`.
    """

    recording: Recording
    frames: pa.Table
    signals: pa.Table
    sweeps: pa.Table


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanSpec:
    """What a clean recording consists of; rates in Hz."""

    duration_s: float = 60.0
    cameras: int = 5
    camera_hz: float = 30.0
    lidar_hz: float = 10.0
    imu_hz: float = 100.0
    gnss_hz: float = 10.0
    motion_hz: float = 50.0
    can_hz: float = 100.0
    can_ids: int = 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drive:
    """A vehicle's motion at `MOTION_HZ`; all (n,) float64 in SI units.

    Attributes:
        speed: m/s along its heading.
        acceleration: m/s2 along its heading.
        yaw_rate: rad/s.
        east: m.
        north: m.
    """

    speed: np.ndarray
    acceleration: np.ndarray
    yaw_rate: np.ndarray
    east: np.ndarray
    north: np.ndarray


@dataclass(slots=True)
class _Rows:
    recording: str
    signals: list[pa.Table] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)

    def add(self, channel: Channel, times: np.ndarray, series: Mapping[str, np.ndarray]) -> None:
        """Rows of one channel by signal; `name|unit` -> values."""
        self.channels.append(channel)
        for told, values in sorted(series.items()):
            name, _, unit = told.partition("|")
            columns = [
                _same(self.recording, len(times)),
                _same(channel.name, len(times)),
                pa.array(times),
                _same(name, len(times)),
                pa.array(np.asarray(values, np.float64)),
                _same(unit, len(times)),
            ]
            self.signals.append(pa.Table.from_arrays(columns, schema=schemas.SIGNALS))


def clean_recording(seed: int, spec: CleanSpec) -> RecordingTables:
    """Rows of a recording that nothing is wrong with. Equal seeds give equal rows."""
    rng = np.random.Generator(np.random.PCG64([seed, 11]))
    name = recording_id(vehicle_id("clean"), f"{seed}.mcap")
    drive = drive_of(rng, spec.duration_s)
    rows = _Rows(recording=name)
    frames = pa.concat_tables(_cameras(rng, spec, rows))
    sweeps = _lidar(rng, spec, rows)
    _imu(rng, spec, drive, rows)
    _gnss(rng, spec, drive, rows)
    _motion(rng, spec, drive, rows)
    _can(rng, spec, drive, rows)
    recording = Recording(
        id=name,
        vehicle=vehicle_id("clean"),
        source_key=f"{seed}.mcap",
        source=Digest("0" * 64),
        container="mcap",
        start_ns=START_NS,
        duration_ns=round(spec.duration_s * 1e9),
        channels=tuple(rows.channels),
        clock="recorded",
        synthetic=True,
        calibrations=tuple(_calibrations(rng, rows.channels)),
    )
    signals = pa.concat_tables(rows.signals)
    return RecordingTables(recording=recording, frames=frames, signals=signals, sweeps=sweeps)


def drive_of(rng: np.random.Generator, duration_s: float) -> Drive:
    """Speeds between 6 and 20 m/s that change every few seconds, and a stop about every minute."""
    count = round(duration_s * MOTION_HZ) + 1
    marks = np.arange(0.0, duration_s + 20.0, 10.0)
    wanted = rng.uniform(6.0, 20.0, len(marks))
    wanted[3::6] = 0.0
    time = np.arange(count) / MOTION_HZ
    target = wanted[np.minimum((time / 10.0).astype(int), len(marks) - 1)]
    speed = _followed(target, rng.uniform(6.0, 20.0))
    # Nobody holds a speed exactly; a vehicle that stands does.
    knots = np.arange(0.0, duration_s + 2.6, 1.3)
    surge = np.interp(time, knots, rng.normal(0, 0.15, len(knots))) * np.minimum(1, speed / 3.0)
    speed = np.where(speed < 0.02, 0.0, np.maximum(speed + surge, 0.0))
    acceleration = np.gradient(speed) * MOTION_HZ
    turns = rng.normal(0, 0.03, len(marks))
    yaw_rate = np.interp(time, marks, turns) * np.minimum(1.0, speed / 3.0)
    heading = np.cumsum(yaw_rate) / MOTION_HZ + rng.uniform(0, 2 * np.pi)
    return Drive(
        speed=speed,
        acceleration=acceleration,
        yaw_rate=yaw_rate,
        east=np.cumsum(speed * np.cos(heading)) / MOTION_HZ,
        north=np.cumsum(speed * np.sin(heading)) / MOTION_HZ,
    )


def _followed(target: np.ndarray, first: float) -> np.ndarray:
    """A speed that changes towards its target by at most 2.5 m/s2."""
    step = 2.5 / MOTION_HZ
    found = np.empty(len(target))
    now = first
    for place, wanted in enumerate(target.tolist()):
        now += min(step, max(-step, wanted - now))
        found[place] = now
    return found


def _times(rng: np.random.Generator, spec: CleanSpec, hz: float, jitter_s: float) -> np.ndarray:
    """Stamps of a steady sensor: its phase, its crystal (20 ppm) and its jitter, ascending."""
    count = int(spec.duration_s * hz)
    period = (1 + rng.normal(0, 20e-6)) / hz
    jitter = np.clip(rng.normal(0, jitter_s, count), -0.3 * period, 0.3 * period)
    seconds = (rng.uniform(0, 1) + np.arange(count)) * period + jitter
    return START_NS + np.round(seconds * 1e9).astype(np.int64)


def _at(times: np.ndarray, values: np.ndarray) -> np.ndarray:
    place = (times - START_NS) / 1e9 * MOTION_HZ
    found: np.ndarray = np.interp(place, np.arange(len(values)), values)
    return found


def _channel(name: str, sensor: str, encoding: str, times: np.ndarray, hz: float) -> Channel:
    camera = sensor == CAMERA
    return Channel(
        name=name,
        sensor=sensor,
        encoding=encoding,
        messages=len(times),
        width=WIDTH if camera else 0,
        height=HEIGHT if camera else 0,
        rate_hz=hz,
    )


def _cameras(rng: np.random.Generator, spec: CleanSpec, rows: _Rows) -> Iterator[pa.Table]:
    for number in range(spec.cameras):
        name = f"/camera/{number}"
        times = _times(rng, spec, spec.camera_hz, 0.0003)
        rows.channels.append(_channel(name, CAMERA, "jpeg", times, spec.camera_hz))
        yield _indexed(schemas.FRAMES, rows.recording, name, times, {"encoding": "jpeg"})


def _lidar(rng: np.random.Generator, spec: CleanSpec, rows: _Rows) -> pa.Table:
    times = _times(rng, spec, spec.lidar_hz, 0.001)
    rows.channels.append(_channel("/lidar/top", LIDAR, "PointCloud2", times, spec.lidar_hz))
    slow = 0.08 * np.sin(np.arange(len(times)) / 70.0)
    points = POINTS * (1 + slow + rng.normal(0, 0.03, len(times)))
    more = {"points": points.astype(np.int64), "sensor": LIDAR, "encoding": "pointcloud2"}
    return _indexed(schemas.SWEEPS, rows.recording, "/lidar/top", times, more)


def _imu(rng: np.random.Generator, spec: CleanSpec, drive: Drive, rows: _Rows) -> None:
    times = _times(rng, spec, spec.imu_hz, 0.0002)
    turn, push = rng.normal(0, 0.01, 3), rng.normal(0, 0.05, 3)
    noise = rng.normal(0, [[0.002], [0.06]], (3, 2, len(times)))
    truth = {
        "angular_velocity": (0.0, 0.0, _at(times, drive.yaw_rate)),
        "linear_acceleration": (
            _at(times, drive.acceleration),
            _at(times, drive.yaw_rate * drive.speed),
            9.80665,
        ),
    }
    series = {}
    for kind, (stem, three) in enumerate(truth.items()):
        for axis, value in enumerate(three):
            bias = (turn, push)[kind][axis]
            unit = ("rad/s", "m/s2")[kind]
            series[f"imu.{stem}.{'xyz'[axis]}|{unit}"] = value + bias + noise[axis, kind]
    channel = _channel("/imu", IMU, "sensor_msgs/msg/Imu", times, spec.imu_hz)
    rows.add(channel, times, series)


def _gnss(rng: np.random.Generator, spec: CleanSpec, drive: Drive, rows: _Rows) -> None:
    times = _times(rng, spec, spec.gnss_hz, 0.003)
    pull, shock = 0.98, rng.normal(0, 0.1, (len(times), 2))
    wander = np.zeros((len(times), 2))
    for place in range(1, len(times)):
        wander[place] = pull * wander[place - 1] + shock[place]
    scale = np.radians(1) * EARTH_M
    north = (_at(times, drive.north) + wander[:, 1]) / scale
    east = (_at(times, drive.east) + wander[:, 0]) / (scale * np.cos(np.radians(ORIGIN_DEG[0])))
    series = {
        "gnss.latitude|deg": ORIGIN_DEG[0] + north,
        "gnss.longitude|deg": ORIGIN_DEG[1] + east,
        "gnss.altitude|m": 515 + 0.2 * rng.standard_normal(len(times)),
        "gnss.status|": np.zeros(len(times)),
    }
    channel = _channel("/gnss", GNSS, "sensor_msgs/msg/NavSatFix", times, spec.gnss_hz)
    rows.add(channel, times, series)


def _motion(rng: np.random.Generator, spec: CleanSpec, drive: Drive, rows: _Rows) -> None:
    times = _times(rng, spec, spec.motion_hz, 0.0005)
    tyre = 1 + rng.normal(0, 0.01)
    series = {"speed|m/s": _at(times, drive.speed) * tyre, "yaw_rate|rad/s": np.zeros(len(times))}
    series["yaw_rate|rad/s"] = _at(times, drive.yaw_rate) + rng.normal(0, 0.002, len(times))
    rows.add(
        _channel("/vehicle/motion", SIGNALS, "TwistStamped", times, spec.motion_hz), times, series
    )


def _can(rng: np.random.Generator, spec: CleanSpec, drive: Drive, rows: _Rows) -> None:
    """Each identifier by turns: speed, a counter, a noisy reading, a flag that seldom changes."""
    for number in range(spec.can_ids):
        times = _times(rng, spec, spec.can_hz, 0.0008)
        count = len(times)
        values = (
            np.round(_at(times, drive.speed) * 360) * 256,
            np.arange(count) % 256 * 65536.0 + 17,
            np.round(2000 + rng.normal(0, 40, count)),
            np.repeat(rng.integers(0, 2, count // 500 + 1), 500)[:count] * 16777216.0,
        )[number % 4]
        channel = _channel("/can", CAN, "can_msgs/msg/Frame", times, spec.can_hz * spec.can_ids)
        rows.add(channel, times, {f"can.0x{0x0B0 + number:03x}.bytes0-3|": values})
        if number:
            rows.channels.pop()


def _calibrations(rng: np.random.Generator, channels: list[Channel]) -> Iterator[Calibration]:
    for channel in channels:
        if channel.sensor not in {CAMERA, LIDAR}:
            continue
        turn = rng.normal(0, 1, 4)
        camera = channel.sensor == CAMERA
        focal = WIDTH * rng.uniform(0.5, 1.5)
        middle = (WIDTH / 2 + rng.normal(0, 10), HEIGHT / 2 + rng.normal(0, 10))
        yield Calibration(
            channel=channel.name,
            parent=VEHICLE,
            axes=CAMERA_AXES if camera else VEHICLE_AXES,
            translation_m=tuple(rng.uniform(-2, 2, 3).tolist()),
            rotation=tuple((turn / np.linalg.norm(turn)).tolist()),
            intrinsics=(focal, focal, *middle) if camera else (),
        )


def _indexed(
    schema: pa.Schema,
    recording: str,
    channel: str,
    times: np.ndarray,
    more: Mapping[str, object],
) -> pa.Table:
    """Rows of frames or sweeps whose bytes lie nowhere."""
    count = len(times)
    base = frame_id(RecordingId(recording), channel, 0).rpartition("/")[0]
    known: dict[str, object] = {
        "frame_id": [f"{base}/{number:06d}" for number in range(count)],
        "recording_id": _same(recording, count),
        "channel": _same(channel, count),
        "sequence": np.arange(count),
        "time_ns": times,
        "width": np.full(count, WIDTH),
        "height": np.full(count, HEIGHT),
        "key": np.ones(count, bool),
        "source": _same("0" * 64, count),
        "length": np.ones(count, np.int64),
        "start_sequence": np.arange(count),
        "position": np.arange(count),
        "compression": _same("", count),
        "chunk_offset": np.full(count, -1),
        "chunk_length": np.zeros(count, np.int64),
        "xxh3": np.zeros(count, np.uint64),
        "offset": np.arange(count),
    } | dict(more)
    return pa.Table.from_arrays(
        [
            pa.nulls(count, item.type)
            if item.name in MEASURED
            else _column(known[item.name], item.type, count)
            for item in schema
        ],
        schema=schema,
    )


def _column(values: object, kind: pa.DataType, count: int) -> pa.Array:
    return _same(values, count) if isinstance(values, str) else pa.array(values, kind)


def _same(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), count)


def picture_rows(count: int, rate_hz: float, *, channel: str = "/camera/0") -> pa.Table:
    """Rows of `schemas.FRAMES` for pictures that are at hand anyway, evenly in time."""
    times = START_NS + np.round(np.arange(count) / rate_hz * 1e9).astype(np.int64)
    name = recording_id(vehicle_id("clean"), "pictures.mcap")
    return _indexed(schemas.FRAMES, name, channel, times, {"encoding": "jpeg"})
