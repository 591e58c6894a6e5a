"""What leaves as a file: the topics of one recording, and the moments on them.

`media/export/moments.py` makes the moments, `mcap.py` and `rerun.py` write them.
"""

from __future__ import annotations

from dataclasses import dataclass

from ringroad.domain.calibration import Calibration
from ringroad.domain.recording import Recording
from ringroad.media.points.sweep import Points

PICTURE, VIDEO, CLOUD = "picture", "video", "cloud"
IMU, GNSS, NUMBER = "imu", "gnss", "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One topic of a file."""

    topic: str
    channel: str
    """Of the recording, which it comes from."""
    kind: str
    """One of picture, video, cloud, imu, gnss, number."""
    name: str = ""
    """Of a number: the signal's."""
    unit: str = ""
    codec: str = ""
    """Of a video: h264 or hevc."""
    size: tuple[int, int] = (0, 0)
    """Width and height of pictures as they leave, in pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """All that leaves of one recording."""

    recording: Recording
    profile: str
    notes: tuple[str, ...]
    """Doubts that ingest had."""
    begin_ns: int
    """Of its earliest moment."""
    parts: tuple[Part, ...]
    calibrations: tuple[Calibration, ...]
    """Of the channels that leave, and of what they stand on; lenses fit `Part.size`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """One frame as it was stored, of a video in Annex B."""

    encoding: str
    key: bool
    data: bytes


Numbers = tuple[float, ...]
"""Of IMU rad/s about x, y, z, then m/s2 along them; of GNSS latitude, longitude, altitude, status;
of a number itself."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moment:
    """What one topic says at one time."""

    topic: str
    time_ns: int
    log_ns: int
    """As `time_ns`; of frames that are stored in another order than they are shown in, a time
    that grows with the order in which they are decoded."""
    body: Encoded | Points | Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Something that a file does not hold, or not as it was."""

    channel: str
    """Empty where it is about the recording as a whole."""
    what: str
    why: str
