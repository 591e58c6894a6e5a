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


def position() -> Column[int]:
    """The order in which rows came."""
    return Column("position", POSITION, primary_key=True)


def text(name: str, *parts: ForeignKey, key: bool = False) -> Column[str]:
    """A text that is always there."""
    return Column(name, Text, *parts, primary_key=key, nullable=False)


def count(name: str) -> Column[int]:
    """A whole number of 64 bits."""
    return Column(name, BigInteger, nullable=False)


ARTIFACT = Table(
    "artifact",
    METADATA,
    position(),
    text("id"),
    text("kind"),
    text("digest"),
    count("size_bytes"),
    text("media"),
    UniqueConstraint("id"),
    Index(None, "kind", "position"),
    Index(None, "digest"),
)

CODE = Table("code", METADATA, text("digest", key=True), text("modules"))
"""Module -> digest, once for all executions that ran under it."""

EXECUTION = Table(
    "execution",
    METADATA,
    position(),
    text("id"),
    text("step"),
    text("code", ForeignKey("code.digest")),
    text("key"),  # environment, inputs, parameters and seed as canonical JSON
    text("inputs"),  # role -> artifact as JSON: what `edge` says, in one read
    text("outputs"),
    count("started_ns"),
    count("ended_ns"),
    text("host"),
    Column("attempts", Integer, nullable=False),
    UniqueConstraint("id"),
    Index(None, "step", "position"),
)

EDGE = Table(
    "edge",
    METADATA,
    text("execution", ForeignKey("execution.id"), key=True),
    text("direction", key=True),
    text("role", key=True),
    text("artifact", ForeignKey("artifact.id")),
    Index(None, "artifact", "direction", "execution"),
    sqlite_with_rowid=False,
)

MEASUREMENT = Table(
    "measurement",
    METADATA,
    position(),
    text("artifact", ForeignKey("artifact.id")),
    text("name"),
    Column("value", Float, nullable=False),
    text("unit"),
    text("detail"),
    Index(None, "artifact", "position"),
)

ALIAS = Table(
    "alias", METADATA, text("name", key=True), text("artifact", ForeignKey("artifact.id"))
)

ALIAS_MOVE = Table(
    "alias_move",
    METADATA,
    position(),
    text("name"),
    text("artifact", ForeignKey("artifact.id")),
    count("moved_ns"),
    text("reason"),
    Index(None, "name", "position"),
)

RECORDING = Table(
    "recording",
    METADATA,
    text("id", key=True),
    text("vehicle"),
    text("source"),
    count("start_ns"),
    text("document"),  # the whole noun as canonical JSON
    Index(None, "source"),
)

REFUSAL = Table(
    "refusal", METADATA, text("uri", key=True), text("code"), text("reason"), text("remedy")
)

LOCATION = Table(
    "location",
    METADATA,
    position(),
    text("digest"),
    text("uri"),
    count("size_bytes"),
    count("modified_ns"),
    UniqueConstraint("digest", "uri"),
)

BATCH = Table(
    "batch",
    METADATA,
    position(),
    text("name"),  # of the table; `table` is a word of SQL
    text("artifact", ForeignKey("artifact.id")),
    Column("indexed", Integer, nullable=False),  # 0 or 1
    UniqueConstraint("name", "artifact"),
    Index(None, "name", "position"),
)

LEASE = Table(
    "lease",
    METADATA,
    text("key", key=True),
    text("owner"),
    count("token"),
    count("expires_ns"),
)

COUNTER = Table("counter", METADATA, text("name", key=True), count("value"))
"""`lease`: the last token given out; one for all keys, so that a row can go when it is free."""
