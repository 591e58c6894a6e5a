"""Budgets cut rankings; disagreements rank frames."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.domain.errors import InputError
from ringroad.domain.ids import FrameId
from ringroad.mine.budget import equal_cost, take_until
from ringroad.mine.disagreement import rank_disagreements

A, B, C, D = (FrameId(name) for name in "abcd")
COST = {A: 3, B: 5, C: 1, D: 1}


def test_it_stops_at_the_first_frame_that_does_not_fit() -> None:
    assert take_until([A, B, C], COST, 8) == (A, B)
    assert take_until([A, B, C], COST, 7) == (A,)
    assert take_until([A], COST, 0) == ()


def test_a_frame_without_a_cost() -> None:
    with pytest.raises(InputError, match="x: the label cost"):
        take_until([FrameId("x")], COST, 8)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=30), st.integers(0, 60))
def test_arms_fall_short_by_less_than_a_frame(costs: list[int], budget: int) -> None:
    frames = [FrameId(str(i)) for i in range(len(costs))]
    taken = take_until(frames, dict(zip(frames, costs, strict=True)), budget)
    spent = sum(costs[: len(taken)])
    assert spent <= budget
    assert len(taken) == len(costs) or spent + costs[len(taken)] > budget


def test_arms_cost_the_same() -> None:
    arms = equal_cost({"entropy": [B, A], "random": [C, D, A]}, COST)
    assert [(arm.name, arm.frames, arm.boxes) for arm in arms] == [
        ("entropy", (B,), 5),
        ("random", (C, D, A), 5),
    ]
    assert [arm.boxes for arm in equal_cost({"one": [A, C]}, COST, budget_boxes=3)] == [3]
    assert equal_cost({}, COST) == ()


def test_disagreements_by_score_apart_in_time() -> None:
    frames = pa.table(
        {
            "frame_id": ["a", "b", "c", "d", "e"],
            "recording_id": ["r", "r", "r", "s", "s"],
            "time_ns": [0, 5, 100, 0, 50],
        }
    )
    scores = {A: 0.9, B: 1.0, C: 0.2, D: 0.9, FrameId("e"): math.nan}
    assert rank_disagreements(frames, scores, count=9) == [B, A, D, C]
    assert rank_disagreements(frames, scores, count=9, min_gap_ns=10) == [B, D, C]
    assert rank_disagreements(frames, {A: 0.0}, count=9) == []
