"""The names of all checks: severity, unit and what each looks for. Measures nothing."""

from __future__ import annotations

from dataclasses import dataclass

INFO = "info"
WARNING = "warning"
ERROR = "error"
SEVERITIES = (INFO, WARNING, ERROR)
"""Mildest first."""

LOW_RATE = "low-rate"
PICTURES = "pictures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check."""

    name: str
    lane: str
    """`low-rate`: from times, values and calibrations. `pictures`: from decoded frames."""
    severity: str
    unit: str
    """Of its value and limit."""
    about: str
    """What it finds, in a few words."""


def _named(*checks: Check) -> dict[str, Check]:
    return {check.name: check for check in checks}


def _low(name: str, severity: str, unit: str, about: str) -> Check:
    return Check(name=name, lane=LOW_RATE, severity=severity, unit=unit, about=about)


def _seen(name: str, severity: str, unit: str, about: str) -> Check:
    return Check(name=name, lane=PICTURES, severity=severity, unit=unit, about=about)


CATALOGUE = _named(
    _low("missing-frames", WARNING, "share", "single messages are absent from a steady channel"),
    _low("repeated-times", WARNING, "share", "neighbouring messages carry the same time"),
    _low("time-backwards", ERROR, "s", "a message is older than the one before it"),
    _low("rate-off", WARNING, "share", "a channel runs faster or slower than its nominal rate"),
    _low("channel-gap", WARNING, "s", "a channel pauses while others go on"),
    _low("silent-start", WARNING, "s", "a channel begins long after the others"),
    _low("silent-end", WARNING, "s", "a channel ends long before the others"),
    _low("few-messages", ERROR, "share", "a channel holds far less than its rate promises"),
    _low("size-change", ERROR, "pixels", "the pictures of a channel change their size"),
    _low("clock-jump", ERROR, "s", "all channels jump in time at once, or one jumps back"),
    _low("clock-drift", WARNING, "ppm", "a camera's clock runs faster than those of its peers"),
    _low("clock-offset", WARNING, "s", "a channel's clock is ahead of or behind the others"),
    _low("gnss-jump", WARNING, "m/s", "positions imply an impossible speed"),
    _low("gnss-outage", WARNING, "s", "no fix, or no message"),
    _low("gnss-frozen", WARNING, "s", "the position stands still while the vehicle moves"),
    _low("imu-bias", WARNING, "rad/s", "turn rates at standstill are not zero"),
    _low("imu-saturation", WARNING, "samples", "an axis is clipped at the end of its range"),
    _low("imu-gravity", WARNING, "m/s2", "the usual acceleration is not that of gravity"),
    _low("imu-frozen", ERROR, "s", "all axes repeat the same values"),
    _low("wheel-speed-off", WARNING, "share", "the vehicle's speed differs from that of GNSS"),
    _low("speed-range", WARNING, "m/s", "a speed no vehicle drives"),
    _low("can-silence", WARNING, "s", "a periodic identifier stops"),
    _low("can-stuck", WARNING, "s", "a value that always changes stays the same"),
    _low("calibration-focal-length", ERROR, "widths", "a focal length no lens here has"),
    _low("calibration-principal-point", ERROR, "share", "a principal point outside the picture"),
    _low("calibration-rotation", ERROR, "norm", "a rotation that is no unit quaternion"),
    _low("calibration-translation", ERROR, "m", "a sensor far outside the vehicle"),
    _low("calibration-missing", INFO, "channels", "a camera or lidar without calibration"),
    _low("lidar-dropout", WARNING, "share", "sweeps with far fewer points than usual"),
    _low("sweep-rate", WARNING, "share", "a lidar or radar turns at another rate"),
    _low("salvaged", ERROR, "recordings", "the source was cut short or damaged"),
    _low("no-clock", INFO, "recordings", "times were declared, not recorded"),
    _seen("frozen", ERROR, "pictures", "the same picture again and again"),
    _seen("black", ERROR, "level", "nothing but black"),
    _seen("over-exposed", WARNING, "share", "a large part is burnt out"),
    _seen("under-exposed", WARNING, "level", "far too dark to see in"),
    _seen("blurred", WARNING, "ratio", "no fine detail anywhere"),
    _seen("low-contrast", WARNING, "level", "everything is nearly the same grey"),
    _seen("occluded", WARNING, "share", "part of the lens is covered"),
    _seen("exposure-jump", INFO, "stops", "brightness jumps from one picture to the next"),
    _seen("colour-cast", WARNING, "ratio", "one colour is far weaker than the others"),
)
"""Every check, in the order they are told."""
