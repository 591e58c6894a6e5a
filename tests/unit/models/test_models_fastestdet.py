"""FastestDet and what the off-the-shelf detectors share: overlap, suppression, categories."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ringroad.backends.runtime_onnx import OnnxRuntime
from ringroad.domain.annotation import CATEGORIES
from ringroad.models import coco80
from ringroad.models.fastestdet import FastestDet, decode
from ringroad.models.nms import iou_matrix, nms
from ringroad.models.resize import resize
from ringroad.models.shufflenet import ShuffleNet
from ringroad.protocols.predictor import Predictor

BOXES = arrays(np.float32, st.tuples(st.integers(0, 12), st.just(4)), elements=st.integers(0, 9))


def test_overlap_by_hand() -> None:
    found = iou_matrix(
        np.array([[0, 0, 2, 2]]), np.array([[1, 1, 2, 2], [0, 0, 2, 2], [5, 5, 0, 0]])
    )
    assert found.tolist() == [[pytest.approx(1 / 7), 1.0, 0.0]]


@given(BOXES)
def test_overlap_is_symmetric_and_bounded(boxes: np.ndarray) -> None:
    found = iou_matrix(boxes, boxes)
    assert np.array_equal(found, found.T)
    assert ((found >= 0) & (found <= 1)).all()
    solid = boxes[:, 2] * boxes[:, 3] > 0
    assert (np.diag(found)[solid] == 1).all()


@given(BOXES)
def test_suppression_keeps_no_two_that_overlap_and_loses_none_without_reason(
    boxes: np.ndarray,
) -> None:
    count = len(boxes)
    scores = np.linspace(1, 0.1, count, dtype=np.float32) if count else np.empty(0, np.float32)
    groups = np.arange(count) % 2
    kept = nms(boxes, scores, groups, iou=0.4)
    over = (iou_matrix(boxes, boxes) > 0.4) & (groups[:, None] == groups[None, :])
    assert not np.triu(over[np.ix_(kept, kept)], 1).any()
    for lost in set(range(count)) - set(kept.tolist()):
        assert any(over[lost, better] for better in kept[kept < lost])


def test_resizing_by_a_whole_factor_averages_the_middle_four() -> None:
    frame = np.arange(16, dtype=np.uint8).reshape(4, 4, 1).repeat(3, axis=2)
    assert resize(frame, 2, 2)[..., 0].tolist() == [[2.5, 4.5], [10.5, 12.5]]
    assert np.array_equal(resize(frame, 4, 4), frame)
    assert np.ptp(resize(np.full((5, 7, 3), 9, np.uint8), 11, 3)) == 0


def test_a_cell_becomes_the_box_it_stands_for() -> None:
    cells = np.full((85, 22, 22), -9.0, np.float32)
    cells[0], cells[5:] = 0.0, 0.0
    cells[:5, 11, 5] = 1.0, 0.0, 0.0, 0.0, 0.0
    cells[5 + 2, 11, 5] = 1.0
    boxes, scores, best = decode(cells, 220, 440)
    top = int(np.argmax(scores))
    assert (scores[top], best[top]) == (1.0, 2)
    assert boxes[top] == pytest.approx([0, 55, 210, 110])


def test_categories_are_mapped_and_the_rest_left_out() -> None:
    outputs = np.arange(80)
    boxes = np.stack([np.arange(80) * 20.0, np.zeros(80), np.full(80, 9.0), np.full(80, 9.0)], 1)
    found = coco80.detections(boxes, np.full(80, 0.9), outputs, threshold=0.5, iou=0.5)
    assert sorted(found.categories) == sorted(coco80.OURS.values())
    assert set(found.categories) == set(CATEGORIES)
    states = dict(zip(found.categories, found.light_states, strict=True))
    assert states["light"] == "unknown"
    assert states["car"] == ""


def test_uncertainty_is_largest_at_a_half() -> None:
    def unsure(score: float) -> float:
        boxes, outputs = np.zeros((200, 4)), np.full(200, 2)
        scores = np.full(200, score)
        return coco80.detections(boxes, scores, outputs, threshold=2.0, iou=0.5).uncertainty

    assert unsure(0.5) == pytest.approx(np.log(2))
    assert unsure(0.5) > unsure(0.8) > unsure(0.99) > 0
    assert unsure(0.2) == pytest.approx(unsure(0.8))


def test_frames_without_anything_give_empty_detections() -> None:
    quiet = np.full(9, 0.1)
    found = coco80.detections(np.ones((9, 4)), quiet, np.full(9, 2), threshold=0.5, iou=0.5)
    assert found.boxes.shape == (0, 4)
    assert found.categories == ()


def test_real_frames_against_their_labels(
    kitti: Callable[[Predictor], tuple[float, float]], test_data: Path
) -> None:
    network = (test_data / "models/FastestDet.onnx").read_bytes()
    predictor = FastestDet(OnnxRuntime().load(network, threads=1, optimise=True))
    recall, precision = kitti(predictor)
    assert recall > 0.53
    assert precision > 0.30


def test_embeddings_have_unit_length_and_tell_frames_apart(test_data: Path) -> None:
    network = (test_data / "models/shufflenetv2_x0.5_embed288.onnx").read_bytes()
    embedder = ShuffleNet(OnnxRuntime().load(network, threads=1, optimise=True))
    rng = np.random.Generator(np.random.PCG64(0))
    frames = rng.integers(0, 256, (2, 96, 160, 3), dtype=np.uint8)
    frames[1, :, :80] = 0
    vectors = embedder.embed(np.stack([frames[0], frames[0], frames[1]]))
    assert vectors.shape == (3, embedder.size)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert np.array_equal(vectors[0], vectors[1])
    assert vectors[0] @ vectors[2] < 0.99
