"""A recording's rows as arrays by channel and signal, and the rhythm of each. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.recording import CAMERA, GNSS, IMU, OTHER, Recording
from ringroad.domain.time import SECOND_NS

REGULAR_SHARE = 0.25
"""A channel is steady where so many of its intervals are about equal."""
ABOUT = 0.25
MANY = 4
"""Fewer messages have no rhythm."""
RATED = frozenset({CAMERA, "lidar", "radar", IMU, GNSS})
"""Sensors that sample steadily; CAN and other signals may speak when they like."""
SPEEDS = frozenset({"speed", "speed_mps", "vehicle_speed"})
WHEELS = "wheel_speed"
SPEED_UNITS = {"m/s": 1.0, "km/h": 1 / 3.6, "mph": 0.44704}
"""Factor from the unit to metres per second."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Beat:
    """The times of one channel, in the order of its sequence numbers.

    Attributes:
        channel: its name.
        sensor: as in `Channel.sensor`.
        times: (n,) int64 ns.
        sizes: (n, 2) width and height, or empty where it has no pictures.
        points: (n,) int64 of a lidar or radar, -1 where not known; or empty.
    """

    channel: str
    sensor: str
    times: np.ndarray
    sizes: np.ndarray
    points: np.ndarray

    @cached_property
    def steps(self) -> np.ndarray:
        """(n - 1,) int64 ns from each message to the next."""
        return np.diff(self.times)

    @cached_property
    def period_ns(self) -> float:
        """The usual interval; 0 where the channel is not steady."""
        return period_of(self.steps)


@dataclass(frozen=True, kw_only=True, eq=False)
class Line:
    """One signal over time.

    Attributes:
        channel: which it came over.
        sensor: of that channel.
        name: `imu.angular_velocity.z` ...
        unit: of the values.
        times: (n,) int64 ns, ascending.
        values: (n,) float64.
    """

    channel: str
    sensor: str
    name: str
    unit: str
    times: np.ndarray
    values: np.ndarray

    @cached_property
    def period_ns(self) -> float:
        """The usual interval; 0 where the signal is not steady."""
        return period_of(np.diff(self.times))


@dataclass(frozen=True, kw_only=True, eq=False)
class Lanes:
    """All that the low-rate checks look at."""

    recording: Recording
    beats: tuple[Beat, ...]
    lines: tuple[Line, ...]

    @cached_property
    def span(self) -> tuple[int, int]:
        """When most channels begin and end: medians, so that one stray channel moves neither."""
        full = [beat.times for beat in self.beats if len(beat.times) > 1]
        if not full:
            start = self.recording.start_ns
            return start, start + self.recording.duration_ns
        starts = np.array([times.min() for times in full])
        ends = np.array([times.max() for times in full])
        if len(full) < 3:
            return int(starts.min()), int(ends.max())
        return int(np.median(starts)), int(np.median(ends))

    @cached_property
    def speed(self) -> Line | None:
        """The vehicle's own speed in m/s, not that of GNSS; None where it is not known."""
        return next(iter(self.speeds), None)

    @cached_property
    def speeds(self) -> tuple[Line, ...]:
        """Every speed in m/s: of the vehicle first, then of its wheels."""
        found = [line for line in self.lines if _is_speed(line)]
        found.sort(key=lambda line: (WHEELS in line.name.lower(), line.channel, line.name))
        return tuple(_in_mps(line) for line in found)

    def triples(self, sensor: str, stem: str) -> Iterator[tuple[Line, Line, Line]]:
        """The x, y and z of a vector signal, one triple a channel."""
        known = {(line.channel, line.name): line for line in self.lines if line.sensor == sensor}
        for channel in dict.fromkeys(channel for channel, _ in known):
            axes = [known.get((channel, f"{stem}.{axis}")) for axis in "xyz"]
            three = [axis for axis in axes if axis is not None]
            if len(three) == 3 and len({len(axis.times) for axis in three}) == 1:
                yield three[0], three[1], three[2]

    def named(self, sensor: str, name: str) -> tuple[Line, ...]:
        """The signals of one name."""
        return tuple(line for line in self.lines if (line.sensor, line.name) == (sensor, name))


def lanes_of(
    recording: Recording, frames: pa.Table, signals: pa.Table, sweeps: pa.Table | None
) -> Lanes:
    """Sort the rows of one recording by channel and signal.

    Args:
        recording: the noun.
        frames: rows of `schemas.FRAMES`.
        signals: rows of `schemas.SIGNALS`.
        sweeps: rows of `schemas.SWEEPS`, or None.
    """
    sensors = {channel.name: channel.sensor for channel in recording.channels}
    lines = tuple(_lines(signals, sensors))
    beats = [*_frame_beats(frames, sensors), *_line_beats(lines)]
    if sweeps is not None:
        beats += _sweep_beats(sweeps)
    return Lanes(recording=recording, beats=tuple(beats), lines=lines)


def period_of(steps: np.ndarray) -> float:
    """The usual interval in ns, robust against losses and pauses; 0 where there is none.

    Where many messages are lost, the shortest usual interval is the true one: it is the median
    of those that are near the tenth percentile.
    """
    ahead = steps[steps > 0]
    if len(ahead) < MANY - 1:
        return 0.0
    short = float(np.percentile(ahead, 10))
    for period in (float(np.median(ahead[ahead <= 1.5 * short])), float(np.median(ahead))):
        if np.mean(np.abs(ahead - period) <= ABOUT * period) >= REGULAR_SHARE:
            return period
    return 0.0


def values_at(line: Line, times: np.ndarray) -> np.ndarray:
    """The values of a signal at (n,) times in ns, linear between its own."""
    if not len(line.times):
        return np.full(len(times), np.nan)
    base = line.times[0]
    found: np.ndarray = np.interp(
        (times - base).astype(np.float64), (line.times - base).astype(np.float64), line.values
    )
    return found


def seconds(nanoseconds: float) -> float:
    """Nanoseconds to seconds."""
    return float(nanoseconds) / SECOND_NS


def _groups(names: Sequence[pa.ChunkedArray]) -> Iterator[tuple[tuple[str, ...], np.ndarray]]:
    """(texts, rows) of each different combination of text columns; rows keep their order."""
    codes, words = [], []
    for column in names:
        packed = pc.dictionary_encode(column).unify_dictionaries()
        parts = [chunk.indices.to_numpy() for chunk in packed.chunks] or [np.zeros(0, np.int32)]
        codes.append(np.concatenate(parts).astype(np.int64))
        words.append(packed.chunk(0).dictionary.to_pylist() if packed.num_chunks else [])
    whole = np.zeros(len(codes[0]), np.int64)
    for part, known in zip(codes, words, strict=True):
        whole = whole * max(1, len(known)) + part
    edges = np.flatnonzero(np.diff(whole)) + 1
    starts = np.concatenate([[0], edges]) if len(whole) else edges
    if len(np.unique(whole[starts])) != len(starts):  # rows of a group lie apart
        order = np.argsort(whole, kind="stable")
        starts = np.concatenate([[0], np.flatnonzero(np.diff(whole[order])) + 1])
    else:
        order = np.arange(len(whole))
    for rows in np.split(order, starts[1:]) if len(whole) else ():
        texts = [known[part[rows[0]]] for part, known in zip(codes, words, strict=True)]
        yield tuple(texts), rows


def _lines(signals: pa.Table, sensors: dict[str, str]) -> Iterator[Line]:
    times = signals.column("time_ns").to_numpy()
    values = signals.column("value").to_numpy()
    columns = [signals.column(name) for name in ("channel", "name", "unit")]
    for (channel, name, unit), rows in _groups(columns):
        yield Line(
            channel=channel,
            sensor=sensors.get(channel, OTHER),
            name=name,
            unit=unit,
            times=times[rows],
            values=values[rows],
        )


def _line_beats(lines: Sequence[Line]) -> Iterator[Beat]:
    """One beat a channel: of all its times, each once, where its signals differ in them."""
    for channel in dict.fromkeys(line.channel for line in lines):
        own = [line for line in lines if line.channel == channel]
        longest = max(own, key=lambda line: len(line.times))
        times = longest.times
        if any(len(line.times) and not _within(line.times, times) for line in own):
            # Merges runs that are sorted already; `np.unique` hashes, four times slower here.
            times = np.sort(np.concatenate([line.times for line in own]), kind="stable")
            times = times[np.diff(times, prepend=times[0] - 1) != 0]
        yield _beat(channel, longest.sensor, times)


def _within(times: np.ndarray, whole: np.ndarray) -> bool:
    """Whether these are some of those times."""
    if len(times) == len(whole):
        return bool(np.array_equal(times, whole))
    place = np.minimum(np.searchsorted(whole, times), len(whole) - 1)
    return bool((whole[place] == times).all())


def _frame_beats(frames: pa.Table, sensors: dict[str, str]) -> Iterator[Beat]:
    sizes = np.stack([frames.column(name).to_numpy() for name in ("width", "height")], axis=1)
    for channel, times, rows in _in_sequence(frames):
        sensor = sensors.get(channel, CAMERA)
        yield _beat(channel, sensor, times, sizes=sizes[rows].astype(np.int64))


def _sweep_beats(sweeps: pa.Table) -> Iterator[Beat]:
    points = sweeps.column("points").to_numpy()
    kinds = sweeps.column("sensor")
    for channel, times, rows in _in_sequence(sweeps):
        yield _beat(channel, kinds[int(rows[0])].as_py(), times, points=points[rows])


def _in_sequence(table: pa.Table) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    times = table.column("time_ns").to_numpy()
    sequence = table.column("sequence").to_numpy()
    for (channel,), rows in _groups([table.column("channel")]):
        ordered = rows[np.argsort(sequence[rows], kind="stable")]
        yield channel, times[ordered], ordered


def _beat(
    channel: str,
    sensor: str,
    times: np.ndarray,
    *,
    sizes: np.ndarray | None = None,
    points: np.ndarray | None = None,
) -> Beat:
    return Beat(
        channel=channel,
        sensor=sensor,
        times=times,
        sizes=np.zeros((0, 2), np.int64) if sizes is None else sizes,
        points=np.zeros(0, np.int64) if points is None else points,
    )


def _is_speed(line: Line) -> bool:
    last = line.name.lower().rpartition(".")[2]
    named = last in SPEEDS or WHEELS in line.name.lower()
    return named and line.sensor != GNSS and "gnss" not in line.name and line.unit in SPEED_UNITS


def _in_mps(line: Line) -> Line:
    factor = SPEED_UNITS[line.unit]
    if factor == 1.0:
        return line
    return Line(
        channel=line.channel,
        sensor=line.sensor,
        name=line.name,
        unit="m/s",
        times=line.times,
        values=line.values * factor,
    )
