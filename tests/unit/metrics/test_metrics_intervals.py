"""Matches against hotcoco, re-weighting against boxes really copied, and what intervals promise."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringroad.metrics.boxes import FlatBoxes
from ringroad.metrics.detection import average_precision
from ringroad.metrics.intervals import (
    ap50,
    draws,
    interval,
    mean_ap50,
    paired_difference,
    tail_of,
)
from ringroad.metrics.matching import Matches, greedy, match

UNITS = 6
FRAMES = 24


def boxes(rng: np.random.Generator, count: int) -> FlatBoxes:
    corner, size = rng.uniform(0, 60, (count, 2)), rng.uniform(5, 40, (count, 2))
    return FlatBoxes(
        frames=rng.integers(0, FRAMES, count),
        categories=rng.integers(0, 3, count),
        boxes=np.hstack([corner, size]),
        scores=rng.permutation(count) / max(count, 1),
    )


def seen(rng: np.random.Generator, truths: FlatBoxes, *, pixels: float = 3.0) -> FlatBoxes:
    """Truths a little off, one in seven missing, and half as many false ones."""
    stay = truths.take(rng.uniform(size=len(truths)) < 0.85)
    moved = stay.boxes + rng.normal(0, pixels, stay.boxes.shape)
    moved[:, 2:] = np.maximum(moved[:, 2:], 1.0)
    false = boxes(rng, len(truths) // 2)
    every = np.concatenate([stay.frames, false.frames])
    return FlatBoxes(
        frames=every,
        categories=np.concatenate([stay.categories, false.categories]),
        boxes=np.concatenate([moved, false.boxes]),
        scores=rng.permutation(len(every)) / len(every),
    )


def matched(truths: FlatBoxes, detections: FlatBoxes) -> list[Matches]:
    units = np.arange(FRAMES) % UNITS
    return [match(truths, detections, units, category=c, count=UNITS) for c in range(3)]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(0, 150), pixels=st.floats(0, 12))
def test_point_estimate_equals_hotcoco(seed: int, count: int, pixels: float) -> None:
    rng = np.random.default_rng(seed)
    truths = boxes(rng, count)
    detections = seen(rng, truths, pixels=pixels) if count else boxes(rng, 20)
    known = average_precision(truths, detections, frames=FRAMES, categories=[0, 1, 2])
    for category, matches in enumerate(matched(truths, detections)):
        value = ap50(matches, np.ones((1, UNITS)))[0]
        precision = known[category]
        if precision is None:
            assert np.isnan(value)
        else:
            assert value == pytest.approx(precision.ap50, abs=1e-12)


def copied(flat: FlatBoxes, weights: np.ndarray) -> FlatBoxes:
    """Each frame as often as its unit was drawn, every copy a frame of its own."""
    parts = []
    for copy in range(int(weights.max())):
        part = flat.take(weights[flat.frames % UNITS] > copy)
        parts.append((part.frames + copy * FRAMES, part.categories, part.boxes, part.scores))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return FlatBoxes(frames=columns[0], categories=columns[1], boxes=columns[2], scores=columns[3])


def test_reweighting_equals_copying_the_boxes() -> None:
    rng = np.random.default_rng(5)
    truths = boxes(rng, 90)
    detections = seen(rng, truths)
    matches = matched(truths, detections)
    for weights in draws(UNITS, replicates=12, seed=1):
        known = average_precision(
            copied(truths, weights),
            copied(detections, weights),
            frames=FRAMES * int(weights.max()),
            categories=[0, 1, 2],
        )
        for category in range(3):
            value = ap50(matches[category], weights[None])[0]
            precision = known[category]
            assert precision is not None
            assert value == pytest.approx(precision.ap50, abs=1e-12)


def test_equal_overlaps_take_the_last_truth_and_each_truth_once() -> None:
    box = np.array([[0.0, 0.0, 10.0, 10.0]])
    assert greedy(np.repeat(box, 3, axis=0), np.repeat(box, 2, axis=0), iou=0.5).tolist() == [
        1,
        0,
        -1,
    ]
    assert greedy(box, np.empty((0, 4)), iou=0.5).tolist() == [-1]


def test_draws_are_of_the_seed_and_count_all_units() -> None:
    first = draws(7, replicates=50, seed=4)
    assert np.array_equal(first, draws(7, replicates=50, seed=4))
    assert not np.array_equal(first, draws(7, replicates=50, seed=5))
    assert (first.sum(axis=1) == 7).all()


def test_interval_is_of_the_seed_and_holds_the_value() -> None:
    rng = np.random.default_rng(2)
    truths = boxes(rng, 120)
    matches = matched(truths, seen(rng, truths))
    one = interval(matches, units=UNITS, confidence=0.95, replicates=300, seed=9)
    two = interval(matches, units=UNITS, confidence=0.95, replicates=300, seed=9)
    assert one == two
    assert one.value is not None
    assert one.low is not None
    assert one.high is not None
    assert one.low < one.value < one.high
    narrow = interval(matches, units=UNITS, confidence=0.5, replicates=300, seed=9)
    assert narrow.low is not None
    assert narrow.low > one.low


def test_one_unit_has_no_interval_and_no_truth_no_value() -> None:
    rng = np.random.default_rng(2)
    truths, units = boxes(rng, 30), np.zeros(FRAMES, int)
    alone = match(truths, truths, units, category=0, count=1)
    found = interval([alone], units=1, confidence=0.95, replicates=100, seed=0)
    assert (found.value, found.low, found.high) == (pytest.approx(1.0), None, None)
    nothing = match(truths, truths, units, category=7, count=1)
    found = interval([nothing], units=1, confidence=0.95, replicates=100, seed=0)
    assert (found.value, found.low, found.high) == (None, None, None)


def test_replicates_without_truth_are_left_out() -> None:
    truths = np.zeros(10, int)
    truths[3] = 1  # about two of three replicates draw it
    rare = Matches(
        scores=np.ones(1), hits=np.ones(1, bool), units=np.full(1, 3), truths=truths.copy()
    )
    kept = interval([rare], units=10, confidence=0.95, replicates=400, seed=0)
    assert (kept.low, kept.high) == (1.0, 1.0)
    means = mean_ap50([rare], np.zeros((3, 10)))
    assert np.isnan(means).all()


def test_paired_difference_cancels_what_units_share() -> None:
    rng = np.random.default_rng(8)
    truths = boxes(rng, 150)
    before = seen(rng, truths, pixels=4.0)
    after = before.take(np.arange(len(before)) % 25 != 0)
    a, b = matched(truths, before), matched(truths, after)
    kwargs = {"units": UNITS, "replicates": 400, "seed": 3}
    gap = paired_difference(a, b, confidence=0.95, **kwargs)
    alone = interval(a, confidence=0.95, **kwargs)
    assert gap.value is not None
    assert gap.low is not None
    assert gap.high is not None
    assert gap.value == pytest.approx(
        mean_ap50(b, np.ones((1, UNITS)))[0] - mean_ap50(a, np.ones((1, UNITS)))[0]
    )
    assert alone.low is not None
    assert alone.high is not None
    assert gap.high - gap.low < alone.high - alone.low
    same = paired_difference(a, a, confidence=0.95, **kwargs)
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)


def test_a_thousand_replicates_of_twenty_thousand_detections() -> None:
    rng = np.random.default_rng(0)
    matches = Matches(
        scores=np.sort(rng.uniform(size=20_000))[::-1],
        hits=rng.uniform(size=20_000) < 0.5,
        units=rng.integers(0, 40, 20_000),
        truths=np.full(40, 400),
    )
    start = time.process_time()
    found = interval([matches], units=40, confidence=0.95, replicates=1000, seed=0)
    assert found.low is not None
    assert time.process_time() - start < 6.0  # takes about one second


def sampled(rng: np.random.Generator, units: int) -> Matches:
    """Units of twenty detections each, some units harder than others."""
    hits = rng.uniform(size=(units, 20)) < rng.beta(4, 2, (units, 1))
    scores = rng.beta(3 + 2 * hits, 3).ravel()
    order = np.argsort(-scores, kind="stable")
    return Matches(
        scores=scores[order],
        hits=hits.ravel()[order],
        units=np.repeat(np.arange(units), 20)[order],
        truths=np.full(units, 20),
    )


def test_intervals_hold_the_true_value_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(0)
    real = ap50(sampled(rng, 5000), np.ones((1, 5000)))[0]
    held = 0
    for seed in range(150):
        found = interval([sampled(rng, 30)], units=30, confidence=0.95, replicates=200, seed=seed)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= real <= found.high
    assert 0.90 <= held / 150 <= 1.0  # 95 % promised


def test_seven_units_are_held_to_the_same_promise() -> None:
    """Plain percentiles hold the true value in 86 % of such test sets, expanded ones in 93 %."""
    rng = np.random.default_rng(7)
    real = ap50(sampled(np.random.default_rng(0), 5000), np.ones((1, 5000)))[0]
    held = 0
    for seed in range(300):
        found = interval([sampled(rng, 7)], units=7, confidence=0.95, replicates=500, seed=seed)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= real <= found.high
    assert 0.90 <= held / 300 <= 0.97


def test_tails_shrink_where_units_are_few_and_are_plain_where_they_are_many() -> None:
    assert tail_of(0.95, 1) == 0.0
    assert tail_of(0.95, 5) == pytest.approx(0.000955, abs=1e-5)
    assert tail_of(0.95, 100_000) == pytest.approx(0.025, abs=1e-5)
    tails = [tail_of(0.9, units) for units in range(2, 60)]
    assert tails == sorted(tails)
