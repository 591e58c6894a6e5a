"""The limits of all checks in one config, TOML section [checks]. Applies none of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from ringroad.domain.config import build, read_toml
from ringroad.domain.errors import InvalidConfig
from ringroad.ingest.checks.catalogue import CATALOGUE, SEVERITIES

SECTION = "checks"
ORDERED = (
    ("speed_low_mps", "speed_high_mps"),
    ("focal_low_widths", "focal_high_widths"),
    ("black_level", "dark_level"),
)
"""Pairs of limits of which the first lies below the second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLimits:
    """Where each check begins to speak. Shares are between 0 and 1, times in seconds."""

    off: tuple[str, ...] = ()
    """Checks that are not wanted."""
    severity: Mapping[str, str] = field(default_factory=dict)
    """Check -> info, warning or error, where another than the usual is wanted."""
    nominal_hz: Mapping[str, float] = field(default_factory=dict)
    """Channel -> its nominal rate. Others are held against their own usual rate."""

    missing_share: float = 0.003
    missing_frames: int = 2
    """At least so many as well: one lost frame is no finding."""
    repeated_share: float = 0.003
    backwards_s: float = 0.0
    """A clock that steps back by more than this."""
    rate_share: float = 0.10
    rate_window_s: float = 3.0
    """A rate that is off for a shorter time is no finding."""
    gap_s: float = 1.5
    gap_periods: float = 8.0
    """A gap is longer than both."""
    silent_s: float = 2.0
    few_share: float = 0.6
    """Of the messages that the rate promises."""
    size_pixels: float = 0.0

    jump_s: float = 1.0
    jump_channels_share: float = 0.6
    """Of the channels that are fast enough to tell."""
    drift_ppm: float = 250.0
    offset_s: float = 0.4

    gnss_speed_mps: float = 90.0
    gnss_step_m: float = 25.0
    """A jump is also longer than this."""
    gnss_outage_s: float = 4.0
    gnss_frozen_s: float = 5.0

    bias_radps: float = 0.12
    """Over what uncalibrated consumer parts state (0.09 rad/s)."""
    saturated_samples: int = 4
    """In a row, at the end of the range."""
    gravity_mps2: float = 0.8
    imu_frozen_s: float = 1.5
    standstill_mps: float = 0.1
    standstill_s: float = 2.0

    wheel_share: float = 0.12
    wheel_from_mps: float = 3.0
    """Below this speed GNSS tells too little."""
    speed_low_mps: float = -20.0
    speed_high_mps: float = 80.0
    can_silence_s: float = 2.0
    can_stuck_s: float = 6.0

    focal_low_widths: float = 0.2
    focal_high_widths: float = 6.0
    principal_share: float = 0.5
    """Of the width or height, from the middle."""
    rotation_norm: float = 0.001
    translation_m: float = 20.0
    calibration_wanted: bool = False
    """Whether a recording without any calibration is a finding as well."""

    dropout_share: float = 0.6
    """Of the channel's median number of points."""

    frozen_pictures: int = 4
    frozen_level: float = 0.02
    """Mean change of luma between two pictures, of 255, below which they count as the same."""
    black_level: float = 14.0
    """99 % of a black picture are darker, of 255."""
    clipped_share: float = 0.55
    dark_level: float = 40.0
    """99 % of an under-exposed picture are darker, of 255."""
    detail_ratio: float = 0.11
    contrast_level: float = 10.0
    """Standard deviation of luma, of 255."""
    occluded_share: float = 0.35
    """Of the lower two thirds of the picture."""
    exposure_stops: float = 1.0
    cast_ratio: float = 2.0
    run_pictures: int = 2
    """A picture alone is no finding, where there is more than one."""

    def __post_init__(self) -> None:
        """Check names and ranges."""
        for name in (*self.off, *self.severity):
            if name not in CATALOGUE:
                raise ValueError(f"no check is called {name!r}; known: {', '.join(CATALOGUE)}")
        for name, severity in self.severity.items():
            if severity not in SEVERITIES:
                raise ValueError(f"severity of {name} is one of {', '.join(SEVERITIES)}")
        for channel, rate in self.nominal_hz.items():
            if isinstance(rate, bool) or not isinstance(rate, int | float) or not rate > 0:
                raise ValueError(f"nominal_hz of {channel!r} is a number above 0")
        _ranges(self)


def _ranges(limits: CheckLimits) -> None:
    """Numbers are finite and not negative, shares at most 1, and lows lie below highs."""
    for item in fields(limits):
        value = getattr(limits, item.name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if item.name != "speed_low_mps" and not 0 <= value < float("inf"):
            raise ValueError(f"{item.name} is a finite number of 0 or more, not {value!r}")
        if item.name.endswith("_share") and value > 1:
            raise ValueError(f"{item.name} is a share of at most 1, not {value!r}")
    for low, high in ORDERED:
        if getattr(limits, low) >= getattr(limits, high):
            raise ValueError(f"{low} lies below {high}")
    if limits.run_pictures < 1 or limits.frozen_pictures < 2 or limits.saturated_samples < 2:
        raise ValueError("run_pictures is 1 or more; frozen_pictures and saturated_samples 2")


def read_limits(path: Path) -> CheckLimits:
    """The section [checks] of a TOML file; what it does not name keeps its usual limit.

    Raises:
        InvalidConfig: the file is missing or no TOML, or a key or value breaks a rule.
    """
    section = read_toml(path, remedy="name a TOML file").get(SECTION)
    if not isinstance(section, dict):
        raise InvalidConfig(
            "has no section [checks]", subject=str(path), remedy="write limits under [checks]"
        )
    return limits_of(section, subject=str(path))


def limits_of(values: Mapping[str, object], *, subject: str) -> CheckLimits:
    """Limits out of parsed TOML or JSON. Raises InvalidConfig."""
    return build(CheckLimits, values, subject=subject, place=SECTION)
