"""The nouns of a recording's page: what was recorded, found and seen, on one axis of seconds.

Which of it is shown is chosen by the caller; `report/recording_page.py` draws it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Beat:
    """When the messages of one channel came.

    Attributes:
        channel: its name.
        sensor: camera, lidar, imu ...
        seconds: (n,) float64 since the recording began.
    """

    channel: str
    sensor: str
    seconds: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Line:
    """One signal.

    Attributes:
        name: of the line, `x` where the row is named `imu.linear_acceleration`.
        seconds: (n,) float64, ascending.
        values: (n,) float64.
    """

    name: str
    seconds: np.ndarray
    values: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Up to three signals of one unit, drawn over each other."""

    name: str
    channel: str
    unit: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A finding, an event, or a stretch that is hardly useful."""

    kind: str
    tone: str
    """`error`, `warning`, `info`, `event` or `useless`."""
    start_s: float
    end_s: float
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumb:
    """One decoded frame."""

    camera: str
    seconds: float
    jpeg: bytes
    size: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trace:
    """Where the vehicle was.

    Attributes:
        origin: what it was read from.
        east_m: (n,) float64.
        north_m: (n,) float64.
        seconds: (n,) float64.
        speed: (n,) float64 in m/s; NaN where it is not known.
        upward: what the picture's upper edge is: `north`, or the y axis of a map.
    """

    origin: str
    east_m: np.ndarray
    north_m: np.ndarray
    seconds: np.ndarray
    speed: np.ndarray
    upward: str = "north"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bird:
    """One sweep seen from above, or a scanning radar's picture."""

    title: str
    picture: bytes
    media: str
    size: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingView:
    """All of one page."""

    title: str
    synthetic: bool
    duration_s: float
    facts: tuple[tuple[str, str], ...]
    channels: tuple[tuple[str, ...], ...]
    """Name, sensor, encoding, messages, rate, size."""
    calibrations: tuple[tuple[str, ...], ...]
    """Channel, where it sits, how it projects, where this was read."""
    beats: tuple[Beat, ...]
    thumbs: tuple[Thumb, ...]
    rows: tuple[Row, ...]
    events: tuple[Span, ...]
    findings: tuple[Span, ...]
    useless: tuple[Span, ...]
    trace: Trace | None
    birds: tuple[Bird, ...]
    absent: tuple[str, ...]
    """What is not shown, and why."""
