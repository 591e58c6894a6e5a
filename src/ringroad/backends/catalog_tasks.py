"""Labelling tasks in SQL: read, never changed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, func, or_, select

from ringroad.backends.catalog_artifacts import HEX_END
from ringroad.backends.catalog_base import SqlRoom
from ringroad.backends.catalog_label_rows import task_of, whole
from ringroad.backends.catalog_label_schema import LABEL_BAR, LABEL_TASK
from ringroad.domain.errors import UnknownName
from ringroad.domain.ids import FrameId
from ringroad.domain.task import HONEYPOT, LabelTask
from ringroad.protocols.labelling import TaskCount

_BY_ID = select(LABEL_TASK).where(LABEL_TASK.c.id == bindparam("name"))
_OF_FRAME = (
    select(LABEL_TASK)
    .where(LABEL_TASK.c.order_id == bindparam("of"), LABEL_TASK.c.frame == bindparam("at"))
    .order_by(LABEL_TASK.c.position)
)
LEAST = 6
"""Characters of an id that stand for the whole."""

_SCORES = (
    select(LABEL_TASK.c.annotator, func.count(), func.avg(LABEL_TASK.c.score))
    .where(LABEL_TASK.c.kind == HONEYPOT, LABEL_TASK.c.score.is_not(None))
    .group_by(LABEL_TASK.c.annotator)
    .order_by(LABEL_TASK.c.annotator)
)
_NOTHING = (None, "", "", "", None)


class TaskRows(SqlRoom):
    """`protocols.labelling.Tasks` over SQL."""

    def task(self, id: str) -> LabelTask:
        """One task; a unique prefix of its id is enough. Raises UnknownName."""
        column = LABEL_TASK.c.id
        with self.reading() as db:
            found = db.execute(_BY_ID, {"name": id}).all()
            if not found and len(id) >= LEAST:
                start = select(LABEL_TASK).where(column >= id, column < id + HEX_END)
                found = db.execute(start.limit(2)).all()
        if len(found) != 1:
            raise UnknownName(
                "several tasks are called so" if found else "no task is called so",
                subject=id,
                remedy="ringroad labels tasks lists them",
            )
        return task_of(found[0])

    def tasks(
        self,
        *,
        order: str = "",
        frame: FrameId | None = None,
        lot: int | None = None,
        kind: str = "",
        state: str = "",
        annotator: str = "",
        limit: int | None = None,
    ) -> Sequence[LabelTask]:
        """Tasks for which all of it holds, as they were opened; all where nothing is given."""
        column = LABEL_TASK.c
        if order and frame is not None and (lot, kind, state, annotator, limit) == _NOTHING:
            with self.reading() as db:  # asked at each answer: nothing is put together for it
                return [task_of(row) for row in db.execute(_OF_FRAME, {"of": order, "at": frame})]
        wanted = select(LABEL_TASK).order_by(column.position)
        asked = {
            column.order_id: order or None,
            column.frame: frame,
            column.lot: lot,
            column.kind: kind or None,
            column.state: state or None,
        }
        for name, value in asked.items():
            if value is not None:
                wanted = wanted.where(name == value)
        if annotator:
            theirs = (column.annotator, column.assigned, column.holder)
            wanted = wanted.where(or_(*(name == annotator for name in theirs)))
        with self.reading() as db:
            return [task_of(row) for row in db.execute(wanted.limit(limit))]

    def task_counts(self, *, order: str = "", lot: int | None = None) -> Sequence[TaskCount]:
        """How many tasks there are by kind and state."""
        column = LABEL_TASK.c
        by = (column.kind, column.state)
        wanted = select(*by, func.count().label("tasks"), func.sum(column.marks).label("marks"))
        if order:
            wanted = wanted.where(column.order_id == order)
        if lot is not None:
            wanted = wanted.where(column.lot == lot)
        with self.reading() as db:
            rows = db.execute(wanted.group_by(*by).order_by(*by))
            return [TaskCount(**whole(row)) for row in rows]

    def scores(self, *, order: str = "") -> Mapping[str, tuple[int, float]]:
        """Annotator -> honeypots answered, and their mean score."""
        wanted = _SCORES.where(LABEL_TASK.c.order_id == order) if order else _SCORES
        with self.reading() as db:
            return {name: (times, float(mean)) for name, times, mean in db.execute(wanted)}

    def seen_by(self, annotator: str) -> frozenset[FrameId]:
        """Frames for which this annotator holds or answered any task, or is kept from one."""
        column = LABEL_TASK.c
        had = select(column.frame).where(
            or_(column.annotator == annotator, column.holder == annotator)
        )
        kept = (
            select(column.frame)
            .join(LABEL_BAR, LABEL_BAR.c.lane == column.lane)
            .where(LABEL_BAR.c.annotator == annotator)
        )
        with self.reading() as db:
            return frozenset(db.execute(had.union(kept)).scalars())
