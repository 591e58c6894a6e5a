"""The lead's desk: who has what, adjudication, reviews, lots and honeypots."""

from __future__ import annotations

from typing import Any

import pytest
from label_floor import BOX, Floor, box, frame

from ringroad.domain.errors import (
    LeaseLost,
    TaskMoved,
    UnknownName,
    UsageError,
)
from ringroad.domain.order import ACCEPTED, CLOSED, LabelOrder, LotPlan
from ringroad.domain.task import ADJUDICATE, CANCELLED, DRAW, HONEYPOT, OPEN, PARKED, REVIEW
from ringroad.pipelines.label import desk
from ringroad.pipelines.label.answers import submit
from ringroad.pipelines.label.orders import place_order, turn_order
from ringroad.pipelines.label.revisions import edit, revisions
from ringroad.pipelines.label.turns import skip, take


def test_a_skip_gives_the_task_to_others_until_it_is_parked(floor: Floor):
    floor.order(frames=1, looks=1)
    turn = floor.take("ann")
    with pytest.raises(UsageError, match="without a reason"):
        skip(floor.workspace, turn.task, turn.token, by="ann", reason=" ")
    skip(floor.workspace, turn.task, turn.token, by="ann", reason="dark")
    assert take(floor.workspace, "ann") is None
    for who, state in (("ben", OPEN), ("cyd", PARKED)):
        turn = floor.take(who)
        assert skip(floor.workspace, turn.task, turn.token, by=who, reason="dark").state == state
    assert take(floor.workspace, "dan") is None
    with pytest.raises(UsageError, match="had another task"):
        desk.assign(floor.workspace, turn.task, "ann")
    desk.assign(floor.workspace, turn.task, "dan", by="lea")
    assert floor.answer("dan", BOX).revision == 1


def test_who_was_assigned_alone_gets_it_and_a_holder_loses_it(floor: Floor):
    floor.order(frames=1, looks=1)
    held = floor.take("ann")
    desk.assign(floor.workspace, held.task, "ben", by="lea")
    assert take(floor.workspace, "ann") is None
    with pytest.raises(LeaseLost):
        submit(floor.workspace, held.task, held.token, by="ann", marks=[BOX])
    floor.answer("ben", BOX)
    with pytest.raises(TaskMoved, match="done by ben"):
        desk.assign(floor.workspace, held.task, "cyd")


def test_looks_stay_blind_when_they_are_assigned(floor: Floor):
    floor.order(frames=1)
    first = floor.take("ann")
    other = next(task for task in floor.tasks() if task.id != first.task)
    with pytest.raises(UsageError, match="another look"):
        desk.assign(floor.workspace, other.id, "ann")
    floor.answer("ann", BOX, turn=first)
    with pytest.raises(UsageError, match="another look"):
        desk.assign(floor.workspace, other.id, "ann")


def test_an_adjudicator_sees_the_looks_without_names_and_decides(floor: Floor):
    order = LabelOrder(id="", name="d", selection=floor.selection(1).id, looks="disputed")
    place_order(floor.workspace, order)
    floor.answer("ann", box(10.0))
    assert floor.answer("ben").next == ADJUDICATE
    assert take(floor.workspace, "ann") is None
    turn = floor.take("cyd")
    assert turn.kind == ADJUDICATE
    assert [[mark.x for mark in look] for look in turn.looks] == [[10.0], []]
    assert floor.answer("cyd", box(11.0), turn=turn).revision == 1
    [made] = revisions(floor.workspace, frame(0))
    assert (made.author, made.source) == ("cyd", "human")


def test_a_cancelled_look_lets_the_frame_go_on(floor: Floor):
    order = floor.order(frames=1)
    floor.answer("ann", BOX)
    [waiting] = floor.tasks(state=OPEN)
    assert desk.cancel(floor.workspace, waiting.id, by="lea", reason="late").state == CANCELLED
    more = floor.tasks(state=OPEN, order=order)
    assert [(task.kind, task.look, task.barred) for task in more] == [(DRAW, 2, ("ann",))]
    with pytest.raises(TaskMoved, match="cancelled"):
        desk.cancel(floor.workspace, waiting.id, reason="again")


def test_a_rejected_frame_is_mended_and_reviewed_again(floor: Floor):
    floor.order(frames=1, looks=1, review_share=1.0)
    floor.answer("ann", box(10.0))
    assert take(floor.workspace, "ann") is None  # nobody reviews their own
    turn = floor.take("rob")
    assert (turn.kind, [mark.x for mark in turn.marks]) == (REVIEW, [10.0])
    with pytest.raises(UsageError, match="it is a review"):
        submit(floor.workspace, turn.task, turn.token, by="rob", marks=[])
    with pytest.raises(UsageError, match="without a comment"):
        desk.review(floor.workspace, turn.task, turn.token, by="rob", accept=False)
    told = {"by": "rob", "accept": False, "comments": ["too wide"]}
    done = desk.review(floor.workspace, turn.task, turn.token, **told)
    assert desk.review(floor.workspace, turn.task, turn.token, **told).again
    with pytest.raises(LeaseLost):
        desk.review(floor.workspace, turn.task, turn.token, by="rob", accept=True)
    mend = floor.take("ann")
    assert (mend.task, mend.kind, mend.note) == (done.rework, "rework", "too wide")
    assert [mark.x for mark in mend.marks] == [10.0]
    assert floor.answer("ann", box(12.0), turn=mend).revision == 2
    last = floor.take("rob")
    assert [mark.x for mark in last.marks] == [12.0]
    desk.review(floor.workspace, last.task, last.token, by="rob", accept=True)
    assert floor.tasks(state=OPEN) == []


def inspect(floor: Floor, who: str, bad: set) -> int:
    """Review all that waits; frames in `bad` are rejected."""
    times = 0
    while (turn := take(floor.workspace, who, kinds=(REVIEW,))) is not None:
        accept = turn.frame not in bad
        desk.review(floor.workspace, turn.task, turn.token, by=who, accept=accept, comments=["no"])
        times += 1
    return times


def test_a_bad_lot_goes_back_as_a_whole_and_a_good_one_passes(floor: Floor):
    plan = LotPlan(size=4, aql=0.0, ltpd=0.5)
    order = floor.order(frames=8, looks=1, lots=plan)
    catalog = floor.workspace.catalog
    for _ in range(3):
        floor.answer("ann", BOX)
    assert [lot.state for lot in catalog.lots(order)] == ["drawing", "drawing"]
    for _ in range(5):
        floor.answer("ann", BOX)
    first, second = catalog.lots(order)
    assert (first.state, first.sample, first.limit) == ("inspecting", 3, 0)
    chosen = [task.frame for task in floor.tasks(kind=REVIEW, lot=0)]
    assert inspect(floor, "rob", {chosen[0]}) == 6
    first, second = catalog.lots(order)
    assert (first.state, first.round, first.bad) == ("drawing", 1, 1)
    assert (second.state, second.inspected, second.bad) == (ACCEPTED, 3, 0)
    rework = floor.tasks(kind="rework")
    assert sorted(task.frame for task in rework) == [frame(number) for number in range(4)]
    assert {task.assigned for task in rework} == {"ann"}
    notes = {task.frame: task.note for task in rework}
    assert notes.pop(chosen[0]) == "no"
    assert set(notes.values()) == {"lot 0 was rejected: 1 of 3 inspected frames are bad"}
    for _ in range(4):
        floor.answer("ann", BOX)
    assert inspect(floor, "rob", set()) == 3
    assert [lot.state for lot in catalog.lots(order)] == [ACCEPTED, ACCEPTED]
    events = [line.event for line in catalog.label_log(order=order) if "lot" in line.detail]
    assert events.count("rejected") == 1
    assert events.count("accepted") == 2


def test_honeypots_look_like_any_task_and_are_scored(floor: Floor):
    floor.order(frames=3, looks=1)
    floor.answer("ann", box(10.0), box(200.0))
    gold = desk.promote(floor.workspace, frame(0), by="lea", reason="measured")
    assert gold.guideline
    floor.order(frames=3, looks=1, name="second", honeypot_share=1.0)
    turn_order(floor.workspace, "first", CLOSED)
    floor.answer("ann", BOX)
    assert floor.tasks(kind=HONEYPOT) == []  # ann drew the gold frame herself
    held = floor.take("ben")
    assert held.frame == frame(1)
    floor.answer("ben", BOX, turn=held)
    pot = floor.take("ben")
    assert (pot.kind, pot.frame, pot.marks) == (DRAW, frame(0), ())
    assert floor.answer("ben", box(11.0), turn=pot).next == ""
    [task] = floor.tasks(kind=HONEYPOT)
    assert (task.annotator, task.score) == ("ben", pytest.approx(2 / 3))
    assert floor.workspace.catalog.scores() == {"ben": (1, pytest.approx(2 / 3))}
    assert revisions(floor.workspace, frame(0))[-1].author == "ann"
    desk.withdraw(floor.workspace, frame(0), by="lea")
    assert floor.workspace.catalog.gold() == {}
    with pytest.raises(UnknownName):
        desk.withdraw(floor.workspace, frame(0), by="lea")
    with pytest.raises(UnknownName):
        desk.promote(floor.workspace, frame(7), by="lea")


def test_a_honeypot_begins_as_the_tasks_around_it_do(floor: Floor):
    """Among tasks that begin with something, one that does not would be known."""
    floor.order(frames=1, looks=1)
    floor.answer("ann", box(10.0))
    desk.promote(floor.workspace, frame(0), by="lea", reason="measured")
    turn_order(floor.workspace, "first", CLOSED)

    def begun(name: str, *numbers: int) -> list[Any]:
        """The frames that somebody gets in an order with pre-labels on some frames."""
        heads = floor.workspace.catalog.heads([frame(number) for number in numbers])
        expected = {frame(n): heads[frame(n)].number if frame(n) in heads else 0 for n in numbers}
        seen = {at: [box(50.0)] for at in expected}
        batch = edit(floor.workspace, seen, expected=expected, author="net", source="model").batch
        floor.order(frames=3, looks=1, name=name, honeypot_share=1.0, prelabels=batch.id)
        turns = []
        for who in ("ann", name, name):  # ann has the gold frame itself
            turn = floor.take(who)
            turns.append((turn.frame, [mark.x for mark in turn.marks]))
            floor.answer(who, BOX, turn=turn)
        turn_order(floor.workspace, name, CLOSED)
        return turns[1:]

    assert begun("without", 1, 2) == [(frame(1), [50.0]), (frame(2), [50.0])]
    assert begun("with", 0, 1, 2) == [(frame(1), [50.0]), (frame(0), [50.0])]
