"""Ways to change the rows of a recording: times or values of one channel, messages left out.

Draws nothing wrong by itself; `faults_recordings.py` says what is a fault.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.calibration import Calibration
from ringroad.domain.errors import UsageError
from ringroad.domain.recording import GNSS, IMU
from ringroad.testing.clean_recordings import RecordingTables

Rng = np.random.Generator
TIMED = ("camera", "lidar", IMU, GNSS)
"""Sensors whose channels the faults of time are put into."""
MOVING_MPS = 3.0


def period_of(times: np.ndarray) -> float:
    """Median interval in ns."""
    return float(np.median(np.diff(np.unique(times))))


def stretch(times: np.ndarray, lasts_ns: float, rng: Rng) -> np.ndarray:
    """(n,) bool, a stretch of that length away from both ends."""
    free = max(0.0, float(times.max() - times.min()) - lasts_ns)
    begin = times.min() + round(rng.uniform(0.1, 0.9) * free)
    found: np.ndarray = (times > begin) & (times < begin + lasts_ns)
    return found


def moving_stretch(
    clean: RecordingTables, times: np.ndarray, lasts_ns: float, rng: Rng
) -> np.ndarray:
    """A stretch during which the vehicle never goes slowly. Raises UsageError."""
    rows, at = signal_of(clean.signals, speed_channel(clean), "speed")
    speeds = clean.signals.column("value").to_numpy()[rows]
    for _ in range(200):
        held = stretch(times, lasts_ns, rng)
        begin, end = times[held][[0, -1]]
        inside = speeds[(at >= begin) & (at <= end)]
        if len(inside) and inside.min() > MOVING_MPS:
            return held
    raise UsageError("the vehicle never moves for so long", subject=clean.recording.id)


def some_channel(clean: RecordingTables, rng: Rng, sensors: tuple[str, ...] = TIMED) -> str:
    """One channel of those sensors. Raises UsageError where there is none."""
    names = [item.name for item in clean.recording.channels if item.sensor in sensors]
    if not names:
        raise UsageError(f"holds no {' or '.join(sensors)}", subject=clean.recording.id)
    return str(rng.choice(names))


def speed_channel(clean: RecordingTables) -> str:
    """The channel of the signal `speed`. Raises UsageError where there is none."""
    speeds = clean.signals.filter(pc.equal(clean.signals.column("name"), "speed"))
    if not speeds.num_rows:
        raise UsageError("holds no speed", subject=clean.recording.id)
    return str(speeds.column("channel")[0].as_py())


def rows_of(table: pa.Table, channel: str) -> np.ndarray:
    """Rows of a channel."""
    same = pc.equal(table.column("channel"), channel).to_numpy(zero_copy_only=False)
    return np.flatnonzero(same)


def signal_of(signals: pa.Table, channel: str, name: str) -> tuple[np.ndarray, np.ndarray]:
    """(rows, times) of a signal."""
    same = pc.and_(pc.equal(signals.column("channel"), channel), pc.equal(signals["name"], name))
    rows = np.flatnonzero(same.to_numpy(zero_copy_only=False))
    return rows, signals.column("time_ns").to_numpy()[rows]


def signals_of(signals: pa.Table, channel: str) -> list[str]:
    """Names of a channel's signals, sorted."""
    rows = rows_of(signals, channel)
    return sorted(set(signals.column("name").take(rows).to_pylist()))


def lively(clean: RecordingTables, channel: str, name: str) -> bool:
    """Whether nearly every message changes it, standstill or not."""
    rows, _ = signal_of(clean.signals, channel, name)
    values = clean.signals.column("value").to_numpy()[rows]
    return len(values) > 1 and float(np.mean(np.diff(values) != 0)) > 0.9


def times_of(clean: RecordingTables, channel: str) -> np.ndarray:
    """The times of a channel, of one of its signals where it has many."""
    for table in (clean.frames, clean.sweeps):
        rows = rows_of(table, channel)
        if len(rows):
            return np.asarray(table.column("time_ns").to_numpy()[rows])
    return signal_of(clean.signals, channel, signals_of(clean.signals, channel)[0])[1]


def with_column(table: pa.Table, name: str, values: np.ndarray) -> pa.Table:
    """The same rows with other values in one column."""
    place = table.schema.get_field_index(name)
    column = pa.array(values, table.schema.field(name).type)
    return table.set_column(place, table.schema.field(name), column)


def parts_of(clean: RecordingTables, channel: str) -> list[tuple[str, np.ndarray]]:
    """(table, rows) of each series of a channel: its frames, its sweeps, each of its signals."""
    found = [(name, rows_of(getattr(clean, name), channel)) for name in ("frames", "sweeps")]
    found = [(name, rows) for name, rows in found if len(rows)]
    names = signals_of(clean.signals, channel)
    return found + [("signals", signal_of(clean.signals, channel, name)[0]) for name in names]


def retimed(
    clean: RecordingTables, channel: str, change: Callable[[np.ndarray], np.ndarray]
) -> RecordingTables:
    """New times for one channel: the same for each of its series, as they share messages."""
    done: tuple[np.ndarray, np.ndarray] | None = None
    for name, rows in parts_of(clean, channel):
        table = getattr(clean, name)
        times = table.column("time_ns").to_numpy().copy()
        if done is None or not np.array_equal(done[0], times[rows]):
            done = times[rows], change(times[rows])
        times[rows] = done[1]
        clean = replace(clean, **{name: with_column(table, "time_ns", times)})
    return clean


def kept_only(
    clean: RecordingTables, channel: str, keep: Callable[[np.ndarray], np.ndarray]
) -> RecordingTables:
    """Fewer messages of one channel: the same for each of its series."""
    done: tuple[np.ndarray, np.ndarray] | None = None
    masks: dict[str, np.ndarray] = {}
    for name, rows in parts_of(clean, channel):
        table = getattr(clean, name)
        times = table.column("time_ns").to_numpy()[rows]
        if done is None or not np.array_equal(done[0], times):
            done = times, keep(times)
        masks.setdefault(name, np.ones(table.num_rows, bool))[rows] = done[1]
    kept = {name: getattr(clean, name).filter(pa.array(mask)) for name, mask in masks.items()}
    return replace(clean, **kept)


def all_retimed(
    clean: RecordingTables, change: Callable[[np.ndarray], np.ndarray]
) -> RecordingTables:
    """New times for all channels."""
    tables = {name: getattr(clean, name) for name in ("frames", "signals", "sweeps")}
    moved = {
        name: with_column(table, "time_ns", change(table.column("time_ns").to_numpy()))
        for name, table in tables.items()
    }
    return replace(clean, **moved)


def changed(
    clean: RecordingTables,
    channel: str,
    name: str,
    change: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> RecordingTables:
    """New values for one signal."""
    rows, times = signal_of(clean.signals, channel, name)
    values = clean.signals.column("value").to_numpy().copy()
    values[rows] = change(times, values[rows])
    return replace(clean, signals=with_column(clean.signals, "value", values))


def recalibrated(
    clean: RecordingTables,
    rng: Rng,
    change: Callable[[Calibration], Calibration],
    *,
    cameras: bool = False,
) -> RecordingTables:
    """One calibration changed; `cameras` leaves out those without intrinsics."""
    known = list(clean.recording.calibrations)
    able = [place for place, one in enumerate(known) if one.intrinsics or not cameras]
    place = int(rng.choice(able))
    known[place] = change(known[place])
    return replace(clean, recording=replace(clean.recording, calibrations=tuple(known)))
