"""Labelling orders, tasks that change hands, their log, and revisions that can be read again."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BEFORE = "kept from before labelling orders"


def upgrade() -> None:
    """Make the tables, and carry over what format 1 knew of tasks and heads."""
    op.rename_table("label_task", "label_task_1")
    op.drop_index("ix_label_task_selection_state", "label_task_1")
    _orders()
    _tasks()
    _revisions()
    _carry_over()
    op.drop_table("label_task_1")


def downgrade() -> None:
    """Orders and revisions have no place in format 1."""
    raise NotImplementedError


def _position() -> sa.Column[int]:
    return sa.Column("position", POSITION, nullable=False)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _count(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _float(name: str, *, nullable: bool = False) -> sa.Column[float]:
    return sa.Column(name, sa.Float(), nullable=nullable)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def _orders() -> None:
    op.create_table(
        "label_order",
        _position(),
        *(_text(name) for name in ("id", "name", "state")),
        _count("created_ns"),
        _text("document"),
        _key("label_order", "position"),
        _unique("label_order", "id"),
        _unique("label_order", "name"),
    )
    op.create_table(
        "label_lot",
        _text("order_id"),
        *(_number(name) for name in ("number", "frames", "round")),
        _text("state"),
        *(_number(name) for name in ("sample", "limit", "inspected", "bad", "version")),
        _key("label_lot", "order_id", "number"),
    )
    op.create_table(
        "label_event",
        _position(),
        *(_text(name) for name in ("order_id", "task", "kind", "event", "actor")),
        *(_count(name) for name in ("at_ns", "active_ns")),
        _number("marks"),
        _text("detail"),
        _key("label_event", "position"),
    )
    _index("label_event", "order_id", "at_ns")
    _index("label_event", "task")


def _tasks() -> None:
    op.create_table(
        "label_lane",
        _position(),
        *(_text(name) for name in ("order_id", "kind", "assigned", "barred")),
        _key("label_lane", "position"),
        _unique("label_lane", "order_id", "kind", "assigned", "barred"),
    )
    op.create_table(
        "label_bar",
        _count("lane"),
        _text("annotator"),
        _key("label_bar", "lane", "annotator"),
        sa.ForeignKeyConstraint(["lane"], ["label_lane.position"], name="fk_label_bar_lane"),
    )
    op.create_table(
        "label_task",
        _position(),
        *(_text(name) for name in ("id", "order_id", "frame", "kind")),
        *(_number(name) for name in ("look", "round", "lot")),
        _text("state"),
        _float("rank"),
        _count("lane", nullable=True),
        *(_text(name) for name in ("assigned", "barred")),
        _number("skips"),
        _text("annotator"),
        _text("answer", nullable=True),
        _number("marks"),
        _float("score", nullable=True),
        _text("about", nullable=True),
        _text("note"),
        _number("version"),
        _text("holder"),
        *(_count(name) for name in ("token", "expires_ns", "taken_ns", "beat_ns", "active_ns")),
        _key("label_task", "position"),
        _unique("label_task", "id"),
    )
    _index("label_task", "lane", "rank", "position")
    _index("label_task", "order_id", "frame")
    _index("label_task", "order_id", "lot", "kind", "state")
    _index("label_task", "kind", "annotator")
    _index("label_task", "holder")
    _index("label_task", "annotator")


def _revisions() -> None:
    op.create_table(
        "annotation_revision",
        _text("frame"),
        _number("number"),
        *(_text(name) for name in ("batch", "author", "source", "guideline", "reason", "task")),
        _count("made_ns"),
        _key("annotation_revision", "frame", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "gold_answer",
        _position(),
        _text("frame"),
        _text("batch", nullable=True),
        *(_text(name) for name in ("guideline", "by", "reason")),
        _count("made_ns"),
        _key("gold_answer", "position"),
    )
    _index("gold_answer", "frame")


def _carry_over() -> None:
    """Each selection that had tasks becomes a closed order; of each head its last revision."""
    db = op.get_bind()
    selections = db.execute(sa.text("SELECT DISTINCT selection FROM label_task_1 ORDER BY 1"))
    for (selection,) in selections.all():
        order = {"id": selection, "name": f"before {selection}", "selection": selection}
        document = json.dumps(order | {"reason": BEFORE}, sort_keys=True, separators=(",", ":"))
        db.execute(
            sa.text(
                "INSERT INTO label_order (id, name, state, created_ns, document) "
                "VALUES (:id, :name, 'closed', 0, :document)"
            ),
            {"id": selection, "name": order["name"], "document": document},
        )
    db.execute(
        sa.text(
            "INSERT INTO label_task (id, order_id, frame, kind, look, round, lot, state, rank, "
            "assigned, barred, skips, annotator, answer, marks, note, version, holder, token, "
            "expires_ns, taken_ns, beat_ns, active_ns) "
            "SELECT id, selection, frame, "
            "CASE state WHEN 'adjudicated' THEN 'adjudicate' ELSE 'draw' END, 0, 0, -1, "
            "CASE state WHEN 'open' THEN 'cancelled' ELSE 'done' END, 0, "
            "'', '[]', 0, annotator, answer, 0, '', 1, '', 0, 0, 0, 0, 0 "
            "FROM label_task_1 ORDER BY id"
        )
    )
    db.execute(
        sa.text(
            "INSERT INTO annotation_revision (frame, number, batch, author, source, guideline, "
            "reason, task, made_ns) "
            "SELECT frame, revision, batch, '', '', '', :reason, '', 0 FROM annotation_head"
        ),
        {"reason": BEFORE},
    )
