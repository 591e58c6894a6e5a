"""A judge of boxes: what it looks at, what it learns, and that it learns the same again."""

from __future__ import annotations

import numpy as np
import pytest

from ringroad.domain.errors import InputError
from ringroad.train.box_judge import (
    POINTS,
    Examples,
    JudgeConfig,
    examples,
    fit_judge,
    judge_boxes,
    pooled,
)

ROWS, COLUMNS, CHANNELS, KINDS = 20, 30, 6, 2
QUICK = JudgeConfig(hidden=48, narrow=24, epochs=12, batch=64)


def street(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features in which each category fills its box with a channel of its own, and noise."""
    cells = rng.normal(0, 0.1, (ROWS, COLUMNS, CHANNELS))
    boxes, kinds = [], []
    for slot in range(3):
        w, h = rng.integers(4, 8, 2).tolist()
        x, y = 10 * slot + int(rng.integers(0, 3)), int(rng.integers(0, ROWS - h))
        kind = int(rng.integers(KINDS))
        cells[y : y + h, x : x + w, kind] += 1.0
        boxes.append((x, y, w, h))
        kinds.append(kind)
    return cells, np.array(boxes, np.float64), np.array(kinds)


def lessons(seed: int, frames: int) -> list[Examples]:
    rng = np.random.default_rng(seed)
    made = [street(rng) for _ in range(frames)]
    every = np.concatenate([boxes for _, boxes, _ in made])
    return [
        examples(cells, boxes, kinds, boxes[:1] + 0.25, every,
                 categories=KINDS, config=QUICK, rng=rng)
        for cells, boxes, kinds in made
    ]  # fmt: skip


def test_features_between_cells_are_interpolated() -> None:
    cells = np.zeros((ROWS, COLUMNS, 1))
    cells[:, :, 0] = np.arange(COLUMNS)
    box = np.array([[4.0, 5, 6, 6]])
    seen = pooled(cells, box)[0]
    across = np.clip(4 + POINTS[:, 0] * 6 - 0.5, 0, COLUMNS - 1.001)  # the middle of cell n is n.5
    assert seen[: len(POINTS)] == pytest.approx(across, abs=1e-5)
    beyond = pooled(cells, np.array([[-50.0, -50, 3, 3], [90.0, 90, 3, 3]]))
    assert np.isfinite(beyond).all()
    assert beyond[0, 0] == 0
    assert pooled(cells, np.zeros((0, 4))).shape == (0, seen.size)


def test_a_judge_says_what_is_there_how_it_fits_and_where_it_should_lie() -> None:
    judge = fit_judge(lessons(0, 60), KINDS, QUICK, seed=0)
    cells, boxes, kinds = street(np.random.default_rng(99))
    said = judge_boxes(judge, pooled(cells, boxes))
    assert said.shape == (3, KINDS + 6)
    assert said[:, : KINDS + 1].sum(axis=1) == pytest.approx(1.0, abs=1e-5)
    assert said[:, : KINDS + 1].argmax(axis=1).tolist() == kinds.tolist()
    nowhere = np.array([[boxes[0, 0], (boxes[0, 1] + 12) % 16, 3, 3]])
    off = boxes + np.array([1.5, 0, 0, 0])
    assert judge_boxes(judge, pooled(cells, nowhere))[0, KINDS] > 0.5
    apart = judge_boxes(judge, pooled(cells, off))
    assert (apart[:, KINDS + 1] < said[:, KINDS + 1]).all()  # fits less well
    assert apart[:, KINDS + 2].mean() < said[:, KINDS + 2].mean()  # should lie further left


def test_equal_arguments_give_equal_answers() -> None:
    columns = lessons(5, 1)[0].columns
    first, second = (
        judge_boxes(fit_judge(lessons(1, 6), KINDS, QUICK, seed=3), columns) for _ in range(2)
    )
    assert (first == second).all()


def test_a_frame_without_boxes_teaches_what_nothing_looks_like() -> None:
    rng = np.random.default_rng(0)
    cells, boxes, _ = street(rng)
    made = examples(cells, np.zeros((0, 4)), np.zeros(0, np.int64), boxes, boxes,
                    categories=KINDS, config=QUICK, rng=rng)  # fmt: skip
    assert set(made.kinds.tolist()) == {KINDS}
    assert not made.overlaps.any()
    assert len(made.columns) == len(boxes) + QUICK.invented


def test_nothing_to_learn_from() -> None:
    with pytest.raises(InputError, match="no box"):
        fit_judge([], KINDS, QUICK, seed=0)
