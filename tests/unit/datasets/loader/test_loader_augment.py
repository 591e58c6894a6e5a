"""Changed frames: drawn per frame and epoch, marks moved exactly as the picture is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringroad.datasets.loader.augment import Augment, changed_marks, draw
from ringroad.datasets.loader.config import LoaderConfig
from ringroad.datasets.loader.loader import Loader
from ringroad.datasets.loader.marks import Marks
from ringroad.domain.errors import InvalidConfig
from ringroad.media.pictures.planar import moved_points
from ringroad.media.pictures.warp import warp

SIZE = (96, 64)
NOTHING = Augment(flip=0, crop=0, shift=0, shear=0, light=0, contrast=0, saturation=0, tint=0)
MUCH = Augment(flip=0.5, flip_down=0.3, crop=0.4, shift=0.2, shear=0.3, least_visible=0.2)
SEEDS = st.integers(0, 10_000)


def the_box(x=20.0, y=20.0, w=24.0, h=16.0) -> Marks:
    return Marks(
        boxes=np.array([[x, y, w, h]], np.float32),
        categories=np.array([3], np.int32),
        states=np.array([1], np.int32),
    )


def test_nothing_changes_nothing():
    change = draw(NOTHING, SIZE, seed=1, epoch=2, row=3)
    np.testing.assert_array_equal(change.matrix, np.eye(2, 3))
    np.testing.assert_allclose(change.colour, np.eye(3, 4))


@given(seed=SEEDS, epoch=st.integers(0, 9), row=st.integers(0, 10**9))
def test_draws_depend_on_seed_epoch_and_row_alone(seed, epoch, row):
    first = draw(MUCH, SIZE, seed=seed, epoch=epoch, row=row)
    again = draw(MUCH, SIZE, seed=seed, epoch=epoch, row=row)
    np.testing.assert_array_equal(first.matrix, again.matrix)
    np.testing.assert_array_equal(first.colour, again.colour)
    for other in ((seed + 1, epoch, row), (seed, epoch + 1, row), (seed, epoch, row + 1)):
        changed = draw(MUCH, SIZE, seed=other[0], epoch=other[1], row=other[2])
        assert (changed.colour != first.colour).any()


@given(seed=SEEDS)
def test_one_part_turned_off_leaves_the_others_as_drawn(seed):
    """Draws are taken in the same order whatever is configured."""
    whole = draw(MUCH, SIZE, seed=seed, epoch=0, row=0)
    still = draw(replace(MUCH, light=0, contrast=0), SIZE, seed=seed, epoch=0, row=0)
    np.testing.assert_array_equal(whole.matrix, still.matrix)


@given(seed=SEEDS)
def test_a_crop_shows_a_part_of_the_picture(seed):
    change = draw(replace(NOTHING, crop=0.5), SIZE, seed=seed, epoch=0, row=0)
    corners = moved_points(np.array([[0, 0], [SIZE[0], SIZE[1]]], float), change.inverse)
    assert (corners >= -1e-9).all()
    assert (corners <= np.array(SIZE) + 1e-9).all()
    shown = np.diff(corners, axis=0)[0] / SIZE
    assert (shown >= 0.5 - 1e-9).all()


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS, x=st.floats(8, 56), y=st.floats(8, 30), w=st.floats(16, 32), h=st.floats(12, 24))
def test_a_box_stays_around_its_thing(seed, x, y, w, h):
    """Bright pixels of the changed picture end where the changed box does."""
    x, y, w, h = (float(round(value)) for value in (x, y, w, h))
    config = replace(MUCH, shear=0, light=0, contrast=0, saturation=0, tint=0, fill=0)
    picture = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    picture[int(y) : int(y + h), int(x) : int(x + w)] = 250
    change = draw(config, SIZE, seed=seed, epoch=0, row=0)
    out = np.empty_like(picture)
    warp(picture, out, change.inverse, change.colour, 0)
    moved = changed_marks(the_box(x, y, w, h), change, SIZE, least_visible=0.2)
    if not len(moved.boxes):
        return
    rows, columns = np.nonzero(out[:, :, 0] > 125)
    seen = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
    left, top, width, height = moved.boxes[0]
    np.testing.assert_allclose(seen, [left, top, left + width, top + height], atol=0.51)


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS, least=st.floats(0.05, 0.95), x=st.floats(-10, 90), y=st.floats(-10, 60))
def test_boxes_are_clipped_and_dropped_by_what_is_seen(seed, least, x, y):
    change = draw(MUCH, SIZE, seed=seed, epoch=0, row=0)
    whole = changed_marks(the_box(x, y), change, SIZE, least_visible=0)
    kept = changed_marks(the_box(x, y), change, SIZE, least_visible=least)
    assert len(kept.boxes) in {0, len(whole.boxes)}
    assert len(kept.categories) == len(kept.boxes) == len(kept.states)
    for box in kept.boxes:
        assert (box[:2] >= 0).all()
        assert (box[:2] + box[2:] <= np.array(SIZE) + 1e-3).all()
        full = np.abs(np.linalg.det(change.matrix[:, :2])) * 24 * 16
        lean = np.abs(change.matrix[0, 1]) > 1e-12
        assert lean or box[2] * box[3] >= least * full - 1e-2


@given(seed=SEEDS)
def test_lines_move_as_points_do(seed):
    line = np.array([[10, 60], [40, 30], [48, 10]], np.float32)
    marks = Marks(lines=[line], line_categories=[2])
    change = draw(MUCH, SIZE, seed=seed, epoch=0, row=0)
    moved = moved_points(line, change.matrix)
    found = changed_marks(marks, change, SIZE, least_visible=0.3)
    if (moved >= 0).all() and (moved <= SIZE).all():
        np.testing.assert_allclose(found.lines[0], moved, atol=1e-4)
        assert found.line_categories == [2]
    for piece in found.lines:
        assert (piece >= -1e-3).all()
        assert (piece <= np.array(SIZE) + 1e-3).all()


def test_the_loader_changes_pictures_and_marks_together(pack):
    def shown(**config):
        with Loader(pack, LoaderConfig(batch=41, window=0, **config)) as loader:
            return [next(iter(loader)) for _ in range(2)]

    plain = shown()[0]
    mirrored = shown(augment=replace(NOTHING, flip=1.0))[0]
    np.testing.assert_array_equal(mirrored.frames, plain.frames[:, :, ::-1])
    width = plain.frames.shape[2]
    ends = plain.boxes[:, 0] + plain.boxes[:, 2]
    np.testing.assert_allclose(mirrored.boxes[:, 0], np.maximum(width - ends, 0), atol=1e-4)
    first, second = shown(augment=Augment())
    assert (first.frames != second.frames).any()  # another epoch, another change


@pytest.mark.parametrize("wrong", [{"flip": 1.5}, {"shear": -0.1}, {"fill": 256}, {"crop": 0.95}])
def test_impossible_changes_are_refused(wrong):
    with pytest.raises(InvalidConfig):
        Augment(**wrong)
