"""Lanes: open tasks that the same people may have, so that nobody walks past what is not theirs.

A queue of 100,000 tasks in which an annotator has had the first look at the first half would be
walked over at each take. In lanes by order, kind, who it is assigned to and who is barred, a take
looks at the head of each lane that is open to the annotator, and there are few lanes.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, exists, insert, select

from ringroad.backends.catalog_label_rows import names_text
from ringroad.backends.catalog_label_schema import LABEL_BAR, LABEL_LANE, LABEL_TASK
from ringroad.domain.task import OPEN, LabelTask

_FIND = select(LABEL_LANE.c.position).where(
    LABEL_LANE.c.order_id == bindparam("of"),
    LABEL_LANE.c.kind == bindparam("kind"),
    LABEL_LANE.c.assigned == bindparam("assigned"),
    LABEL_LANE.c.barred == bindparam("barred"),
)
_MAKE = insert(LABEL_LANE).returning(LABEL_LANE.c.position)
_IN_USE = select(exists().where(LABEL_TASK.c.lane == bindparam("lane")))
_DROP_BARS = delete(LABEL_BAR).where(LABEL_BAR.c.lane == bindparam("at"))
_DROP = delete(LABEL_LANE).where(LABEL_LANE.c.position == bindparam("at"))


class Lanes:
    """The lanes that one transaction puts tasks into."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._known: dict[tuple[str, str, str, tuple[str, ...]], int] = {}

    def of(self, task: LabelTask) -> int | None:
        """The lane of a task, made where there is none; None for one that is not open."""
        if task.state != OPEN:
            return None
        key = (task.order, task.kind, task.assigned, task.barred)
        if key not in self._known:
            self._known[key] = self._found(task)
        return self._known[key]

    def leave(self, lane: int | None) -> None:
        """Drop a lane that a task went out of, where nothing is left in it."""
        if lane is None or self._db.execute(_IN_USE, {"lane": lane}).scalar_one():
            return
        self._db.execute(_DROP_BARS, {"at": lane})
        self._db.execute(_DROP, {"at": lane})
        self._known = {key: at for key, at in self._known.items() if at != lane}

    def _found(self, task: LabelTask) -> int:
        row = {"kind": task.kind, "assigned": task.assigned, "barred": names_text(task.barred)}
        found = self._db.execute(_FIND, {"of": task.order, **row}).scalar()
        if found is not None:
            return int(found)
        made = self._db.execute(_MAKE, {"order_id": task.order, **row}).scalar_one()
        bars = [{"lane": made, "annotator": name} for name in task.barred]
        if bars:
            self._db.execute(insert(LABEL_BAR), bars)
        return int(made)
