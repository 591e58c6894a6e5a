"""How those who move look: cars, cyclists and people as a few boxes each."""

from __future__ import annotations

import numpy as np

from ringroad.simulate.scene import BODY, CABIN, CLOTH, GLOW, Colour, Scene, placed
from ringroad.simulate.traffic import Mover, Traffic, Walker

SKIN: Colour = (0.45, 0.30, 0.22)
DARK: Colour = (0.02, 0.02, 0.02)


def add_traffic(scene: Scene, traffic: Traffic, first: int) -> dict[int, str]:
    """Everybody but the recording vehicle; returns instance -> category, from `first` on."""
    found: dict[int, str] = {}
    instance = first
    for mover in traffic.movers[1:]:
        if mover.category == "car":
            _car(scene, mover, instance)
        else:
            _cyclist(scene, mover, instance)
        found[instance] = mover.category
        instance += 1
    for walker in traffic.walkers:
        _person(scene, walker, instance, traffic.time_s)
        found[instance] = "pedestrian"
        instance += 1
    return found


def _car(scene: Scene, car: Mover, instance: int) -> None:
    yaw = 0.0 if car.way > 0 else np.pi
    lower = car.height * 0.55
    floor = 0.24
    scene.box(
        (car.x, car.y, floor + (lower - floor) / 2),
        (car.length, car.width, lower - floor),
        car.paint,
        yaw=yaw,
        kind=BODY,
        instance=instance,
        emission=1.0 if car.braking else 0.0,
    )
    long = car.length * (0.52 if car.height < 1.6 else 0.7)
    back = -0.06 * car.length if car.height < 1.6 else -0.1 * car.length
    x, y = placed((car.x, car.y), yaw, back, 0.0)
    scene.box(
        (x, y, lower + (car.height - lower) / 2),
        (long, car.width * 0.88, car.height - lower),
        car.paint,
        yaw=yaw,
        kind=CABIN,
        instance=instance,
    )
    for side in (-1, 1):
        for ahead in (-0.31, 0.31):
            x, y = placed((car.x, car.y), yaw, ahead * car.length, side * (car.width / 2 - 0.14))
            scene.box((x, y, 0.3), (0.62, 0.24, 0.6), DARK, yaw=yaw, instance=instance)


def _cyclist(scene: Scene, rider: Mover, instance: int) -> None:
    x, y = rider.x, rider.y
    for ahead in (-0.55, 0.55):
        scene.box((x + ahead, y, 0.34), (0.66, 0.06, 0.66), DARK, instance=instance)
    scene.box((x, y, 0.72), (1.0, 0.08, 0.12), (0.35, 0.05, 0.05), instance=instance)
    scene.box((x - 0.1, y, 0.85), (0.24, 0.3, 0.5), (0.04, 0.05, 0.09), instance=instance)
    scene.box((x, y, 1.25), (0.34, 0.46, 0.6), rider.paint, kind=CLOTH, instance=instance)
    scene.box((x + 0.12, y, 1.62), (0.24, 0.22, 0.26), (0.6, 0.6, 0.55), instance=instance)
    scene.box(
        (x - 0.6, y, 0.75),
        (0.05, 0.1, 0.08),
        (0.8, 0.02, 0.02),
        kind=GLOW,
        instance=instance,
        emission=-1.0,
    )


def _person(scene: Scene, walker: Walker, instance: int, time_s: float) -> None:
    yaw, tall = walker.turned, walker.tall
    swing = 0.22 * float(np.sin(time_s * 7.0 + walker.x)) if walker.walking else 0.0
    legs = tall * 0.47
    for side in (-1, 1):
        x, y = placed((walker.x, walker.y), yaw, side * swing, side * 0.1)
        scene.box(
            (x, y, legs / 2), (0.17, 0.16, legs), walker.trousers,
            yaw=yaw, kind=CLOTH, instance=instance,
        )  # fmt: skip
    scene.box(
        (walker.x, walker.y, legs + tall * 0.19), (0.27, 0.46, tall * 0.38), walker.coat,
        yaw=yaw, kind=CLOTH, instance=instance,
    )  # fmt: skip
    scene.box(
        (walker.x, walker.y, tall * 0.925), (0.21, 0.2, tall * 0.15), SKIN,
        yaw=yaw, instance=instance,
    )  # fmt: skip
