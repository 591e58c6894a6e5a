"""What the camera sees, and what it says is visible of each thing."""

from __future__ import annotations

import numpy as np
import pytest

from ringroad.domain.ids import frame_id, recording_id, vehicle_id
from ringroad.simulate.camera import GRAIN, Shot, front_camera, take
from ringroad.simulate.light import light_of
from ringroad.simulate.scene import Scene
from ringroad.simulate.truth import MINIMUM_SHARE, Thing, box_rows

WIDTH, HEIGHT = 640, 384
FRAME = frame_id(recording_id(vehicle_id("v"), "a.mcap"), "/camera", 0)


def _shot(scene: Scene, *, instances: int, condition: str = "day") -> Shot:
    grain = np.random.Generator(np.random.PCG64(0)).standard_normal(GRAIN)
    camera = front_camera(0.0, 0.0, 0.0, width=WIDTH, height=HEIGHT)
    return take(
        camera, scene.array(), np.zeros(0), light_of(condition), grain.astype(np.float32),
        number=0, instances=instances + 1,
    )  # fmt: skip


def _wall(scene: Scene, x: float, y: float, wide: float, *, instance: int = 0) -> None:
    scene.box((x, y, 1.5), (0.4, wide, 3.0), (0.5, 0.5, 0.5), instance=instance)


def test_visible_pixels_agree_with_the_projection() -> None:
    scene = Scene()
    _wall(scene, 20.0, 2.0, 4.0, instance=1)
    shot = _shot(scene, instances=1)
    camera = front_camera(0.0, 0.0, 0.0, width=WIDTH, height=HEIGHT)
    corners = np.array([[19.8, y, z] for y in (0.0, 4.0) for z in (0.0, 3.0)])
    seen = camera.project(corners)[:, :2]
    left, top, right, bottom, pixels = shot.visible[1]
    assert np.abs(seen.min(axis=0) - (left, top)).max() <= 1.0
    assert np.abs(seen.max(axis=0) - (right + 1, bottom + 1)).max() <= 1.0
    assert pixels == shot.covered[1]


def test_covered_counts_what_is_hidden_too() -> None:
    """A wall of two boxes that overlap in the picture counts each pixel once."""
    alone, behind = Scene(), Scene()
    for scene in (alone, behind):
        _wall(scene, 20.0, 0.0, 4.0, instance=1)
        _wall(scene, 19.0, 0.5, 2.0, instance=1)
    _wall(behind, 8.0, 0.6, 1.2)
    free, hidden = _shot(alone, instances=1), _shot(behind, instances=1)
    assert free.visible[1, 4] == free.covered[1] == hidden.covered[1]
    assert hidden.visible[1, 4] < hidden.covered[1]


@pytest.mark.parametrize("depth", [3.0, 5.0, 8.0, 12.0])
def test_truth_leaves_out_what_is_mostly_hidden(depth: float) -> None:
    """A post before a wall hides its middle: the box around what is left is as wide as before."""
    scene = Scene()
    _wall(scene, 30.0, 0.0, 2.0, instance=1)
    _wall(scene, depth, 0.0, 1.2 * depth / 30.0 * 1.45)
    shot = _shot(scene, instances=1)
    share = shot.visible[1, 4] / shot.covered[1]
    boxes = [row for row in box_rows(FRAME, shot, {1: Thing(category="car")}) if row[2]]
    assert bool(boxes) == (share >= MINIMUM_SHARE and shot.visible[1, 4] >= 60), share


def test_a_thing_beside_the_camera_is_cut_at_the_picture() -> None:
    """A corner lies behind the camera: counted by pixels, it is neither lost nor too large."""
    scene = Scene()
    scene.box((1.0, 2.6, 0.8), (5.0, 1.8, 1.6), (0.5, 0.1, 0.1), instance=1)
    shot = _shot(scene, instances=1)
    row = box_rows(FRAME, shot, {1: Thing(category="car")})[0]
    x, y, w, h = row[3:7]
    assert row[2] == "car"
    assert x >= 0
    assert y >= 0
    assert x + w <= WIDTH
    assert y + h <= HEIGHT
    assert x == 0, "it reaches out of the picture on the left"


def test_nothing_in_view_is_said_so() -> None:
    rows = box_rows(FRAME, _shot(Scene(), instances=1), {1: Thing(category="car")})
    assert [row[2] for row in rows] == [""]
