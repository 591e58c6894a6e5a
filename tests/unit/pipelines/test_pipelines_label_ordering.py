"""What is ordered, who gets it, and how far it has come."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest
from label_floor import BOX, Floor, box, frame

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import (
    InputError,
    InvalidConfig,
    TaskMoved,
    UnknownName,
    UsageError,
)
from ringroad.domain.ids import FrameId
from ringroad.domain.order import CLOSED, PAUSED, LabelOrder, OrderMove
from ringroad.domain.task import DONE, REVIEW
from ringroad.domain.time import SECOND_NS
from ringroad.label.rows import Mark, rows
from ringroad.label.tasks import identified
from ringroad.pipelines.label.orders import place_order, turn_order
from ringroad.pipelines.label.progress import costs_of, progress_of
from ringroad.pipelines.label.records import stored_rows
from ringroad.pipelines.label.revisions import edit, revision_marks, revisions
from ringroad.pipelines.label.turns import beat, skip, take


def test_annotators_take_turns_where_that_was_ordered(floor: Floor):
    order = LabelOrder(
        id="", name="turns", selection=floor.selection(3).id, looks_options={"looks": 2}
    )
    with pytest.raises(UsageError, match="at least as many"):
        place_order(floor.workspace, order, assigned_to=["ann"])
    place_order(floor.workspace, order, assigned_to=["ann", "ben", "cyd"])
    pairs = [
        tuple(task.assigned for task in floor.tasks(frame=frame(number))) for number in range(3)
    ]
    assert pairs == [("ann", "ben"), ("ann", "cyd"), ("ben", "cyd")]
    assert take(floor.workspace, "dan") is None


def test_lists_of_annotators_and_reviewers_are_kept_to(floor: Floor):
    floor.order(frames=1, looks=1, annotators=("ann",), reviewers=("rob",), review_share=1.0)
    assert take(floor.workspace, "ben") is None
    floor.answer("ann", BOX)
    assert take(floor.workspace, "ann") is None
    assert take(floor.workspace, "ben") is None
    assert floor.take("rob").kind == REVIEW


def test_placing_an_order_again_changes_nothing(floor: Floor):
    order = floor.order()
    before = floor.workspace.catalog.label_log()
    assert floor.order() == order
    assert floor.workspace.catalog.label_log() == before
    with pytest.raises(TaskMoved, match="that name"):
        floor.order(frames=3)
    assert len(floor.workspace.catalog.orders()) == 1


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"looks": "tarot"}, UnknownName),
        ({"consensus": "tarot"}, UnknownName),
        ({"looks_options": {"cards": 3}}, InvalidConfig),
        ({"looks_options": {"looks": 0}}, InvalidConfig),
        ({"consensus_options": {"min_iou": 2.0}}, InvalidConfig),
        ({"selection": "selection:none"}, UnknownName),
    ],
)
def test_an_order_that_cannot_be_is_refused(floor: Floor, values: dict, error: type):
    order = LabelOrder(id="", name="odd", selection=floor.selection(2).id)
    with pytest.raises(error):
        place_order(floor.workspace, replace(order, **values))
    empty = replace(order, selection=floor.selection(0).id)
    with pytest.raises(InputError, match="no frame"):
        place_order(floor.workspace, empty)
    assert floor.workspace.catalog.orders() == []


def test_a_paused_order_hands_out_nothing_and_loses_no_work(floor: Floor):
    floor.order(frames=2, looks=1)
    held = floor.take("ann")
    turn_order(floor.workspace, "first", PAUSED, by="lea")
    assert take(floor.workspace, "ben") is None
    assert floor.answer("ann", BOX, turn=held).revision == 1
    turn_order(floor.workspace, "first", "active")
    assert take(floor.workspace, "ben") is not None
    turn_order(floor.workspace, "first", CLOSED)
    assert take(floor.workspace, "cyd") is None


@pytest.mark.parametrize("large", [1 << 20, 0], ids=["small", "large"])
def test_annotators_begin_with_pre_labels(
    floor: Floor, monkeypatch: pytest.MonkeyPatch, large: int
):
    from ringroad.label.prelabels import prelabels
    from ringroad.media.schemas import PREDICTIONS
    from ringroad.pipelines.label import records as label_records

    monkeypatch.setattr(label_records, "LARGE", large)
    seen = [
        {"prediction_id": str(n), "frame_id": frame(n % 2), "model": "m", "category": "car",
         "score": score, "x": 10.0 * n, "y": 1.0, "w": 5.0, "h": 5.0, "light_state": ""}
        for n, score in enumerate((0.9, 0.8, 0.1, 0.7))
    ]  # fmt: skip
    table = pa.Table.from_pylist(seen, schema=PREDICTIONS)
    frames = [frame(number) for number in range(3)]
    made = prelabels(table, frames, author="net", min_score=0.5)
    assert set(made["source"].to_pylist()) == {"model"}
    batch = label_records.stored_rows(floor.workspace, made)
    with pytest.raises(UnknownName):
        floor.order(frames=3, looks=1, prelabels=batch.id)
    floor.workspace.catalog.change_labels([], artifacts=[batch], now_ns=1)
    floor.order(frames=3, looks=1, prelabels=batch.id)
    turns = [floor.take(who) for who in ("ann", "ben", "cyd")]
    assert [[mark.x for mark in turn.marks] for turn in turns] == [[0.0], [10.0, 30.0], []]
    floor.answer("ann", *turns[0].marks, turn=turns[0])
    [kept] = revision_marks(floor.workspace, frame(0))
    assert kept.id == turns[0].marks[0].id
    [made_by] = revisions(floor.workspace, frame(0))
    assert (made_by.author, made_by.source) == ("ann", "human")


def test_what_was_written_beside_an_order_is_named_when_it_is_followed(floor: Floor):
    floor.order(frames=1, looks=1)
    floor.clock.advance(1)
    edit(floor.workspace, {frame(0): [BOX]}, expected={frame(0): 0}, author="eve")
    assert floor.answer("ann", BOX).revision == 2
    last = revisions(floor.workspace, frame(0))[-1]
    assert last.reason == "order first: one look; in place of revision 1 by eve"


def test_priorities_lead_the_queue(floor: Floor):
    order = LabelOrder(id="", name="ranked", selection=floor.selection(3).id)
    place_order(floor.workspace, order, priorities={frame(2): 0.9, frame(1): 0.1})
    order_of_work = [floor.take(who).frame for who in ("ann", "ben", "cyd")]
    assert order_of_work == [frame(2), frame(1), frame(0)]


def test_a_fixed_policy_asks_no_further_look(floor: Floor):
    floor.order(frames=1, looks=1)
    floor.answer("ann", BOX)
    assert [task.state for task in floor.tasks()] == [DONE]


def test_progress_and_cost(floor: Floor):
    floor.order(frames=4, looks=2)
    start = progress_of(floor.workspace, "first")
    assert (start.left, start.eta_ns, start.seconds_per_answer) == (8.0, None, None)
    for who in ("ann", "ben", "ann", "ben"):
        floor.answer(who, BOX, box(100.0))
    turn = floor.take("ann")
    floor.clock.advance(30 * SECOND_NS)
    skip(floor.workspace, turn.task, turn.token, by="ann", reason="fog")
    floor.clock.advance(110 * SECOND_NS)
    now = progress_of(floor.workspace, "first")
    assert (now.settled, now.answers, now.waiting, now.marks) == (2, 4, 4, 8)
    assert (now.looks_per_frame, now.seconds_per_answer, now.seconds_per_mark) == (2.0, 10.0, 5.0)
    assert now.hours_left == pytest.approx(4 * 10 / 3600)
    assert now.answers_per_hour == pytest.approx(4 * 3600 / 180)
    assert now.eta_ns == floor.clock.now_ns() + 180 * SECOND_NS
    ann, ben = costs_of(floor.workspace, "first", per_hour=36.0)
    assert (ann.answers, ann.marks, ann.skipped) == (2, 4, 1)
    assert (ann.hours * 3600, ann.lost_hours * 3600) == (20.0, pytest.approx(30.0))
    assert ann.cost == pytest.approx(0.5)
    assert (ben.cost, ben.cost_per_mark) == (pytest.approx(0.2), pytest.approx(0.05))


def test_answers_to_frames_that_wait_for_more_are_no_looks_of_settled_ones(floor: Floor):
    floor.order(frames=4, looks=2)
    for who in ("ann", "ben", "ann"):  # one frame is settled, another half done
        floor.answer(who, BOX)
    now = progress_of(floor.workspace, "first")
    assert (now.settled, now.answers, now.looks_per_frame, now.left) == (1, 3, 2.0, 5.0)


def test_the_pace_of_an_order_that_is_done_stays(floor: Floor):
    floor.order(frames=2, looks=1)
    for _ in range(2):
        floor.answer("ann", BOX)
        floor.clock.advance(60 * SECOND_NS)
    done = progress_of(floor.workspace, "first")
    assert done.answers_per_hour is not None
    floor.clock.advance(3600 * SECOND_NS)
    assert progress_of(floor.workspace, "first").answers_per_hour == done.answers_per_hour


def test_time_without_a_sign_of_life_is_no_work(floor: Floor):
    floor.order(frames=1, looks=1)
    turn = floor.take("ann")
    for _ in range(3):
        floor.clock.advance(50 * SECOND_NS)
        beat(floor.workspace, turn.task, turn.token)
    floor.clock.advance(1000 * SECOND_NS)
    floor.answer("ann", BOX, turn=turn)
    [ann] = costs_of(floor.workspace)
    assert ann.hours * 3600 == pytest.approx(150 + 120)


def test_lineage_leads_from_annotations_to_what_was_ordered(floor: Floor):
    order = floor.order(frames=1)
    first = floor.answer("ann", BOX)
    floor.answer("ben", BOX)
    [made] = revisions(floor.workspace, frame(0))
    [execution] = [
        item
        for item in floor.workspace.catalog.reach(made.batch, up=True)
        if item.key.step == "label_answer" and made.batch in item.outputs.values()
    ]
    known = floor.workspace.catalog.order(order)
    assert set(execution.inputs.values()) == {
        known.selection,
        f"guideline:{known.guideline}",
        first.answer,
    }


def test_the_loop_hands_in_an_order_and_its_answered_tasks(floor: Floor):
    from ringroad.domain.artifact import Artifact
    from ringroad.label.rows import rows
    from ringroad.pipelines.label.annotate import ANNOTATORS, _answered

    ranking = Artifact(kind="ranking", digest="1" * 64, size_bytes=1, media="x/y")
    frames = [frame(0), frame(1)]
    answers = [rows({frame(0): [BOX], frame(1): []}, author=who, source="simulated")
               for who in ANNOTATORS]  # fmt: skip
    batches = {
        who: Artifact(kind="answers", digest=str(n) * 64, size_bytes=1, media="x/y")
        for n, who in enumerate(ANNOTATORS)
    }
    for _ in range(2):  # the same answers once more are the same order
        records = _answered(ranking, frames, answers, batches, 7)
        floor.workspace.catalog.change_labels(records, now_ns=floor.clock.now_ns())
    [order] = floor.workspace.catalog.orders()
    assert (order.state, order.seed, order.created_ns) == (CLOSED, 7, floor.clock.now_ns())
    done = [(task.frame, task.annotator, task.marks) for task in floor.tasks(order=order.id)]
    assert done == [(at, who, int(at == frame(0))) for at in frames for who in ANNOTATORS]
    assert {line.event for line in floor.workspace.catalog.label_log()} == {"ordered", "answered"}


def begun_with(floor: Floor, marks: dict[FrameId, list[Mark]]) -> Artifact:
    """A batch of pre-labels."""
    batch = stored_rows(floor.workspace, rows(marks, author="net", source="model"))
    floor.workspace.catalog.change_labels([], artifacts=[batch], now_ns=1)
    return batch


def test_prelabels_that_the_guideline_refuses_are_left_out(floor: Floor):
    odd = [
        box(category="light", light_state="red"),
        box(shape="polygon", points=(0, 0, 1, 0, 1, 1)),
        box(attributes={"occluded": "hardly"}),
    ]
    batch = begun_with(floor, {frame(0): [BOX, *odd], frame(1): odd[:1], frame(5): odd[:1]})
    placed = floor.placed(prelabels=batch.id)
    assert placed.left_out == {"car": 2, "light": 2}
    for number, begin in ((0, 1), (1, 0)):
        turn = floor.take("ann")
        assert (turn.frame, len(turn.marks)) == (frame(number), begin)
        assert floor.answer("ann", *turn.marks, turn=turn).marks == begin
    again = floor.placed(prelabels=batch.id)
    assert (again.order.id, again.tasks, again.left_out) == (placed.order.id, 0, placed.left_out)


def test_prelabels_that_the_guideline_takes_stay_the_batch_they_are(floor: Floor):
    batch = begun_with(floor, {frame(0): [BOX], frame(1): []})
    placed = floor.placed(prelabels=batch.id)
    assert (placed.order.prelabels, placed.left_out) == (batch.id, {})


def test_an_order_that_was_placed_with_all_prelabels_stays(floor: Floor):
    batch = begun_with(floor, {frame(0): [box(category="light")]})
    order = identified(floor.wanted(prelabels=batch.id))
    floor.workspace.catalog.change_labels(
        [OrderMove(order=order, event="ordered", at_ns=1, actor="lea")], now_ns=1
    )
    again = floor.placed(prelabels=batch.id)
    assert (again.order.id, again.left_out) == (order.id, {})
