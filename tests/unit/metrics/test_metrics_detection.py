"""AP through hotcoco against pycocotools, and where there is nothing to measure."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from ringroad.metrics.boxes import FlatBoxes
from ringroad.metrics.detection import Precision, average_precision


def some_boxes(rng: np.random.Generator, count: int, *, frames: int, categories: int) -> FlatBoxes:
    corner, size = rng.uniform(0, 60, (count, 2)), rng.uniform(5, 40, (count, 2))
    return FlatBoxes(
        frames=rng.integers(0, frames, count),
        categories=rng.integers(0, categories, count),
        boxes=np.hstack([corner, size]),
        scores=np.round(rng.uniform(0, 1, count), 2),  # some are equal
    )


def jittered(rng: np.random.Generator, boxes: FlatBoxes, pixels: float) -> FlatBoxes:
    """The same boxes a little off, some gone, some of another category."""
    moved = boxes.boxes + rng.normal(0, pixels, boxes.boxes.shape)
    moved[:, 2:] = np.maximum(moved[:, 2:], 1.0)
    flip = rng.uniform(size=len(boxes)) < 0.1
    categories = np.where(flip, 0, boxes.categories)
    all_of_them = FlatBoxes(
        frames=boxes.frames, categories=categories, boxes=moved, scores=boxes.scores
    )
    return all_of_them.take(rng.uniform(size=len(boxes)) < 0.85)


def joined(*parts: FlatBoxes) -> FlatBoxes:
    return FlatBoxes(
        frames=np.concatenate([part.frames for part in parts]),
        categories=np.concatenate([part.categories for part in parts]),
        boxes=np.concatenate([part.boxes for part in parts]),
        scores=np.concatenate([part.scores for part in parts]),
    )


def by_pycocotools(
    truths: FlatBoxes, detections: FlatBoxes, frames: int, categories: list[int]
) -> dict[int, Precision | None]:
    def rows(boxes: FlatBoxes) -> list[dict[str, object]]:
        return [
            {
                "id": index + 1,
                "image_id": int(boxes.frames[index]) + 1,
                "category_id": int(boxes.categories[index]) + 1,
                "bbox": boxes.boxes[index].tolist(),
                "area": float(np.prod(boxes.boxes[index, 2:])),
                "score": float(boxes.scores[index]),
                "iscrowd": 0,
            }
            for index in range(len(boxes))
        ]

    def dataset(boxes: FlatBoxes) -> COCO:
        made = COCO()
        made.dataset = {
            "images": [{"id": index + 1} for index in range(frames)],
            "categories": [{"id": category + 1} for category in categories],
            "annotations": rows(boxes),
        }
        made.createIndex()
        return made

    with contextlib.redirect_stdout(io.StringIO()):
        run = COCOeval(dataset(truths), dataset(detections), "bbox")
        run.evaluate()
        run.accumulate()
    table = run.eval["precision"][:, :, :, 0, 2]
    found: dict[int, Precision | None] = {}
    for column, category in enumerate(categories):
        at = table[:, :, column].mean(axis=1)
        found[category] = (
            None
            if at[0] < 0
            else Precision(ap=float(at.mean()), ap50=float(at[0]), ap75=float(at[5]))
        )
    return found


def check_equal(a: dict[int, Precision | None], b: dict[int, Precision | None]) -> None:
    assert a.keys() == b.keys()
    for category, one in a.items():
        other = b[category]
        if one is None or other is None:
            assert one is other
            continue
        for name in ("ap", "ap50", "ap75"):
            assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-12)


@pytest.mark.parametrize("seed", range(12))
def test_equal_to_pycocotools(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frames = int(rng.integers(1, 12))
    truths = some_boxes(rng, int(rng.integers(1, 120)), frames=frames, categories=3)
    false = some_boxes(rng, int(rng.integers(0, 60)), frames=frames, categories=4)
    detections = joined(jittered(rng, truths, 3.0), false)
    ours = average_precision(truths, detections, frames=frames, categories=[0, 1, 2])
    check_equal(ours, by_pycocotools(truths, detections, frames, [0, 1, 2]))


def test_at_most_a_hundred_detections_count() -> None:
    rng = np.random.default_rng(3)
    truths = some_boxes(rng, 40, frames=2, categories=1)
    detections = some_boxes(rng, 500, frames=2, categories=1)
    ours = average_precision(truths, detections, frames=2, categories=[0])
    check_equal(ours, by_pycocotools(truths, detections, 2, [0]))


def test_a_category_without_truth_is_not_evaluated() -> None:
    rng = np.random.default_rng(1)
    truths = some_boxes(rng, 10, frames=3, categories=1)
    found = average_precision(truths, truths, frames=3, categories=[0, 1])
    assert found[1] is None
    assert found[0] is not None
    assert found[0].ap50 == pytest.approx(1.0)


def test_no_truth_at_all() -> None:
    rng = np.random.default_rng(1)
    nothing = some_boxes(rng, 0, frames=3, categories=1)
    found = average_precision(
        nothing, some_boxes(rng, 5, frames=3, categories=1), frames=3, categories=[0]
    )
    assert found == {0: None}


def test_no_detections_is_zero_not_unknown() -> None:
    rng = np.random.default_rng(1)
    truths = some_boxes(rng, 5, frames=3, categories=1)
    nothing = some_boxes(rng, 0, frames=3, categories=1)
    found = average_precision(truths, nothing, frames=3, categories=[0])
    assert found == {0: Precision(ap=0.0, ap50=0.0, ap75=0.0)}


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="different lengths"):
        FlatBoxes(
            frames=np.zeros(2, int),
            categories=np.zeros(1, int),
            boxes=np.zeros((1, 4)),
            scores=np.zeros(1),
        )
