"""The labelling service from order to accepted frames, one annotator's turn at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from label_floor import BOX, URBAN, Floor, box, frame

from ringroad.domain.errors import (
    InputError,
    InvalidAnnotations,
    InvalidConfig,
    LeaseLost,
    TaskMoved,
    UnknownName,
    UsageError,
)
from ringroad.domain.order import ACCEPTED, CLOSED, PAUSED, LabelOrder, LotPlan
from ringroad.domain.task import ADJUDICATE, CANCELLED, DONE, DRAW, HONEYPOT, OPEN, PARKED, REVIEW
from ringroad.domain.taxonomy import Category, Guideline, Taxonomy
from ringroad.domain.time import SECOND_NS
from ringroad.label.rows import Mark
from ringroad.pipelines import label_desk as desk
from ringroad.pipelines.label_answers import submit
from ringroad.pipelines.label_guidelines import create_guideline
from ringroad.pipelines.label_orders import place_order, turn_order
from ringroad.pipelines.label_progress import costs_of, progress_of
from ringroad.pipelines.label_revisions import edit, revision_marks, revisions
from ringroad.pipelines.label_turns import beat, skip, take
from ringroad.testing.catalog_nouns import recording_of


def test_two_blind_looks_become_one_revision(floor: Floor):
    order = floor.order(frames=1)
    first = floor.answer("ann", box(10.0))
    assert (first.next, first.revision) == ("waiting", 0)
    assert revisions(floor.workspace, frame(0)) == []
    second = floor.answer("ben", box(12.0))
    assert (second.next, second.revision) == ("settled", 1)
    [made] = revisions(floor.workspace, frame(0))
    assert (made.author, made.source) == ("consensus", "consensus")
    assert made.guideline == floor.workspace.catalog.order(order).guideline
    assert made.made_ns == floor.clock.now_ns()
    [mark] = revision_marks(floor.workspace, frame(0))
    assert (mark.category, mark.x, mark.guideline) == ("car", 11.0, made.guideline)
    rows = floor.workspace.rows("annotations").to_pylist()
    assert [row["annotation_id"] for row in rows] == [mark.id]


def test_one_look_is_its_own_annotations(floor: Floor):
    floor.order(frames=1, looks=1)
    assert floor.answer("ann", box(), box(100.0, category="cyclist")).revision == 1
    [made] = revisions(floor.workspace, frame(0))
    assert (made.author, made.source, made.reason) == ("ann", "human", "order first: one look")


def test_a_frame_that_holds_nothing_is_an_answer(floor: Floor):
    floor.order(frames=1)
    floor.answer("ann")
    assert floor.answer("ben").next == "settled"
    assert revision_marks(floor.workspace, frame(0)) == []
    assert floor.workspace.rows("annotations")["category"].to_pylist() == [""]


def test_nobody_gets_both_looks_of_a_frame(floor: Floor):
    order = floor.order(frames=3)
    for _ in range(3):
        floor.answer("ann", BOX)
    assert take(floor.workspace, "ann") is None
    assert [task.barred for task in floor.tasks(state=OPEN)] == [("ann",)] * 3
    floor.answer("ben", BOX)
    by_frame = {task.frame: task.annotator for task in floor.tasks(state=DONE, order=order)}
    assert by_frame[frame(0)] == "ben"


def test_nobody_sees_another_look(floor: Floor):
    floor.order(frames=1)
    floor.answer("ann", BOX)
    turn = floor.take("ben")
    assert (turn.marks, turn.looks, turn.note, turn.kind) == ((), (), "", DRAW)
    assert turn.guideline == URBAN


def test_whoever_comes_late_holds_no_second_look(floor: Floor):
    """A lease that expired is good until somebody takes the task, but never for two looks."""
    floor.order(frames=1)
    late = floor.take("ann", lease_ns=SECOND_NS)
    floor.clock.advance(2 * SECOND_NS)
    task = floor.workspace.catalog.task(late.task)
    desk.prioritise(floor.workspace, task.id, -1.0)  # so that ann gets the other look next
    other = floor.take("ann", lease_ns=60 * SECOND_NS)
    assert other.task != late.task
    floor.answer("ann", BOX, turn=late)
    with pytest.raises(LeaseLost):
        submit(floor.workspace, other.task, other.token, by="ann", marks=[BOX])
    assert floor.workspace.catalog.task(other.task).holder == ""
    assert take(floor.workspace, "ann") is None


def test_the_same_answer_again_changes_nothing(floor: Floor):
    floor.order(frames=1)
    turn = floor.take("ann")
    done = floor.answer("ann", BOX, turn=turn)
    before = floor.workspace.catalog.label_log()
    again = submit(floor.workspace, turn.task, turn.token, by="ann", marks=[BOX])
    assert (again.again, again.answer) == (True, done.answer)
    assert floor.workspace.catalog.label_log() == before


def test_another_answer_under_the_same_token_is_refused(floor: Floor):
    floor.order(frames=1)
    turn = floor.take("ann")
    floor.answer("ann", BOX, turn=turn)
    for who in ("ann", "ben"):
        with pytest.raises(LeaseLost, match="it is done by ann"):
            submit(floor.workspace, turn.task, turn.token, by=who, marks=[box(90.0)])
    [done] = floor.tasks(state=DONE)
    assert done.marks == 1


def test_an_answer_under_a_lease_that_passed_on_is_refused(floor: Floor):
    floor.order(frames=1, looks=1)
    late = floor.take("ann", lease_ns=SECOND_NS)
    floor.clock.advance(SECOND_NS)
    now = floor.take("ben")
    with pytest.raises(LeaseLost, match="ben has it"):
        submit(floor.workspace, late.task, late.token, by="ann", marks=[BOX])
    with pytest.raises(LeaseLost):
        submit(floor.workspace, now.task, now.token, by="ann", marks=[BOX])
    with pytest.raises(LeaseLost):
        beat(floor.workspace, late.task, late.token)
    with pytest.raises(LeaseLost):
        skip(floor.workspace, late.task, late.token, by="ann", reason="late")
    assert floor.answer("ben", turn=now).revision == 1


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        (box(category="cra"), "'cra' is no category.*do you mean car"),
        (box(shape="polygon", points=(0, 0, 1, 0, 1, 1)), "'polygon' is no shape of car.*box"),
        (box(attributes={"ocluded": "no"}), "'ocluded' is no attribute of car.*occluded"),
        (box(attributes={"occluded": "mostyl"}), "'mostyl' is no value.*do you mean mostly"),
        (box(w=0.0), "has no area"),
        (box(x=float("nan")), "not a number"),
    ],
    ids=["category", "shape", "attribute", "value", "area", "nan"],
)
def test_what_the_guideline_does_not_know_is_refused(floor: Floor, mark: Mark, message: str):
    floor.order(frames=1)
    turn = floor.take("ann")
    with pytest.raises(InvalidAnnotations, match=message):
        submit(floor.workspace, turn.task, turn.token, by="ann", marks=[mark])
    assert floor.tasks(state=DONE) == []
    assert floor.answer("ann", box(attributes={"plate": "anything"}), turn=turn).marks == 1


def test_what_lies_outside_the_frame_of_a_video_is_refused(floor: Floor):
    recording = replace(recording_of("r"), id="car/r")  # h264, 640 x 384 px
    cam = replace(recording.channels[0], name="cam")
    floor.workspace.catalog.adopt(replace(recording, channels=(cam,)))
    floor.order(frames=1, looks=1)
    turn = floor.take("ann")
    with pytest.raises(InvalidAnnotations, match="outside the frame of 640 x 384"):
        submit(floor.workspace, turn.task, turn.token, by="ann", marks=[box(640.0)])
    assert floor.answer("ann", box(630.0), turn=turn).marks == 1


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
    from ringroad.pipelines import label_records

    monkeypatch.setattr(label_records, "LARGE", large)
    rows = [
        {"prediction_id": str(n), "frame_id": frame(n % 2), "model": "m", "category": "car",
         "score": score, "x": 10.0 * n, "y": 1.0, "w": 5.0, "h": 5.0, "light_state": ""}
        for n, score in enumerate((0.9, 0.8, 0.1, 0.7))
    ]  # fmt: skip
    table = pa.Table.from_pylist(rows, schema=PREDICTIONS)
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


def test_a_fixed_policy_asks_no_further_look(floor: Floor):
    floor.order(frames=1, looks=1)
    floor.answer("ann", BOX)
    assert [task.state for task in floor.tasks()] == [DONE]


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


def test_nobody_without_a_name(floor: Floor):
    floor.order()
    for name in ("", " ", " ann"):
        with pytest.raises(UsageError, match="no name"):
            take(floor.workspace, name)


def test_annotations_name_the_guideline_they_were_made_under(floor: Floor):
    floor.order(frames=1, looks=1)
    floor.answer("ann", BOX)
    other = Guideline(name="other", text="", taxonomy=Taxonomy(categories=(Category(name="car"),)))
    create_guideline(floor.workspace, other)
    [mark] = revision_marks(floor.workspace, frame(0))
    assert mark.guideline == floor.workspace.catalog.orders()[0].guideline


def test_the_loop_hands_in_an_order_and_its_answered_tasks(floor: Floor):
    from ringroad.domain.artifact import Artifact
    from ringroad.label.rows import rows
    from ringroad.pipelines.annotate import ANNOTATORS, _answered

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
