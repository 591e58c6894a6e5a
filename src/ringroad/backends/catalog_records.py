"""Writers of the records that a step hands in, by type. All run inside the commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from ringroad.backends.catalog_base import put
from ringroad.backends.catalog_moves import (
    stamped,
    write_lot_move,
    write_order_move,
    write_task_moves,
)
from ringroad.backends.catalog_revisions import write_gold, write_revisions
from ringroad.backends.catalog_rows import measurement_row, recording_row
from ringroad.backends.catalog_schema import LOCATION, MEASUREMENT, RECORDING, REFUSAL
from ringroad.domain.artifact import Measurement
from ringroad.domain.errors import SourceChanged, UsageError
from ringroad.domain.ids import ArtifactId
from ringroad.domain.order import LotMove, OrderMove
from ringroad.domain.recording import Location, Recording, Refusal
from ringroad.domain.revision import GoldAnswer, Revision
from ringroad.domain.task import TaskMove
from ringroad.protocols.catalog import Record


def write_records(db: Connection, records: Iterable[Record], *, at_ns: int) -> list[ArtifactId]:
    """Write records in the open transaction; return the batches that annotation heads moved to.

    `at_ns` is the time of what carries none.

    Raises:
        UsageError: the catalog has no table for a type.
        StaleRevision: an annotation head moved.
        TaskMoved, LeaseLost: a labelling task, lot or order moved, or a lease does not stand.
        SourceChanged: a recording's id has other bytes.
    """
    heads: dict[ArtifactId, None] = {}
    moves: list[TaskMove] = []
    revisions: list[Revision] = []
    for record in records:
        if isinstance(record, TaskMove):
            moves.append(stamped(record, at_ns))
        elif isinstance(record, OrderMove):
            write_order_move(db, stamped(record, at_ns))
        elif isinstance(record, LotMove):
            write_lot_move(db, stamped(record, at_ns))
        elif isinstance(record, Revision):
            revisions.append(record if record.made_ns else replace(record, made_ns=at_ns))
            heads[record.batch] = None
        else:
            write_record(db, record)
    write_revisions(db, revisions)
    write_task_moves(db, moves)
    return list(heads)


def write_record(db: Connection, record: Record) -> None:
    """Write one record that stands by itself.

    Raises:
        UsageError: the catalog has no table for this type.
        SourceChanged: a recording's id has other bytes.
    """
    writer = _WRITERS.get(type(record))
    if writer is None:
        known = ", ".join(sorted(kind.__name__ for kind in (*_WRITERS, *_TOGETHER)))
        raise UsageError(
            f"the catalog keeps no records of type {type(record).__name__}",
            remedy=f"hand in one of {known}",
        )
    writer(db, record)


def write_recording(db: Connection, recording: Recording) -> None:
    """Remember a recording in place of what was known of the same bytes under its id."""
    wanted = select(RECORDING.c.source).where(RECORDING.c.id == recording.id)
    before = db.execute(wanted).scalar()
    if before not in {None, recording.source, recording.replaces}:
        raise SourceChanged(
            f"was taken in with bytes of digest {before}, these have {recording.source}",
            subject=recording.id,
            remedy="a recording never changes: give the file another name or --vehicle, or say "
            "--replace if the new bytes are to take the place of the old",
        )
    put(db, RECORDING, recording_row(recording))


def write_refusal(db: Connection, refusal: Refusal) -> None:
    """Remember a refused source in place of what was known of its uri."""
    put(db, REFUSAL, asdict(refusal))


def write_location(db: Connection, location: Location) -> None:
    """Remember where bytes lie as the newest place; a source found there is refused no more."""
    same = (LOCATION.c.digest == location.digest) & (LOCATION.c.uri == location.uri)
    db.execute(delete(LOCATION).where(same))
    db.execute(insert(LOCATION), asdict(location))
    db.execute(delete(REFUSAL).where(REFUSAL.c.uri == location.uri))


def _write_measurement(db: Connection, measurement: Measurement) -> None:
    db.execute(insert(MEASUREMENT), measurement_row(measurement))


_TOGETHER = (LotMove, OrderMove, Revision, TaskMove)
_WRITERS: dict[type, Callable[[Connection, Any], None]] = {
    Recording: write_recording,
    Refusal: write_refusal,
    Location: write_location,
    Measurement: _write_measurement,
    GoldAnswer: write_gold,
}
