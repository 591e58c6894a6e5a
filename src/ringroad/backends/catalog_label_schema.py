"""The catalog's tables of labelling: orders, tasks, lots, their log, and revisions."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from ringroad.backends.catalog_schema import METADATA, POSITION


def _position() -> Column[int]:
    return Column("position", POSITION, primary_key=True)


def _text(name: str, *parts: ForeignKey, key: bool = False) -> Column[str]:
    return Column(name, Text, *parts, primary_key=key, nullable=False)


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _number(name: str, *, key: bool = False) -> Column[int]:
    return Column(name, Integer, primary_key=key, nullable=False)


LABEL_ORDER = Table(
    "label_order",
    METADATA,
    _position(),
    _text("id"),
    _text("name"),
    _text("state"),
    _count("created_ns"),
    _text("document"),  # all that never changes, as canonical JSON
    UniqueConstraint("id"),
    UniqueConstraint("name"),
)

LABEL_LANE = Table(
    "label_lane",
    METADATA,
    _position(),
    _text("order_id"),
    _text("kind"),
    _text("assigned"),
    _text("barred"),  # names as canonical JSON
    UniqueConstraint("order_id", "kind", "assigned", "barred"),
)
"""Open tasks that the same people may have: a queue by itself, gone when it is empty."""

LABEL_BAR = Table(
    "label_bar",
    METADATA,
    Column(
        "lane",
        BigInteger,
        ForeignKey("label_lane.position"),
        primary_key=True,
        nullable=False,
        autoincrement=False,
    ),
    _text("annotator", key=True),
)

LABEL_TASK = Table(
    "label_task",
    METADATA,
    _position(),
    _text("id"),
    _text("order_id"),
    _text("frame"),
    _text("kind"),
    _number("look"),
    _number("round"),
    _number("lot"),
    _text("state"),
    Column("rank", Float, nullable=False),  # priority turned round: lower goes first
    Column("lane", BigInteger),  # of open tasks alone
    _text("assigned"),
    _text("barred"),
    _number("skips"),
    _text("annotator"),
    Column("answer", Text),
    _number("marks"),
    Column("score", Float),
    Column("about", Text),
    _text("note"),
    _number("version"),
    _text("holder"),
    _count("token"),
    _count("expires_ns"),
    _count("taken_ns"),
    _count("beat_ns"),
    _count("active_ns"),
    UniqueConstraint("id"),
    Index(None, "lane", "rank", "position"),
    Index(None, "order_id", "frame"),
    Index(None, "order_id", "lot", "kind", "state"),
    Index(None, "kind", "annotator"),
    Index(None, "holder"),
    Index(None, "annotator"),
)

LABEL_LOT = Table(
    "label_lot",
    METADATA,
    _text("order_id", key=True),
    _number("number", key=True),
    _number("frames"),
    _number("round"),
    _text("state"),
    _number("sample"),
    _number("limit"),
    _number("inspected"),
    _number("bad"),
    _number("version"),
)

LABEL_EVENT = Table(
    "label_event",
    METADATA,
    _position(),
    _text("order_id"),
    _text("task"),
    _text("kind"),
    _text("event"),
    _text("actor"),
    _count("at_ns"),
    _count("active_ns"),
    _number("marks"),
    _text("detail"),
    Index(None, "order_id", "at_ns"),
    Index(None, "task"),
)

ANNOTATION_HEAD = Table(
    "annotation_head",
    METADATA,
    _text("frame", key=True),
    _text("batch"),
    _number("revision"),
)

ANNOTATION_REVISION = Table(
    "annotation_revision",
    METADATA,
    _text("frame", key=True),
    _number("number", key=True),
    _text("batch"),
    _text("author"),
    _text("source"),
    _text("guideline"),
    _text("reason"),
    _text("task"),
    _count("made_ns"),
    sqlite_with_rowid=False,
)

GOLD_ANSWER = Table(
    "gold_answer",
    METADATA,
    _position(),
    _text("frame"),
    Column("batch", Text),
    _text("guideline"),
    _text("by"),
    _text("reason"),
    _count("made_ns"),
    Index(None, "frame"),
)
