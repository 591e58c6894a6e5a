"""Hours of scripted traffic as a tracker would tell it, with what truly happened beside it.

What is true comes out of the script: a track is told to cut in at some time, and that is the
truth, whatever its positions look like after noise. Nothing here knows how anybody finds it again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from ringroad.domain.time import SECOND_NS
from ringroad.media.schemas import EGO, NAME, TRACKS

HZ = 10
SLOTS = 23
"""Places that one track after the other takes: twenty are there at any time."""
LANE_M = 3.5
FRONT_M, REAR_M = 3.8, 1.0
POSITION_M, VELOCITY_MPS, SPEED_MPS, ACCEL_MPS2, YAW_RPS = 0.15, 0.2, 0.05, 0.15, 0.005
"""Standard deviations of what is measured."""
DROPPED = 0.02
"""Share of a track's rows that a tracker misses."""

SCRIPTED = (
    "accelerating", "braking", "crossing-ego-path", "crossing-left-to-right",
    "crossing-right-to-left", "cut-in", "cut-out", "following", "hard-braking", "leader-brakes",
    "leading", "occluded", "oncoming", "overtaken", "overtaking-us", "parked", "stopped",
    "tailgating-us", "turning-left", "turning-right",
)  # fmt: skip
"""All atoms of which the script knows the truth; in a short recording some never hold."""

Truth = list[tuple[str, int, int, int]]
"""Atom, track (-1 for the vehicle), first and last step."""


@dataclass(frozen=True, eq=False)
class Hour:
    """One recording.

    Attributes:
        recording: its id.
        ego: rows of `schemas.EGO`; tracks: rows of `schemas.TRACKS`.
        truth: each of `SCRIPTED` -> (n, 3) int64: track's number or -1, start_ns, end_ns.
    """

    recording: str
    ego: pa.Table
    tracks: pa.Table
    truth: dict[str, np.ndarray]


@dataclass(eq=False)
class _Drive:
    """The vehicle without noise, step by step, and when it stands or cruises."""

    speed: np.ndarray
    accel: np.ndarray
    yaw_rate: np.ndarray
    truth: Truth
    stops: list[tuple[int, int]] = field(default_factory=list)
    cruises: list[tuple[int, int]] = field(default_factory=list)


@dataclass(eq=False)
class _Path:
    """A track without noise: positions from the vehicle, and velocity over ground."""

    category: str
    first: int
    x: np.ndarray
    y: np.ndarray
    vx: np.ndarray
    vy: np.ndarray
    visible: np.ndarray
    truth: list[tuple[str, int, int]]
    length: float = 4.6
    width: float = 1.8


def hour(seed: int, *, seconds: int = 3600) -> Hour:
    """Draw one recording; equal seeds give equal ones."""
    draw = np.random.Generator(np.random.PCG64([seed, 20]))
    steps = seconds * HZ
    drive = _drive(draw, steps)
    recording = f"synthetic/hour-{seed:04d}"
    start_ns = (1_700_000_000 + 3600 * seed) * SECOND_NS
    times = start_ns + np.arange(steps) * (SECOND_NS // HZ)
    paths = _paths(draw, drive, steps)
    truth = list(drive.truth)
    for number, path in enumerate(paths):
        truth += [(atom, number, path.first + a, path.first + b) for atom, a, b in path.truth]
    return Hour(
        recording=recording,
        ego=_ego_rows(draw, drive, times, recording),
        tracks=_track_rows(draw, paths, times, recording),
        truth=_by_atom(truth, times),
    )


def _drive(draw: np.random.Generator, steps: int) -> _Drive:
    """Start, cruise, sometimes turn, brake, stand; again and again."""
    speed, accel, yaw = np.zeros(steps), np.zeros(steps), np.zeros(steps)
    drive = _Drive(speed=speed, accel=accel, yaw_rate=yaw, truth=[])
    at = 0
    while at < steps:
        stand = int(draw.integers(8, 20) * HZ)
        drive.truth.append(("stopped", -1, at, min(steps, at + stand) - 1))
        drive.stops.append((at, min(steps, at + stand)))
        at += stand
        top = float(draw.uniform(7, 15))
        at = _ramp(drive, at, 0.0, top, float(draw.uniform(1.3, 2.2)), "accelerating")
        cruise = int(draw.integers(20, 60) * HZ)
        _fill(speed, at, cruise, top)
        drive.cruises.append((min(steps, at), min(steps, at + cruise)))
        at += cruise
        if draw.random() < 0.5:
            at = _ramp(drive, at, top, 5.0, 1.5, "braking")
            side = 1 if draw.random() < 0.5 else -1
            turn = int(draw.integers(40, 60))
            rate = side * float(draw.uniform(1.3, 1.7)) / (turn / HZ)
            _fill(speed, at, turn, 5.0)
            edge = np.clip(np.arange(turn) / 10, 0, 1)
            bend = rate * np.minimum(edge, edge[::-1])
            yaw[at : at + turn] = bend[: max(0, steps - at)]
            name = "turning-left" if side > 0 else "turning-right"
            if at < steps:
                drive.truth.append((name, -1, at, min(steps, at + turn) - 1))
            at = min(steps, at + turn)
            top = 5.0
        hard = draw.random() < 0.15 and top > 8
        at = _ramp(drive, at, top, 0.0, 5.0 if hard else float(draw.uniform(1.2, 1.7)), "braking")
    return drive


def _ramp(drive: _Drive, at: int, low: float, high: float, rate: float, atom: str) -> int:
    """Change speed evenly; `hard-braking` is true beside `braking` where it is hard."""
    steps = len(drive.speed)
    count = max(1, round(abs(high - low) / rate * HZ))
    last = min(steps, at + count)
    if last > at:
        drive.speed[at:last] = np.linspace(low, high, count, endpoint=False)[: last - at]
        drive.accel[at:last] = (high - low) / count * HZ
        drive.truth.append((atom, -1, at, last - 1))
        if rate > 4:
            drive.truth.append((f"hard-{atom}", -1, at, last - 1))
    return last


def _fill(values: np.ndarray, at: int, count: int, value: float) -> None:
    values[at : at + count] = value


def _paths(draw: np.random.Generator, drive: _Drive, steps: int) -> list[_Path]:
    """Each slot holds one track after the other."""
    found = []
    for slot in range(SLOTS):
        lane, at = slot, int(draw.integers(0, 50))
        while at < steps - 20:
            count = min(int(draw.integers(20, 40) * HZ), steps - at)
            path = _path(draw, drive, lane, at, count)
            found.append(path)
            at = path.first + len(path.x) + int(draw.integers(7, 20))
    return found


def _path(draw: np.random.Generator, drive: _Drive, slot: int, at: int, count: int) -> _Path:
    """The first slots hold what concerns the vehicle, one of a kind; the others pass by."""
    if slot == 0:
        return _ahead(draw, drive, at, count)
    if slot == 1:
        return _lane_change(draw, drive, at, count)
    if slot == 2:
        return _tail(draw, drive, at, count)
    if slot in (3, 4):
        return _crossing(draw, drive, at, count)
    if slot in (5, 6):
        return _passing(draw, drive, at, count)
    kinds: list[Callable[..., _Path]] = [_oncoming, _parked, _walking, _beside]
    return kinds[int(draw.integers(0, 4))](draw, drive, at, count)


def _ahead(draw: np.random.Generator, drive: _Drive, at: int, count: int) -> _Path:
    """Leads in the lane by 1 to 2.4 s, and at times brakes for itself."""
    span = slice(at, at + count)
    speed = drive.speed[span]
    length = 4.6
    gap = 6.0 + float(draw.uniform(0.7, 1.6)) * np.maximum(speed, 2.0)
    vx = speed.copy()
    truth: list[tuple[str, int, int]] = []
    if draw.random() < 0.5 and count > 150:
        begin = int(draw.integers(40, count - 60))
        if speed[begin : begin + 50].min() > 8:
            rate = float(draw.uniform(3.0, 4.0))
            dip = np.zeros(count)
            dip[begin : begin + 15] = -rate / HZ
            dip[begin + 15 : begin + 35] = rate * 15 / 20 / HZ
            vx = vx + np.cumsum(dip)
            gap = gap + np.cumsum(vx - speed) / HZ
            gap = np.maximum(gap, 3.0)
    x = gap + FRONT_M + length / 2
    truth += _leads(np.ones(count, bool), gap, speed, vx)
    y = 0.3 * np.sin(np.arange(count) / 70 + draw.uniform(0, 6)) + _bend(drive, span, x)
    return _finished(draw, "car", at, x, y, vx, np.zeros(count), truth)


def _lane_change(draw: np.random.Generator, drive: _Drive, at: int, count: int) -> _Path:
    """Cuts in from the side or out to it while the vehicle cruises; else keeps its lane."""
    span = slice(at, at + count)
    speed = drive.speed[span]
    side = 1 if draw.random() < 0.5 else -1
    into = bool(draw.random() < 0.5)
    x = np.full(count, float(draw.uniform(18, 32)) + 6.1)
    aside = np.full(count, side * LANE_M if into else 0.0)
    vy = np.zeros(count)
    truth: list[tuple[str, int, int]] = []
    length = 30 + int(draw.integers(0, 10))
    moments = [a for a in range(30, count - 80, 10) if speed[a : a + length].min(initial=9) > 6]
    if moments:
        begin = int(draw.choice(moments))
        ramp = _smooth(length)
        way = (1 - ramp) if into else ramp
        aside[begin : begin + length] = side * LANE_M * way
        aside[begin + length :] = 0.0 if into else side * LANE_M
        vy = np.gradient(aside) * HZ
        truth.append(("cut-in" if into else "cut-out", begin, begin + length - 1))
    truth += _leads(np.abs(aside) < LANE_M / 2, x - 6.1, speed, speed)
    return _finished(draw, "car", at, x, aside + _bend(drive, span, x), speed.copy(), vy, truth)


def _leads(
    inside: np.ndarray, gap: np.ndarray, speed: np.ndarray, vx: np.ndarray
) -> list[tuple[str, int, int]]:
    """While it is told to be in the lane ahead: that it leads, is followed, and brakes."""
    truth = [("leading", a, b) for a, b in _runs(inside) if b - a >= 5]
    near = inside & (speed > 3.0) & (gap < 3.0 * speed)
    truth += [("following", a, b) for a, b in _runs(near) if b - a >= 5]
    slowing = np.append(np.diff(vx) * HZ, 0) < -2.0
    return truth + [("leader-brakes", a, b) for a, b in _runs(inside & slowing) if b - a >= 5]


def _tail(draw: np.random.Generator, drive: _Drive, at: int, count: int) -> _Path:
    """Follows the vehicle, some by less than a second."""
    span = slice(at, at + count)
    speed = drive.speed[span]
    near = bool(draw.random() < 0.5)
    time_gap = float(draw.uniform(0.45, 0.7) if near else draw.uniform(1.6, 2.5))
    gap = np.maximum(2.0, time_gap * speed)
    x = -(gap + REAR_M + 2.3)
    truth = []
    if near:
        truth = [("tailgating-us", a, b) for a, b in _runs(speed > 5.0) if b - a >= 5]
    return _finished(
        draw, "car", at, x, _bend(drive, span, x), speed.copy(), np.zeros(count), truth
    )


def _crossing(draw: np.random.Generator, drive: _Drive, at: int, count: int) -> _Path:
    """Walks across in front of the standing vehicle, where it stands long enough."""
    span = slice(at, at + count)
    stops = [(max(a, at), min(b, at + count)) for a, b in drive.stops]
    stops = [(a, b) for a, b in stops if b - a >= 100]
    way = 1 if draw.random() < 0.5 else -1
    pace = float(draw.uniform(1.2, 1.9))
    if not stops:
        return _walking(draw, drive, at, count)
    begin, end = stops[0]
    count = end - begin
    span = slice(begin, end)
    x = np.full(count, float(draw.uniform(7, 20)))
    y = -way * 8.0 + way * pace * np.arange(count) / HZ
    near = np.flatnonzero(np.abs(y) < 6)
    truth = []
    if way * y[-1] > 1.0:
        name = "crossing-right-to-left" if way > 0 else "crossing-left-to-right"
        truth = [
            (name, int(near[0]), int(near[-1])),
            ("crossing-ego-path", int(near[0]), int(near[-1])),
        ]
    del span
    return _finished(
        draw,
        "pedestrian",
        begin,
        x,
        y,
        np.zeros(count),
        np.full(count, way * pace),
        truth,
        0.6,
        0.6,
    )


def _passing(draw: np.random.Generator, drive: _Drive, at: int, count: int) -> _Path:
    """Overtakes the vehicle, or is overtaken by it, in the next lane while it cruises."""
    span = slice(at, at + count)
    speed = drive.speed[span]
    side = 1 if draw.random() < 0.5 else -1
    faster = bool(draw.random() < 0.5)
    differs = float(draw.uniform(3, 5)) * (1 if faster else -1)
    runs = [(a, b) for a, b in _runs(speed > 6.0) if b - a >= 150]
    if not runs:
        return _beside(draw, drive, at, count)
    first, last = runs[0]
    span = slice(at + first, at + last + 1)
    speed = drive.speed[span]
    x = (-35.0 if faster else 35.0) + differs * np.arange(len(speed)) / HZ
    beside = np.flatnonzero(np.abs(x) < 20)
    truth = []
    if len(beside) and abs(x[-1]) > 20 and x[-1] * differs > 0:
        name = "overtaking-us" if faster else "overtaken"
        truth = [(name, int(beside[0]), int(beside[-1]))]
    y = side * LANE_M + _bend(drive, span, x)
    vy = np.zeros(len(x))
    return _finished(draw, "car", at + first, x, y, speed + differs, vy, truth)


def _oncoming(draw: np.random.Generator, drive: _Drive, at: int, count: int) -> _Path:
    """Comes towards the vehicle in the lane after the next, until it is past."""
    span = slice(at, at + count)
    own = float(draw.uniform(6, 13))
    x = 90 - np.cumsum(drive.speed[span] + own) / HZ
    kept = min(count, max(10, int((x > -50).sum())))
    span = slice(at, at + kept)
    x = x[:kept]
    y = np.full(kept, 2 * LANE_M)
    truth = [("oncoming", 0, kept - 1)]
    return _finished(draw, "car", at, x, y, np.full(kept, -own), np.zeros(kept), truth)


def _parked(draw: np.random.Generator, drive: _Drive, at: int, count: int) -> _Path:
    """Stands at the side, the vehicle drives by."""
    span = slice(at, at + count)
    x = float(draw.uniform(5, 70)) - np.cumsum(drive.speed[span]) / HZ
    kept = min(count, max(30, int((x > -60).sum())))
    x = x[:kept]
    y = np.full(kept, -float(draw.uniform(5.5, 8.0)))
    truth = [("parked", 0, kept - 1)]
    return _finished(draw, "car", at, x, y, np.zeros(kept), np.zeros(kept), truth)


def _walking(draw: np.random.Generator, drive: _Drive, at: int, count: int) -> _Path:
    """Walks along the road."""
    span = slice(at, at + count)
    pace = float(draw.uniform(1.0, 1.6)) * (1 if draw.random() < 0.5 else -1)
    x = float(draw.uniform(0, 60)) + np.cumsum(pace - drive.speed[span]) / HZ
    kept = min(count, max(30, int((x > -60).sum())))
    x = x[:kept]
    y = np.full(kept, float(draw.uniform(8, 12)) * (1 if draw.random() < 0.5 else -1))
    vx = np.full(kept, pace)
    return _finished(draw, "pedestrian", at, x, y, vx, np.zeros(kept), [], 0.6, 0.6)


def _beside(draw: np.random.Generator, drive: _Drive, at: int, count: int) -> _Path:
    """Keeps its place two lanes away."""
    span = slice(at, at + count)
    speed = drive.speed[span]
    x = np.full(count, float(draw.uniform(15, 60)) * (1 if draw.random() < 0.5 else -1))
    y = np.full(count, -2.6 * LANE_M)
    return _finished(draw, "truck", at, x, y, speed.copy(), np.zeros(count), [], 9.0, 2.5)


def _finished(
    draw: np.random.Generator,
    category: str,
    first: int,
    x: np.ndarray,
    y: np.ndarray,
    vx: np.ndarray,
    vy: np.ndarray,
    truth: list[tuple[str, int, int]],
    length: float = 4.6,
    width: float = 1.8,
) -> _Path:
    """Hidden for some seconds, a third of them."""
    visible = np.full(len(x), 0.95)
    truth = list(truth)
    if draw.random() < 0.3 and len(x) > 80:
        begin = int(draw.integers(10, len(x) - 60))
        hidden = int(draw.integers(15, 40))
        visible[begin : begin + hidden] = 0.1
        truth.append(("occluded", begin, begin + hidden - 1))
    return _Path(
        category=category,
        first=first,
        x=x,
        y=y,
        vx=vx,
        vy=vy,
        visible=visible,
        truth=truth,
        length=length,
        width=width,
    )


def _bend(drive: _Drive, span: slice, x: np.ndarray) -> np.ndarray:
    """How far to the left the vehicle's path lies at a distance, on the arc it drives."""
    speed = np.maximum(drive.speed[span], 1.0)
    curvature = np.where(drive.speed[span] > 1.0, drive.yaw_rate[span] / speed, 0.0)
    return np.asarray(0.5 * curvature * x**2)


def _smooth(count: int) -> np.ndarray:
    """From 0 to 1 without a jerk."""
    t = np.linspace(0, 1, count)
    return np.asarray(t * t * (3 - 2 * t))


def _runs(holds: np.ndarray) -> list[tuple[int, int]]:
    """First and last place of each run."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], holds.astype(np.int8), [0]])))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _ego_rows(
    draw: np.random.Generator, drive: _Drive, times: np.ndarray, recording: str
) -> pa.Table:
    count = len(times)

    def noisy(values: np.ndarray, sigma: float) -> pa.Array:
        return pa.array((values + sigma * draw.standard_normal(count)).astype(np.float32))

    moved = np.cumsum(drive.speed) / HZ
    return pa.table(
        [
            _name(np.zeros(count, np.int32), [recording]),
            pa.array(times),
            noisy(drive.speed, SPEED_MPS),
            noisy(drive.accel, ACCEL_MPS2),
            noisy(drive.yaw_rate, YAW_RPS),
            pa.array(48.1 + moved / 111_000),
            pa.array(np.full(count, 11.5)),
        ],
        schema=EGO,
    )


def _track_rows(
    draw: np.random.Generator, paths: list[_Path], times: np.ndarray, recording: str
) -> pa.Table:
    lengths = np.array([len(path.x) for path in paths])
    number = np.repeat(np.arange(len(paths), dtype=np.int32), lengths)
    steps = np.concatenate([path.first + np.arange(len(path.x)) for path in paths])
    kept = draw.random(len(number)) >= DROPPED
    categories = sorted({path.category for path in paths})
    codes = np.array([categories.index(path.category) for path in paths], np.int32)

    def column(name: str, sigma: float = 0.0) -> pa.Array:
        values = np.concatenate([getattr(path, name) for path in paths])
        values = values + sigma * draw.standard_normal(len(values)) if sigma else values
        return pa.array(values[kept].astype(np.float32))

    def each(name: str) -> pa.Array:
        sizes = np.array([getattr(path, name) for path in paths], np.float32)
        return pa.array(sizes[number][kept])

    return pa.table(
        [
            _name(np.zeros(int(kept.sum()), np.int32), [recording]),
            _name(number[kept], [f"t{at:05d}" for at in range(len(paths))]),
            _name(codes[number][kept], categories),
            pa.array(times[np.minimum(steps, len(times) - 1)][kept]),
            column("x", POSITION_M),
            column("y", POSITION_M),
            column("vx", VELOCITY_MPS),
            column("vy", VELOCITY_MPS),
            pa.array(np.zeros(int(kept.sum()), np.float32)),
            each("length"),
            each("width"),
            column("visible"),
        ],
        schema=TRACKS,
    )


def _name(codes: np.ndarray, names: list[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(names)).cast(NAME)


def _by_atom(truth: Truth, times: np.ndarray) -> dict[str, np.ndarray]:
    found: dict[str, list[tuple[int, int, int]]] = {atom: [] for atom in SCRIPTED}
    last = len(times) - 1
    for atom, track, a, b in truth:
        row = (track, int(times[min(a, last)]), int(times[min(b, last)]))
        found[atom].append(row)
    return {atom: np.array(rows, np.int64).reshape(-1, 3) for atom, rows in found.items()}
