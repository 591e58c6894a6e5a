"""Likeness and middle of marks of every shape."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringroad.label.likeness import likeness, likeness_matrix
from ringroad.label.masks import counts_of
from ringroad.label.middle import middle
from ringroad.label.outlines import along, line_distance, overlap_of_convex, rectangle
from ringroad.label.rows import Mark

LEVEL = (1.0, 0.0, 0.0, 0.0)


def mark(shape: str, *points: float, **more: object) -> Mark:
    return Mark(category="car", x=0, y=0, w=10, h=10, shape=shape, points=points, **more)  # type: ignore[arg-type]


def cuboid(
    x: float, y: float, z: float, *, yaw: float = 0.0, size: tuple[float, ...] = (4, 2, 2)
) -> Mark:
    turn = (math.cos(yaw / 2), 0.0, 0.0, math.sin(yaw / 2))
    return mark("cuboid", x, y, z, *size, *turn, space="vehicle")


def test_rotated_boxes_by_hand() -> None:
    flat = mark("rotated-box", 0, 0, 4, 2, 0)
    assert likeness(flat, mark("rotated-box", 0, 0, 2, 4, math.pi / 2)) == pytest.approx(1.0)
    assert likeness(flat, mark("rotated-box", 0, 0, 4, 2, math.pi / 2)) == pytest.approx(4 / 12)
    octagon = overlap_of_convex(rectangle(0, 0, 2, 2, 0), rectangle(0, 0, 2, 2, math.pi / 4))
    assert octagon == pytest.approx(8 * (math.sqrt(2) - 1))


def test_polygons_and_their_holes() -> None:
    whole = mark("polygon", 0, 0, 100, 0, 100, 100, 0, 100)
    half = mark("polygon", 0, 0, 100, 0, 0, 100)
    assert likeness(whole, half) == pytest.approx(0.5, abs=0.01)
    hole = mark("polygon", 0, 0, 100, 0, 100, 100, 0, 100, 25, 25, 75, 25, 75, 75, 25, 75,
                parts=(4, 4))  # fmt: skip
    assert likeness(whole, hole) == pytest.approx(0.75, abs=0.01)
    assert likeness(whole, whole) == 1.0


def test_masks_as_another_reader_reads_them() -> None:
    coco = pytest.importorskip("pycocotools.mask")
    rng = np.random.default_rng(0)
    for _ in range(20):
        pictures = [np.asfortranarray(rng.random((23, 17)) < share) for share in (0.3, 0.6)]
        pictures[1][:4] |= pictures[0][:4]
        texts = [coco.encode(picture)["counts"].decode() for picture in pictures]
        a, b = (mark("mask", mask=text) for text in texts)
        counts = counts_of(texts[0])
        back = np.repeat(np.arange(len(counts)) % 2, counts).reshape(17, 23).T
        assert (back == pictures[0]).all()
        shared, both = (pictures[0] & pictures[1]).sum(), (pictures[0] | pictures[1]).sum()
        assert likeness(a, b) == pytest.approx(shared / both)


def test_cuboids_by_hand() -> None:
    assert likeness(cuboid(0, 0, 0), cuboid(0, 0, 0, yaw=math.pi)) == pytest.approx(1.0)
    assert likeness(cuboid(0, 0, 0), cuboid(2, 0, 0)) == pytest.approx(8 / 24)
    assert likeness(cuboid(0, 0, 0), cuboid(0, 0, 1)) == pytest.approx(8 / 24)
    assert likeness(cuboid(0, 0, 0), cuboid(0, 0, 0, yaw=math.pi / 2)) == pytest.approx(8 / 24)
    assert likeness(cuboid(0, 0, 0), cuboid(9, 0, 0)) == 0.0


def test_lines_by_their_distance() -> None:
    line = mark("polyline", 0, 0, 100, 0)
    beside = mark("polyline", 0, 6, 50, 6, 100, 6)
    assert line_distance(line.points, beside.points) == pytest.approx(6.0)
    assert likeness(line, beside, max_distance=12) == pytest.approx(0.75)
    assert likeness(line, mark("polyline", 0, 12, 100, 12), max_distance=12) == pytest.approx(0.5)
    assert likeness(line, mark("polyline", 100, 0, 0, 0)) == pytest.approx(1.0)
    assert likeness(mark("point", 0, 0), mark("point", 3, 4), max_distance=10) == pytest.approx(
        0.75
    )
    assert along((0, 0, 0, 0), 3).tolist() == [[0, 0]] * 3


def test_unlike_shapes_and_spaces_have_nothing_in_common() -> None:
    box = Mark(category="car", x=0, y=0, w=10, h=10)
    square = mark("polygon", 0, 0, 10, 0, 10, 10, 0, 10)
    assert likeness(box, square) == 0.0
    assert likeness_matrix([box, square], [square])[:, 0].tolist() == [0.0, 1.0]
    assert likeness(cuboid(0, 0, 0), mark("cuboid", 0, 0, 0, 4, 2, 2, *LEVEL, space="map")) == 0.0


@settings(max_examples=60, deadline=None)
@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0, 6), st.floats(0.5, 4), st.floats(0.5, 4))
def test_overlap_is_no_more_than_either(
    x: float, y: float, angle: float, w: float, h: float
) -> None:
    first, second = rectangle(0, 0, 3, 2, 0.3), rectangle(x, y, w, h, angle)
    shared = overlap_of_convex(first, second)
    assert -1e-9 <= shared <= min(6.0, w * h) + 1e-9
    assert overlap_of_convex(second, first) == pytest.approx(shared, abs=1e-9)


def test_the_middle_of_each_shape() -> None:
    box = middle(
        [Mark(category="car", x=0, y=0, w=10, h=10), Mark(category="bus", x=4, y=0, w=10, h=20)]
    )
    assert (box.x, box.w, box.h, box.category) == (2, 10, 15, "car")
    turned = middle(
        [mark("rotated-box", 0, 0, 4, 2, 0.1), mark("rotated-box", 2, 0, 2, 4, 0.3 - math.pi / 2)]
    )
    assert turned.points == pytest.approx((1, 0, 4, 2, 0.2))
    lane = middle([mark("polyline", 0, 0, 0, 100), mark("polyline", 10, 100, 10, 0)])
    assert set(np.round(lane.points[::2], 9)) == {5.0}
    assert lane.points[1::2] == pytest.approx(np.linspace(0, 100, 8))
    assert (lane.x, lane.w, lane.h) == (5, 0, 100)
    car = middle([cuboid(0, 0, 0, yaw=0.1), cuboid(2, 0, 0, yaw=0.3)])
    assert car.points[:3] == pytest.approx((1, 0, 0))
    assert 2 * math.atan2(car.points[9], car.points[6]) == pytest.approx(0.2, abs=1e-3)
    squares = [mark("polygon", 0, 0, s, 0, s, s, 0, s) for s in (10, 11, 30)]
    assert middle(squares) == squares[1]  # nobody drew a mean of outlines


def test_weights_pull_the_middle() -> None:
    boxes = [Mark(category="car", x=0, y=0, w=10, h=10), Mark(category="car", x=8, y=0, w=10, h=10)]
    assert middle(boxes, [3.0, 1.0]).x == pytest.approx(2.0)
    assert middle(boxes, [0.0, 0.0]).x == pytest.approx(4.0)
