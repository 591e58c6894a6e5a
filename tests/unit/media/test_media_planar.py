"""Boxes and polylines under affine maps, and what a frame shows of them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ringroad.media.pictures.planar import (
    clipped_boxes,
    clipped_lines,
    inverted,
    joined,
    moved_boxes,
    moved_points,
)

NUMBER = st.floats(-50, 150, allow_nan=False, width=32)
POINT = st.tuples(NUMBER, NUMBER)
WIDTH, HEIGHT = 100.0, 60.0


@st.composite
def maps(draw) -> np.ndarray:
    """Scale, shear, flip, shift: none of them flat."""
    zoom, lean = draw(st.floats(0.2, 4)), draw(st.floats(-1, 1))
    flip = draw(st.sampled_from([-1, 1]))
    return np.array([[flip * zoom, lean, draw(NUMBER)], [0, zoom, draw(NUMBER)]])


boxes = st.tuples(NUMBER, NUMBER, st.floats(0, 80), st.floats(0, 80))


@given(first=maps(), second=maps(), points=st.lists(POINT, min_size=1, max_size=5))
def test_joined_maps_are_applied_one_after_the_other(first, second, points):
    points = np.array(points, np.float64)
    step_by_step = moved_points(moved_points(points, first), second)
    np.testing.assert_allclose(moved_points(points, joined(first, second)), step_by_step, atol=1e-6)


@given(matrix=maps(), points=st.lists(POINT, min_size=1, max_size=5))
def test_the_way_back_leads_back(matrix, points):
    points = np.array(points, np.float64)
    back = moved_points(moved_points(points, matrix), inverted(matrix))
    np.testing.assert_allclose(back, points, atol=1e-6)


@given(matrix=maps(), box=boxes)
def test_a_moved_box_is_the_smallest_around_its_corners(matrix, box):
    x, y, w, h = box
    corners = np.array([[x, y], [x + w, y], [x, y + h], [x + w, y + h]])
    moved = moved_points(corners, matrix)
    found = moved_boxes(np.array([box]), matrix)[0]
    np.testing.assert_allclose(found[:2], moved.min(axis=0), atol=1e-6)
    np.testing.assert_allclose(found[:2] + found[2:], moved.max(axis=0), atol=1e-6)


@given(box=boxes)
def test_a_clipped_box_is_what_both_hold(box):
    inside, share = clipped_boxes(np.array([box]), WIDTH, HEIGHT)
    x, y, w, h = inside[0]
    assert 0 <= x <= x + w <= WIDTH + 1e-9
    assert 0 <= y <= y + h <= HEIGHT + 1e-9
    left, right = max(box[0], 0), min(box[0] + box[2], WIDTH)
    top, bottom = max(box[1], 0), min(box[1] + box[3], HEIGHT)
    area = max(0.0, right - left) * max(0.0, bottom - top)
    if box[2] * box[3] > 0:
        np.testing.assert_allclose(share[0], area / (box[2] * box[3]), atol=1e-9)
    else:
        assert share[0] in {0, 1}


def sampled(line: np.ndarray) -> np.ndarray:
    """Many points along a polyline."""
    shares = np.linspace(0, 1, 101)[:, None]
    return np.concatenate([a + shares * (b - a) for a, b in pairwise(line)])


def distance(point: np.ndarray, line: np.ndarray) -> float:
    a, step = line[:-1], np.diff(line, axis=0)
    length = np.maximum((step**2).sum(axis=1), 1e-12)
    along = np.clip(((point - a) * step).sum(axis=1) / length, 0, 1)
    return float(np.linalg.norm(a + along[:, None] * step - point, axis=1).min())


@given(line=st.lists(POINT, min_size=2, max_size=6))
def test_clipped_lines_hold_what_is_inside_and_nothing_else(line):
    line = np.array(line, np.float64)
    pieces = [piece for _, piece in clipped_lines([line], WIDTH, HEIGHT)]
    for piece in pieces:
        assert len(piece) >= 2
        assert (piece >= -1e-6).all()
        assert (piece <= np.array([WIDTH, HEIGHT]) + 1e-6).all()
        assert max(distance(point, line) for point in piece) < 1e-6
    margin = 1e-3
    for point in sampled(line):
        inner = (point > margin).all() and (point < np.array([WIDTH, HEIGHT]) - margin).all()
        if inner and np.abs(np.diff(line, axis=0)).sum() > margin:
            assert pieces
            assert min(distance(point, piece) for piece in pieces) < 1e-6


def test_a_line_that_leaves_and_comes_back_is_two():
    line = np.array([[10, 10], [10, -20], [50, -20], [50, 30]], np.float64)
    found = clipped_lines([line], WIDTH, HEIGHT)
    assert [number for number, _ in found] == [0, 0]
    np.testing.assert_allclose(found[0][1], [[10, 10], [10, 0]])
    np.testing.assert_allclose(found[1][1], [[50, 0], [50, 30]])


def test_identity_changes_nothing():
    box = np.array([[3.0, 4, 10, 20]])
    np.testing.assert_array_equal(moved_boxes(box, np.eye(2, 3)), box)
