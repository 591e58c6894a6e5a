"""Rows of labelling to nouns and back. Holds no SQL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from sqlalchemy import Row

from ringroad.backends.catalog_rows import text_of
from ringroad.domain.config import build
from ringroad.domain.ids import ArtifactId, FrameId
from ringroad.domain.order import LabelLot, LabelOrder
from ringroad.domain.revision import GoldAnswer, Revision
from ringroad.domain.task import LabelEvent, LabelTask

LEASE = ("holder", "token", "expires_ns", "taken_ns", "beat_ns", "active_ns")
"""Columns that moves of a task leave alone, unless its lease ends."""
_PLAIN = (
    "id", "frame", "kind", "look", "round", "lot", "state", "assigned", "skips", "annotator",
    "answer", "marks", "score", "about", "note", "version",
)  # fmt: skip


def task_row(task: LabelTask) -> dict[str, Any]:
    """One row of `label_task`, but for its lane and its lease."""
    values = {name: getattr(task, name) for name in _PLAIN}
    return values | {
        "order_id": task.order,
        "rank": -task.priority,
        "barred": names_text(task.barred),
    }


def task_of(row: Row[Any], lease: Mapping[str, Any] | None = None) -> LabelTask:
    """The noun of one row of `label_task`, under another lease where one is given."""
    return LabelTask(
        order=row.order_id,
        priority=-row.rank or 0.0,  # no minus zero
        barred=names_of(row.barred),
        **{name: getattr(row, name) for name in _PLAIN},
        **(lease or {name: getattr(row, name) for name in LEASE}),
    )


def order_row(order: LabelOrder) -> dict[str, Any]:
    """One row of `label_order`."""
    document = asdict(order)
    del document["state"], document["created_ns"]
    return {
        "id": order.id,
        "name": order.name,
        "state": order.state,
        "created_ns": order.created_ns,
        "document": text_of(document),
    }


def order_of(row: Row[Any]) -> LabelOrder:
    """The noun of one row of `label_order`."""
    return _order(row.document, row.state, row.created_ns)


@lru_cache(maxsize=256)
def _order(document: str, state: str, created_ns: int) -> LabelOrder:
    values = json.loads(document) | {"state": state, "created_ns": created_ns}
    return build(LabelOrder, values, subject=f"order {values['name']}")


def lot_of(row: Row[Any]) -> LabelLot:
    """The noun of one row of `label_lot`."""
    values = row._asdict()
    return LabelLot(order=values.pop("order_id"), **values)


def lot_row(lot: LabelLot) -> dict[str, Any]:
    """One row of `label_lot`."""
    values = asdict(lot)
    return {"order_id": values.pop("order"), **values}


def event_of(row: Row[Any]) -> LabelEvent:
    """The noun of one row of `label_event`."""
    return LabelEvent(
        position=row.position,
        order=row.order_id,
        task=row.task,
        event=row.event,
        actor=row.actor,
        at_ns=row.at_ns,
        active_ns=row.active_ns,
        detail=json.loads(row.detail),
    )


def revision_of(row: Row[Any]) -> Revision:
    """The noun of one row of `annotation_revision`."""
    return Revision(
        frame=row.frame,
        number=row.number,
        batch=row.batch,
        author=row.author,
        source=row.source,
        guideline=row.guideline,
        reason=row.reason,
        task=row.task,
        made_ns=row.made_ns,
    )


def gold_of(row: Row[Any]) -> GoldAnswer:
    """The noun of one row of `gold_answer`."""
    return GoldAnswer(
        frame=FrameId(row.frame),
        batch=None if row.batch is None else ArtifactId(row.batch),
        guideline=row.guideline,
        by=row.by,
        reason=row.reason,
        made_ns=row.made_ns,
    )


def event_row(
    *,
    order: str,
    event: str,
    at_ns: int,
    actor: str,
    detail: Mapping[str, object],
    task: str = "",
    kind: str = "",
    active_ns: int = 0,
    marks: int = 0,
) -> dict[str, Any]:
    """One line of the log."""
    return {
        "order_id": order,
        "task": task,
        "kind": kind,
        "event": event,
        "actor": actor,
        "at_ns": at_ns,
        "active_ns": active_ns,
        "marks": marks,
        "detail": text_of(dict(detail)),
    }


def whole(row: Row[Any]) -> dict[str, Any]:
    """A row of texts and sums; PostgreSQL sums whole numbers to decimals."""
    return {k: v if isinstance(v, str) else int(v) for k, v in row._asdict().items()}


@lru_cache(maxsize=4096)
def names_text(names: tuple[str, ...]) -> str:
    """Names as a column holds them."""
    return text_of(list(names))


@lru_cache(maxsize=4096)
def names_of(text: str) -> tuple[str, ...]:
    """Names of a column."""
    return tuple(json.loads(text))
