"""One source to a reading, by the reader's name. Runs inside a sandbox."""

from __future__ import annotations

from dataclasses import replace

from ringroad.domain.errors import RingroadError, UnreadableSource
from ringroad.plugins import LAYOUTS, READERS
from ringroad.protocols.reader import FolderReader, Reader, Reading, ReadRequest


def read_source(reader_name: str, request: ReadRequest) -> Reading:
    """Index one source.

    Raises:
        UnreadableSource: whatever the reader stumbled over, with the source's name.
    """
    table = LAYOUTS if reader_name in LAYOUTS.names() else READERS
    reader: Reader | FolderReader = table.load(reader_name)()
    try:
        return _marked(reader, reader.read(request))
    except (RingroadError, MemoryError):
        raise
    except Exception as error:
        raise UnreadableSource(
            f"the {reader_name} reader failed: {type(error).__name__}: {error}",
            subject=str(request.path),
            remedy="the file is damaged, or of a kind the reader does not know; please report it",
        ) from error


def _marked(reader: Reader | FolderReader, reading: Reading) -> Reading:
    """What a reader found; where nothing independent has checked the reader, it says so."""
    if getattr(reader, "verified", ""):
        return reading
    note = f"the reader {reader.name!r} is unverified: compare what it says with your files"
    return replace(reading, notes=(*reading.notes, note))
