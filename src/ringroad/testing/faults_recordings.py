"""Injects one fault a time into the rows of a recording, as strongly as `MAGNITUDES` fixes.

    faulty = FAULTS["channel-gap"](clean, rng)

Each function takes clean rows and a seeded generator and returns rows with its fault in them, in
a place that the generator draws. Faults of pictures are in `faults_pictures.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.calibration import Calibration
from ringroad.domain.errors import UsageError
from ringroad.domain.recording import CAN, GNSS, IMU
from ringroad.testing.clean_recordings import RecordingTables
from ringroad.testing.faults_magnitudes import MAGNITUDES
from ringroad.testing.table_changes import (
    all_retimed,
    changed,
    kept_only,
    lively,
    moving_stretch,
    period_of,
    recalibrated,
    retimed,
    rows_of,
    signal_of,
    signals_of,
    some_channel,
    speed_channel,
    stretch,
    times_of,
    with_column,
)

Rng = np.random.Generator
Fault = Callable[[RecordingTables, Rng], RecordingTables]
SECOND_NS = 1_000_000_000


def missing_frames(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """Single messages of one channel are lost, at least three."""
    share = MAGNITUDES["missing-frames"]["share"]

    def lost(times: np.ndarray) -> np.ndarray:
        count = max(3, round(share * len(times)))
        found = np.ones(len(times), bool)
        found[1 + rng.choice(len(times) - 2, count, replace=False)] = False
        return found

    return kept_only(clean, some_channel(clean, rng), lost)


def repeated_times(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """Single messages carry the time of the one before."""
    share = MAGNITUDES["repeated-times"]["share"]

    def repeat(times: np.ndarray) -> np.ndarray:
        places = 1 + rng.choice(len(times) - 1, max(2, round(share * len(times))), replace=False)
        found = times.copy()
        found[places] = times[places - 1]
        return found

    return retimed(clean, some_channel(clean, rng), repeat)


def time_backwards(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """One message of a camera or lidar is older than those before it."""
    periods = MAGNITUDES["time-backwards"]["periods"]

    def back(times: np.ndarray) -> np.ndarray:
        found = times.copy()
        place = int(rng.integers(5, len(times) - 2))
        found[place] -= round((periods + 1) * period_of(times))
        return found

    return retimed(clean, some_channel(clean, rng, ("camera", "lidar")), back)


def rate_off(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """A stretch of a channel runs slower."""
    return _slowed(clean, rng, "rate-off", ("camera", IMU, GNSS))


def sweep_rate(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """A stretch of a lidar runs slower."""
    return _slowed(clean, rng, "sweep-rate", ("lidar",))


def channel_gap(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """One channel says nothing for a while."""
    given = MAGNITUDES["channel-gap"]

    def silent(times: np.ndarray) -> np.ndarray:
        lasts = max(given["seconds"] * SECOND_NS, given["periods"] * period_of(times))
        return ~stretch(times, lasts, rng)

    return kept_only(clean, some_channel(clean, rng), silent)


def silent_start(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """One channel begins late."""
    lasts = _silence("silent-start")
    return kept_only(
        clean, some_channel(clean, rng), lambda times: times >= times.min() + lasts(times)
    )


def silent_end(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """One channel ends early."""
    lasts = _silence("silent-end")
    return kept_only(
        clean, some_channel(clean, rng), lambda times: times <= times.max() - lasts(times)
    )


def few_messages(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """Most messages of a channel are lost, here and there."""
    lost = MAGNITUDES["few-messages"]["lost_share"]
    return kept_only(clean, some_channel(clean, rng), lambda times: rng.random(len(times)) >= lost)


def size_change(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """A stretch of a camera's pictures is narrower."""
    given = MAGNITUDES["size-change"]
    channel = some_channel(clean, rng, ("camera",))
    width = clean.frames.column("width").to_numpy().copy()
    rows = rows_of(clean.frames, channel)
    first = int(rng.uniform(0, 1 - given["share"]) * len(rows))
    width[rows[first : first + int(given["share"] * len(rows))]] -= int(given["pixels"])
    return replace(clean, frames=with_column(clean.frames, "width", width))


def clock_jump(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """The recorder's clock is set forward: all channels jump at once."""
    by = round(MAGNITUDES["clock-jump"]["seconds"] * SECOND_NS)
    at = clean.recording.start_ns + round(rng.uniform(0.2, 0.8) * clean.recording.duration_ns)

    def jump(times: np.ndarray) -> np.ndarray:
        found: np.ndarray = times + np.where(times >= at, by, 0)
        return found

    return all_retimed(clean, jump)


def clock_drift(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """One camera's clock runs fast or slow."""
    rate = rng.choice([-1, 1]) * MAGNITUDES["clock-drift"]["ppm"] / 1e6

    def drift(times: np.ndarray) -> np.ndarray:
        found: np.ndarray = times + np.round((times - times[0]) * rate).astype(np.int64)
        return found

    return retimed(clean, some_channel(clean, rng, ("camera",)), drift)


def clock_offset(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """One channel's clock is ahead or behind."""
    by = round(rng.choice([-1, 1]) * MAGNITUDES["clock-offset"]["seconds"] * SECOND_NS)
    return retimed(clean, some_channel(clean, rng), lambda times: times + by)


def gnss_jump(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """The position steps aside, and stays there or comes back."""
    metres = MAGNITUDES["gnss-jump"]["metres"]
    stays = rng.random() < 0.5
    channel = some_channel(clean, rng, (GNSS,))

    def jump(times: np.ndarray, values: np.ndarray) -> np.ndarray:
        place = int(rng.integers(10, len(times) - 10))
        found = values.copy()
        found[place : None if stays else place + 1] += metres / 111_195.0
        return found

    return changed(clean, channel, "gnss.latitude", jump)


def gnss_outage(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """The receiver has no fix, or says nothing."""
    lasts = MAGNITUDES["gnss-outage"]["seconds"] * SECOND_NS
    channel = some_channel(clean, rng, (GNSS,))
    if rng.random() < 0.5:
        return kept_only(clean, channel, lambda times: ~stretch(times, lasts, rng))
    return changed(
        clean,
        channel,
        "gnss.status",
        lambda times, values: np.where(stretch(times, lasts, rng), -1.0, values),
    )


def gnss_frozen(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """The position stands still while the vehicle moves."""
    lasts = MAGNITUDES["gnss-frozen"]["seconds"] * SECOND_NS
    channel = some_channel(clean, rng, (GNSS,))
    times = signal_of(clean.signals, channel, "gnss.latitude")[1]
    held = moving_stretch(clean, times, lasts, rng)

    def hold(_: np.ndarray, values: np.ndarray) -> np.ndarray:
        return np.where(held, values[np.argmax(held)], values)

    there = changed(clean, channel, "gnss.latitude", hold)
    return changed(there, channel, "gnss.longitude", hold)


def imu_bias(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """One axis of the turn rates has an offset."""
    by = rng.choice([-1, 1]) * MAGNITUDES["imu-bias"]["rad_per_s"]
    name = f"imu.angular_velocity.{rng.choice(list('xyz'))}"
    return changed(clean, some_channel(clean, rng, (IMU,)), name, lambda _, values: values + by)


def imu_saturation(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """A push beyond the range of one axis, clipped."""
    given = MAGNITUDES["imu-saturation"]
    name = f"imu.linear_acceleration.{rng.choice(list('xyz'))}"
    sign = rng.choice([-1, 1])

    def push(times: np.ndarray, values: np.ndarray) -> np.ndarray:
        inside = stretch(times, given["seconds"] * SECOND_NS, rng)
        pushed = values + np.where(inside, sign * given["push_m_per_s2"], 0.0)
        found: np.ndarray = np.clip(pushed, -given["range_m_per_s2"], given["range_m_per_s2"])
        return found

    return changed(clean, some_channel(clean, rng, (IMU,)), name, push)


def imu_gravity(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """Accelerations have a wrong scale, up or down."""
    factor = MAGNITUDES["imu-gravity"]["factor"] ** rng.choice([-1, 1])
    channel = some_channel(clean, rng, (IMU,))
    for axis in "xyz":
        name = f"imu.linear_acceleration.{axis}"
        clean = changed(clean, channel, name, lambda _, values: values * factor)
    return clean


def imu_frozen(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """Accelerations or turn rates repeat."""
    lasts = MAGNITUDES["imu-frozen"]["seconds"] * SECOND_NS
    channel = some_channel(clean, rng, (IMU,))
    stem = str(rng.choice(["imu.linear_acceleration", "imu.angular_velocity"]))
    held = stretch(signal_of(clean.signals, channel, f"{stem}.x")[1], lasts, rng)
    for axis in "xyz":
        clean = changed(
            clean,
            channel,
            f"{stem}.{axis}",
            lambda _, values: np.where(held, values[np.argmax(held)], values),
        )
    return clean


def wheel_speed_off(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """The vehicle's speed has a wrong scale, up or down."""
    factor = MAGNITUDES["wheel-speed-off"]["factor"] ** rng.choice([-1, 1])
    channel = speed_channel(clean)
    return changed(clean, channel, "speed", lambda _, values: values * factor)


def speed_range(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """A few samples hold the largest value that CAN can say."""
    given = MAGNITUDES["speed-range"]

    def spike(times: np.ndarray, values: np.ndarray) -> np.ndarray:
        found = values.copy()
        place = int(rng.integers(0, len(times) - 3))
        found[place : place + int(given["samples"])] = given["metres_per_s"]
        return found

    return changed(clean, speed_channel(clean), "speed", spike)


def can_silence(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """One identifier pauses; the others of its channel go on."""
    lasts = MAGNITUDES["can-silence"]["seconds"] * SECOND_NS
    channel = some_channel(clean, rng, (CAN,))
    name = str(rng.choice(signals_of(clean.signals, channel)))
    rows, times = signal_of(clean.signals, channel, name)
    kept = np.ones(clean.signals.num_rows, bool)
    kept[rows[stretch(times, lasts, rng)]] = False
    return replace(clean, signals=clean.signals.filter(pa.array(kept)))


def can_stuck(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """A value that nearly every message changed stays the same while the vehicle moves."""
    lasts = MAGNITUDES["can-stuck"]["seconds"] * SECOND_NS
    channel = some_channel(clean, rng, (CAN,))
    able = [name for name in signals_of(clean.signals, channel) if lively(clean, channel, name)]
    if not able:
        raise UsageError("no value of this channel is lively", subject=channel)
    name = str(rng.choice(able))
    held = moving_stretch(clean, signal_of(clean.signals, channel, name)[1], lasts, rng)
    return changed(
        clean, channel, name, lambda _, values: np.where(held, values[np.argmax(held)], values)
    )


def calibration_focal_length(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """Focal lengths in another unit: too large or too small."""
    factor = MAGNITUDES["calibration-focal-length"]["factor"] ** rng.choice([-1, 1])

    def wrong(one: Calibration) -> Calibration:
        fx, fy, *middle = one.intrinsics
        return replace(one, intrinsics=(fx * factor, fy * factor, *middle))

    return recalibrated(clean, rng, wrong, cameras=True)


def calibration_principal_point(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """A principal point outside the picture."""
    widths = MAGNITUDES["calibration-principal-point"]["widths"]
    width = max(channel.width for channel in clean.recording.channels)

    def wrong(one: Calibration) -> Calibration:
        fx, fy, _, cy = one.intrinsics
        return replace(one, intrinsics=(fx, fy, widths * width, cy))

    return recalibrated(clean, rng, wrong, cameras=True)


def calibration_rotation(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """A quaternion that is not of length 1."""
    factor = MAGNITUDES["calibration-rotation"]["factor"]

    def wrong(one: Calibration) -> Calibration:
        return replace(one, rotation=tuple(part * factor for part in one.rotation))

    return recalibrated(clean, rng, wrong)


def calibration_translation(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """A sensor far outside the vehicle."""
    metres = MAGNITUDES["calibration-translation"]["metres"]

    def wrong(one: Calibration) -> Calibration:
        x, y, z = one.translation_m
        return replace(one, translation_m=(x + metres, y, z))

    return recalibrated(clean, rng, wrong)


def calibration_missing(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """One calibration is gone."""
    known = list(clean.recording.calibrations)
    del known[int(rng.integers(len(known)))]
    return replace(clean, recording=replace(clean.recording, calibrations=tuple(known)))


def lidar_dropout(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """Some sweeps in a row hold few points."""
    given = MAGNITUDES["lidar-dropout"]
    points = clean.sweeps.column("points").to_numpy().astype(np.float64)
    first = int(rng.integers(0, len(points) - int(given["sweeps"])))
    points[first : first + int(given["sweeps"])] *= given["left_share"]
    return replace(clean, sweeps=with_column(clean.sweeps, "points", points.astype(np.int64)))


def salvaged(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """The file ended early, and the reader says so."""
    lost = MAGNITUDES["salvaged"]["lost_s"]
    end = clean.recording.start_ns + clean.recording.duration_ns
    until = end - round((lost + rng.random()) * SECOND_NS)
    cut = {
        name: table.filter(pc.less(table.column("time_ns"), until))
        for name in ("frames", "signals", "sweeps")
        for table in [getattr(clean, name)]
    }
    told = replace(clean.recording, salvaged=f"cut off: lost at least {lost:.2f} s at the end")
    return replace(clean, recording=told, **cut)


def no_clock(clean: RecordingTables, rng: Rng) -> RecordingTables:
    """Times were declared."""
    del rng
    return replace(clean, recording=replace(clean.recording, clock="declared"))


FAULTS: dict[str, Fault] = {
    function.__name__.replace("_", "-"): function
    for function in (
        missing_frames,
        repeated_times,
        time_backwards,
        rate_off,
        channel_gap,
        silent_start,
        silent_end,
        few_messages,
        size_change,
        clock_jump,
        clock_drift,
        clock_offset,
        gnss_jump,
        gnss_outage,
        gnss_frozen,
        imu_bias,
        imu_saturation,
        imu_gravity,
        imu_frozen,
        wheel_speed_off,
        speed_range,
        can_silence,
        can_stuck,
        calibration_focal_length,
        calibration_principal_point,
        calibration_rotation,
        calibration_translation,
        calibration_missing,
        lidar_dropout,
        sweep_rate,
        salvaged,
        no_clock,
    )
}
"""Check of the low-rate lane -> its fault."""


def _slowed(
    clean: RecordingTables, rng: Rng, check: str, sensors: tuple[str, ...]
) -> RecordingTables:
    """A stretch slower, by leaving messages out and placing the others evenly."""
    given = MAGNITUDES[check]
    channel = some_channel(clean, rng, sensors)
    times = times_of(clean, channel)
    first = int(rng.uniform(0, 1 - given["share"]) * len(times))
    last = first + int(given["share"] * len(times))
    begin, end = int(times[first]), int(times[last])

    def slower(times: np.ndarray) -> np.ndarray:
        found = times.copy()
        inside = np.flatnonzero((times >= begin) & (times <= end))
        count = len(inside)
        kept = round(count / given["slower"])
        place = np.linspace(0, count - 1, kept)
        found[inside[:kept]] = np.interp(place, np.arange(count), times[inside] - begin) + begin
        found[inside[kept:]] = -1
        return found

    moved = retimed(clean, channel, slower)
    return kept_only(moved, channel, lambda times: times >= 0)


def _silence(check: str) -> Callable[[np.ndarray], float]:
    given = MAGNITUDES[check]
    return lambda times: max(given["seconds"] * SECOND_NS, given["periods"] * period_of(times))
