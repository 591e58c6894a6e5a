"""Strategies: what they prefer, that they repeat, and that thinning holds."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringroad.domain.errors import InputError, InvalidConfig
from ringroad.mine.coreset import k_center_greedy
from ringroad.mine.thinning import Spacing
from ringroad.plugins import STRATEGIES

NAMES = ("entropy", "entropy-k-center", "k-center", "random", "rule")
NONE = np.empty((0, 3), dtype=np.float32)


def pool(count: int, *, seed: int = 0, recordings: int = 2) -> pa.Table:
    rng = np.random.Generator(np.random.PCG64(seed))
    night = rng.random(count) < 0.5
    return pa.table(
        {
            "frame_id": [f"f{i:04d}" for i in range(count)],
            "recording_id": [f"r{i % recordings}" for i in range(count)],
            "time_ns": pa.array([i // recordings for i in range(count)], pa.int64()),
            "condition": ["night" if n else "day" for n in night],
            "brightness": pa.array(rng.random(count), pa.float32()),
            "uncertainty": pa.array(rng.random(count), pa.float32()),
            "boxes": pa.array(rng.integers(0, 9, count), pa.int32()),
            "pedestrians": pa.array(rng.integers(0, 2, count), pa.int32()),
            "vector": pa.array(list(rng.normal(size=(count, 3))), pa.list_(pa.float32())),
        }
    )


def test_the_table_of_strategies_is_complete() -> None:
    assert set(NAMES) <= set(STRATEGIES.names())


@pytest.mark.parametrize("name", NAMES)
def test_repeatable_distinct_and_at_most_count(name: str) -> None:
    strategy = STRATEGIES.load(name)
    candidates = pool(60)
    labelled = np.zeros((2, 3), dtype=np.float32)
    first = strategy(candidates, labelled, count=20, seed=3, options={})
    assert first == strategy(candidates, labelled, count=20, seed=3, options={})
    assert len(set(first)) == len(first) <= 20
    assert all(isinstance(index, int) and 0 <= index < 60 for index in first)
    assert strategy(candidates, labelled, count=0, seed=3, options={}) == []
    assert strategy(candidates.slice(0, 0), labelled, count=5, seed=3, options={}) == []


@pytest.mark.parametrize("name", NAMES)
def test_more_is_asked_than_there_is(name: str) -> None:
    candidates = pool(9)
    chosen = STRATEGIES.load(name)(candidates, NONE, count=50, seed=1, options={})
    expected = set(range(9))
    if name == "rule":
        expected = {i for i in range(9) if candidates["condition"][i].as_py() == "night"}
    assert set(chosen) == expected


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(NAMES), st.integers(2, 12), st.integers(0, 99))
def test_neighbours_in_time_are_not_both_chosen(name: str, gap: int, seed: int) -> None:
    candidates = pool(80, seed=seed)
    options = {"min_gap_ns": gap}
    chosen = STRATEGIES.load(name)(candidates, NONE, count=30, seed=seed, options=options)
    for recording in ("r0", "r1"):
        times = sorted(
            candidates["time_ns"][i].as_py()
            for i in chosen
            if candidates["recording_id"][i].as_py() == recording
        )
        assert all(later - earlier >= gap for earlier, later in pairwise(times))


def test_entropy_goes_by_uncertainty_and_leaves_unknown_ones_last() -> None:
    candidates = pool(5).set_column(
        5, "uncertainty", pa.array([0.1, None, 0.9, float("nan"), 0.5], pa.float32())
    )
    chosen = STRATEGIES.load("entropy")(candidates, NONE, count=5, seed=0, options={})
    assert chosen[:3] == [2, 4, 0]
    assert set(chosen[3:]) == {1, 3}


def test_k_center_covers_the_corners_first() -> None:
    square = [[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0], [5.0, 5.0], [5.1, 5.0]]
    candidates = pool(6).set_column(8, "vector", pa.array(square, pa.list_(pa.float32())))
    labelled = np.array([[0.0, 0.0]], dtype=np.float32)
    chosen = STRATEGIES.load("k-center")(candidates, labelled, count=4, seed=0, options={})
    assert chosen[0] == 3
    assert set(chosen[1:3]) == {1, 2}
    assert chosen[3] == 4  # the true middle is a little farther from all corners


def naive(points: np.ndarray, covered: np.ndarray, count: int) -> list[int]:
    chosen: list[int] = []
    for _ in range(min(count, len(points))):
        known = np.concatenate([covered, points[chosen]])
        reach = ((points[:, None] - known[None]) ** 2).sum(axis=2).min(axis=1)
        reach[chosen] = -1
        chosen.append(int(np.argmax(reach)))
    return chosen


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 200), st.integers(1, 120), st.integers(0, 2**32))
def test_blocks_choose_as_one_by_one(count: int, wanted: int, seed: int) -> None:
    """Whole numbers make float32 exact, so that even ties must agree."""
    rng = np.random.Generator(np.random.PCG64(seed))
    points = rng.integers(-20, 21, size=(count, 3)).astype(np.float32)
    covered = rng.integers(-20, 21, size=(4, 3)).astype(np.float32)
    times = pa.table({"recording_id": ["r"] * count, "time_ns": list(range(count))})
    spacing = Spacing(times, min_gap_ns=0)
    chosen = k_center_greedy(points, covered, count=wanted, seed=0, spacing=spacing)
    assert chosen == naive(points, covered, wanted)


def test_entropy_k_center_stays_among_the_uncertain() -> None:
    candidates = pool(100)
    doubt = np.asarray(candidates["uncertainty"])
    options = {"pool_factor": 2}
    chosen = STRATEGIES.load("entropy-k-center")(
        candidates, NONE, count=10, seed=0, options=options
    )
    assert set(chosen) <= set(np.argsort(-doubt)[:20].tolist())


def test_rule_takes_nights_with_the_rare_category_first_and_spreads_them() -> None:
    n = 64
    candidates = pool(n, recordings=1)
    night = pa.array(["night" if i < 32 else "day" for i in range(n)])
    rare = pa.array([int(i % 2 == 0) for i in range(n)], pa.int32())
    candidates = candidates.set_column(3, "condition", night).set_column(7, "pedestrians", rare)
    chosen = STRATEGIES.load("rule")(candidates, NONE, count=24, seed=0, options={})
    assert set(chosen[:16]) == set(range(0, 32, 2))
    assert all(index % 2 == 1 and index < 32 for index in chosen[16:])
    assert {index // 8 for index in chosen[:4]} == {0, 1, 2, 3}


def test_rule_without_its_column_says_so() -> None:
    candidates = pool(5).drop_columns(["pedestrians"])
    rule = STRATEGIES.load("rule")
    with pytest.raises(InputError, match="no column 'pedestrians'"):
        rule(candidates, NONE, count=1, seed=0, options={})
    assert rule(candidates, NONE, count=5, seed=0, options={"rare_column": ""})


@pytest.mark.parametrize(
    "options", [{"gap": 1}, {"min_gap_ns": "1"}, {"min_gap_ns": -1}, {"pool_factor": 0}]
)
def test_bad_options(options: dict[str, object]) -> None:
    with pytest.raises(InvalidConfig):
        STRATEGIES.load("random")(pool(5), NONE, count=1, seed=0, options=options)


def test_embeddings_must_fit() -> None:
    k_center = STRATEGIES.load("k-center")
    with pytest.raises(InputError, match="same network"):
        k_center(pool(5), np.zeros((2, 7), np.float32), count=1, seed=0, options={})
    ragged = pa.array([[1.0], [1.0, 2.0], [], [1.0], []], pa.list_(pa.float32()))
    with pytest.raises(InputError, match="unequal length"):
        k_center(pool(5).set_column(8, "vector", ragged), NONE, count=1, seed=0, options={})
