"""Consensus and agreement of blind answers."""

from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringroad.domain.errors import InvalidAnnotations
from ringroad.domain.ids import FrameId
from ringroad.label.agreement import agreement
from ringroad.label.annotators import AnnotatorProfile, annotate
from ringroad.label.consensus import reach_consensus
from ringroad.label.cost import CostModel, cost_by_frame, label_cost
from ringroad.label.matching import iou_matrix, pair
from ringroad.label.rows import Mark, marks_by_frame, rows

F = FrameId("f")


def box(x: float, y: float = 0, side: float = 40, category: str = "car", state: str = "") -> Mark:
    return Mark(category=category, x=x, y=y, w=side, h=side, light_state=state)


def said(author: str, *marks: Mark, frame: FrameId = F) -> pa.Table:
    return rows({frame: list(marks)}, author=author, source="human")


def test_overlap_by_hand() -> None:
    first = np.array([[0, 0, 10, 10], [50, 50, 10, 10]], dtype=float)
    second = np.array([[5, 0, 10, 10]], dtype=float)
    assert iou_matrix(first, second)[:, 0] == pytest.approx([1 / 3, 0])
    assert iou_matrix(first, second[:0]).shape == (2, 0)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 2**32))
def test_pairs_are_the_best_of_all(n: int, m: int, seed: int) -> None:
    rng = np.random.Generator(np.random.PCG64(seed))
    first = np.concatenate([rng.uniform(0, 30, (n, 2)), rng.uniform(10, 30, (n, 2))], axis=1)
    second = np.concatenate([rng.uniform(0, 30, (m, 2)), rng.uniform(10, 30, (m, 2))], axis=1)
    overlap = np.where(iou_matrix(first, second) >= 0.3, iou_matrix(first, second), 0)
    found = pair(first, second, min_iou=0.3)
    assert all(value >= 0.3 for _, _, value in found)
    if n > m:
        overlap, n, m = overlap.T, m, n
    best = max(
        sum(overlap[i, j] for i, j in enumerate(p)) for p in itertools.permutations(range(m), n)
    )
    assert sum(value for _, _, value in found) == pytest.approx(best)


def test_matched_boxes_are_averaged() -> None:
    made = reach_consensus([said("ann", box(100)), said("ben", box(110, 4))])
    assert made.disagreements == ()
    assert marks_by_frame(made.annotations) == {F: [box(105, 2)]}
    assert made.annotations["source"].to_pylist() == ["consensus"]


def test_a_lone_box_stands_if_it_is_large() -> None:
    made = reach_consensus([said("ann", box(0), box(200, side=10)), said("ben")])
    assert marks_by_frame(made.annotations)[F] == [box(0)]
    assert [(d.kind, d.decided, d.by) for d in made.disagreements] == [
        ("existence", "car", "size"),
        ("existence", "", "size"),
    ]
    assert made.disagreements[0].said == {"ann": "car", "ben": ""}


def test_an_adjudicator_decides_about_lone_boxes() -> None:
    answers = [said("ann", box(0), box(200, side=10)), said("ben")]
    made = reach_consensus(answers, adjudicator=said("cyd", box(201, side=10)))
    assert marks_by_frame(made.annotations)[F] == [box(200, side=10)]
    assert {d.by for d in made.disagreements} == {"adjudicator"}
    nothing = reach_consensus(answers, adjudicator=said("cyd"))
    assert marks_by_frame(nothing.annotations) == {F: []}


def test_categories_go_by_majority_then_by_adjudicator() -> None:
    ann, ben = said("ann", box(0)), said("ben", box(0, category="cyclist"))
    cyd = said("cyd", box(0, category="cyclist"))
    majority = reach_consensus([ann, ben, cyd])
    assert majority.annotations["category"].to_pylist() == ["cyclist"]
    assert majority.disagreements[0].by == "majority"
    judged = reach_consensus([ann, ben], adjudicator=cyd)
    assert judged.annotations["category"].to_pylist() == ["cyclist"]
    assert judged.disagreements[0].by == "adjudicator"
    tie = reach_consensus([ben, ann])
    assert tie.annotations["category"].to_pylist() == ["car"]
    assert tie.disagreements[0].by == "order"


def test_states_of_lights_go_by_majority_of_those_who_know() -> None:
    def light(author: str, state: str) -> pa.Table:
        return said(author, box(0, category="light", state=state))

    made = reach_consensus([light("ann", "red"), light("ben", "unknown")])
    assert made.annotations["light_state"].to_pylist() == ["red"]
    three = reach_consensus([light("ann", "red"), light("ben", "green"), light("cyd", "green")])
    assert three.annotations["light_state"].to_pylist() == ["green"]
    assert [d.kind for d in three.disagreements] == ["light_state"]
    unknown = reach_consensus([light("ann", "unknown"), light("ben", "unknown")])
    assert unknown.annotations["light_state"].to_pylist() == ["unknown"]
    car = reach_consensus([light("ann", "red"), said("ben", box(0)), said("cyd", box(0))])
    assert car.annotations["light_state"].to_pylist() == [""]


def test_neighbours_of_different_category_stay_apart() -> None:
    """Two overlapping boxes: equal categories pair although the other overlap is as good."""
    rider, bike = box(0, 0, category="pedestrian"), box(6, 0, category="cyclist")
    swapped = [box(5, 0, category="cyclist"), box(2, 0, category="pedestrian")]
    made = reach_consensus([said("ann", rider, bike), said("ben", *swapped)])
    assert made.disagreements == ()
    assert sorted(made.annotations["category"].to_pylist()) == ["cyclist", "pedestrian"]


def test_two_empty_looks_make_an_empty_frame() -> None:
    made = reach_consensus([said("ann"), said("ben")])
    assert made.annotations["category"].to_pylist() == [""]
    assert marks_by_frame(made.annotations) == {F: []}


def test_one_look_is_no_consensus() -> None:
    for reach in (reach_consensus, agreement):
        with pytest.raises(InvalidAnnotations, match="only ann"):
            reach([said("ann", box(0))])


def test_agreement_by_hand() -> None:
    ann = said("ann", box(0), box(100, category="cyclist"), box(300))
    ben = said("ben", box(0), box(100), box(500))
    figures = agreement([ann, ben])
    assert figures.frames == 1
    assert figures.boxes == 6
    assert figures.matched == pytest.approx(4 / 6)
    assert figures.mean_iou == pytest.approx(1.0)
    assert figures.kappa_category == pytest.approx(0.0)  # one of two agrees; so does chance
    assert figures.kappa_state is None
    # Four things, three of them seen differently; of eight values car 5, cyclist 1, nothing 2.
    assert figures.alpha == pytest.approx(1 - 7 * 6 / (8**2 - 5**2 - 1**2 - 2**2))


def test_agreement_of_nothing() -> None:
    figures = agreement([said("ann"), said("ben")])
    assert (figures.matched, figures.mean_iou, figures.alpha) == (None, None, None)


def test_consensus_does_not_depend_on_who_answers_first() -> None:
    marks = [box(60.0 * i, side=20 + 3 * i, category=c) for i, c in enumerate(["car", "light"] * 4)]
    truth = rows({FrameId(f"f{i}"): marks for i in range(10)}, author="", source="simulated")
    answers = [
        annotate(
            truth, AnnotatorProfile(name=n, miss=0.3, jitter=0.1), seed=1, frame_size=(640, 384)
        )
        for n in ("ann", "ben", "cyd")
    ]
    made = [reach_consensus(list(order)) for order in itertools.permutations(answers)]
    assert all(m.annotations.equals(made[0].annotations) for m in made)
    assert all(m.disagreements == made[0].disagreements for m in made)


def test_consensus_is_better_than_either_look() -> None:
    """Against the truth, edges are nearer and fewer boxes are lost than in one look."""
    marks = [box(70.0 * i, 30.0 * i, side=30 + 4 * i) for i in range(8)]
    truth = rows({FrameId(f"f{i:03d}"): marks for i in range(80)}, author="", source="simulated")
    looks = [
        annotate(
            truth, AnnotatorProfile(name=n, miss=0.15, jitter=0.06), seed=4, frame_size=(640, 384)
        )
        for n in ("ann", "ben", "cyd")
    ]
    made = reach_consensus(looks[:2], adjudicator=looks[2]).annotations

    def against_truth(table: pa.Table) -> tuple[float, float]:
        own = pa.table(table.set_column(8, "author", pa.array(["x"] * len(table))))
        figures = agreement([truth.set_column(8, "author", pa.array(["t"] * len(truth))), own])
        return figures.matched or 0, figures.mean_iou or 0

    matched, overlap = against_truth(made)
    for look in looks:
        assert matched > against_truth(look)[0]
        assert overlap > against_truth(look)[1]


def test_costs() -> None:
    answers = pa.concat_tables([said("ann", box(0), box(90)), said("ben")])
    model = CostModel(seconds_per_box=10, seconds_per_look=5)
    cost = label_cost(answers, model=model)
    assert (cost.looks, cost.boxes, cost.seconds) == (2, 3, 30.0)
    assert cost_by_frame(said("ann", box(0), box(90))) == {F: 2}
    assert cost_by_frame(said("ann")) == {F: 1}
    assert cost_by_frame(said("ann"), model=CostModel(boxes_per_empty_frame=0)) == {F: 0}
