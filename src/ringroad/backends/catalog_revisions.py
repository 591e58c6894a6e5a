"""Revisions of annotations and gold answers in SQL. Heads move by compare-and-set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import Connection, bindparam, func, insert, select, update

from ringroad.backends.catalog_base import SqlRoom
from ringroad.backends.catalog_label_rows import gold_of, revision_of
from ringroad.backends.catalog_label_schema import (
    ANNOTATION_HEAD,
    ANNOTATION_REVISION,
    GOLD_ANSWER,
)
from ringroad.domain.errors import StaleRevision
from ringroad.domain.ids import FrameId
from ringroad.domain.revision import GoldAnswer, Revision
from ringroad.domain.time import to_iso

FRAMES_PER_QUERY = 500
_MOVE = (
    update(ANNOTATION_HEAD)
    .where(ANNOTATION_HEAD.c.frame == bindparam("of"))
    .values(batch=bindparam("to"), revision=bindparam("number"))
)
_HEADS = select(ANNOTATION_HEAD).where(
    ANNOTATION_HEAD.c.frame.in_(bindparam("frames", expanding=True))
)
_FIRST, _KEEP = insert(ANNOTATION_HEAD), insert(ANNOTATION_REVISION)
_COLUMNS = tuple(Revision.__dataclass_fields__)
_ALL = (
    select(ANNOTATION_REVISION)
    .where(ANNOTATION_REVISION.c.frame == bindparam("of"))
    .order_by(ANNOTATION_REVISION.c.number)
)
_CURRENT = (
    select(ANNOTATION_REVISION)
    .join(
        ANNOTATION_HEAD,
        (ANNOTATION_HEAD.c.frame == ANNOTATION_REVISION.c.frame)
        & (ANNOTATION_HEAD.c.revision == ANNOTATION_REVISION.c.number),
    )
    .where(ANNOTATION_HEAD.c.frame.in_(bindparam("frames", expanding=True)))
)


class RevisionRows(SqlRoom):
    """`protocols.labelling.Revisions` over SQL."""

    def head(self, frame: FrameId) -> Revision | None:
        """The current annotations of a frame, or None where it has none."""
        return self.heads([frame]).get(frame)

    def heads(self, frames: Iterable[FrameId]) -> Mapping[FrameId, Revision]:
        """The same of many frames; frames without any are left out."""
        wanted = list(frames)
        found: dict[FrameId, Revision] = {}
        with self.reading() as db:
            for start in range(0, len(wanted), FRAMES_PER_QUERY):
                some = {"frames": wanted[start : start + FRAMES_PER_QUERY]}
                found |= {row.frame: revision_of(row) for row in db.execute(_CURRENT, some)}
        return found

    def revisions(self, frame: FrameId) -> Sequence[Revision]:
        """All revisions of a frame, oldest first."""
        with self.reading() as db:
            return [revision_of(row) for row in db.execute(_ALL, {"of": frame})]

    def gold(self) -> Mapping[FrameId, GoldAnswer]:
        """Frames with an answer that a person declared right, by frame."""
        newest = select(func.max(GOLD_ANSWER.c.position)).group_by(GOLD_ANSWER.c.frame)
        wanted = (
            select(GOLD_ANSWER)
            .where(GOLD_ANSWER.c.position.in_(newest), GOLD_ANSWER.c.batch.is_not(None))
            .order_by(GOLD_ANSWER.c.frame)
        )
        with self.reading() as db:
            return {FrameId(row.frame): gold_of(row) for row in db.execute(wanted)}


def write_revisions(db: Connection, revisions: Sequence[Revision]) -> None:
    """Revision n takes the place of n - 1, revision 1 that of none; all stay to be read.

    The same revision once more changes nothing.
    """
    for start in range(0, len(revisions), FRAMES_PER_QUERY):
        _write_some(db, revisions[start : start + FRAMES_PER_QUERY])


def _write_some(db: Connection, revisions: Sequence[Revision]) -> None:
    frames = [item.frame for item in revisions]
    rows = db.execute(_HEADS, {"frames": frames})
    heads: dict[str, tuple[int, str]] = {row.frame: (row.revision, row.batch) for row in rows}
    new, moved, kept = [], [], []
    for item in revisions:
        at, batch = heads.get(item.frame, (0, ""))
        if (at, batch) == (item.number, item.batch):
            continue
        if at != item.number - 1:
            raise _stale(db, item, at)
        if at == 0:
            new.append({"frame": item.frame, "batch": item.batch, "revision": 1})
        else:
            moved.append({"of": item.frame, "to": item.batch, "number": item.number})
        kept.append({name: getattr(item, name) for name in _COLUMNS})
        heads[item.frame] = (item.number, item.batch)
    for statement, values in ((_FIRST, new), (_MOVE, moved), (_KEEP, kept)):
        if values:
            db.execute(statement, values)


def write_gold(db: Connection, gold: GoldAnswer) -> None:
    """Add what a person declared right."""
    db.execute(insert(GOLD_ANSWER), asdict(gold))


def _stale(db: Connection, revision: Revision, at: int) -> StaleRevision:
    """Names who won, and when."""
    won = next((row for row in db.execute(_ALL, {"of": revision.frame}) if row.number == at), None)
    by = "" if won is None else f" ({won.author or 'somebody'}, {to_iso(won.made_ns)})"
    current = f"are at revision {at}{by}" if at else "have no revision"
    return StaleRevision(
        f"its annotations {current}, so revision {revision.number} cannot follow",
        subject=revision.frame,
        place=f"revision {at}",
        remedy="read the current annotations and write the next revision",
    )
