"""Which recording some bytes are: a new one, one that is known, or none without a word of consent.

The same bytes of a vehicle are one recording, whatever the file is called. The same key with other
bytes is refused, unless the caller says that the new ones take the place of the old.
"""

from __future__ import annotations

from dataclasses import dataclass

from ringroad.domain.errors import SourceChanged, UnknownName
from ringroad.domain.ids import Digest, RecordingId, VehicleId
from ringroad.domain.recording import Recording
from ringroad.protocols.catalog import Recordings


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """A source whose bytes are a recording already, under another key."""

    uri: str
    recording: RecordingId


def twin_of(
    catalog: Recordings, source: Digest, vehicle: VehicleId, id: RecordingId
) -> Recording | None:
    """The recording of this vehicle that has these bytes under another id; None without one."""
    same = [item for item in catalog.recordings_of(source) if item.vehicle == vehicle]
    return None if any(item.id == id for item in same) or not same else same[0]


def replaced(catalog: Recordings, id: RecordingId, source: Digest, *, consent: bool) -> str:
    """The digest of the bytes that a recording has had until now; empty where none give way.

    Raises:
        SourceChanged: it has other bytes, and nobody consented.
    """
    try:
        known = catalog.recording(id)
    except UnknownName:
        return ""
    if known.source == source:
        return known.replaces
    if consent:
        return known.source
    raise SourceChanged(
        f"was taken in with bytes of digest {known.source}, these have {source}",
        subject=id,
        remedy="a recording never changes: give the file another name or --vehicle, or say "
        "--replace if the new bytes are to take the place of the old",
    )
