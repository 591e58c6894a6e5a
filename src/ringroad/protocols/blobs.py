"""Immutable bytes by digest, and ranges of sources wherever they lie."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from ringroad.domain.ids import Digest
from ringroad.domain.recording import Location


class Blobs(Protocol):
    """Immutable bytes by digest. Safe to call from threads and processes.

    `put` is atomic and durable when it returns: temporary file, fsync, rename, fsync of the
    folder. Putting bytes that are already there changes nothing. Instances pickle.

    Errors: `StorageFull` when the store takes no more bytes (nothing half-written stays),
    `UnknownName` for a digest that is not there, `DigestMismatch` when `verify` finds rot.
    """

    def put(self, data: bytes | memoryview | BinaryIO) -> Digest:
        """Store bytes and return their SHA-256."""
        ...

    def put_file(self, path: Path) -> Digest:
        """Store a file's bytes; the file stays where it is."""
        ...

    def get(self, digest: Digest) -> bytes:
        """Return all bytes, verified against the digest."""
        ...

    def read_range(self, digest: Digest, offset: int, length: int) -> bytes:
        """Return exactly `length` bytes from `offset`; not verified, see `Sources`."""
        ...

    def size(self, digest: Digest) -> int | None:
        """Size in bytes, or None where the digest is not held."""
        ...

    def path(self, digest: Digest) -> Path | None:
        """A local file holding the bytes, to map into memory; None where there is none."""
        ...

    def delete(self, digest: Digest) -> None:
        """Remove the bytes; nothing happens where they are not held."""
        ...

    def digests(self) -> Iterator[Digest]:
        """Walk over all digests held, in no order."""
        ...


class Sources(Protocol):
    """Ranges of recordings by the digest of the recording, in place or copied.

    Errors: `SourceMissing` and `SourceChanged` name the file and what to do;
    `DigestMismatch` where the bytes read do not hash to `xxh3`.
    """

    def read_range(
        self, source: Digest, offset: int, length: int, *, xxh3: int | None = None
    ) -> bytes:
        """Return exactly `length` bytes, checked against a 64-bit XXH3 where one is given."""
        ...

    def location(self, source: Digest) -> Location | None:
        """Where the bytes lie outside the blobs; None where they do not."""
        ...
