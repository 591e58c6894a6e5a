"""The queue against a model of it: whatever people do in whatever order, both say the same."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from label_floor import BOX, Floor, box, frame, opened

from ringroad.domain.errors import LeaseLost, StaleRevision, TaskMoved, UsageError
from ringroad.domain.order import PAUSED
from ringroad.domain.time import SECOND_NS
from ringroad.label.moves import MOST_SKIPS
from ringroad.pipelines.label import desk
from ringroad.pipelines.label.answers import submit
from ringroad.pipelines.label.orders import turn_order
from ringroad.pipelines.label.revisions import edit
from ringroad.pipelines.label.turns import beat, skip, take
from ringroad.testing.clock import SimulatedClock

PEOPLE = ("ann", "ben", "cyd")
FRAMES, LOOKS = 3, 2
LEASE_S = 60
NOW = 1_800_000_000_000_000_000
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 (the disk is not tested)


@dataclass
class Task:
    """A task as the model knows it."""

    id: str
    frame: str
    state: str = "open"
    priority: float = 0.0
    assigned: str = ""
    barred: set[str] = field(default_factory=set)
    skips: int = 0
    answered_by: str = ""
    holder: str = ""
    token: int = 0
    expires: int = 0


@dataclass(frozen=True)
class Lease:
    """What somebody was given, and may come back with at any time."""

    task: str
    token: int
    who: str


@cache
def template() -> Path:
    """A workspace with the order, made once and copied."""
    folder = Path(tempfile.mkdtemp(prefix="label-model-", dir=MEMORY))
    atexit.register(shutil.rmtree, folder)
    clock = SimulatedClock(NOW)
    workspace = opened(folder / "workspace", clock)
    Floor(workspace, clock).order(frames=FRAMES, looks=LOOKS)
    workspace.close()
    return folder / "workspace"


class QueueModel(RuleBasedStateMachine):
    """Three annotators, three frames, two looks each."""

    @initialize()
    def begin(self):
        self.folder = Path(tempfile.mkdtemp(prefix="label-model-", dir=MEMORY))
        shutil.copytree(template(), self.folder / "workspace")
        self.clock = SimulatedClock(NOW)
        self.floor = Floor(opened(self.folder / "workspace", self.clock), self.clock)
        self.order = self.floor.workspace.catalog.orders()[0].id
        self.tasks = [Task(task.id, task.frame) for task in self.floor.tasks()]
        self.leases: list[Lease] = []
        self.revisions = {frame(number): 0 for number in range(FRAMES)}
        self.paused = False
        self.edits = 0

    def teardown(self):
        if hasattr(self, "folder"):
            self.floor.workspace.close()
            shutil.rmtree(self.folder)

    @property
    def workspace(self):
        return self.floor.workspace

    @rule(who=st.sampled_from(PEOPLE))
    def somebody_takes(self, who: str):
        self.take(who)

    def take(self, who: str) -> None:
        now = self.clock.now_ns()
        turn = take(self.workspace, who, lease_ns=LEASE_S * SECOND_NS)
        held = [t for t in self.tasks if t.holder == who and t.expires > now]
        free = [t for t in self.tasks if self.may_have(t, who, now)]
        due = held or sorted(free, key=lambda t: -t.priority)  # of equal ones the earlier
        if self.paused:
            due = []
        assert (turn.task if turn else None) == (due[0].id if due else None)
        if turn is not None:
            task = due[0]
            again = task in held
            assert (turn.token == task.token) is again
            assert again or turn.token > max((lease.token for lease in self.leases), default=0)
            task.holder, task.token = who, turn.token
            task.expires = max(task.expires if again else 0, now + LEASE_S * SECOND_NS)
            self.leases.append(Lease(turn.task, turn.token, who))

    @rule(who=st.sampled_from(PEOPLE), boxes=st.integers(0, 2))
    def work(self, who: str, boxes: int):
        """Take and answer without a pause."""
        self.take(who)
        mine = [lease for lease in self.leases if lease.who == who]
        if mine:
            self.answer(mine[-1], boxes)

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), boxes=st.integers(0, 2))
    def submit(self, data, boxes: int):
        """With a lease from any time: a fresh one, an expired one, or one that was used."""
        self.answer(data.draw(st.sampled_from(self.leases)), boxes)

    def answer(self, lease: Lease, boxes: int) -> None:
        task = self.of(lease)
        marks = [BOX] * boxes
        good = self.stands(task, lease)
        same = task.answered_by == lease.who and task.state == "done"
        same = same and (lease.token, boxes) == self.answers.get(task.id)
        if not good and not same:
            try:
                submit(self.workspace, lease.task, lease.token, by=lease.who, marks=marks)
            except LeaseLost:
                return
            raise AssertionError("an answer under a lease that does not stand was taken")
        done = submit(self.workspace, lease.task, lease.token, by=lease.who, marks=marks)
        assert done.again is same
        if good:
            self.close(task, lease.who)
            self.answers[task.id] = (lease.token, boxes)
            self.settle(task.frame)

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def skip(self, data):
        lease = data.draw(st.sampled_from(self.leases))
        task = self.of(lease)
        try:
            skip(self.workspace, lease.task, lease.token, by=lease.who, reason="fog")
        except LeaseLost:
            assert not self.stands(task, lease)
            return
        assert self.stands(task, lease)
        task.skips += 1
        task.state = "parked" if task.skips >= MOST_SKIPS else "open"
        task.barred.add(lease.who)
        task.assigned = ""
        self.free(task)

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def beat(self, data):
        lease = data.draw(st.sampled_from(self.leases))
        task = self.of(lease)
        try:
            until = beat(self.workspace, lease.task, lease.token, lease_ns=LEASE_S * SECOND_NS)
        except LeaseLost:
            assert not self.stands(task, lease)
            return
        assert self.stands(task, lease)
        task.expires = max(task.expires, self.clock.now_ns() + LEASE_S * SECOND_NS)
        assert until == task.expires

    @rule(seconds=st.sampled_from([1, 30, 59, 60, 61]))
    def time_goes_by(self, seconds: int):
        self.clock.advance(seconds * SECOND_NS)

    @rule(data=st.data(), to=st.sampled_from(["", *PEOPLE]))
    def assign(self, data, to: str):
        task = data.draw(st.sampled_from(self.tasks))
        same = [t for t in self.tasks if t.frame == task.frame and t is not task]
        try:
            desk.assign(self.workspace, task.id, to, by="lea")
        except UsageError:
            assert to in task.barred or any(to in (t.answered_by, t.holder) for t in same)
            return
        except TaskMoved:
            assert task.state in ("done", "cancelled")
            return
        assert task.state in ("open", "parked")
        task.assigned, task.state = to, "open"
        if task.holder not in ("", to):
            self.free(task)

    @rule(data=st.data(), priority=st.integers(-2, 2))
    def prioritise(self, data, priority: int):
        task = data.draw(st.sampled_from(self.tasks))
        try:
            desk.prioritise(self.workspace, task.id, float(priority))
        except TaskMoved:
            assert task.state in ("done", "cancelled")
            return
        task.priority = float(priority)

    @rule(data=st.data())
    def cancel(self, data):
        task = data.draw(st.sampled_from(self.tasks))
        try:
            desk.cancel(self.workspace, task.id, by="lea", reason="late")
        except TaskMoved:
            assert task.state in ("done", "cancelled")
            return
        task.state = "cancelled"
        self.free(task)
        if any(t.state == "done" for t in self.tasks if t.frame == task.frame):
            self.settle(task.frame)

    @rule(often=st.integers(0, 3))
    def pause_or_go_on(self, often: int):
        if often and not self.paused:
            return
        self.paused = not self.paused
        turn_order(self.workspace, self.order, PAUSED if self.paused else "active")

    @rule(number=st.integers(0, FRAMES - 1), behind=st.integers(-1, 1))
    def somebody_edits_beside_the_queue(self, number: int, behind: int):
        at = self.revisions[frame(number)]
        edits = {"expected": {frame(number): at - behind}, "author": "eve"}
        try:
            self.edits += 1  # the very same edit once more would be a replay
            edit(self.workspace, {frame(number): [box(self.edits)]}, **edits)
        except StaleRevision:
            assert behind != 0
            return
        assert behind == 0
        self.revisions[frame(number)] += 1

    @invariant()
    def both_say_the_same(self):
        if not hasattr(self, "floor"):
            return
        for known, task in zip(self.tasks, self.floor.tasks(), strict=True):
            assert (task.id, task.frame, task.state) == (known.id, known.frame, known.state)
            assert (task.priority, task.assigned) == (known.priority, known.assigned)
            assert (set(task.barred), task.annotator) == (known.barred, known.answered_by)
            assert (task.holder, task.token) == (known.holder, known.token)
        for name, number in self.revisions.items():
            numbers = [item.number for item in self.workspace.catalog.revisions(name)]
            assert numbers == list(range(1, number + 1))

    @invariant()
    def nobody_has_two_looks_at_a_frame(self):
        if hasattr(self, "tasks"):
            pairs = [(t.frame, t.answered_by) for t in self.tasks if t.answered_by]
            assert len(pairs) == len(set(pairs))

    # The rest is the model.

    @property
    def answers(self) -> dict[str, tuple[int, int]]:
        return self.__dict__.setdefault("_answers", {})

    def of(self, lease: Lease) -> Task:
        return next(task for task in self.tasks if task.id == lease.task)

    def stands(self, task: Task, lease: Lease) -> bool:
        held = (task.holder, task.token) == (lease.who, lease.token)
        return task.state == "open" and held

    def may_have(self, task: Task, who: str, now: int) -> bool:
        return (
            task.state == "open"
            and task.expires <= now
            and task.assigned in ("", who)
            and who not in task.barred
        )

    def free(self, task: Task) -> None:
        task.holder, task.token, task.expires = "", 0, 0

    def close(self, task: Task, who: str) -> None:
        task.state, task.answered_by = "done", who
        self.free(task)
        for other in self.tasks:
            if other.frame != task.frame or other.state not in ("open", "parked"):
                continue
            if who in other.barred:
                continue
            other.barred.add(who)
            if other.assigned == who:
                other.assigned = ""
            if other.holder == who:
                self.free(other)

    def settle(self, at: str) -> None:
        mine = [task for task in self.tasks if task.frame == at]
        if any(task.state in ("open", "parked") for task in mine):
            return
        done = [task for task in mine if task.state == "done"]
        if len(done) >= LOOKS:
            self.revisions[at] += 1
            return
        new = [task for task in self.floor.tasks() if task.id not in {t.id for t in self.tasks}]
        assert len(new) == 1
        barred = {task.answered_by for task in done}
        self.tasks.append(Task(new[0].id, at, priority=mine[-1].priority, barred=barred))


QueueModel.TestCase.settings = settings(
    max_examples=15,
    stateful_step_count=40,
    deadline=None,
    phases=[Phase.generate],  # shrinking forty steps takes longer than reading them
)
TestQueue = QueueModel.TestCase
