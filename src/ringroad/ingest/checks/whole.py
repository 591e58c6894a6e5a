"""Checks of sweeps' points and of the recording as a whole; and all low-rate checks at once."""

from __future__ import annotations

import numpy as np

from ringroad.domain.recording import LIDAR, RADAR, Recording
from ringroad.ingest.checks.calibrations import calibration_findings
from ringroad.ingest.checks.can import can_silence, can_stuck
from ringroad.ingest.checks.clocks import clock_drift, clock_jumps, clock_offsets
from ringroad.ingest.checks.findings import Finding, runs_of
from ringroad.ingest.checks.gnss import gnss_frozen, gnss_jumps, gnss_outages
from ringroad.ingest.checks.imu import imu_bias, imu_frozen, imu_gravity, imu_saturation
from ringroad.ingest.checks.lanes import Beat, Lanes
from ringroad.ingest.checks.limits import CheckLimits
from ringroad.ingest.checks.motion import speed_range, wheel_speed_off
from ringroad.ingest.checks.timing import (
    channel_gaps,
    few_messages,
    missing_frames,
    rate_off,
    repeated_times,
    silent_ends,
    size_changes,
    time_backwards,
)

OF_LANES = (
    few_messages,
    clock_drift,
    clock_offsets,
    gnss_jumps,
    gnss_outages,
    gnss_frozen,
    imu_bias,
    imu_saturation,
    imu_gravity,
    imu_frozen,
    wheel_speed_off,
    speed_range,
    can_silence,
    can_stuck,
)
"""Checks that see all channels at once."""
SWEEPING = frozenset({LIDAR, RADAR})
DECLARED = "declared"


def check_low_rate(lanes: Lanes, limits: CheckLimits) -> list[Finding]:
    """Every check of the low-rate lane."""
    found, jumps_ns = clock_jumps(lanes, limits)
    for beat in lanes.beats:
        if len(beat.times) > 1:
            found += _of_channel(beat, lanes, limits, jumps_ns)
    for check in OF_LANES:
        found += check(lanes, limits)
    found += calibration_findings(lanes.recording, limits)
    return found + whole_findings(lanes.recording)


def lidar_dropouts(beat: Beat, limits: CheckLimits) -> list[Finding]:
    """Sweeps with far fewer points than the channel's median."""
    known = beat.points[beat.points >= 0]
    if len(known) < 3 or beat.sensor != LIDAR:
        return []
    usual = float(np.median(known))
    few = (beat.points >= 0) & (beat.points < limits.dropout_share * usual)
    found = []
    for first, last in runs_of(few):
        share = float(beat.points[first : last + 1].min()) / usual
        found.append(
            Finding(
                check="lidar-dropout",
                channel=beat.channel,
                start_ns=int(beat.times[first]),
                end_ns=int(beat.times[last]),
                value=share,
                limit=limits.dropout_share,
                message=f"{last - first + 1} sweeps hold down to {share:.0%} "
                f"of the usual {usual:.0f} points",
            )
        )
    return found


def whole_findings(recording: Recording) -> list[Finding]:
    """What the reader itself said: cut short, or without a clock."""
    said = []
    if recording.salvaged:
        said.append(("salvaged", recording.salvaged))
    if recording.clock == DECLARED:
        said.append(
            ("no-clock", "the source has no clock: its times were declared, or count from 1970")
        )
    return [
        Finding(
            check=check,
            channel="",
            start_ns=recording.start_ns,
            end_ns=recording.start_ns + recording.duration_ns,
            value=1.0,
            limit=0.0,
            message=message,
        )
        for check, message in said
    ]


def _of_channel(
    beat: Beat, lanes: Lanes, limits: CheckLimits, jumps_ns: np.ndarray
) -> list[Finding]:
    rate = "sweep-rate" if beat.sensor in SWEEPING else "rate-off"
    return [
        *missing_frames(beat, limits),
        *repeated_times(beat, limits),
        *time_backwards(beat, limits),
        *rate_off(beat, limits, check=rate),
        *channel_gaps(beat, limits, jumps_ns),
        *silent_ends(beat, lanes, limits),
        *size_changes(beat, limits),
        *lidar_dropouts(beat, limits),
    ]
