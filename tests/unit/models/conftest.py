"""Real labelled frames to hold off-the-shelf detectors against."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ringroad.models.nms import iou_matrix
from ringroad.protocols.predictor import Predictor

VEHICLES = {"Car", "Van", "Truck", "Tram"}


@pytest.fixture(scope="session")
def kitti(test_data: Path) -> Callable[[Predictor], tuple[float, float]]:
    """Recall and precision of vehicles at IoU 0.5 over the 75 KITTI frames."""
    folder = test_data / "kitti_object/training"
    frames = sorted((folder / "image_2").iterdir())

    def measure(predictor: Predictor) -> tuple[float, float]:
        hits = truths = answers = 0
        for path in frames:
            with Image.open(path) as picture:
                found = predictor.predict(np.asarray(picture.convert("RGB"))[None])[0]
            truth = _vehicles(folder / f"label_2/{path.stem}.txt")
            boxes = found.boxes[[name == "car" for name in found.categories]]
            overlap = iou_matrix(boxes, truth)
            for row in overlap:  # best first; each truth is met once
                if row.size and row.max() >= 0.5:
                    hits += 1
                    overlap[:, row.argmax()] = 0
            truths += len(truth)
            answers += len(boxes)
        return hits / truths, hits / answers

    return measure


def _vehicles(path: Path) -> np.ndarray:
    rows = [line.split() for line in path.read_text().splitlines()]
    corners = np.array([row[4:8] for row in rows if row[0] in VEHICLES], float).reshape(-1, 4)
    return np.hstack([corners[:, :2], corners[:, 2:] - corners[:, :2]])
