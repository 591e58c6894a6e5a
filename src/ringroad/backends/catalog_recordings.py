"""Recordings, refused sources and places of in-place bytes in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, delete, select

from ringroad.backends.catalog_base import SqlRoom
from ringroad.backends.catalog_records import write_location, write_recording, write_refusal
from ringroad.backends.catalog_rows import recording_of
from ringroad.backends.catalog_schema import LOCATION, RECORDING, REFUSAL
from ringroad.domain.errors import UnknownName
from ringroad.domain.ids import Digest, RecordingId
from ringroad.domain.recording import Location, Recording, Refusal

_NEWEST_LOCATION = (
    select(LOCATION)
    .where(LOCATION.c.digest == bindparam("digest"))
    .order_by(LOCATION.c.position.desc())
    .limit(1)
)
_NEWEST_AT = (
    select(LOCATION)
    .where(LOCATION.c.uri == bindparam("uri"))
    .order_by(LOCATION.c.position.desc())
    .limit(1)
)


class RecordingRows(SqlRoom):
    """`protocols.catalog.Recordings` over SQL."""

    def recording(self, id: RecordingId) -> Recording:
        """One recording. Raises UnknownName."""
        with self.reading() as db:
            found = db.execute(select(RECORDING.c.document).where(RECORDING.c.id == id)).scalar()
        if found is None:
            raise UnknownName(
                "no recording has this id", subject=id, remedy="`ringroad recordings list`"
            )
        return recording_of(found)

    def recordings(self) -> Sequence[Recording]:
        """All recordings by id."""
        with self.reading() as db:
            rows = db.execute(select(RECORDING.c.document).order_by(RECORDING.c.id)).all()
        return [recording_of(row.document) for row in rows]

    def recordings_of(self, source: Digest) -> Sequence[Recording]:
        """Recordings that have these bytes, by id."""
        wanted = select(RECORDING.c.document).where(RECORDING.c.source == source)
        with self.reading() as db:
            rows = db.execute(wanted.order_by(RECORDING.c.id)).all()
        return [recording_of(row.document) for row in rows]

    def adopt(self, recording: Recording) -> None:
        """Say that this is the recording of its id. Raises SourceChanged."""
        with self.writing() as db:
            write_recording(db, recording)

    def refusals(self) -> Sequence[Refusal]:
        """All refused sources by uri."""
        with self.reading() as db:
            rows = db.execute(select(REFUSAL).order_by(REFUSAL.c.uri)).all()
        return [
            Refusal(uri=row.uri, code=row.code, reason=row.reason, remedy=row.remedy)
            for row in rows
        ]

    def location(self, digest: Digest) -> Location | None:
        """Where the bytes of a source lie outside the blobs; the newest of several places."""
        with self.reading() as db:
            return _location_of(db.execute(_NEWEST_LOCATION, {"digest": digest}).one_or_none())

    def location_at(self, uri: str) -> Location | None:
        """What was last found at a place, or None."""
        with self.reading() as db:
            return _location_of(db.execute(_NEWEST_AT, {"uri": uri}).one_or_none())

    def relocate(self, location: Location) -> None:
        """Remember where the bytes of a digest lie now."""
        with self.writing() as db:
            write_location(db, location)

    def refuse(self, refusal: Refusal) -> None:
        """Remember a source that was set aside, in place of what was known of that uri."""
        with self.writing() as db:
            write_refusal(db, refusal)

    def withdraw(self, uri: str) -> None:
        """Forget that a place was refused."""
        with self.writing() as db:
            db.execute(delete(REFUSAL).where(REFUSAL.c.uri == uri))


def _location_of(row: Row[Any] | None) -> Location | None:
    if row is None:
        return None
    return Location(
        digest=Digest(row.digest),
        uri=row.uri,
        size_bytes=row.size_bytes,
        modified_ns=row.modified_ns,
    )
