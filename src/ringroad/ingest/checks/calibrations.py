"""Checks of calibrations: what no lens, mount or vehicle has."""

from __future__ import annotations

import numpy as np

from ringroad.domain.calibration import Calibration
from ringroad.domain.recording import CAMERA, LIDAR, Channel, Recording
from ringroad.ingest.checks.findings import Finding
from ringroad.ingest.checks.limits import CheckLimits

INTRINSICS = 4
"""fx, fy, cx, cy."""


def calibration_findings(recording: Recording, limits: CheckLimits) -> list[Finding]:
    """All checks of all calibrations of a recording."""
    channels = {channel.name: channel for channel in recording.channels}
    found = []
    for calibration in recording.calibrations:
        channel = channels.get(calibration.channel)
        if channel is not None and channel.width and len(calibration.intrinsics) == INTRINSICS:
            found += _focal(recording, calibration, channel, limits)
            found += _principal(recording, calibration, channel, limits)
        found += _rotation(recording, calibration, limits)
        found += _translation(recording, calibration, limits)
    return found + _missing(recording, limits)


def _focal(
    recording: Recording, calibration: Calibration, channel: Channel, limits: CheckLimits
) -> list[Finding]:
    fx, fy = calibration.intrinsics[:2]
    widths = [focal / channel.width for focal in (fx, fy)]
    low, high = limits.focal_low_widths, limits.focal_high_widths
    off = [value for value in widths if not low <= value <= high]
    if not off:
        return []
    limit = high if off[0] > high else low
    said = f"focal lengths {fx:g} and {fy:g} at a width of {channel.width} pixels"
    return [_found("calibration-focal-length", recording, calibration, off[0], limit, said)]


def _principal(
    recording: Recording, calibration: Calibration, channel: Channel, limits: CheckLimits
) -> list[Finding]:
    cx, cy = calibration.intrinsics[2:4]
    away = [abs(cx / channel.width - 0.5), abs(cy / channel.height - 0.5)]
    if all(share <= limits.principal_share for share in away):  # False for NaN
        return []
    said = f"principal point {cx:g}, {cy:g} of a picture of {channel.width}x{channel.height}"
    value = float(np.max(away))
    return [
        _found(
            "calibration-principal-point",
            recording,
            calibration,
            value,
            limits.principal_share,
            said,
        )
    ]


def _rotation(recording: Recording, calibration: Calibration, limits: CheckLimits) -> list[Finding]:
    if not calibration.rotation:
        return []
    norm = float(np.linalg.norm(calibration.rotation))
    if abs(norm - 1) <= limits.rotation_norm and len(calibration.rotation) == 4:
        return []
    said = f"its rotation has length {norm:.4f}, that of a unit quaternion is 1"
    check = "calibration-rotation"
    return [_found(check, recording, calibration, abs(norm - 1), limits.rotation_norm, said)]


def _translation(
    recording: Recording, calibration: Calibration, limits: CheckLimits
) -> list[Finding]:
    if not calibration.translation_m:
        return []
    away = float(np.linalg.norm(calibration.translation_m))
    if away <= limits.translation_m:
        return []
    said = f"lies {away:.1f} m from {calibration.parent}"
    check = "calibration-translation"
    return [_found(check, recording, calibration, away, limits.translation_m, said)]


def _missing(recording: Recording, limits: CheckLimits) -> list[Finding]:
    """Cameras and lidars without one, where others have one or all should."""
    if not (recording.calibrations or limits.calibration_wanted):
        return []
    known = {calibration.channel for calibration in recording.calibrations}
    without = [
        channel.name
        for channel in recording.channels
        if channel.sensor in {CAMERA, LIDAR} and channel.name not in known
    ]
    return [
        Finding(
            check="calibration-missing",
            channel=name,
            start_ns=recording.start_ns,
            end_ns=recording.start_ns + recording.duration_ns,
            value=1.0,
            limit=0.0,
            message="has no calibration",
        )
        for name in without
    ]


def _found(
    check: str,
    recording: Recording,
    calibration: Calibration,
    value: float,
    limit: float,
    message: str,
) -> Finding:
    return Finding(
        check=check,
        channel=calibration.channel,
        start_ns=recording.start_ns,
        end_ns=recording.start_ns + recording.duration_ns,
        value=float(value) if np.isfinite(value) else -1.0,
        limit=limit,
        message=message,
    )
