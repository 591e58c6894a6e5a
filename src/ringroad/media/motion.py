"""Signals of one recording to the vehicle's motion on an even grid of time. Finds no events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.time import SECOND_NS

G = 9.80665
"""Standard gravity in m/s2."""
RATE_HZ = 20
STEP_NS = SECOND_NS // RATE_HZ
SLOPE_S = 0.5
"""Over which time a derivative is taken."""
GNSS_SLOPE_S = 1.5
"""The same of places, which are noisier."""
GNSS_GAP_S = 2.5
COURSE_MPS = 3.0
"""Slower than this, places do not tell where the vehicle points."""
EARTH_M = 6_371_008.8
"""Mean radius."""

HIGHEST = 1e5
"""No signal of motion has such values, in any unit; damaged messages do, and are left out."""

SPEED = ("speed", "speed_mps", "vehicle_speed", "gnss.speed")
YAW_RATE = ("yaw_rate",)
STEERING = ("steering", "steering_angle", "steering_wheel_angle")
ACCELERATION = "imu.linear_acceleration"
ANGULAR = "imu.angular_velocity"
LATITUDE, LONGITUDE = "gnss.latitude", "gnss.longitude"
UNITS: Mapping[str, float] = {
    "m/s": 1.0, "km/h": 1 / 3.6, "mph": 0.44704, "rad": 1.0, "deg": np.pi / 180,
    "rad/s": 1.0, "deg/s": np.pi / 180, "m/s2": 1.0, "m/s^2": 1.0, "g": G,
}  # fmt: skip
"""Factor to SI; degrees of latitude are taken as they are. An unknown unit counts as SI."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """One signal: (n,) int64 times that rise, (n,) float64 values in SI units."""

    time_ns: np.ndarray
    values: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Motion:
    """One piece without gaps, `RATE_HZ` values a second; NaN where a value is not known.

    Attributes:
        time_ns: (n,) int64.
        speed: (n,) m/s.
        acceleration: (n,) m/s2 ahead, the mean over `SLOPE_S`.
        yaw_rate: (n,) rad/s to the left, the mean over `SLOPE_S`.
        steering_rate: (n,) rad/s of the steering wheel.
    """

    time_ns: np.ndarray
    speed: np.ndarray
    acceleration: np.ndarray
    yaw_rate: np.ndarray
    steering_rate: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Signals:
    """What a recording's signals say of its motion; None where they say nothing."""

    speed: Series | None
    yaw_rate: Series | None
    steering: Series | None
    ahead: Series | None
    """Longitudinal acceleration without its mean, which is bias and slope."""
    up: Series | None
    """Vertical acceleration."""


def signals_of(table: pa.Table) -> Signals:
    """Pick the signals of motion out of rows of `schemas.SIGNALS` of one recording.

    Where several channels carry a signal, the one with most values counts. The IMU's vertical
    axis is the one that feels gravity, whichever way up it is mounted.
    """
    speed = first_of(table, SPEED)
    yaw_rate = first_of(table, YAW_RATE)
    axis, sign = _vertical(table)
    turning = first_of(table, (f"{ANGULAR}.{axis}",))
    place = _places(table)
    if speed is None and place is not None:
        speed = _speed_of(*place)
    if yaw_rate is None and turning is not None:
        yaw_rate = _unbiased(turning, sign, speed)
    if yaw_rate is None and place is not None:
        yaw_rate = _course_rate(*place)
    up = first_of(table, (f"{ACCELERATION}.{axis}",))
    ahead = first_of(table, (f"{ACCELERATION}.x",)) if axis != "x" else None
    return Signals(
        speed=speed,
        yaw_rate=yaw_rate,
        steering=first_of(table, STEERING),
        ahead=None if ahead is None else _centred(ahead),
        up=None if up is None else Series(time_ns=up.time_ns, values=sign * up.values),
    )


def motion_of(signals: Signals, *, gap_s: float) -> Iterator[Motion]:
    """The pieces between gaps, laid on the grid; pieces under a second are left out."""
    known = (signals.speed, signals.yaw_rate, signals.ahead)
    base = next((series for series in known if series is not None), None)
    if base is None:
        return
    for first, last in _pieces(base.time_ns, gap_s):
        count = (last - first) // STEP_NS + 1
        if count > RATE_HZ:
            yield _piece(signals, first + np.arange(count) * STEP_NS, gap_s)


def first_of(table: pa.Table, names: tuple[str, ...]) -> Series | None:
    """The first of some signals that there is, from the channel with most values of it."""
    known = pc.unique(table["name"]).to_pylist()
    for name in names:
        written = [text for text in known if text.lower() == name]
        if written:
            rows = [table.filter(pc.equal(table["name"], text)) for text in written]
            return _densest(pa.concat_tables(rows))
    return None


def on_grid(series: Series | None, time_ns: np.ndarray, gap_s: float) -> np.ndarray:
    """Values at some times, interpolated; NaN outside, and in gaps longer than `gap_s`."""
    if series is None or not len(series.time_ns):
        return np.full(len(time_ns), np.nan)
    start = series.time_ns[0]
    at, known = (time_ns - start).astype(np.float64), (series.time_ns - start).astype(np.float64)
    found: np.ndarray = np.interp(at, known, series.values, left=np.nan, right=np.nan)
    after = np.clip(np.searchsorted(known, at), 1, max(len(known) - 1, 1))
    if len(known) > 1:
        found[(known[after] - known[after - 1] > gap_s * SECOND_NS)] = np.nan
    return found


def slope(values: np.ndarray, seconds: float) -> np.ndarray:
    """Least-squares slope per second over a window, after Savitzky and Golay of first order."""
    half = max(1, round(seconds * RATE_HZ / 2))
    steps = np.arange(half, -half - 1, -1, dtype=np.float64)
    padded = _padded(values, half)
    found: np.ndarray = np.convolve(padded, steps / (steps**2).sum() * RATE_HZ, mode="valid")
    return found


def smooth(values: np.ndarray, seconds: float) -> np.ndarray:
    """Mean over a window, of what there is of it at the ends; NaN stays NaN."""
    half = max(1, round(seconds * RATE_HZ / 2))
    known = np.isfinite(values)
    total = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
    count = np.concatenate([[0], np.cumsum(known)])
    low = np.clip(np.arange(len(values)) - half, 0, None)
    high = np.clip(np.arange(len(values)) + half + 1, None, len(values))
    mean = (total[high] - total[low]) / np.maximum(count[high] - count[low], 1)
    found: np.ndarray = np.where(known, mean, np.nan)
    return found


def _padded(values: np.ndarray, half: int) -> np.ndarray:
    """Continue both ends as they began, so that slopes hold up to the edge."""
    return np.pad(values, half, mode="reflect", reflect_type="odd")


def _piece(signals: Signals, time_ns: np.ndarray, gap_s: float) -> Motion:
    speed = on_grid(signals.speed, time_ns, gap_s)
    if signals.speed is not None:
        acceleration = slope(speed, SLOPE_S)
    else:
        acceleration = smooth(on_grid(signals.ahead, time_ns, gap_s), SLOPE_S)
    return Motion(
        time_ns=time_ns,
        speed=speed,
        acceleration=acceleration,
        yaw_rate=smooth(on_grid(signals.yaw_rate, time_ns, gap_s), SLOPE_S),
        steering_rate=slope(on_grid(signals.steering, time_ns, gap_s), SLOPE_S / 2),
    )


def _pieces(time_ns: np.ndarray, gap_s: float) -> list[tuple[int, int]]:
    if not len(time_ns):
        return []
    apart = np.diff(time_ns.astype(np.float64))  # times of a damaged file may overflow whole ones
    cuts = np.flatnonzero(apart > gap_s * SECOND_NS)
    firsts = time_ns[np.concatenate([[0], cuts + 1])]
    lasts = time_ns[np.concatenate([cuts, [len(time_ns) - 1]])]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def _densest(rows: pa.Table) -> Series:
    counts = rows.group_by("channel").aggregate([("value", "count")]).to_pylist()
    channel = min(counts, key=lambda row: (-row["value_count"], row["channel"]))["channel"]
    kept = rows.filter(pc.equal(rows["channel"], channel))
    time_ns, first = np.unique(kept["time_ns"].to_numpy(), return_index=True)
    factor = UNITS.get(kept["unit"][0].as_py(), 1.0)
    if kept["name"][0].as_py().lower() in {LATITUDE, LONGITUDE}:
        factor = 1.0
    values = kept["value"].to_numpy()[first]
    real = np.abs(values) <= HIGHEST
    return Series(time_ns=time_ns[real], values=values[real] * factor)


def _vertical(table: pa.Table) -> tuple[str, float]:
    """The IMU's axis that feels gravity, and 1 where it points up, -1 where down."""
    best, sign, off = "z", 1.0, 0.3 * G
    for axis in "xyz":
        series = first_of(table, (f"{ACCELERATION}.{axis}",))
        if series is not None and len(series.values):
            middle = float(np.median(series.values))
            if abs(abs(middle) - G) < off:
                best, sign, off = axis, float(np.sign(middle)), abs(abs(middle) - G)
    return best, sign


def _unbiased(turning: Series, sign: float, speed: Series | None) -> Series:
    """The gyroscope's rate less what it shows while the vehicle stands."""
    bias = 0.0
    if speed is not None:
        still = on_grid(speed, turning.time_ns, SECOND_NS) < 0.1  # NaN is not under it
        if still.sum() > RATE_HZ:
            bias = float(np.median(turning.values[still]))
    return Series(time_ns=turning.time_ns, values=sign * (turning.values - bias))


def _centred(series: Series) -> Series:
    middle = np.median(series.values) if len(series.values) else 0.0
    return Series(time_ns=series.time_ns, values=series.values - middle)


def _places(table: pa.Table) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Times on the grid, x to the east and y to the north in metres; None without a receiver."""
    latitude, longitude = first_of(table, (LATITUDE,)), first_of(table, (LONGITUDE,))
    if latitude is None or longitude is None or len(latitude.time_ns) < 3:
        return None
    times, here, there = np.intersect1d(
        latitude.time_ns, longitude.time_ns, assume_unique=True, return_indices=True
    )
    if len(times) < 3:
        return None
    north = np.radians(latitude.values[here])
    east = np.radians(longitude.values[there])
    y = EARTH_M * (north - north[0])
    x = EARTH_M * np.cos(north[0]) * np.unwrap(east - east[0])
    return times, x, y


def _speed_of(times: np.ndarray, x: np.ndarray, y: np.ndarray) -> Series | None:
    return _derived(times, x, y, np.hypot)


def _course_rate(times: np.ndarray, x: np.ndarray, y: np.ndarray) -> Series | None:
    def rate(vx: np.ndarray, vy: np.ndarray) -> np.ndarray:
        turning = slope(np.unwrap(np.arctan2(vy, vx)), GNSS_SLOPE_S)
        return np.where(np.hypot(vx, vy) > COURSE_MPS, turning, 0.0)

    return _derived(times, x, y, rate)


def _derived(
    times: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    make: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> Series | None:
    """What velocities east and north say, piece by piece; None where no piece is long enough."""
    parts = []
    for first, last in _pieces(times, GNSS_GAP_S):
        count = (last - first) // STEP_NS + 1
        if count > GNSS_SLOPE_S * RATE_HZ:
            grid = first + np.arange(count) * STEP_NS
            velocity = [
                slope(on_grid(Series(time_ns=times, values=part), grid, GNSS_GAP_S), GNSS_SLOPE_S)
                for part in (x, y)
            ]
            parts.append((grid, make(*velocity)))
    if not parts:
        return None
    return Series(
        time_ns=np.concatenate([grid for grid, _ in parts]),
        values=np.concatenate([values for _, values in parts]),
    )
