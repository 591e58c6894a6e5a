"""Labelling tasks change hands in SQL: take, sign of life, moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from ringroad.backends.catalog_base import SqlRoom, put_missing
from ringroad.backends.catalog_batches import ANNOTATIONS, put_last, write_batches
from ringroad.backends.catalog_label_rows import LEASE, event_row, task_of
from ringroad.backends.catalog_label_schema import (
    LABEL_BAR,
    LABEL_EVENT,
    LABEL_LANE,
    LABEL_ORDER,
    LABEL_TASK,
)
from ringroad.backends.catalog_leases import NEXT_TOKEN
from ringroad.backends.catalog_moves import lease_lost
from ringroad.backends.catalog_records import write_records
from ringroad.backends.catalog_rows import artifact_row
from ringroad.backends.catalog_schema import ARTIFACT
from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import UnknownName
from ringroad.domain.ids import ArtifactId
from ringroad.domain.order import ACTIVE
from ringroad.domain.task import OPEN, LabelTask
from ringroad.protocols.catalog import Record

_OTHER = LABEL_TASK.alias("other")
_FIRST_OF_LANE = (
    select(_OTHER.c.position)
    .where(
        _OTHER.c.lane == LABEL_LANE.c.position,
        _OTHER.c.expires_ns <= bindparam("now"),
    )
    .order_by(_OTHER.c.rank, _OTHER.c.position)
    .limit(1)
    .correlate(LABEL_LANE)
    .scalar_subquery()
)
_BARRED = exists().where(
    LABEL_BAR.c.lane == LABEL_LANE.c.position, LABEL_BAR.c.annotator == bindparam("who")
)
_HEADS = (
    select(LABEL_TASK)
    .select_from(LABEL_LANE)
    .join(LABEL_ORDER, LABEL_ORDER.c.id == LABEL_LANE.c.order_id)
    .join(LABEL_TASK, LABEL_TASK.c.position == _FIRST_OF_LANE)
    .where(
        LABEL_ORDER.c.state == ACTIVE,
        LABEL_LANE.c.kind.in_(bindparam("kinds", expanding=True)),
        LABEL_LANE.c.assigned.in_(bindparam("assigned", expanding=True)),
        ~_BARRED,
    )
    .order_by(LABEL_TASK.c.rank, LABEL_TASK.c.position)
    .limit(1)
)
_ANY_ORDER = _HEADS
_SOME_ORDERS = _HEADS.where(LABEL_LANE.c.order_id.in_(bindparam("orders", expanding=True)))
_HELD = select(LABEL_TASK).where(
    LABEL_TASK.c.holder == bindparam("who"),
    LABEL_TASK.c.state == OPEN,
    LABEL_TASK.c.expires_ns > bindparam("now"),
    LABEL_TASK.c.kind.in_(bindparam("kinds", expanding=True)),
)
_ONE = select(LABEL_TASK).where(LABEL_TASK.c.id == bindparam("task"))
_LEASE = (
    update(LABEL_TASK)
    .where(LABEL_TASK.c.position == bindparam("at"))
    .values({name: bindparam(f"new_{name}") for name in LEASE})
)


class QueueRows(SqlRoom):
    """`protocols.labelling.Queue` over SQL. Leases survive no power cut, as all leases."""

    def take_task(
        self,
        annotator: str,
        *,
        kinds: Iterable[str],
        orders: Iterable[str] | None = None,
        now_ns: int,
        ttl_ns: int,
    ) -> LabelTask | None:
        """Lease the task of highest priority that this annotator may have; None: there is none."""
        wanted = None if orders is None else list(orders)
        asked = {"who": annotator, "now": now_ns, "kinds": list(kinds)}
        with self.writing(durable=False) as db:
            held = _first(db, _HELD, asked, wanted)
            if held is not None:
                return _leased(db, held, {"expires_ns": max(held.expires_ns, now_ns + ttl_ns)})
            row = self._next(db, asked, wanted)
            if row is None:
                return None
            lines = [_expired(row)] if row.holder else []
            lines.append(_line(row, "taken", annotator, now_ns))
            db.execute(insert(LABEL_EVENT), lines)
            lease = {
                "holder": annotator,
                "token": db.execute(NEXT_TOKEN).scalar_one(),
                "expires_ns": now_ns + ttl_ns,
                "taken_ns": now_ns,
                "beat_ns": now_ns,
                "active_ns": 0,
            }
            return _leased(db, row, lease)

    def beat_task(
        self, task: str, token: int, *, now_ns: int, ttl_ns: int, idle_ns: int
    ) -> LabelTask:
        """Say that work goes on. Time since the last sign of life counts, up to `idle_ns`."""
        with self.writing(durable=False) as db:
            row = db.execute(_ONE, {"task": task}).one_or_none()
            if row is None:
                raise UnknownName("no task is called so", subject=task)
            if row.state != OPEN or not token or row.token != token:
                raise lease_lost(row, token)
            worked = min(max(0, now_ns - row.beat_ns), idle_ns)
            lease = {
                "expires_ns": max(row.expires_ns, now_ns + ttl_ns),
                "beat_ns": max(row.beat_ns, now_ns),
                "active_ns": row.active_ns + worked,
            }
            return _leased(db, row, lease)

    def change_labels(
        self,
        records: Iterable[Record],
        *,
        artifacts: Iterable[Artifact] = (),
        batches: Mapping[ArtifactId, str] | None = None,
        now_ns: int,
    ) -> None:
        """Write moves, revisions and gold answers together, or none of them."""
        try:
            with self.writing() as db:
                put_missing(db, ARTIFACT, [artifact_row(artifact) for artifact in artifacts])
                heads = write_records(db, records, at_ns=now_ns)
                write_batches(db, batches or {})
                put_last(db, ANNOTATIONS, heads)
        except IntegrityError as error:
            raise UnknownName(
                "a batch of annotations is no artifact that the catalog holds",
                subject="labels",
                remedy="hand the artifact in with the change",
            ) from error

    @staticmethod
    def _next(db: Connection, asked: dict[str, Any], orders: list[str] | None) -> Row[Any] | None:
        values = asked | {"assigned": ["", asked["who"]]}
        if orders is None:
            return db.execute(_ANY_ORDER, values).first()
        return db.execute(_SOME_ORDERS, values | {"orders": orders}).first()


def _first(
    db: Connection, statement: Select[Any], asked: dict[str, Any], orders: list[str] | None
) -> Row[Any] | None:
    found = db.execute(statement, asked)
    return next((row for row in found if orders is None or row.order_id in orders), None)


def _leased(db: Connection, row: Row[Any], changed: dict[str, Any]) -> LabelTask:
    """Write a lease; return the task with it."""
    lease = {name: getattr(row, name) for name in LEASE} | changed
    db.execute(_LEASE, {"at": row.position, **{f"new_{name}": lease[name] for name in LEASE}})
    return task_of(row, lease)


def _expired(row: Row[Any]) -> dict[str, Any]:
    """The end of a lease that nobody gave back; work up to the last sign of life counts."""
    line = _line(row, "expired", row.holder, row.expires_ns)
    return line | {"active_ns": row.active_ns}


def _line(row: Row[Any], event: str, actor: str, at_ns: int) -> dict[str, Any]:
    return event_row(
        order=row.order_id,
        event=event,
        at_ns=at_ns,
        actor=actor,
        detail={},
        task=row.id,
        kind=row.kind,
    )
