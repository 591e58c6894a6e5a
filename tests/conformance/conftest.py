from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import xxhash

from ringroad.domain.errors import DigestMismatch
from ringroad.domain.ids import Digest, digest_of, recording_id, vehicle_id
from ringroad.domain.recording import Location
from ringroad.ingest.reading import read_source
from ringroad.protocols.reader import Reading, ReadRequest

sys.path.insert(0, str(Path(__file__).parent))


class FileSource:
    """One file as a source, read by the letter."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read_range(
        self, source: Digest, offset: int, length: int, *, xxh3: int | None = None
    ) -> bytes:
        with self.path.open("rb") as file:
            file.seek(offset)
            data = file.read(length)
        assert len(data) == length
        if xxh3 is not None and xxhash.xxh3_64_intdigest(data) != xxh3:
            raise DigestMismatch("other bytes", subject=source)
        return data

    def location(self, source: Digest) -> Location | None:
        return Location(digest=source, uri=self.path.as_uri(), size_bytes=0, modified_ns=0)


@pytest.fixture
def source() -> Callable[[Path], FileSource]:
    return FileSource


@pytest.fixture
def read() -> Callable[..., Reading]:
    def read_file(path: Path, reader: str, **more: object) -> Reading:
        request = ReadRequest(
            path=path,
            source=digest_of(path.read_bytes()),
            recording=recording_id(vehicle_id("car"), path.name),
            vehicle=vehicle_id("car"),
            source_key=path.name,
            **more,  # type: ignore[arg-type]  # the request checks its own fields
        )
        return read_source(reader, request)

    return read_file
