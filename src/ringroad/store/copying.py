"""Copies a source into the blobs, cut into chunks that concatenate to the original."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import cast

from ringroad.domain.errors import SourceChanged
from ringroad.domain.ids import Digest
from ringroad.domain.recording import Location
from ringroad.protocols.blobs import Blobs
from ringroad.store.layout import CHUNKS, manifest_bytes, parsed

SMALLEST_CHUNK = 2 << 20
LARGEST_CHUNK = 8 << 20
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
    known: Digest | None = None,
    smallest: int = SMALLEST_CHUNK,
    largest: int = LARGEST_CHUNK,
) -> Copied:
    """Copy a file in one pass, cut at offsets: chunks of `smallest` to `largest` bytes.

    Cuts that are too close are left out, and where they are too far apart chunks end in between.
    `WRITERS` threads hash and store chunks, since most of the time of one is its fsync; memory
    stays under `(WRITERS + 2) * largest`.

    Args:
        blobs: where to.
        path: the file.
        cuts: where decoding can start, ascending.
        expected: digest that the bytes must hash to; they are hashed once more as a whole.
        known: digest that the caller has just found them to have, in place of `expected`: they
            are not hashed as a whole again, but the file must stand still meanwhile.
        smallest: no chunk but that of a small file is shorter.
        largest: no chunk is longer.

    Raises:
        SourceChanged: the bytes read do not hash to `expected`, or the file's size or time
            changed; the chunks written are swept later, as nothing refers to them.
        StorageFull: the blobs took no more bytes.
    """
    before = path.stat()
    whole = None if known is not None else hashlib.sha256()
    bounds = list(_bounds(cuts, before.st_size, smallest, largest))
    with path.open("rb") as file, ThreadPoolExecutor(WRITERS) as writers:
        writing: deque[Future[Digest]] = deque()
        digests: list[Digest] = []
        for start, end in pairwise(bounds):
            piece = file.read(end - start)
            if len(piece) != end - start:
                raise _changed(path)
            writing.append(writers.submit(blobs.put, piece))
            if whole is not None:
                whole.update(piece)
            if len(writing) > WRITERS:
                digests.append(writing.popleft().result())
        digests += [done.result() for done in writing]
    after = path.stat()
    digest = known if whole is None else Digest(whole.hexdigest())
    if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise _changed(path)
    if digest is None or (expected is not None and digest != expected):
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


def _bounds(cuts: Sequence[int], size: int, smallest: int, largest: int) -> Iterator[int]:
    """Ascending offsets from 0 to `size`; see `copy_in`."""
    last = 0
    yield last
    for cut in (*(cut for cut in cuts if size - cut >= smallest), size):
        if cut - last < smallest and cut < size:
            continue
        parts = max(1, -(-(cut - last) // largest))
        yield from (last + (cut - last) * part // parts for part in range(1, parts + 1))
        last = cut


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
