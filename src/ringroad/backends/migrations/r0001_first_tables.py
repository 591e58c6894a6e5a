"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table of format 1."""
    _lineage()
    _figures_and_names()
    _recordings()
    _work()
    _labels()


def downgrade() -> None:
    """There is nothing before the first tables."""
    raise NotImplementedError


def _position() -> sa.Column[int]:
    return sa.Column("position", POSITION, nullable=False)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=f"fk_{table}_{column}")


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def _lineage() -> None:
    op.create_table(
        "artifact",
        _position(),
        *(_text(name) for name in ("id", "kind", "digest")),
        _count("size_bytes"),
        _text("media"),
        _key("artifact", "position"),
        _unique("artifact", "id"),
    )
    _index("artifact", "kind", "position")
    _index("artifact", "digest")
    op.create_table("code", _text("digest"), _text("modules"), _key("code", "digest"))
    op.create_table(
        "execution",
        _position(),
        *(_text(name) for name in ("id", "step", "code", "key", "inputs", "outputs")),
        *(_count(name) for name in ("started_ns", "ended_ns")),
        _text("host"),
        _number("attempts"),
        _key("execution", "position"),
        _unique("execution", "id"),
        _refers("execution", "code", "code.digest"),
    )
    _index("execution", "step", "position")
    op.create_table(
        "edge",
        *(_text(name) for name in ("execution", "direction", "role", "artifact")),
        _key("edge", "execution", "direction", "role"),
        _refers("edge", "execution", "execution.id"),
        _refers("edge", "artifact", "artifact.id"),
        sqlite_with_rowid=False,
    )
    _index("edge", "artifact", "direction", "execution")


def _figures_and_names() -> None:
    op.create_table(
        "measurement",
        _position(),
        *(_text(name) for name in ("artifact", "name")),
        sa.Column("value", sa.Float(), nullable=False),
        *(_text(name) for name in ("unit", "detail")),
        _key("measurement", "position"),
        _refers("measurement", "artifact", "artifact.id"),
    )
    _index("measurement", "artifact", "position")
    op.create_table(
        "alias",
        *(_text(name) for name in ("name", "artifact")),
        _key("alias", "name"),
        _refers("alias", "artifact", "artifact.id"),
    )
    op.create_table(
        "alias_move",
        _position(),
        *(_text(name) for name in ("name", "artifact")),
        _count("moved_ns"),
        _text("reason"),
        _key("alias_move", "position"),
        _refers("alias_move", "artifact", "artifact.id"),
    )
    _index("alias_move", "name", "position")


def _recordings() -> None:
    op.create_table(
        "recording",
        *(_text(name) for name in ("id", "vehicle", "source")),
        _count("start_ns"),
        _text("document"),
        _key("recording", "id"),
    )
    _index("recording", "source")
    op.create_table(
        "refusal",
        *(_text(name) for name in ("uri", "code", "reason", "remedy")),
        _key("refusal", "uri"),
    )
    op.create_table(
        "location",
        _position(),
        *(_text(name) for name in ("digest", "uri")),
        *(_count(name) for name in ("size_bytes", "modified_ns")),
        _key("location", "position"),
        _unique("location", "digest", "uri"),
    )


def _work() -> None:
    op.create_table(
        "batch",
        _position(),
        *(_text(name) for name in ("name", "artifact")),
        _number("indexed"),
        _key("batch", "position"),
        _refers("batch", "artifact", "artifact.id"),
        _unique("batch", "name", "artifact"),
    )
    _index("batch", "name", "position")
    op.create_table(
        "lease",
        *(_text(name) for name in ("key", "owner")),
        *(_count(name) for name in ("token", "expires_ns")),
        _key("lease", "key"),
    )
    counter = op.create_table("counter", _text("name"), _count("value"), _key("counter", "name"))
    op.bulk_insert(counter, [{"name": "lease", "value": 0}])


def _labels() -> None:
    op.create_table(
        "label_task",
        *(_text(name) for name in ("id", "selection", "frame", "annotator", "state")),
        _text("answer", nullable=True),
        _key("label_task", "id"),
    )
    _index("label_task", "selection", "state")
    op.create_table(
        "annotation_head",
        *(_text(name) for name in ("frame", "batch")),
        _number("revision"),
        _key("annotation_head", "frame"),
    )
