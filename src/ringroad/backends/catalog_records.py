"""Writers of the records that a step hands in, by type. All run inside the commit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from ringroad.backends.catalog_base import put, put_missing
from ringroad.backends.catalog_rows import measurement_row, recording_row
from ringroad.backends.catalog_schema import (
    ANNOTATION_HEAD,
    LABEL_TASK,
    LOCATION,
    MEASUREMENT,
    RECORDING,
    REFUSAL,
)
from ringroad.domain.artifact import Measurement
from ringroad.domain.errors import SourceChanged, StaleRevision, UsageError
from ringroad.domain.recording import Location, Recording, Refusal
from ringroad.domain.task import AnnotationHead, LabelTask
from ringroad.protocols.catalog import Record


def write_record(db: Connection, record: Record) -> None:
    """Write one record in the open transaction.

    Raises:
        UsageError: the catalog has no table for this type.
        StaleRevision: an annotation head moved.
        SourceChanged: a recording's id has other bytes.
    """
    writer = _WRITERS.get(type(record))
    if writer is None:
        known = ", ".join(sorted(kind.__name__ for kind in _WRITERS))
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


def _write_task(db: Connection, task: LabelTask) -> None:
    put(db, LABEL_TASK, asdict(task))


def _write_head(db: Connection, head: AnnotationHead) -> None:
    """Compare-and-set: revision n takes the place of n - 1, revision 1 that of none."""
    table, row = ANNOTATION_HEAD, asdict(head)
    if head.revision == 1:
        put_missing(db, table, [row])
    else:
        before = (table.c.frame == head.frame) & (table.c.revision == head.revision - 1)
        db.execute(update(table).where(before).values(**row))
    found = db.execute(select(table).where(table.c.frame == head.frame)).one_or_none()
    if found is None or (found.batch, found.revision) != (head.batch, head.revision):
        current = "has none" if found is None else f"is at revision {found.revision}"
        raise StaleRevision(
            f"annotations {current}, so revision {head.revision} cannot follow",
            subject=head.frame,
            remedy="read the current head and write the next revision",
        )


_WRITERS: dict[type, Callable[[Connection, Any], None]] = {
    Recording: write_recording,
    Refusal: write_refusal,
    Location: write_location,
    LabelTask: _write_task,
    AnnotationHead: _write_head,
    Measurement: _write_measurement,
}
