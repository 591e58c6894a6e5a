"""Labelling orders, lots, the log and what it adds up to, in SQL."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, case, func, select

from ringroad.backends.catalog_artifacts import HEX_END
from ringroad.backends.catalog_base import SqlRoom
from ringroad.backends.catalog_label_rows import event_of, lot_of, order_of, whole
from ringroad.backends.catalog_label_schema import LABEL_EVENT, LABEL_LOT, LABEL_ORDER, LABEL_TASK
from ringroad.domain.errors import UnknownName
from ringroad.domain.order import LabelLot, LabelOrder
from ringroad.domain.task import DONE, DRAWN, OPEN, PARKED, LabelEvent
from ringroad.protocols.labelling import FrameCount, Work

_CALLED = select(LABEL_ORDER).where(
    (LABEL_ORDER.c.name == bindparam("name")) | (LABEL_ORDER.c.id == bindparam("name"))
)
_ALL = select(LABEL_ORDER).order_by(LABEL_ORDER.c.position)
LEAST = 8
"""Characters of an id that stand for the whole."""


class OrderRows(SqlRoom):
    """`protocols.labelling.Orders` over SQL."""

    def order(self, name: str) -> LabelOrder:
        """One order by name, id, or eight or more characters of its id. Raises UnknownName."""
        with self.reading() as db:
            row = db.execute(_CALLED, {"name": name}).first()
            if row is None and len(name) >= LEAST:
                start = LABEL_ORDER.c.id.between(name, name + HEX_END)
                found = db.execute(select(LABEL_ORDER).where(start).limit(2)).all()
                row = found[0] if len(found) == 1 else None
        if row is None:
            raise UnknownName(
                "no labelling order is called so", subject=name, remedy="ringroad labels orders"
            )
        return order_of(row)

    def orders(self) -> Sequence[LabelOrder]:
        """All orders, oldest first."""
        with self.reading() as db:
            return [order_of(row) for row in db.execute(_ALL)]

    def lots(self, order: str) -> Sequence[LabelLot]:
        """The lots of an order by number."""
        wanted = select(LABEL_LOT).where(LABEL_LOT.c.order_id == order).order_by(LABEL_LOT.c.number)
        with self.reading() as db:
            return [lot_of(row) for row in db.execute(wanted)]

    def frame_count(self, order: str, *, lot: int | None = None) -> FrameCount:
        """Frames of an order, or of one lot of it; those settled, and by how many looks."""
        waiting = func.sum(case((LABEL_TASK.c.state.in_((OPEN, PARKED)), 1), else_=0))
        done = func.sum(case((LABEL_TASK.c.state == DONE, 1), else_=0))
        frames = (
            select(LABEL_TASK.c.frame, waiting.label("waiting"), done.label("done"))
            .where(LABEL_TASK.c.order_id == order, LABEL_TASK.c.kind.in_(DRAWN))
            .group_by(LABEL_TASK.c.frame)
        )
        if lot is not None:
            frames = frames.where(LABEL_TASK.c.lot == lot)
        each = frames.subquery()
        settled = func.sum(case((each.c.waiting == 0, 1), else_=0))
        looks = func.sum(case((each.c.waiting == 0, each.c.done), else_=0))
        with self.reading() as db:
            found = db.execute(select(func.count(), settled, looks).select_from(each)).one()
        return FrameCount(frames=found[0], settled=int(found[1] or 0), looks=int(found[2] or 0))

    def work(self, *, order: str = "", since_ns: int = 0) -> Sequence[Work]:
        """What people did to tasks of one order, or of all, from a time on; by actor."""
        column = LABEL_EVENT.c
        by = (column.actor, column.kind, column.event)
        wanted = (
            select(
                *by,
                func.count().label("times"),
                func.sum(column.marks).label("marks"),
                func.sum(column.active_ns).label("active_ns"),
                func.min(column.at_ns).label("first_ns"),
                func.max(column.at_ns).label("last_ns"),
            )
            .where(column.actor != "", column.task != "", column.at_ns >= since_ns)
            .group_by(*by)
            .order_by(*by)
        )
        if order:
            wanted = wanted.where(column.order_id == order)
        with self.reading() as db:
            return [Work(**whole(row)) for row in db.execute(wanted)]

    def label_log(
        self, *, order: str = "", task: str = "", after: int = -1, limit: int = 1000
    ) -> Sequence[LabelEvent]:
        """Lines of the log behind a position, oldest first."""
        column = LABEL_EVENT.c
        wanted = select(LABEL_EVENT).where(column.position > after)
        if order:
            wanted = wanted.where(column.order_id == order)
        if task:
            wanted = wanted.where(column.task == task)
        with self.reading() as db:
            rows = db.execute(wanted.order_by(column.position).limit(limit))
            return [event_of(row) for row in rows]
