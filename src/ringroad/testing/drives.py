"""Signals of drives whose events are known, because they were driven on purpose.

For tests and benchmarks of events and campaigns. It draws no pictures: `simulate` does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from ringroad.domain.ids import RecordingId
from ringroad.domain.time import SECOND_NS
from ringroad.media.schemas import EVENTS, SIGNALS

HZ = 50
G = 9.80665
METRES_PER_DEGREE = 111_320.0
ORIGIN_DEG = (48.1, 11.5)
GENTLE_MPS2 = 1.5
JERK_S = 0.6
"""A pedal takes this long."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drive:
    """One drive.

    Attributes:
        signals: rows of `schemas.SIGNALS`, noise and bias included.
        events: rows of `schemas.EVENTS`, what was done on purpose.
    """

    signals: pa.Table
    events: pa.Table


@dataclass(slots=True)
class _Wheel:
    """What the driver has done so far, `HZ` values a second."""

    rng: np.random.Generator
    speed: list[np.ndarray] = field(default_factory=list)
    yaw: list[np.ndarray] = field(default_factory=list)
    jolt: list[np.ndarray] = field(default_factory=list)
    done: list[tuple[str, int, int]] = field(default_factory=list)
    ticks: int = 0
    now: float = 12.0

    def add(self, speed: np.ndarray, *, yaw: np.ndarray | None = None, did: str = "") -> None:
        """Drive on; `did` names what this was."""
        count = len(speed)
        self.speed.append(speed)
        self.yaw.append(np.zeros(count) if yaw is None else yaw)
        self.jolt.append(np.zeros(count))
        if did:
            self.done.append((did, self.ticks, self.ticks + count))
        self.ticks += count
        self.now = float(speed[-1]) if count else self.now

    def to(self, speed: float, rate: float, *, did: str = "") -> None:
        """Change to a speed at a rate in m/s2, with a pedal that takes `JERK_S`."""
        change = speed - self.now
        hold = max(abs(change) / rate - JERK_S, 0.0)
        ramp = np.linspace(0, 1, round(JERK_S * HZ))
        shape = np.concatenate([ramp, np.ones(round(hold * HZ)), ramp[::-1]])
        way = np.cumsum(shape)
        self.add(self.now + change * way / way[-1], did=did)

    def cruise(self, seconds: float) -> None:
        """Keep the speed, nearly."""
        count = round(seconds * HZ)
        wave = 0.3 * np.sin(np.arange(count) / HZ * 2 * np.pi / 9.0)
        self.add(np.maximum(self.now + wave, 0.0) if self.now > 1 else np.full(count, self.now))

    def bend(self, angle: float, radius: float, *, did: str = "") -> None:
        """Turn by an angle in radians, to the left where it is positive."""
        seconds = abs(angle) * radius / self.now + 1.0
        count = round(seconds * HZ)
        shape = np.minimum(1.0, np.minimum(np.arange(count), np.arange(count)[::-1]) / (HZ / 2))
        yaw = angle * shape / shape.sum() * HZ
        self.add(np.full(count, self.now), yaw=yaw, did=did)

    def aside(self, metres: float, seconds: float, *, did: str = "") -> None:
        """Move over to the left, or the right where it is negative, along a cosine."""
        time = np.arange(round(seconds * HZ)) / HZ
        rate = metres / 2 * (np.pi / seconds) ** 2 * np.cos(np.pi * time / seconds)
        self.add(np.full(len(time), self.now), yaw=rate / self.now, did=did)

    def hit(self, strength: float) -> None:
        """Drive over something."""
        before = self.ticks
        self.cruise(3.0)
        shape = strength * np.array([0.4, 1.0, 0.3, -0.8, -0.4, 0.3, 0.1])
        self.jolt[-1][HZ : HZ + len(shape)] = shape
        self.done.append(("bump", before + HZ, before + HZ + len(shape)))


def _hard_brake(wheel: _Wheel) -> None:
    wheel.to(float(wheel.rng.uniform(14, 22)), GENTLE_MPS2)
    wheel.to(float(wheel.rng.uniform(2.5, 4)), float(wheel.rng.uniform(4.8, 7.5)), did="hard-brake")


def _hard_acceleration(wheel: _Wheel) -> None:
    wheel.to(float(wheel.rng.uniform(4, 7)), GENTLE_MPS2)
    rate = float(wheel.rng.uniform(4.3, 6.0))
    wheel.to(float(wheel.rng.uniform(15, 20)), rate, did="hard-acceleration")


def _stop(wheel: _Wheel) -> None:
    wheel.to(2.0, GENTLE_MPS2)
    wheel.to(0.0, GENTLE_MPS2, did="stop")
    begin = wheel.ticks
    wheel.cruise(float(wheel.rng.uniform(4, 20)))
    wheel.done.append(("standstill", begin, wheel.ticks))
    wheel.to(2.0, GENTLE_MPS2, did="start")
    wheel.to(float(wheel.rng.uniform(8, 14)), GENTLE_MPS2)


def _turn(wheel: _Wheel) -> None:
    side = 1.0 if wheel.rng.random() < 0.5 else -1.0
    wheel.to(float(wheel.rng.uniform(4.5, 6.0)), GENTLE_MPS2)
    angle = side * np.radians(wheel.rng.uniform(70, 110))
    wheel.bend(
        angle, float(wheel.rng.uniform(9, 18)), did=f"turn-{'left' if side > 0 else 'right'}"
    )
    wheel.to(10.0, GENTLE_MPS2)


def _u_turn(wheel: _Wheel) -> None:
    wheel.to(3.0, GENTLE_MPS2)
    wheel.bend(np.pi, float(wheel.rng.uniform(5.5, 8)), did="u-turn")
    wheel.to(10.0, GENTLE_MPS2)


def _lane_change(wheel: _Wheel) -> None:
    side = 1.0 if wheel.rng.random() < 0.5 else -1.0
    wheel.to(float(wheel.rng.uniform(12, 30)), GENTLE_MPS2)
    wheel.cruise(3.0)
    metres = side * float(wheel.rng.uniform(3.0, 3.75))
    kind = f"lane-change-{'left' if side > 0 else 'right'}"
    wheel.aside(metres, float(wheel.rng.uniform(3.5, 6.5)), did=kind)
    wheel.cruise(3.0)


def _swerve(wheel: _Wheel) -> None:
    wheel.to(12.0, GENTLE_MPS2)
    wheel.bend(float(wheel.rng.choice([-0.6, 0.6])), 14.0, did="sharp-steering")
    wheel.cruise(2.0)


def _bump(wheel: _Wheel) -> None:
    wheel.to(float(wheel.rng.uniform(6, 12)), GENTLE_MPS2)
    wheel.hit(float(wheel.rng.uniform(6, 12)))


def _nothing_firm_brake(wheel: _Wheel) -> None:
    wheel.to(18.0, GENTLE_MPS2)
    wheel.to(6.0, float(wheel.rng.uniform(2.0, 2.9)))


def _nothing_bend(wheel: _Wheel) -> None:
    wheel.to(20.0, GENTLE_MPS2)
    angle = float(wheel.rng.choice([-1, 1]) * wheel.rng.uniform(0.3, 1.2))
    wheel.bend(angle, float(wheel.rng.uniform(200, 500)))


def _nothing_wobble(wheel: _Wheel) -> None:
    wheel.to(18.0, GENTLE_MPS2)
    wheel.aside(float(wheel.rng.choice([-1, 1]) * wheel.rng.uniform(0.4, 1.2)), 4.0)


def _nothing_cobbles(wheel: _Wheel) -> None:
    wheel.to(8.0, GENTLE_MPS2)
    wheel.cruise(4.0)
    wheel.jolt[-1] += wheel.rng.normal(0, 0.7, len(wheel.jolt[-1]))


MANOEUVRES: tuple[Callable[[_Wheel], None], ...] = (
    _hard_brake, _hard_acceleration, _stop, _turn, _u_turn, _lane_change, _swerve, _bump,
)  # fmt: skip
DISTRACTIONS: tuple[Callable[[_Wheel], None], ...] = (
    _nothing_firm_brake, _nothing_bend, _nothing_wobble, _nothing_cobbles,
)  # fmt: skip


def drive(
    seed: int,
    *,
    manoeuvres: int,
    recording: RecordingId,
    start_ns: int,
    noise: float = 1.0,
    cruise_s: tuple[float, float] = (3.0, 10.0),
) -> Drive:
    """Manoeuvres in random order, each followed by a distraction that must not count.

    Args:
        seed: equal seeds, equal drives.
        manoeuvres: how many.
        recording: whose rows these are.
        start_ns: of the recording.
        noise: factor on the noise of every sensor.
        cruise_s: how long nothing happens between them.
    """
    wheel = _Wheel(rng=np.random.Generator(np.random.PCG64([seed, 11])))
    wheel.cruise(4.0)
    for _ in range(manoeuvres):
        MANOEUVRES[int(wheel.rng.integers(len(MANOEUVRES)))](wheel)
        wheel.cruise(float(wheel.rng.uniform(*cruise_s)))
        DISTRACTIONS[int(wheel.rng.integers(len(DISTRACTIONS)))](wheel)
        wheel.cruise(float(wheel.rng.uniform(*cruise_s)))
    return Drive(
        signals=_signals(wheel, recording, start_ns, noise),
        events=_events(wheel, recording, start_ns),
    )


def _signals(wheel: _Wheel, recording: RecordingId, start_ns: int, noise: float) -> pa.Table:
    rng = wheel.rng
    speed, yaw, jolt = (np.concatenate(parts) for parts in (wheel.speed, wheel.yaw, wheel.jolt))
    count = len(speed)
    heading = np.cumsum(yaw) / HZ
    east = np.cumsum(speed * np.cos(heading)) / HZ
    north = np.cumsum(speed * np.sin(heading)) / HZ
    bias = rng.normal(0, 0.01 * noise, 4)
    rough = rng.normal(0, 0.03 * noise, count)
    measured = {
        "speed": (np.where(speed > 0.05, np.maximum(speed + rough, 0), 0), "m/s"),
        "imu.angular_velocity.z": (yaw + bias[0] + rng.normal(0, 0.004 * noise, count), "rad/s"),
        "imu.linear_acceleration.x": (
            np.gradient(speed) * HZ + bias[1] + rng.normal(0, 0.2 * noise, count), "m/s2"),
        "imu.linear_acceleration.y": (
            speed * yaw + bias[2] + rng.normal(0, 0.2 * noise, count), "m/s2"),
        "imu.linear_acceleration.z": (
            G + jolt + bias[3] + rng.normal(0, 0.3 * noise, count), "m/s2"),
    }  # fmt: skip
    time_ns = start_ns + np.arange(count) * (SECOND_NS // HZ)
    parts = [_rows(recording, "/imu" if "imu" in name else "/can", time_ns, name, *told)
             for name, told in measured.items()]  # fmt: skip
    every = slice(None, None, HZ // 5)
    wander = rng.normal(0, 0.02 * noise, (2, count)).cumsum(axis=1) / np.sqrt(HZ)
    scale = METRES_PER_DEGREE * np.cos(np.radians(ORIGIN_DEG[0]))
    latitude = ORIGIN_DEG[0] + (north + wander[0]) / METRES_PER_DEGREE
    longitude = ORIGIN_DEG[1] + (east + wander[1]) / scale
    for name, place in (("gnss.latitude", latitude), ("gnss.longitude", longitude)):
        parts.append(_rows(recording, "/gnss", time_ns[every], name, place[every], "deg"))
    return pa.concat_tables(parts)


def _rows(
    recording: RecordingId,
    channel: str,
    time_ns: np.ndarray,
    name: str,
    values: np.ndarray,
    unit: str,
) -> pa.Table:
    def same(text: str) -> pa.Array:
        return pa.repeat(pa.scalar(text, pa.string()), len(time_ns))

    columns = [same(recording), same(channel), pa.array(time_ns, pa.int64()), same(name),
               pa.array(values, pa.float64()), same(unit)]  # fmt: skip
    return pa.Table.from_arrays(columns, schema=SIGNALS)


def _events(wheel: _Wheel, recording: RecordingId, start_ns: int) -> pa.Table:
    step = SECOND_NS // HZ
    rows = [
        {
            "event_id": f"{recording}/{kind}/{start_ns + begin * step}",
            "recording_id": recording,
            "event": kind,
            "start_ns": start_ns + begin * step,
            "end_ns": start_ns + end * step,
            "value": 0.0,
            "unit": "",
            "message": "driven on purpose",
        }
        for kind, begin, end in sorted(wheel.done, key=lambda item: item[1])
    ]
    return pa.Table.from_pylist(rows, schema=EVENTS)
