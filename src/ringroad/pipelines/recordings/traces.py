"""Where vehicles were: the trace of a recording, by GNSS or by poses, thinned for the eye."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ringroad.media.motion import LATITUDE, LONGITUDE, SPEED, first_of

GNSS, POSES = "GNSS", "poses"
EARTH_M = 6_371_008.8
_NAMES = ((GNSS, (LATITUDE, LONGITUDE)), (POSES, ("pose.position.y", "pose.position.x")))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Places:
    """Places of a vehicle.

    Attributes:
        origin: `GNSS` or `poses`.
        time_ns: (n,) int64, rising.
        north: (n,) degrees north by GNSS, else metres along y of a map of its own.
        east: (n,) degrees east, else metres along x.
        speed: (n,) m/s, NaN where no signal tells.
    """

    origin: str
    time_ns: np.ndarray
    north: np.ndarray
    east: np.ndarray
    speed: np.ndarray


def places_of(signals: pa.Table) -> Places | None:
    """Two places or more that a recording's signals tell; None without."""
    for origin, names in _NAMES:
        north, east = (first_of(signals, (name,)) for name in names)
        if north is None or east is None:
            continue
        times, here, there = np.intersect1d(north.time_ns, east.time_ns, return_indices=True)
        y, x = north.values[here], east.values[there]
        able = np.isfinite(x) & np.isfinite(y)
        if origin == GNSS:
            able &= (np.abs(y) <= 90) & ((x != 0) | (y != 0))
        times, x, y = times[able], x[able], y[able]
        if len(times) < 2:
            return None
        return Places(origin=origin, time_ns=times, north=y, east=x, speed=_speeds(signals, times))
    return None


def metres_of(places: Places) -> tuple[np.ndarray, np.ndarray]:
    """(n,) metres east and north of the first place; those of poses as they are."""
    if places.origin != GNSS:
        return places.east, places.north
    turn = np.radians((places.east - places.east[0] + 180) % 360 - 180)
    east = EARTH_M * turn * np.cos(np.radians(np.median(places.north)))
    return east, EARTH_M * np.radians(places.north - places.north[0])


def thinned(places: Places, most: int) -> np.ndarray:
    """Which places to keep: evenly along the way that was driven, first and last among them."""
    count = len(places.time_ns)
    if count <= most:
        return np.arange(count)
    east, north = metres_of(places)
    way = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(east), np.diff(north)))])
    if way[-1] <= 0:
        return np.array([0, count - 1])
    at = np.searchsorted(way, np.linspace(0, way[-1], most))
    kept: np.ndarray = np.unique(np.concatenate([[0], at, [count - 1]]))
    return kept


def _speeds(signals: pa.Table, times: np.ndarray) -> np.ndarray:
    speed = first_of(signals, SPEED)
    if speed is None or not len(speed.time_ns):
        return np.full(len(times), np.nan)
    base = times[0]
    found: np.ndarray = np.interp(times - base, speed.time_ns - base, speed.values)
    return found
