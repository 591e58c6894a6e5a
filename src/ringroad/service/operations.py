"""Long work: taken in, done one after the other by one thread, told as it goes, cancelled, kept.

The thread owns a workspace of its own, because a runner has one user at a time. Work is made of
steps, and steps that are done stay done: what was cancelled or interrupted goes on from there when
the same is asked again.
"""

from __future__ import annotations

import json
import queue
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ringroad.domain.errors import UnknownName
from ringroad.pipelines.workspace import Workspace
from ringroad.protocols.clock import Clock
from ringroad.service import problems
from ringroad.service.problems import Declined
from ringroad.service.settings import DAY_NS
from ringroad.service.store import Store
from ringroad.workflow.runner import StepEvent

QUEUED, RUNNING, DONE = "queued", "running", "done"
FAILED, CANCELLED, INTERRUPTED = "failed", "cancelled", "interrupted"
STATES = (QUEUED, RUNNING, DONE, FAILED, CANCELLED, INTERRUPTED)
OVER = frozenset({DONE, FAILED, CANCELLED, INTERRUPTED})
TELL_EVERY_S = 0.25
EVENTS_NS = 30 * DAY_NS
"""How long the events of an operation that is over are kept."""
Work = Callable[[Workspace, Mapping[str, Any]], Mapping[str, Any]]
Open = Callable[["Told"], Workspace]


class Stopped(BaseException):
    """Work was cancelled. No `Exception`: a step that fails is tried again, this one is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One piece of long work."""

    id: str
    kind: str
    body: Mapping[str, Any]
    who: str
    state: str
    created_ns: int
    started_ns: int | None
    ended_ns: int | None
    progress: Mapping[str, Any] | None
    """What is being done, how much of it is done, and how much there is; 0 where nobody knows."""
    result: Mapping[str, Any] | None
    problem: Mapping[str, Any] | None
    """Why it failed, as a problem document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened in an operation."""

    number: int
    at_ns: int
    name: str
    """`state`, `progress`, `step`, `note`."""
    data: Mapping[str, Any]


class Told:
    """What work tells of itself: a tracker, a listener and a voice, which also stop it."""

    def __init__(self, note: Callable[[str, Mapping[str, Any]], None]) -> None:
        self.note = note
        self.stop = threading.Event()
        self._last = 0.0

    def metrics(self, values: Mapping[str, float], *, step: int) -> None:
        """Figures of a training epoch."""
        self._go_on()
        self.note("progress", {"what": "epoch", "done": step, "total": 0, "figures": dict(values)})

    def progress(self, what: str, done: int, total: int) -> None:
        """How far it is, at most a few times a second."""
        self._go_on()
        now = time.monotonic()
        if now - self._last >= TELL_EVERY_S or done == total:
            self._last = now
            self.note("progress", {"what": what, "done": done, "total": total})

    def step(self, event: StepEvent) -> None:
        """A step was run or found."""
        self._go_on()
        self.note(
            "step",
            {"step": event.step, "execution": event.execution_id, "cached": event.cached,
             "seconds": event.wall_s},
        )  # fmt: skip

    def say(self, text: str) -> None:
        """A line for people."""
        self._go_on()
        self.note("note", {"text": text})

    def _go_on(self) -> None:
        if self.stop.is_set():
            raise Stopped


class Operations:
    """All operations of one workspace, and the thread that works them off."""

    def __init__(
        self, store: Store, clock: Clock, work_of: Callable[[str], Work], open_: Open
    ) -> None:
        """What ran or waited when the last server ended is interrupted now."""
        self._store = store
        self._clock = clock
        self._work_of = work_of
        self._open = open_
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._told = Told(self._note)
        self._turn = threading.Lock()
        self._running = ""
        self._closing = False
        self._thread: threading.Thread | None = None
        for operation in self.all(states=(QUEUED, RUNNING)):
            self._end(operation.id, INTERRUPTED)
        with store.writing() as db:
            db.execute(
                "DELETE FROM operation_event WHERE operation IN"
                " (SELECT id FROM operation WHERE ended_ns < ?)",
                (clock.now_ns() - EVENTS_NS,),
            )

    def submit(self, kind: str, body: Mapping[str, Any], who: str) -> Operation:
        """Take in work; it is done when those before it are."""
        new = secrets.token_hex(12)
        with self._store.writing() as db:
            db.execute(
                "INSERT INTO operation (id, kind, body, who, state, created_ns)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (new, kind, json.dumps(dict(body)), who, QUEUED, self._clock.now_ns()),
            )
            self._add(db, new, "state", {"state": QUEUED})
        with self._turn:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="operations")
                self._thread.start()
        self._waiting.put(new)
        return self.get(new)

    def get(self, id: str) -> Operation:
        """One operation. Raises UnknownName."""
        with self._store.reading() as db:
            row = db.execute("SELECT * FROM operation WHERE id = ?", (id,)).fetchone()
        if row is None:
            raise UnknownName("no operation has this id", subject=id[:100])
        return _operation_of(row)

    def all(self, *, states: tuple[str, ...] = STATES) -> list[Operation]:
        """Operations, newest first."""
        marks = ", ".join("?" * len(states))
        asked = f"SELECT * FROM operation WHERE state IN ({marks}) ORDER BY position DESC"  # noqa: S608
        with self._store.reading() as db:
            return [_operation_of(row) for row in db.execute(asked, states)]

    def counts(self) -> dict[str, int]:
        """How many there are in each state."""
        with self._store.reading() as db:
            rows = db.execute("SELECT state, count(*) FROM operation GROUP BY state").fetchall()
        return dict.fromkeys(STATES, 0) | {row[0]: int(row[1]) for row in rows}

    def events(self, id: str, *, after: int = 0) -> list[Event]:
        """What happened in it behind a number, in order."""
        asked = "SELECT * FROM operation_event WHERE operation = ? AND number > ? ORDER BY number"
        with self._store.reading() as db:
            rows = db.execute(asked, (id, after)).fetchall()
        return [
            Event(number=row["number"], at_ns=row["at_ns"], name=row["name"],
                  data=json.loads(row["data"]))
            for row in rows
        ]  # fmt: skip

    def cancel(self, id: str) -> Operation:
        """Stop it: at once where it waits, at its next sign of life where it runs.

        Raises:
            UnknownName: there is no such operation.
            Declined: it is over.
        """
        with self._turn:
            operation = self.get(id)
            if operation.state in OVER:
                raise Declined("operation-over", f"it is {operation.state}", subject=id)
            if operation.state == QUEUED:
                self._end(id, CANCELLED)
            elif self._running == id:
                self._told.stop.set()
        return self.get(id)

    def close(self) -> None:
        """Stop what runs, so that it can go on another time, and wait for the thread."""
        with self._turn:
            self._closing = True
            self._told.stop.set()
        self._waiting.put(None)
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        workspace: Workspace | None = None
        try:
            while (next_one := self._waiting.get()) is not None:
                if not self._begin(next_one):
                    continue
                try:
                    workspace = workspace or self._open(self._told)
                except Exception as error:  # noqa: BLE001 (the thread outlives whatever failed)
                    self._fail(next_one, error)
                    continue
                self._do(workspace, next_one)
        finally:
            if workspace is not None:
                workspace.close()

    def _begin(self, id: str) -> bool:
        with self._turn:
            if self._closing or self.get(id).state != QUEUED:
                if self._closing and self.get(id).state == QUEUED:
                    self._end(id, INTERRUPTED)
                return False
            self._running = id
            self._told.stop.clear()
            with self._store.writing() as db:
                asked = "UPDATE operation SET state = ?, started_ns = ? WHERE id = ?"
                db.execute(asked, (RUNNING, self._clock.now_ns(), id))
                self._add(db, id, "state", {"state": RUNNING})
        return True

    def _do(self, workspace: Workspace, id: str) -> None:
        operation = self.get(id)
        try:
            body = {**operation.body, "who": operation.who, "operation": id}
            result = self._work_of(operation.kind)(workspace, body)
        except Stopped:
            self._end(id, INTERRUPTED if self._closing else CANCELLED)
        except Exception as error:  # noqa: BLE001 (the thread outlives whatever failed)
            self._fail(id, error)
        else:
            self._end(id, DONE, result=result)
        finally:
            self._running = ""

    def _fail(self, id: str, error: Exception) -> None:
        self._running = ""
        self._end(id, FAILED, problem=problems.document(error, request_id=id))

    def _end(
        self,
        id: str,
        state: str,
        *,
        result: Mapping[str, Any] | None = None,
        problem: Mapping[str, Any] | None = None,
    ) -> None:
        with self._store.writing() as db:
            db.execute(
                "UPDATE operation SET state = ?, ended_ns = ?, result = ?, problem = ?"
                " WHERE id = ?",
                (state, self._clock.now_ns(), _text(result), _text(problem), id),
            )
            self._add(db, id, "state", {"state": state, "result": result, "problem": problem})

    def _note(self, name: str, data: Mapping[str, Any]) -> None:
        at = self._running
        if not at:
            return
        with self._store.writing(durable=False) as db:
            if name == "progress":
                db.execute("UPDATE operation SET progress = ? WHERE id = ?", (_text(data), at))
            self._add(db, at, name, data)

    def _add(self, db: sqlite3.Connection, id: str, name: str, data: Mapping[str, Any]) -> None:
        db.execute(
            "INSERT INTO operation_event SELECT ?, coalesce(max(number), 0) + 1, ?, ?, ?"
            " FROM operation_event WHERE operation = ?",
            (id, self._clock.now_ns(), name, _text(data), id),
        )


def _text(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(dict(value), allow_nan=False)


def _operation_of(row: sqlite3.Row) -> Operation:
    def held(name: str) -> Any:
        return None if row[name] is None else json.loads(row[name])

    return Operation(
        id=row["id"],
        kind=row["kind"],
        body=held("body"),
        who=row["who"],
        state=row["state"],
        created_ns=row["created_ns"],
        started_ns=row["started_ns"],
        ended_ns=row["ended_ns"],
        progress=held("progress"),
        result=held("result"),
        problem=held("problem"),
    )
