"""The catalog's tables, in SQL that SQLite and PostgreSQL both understand.

Rows by the million do not stand here: they are Lance tables, made again from `batch`.
Those of labelling stand in `catalog_label_schema.py`. `migrations/` brings a stored catalog to
this shape; a test holds the two together.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

VERSION = 2
"""Number of the newest migration."""

POSITION = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite counts up by itself for INTEGER PRIMARY KEY alone."""

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _position() -> Column[int]:
    return Column("position", POSITION, primary_key=True)


def _text(name: str, *parts: ForeignKey, key: bool = False) -> Column[str]:
    return Column(name, Text, *parts, primary_key=key, nullable=False)


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


ARTIFACT = Table(
    "artifact",
    METADATA,
    _position(),
    _text("id"),
    _text("kind"),
    _text("digest"),
    _count("size_bytes"),
    _text("media"),
    UniqueConstraint("id"),
    Index(None, "kind", "position"),
    Index(None, "digest"),
)

CODE = Table("code", METADATA, _text("digest", key=True), _text("modules"))
"""Module -> digest, once for all executions that ran under it."""

EXECUTION = Table(
    "execution",
    METADATA,
    _position(),
    _text("id"),
    _text("step"),
    _text("code", ForeignKey("code.digest")),
    _text("key"),  # environment, inputs, parameters and seed as canonical JSON
    _text("inputs"),  # role -> artifact as JSON: what `edge` says, in one read
    _text("outputs"),
    _count("started_ns"),
    _count("ended_ns"),
    _text("host"),
    Column("attempts", Integer, nullable=False),
    UniqueConstraint("id"),
    Index(None, "step", "position"),
)

EDGE = Table(
    "edge",
    METADATA,
    _text("execution", ForeignKey("execution.id"), key=True),
    _text("direction", key=True),
    _text("role", key=True),
    _text("artifact", ForeignKey("artifact.id")),
    Index(None, "artifact", "direction", "execution"),
    sqlite_with_rowid=False,
)

MEASUREMENT = Table(
    "measurement",
    METADATA,
    _position(),
    _text("artifact", ForeignKey("artifact.id")),
    _text("name"),
    Column("value", Float, nullable=False),
    _text("unit"),
    _text("detail"),
    Index(None, "artifact", "position"),
)

ALIAS = Table(
    "alias", METADATA, _text("name", key=True), _text("artifact", ForeignKey("artifact.id"))
)

ALIAS_MOVE = Table(
    "alias_move",
    METADATA,
    _position(),
    _text("name"),
    _text("artifact", ForeignKey("artifact.id")),
    _count("moved_ns"),
    _text("reason"),
    Index(None, "name", "position"),
)

RECORDING = Table(
    "recording",
    METADATA,
    _text("id", key=True),
    _text("vehicle"),
    _text("source"),
    _count("start_ns"),
    _text("document"),  # the whole noun as canonical JSON
    Index(None, "source"),
)

REFUSAL = Table(
    "refusal", METADATA, _text("uri", key=True), _text("code"), _text("reason"), _text("remedy")
)

LOCATION = Table(
    "location",
    METADATA,
    _position(),
    _text("digest"),
    _text("uri"),
    _count("size_bytes"),
    _count("modified_ns"),
    UniqueConstraint("digest", "uri"),
)

BATCH = Table(
    "batch",
    METADATA,
    _position(),
    _text("name"),  # of the table; `table` is a word of SQL
    _text("artifact", ForeignKey("artifact.id")),
    Column("indexed", Integer, nullable=False),  # 0 or 1
    UniqueConstraint("name", "artifact"),
    Index(None, "name", "position"),
)

LEASE = Table(
    "lease",
    METADATA,
    _text("key", key=True),
    _text("owner"),
    _count("token"),
    _count("expires_ns"),
)

COUNTER = Table("counter", METADATA, _text("name", key=True), _count("value"))
"""`lease`: the last token given out; one for all keys, so that a row can go when it is free."""
