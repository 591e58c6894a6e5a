"""The dense head: it learns, repeats itself, and is drawn from as dropout should be."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ringroad.domain.errors import InputError
from ringroad.models.config import NetworkConfig
from ringroad.models.dense_head import DenseHead
from ringroad.train.dense import (
    HeadConfig,
    ask,
    ask_with_dropout,
    fit_head,
    head_from_bytes,
    head_to_bytes,
    probabilities,
)

NETWORK = NetworkConfig(width=64, height=48, stride=8, categories=("car", "pedestrian"))
QUICK = HeadConfig(hidden=16, steps=120, batch=4, drop=0.25)


def lesson(
    count: int = 12, *, seed: int = 0
) -> tuple[np.ndarray, list[np.ndarray], list[np.ndarray]]:
    """Frames whose features tell where one object is, and of which category."""
    draw = np.random.Generator(np.random.PCG64(seed))
    features = 0.1 * draw.standard_normal((count, 6, 8, 5)).astype(np.float32)
    boxes, categories = [], []
    for number in range(count):
        row, column, category = draw.integers(0, 6), draw.integers(0, 8), draw.integers(0, 2)
        features[number, row, column, category] += 3.0
        boxes.append(np.array([[column * 8.0, row * 8.0, 8.0, 8.0]], np.float32))
        categories.append(np.array([category]))
    return features.astype(np.float16), boxes, categories


def test_it_finds_what_it_was_taught() -> None:
    features, boxes, categories = lesson()
    head = fit_head(NETWORK, QUICK, features, boxes, categories, seed=1)
    shown, places, kinds = lesson(20, seed=5)
    seen = probabilities(head, shown)
    for number in range(20):
        row, column = int(places[number][0, 1] // 8), int(places[number][0, 0] // 8)
        best = np.unravel_index(seen[number].argmax(), seen[number].shape)
        assert best == (row, column, kinds[number][0])


def test_equal_seeds_give_equal_heads_and_bytes_bring_them_back() -> None:
    features, boxes, categories = lesson()
    config = HeadConfig(hidden=8, steps=10, batch=4)
    first, second, other = (
        head_to_bytes(fit_head(NETWORK, config, features, boxes, categories, seed=seed))
        for seed in (1, 1, 2)
    )
    assert first == second != other
    again = head_from_bytes(first, config)
    assert head_to_bytes(again) == first
    assert not again.training


def test_cells_are_answered_as_the_convolutions_of_the_head_answer_them() -> None:
    features, _, _ = lesson(3)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        head = DenseHead(5, 2, hidden=7, drop=0.5).eval()
    with torch.no_grad():
        heat, sides = head(torch.from_numpy(np.moveaxis(features, -1, 1).astype(np.float32)))
    found_heat, found_sides = ask(head, features)
    np.testing.assert_allclose(found_heat, heat.numpy(), atol=1e-5)
    np.testing.assert_allclose(found_sides, sides.numpy(), atol=1e-5)
    likely = 1 / (1 + np.exp(-np.moveaxis(found_heat, 1, -1)))
    np.testing.assert_allclose(probabilities(head, features), likely, atol=1e-6)


def test_dropout_answers_otherwise_each_time_and_alike_on_the_mean() -> None:
    features, boxes, categories = lesson(8)
    config = HeadConfig(hidden=64, steps=20, batch=4, drop=0.4)
    head = fit_head(NETWORK, config, features, boxes, categories, seed=3)
    members = ask_with_dropout(head, features, passes=200, seed=4)
    assert members.shape == (200, 8, 6, 8, 2)
    assert members.std(axis=0).min() > 0
    logits = np.log(members / (1 - members)).mean(axis=0)
    np.testing.assert_allclose(logits, np.moveaxis(ask(head, features)[0], 1, -1), atol=0.15)
    again = ask_with_dropout(head, features, passes=2, seed=4)
    np.testing.assert_array_equal(again, ask_with_dropout(head, features, passes=2, seed=4))


def test_frames_without_a_box_are_learnt_from_too() -> None:
    features, _, _ = lesson(4)
    nothing = [np.zeros((0, 4), np.float32)] * 4
    config = HeadConfig(hidden=8, steps=40, batch=4)
    head = fit_head(NETWORK, config, features, nothing, [np.zeros(0, np.int64)] * 4, seed=0)
    assert probabilities(head, features).max() < 0.05


def test_nothing_labelled_is_refused() -> None:
    with pytest.raises(InputError, match="no frame is labelled"):
        fit_head(NETWORK, QUICK, np.zeros((0, 6, 8, 5), np.float16), [], [], seed=0)
