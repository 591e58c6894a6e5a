"""What the vehicle measures of itself: speed on CAN, IMU with bias and noise, GNSS that walks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ringroad.domain.time import from_seconds
from ringroad.media.export.ros2_write import can_message, gnss_message, imu_message, motion_message

MOTION_TOPIC = "/vehicle/motion"
CAN_TOPIC = "/vehicle/can"
IMU_TOPIC = "/imu"
GNSS_TOPIC = "/gnss"
MOTION_HZ = 20.0
GNSS_EVERY = 4
CAN_SPEED = 0x0B4
"""Speed in 1/100 km/h, big endian in bytes 5 and 6; brake pressed in bit 0 of byte 0."""
GRAVITY = 9.81
ORIGIN_DEG = (48.1, 11.5)
METRES_PER_DEGREE = 111_320.0
GNSS_WALK_M = 0.35
GNSS_PULL = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """The vehicle at one time."""

    time_s: float
    x: float
    y: float
    speed: float
    acceleration: float
    braking: bool


def sensor_messages(
    motion: Sequence[Motion], *, start_ns: int, seed: int
) -> list[tuple[int, str, bytes]]:
    """Time in ns, topic and body of every message of the low-rate channels."""
    rng = np.random.Generator(np.random.PCG64([seed, 3]))
    bias = rng.normal(0, 0.03, 6)
    wander = np.zeros(2)
    found: list[tuple[int, str, bytes]] = []
    for number, now in enumerate(motion):
        time_ns = start_ns + from_seconds(now.time_s)
        found.append((time_ns, MOTION_TOPIC, motion_message(time_ns, now.speed, 0.0)))
        found.append((time_ns, CAN_TOPIC, can_message(time_ns, CAN_SPEED, _can(now))))
        noise = bias + rng.normal(0, [0.002, 0.002, 0.002, 0.06, 0.06, 0.06])
        push = (now.acceleration + noise[3], noise[4], GRAVITY + noise[5])
        found.append((time_ns, IMU_TOPIC, imu_message(time_ns, tuple(noise[:3]), push)))
        if number % GNSS_EVERY == 0:
            wander = wander * (1 - GNSS_PULL) + rng.normal(0, GNSS_WALK_M, 2)
            found.append((time_ns, GNSS_TOPIC, _gnss(time_ns, now, wander)))
    return found


def _can(now: Motion) -> bytes:
    level = min(0xFFFF, max(0, round(now.speed * 360)))
    return bytes([int(now.braking), 0, 0, 0, 0, level >> 8, level & 0xFF, 0])


def _gnss(time_ns: int, now: Motion, wander: np.ndarray) -> bytes:
    latitude = ORIGIN_DEG[0] + (now.y + wander[1]) / METRES_PER_DEGREE
    scale = METRES_PER_DEGREE * np.cos(np.radians(ORIGIN_DEG[0]))
    longitude = ORIGIN_DEG[1] + (now.x + wander[0]) / scale
    return gnss_message(time_ns, float(latitude), float(longitude), 515.0)
