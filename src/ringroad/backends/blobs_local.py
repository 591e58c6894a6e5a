"""Immutable bytes by digest in a folder of this machine."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from ringroad.backends.durable import fsync_path, telling_full
from ringroad.domain.errors import DigestMismatch, UnknownName, UsageError
from ringroad.domain.ids import Digest, digest_of

COPY_BYTES = 1 << 20
LEFTOVER_SUFFIX = ".part"
DIGEST_LENGTH = 64
_HEX = frozenset("0123456789abcdef")


class LocalBlobs:
    """Blobs as read-only files `ab/abcdef...`, sharded by the first two characters.

    New bytes cost two fsyncs (the file, its folder), the first of each of the 256 folders one
    more; bytes that are there already cost one fsync of a clean folder, so that `put` never
    returns before a concurrent writer's rename is durable. Each put refreshes the file's time,
    which is what `discard` goes by. Half-written files stand in `incoming/*.part`.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, data: bytes | memoryview | BinaryIO) -> Digest:
        """Store bytes and return their SHA-256."""
        if isinstance(data, bytes | memoryview):
            view = memoryview(data).cast("B")
            digest = digest_of(view)
            if not self._held(digest, view.nbytes):
                self._land(lambda descriptor: (_write_all(descriptor, view), digest))
            return digest
        return self._land(lambda descriptor: _copy(data, descriptor))

    def put_file(self, path: Path) -> Digest:
        """Store a file's bytes; the file stays where it is."""
        with path.open("rb") as file:
            return self._land(lambda descriptor: _copy(file, descriptor))

    def get(self, digest: Digest) -> bytes:
        """Return all bytes, verified against the digest."""
        try:
            data = self._place(digest).read_bytes()
        except FileNotFoundError as error:
            raise _unknown(digest) from error
        if digest_of(data) != digest:
            raise DigestMismatch(
                "the stored bytes no longer hash to their name",
                subject=digest,
                remedy="run `ringroad doctor` and make the artifact again",
            )
        return data

    def read_range(self, digest: Digest, offset: int, length: int) -> bytes:
        """Return exactly `length` bytes from `offset`; not verified."""
        if offset < 0 or length < 0:
            raise UsageError(f"no range starts at {offset} and is {length} long", subject=digest)
        try:
            with self._place(digest).open("rb", buffering=0) as file:
                data = _read_exactly(file.fileno(), offset, length)
        except FileNotFoundError as error:
            raise _unknown(digest) from error
        if len(data) != length:
            raise DigestMismatch(
                f"holds {len(data)} of the {length} bytes asked from offset {offset}",
                subject=digest,
                remedy="run `ringroad doctor`: the blob is cut short or the index is wrong",
            )
        return data

    def size(self, digest: Digest) -> int | None:
        """Size in bytes, or None where the digest is not held."""
        try:
            return self._place(digest).stat().st_size
        except FileNotFoundError:
            return None

    def path(self, digest: Digest) -> Path | None:
        """The file that holds the bytes; read-only."""
        place = self._place(digest)
        return place if place.exists() else None

    def delete(self, digest: Digest) -> None:
        """Remove the bytes; nothing happens where they are not held."""
        self._place(digest).unlink(missing_ok=True)

    def digests(self) -> Iterator[Digest]:
        """Walk over all digests held, in no order."""
        for shard in _entries(self.root):
            if len(shard) == 2 and _HEX.issuperset(shard):
                for name in _entries(self.root / shard):
                    if len(name) == DIGEST_LENGTH:
                        yield Digest(name)

    def discard(self, digest: Digest, *, before_ns: int) -> int | None:
        """Remove bytes that were last put before a time; return how many, None where kept.

        Between the look at the time and the removal lie microseconds in which a concurrent
        `put` of the same old bytes would be lost: sweep while no step runs.
        """
        return _remove_older(self._place(digest), before_ns)

    def discard_leftovers(self, *, before_ns: int) -> tuple[int, int]:
        """Remove half-written files older than a time; return how many and their bytes."""
        incoming = self._incoming()
        halves = (name for name in _entries(incoming) if name.endswith(LEFTOVER_SUFFIX))
        freed = [_remove_older(incoming / name, before_ns) for name in halves]
        gone = [size for size in freed if size is not None]
        return len(gone), sum(gone)

    def _land(self, fill: Callable[[int], tuple[int, Digest]]) -> Digest:
        """Let `fill` write a temporary file and say its size and digest, then name it so."""
        with telling_full(str(self.root)):
            self._incoming().mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(suffix=LEFTOVER_SUFFIX, dir=self._incoming())
            half = Path(name)
            try:
                size, digest = fill(descriptor)
                if not self._held(digest, size):
                    os.fchmod(descriptor, 0o444)
                    os.fsync(descriptor)
                    self._settle(half, digest)
            finally:
                os.close(descriptor)
                half.unlink(missing_ok=True)
        return digest

    def _settle(self, half: Path, digest: Digest) -> None:
        place = self._place(digest)
        if not place.parent.is_dir():
            place.parent.mkdir(exist_ok=True)
            fsync_path(self.root)
        half.rename(place)
        fsync_path(place.parent)

    def _held(self, digest: Digest, size: int) -> bool:
        """Whether the bytes stand complete; says so durably and renews their time."""
        place = self._place(digest)
        try:
            if place.stat().st_size != size:
                return False
            os.utime(place)
            fsync_path(place.parent)
        except FileNotFoundError:
            return False
        return True

    def _place(self, digest: Digest) -> Path:
        if len(digest) != DIGEST_LENGTH or not _HEX.issuperset(digest):
            raise UsageError(
                f"{digest[:80]!r} is not a digest", remedy="give 64 lower-case hex characters"
            )
        return self.root / digest[:2] / digest

    def _incoming(self) -> Path:
        return self.root / "incoming"


def _write_all(descriptor: int, data: bytes | memoryview) -> int:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    return len(data)


def _copy(data: BinaryIO, descriptor: int) -> tuple[int, Digest]:
    sha, size = hashlib.sha256(), 0
    while piece := data.read(COPY_BYTES):
        sha.update(piece)
        size += _write_all(descriptor, piece)
    return size, Digest(sha.hexdigest())


def _read_exactly(descriptor: int, offset: int, length: int) -> bytes:
    """All bytes of a range, fewer only at the end of the file."""
    data = os.pread(descriptor, length, offset)
    if len(data) == length or not data:
        return data
    parts, have = [data], len(data)
    while have < length and (data := os.pread(descriptor, length - have, offset + have)):
        parts.append(data)
        have += len(data)
    return b"".join(parts)


def _entries(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in os.scandir(folder)]
    except FileNotFoundError:
        return []


def _remove_older(place: Path, before_ns: int) -> int | None:
    """Size of the file removed; None where it is younger or gone."""
    try:
        state = place.stat()
        if state.st_mtime_ns >= before_ns:
            return None
        place.unlink()
    except FileNotFoundError:
        return None
    return state.st_size


def _unknown(digest: Digest) -> UnknownName:
    return UnknownName(
        "these bytes are not held", subject=digest, remedy="run `ringroad doctor` to see why"
    )
