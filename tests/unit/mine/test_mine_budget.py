"""Budgets cut rankings; disagreements rank frames."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.domain.errors import InputError
from ringroad.domain.ids import FrameId
from ringroad.mine.budget import equal_cost, rank_to_budget, take_until
from ringroad.mine.disagreement import rank_disagreements
from ringroad.plugins import STRATEGIES

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


class TestRankToBudget:
    """Rankings as long as the frames that a budget buys."""

    @given(
        costs=st.lists(st.integers(1, 9), max_size=40),
        budget=st.integers(1, 90),
        price=st.floats(0.5, 12.0),
    )
    def test_a_ranking_that_does_not_hang_on_its_length_is_cut_as_ever(
        self, costs: list[int], budget: int, price: float
    ) -> None:
        frames = [FrameId(f"car/drive/front/{n:06d}") for n in range(len(costs))]
        cost = dict(zip(frames, costs, strict=True))
        found = rank_to_budget(
            lambda count: frames[:count], cost, budget_boxes=budget, price=price, most=len(frames)
        )
        assert found == take_until(frames, cost, budget)

    def test_it_asks_for_as_many_frames_as_the_budget_buys(self) -> None:
        asked: list[int] = []
        frames = [FrameId(f"car/drive/front/{n:06d}") for n in range(500)]

        def rank(count: int) -> list[FrameId]:
            asked.append(count)
            return frames[:count]

        cost = dict.fromkeys(frames, 5)
        found = rank_to_budget(rank, cost, budget_boxes=100, price=5.0, most=500)
        assert len(found) == 20
        assert asked == [20]
        asked.clear()
        assert len(rank_to_budget(rank, cost, budget_boxes=100, price=10.0, most=500)) == 20
        assert asked[0] == 10
        assert max(asked) < 30

    def test_an_empty_pool_gives_nothing(self) -> None:
        assert rank_to_budget(lambda _: [], {}, budget_boxes=10, price=1.0, most=0) == ()

    @pytest.mark.parametrize("seed", range(3))
    def test_blends_no_longer_see_the_whole_pool(self, seed: int) -> None:
        """120 boxes buy 24 frames of 300: k-center, typical and entropy-k-center choose apart."""
        draw = np.random.Generator(np.random.PCG64(seed))
        vectors = draw.standard_normal((300, 6)).astype(np.float32)
        candidates = pa.table(
            {
                "frame_id": [f"car/drive/front/{n:06d}" for n in range(300)],
                "recording_id": ["car/drive"] * 300,
                "time_ns": list(range(300)),
                "uncertainty": draw.random(300),
                "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), 6),
            }
        )
        frames = [FrameId(frame) for frame in candidates["frame_id"].to_pylist()]
        cost = dict.fromkeys(frames, 5)

        def chosen(name: str) -> frozenset[FrameId]:
            def rank(count: int) -> list[FrameId]:
                order = STRATEGIES.load(name)(
                    candidates, np.zeros((1, 6), np.float32), count=count, seed=seed, options={}
                )
                return [frames[place] for place in order]

            found = rank_to_budget(rank, cost, budget_boxes=120, price=5.0, most=300)
            assert len(found) == 24
            return frozenset(found)

        names = ("k-center", "typical", "entropy-k-center")
        assert len({chosen(name) for name in names}) == 3
