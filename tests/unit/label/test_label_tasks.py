"""Tasks that an order opens, and chances that hang on their arguments alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from ringroad.domain.errors import UsageError
from ringroad.domain.ids import ArtifactId, FrameId
from ringroad.domain.order import LabelOrder, LotPlan
from ringroad.label.frame_flow import chance
from ringroad.label.honeypots import score
from ringroad.label.rows import Mark
from ringroad.label.tasks import identified, in_turns, lots_of, opening

FRAMES = [FrameId(f"car/r/cam/{number:06d}") for number in range(12)]
ORDER = identified(LabelOrder(id="", name="first", selection=ArtifactId("selection:0")))


def test_an_order_is_what_was_ordered():
    assert identified(replace(ORDER, state="closed", created_ns=7)).id == ORDER.id
    assert identified(replace(ORDER, seed=1)).id != ORDER.id
    assert len(ORDER.id) == 32


def test_looks_of_a_frame_stand_together_in_the_order_of_frames():
    tasks = [move.task for move in opening(ORDER, FRAMES, first=2, priorities={FRAMES[1]: 0.5})]
    assert [task.frame for task in tasks] == [frame for frame in FRAMES for _ in range(2)]
    assert [task.look for task in tasks[:4]] == [0, 1, 0, 1]
    assert [task.priority for task in tasks[:4]] == [0.0, 0.0, 0.5, 0.5]
    assert len({task.id for task in tasks}) == len(tasks)
    again = [move.task for move in opening(ORDER, FRAMES, first=2)]
    assert [task.id for task in tasks] == [task.id for task in again]
    other = opening(identified(replace(ORDER, name="second")), FRAMES, first=2)
    assert {task.id for task in tasks}.isdisjoint(move.task.id for move in other)


def test_annotators_take_turns_evenly_and_each_meets_each():
    turns = in_turns(FRAMES, ["cyd", "ann", "ben", "ann"], looks=2)
    assert Counter(turns.values()) == {
        ("ann", "ben"): 4,
        ("ann", "cyd"): 4,
        ("ben", "cyd"): 4,
    }
    with pytest.raises(UsageError, match="3 looks per frame by 2 annotators"):
        in_turns(FRAMES, ["ann", "ben"], looks=3)


def test_lots_hold_frames_in_order_and_the_last_the_rest():
    order = replace(ORDER, lots=LotPlan(size=5, aql=0.0, ltpd=0.1))
    assert [move.lot.frames for move in lots_of(order, FRAMES)] == [5, 5, 2]
    lots = [move.task.lot for move in opening(order, FRAMES, first=1)]
    assert lots == [0] * 5 + [1] * 5 + [2] * 2
    assert lots_of(ORDER, FRAMES) == []


def test_chance_is_even_and_repeatable():
    drawn = [chance(0, "order", number) for number in range(4000)]
    assert drawn == [chance(0, "order", number) for number in range(4000)]
    assert all(0 <= value < 1 for value in drawn)
    assert sum(value < 0.25 for value in drawn) == pytest.approx(1000, abs=100)


def box(x: float, category: str = "car") -> Mark:
    return Mark(category=category, x=x, y=0.0, w=10.0, h=10.0)


@pytest.mark.parametrize(
    ("answer", "gold", "right"),
    [
        ([], [], 1.0),
        ([box(0)], [], 0.0),
        ([box(0), box(50)], [box(1), box(51)], 1.0),
        ([box(0)], [box(1), box(51)], 2 / 3),
        ([box(0, "van")], [box(0)], 0.0),
    ],
)
def test_honeypots_are_scored_by_what_was_found(answer: list, gold: list, right: float):
    assert score(answer, gold) == pytest.approx(right)
