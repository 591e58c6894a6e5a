"""Copies a source into the blobs, cut into chunks that concatenate to the original."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from io import RawIOBase
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, cast

from ringroad.domain.errors import SourceChanged
from ringroad.domain.ids import Digest
from ringroad.domain.recording import Location
from ringroad.protocols.blobs import Blobs
from ringroad.store.layout import CHUNKS, manifest_bytes, parsed

SMALLEST_CHUNK = 1 << 20
IN_MEMORY = 8 << 20
WRITERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What a copy made.

    Attributes:
        manifest: chunk manifest, `[{offset, length, digest} ...]` as canonical JSON; it is a
            blob too.
        chunks: digest of the manifest.
        digest: SHA-256 of the whole, as far as one pass tells: of a folder, its own digest.
        size_bytes: of the whole.
    """

    manifest: bytes
    chunks: Digest
    digest: Digest
    size_bytes: int

    def location(self) -> Location:
        """Where the copied source lies from now on."""
        return Location(
            digest=self.digest,
            uri=f"{CHUNKS}:{self.chunks}",
            size_bytes=self.size_bytes,
            modified_ns=0,
        )


def copy_in(
    blobs: Blobs,
    path: Path,
    *,
    cuts: Sequence[int] = (),
    expected: Digest | None = None,
    smallest: int = SMALLEST_CHUNK,
) -> Copied:
    """Copy a file in one pass, cut at offsets (those closer than `smallest` are left out).

    Chunks of up to `IN_MEMORY` bytes are stored by `WRITERS` threads, since most of the time of
    a small one is its fsync; a larger one streams by itself. Memory stays under
    `(WRITERS + 1) * IN_MEMORY`.

    Raises:
        SourceChanged: the bytes read do not hash to `expected`, or the file's size changed; the
            chunks written are swept later, as nothing refers to them.
        StorageFull: the blobs took no more bytes.
    """
    whole, bounds = hashlib.sha256(), list(_bounds(cuts, path.stat().st_size, smallest))
    with path.open("rb") as file, ThreadPoolExecutor(WRITERS) as writers:
        writing: deque[Future[Digest]] = deque()
        digests: list[Digest] = []
        for start, end in pairwise(bounds):
            section = _Section(file, end - start, whole)
            if end - start <= IN_MEMORY:
                writing.append(writers.submit(blobs.put, section.read()))
            else:
                digests += [done.result() for done in writing]
                writing.clear()
                digests.append(blobs.put(cast("BinaryIO", section)))
            if section.left:
                raise _changed(path)
            if len(writing) > WRITERS:
                digests.append(writing.popleft().result())
        digests += [done.result() for done in writing]
        more = file.read(1)
    digest = Digest(whole.hexdigest())
    if more or (expected is not None and digest != expected):
        raise _changed(path)
    return _finished(blobs, _entries(digests, bounds), digest)


def _entries(digests: Sequence[Digest], bounds: Sequence[int]) -> list[dict[str, object]]:
    return [
        {"digest": digest, "length": end - start, "offset": start}
        for digest, (start, end) in zip(digests, pairwise(bounds), strict=True)
    ]


def copy_folder(blobs: Blobs, path: Path, manifest: bytes, *, digest: Digest) -> Copied:
    """Copy the files of a folder manifest, each one chunk.

    Raises:
        SourceChanged: a file is no longer what the manifest says.
        StorageFull: the blobs took no more bytes.
    """
    entries: list[dict[str, object]] = []
    for entry in parsed(manifest, digest, ("name", "offset", "sha256", "size")):
        if blobs.put_file(path / entry["name"]) != entry["sha256"]:
            raise _changed(path / entry["name"])
        entries.append(
            {"digest": entry["sha256"], "length": entry["size"], "offset": entry["offset"]}
        )
    return _finished(blobs, entries, digest)


def _bounds(cuts: Sequence[int], size: int, smallest: int) -> Iterator[int]:
    """Ascending offsets from 0 to `size`, no two closer than `smallest` but in a small file."""
    last = 0
    yield last
    for cut in cuts:
        if cut - last >= smallest and size - cut >= smallest:
            last = cut
            yield last
    yield size


def _finished(blobs: Blobs, entries: list[dict[str, object]], digest: Digest) -> Copied:
    manifest = manifest_bytes(entries)
    size = sum(cast("int", entry["length"]) for entry in entries)
    return Copied(manifest=manifest, chunks=blobs.put(manifest), digest=digest, size_bytes=size)


def _changed(path: Path) -> SourceChanged:
    return SourceChanged(
        "it was written to while it was copied",
        subject=str(path),
        remedy="let the writer finish, then ingest it again",
    )


class _Section(RawIOBase):
    """The next `left` bytes of a file, hashed into the whole as they pass."""

    def __init__(self, file: BinaryIO, left: int, whole: hashlib._Hash) -> None:
        super().__init__()
        self.file = file
        self.left = left
        self.whole = whole

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, all that are left where it is negative."""
        piece = self.file.read(self.left if size < 0 else min(size, self.left))
        self.left -= len(piece)
        self.whole.update(piece)
        return piece
