"""Simulated annotators err as often as they say, wherever a frame stands."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringroad.domain.ids import FrameId
from ringroad.label.annotators import AnnotatorProfile, annotate, miss_chance
from ringroad.label.rows import Mark, marks_by_frame, rows
from ringroad.media.schemas import ANNOTATIONS

SIZE = (640, 384)
PERFECT = AnnotatorProfile(
    name="ann", miss=0, spurious=0, jitter=0, wrong_category=0, wrong_state=0
)


def truth_of(count: int, side: float = 32.0, category: str = "light") -> pa.Table:
    state = "red" if category == "light" else ""
    mark = Mark(category=category, x=100, y=100, w=side, h=side, light_state=state)
    return rows({FrameId(f"f{i:05d}"): [mark] for i in range(count)}, author="", source="simulated")


def boxes(table: pa.Table) -> pa.Table:
    return table.filter(pc.not_equal(table["category"], ""))


def test_a_perfect_annotator_repeats_the_truth() -> None:
    marks = {
        FrameId("a"): [
            Mark(category="car", x=1.5, y=2, w=30, h=20),
            Mark(category="light", x=600, y=0, w=8, h=20, light_state="amber"),
        ],
        FrameId("b"): [],
    }
    truth = rows(marks, author="", source="simulated")
    answer = annotate(truth, PERFECT, seed=1, frame_size=SIZE)
    assert answer.schema == ANNOTATIONS
    assert marks_by_frame(answer) == marks
    assert set(answer["author"].to_pylist()) == {"ann"}
    assert set(answer["source"].to_pylist()) == {"simulated"}
    assert answer["category"].to_pylist() == ["car", "light", ""]


@pytest.mark.parametrize(
    ("rate", "change"), [("miss", "gone"), ("wrong_category", "category"), ("wrong_state", "state")]
)
def test_rates_are_kept(rate: str, change: str) -> None:
    """Within four standard errors of the stated rate, over 3,000 boxes."""
    n, p = 3000, 0.2
    profile = AnnotatorProfile(
        **{"name": "ann", "miss": 0, "spurious": 0, "jitter": 0.02, "wrong_category": 0}
        | {"wrong_state": 0}
        | {rate: p}
    )
    answer = boxes(annotate(truth_of(n), profile, seed=5, frame_size=SIZE))
    happened = {
        "gone": n - len(answer),
        "category": pc.sum(pc.not_equal(answer["category"], "light")).as_py(),
        "state": pc.sum(pc.not_equal(answer["light_state"], "red")).as_py(),
    }
    assert abs(happened[change] / n - p) < 4 * np.sqrt(p * (1 - p) / n)
    for other in happened.keys() - {change} - ({"state"} if change == "category" else set()):
        assert happened[other] == 0


def test_edges_scatter_by_the_stated_share() -> None:
    profile = AnnotatorProfile(name="ann", miss=0, spurious=0, jitter=0.1, wrong_category=0)
    answer = annotate(truth_of(2000, side=50), profile, seed=2, frame_size=SIZE)
    left = np.asarray(answer["x"]) - 100
    assert np.std(left) == pytest.approx(5.0, rel=0.1)
    assert abs(np.mean(left)) < 0.5
    assert np.std(np.asarray(answer["x"]) + np.asarray(answer["w"])) == pytest.approx(5.0, rel=0.1)


def test_boxes_around_nothing_are_poisson() -> None:
    empty = rows({FrameId(f"f{i}"): [] for i in range(2000)}, author="", source="simulated")
    profile = AnnotatorProfile(name="ann", spurious=0.5)
    answer = annotate(empty, profile, seed=2, frame_size=SIZE)
    assert len(marks_by_frame(answer)) == 2000
    assert len(boxes(answer)) / 2000 == pytest.approx(0.5, abs=4 * np.sqrt(0.5 / 2000))


def test_small_boxes_are_missed_more() -> None:
    def missed(side: float) -> float:
        return miss_chance(Mark(category="car", x=0, y=0, w=side, h=side), profile)

    profile = AnnotatorProfile(name="ann", miss=0.1)
    assert [missed(side) for side in (2, 16, 32, 64, 500)] == pytest.approx(
        [0.4, 0.2, 0.1, 0.05, 0.025]
    )
    profile = AnnotatorProfile(name="ann", miss=0.9)
    assert missed(2) == 0.95


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**40), st.permutations(range(12)))
def test_neither_order_nor_company_matters(seed: int, order: list[int]) -> None:
    truth = truth_of(12, side=12)
    profile = AnnotatorProfile(name="ann", miss=0.3, spurious=1.0, jitter=0.3, wrong_category=0.3)
    whole = annotate(truth, profile, seed=seed, frame_size=SIZE)
    assert annotate(truth.take(order), profile, seed=seed, frame_size=SIZE).equals(whole)
    frame = truth["frame_id"][order[0]].as_py()
    alone = annotate(
        truth.filter(pc.equal(truth["frame_id"], frame)), profile, seed=seed, frame_size=SIZE
    )
    assert marks_by_frame(alone)[frame] == marks_by_frame(whole)[frame]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**40), st.floats(0, 2), st.floats(-50, 700), st.floats(-50, 400))
def test_answers_stay_inside_the_frame(seed: int, jitter: float, x: float, y: float) -> None:
    mark = Mark(category="car", x=x, y=y, w=80, h=60)
    truth = rows({FrameId("f"): [mark]}, author="", source="simulated")
    profile = AnnotatorProfile(name="ann", miss=0, spurious=2, jitter=jitter)
    answer = boxes(annotate(truth, profile, seed=seed, frame_size=SIZE))
    for low, length, limit in (("x", "w", SIZE[0]), ("y", "h", SIZE[1])):
        start, extent = np.asarray(answer[low]), np.asarray(answer[length])
        assert (start >= 0).all()
        assert (extent >= 1).all()
        assert (start + extent <= limit + 1e-3).all()


def test_annotators_differ_and_seeds_differ() -> None:
    profile = AnnotatorProfile(name="ann", jitter=0.1)
    ben = AnnotatorProfile(name="ben", jitter=0.1)
    truth = truth_of(3)
    first = annotate(truth, profile, seed=1, frame_size=SIZE)["x"]
    assert first != annotate(truth, ben, seed=1, frame_size=SIZE)["x"]
    assert first != annotate(truth, profile, seed=2, frame_size=SIZE)["x"]


@pytest.mark.parametrize("fields", [{"miss": 1.5}, {"wrong_state": -0.1}, {"spurious": -1}])
def test_impossible_profiles(fields: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="of ann"):
        AnnotatorProfile(name="ann", **fields)
