"""Objects of a bucket that belongs to the user: listed and read, never written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ringroad.domain.ids import Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectEntry:
    """One object, as a listing tells of it."""

    url: str
    """`s3://bucket/key` ..."""
    size_bytes: int
    modified_ns: int


class Objects(Protocol):
    """Reads of objects by URL. Safe to call from threads; instances pickle.

    Errors: `SourceMissing` where there is no such object or bucket, `SourceChanged` where it is
    shorter than a range asks for, `InputError` where the store refuses (credentials, address).
    A request that fails on the way is repeated a bounded number of times by the implementation.
    """

    def entries(self, url: str) -> Iterator[ObjectEntry]:
        """The object of this URL, or all objects below it, by key."""
        ...

    def read_range(self, url: str, offset: int, length: int) -> bytes:
        """Exactly `length` bytes."""
        ...

    def fetch(self, url: str, path: Path) -> Digest:
        """Write all bytes into a new file, and return their SHA-256."""
        ...
