"""A recording, its channels, and a source that was refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ringroad.domain.calibration import Calibration
from ringroad.domain.ids import Digest, RecordingId, VehicleId

CAMERA = "camera"
IMU = "imu"
GNSS = "gnss"
CAN = "can"
LIDAR = "lidar"
RADAR = "radar"
SIGNALS = "signals"
OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One typed stream of messages in a recording."""

    name: str
    sensor: str
    """One of camera, lidar, radar, imu, gnss, can, signals, other."""
    encoding: str
    """What a message holds: `h264`, `hevc`, `jpeg`, `png`, `sensor_msgs/msg/Imu` ..."""
    messages: int
    width: int = 0
    height: int = 0
    rate_hz: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One uninterrupted capture by one vehicle."""

    id: RecordingId
    vehicle: VehicleId
    source_key: str
    """Path below the folder that was ingested, or a declared key."""
    source: Digest
    """Digest of the bytes as they were recorded."""
    container: str
    """`mp4`, `mcap`, `images`, `kitti-raw` ...: the reader's name for the layout."""
    start_ns: int
    duration_ns: int
    channels: tuple[Channel, ...]
    clock: str
    """`recorded`, or `declared` where the file had no clock and a rate was given."""
    synthetic: bool = False
    salvaged: str = ""
    """What was lost, where a truncated source was read up to its last whole part."""
    replaces: str = ""
    """Digest of an earlier source of this id that these bytes take the place of, if any."""
    calibrations: tuple[Calibration, ...] = ()
    """Of its channels, where the source states them."""


def recording_from(values: Mapping[str, Any]) -> Recording:
    """A recording from what `dataclasses.asdict` made of one, by way of JSON or not."""
    names = {field.name for field in fields(Recording)}
    kept = {name: value for name, value in values.items() if name in names}
    channels = tuple(Channel(**channel) for channel in kept.pop("channels"))
    calibrations = tuple(_calibration(item) for item in kept.pop("calibrations", ()))
    return Recording(channels=channels, calibrations=calibrations, **kept)


def _calibration(values: Mapping[str, Any]) -> Calibration:
    """JSON knows lists where the noun has tuples."""
    kept: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
    return Calibration(**kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A source that was set aside; the rest of the ingest went on."""

    uri: str
    code: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where the bytes of one digest lie outside the blobs, and how to tell they changed."""

    digest: Digest
    uri: str
    size_bytes: int
    modified_ns: int
