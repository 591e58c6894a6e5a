"""One recording's vehicle and tracks as arrays, with what follows from them. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from ringroad.domain.time import SECOND_NS

FRONT_M = 3.8
"""From the middle of the rear axle to the front bumper of a middle-sized car."""
REAR_M = 1.0
"""From there to the rear bumper."""
HOLE_S = 1.0
SLOWEST_MPS = 2.0
"""Slower than this, the yaw rate does not tell how the path bends."""
SHARPEST = 0.1
"""Curvature in 1/m beyond which the vehicle does not drive."""


@dataclass(frozen=True, eq=False)
class Ego:
    """The vehicle, (n,) values by time; NaN where nothing tells.

    Attributes:
        time_ns: int64.
        speed: m/s, accel: m/s2, yaw_rate: rad/s, left positive.
    """

    time_ns: np.ndarray
    speed: np.ndarray
    accel: np.ndarray
    yaw_rate: np.ndarray

    def at(self, values: np.ndarray, time_ns: np.ndarray) -> np.ndarray:
        """Values at other times, interpolated; NaN outside, and in holes of over a second."""
        if not len(self.time_ns):
            return np.full(len(time_ns), np.nan)
        start = self.time_ns[0]
        known = (self.time_ns - start).astype(np.float64)
        when = (time_ns - start).astype(np.float64)
        found: np.ndarray = np.interp(when, known, values, left=np.nan, right=np.nan)
        after = np.clip(np.searchsorted(known, when), 1, max(len(known) - 1, 1))
        if len(known) > 1:
            found[known[after] - known[after - 1] > HOLE_S * SECOND_NS] = np.nan
        return found


@dataclass(frozen=True, eq=False)
class Tracks:
    """All tracks, (n,) values by track and time; see `schemas.TRACKS` for axes.

    Attributes:
        names: of tracks, by code; categories: of categories, by code.
        track: int32 code; category: int32 code; time_ns: int64.
        x, y: m; vx, vy: m/s over ground; length, width: m; visible: 0 to 1.
        speed: m/s of the vehicle at that time, NaN where nothing tells: then nothing holds that
            compares with it; curvature: 1/m of its path, left positive, 0 where nothing tells.
    """

    names: tuple[str, ...]
    categories: tuple[str, ...]
    track: np.ndarray
    category: np.ndarray
    time_ns: np.ndarray
    x: np.ndarray
    y: np.ndarray
    vx: np.ndarray
    vy: np.ndarray
    length: np.ndarray
    width: np.ndarray
    visible: np.ndarray
    speed: np.ndarray
    curvature: np.ndarray

    @cached_property
    def first(self) -> np.ndarray:
        """(n,) bool: the first row of its track."""
        first = np.ones(len(self.track), dtype=bool)
        first[1:] = self.track[1:] != self.track[:-1]
        return first

    @cached_property
    def aside(self) -> np.ndarray:
        """Metres to the left of the path that the vehicle is on, bent as it now turns."""
        return np.asarray(self.y - 0.5 * self.curvature * np.clip(self.x, -60, 60) ** 2)

    @cached_property
    def gap(self) -> np.ndarray:
        """Metres between bumpers along the road: negative while they overlap."""
        ahead = self.x - self.length / 2 - FRONT_M
        behind = -self.x - self.length / 2 - REAR_M
        return np.asarray(np.where(self.x >= 0, ahead, behind))

    @cached_property
    def closing(self) -> np.ndarray:
        """How fast the gap shrinks, m/s."""
        apart = np.where(self.x >= 0, self.speed - self.vx, self.vx - self.speed)
        return np.asarray(apart)

    @cached_property
    def pace(self) -> np.ndarray:
        """Speed over ground, m/s."""
        return np.asarray(np.hypot(self.vx, self.vy))

    def is_a(self, *categories: str) -> np.ndarray:
        """(n,) bool: of one of some categories."""
        known = np.array([name in categories for name in self.categories], dtype=bool)
        return known[self.category] if len(known) else np.zeros(len(self.track), dtype=bool)


VEHICLES = ("car", "truck", "bus", "van", "vehicle", "motorcycle", "trailer")
ON_FOOT = ("pedestrian", "person", "child")


def ego_of(rows: pa.Table) -> Ego:
    """Rows of `schemas.EGO` of one recording, by time."""
    return Ego(
        time_ns=rows["time_ns"].to_numpy(),
        speed=_floats(rows, "speed_mps"),
        accel=_floats(rows, "accel_mps2"),
        yaw_rate=_floats(rows, "yaw_rate_rps"),
    )


def tracks_of(rows: pa.Table, ego: Ego) -> Tracks:
    """Rows of `schemas.TRACKS` of one recording, in any order.

    Where nobody measured a velocity it is derived from the positions and the vehicle's own
    motion; rows of a track that say the same time count once.
    """
    names = _coded(rows, "track_id")
    categories = _coded(rows, "category")
    time_ns = rows["time_ns"].to_numpy()
    # Rows that say the same time are told apart by their places, whatever order they came in.
    order = np.lexsort((_floats(rows, "y_m"), _floats(rows, "x_m"), time_ns, names[1]))
    track, time_ns = names[1][order], time_ns[order]
    kept = np.ones(len(order), dtype=bool)
    kept[1:] = (track[1:] != track[:-1]) | (time_ns[1:] != time_ns[:-1])
    order, track, time_ns = order[kept], track[kept], time_ns[kept]
    speed = ego.at(ego.speed, time_ns)
    yaw_rate = np.nan_to_num(ego.at(_mean(ego.yaw_rate), time_ns))
    known = np.abs(speed) > SLOWEST_MPS
    x, y = _floats(rows, "x_m")[order], _floats(rows, "y_m")[order]
    vx, vy = _floats(rows, "vx_mps")[order], _floats(rows, "vy_mps")[order]
    unknown = np.isnan(vx) | np.isnan(vy)
    if unknown.any():
        derived = _derived(track, time_ns, x, y, speed, yaw_rate)
        vx, vy = np.where(unknown, derived[0], vx), np.where(unknown, derived[1], vy)
    bend = np.where(known, yaw_rate / np.where(known, speed, 1.0), 0.0)
    return Tracks(
        names=names[0],
        categories=categories[0],
        track=track,
        category=categories[1][order],
        time_ns=time_ns,
        x=x,
        y=y,
        vx=vx,
        vy=vy,
        length=_floats(rows, "length_m")[order],
        width=_floats(rows, "width_m")[order],
        visible=_floats(rows, "visible")[order],
        speed=speed,
        curvature=np.clip(bend, -SHARPEST, SHARPEST),
    )


def _mean(values: np.ndarray) -> np.ndarray:
    """Of five neighbours: half a second at ten a second."""
    if len(values) < 5:
        return values
    padded = np.pad(values, 2, mode="edge")
    found: np.ndarray = np.convolve(padded, np.full(5, 0.2), mode="valid")
    return found


def _derived(
    track: np.ndarray,
    time_ns: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    speed: np.ndarray,
    yaw_rate: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Velocity over ground: what a position does in axes that move and turn, plus their motion."""
    span = 2  # rows to either side: positions are noisy
    here = np.arange(len(track))
    before, after = np.maximum(here - span, 0), np.minimum(here + span, len(track) - 1)
    before = np.where(track[before] == track, before, here)
    after = np.where(track[after] == track, after, here)
    seconds = (time_ns[after] - time_ns[before]) / SECOND_NS
    with np.errstate(divide="ignore", invalid="ignore"):
        moved_x, moved_y = (x[after] - x[before]) / seconds, (y[after] - y[before]) / seconds
    still = seconds <= 0
    moved_x[still] = moved_y[still] = 0.0
    return moved_x + speed - yaw_rate * y, moved_y + yaw_rate * x


def _coded(rows: pa.Table, name: str) -> tuple[tuple[str, ...], np.ndarray]:
    """Texts of a column, sorted, and the place of each row's."""
    whole = rows[name].cast(pa.string()).combine_chunks().dictionary_encode()
    texts = whole.dictionary.to_pylist()
    order = np.argsort(np.array(texts, dtype=object)) if texts else np.empty(0, np.int64)
    rank = np.empty(len(texts), np.int32)
    rank[order] = np.arange(len(texts), dtype=np.int32)
    codes = np.asarray(whole.indices, np.int64)
    return tuple(texts[at] for at in order), rank[codes] if texts else codes.astype(np.int32)


def _floats(rows: pa.Table, name: str) -> np.ndarray:
    found: np.ndarray = rows[name].to_numpy().astype(np.float64)
    return found
