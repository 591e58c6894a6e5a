"""What every catalog promises of labelling tasks: one holder, one answer, a line for each move."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from ringroad.domain.errors import LeaseLost, StaleRevision, TaskMoved, UnknownName
from ringroad.domain.ids import FrameId
from ringroad.domain.order import (
    CLOSED,
    INSPECTING,
    PAUSED,
    LabelLot,
    LabelOrder,
    LotMove,
    LotPlan,
    OrderMove,
)
from ringroad.domain.revision import Revision
from ringroad.domain.task import (
    ADJUDICATE,
    DONE,
    DRAW,
    HONEYPOT,
    OPEN,
    REVIEW,
    LabelTask,
    TaskMove,
)
from ringroad.protocols.catalog import Catalog
from ringroad.protocols.labelling import FrameCount, TaskCount
from ringroad.testing.catalog_nouns import NOW, SECOND, commit, made

ORDER = LabelOrder(
    id="order-1",
    name="first",
    selection=made("s", "selection").id,
    looks_options={"looks": 2},
    lots=LotPlan(size=2, aql=0.01, ltpd=0.2),
    annotators=("ann", "ben"),
    created_ns=NOW,
)


def frame(number: int) -> FrameId:
    """A made-up frame."""
    return FrameId(f"car/r/cam/{number:06d}")


def task(number: int, **values: object) -> LabelTask:
    """A made-up task, two to a frame."""
    plain = LabelTask(
        id=f"task-{number:03d}", order=ORDER.id, frame=frame(number // 2), look=number % 2
    )
    return replace(plain, **values)  # type: ignore[arg-type]  # fields by name


def opened(*tasks: LabelTask, order: LabelOrder = ORDER) -> list[OrderMove | TaskMove]:
    """An order with tasks."""
    moves = [TaskMove(task=item, event="opened", at_ns=NOW) for item in tasks]
    return [OrderMove(order=order, event="ordered", at_ns=NOW), *moves]


def done(item: LabelTask, who: str, *, at_ns: int = NOW, token: int = 0) -> TaskMove:
    """An answer to a task as it was read."""
    changed = replace(item, state=DONE, annotator=who, marks=3, version=item.version + 1)
    return TaskMove(
        task=changed,
        event="answered",
        at_ns=at_ns,
        actor=who,
        token=token or item.token,
        ends_lease=True,
        idle_ns=60 * SECOND,
    )


def take(
    catalog: Catalog,
    who: str,
    *,
    at_ns: int = NOW,
    kinds: tuple[str, ...] = (DRAW,),
    orders: tuple[str, ...] | None = None,
) -> LabelTask | None:
    """Take a task for ten seconds."""
    return catalog.take_task(who, kinds=kinds, orders=orders, now_ns=at_ns, ttl_ns=10 * SECOND)


class LabellingContract:
    """Inherited by `CatalogContract`."""

    @pytest.fixture
    def catalog(self) -> Catalog:
        """An empty catalog."""
        raise NotImplementedError

    def test_an_order_comes_back_whole(self, catalog: Catalog) -> None:
        catalog.change_labels(opened(), now_ns=NOW)
        assert catalog.orders() == [ORDER]
        assert catalog.order("first") == catalog.order("order-1") == ORDER
        with pytest.raises(UnknownName):
            catalog.order("second")

    def test_an_order_changes_its_state_alone(self, catalog: Catalog) -> None:
        catalog.change_labels(opened(), now_ns=NOW)
        catalog.change_labels(opened(), now_ns=NOW)
        with pytest.raises(TaskMoved, match="that name"):
            catalog.change_labels(opened(order=replace(ORDER, id="other", seed=1)), now_ns=NOW)
        paused = replace(ORDER, state=PAUSED)
        catalog.change_labels([OrderMove(order=paused, event=PAUSED, at_ns=NOW)], now_ns=NOW)
        assert catalog.orders() == [paused]
        assert [line.event for line in catalog.label_log(order=ORDER.id)] == ["ordered", PAUSED]

    def test_tasks_come_back_whole_and_in_order(self, catalog: Catalog) -> None:
        rich = task(
            9,
            kind=REVIEW,
            round=1,
            lot=4,
            priority=0.5,
            assigned="cyd",
            barred=("ann", "ben"),
            skips=1,
            about=made("a", "annotations").id,
            note="why",
        )
        tasks = [task(3), rich, task(1, kind=HONEYPOT)]
        catalog.change_labels(opened(*tasks), now_ns=NOW)
        assert catalog.tasks() == tasks
        assert catalog.task("task-009") == rich
        assert catalog.tasks(kind=REVIEW) == catalog.tasks(lot=4) == [rich]
        assert catalog.tasks(annotator="cyd") == catalog.tasks(frame=rich.frame) == [rich]
        assert catalog.tasks(order=ORDER.id, state=OPEN, limit=2) == tasks[:2]
        assert catalog.tasks(order="other") == catalog.tasks(state=DONE) == []
        with pytest.raises(UnknownName, match="several"):
            catalog.task("task-0")
        with pytest.raises(UnknownName):
            catalog.task("task-004")

    def test_opening_again_changes_nothing_and_never_overwrites(self, catalog: Catalog) -> None:
        for _ in range(2):
            catalog.change_labels(opened(task(1)), now_ns=NOW)
        with pytest.raises(TaskMoved):
            catalog.change_labels(opened(task(0), task(1, priority=2.0)), now_ns=NOW)
        assert catalog.tasks() == [task(1)]
        assert [line.event for line in catalog.label_log()] == ["ordered", "opened"]

    def test_the_highest_priority_goes_first(self, catalog: Catalog) -> None:
        tasks = [task(0), task(2, priority=1.0), task(4, priority=1.0), task(6, priority=-1.0)]
        catalog.change_labels(opened(*tasks), now_ns=NOW)
        taken = [take(catalog, who) for who in ("ann", "ben", "cyd", "dan", "eve")]
        ids = [item.id if item else None for item in taken]
        assert ids == ["task-002", "task-004", "task-000", "task-006", None]

    def test_whoever_holds_a_task_gets_it_again(self, catalog: Catalog) -> None:
        catalog.change_labels(opened(task(0), task(2)), now_ns=NOW)
        first = take(catalog, "ann")
        again = take(catalog, "ann", at_ns=NOW + 5 * SECOND)
        assert first is not None
        assert again == replace(first, expires_ns=NOW + 15 * SECOND)
        assert first.holder == "ann"
        assert (first.expires_ns, first.version) == (NOW + 10 * SECOND, 1)

    def test_only_what_somebody_may_have(self, catalog: Catalog) -> None:
        tasks = [
            task(0, assigned="ben"),
            task(2, barred=("ann",)),
            task(4, kind=REVIEW),
            task(6, state=DONE),
            task(8),
        ]
        catalog.change_labels(opened(*tasks), now_ns=NOW)
        mine, review = take(catalog, "ann"), take(catalog, "ann", kinds=(REVIEW, ADJUDICATE))
        assert (mine and mine.id, review and review.id) == ("task-008", "task-004")
        assert take(catalog, "ann", kinds=(HONEYPOT,)) is None
        theirs = take(catalog, "ben")
        assert theirs is not None
        assert theirs.id == "task-000"

    def test_tasks_of_active_orders_that_are_asked_for(self, catalog: Catalog) -> None:
        other = replace(ORDER, id="order-2", name="second", state=CLOSED)
        catalog.change_labels(opened(task(0)), now_ns=NOW)
        catalog.change_labels(opened(task(2, order=other.id), order=other), now_ns=NOW)
        assert take(catalog, "ann", orders=(other.id,)) is None
        active = OrderMove(order=replace(other, state="active"), event="active", at_ns=NOW)
        catalog.change_labels([active], now_ns=NOW)
        found = take(catalog, "ann", orders=(other.id,))
        assert found is not None
        assert found.id == "task-002"
        assert take(catalog, "ben", orders=()) is None

    def test_an_expired_lease_passes_on_and_is_fenced_off(self, catalog: Catalog) -> None:
        catalog.change_labels(opened(task(0)), now_ns=NOW)
        late = take(catalog, "ann")
        assert late is not None
        assert take(catalog, "ben", at_ns=NOW + 10 * SECOND - 1) is None
        next_one = take(catalog, "ben", at_ns=NOW + 10 * SECOND)
        assert next_one is not None
        assert next_one.token > late.token
        for move in (done(late, "ann"), done(next_one, "ann")):
            with pytest.raises(LeaseLost, match="ben took it at 2027-01-15T08:00:10"):
                catalog.change_labels([move], now_ns=NOW)
        with pytest.raises(LeaseLost):
            catalog.beat_task(late.id, late.token, now_ns=NOW, ttl_ns=SECOND, idle_ns=60 * SECOND)
        catalog.change_labels([done(next_one, "ben")], now_ns=NOW)
        assert catalog.task("task-000").annotator == "ben"
        events = [(line.event, line.actor) for line in catalog.label_log(task="task-000")]
        assert events == [
            ("opened", ""),
            ("taken", "ann"),
            ("expired", "ann"),
            ("taken", "ben"),
            ("answered", "ben"),
        ]

    def test_a_lease_is_good_until_somebody_else_takes_the_task(self, catalog: Catalog) -> None:
        catalog.change_labels(opened(task(0)), now_ns=NOW)
        held = take(catalog, "ann")
        assert held is not None
        catalog.change_labels([done(held, "ann", at_ns=NOW + 99 * SECOND)], now_ns=NOW)
        assert catalog.task("task-000").state == DONE

    def test_time_counts_up_to_the_idle_limit(self, catalog: Catalog) -> None:
        catalog.change_labels(opened(task(0)), now_ns=NOW)
        held = take(catalog, "ann")
        assert held is not None
        for second, active in ((5, 5), (12, 12), (100, 32)):
            held = catalog.beat_task(
                held.id,
                held.token,
                now_ns=NOW + second * SECOND,
                ttl_ns=10 * SECOND,
                idle_ns=20 * SECOND,
            )
            assert held.active_ns == active * SECOND
        catalog.change_labels([done(held, "ann", at_ns=NOW + 103 * SECOND)], now_ns=NOW)
        [line] = [line for line in catalog.label_log() if line.event == "answered"]
        assert line.active_ns == catalog.task("task-000").active_ns == 35 * SECOND
        taken, answered = catalog.work(order=ORDER.id)[::-1]
        assert (answered.event, answered.marks, answered.active_ns) == (
            "answered",
            3,
            35 * SECOND,
        )
        assert (taken.event, taken.times) == ("taken", 1)
        assert catalog.work(since_ns=NOW + 104 * SECOND) == []

    def test_a_version_follows_the_one_before(self, catalog: Catalog) -> None:
        catalog.change_labels(opened(task(0)), now_ns=NOW)
        move = TaskMove(
            task=task(0, priority=5.0, version=2), event="priority", at_ns=NOW, actor="lea"
        )
        catalog.change_labels([move], now_ns=NOW)
        for version in (2, 4):
            stale = replace(move, task=replace(move.task, version=version, priority=1.0))
            with pytest.raises(TaskMoved, match=r"version 2.*priority by lea"):
                catalog.change_labels([stale], now_ns=NOW)
        unknown = replace(move, task=replace(move.task, id="task-777"))
        with pytest.raises(TaskMoved, match="no such task"):
            catalog.change_labels([unknown], now_ns=NOW)
        assert catalog.task("task-000") == move.task

    def test_a_move_leaves_the_lease_alone_unless_it_ends_it(self, catalog: Catalog) -> None:
        catalog.change_labels(opened(task(0)), now_ns=NOW)
        held = take(catalog, "ann")
        assert held is not None
        barred = task(0, barred=("ben",), version=2)
        move = TaskMove(task=barred, event="barred", at_ns=NOW)
        catalog.change_labels([move], now_ns=NOW)
        now = catalog.task("task-000")
        assert now == replace(held, barred=("ben",), version=2)
        back = replace(move, task=replace(now, skips=1, version=3), ends_lease=True)
        catalog.change_labels([back], now_ns=NOW)
        assert catalog.task("task-000") == task(0, barred=("ben",), skips=1, version=3)

    def test_moves_and_revisions_go_together_or_not_at_all(self, catalog: Catalog) -> None:
        catalog.change_labels(opened(task(0), task(1)), now_ns=NOW)
        held = take(catalog, "ann")
        assert held is not None
        batch = made("a", "annotations")
        second = Revision(frame=frame(0), number=2, batch=batch.id)
        with pytest.raises(StaleRevision):
            catalog.change_labels([done(held, "ann"), second], artifacts=[batch], now_ns=NOW)
        with pytest.raises(LeaseLost):
            commit(catalog, "one", {}, {"rows": batch}, [done(held, "ben")])
        first = replace(second, number=1)
        stale = TaskMove(task=task(1, version=5), event="barred", at_ns=NOW)
        with pytest.raises(TaskMoved):
            commit(catalog, "one", {}, {"rows": batch}, [first, done(held, "ann"), stale])
        assert catalog.task("task-000") == held
        assert (catalog.artifacts(), catalog.revisions(frame(0))) == ([], [])
        commit(catalog, "one", {}, {"rows": batch}, [first, done(held, "ann")])
        assert catalog.task("task-000").state == DONE
        assert [item.number for item in catalog.revisions(frame(0))] == [1]

    def test_counts(self, catalog: Catalog) -> None:
        tasks = [
            task(0, state=DONE, marks=2, annotator="ann", lot=0),
            task(1, state=DONE, marks=3, annotator="ben", lot=0),
            task(2, state=DONE, marks=1, annotator="ann", lot=1),
            task(3, lot=1),
            task(5, kind=REVIEW, lot=1),
            task(7, kind=HONEYPOT, state=DONE, annotator="ann", score=0.5),
            task(9, kind=HONEYPOT, state=DONE, annotator="ann", score=1.0),
        ]
        catalog.change_labels(opened(*tasks), now_ns=NOW)
        assert catalog.task_counts(order=ORDER.id, lot=0) == [
            TaskCount(kind=DRAW, state=DONE, tasks=2, marks=5)
        ]
        assert len(catalog.task_counts()) == 4
        assert catalog.frame_count(ORDER.id) == FrameCount(frames=2, settled=1, looks=2)
        assert catalog.frame_count(ORDER.id, lot=1) == FrameCount(frames=1, settled=0)
        assert catalog.frame_count("other") == FrameCount(frames=0, settled=0)
        assert catalog.scores() == {"ann": (2, 0.75)}
        assert catalog.scores(order="other") == {}
        assert catalog.seen_by("ann") == {frame(0), frame(1), frame(3), frame(4)}
        assert catalog.seen_by("cyd") == frozenset()

    def test_lots_move_on_one_version_at_a_time(self, catalog: Catalog) -> None:
        lot = LabelLot(order=ORDER.id, number=0, frames=2)
        next_one = replace(lot, state=INSPECTING, sample=2, limit=0, version=2)
        for item in (lot, lot, next_one):
            catalog.change_labels([LotMove(lot=item, event=item.state, at_ns=NOW)], now_ns=NOW)
        assert catalog.lots(ORDER.id) == [next_one]
        stale = LotMove(lot=replace(next_one, sample=1), event="again", at_ns=NOW)
        with pytest.raises(TaskMoved):
            catalog.change_labels([stale], now_ns=NOW)
        lines = catalog.label_log(order=ORDER.id)
        assert [line.event for line in lines] == ["drawing", "inspecting"]
        assert lines[1].detail["lot"] == 0

    def test_the_log_is_read_on_from_a_position(self, catalog: Catalog) -> None:
        catalog.change_labels(opened(*(task(number) for number in range(6))), now_ns=NOW)
        first = catalog.label_log(limit=3)
        rest = catalog.label_log(after=first[-1].position)
        assert [line.task for line in (*first, *rest)] == [
            "",
            *(f"task-{number:03d}" for number in range(6)),
        ]

    def test_many_takers_share_a_queue(self, catalog: Catalog) -> None:
        catalog.change_labels(opened(*(task(number) for number in range(40))), now_ns=NOW)
        numbers = itertools.count()

        def work(_: int) -> list[str]:
            who = f"annotator {next(numbers)}"
            mine: list[str] = []
            while (held := take(catalog, who)) is not None:
                try:
                    catalog.change_labels([done(held, who)], now_ns=NOW)
                except TaskMoved:
                    continue
                mine.append(held.id)
            return mine

        with ThreadPoolExecutor(4) as threads:
            answered = [name for mine in threads.map(work, range(4)) for name in mine]
        assert sorted(answered) == [f"task-{number:03d}" for number in range(40)]
        tokens = [line for line in catalog.label_log() if line.event == "answered"]
        assert len(tokens) == 40
