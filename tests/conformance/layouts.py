"""Reads folders as `ingest` does, and looks whether every row's bytes are where it says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import xxhash

from ringroad.domain.ids import digest_of, recording_id, vehicle_id
from ringroad.ingest.discover import SourceFile, discover
from ringroad.ingest.reading import read_source
from ringroad.protocols.reader import Reading, ReadRequest


@dataclass(frozen=True)
class Read:
    """One recording of a folder: as it was found, asked for, and read."""

    source: SourceFile
    request: ReadRequest
    reading: Reading

    def bytes_of(self, rows: pa.Table) -> list[bytes]:
        """The bytes that rows name, out of all files one after the other, and checked."""
        whole = b"".join((self.source.path / name).read_bytes() for name in self.source.files)
        found = []
        for row in rows.select(["offset", "length", "xxh3"]).to_pylist():
            data = whole[row["offset"] : row["offset"] + row["length"]]
            assert xxhash.xxh3_64_intdigest(data) == row["xxh3"]
            found.append(data)
        return found


def read_folder(folder: Path, **more) -> list[Read]:
    """Every recording below a folder; nothing in it may be refused."""
    known = discover([folder])
    assert known.refused == ()
    return [_read(source, more) for source in known.sources]


def _read(source: SourceFile, more: dict) -> Read:
    vehicle = vehicle_id("car")
    request = ReadRequest(
        path=source.path,
        source=digest_of(source.source_key.encode()),
        recording=recording_id(vehicle, source.source_key),
        vehicle=vehicle,
        source_key=source.source_key,
        files=source.files,
        **more,
    )
    return Read(source, request, read_source(source.reader, request))
