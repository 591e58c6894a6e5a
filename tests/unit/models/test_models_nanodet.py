"""NanoDet: letterbox and distributions by hand, then real frames against their labels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ringroad.backends.runtime_onnx import OnnxRuntime
from ringroad.models.nanodet import BINS, SIDE, STRIDES, NanoDet, decode, letterbox
from ringroad.protocols.predictor import Predictor


def test_letterbox_keeps_the_shape_and_turns_colours() -> None:
    frame = np.zeros((100, 400, 3), np.uint8)
    frame[..., 0] = 200  # red
    square, scale, left, top = letterbox(frame)
    assert (left, top) == (0, 156)
    assert scale == pytest.approx([1.04] * 4)
    assert square[:156].max() == 0
    assert square[SIDE // 2, SIDE // 2].tolist() == [0, 0, 200]


def _maps() -> dict[str, np.ndarray]:
    maps = {}
    for stride in STRIDES:
        cells = (SIDE // stride) ** 2
        maps[f"c{stride}"] = np.zeros((1, cells, 80), np.float32)
        maps[f"d{stride}"] = np.zeros((1, cells, 4 * BINS), np.float32)
    return maps


def test_a_sharp_distribution_is_a_distance_in_strides() -> None:
    maps = _maps()
    cell = 3 * 26 + 5  # row 3, column 5 of stride 16
    maps["c16"][0, cell, 2] = 0.9
    for side, reach in enumerate((1, 2, 3, 4)):
        maps["d16"][0, cell, side * BINS + reach] = 50.0
    corners, scores, best = decode(maps)
    top = int(np.argmax(scores))
    assert best[top] == 2
    x, y = 5 * 16 + 7.5, 3 * 16 + 7.5
    assert corners[top] == pytest.approx([x - 16, y - 32, x + 48, y + 64], abs=1e-3)


def test_a_flat_distribution_is_its_mean() -> None:
    corners, _, _ = decode(_maps())
    assert corners[0] == pytest.approx([3.5 - 28, 3.5 - 28, 3.5 + 28, 3.5 + 28])


@pytest.fixture(scope="module")
def predictor(test_data: Path) -> NanoDet:
    network = (test_data / "models/nanodet_m.onnx").read_bytes()
    return NanoDet(OnnxRuntime().load(network, threads=1, optimise=True))


def test_real_frames_against_their_labels(
    kitti: Callable[[Predictor], tuple[float, float]], predictor: NanoDet
) -> None:
    recall, precision = kitti(predictor)
    assert recall > 0.55
    assert precision > 0.50


def test_boxes_stay_inside_the_frame_and_best_stand_first(predictor: NanoDet) -> None:
    rng = np.random.Generator(np.random.PCG64(4))
    frames = rng.integers(0, 256, (2, 120, 90, 3), dtype=np.uint8)
    low = NanoDet(predictor._session, threshold=0.01)
    for found in low.predict(frames):
        assert len(found.boxes) > 0
        assert (found.boxes[:, :2] >= 0).all()
        assert (found.boxes[:, 0] + found.boxes[:, 2] <= 90.001).all()
        assert (found.boxes[:, 1] + found.boxes[:, 3] <= 120.001).all()
        assert (np.diff(found.scores) <= 0).all()
    again = low.predict(frames[1:])[0]
    assert np.array_equal(again.boxes, low.predict(frames)[1].boxes)
