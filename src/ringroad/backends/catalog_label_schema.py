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

from ringroad.backends.catalog_schema import METADATA, count, position, text


def _number(name: str, *, key: bool = False) -> Column[int]:
    return Column(name, Integer, primary_key=key, nullable=False)


LABEL_ORDER = Table(
    "label_order",
    METADATA,
    position(),
    text("id"),
    text("name"),
    text("state"),
    count("created_ns"),
    text("document"),  # all that never changes, as canonical JSON
    UniqueConstraint("id"),
    UniqueConstraint("name"),
)

LABEL_LANE = Table(
    "label_lane",
    METADATA,
    position(),
    text("order_id"),
    text("kind"),
    text("assigned"),
    text("barred"),  # names as canonical JSON
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
    text("annotator", key=True),
)

LABEL_TASK = Table(
    "label_task",
    METADATA,
    position(),
    text("id"),
    text("order_id"),
    text("frame"),
    text("kind"),
    _number("look"),
    _number("round"),
    _number("lot"),
    text("state"),
    Column("rank", Float, nullable=False),  # priority turned round: lower goes first
    Column("lane", BigInteger),  # of open tasks alone
    text("assigned"),
    text("barred"),
    _number("skips"),
    text("annotator"),
    Column("answer", Text),
    _number("marks"),
    Column("score", Float),
    Column("about", Text),
    text("note"),
    _number("version"),
    text("holder"),
    count("token"),
    count("expires_ns"),
    count("taken_ns"),
    count("beat_ns"),
    count("active_ns"),
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
    text("order_id", key=True),
    _number("number", key=True),
    _number("frames"),
    _number("round"),
    text("state"),
    _number("sample"),
    _number("limit"),
    _number("inspected"),
    _number("bad"),
    _number("version"),
)

LABEL_EVENT = Table(
    "label_event",
    METADATA,
    position(),
    text("order_id"),
    text("task"),
    text("kind"),
    text("event"),
    text("actor"),
    count("at_ns"),
    count("active_ns"),
    _number("marks"),
    text("detail"),
    Index(None, "order_id", "at_ns"),
    Index(None, "task"),
)

ANNOTATION_HEAD = Table(
    "annotation_head",
    METADATA,
    text("frame", key=True),
    text("batch"),
    _number("revision"),
)

ANNOTATION_REVISION = Table(
    "annotation_revision",
    METADATA,
    text("frame", key=True),
    _number("number", key=True),
    text("batch"),
    text("author"),
    text("source"),
    text("guideline"),
    text("reason"),
    text("task"),
    count("made_ns"),
    sqlite_with_rowid=False,
)

GOLD_ANSWER = Table(
    "gold_answer",
    METADATA,
    position(),
    text("frame"),
    Column("batch", Text),
    text("guideline"),
    text("by"),
    text("reason"),
    count("made_ns"),
    Index(None, "frame"),
)
