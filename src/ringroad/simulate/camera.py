"""A front camera: a scene and a pose to a picture, and what of each thing is visible."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ringroad.simulate.light import Light
from ringroad.simulate.raster import FACES, rasterise
from ringroad.simulate.shade import shade

FIELD_OF_VIEW_DEG = 72.0
HEIGHT_M = 1.45
AHEAD_M = 0.6
PITCH_DOWN = 0.012
GRAIN = 65_536
"""Numbers of noise; every row of a frame takes a run of them from another place."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shot:
    """One frame.

    Attributes:
        picture: (h, w, 3) uint8 RGB.
        visible: (instances, 5) int32: lowest x, lowest y, highest x, highest y, pixels.
        covered: (instances,) int32: pixels each would show in the picture if nothing hid it.
    """

    picture: np.ndarray
    visible: np.ndarray
    covered: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Camera:
    """Pose and lens."""

    eye: np.ndarray
    axes: np.ndarray
    """(3, 3) rows right, down, forward."""
    focal: float
    width: int
    height: int
    yaw: float

    def project(self, points: np.ndarray) -> np.ndarray:
        """(n, 3) points in the world to (n, 3): x and y in pixels, depth in metres."""
        seen = (points - self.eye) @ self.axes.T
        depth = np.maximum(seen[:, 2:], 1e-6)
        middle = np.array([self.width / 2, self.height / 2])
        return np.concatenate([seen[:, :2] / depth * self.focal + middle, seen[:, 2:]], axis=1)


def front_camera(x: float, y: float, yaw: float, *, width: int, height: int) -> Camera:
    """The camera behind the windscreen of a vehicle whose middle is at x, y."""
    c, s = np.cos(yaw), np.sin(yaw)
    cp, sp = np.cos(PITCH_DOWN), np.sin(PITCH_DOWN)
    forward = np.array([c * cp, s * cp, -sp])
    right = np.array([s, -c, 0.0])
    down = np.cross(forward, right)
    return Camera(
        eye=np.array([x + c * AHEAD_M, y + s * AHEAD_M, HEIGHT_M]),
        axes=np.stack([right, down, forward]),
        focal=float(width / 2 / np.tan(np.radians(FIELD_OF_VIEW_DEG) / 2)),
        width=width,
        height=height,
        yaw=yaw,
    )


def take(
    camera: Camera,
    boxes: np.ndarray,
    crossings: np.ndarray,
    light: Light,
    grain: np.ndarray,
    *,
    number: int,
    instances: int,
) -> Shot:
    """Render one frame.

    Args:
        camera: from where.
        boxes: (n, COLUMNS) float32.
        crossings: (k,) x of crosswalks.
        light: the condition.
        grain: (GRAIN,) float32 standard normal.
        number: of the frame; shifts the grain.
        instances: one more than the highest instance.
    """
    nearness = np.zeros((camera.height, camera.width), np.float32)
    seen = np.full((camera.height, camera.width), -1, np.int32)
    picture = np.empty((camera.height, camera.width, 3), np.uint8)
    visible = np.zeros((instances, 5), np.int32)
    covered = np.zeros(instances, np.int32)
    visible[:, 0], visible[:, 1] = camera.width, camera.height
    rasterise(
        boxes, FACES, camera.eye, camera.axes, camera.focal, camera.width, camera.height,
        nearness, seen, np.zeros_like(seen), covered,
    )  # fmt: skip
    way = np.array([np.cos(camera.yaw), np.sin(camera.yaw)])
    lamp = camera.eye + np.array([*(1.6 * way), 0.65 - HEIGHT_M])
    shade(
        boxes, camera.eye, camera.axes, camera.focal, nearness, seen, light.array(), crossings,
        lamp, way, grain, number, picture, visible,
    )  # fmt: skip
    return Shot(picture=picture, visible=visible, covered=covered)
