"""Pictures under affine maps: what was at a point is at the moved point."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ringroad.media.pictures.planar import inverted, moved_points
from ringroad.media.pictures.warp import warp

PLAIN = np.eye(3, 4)
WIDTH, HEIGHT = 90, 60


def texture(seed: int = 0) -> np.ndarray:
    return np.random.Generator(np.random.PCG64(seed)).integers(
        0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8
    )


def warped(picture, matrix, colour=PLAIN, fill=114):
    out = np.empty_like(picture)
    warp(picture, out, inverted(np.asarray(matrix, float)), colour, fill)
    return out


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ([[1, 0, 0], [0, 1, 0]], lambda p: p),
        ([[-1, 0, WIDTH], [0, 1, 0]], lambda p: p[:, ::-1]),
        ([[1, 0, 0], [0, -1, HEIGHT]], lambda p: p[::-1]),
        ([[-1, 0, WIDTH], [0, -1, HEIGHT]], lambda p: p[::-1, ::-1]),
    ],
)
def test_flips_are_exact(matrix, expected):
    np.testing.assert_array_equal(warped(texture(), matrix), expected(texture()))


@given(dx=st.integers(-40, 40), dy=st.integers(-30, 30))
def test_shifts_by_whole_pixels_are_exact(dx, dy):
    source = np.full((3 * HEIGHT, 3 * WIDTH, 3), 7, np.uint8)
    source[HEIGHT : 2 * HEIGHT, WIDTH : 2 * WIDTH] = texture()
    wanted = source[HEIGHT - dy : 2 * HEIGHT - dy, WIDTH - dx : 2 * WIDTH - dx]
    np.testing.assert_array_equal(warped(texture(), [[1, 0, dx], [0, 1, dy]], fill=7), wanted)


@settings(deadline=None)
@given(
    zoom=st.floats(0.7, 2), lean=st.floats(-0.3, 0.3), flip=st.booleans(),
    dx=st.floats(-10, 10), dy=st.floats(-10, 10), x=st.floats(20, 70), y=st.floats(20, 40),
)  # fmt: skip
def test_a_blob_moves_as_its_middle_does(zoom, lean, flip, dx, dy, x, y):
    """To a tenth of a pixel, by the centre of its light."""
    sign = -1 if flip else 1
    matrix = np.array([[sign * zoom, lean, dx + flip * WIDTH], [0, zoom, dy]])
    rows, columns = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    blob = 250 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 8)
    picture = np.repeat(blob[:, :, None], 3, axis=2).astype(np.uint8)
    wanted = moved_points(np.array([[x, y]]), matrix)[0]
    if not (12 < wanted[0] < WIDTH - 12 and 12 < wanted[1] < HEIGHT - 12):
        return
    found = warped(picture, matrix, fill=0)[:, :, 0].astype(float)
    middle = [(found * axis).sum() / found.sum() for axis in (columns, rows)]
    np.testing.assert_allclose(middle, wanted, atol=0.1)


def test_equal_to_another_implementation_within_a_level():
    matrix = np.array([[1.3, 0.1, -8.0], [0.0, 1.3, -5.0]])
    smooth = np.asarray(Image.fromarray(texture()).resize((9, 6)).resize((WIDTH, HEIGHT)))
    data = tuple(inverted(matrix).ravel())
    other = Image.fromarray(smooth).transform(
        (WIDTH, HEIGHT),
        Image.Transform.AFFINE,
        data,
        Image.Resampling.BILINEAR,
        fillcolor=(114,) * 3,
    )
    mine = warped(smooth, matrix)
    inner = np.abs(mine.astype(int) - np.asarray(other).astype(int))[4:-4, 4:-4]
    assert inner.max() <= 1


def test_colours_are_mixed_rounded_and_held_in_range():
    colour = np.array([[0, 0, 1, 0], [0, 2, 0, -40], [0.5, 0.5, 0, 0.25]])
    source = texture()
    wanted = source.astype(float) @ colour[:, :3].T + colour[:, 3]
    found = warped(source, np.eye(2, 3), colour)
    assert np.abs(found - np.clip(np.round(wanted), 0, 255)).max() <= 1


def test_what_lies_outside_is_filled():
    found = warped(texture(), [[1, 0, WIDTH], [0, 1, 0]], fill=9)
    assert (found[:, 1:] == 9).all()
