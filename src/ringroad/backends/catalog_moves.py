"""Moves of tasks, lots and orders in the open transaction: compare-and-set, and one line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from ringroad.backends.catalog_label_rows import (
    event_row,
    lot_of,
    lot_row,
    order_of,
    order_row,
    task_of,
    task_row,
)
from ringroad.backends.catalog_label_schema import LABEL_EVENT, LABEL_LOT, LABEL_ORDER, LABEL_TASK
from ringroad.backends.catalog_lanes import Lanes
from ringroad.domain.errors import LeaseLost, TaskMoved
from ringroad.domain.order import LotMove, OrderMove
from ringroad.domain.task import DONE, OPEN, LabelTask, TaskMove
from ringroad.domain.time import to_iso

ROWS_PER_QUERY = 500
FREE: dict[str, Any] = {
    "holder": "", "token": 0, "expires_ns": 0, "taken_ns": 0, "beat_ns": 0, "active_ns": 0,
}  # fmt: skip
_ONE = select(LABEL_TASK).where(LABEL_TASK.c.id == bindparam("task"))
_LAST = (
    select(LABEL_EVENT)
    .where(LABEL_EVENT.c.task == bindparam("task"))
    .order_by(LABEL_EVENT.c.position.desc())
    .limit(1)
)
_OPEN_TASK, _OPEN_LINE = insert(LABEL_TASK), insert(LABEL_EVENT)
_PLAIN = frozenset(column.name for column in LABEL_TASK.columns) - {"position"} - set(FREE)
_GOING_ON = (
    update(LABEL_TASK)
    .where(LABEL_TASK.c.position == bindparam("at"))
    .values({name: bindparam(f"new_{name}") for name in sorted(_PLAIN)})
)
_LEAVING = (
    update(LABEL_TASK)
    .where(LABEL_TASK.c.position == bindparam("at"))
    .values({name: bindparam(f"new_{name}") for name in sorted(_PLAIN | set(FREE))})
)
_SAME_LOT = (LABEL_LOT.c.order_id == bindparam("of")) & (LABEL_LOT.c.number == bindparam("at"))


def write_task_moves(db: Connection, moves: Sequence[TaskMove]) -> None:
    """Write moves in their order; new tasks in one go.

    Raises:
        TaskMoved, LeaseLost: as `protocols.labelling.Queue.change_labels`.
    """
    lanes = Lanes(db)
    _open(db, lanes, [move for move in moves if move.task.version == 1])
    lines = [_move(db, lanes, move) for move in moves if move.task.version != 1]
    if lines:
        db.execute(_OPEN_LINE, lines)


def write_order_move(db: Connection, move: OrderMove) -> None:
    """A new order, or the new state of one. Raises TaskMoved where its name means another."""
    order, row = move.order, order_row(move.order)
    same = (LABEL_ORDER.c.id == order.id) | (LABEL_ORDER.c.name == order.name)
    found = db.execute(select(LABEL_ORDER).where(same)).first()
    if found is None:
        created = row | {"created_ns": order.created_ns or move.at_ns}
        db.execute(insert(LABEL_ORDER), created)
    elif found.document != row["document"]:
        raise TaskMoved(
            f"another order of {order_of(found).by or 'somebody'} has that name",
            subject=order.name,
            remedy="give yours another name: an order does not change",
        )
    elif found.state == order.state:
        return
    else:
        db.execute(
            update(LABEL_ORDER).where(LABEL_ORDER.c.id == order.id).values(state=order.state)
        )
    line = event_row(
        order=order.id, event=move.event, at_ns=move.at_ns, actor=move.actor, detail=move.detail
    )
    db.execute(insert(LABEL_EVENT), line)


def write_lot_move(db: Connection, move: LotMove) -> None:
    """A new lot, or one that moved on. Raises TaskMoved where it is at another version."""
    lot, row = move.lot, lot_row(move.lot)
    found = db.execute(
        select(LABEL_LOT).where(_SAME_LOT), {"of": lot.order, "at": lot.number}
    ).one_or_none()
    if found is None and lot.version == 1:
        db.execute(insert(LABEL_LOT), row)
    elif found is not None and found.version == lot.version - 1:
        key = {"of": row.pop("order_id"), "at": row.pop("number")}
        db.execute(update(LABEL_LOT).where(_SAME_LOT).values(**row), key)
    elif found is None or lot_of(found) != lot:
        raise TaskMoved(
            f"lot {lot.number} moved on meanwhile" if found else f"has no lot {lot.number}",
            subject=lot.order,
            remedy="read it again",
        )
    else:
        return
    detail = {"lot": lot.number, "round": lot.round, **move.detail}
    line = event_row(
        order=lot.order, event=move.event, at_ns=move.at_ns, actor=move.actor, detail=detail
    )
    db.execute(insert(LABEL_EVENT), line)


def who_has_it(row: Row[Any]) -> str:
    """Who has a task now, or what became of it, with the time."""
    if row.state != OPEN:
        return f"it is {row.state}{f', answered by {row.annotator}' if row.annotator else ''}"
    if row.holder:
        return f"{row.holder} took it at {to_iso(row.taken_ns)}"
    return "its lease was given back"


def lease_lost(row: Row[Any], token: int) -> LeaseLost:
    """The error to raise where a lease of a task no longer stands."""
    return LeaseLost(
        f"the lease with token {token} no longer stands: {who_has_it(row)}",
        subject=f"task {row.id}",
        remedy="nothing was written; keep your answer and take a task again",
    )


def _open(db: Connection, lanes: Lanes, moves: Sequence[TaskMove]) -> None:
    """New tasks; those that are there already, just as handed in, are left alone."""
    known: dict[str, LabelTask] = {}
    ids = [move.task.id for move in moves]
    for start in range(0, len(ids), ROWS_PER_QUERY):
        some = ids[start : start + ROWS_PER_QUERY]
        found = db.execute(select(LABEL_TASK).where(LABEL_TASK.c.id.in_(some)))
        known |= {row.id: task_of(row) for row in found}
    new = [move for move in moves if move.task.id not in known]
    for move in moves:
        if (before := known.get(move.task.id)) is not None and before != move.task:
            raise TaskMoved(
                f"was opened before, and is at version {before.version}",
                subject=f"task {move.task.id}",
                remedy="read it again",
            )
    if new:
        rows = [{**task_row(move.task), **FREE, "lane": lanes.of(move.task)} for move in new]
        db.execute(_OPEN_TASK, rows)
        db.execute(_OPEN_LINE, [_line(move, move.task.marks, 0) for move in new])


def _move(db: Connection, lanes: Lanes, move: TaskMove) -> dict[str, Any]:
    """Write one task that was there before; return its line for the log."""
    task = move.task
    row = db.execute(_ONE, {"task": task.id}).one_or_none()
    if row is None:
        raise TaskMoved("there is no such task", subject=f"task {task.id}", remedy="read it again")
    if move.token and (row.token, row.holder) != (move.token, move.actor):
        raise lease_lost(row, move.token)
    if row.version != task.version - 1:
        raise _moved(db, row, task)
    values = task_row(task) | {"lane": lanes.of(task)}
    active_ns = 0
    if move.ends_lease:
        active_ns = _worked(row, move)
        values |= FREE | {"active_ns": active_ns if task.state != OPEN else 0}
    db.execute(_LEAVING if move.ends_lease else _GOING_ON, _bound(row.position, values))
    if row.lane != values["lane"]:
        lanes.leave(row.lane)
    answered = task.state == DONE and row.state != DONE
    return _line(move, task.marks if answered else 0, active_ns)


def _bound(position: int, values: dict[str, Any]) -> dict[str, Any]:
    return {"at": position, **{f"new_{name}": value for name, value in values.items()}}


def _worked(row: Row[Any], move: TaskMove) -> int:
    if not row.holder:
        return 0
    return int(row.active_ns + min(max(0, move.at_ns - row.beat_ns), move.idle_ns))


def _line(move: TaskMove, marks: int, active_ns: int) -> dict[str, Any]:
    task = move.task
    return event_row(
        order=task.order,
        event=move.event,
        at_ns=move.at_ns,
        actor=move.actor,
        detail=move.detail,
        task=task.id,
        kind=task.kind,
        active_ns=active_ns,
        marks=marks,
    )


def _moved(db: Connection, row: Row[Any], task: LabelTask) -> TaskMoved:
    last = db.execute(_LAST, {"task": row.id}).one_or_none()
    by = (
        "" if last is None else f" ({last.event} by {last.actor or 'rule'} at {to_iso(last.at_ns)})"
    )
    return TaskMoved(
        f"is at version {row.version}, so version {task.version} cannot follow{by}",
        subject=f"task {row.id}",
        remedy="read it again",
    )


def stamped(move: TaskMove | OrderMove | LotMove, at_ns: int) -> Any:
    """The move with a time, where whoever made it had no clock."""
    return move if move.at_ns else replace(move, at_ns=at_ns)
