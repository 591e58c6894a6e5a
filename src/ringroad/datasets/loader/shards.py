"""Reads records of shards: out of a pack's folder, or through a local cache.

Reading into the caller's memory costs one system call a record; what will be read next is told to
the system beforehand, which fetches it meanwhile.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from ringroad.datasets.loader.pack import SHARD_SUFFIX, Pack
from ringroad.domain.errors import DigestMismatch, InvalidConfig, SourceMissing, StorageFull

COPY_BYTES = 8 << 20
_AGAIN = "copy the pack again from its origin, or pack the dataset version again"


class Shards(Protocol):
    """Records by shard and range. Safe to call from threads; instances pickle.

    Errors: `SourceMissing` names the shard that is not there, `DigestMismatch` the one that is
    too short.
    """

    def read_into(self, shard: int, offset: int, buffer: memoryview) -> None:
        """Fill the buffer from an offset of a shard."""
        ...

    def expect(self, shard: int, ranges: Sequence[tuple[int, int]]) -> None:
        """Offsets and lengths that will be read soon; nobody waits for it."""
        ...

    def close(self) -> None:
        """Close files; they open again when they are read."""
        ...


class OpenFile:
    """A file that closes when nobody refers to it any more, so that nobody reads a closed one."""

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.size = os.fstat(self.descriptor).st_size
        self.used = 0

    def read_into(self, offset: int, buffer: memoryview) -> int:
        """Fill the buffer; return how many bytes there were."""
        found = os.preadv(self.descriptor, [buffer], offset)
        while 0 < found < len(buffer):
            more = os.preadv(self.descriptor, [buffer[found:]], offset + found)
            if not more:
                break
            found += more
        return found

    def __del__(self) -> None:
        if hasattr(self, "descriptor"):
            os.close(self.descriptor)


class FolderShards:
    """Shards as files of the pack's folder."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._open: dict[int, OpenFile] = {}

    def read_into(self, shard: int, offset: int, buffer: memoryview) -> None:
        """Fill the buffer from an offset of a shard."""
        file = self._open.get(shard) or self._opened(shard)
        if file.read_into(offset, buffer) != len(buffer):
            raise _short(self.pack, shard)

    def expect(self, shard: int, ranges: Sequence[tuple[int, int]]) -> None:
        """Let the system fetch ranges meanwhile, where it can."""
        if not hasattr(os, "posix_fadvise"):
            return
        file = self._open.get(shard) or self._opened(shard)
        for offset, length in ranges:
            os.posix_fadvise(file.descriptor, offset, length, os.POSIX_FADV_WILLNEED)

    def close(self) -> None:
        """Close files; they open again when they are read."""
        self._open = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return FolderShards, (self.pack,)

    def _opened(self, shard: int) -> OpenFile:
        try:
            return self._open.setdefault(shard, OpenFile(self.pack.shard_path(shard)))
        except FileNotFoundError as error:
            raise _missing(self.pack, shard) from error


class CachedShards:
    """Shards of a slow folder (a network mount) through a folder on a near disk.

    A shard is copied whole when it is first read, checked against its SHA-256 on the way, and
    read from the copy from then on, also by other processes. Where the copies would pass the
    limit, those that were used longest ago go first; a file that goes while it is read stays
    readable. With a window of shards in the order (`OrderConfig.window`) a cache far smaller than
    the pack does.

    Args:
        pack: whose shards.
        folder: of the cache; packs may share it, since shards are named by digest.
        limit_bytes: how much it may hold; the largest shard must fit.
    """

    def __init__(self, pack: Pack, folder: Path, *, limit_bytes: int) -> None:
        self.pack = pack
        self.folder = folder
        self.limit_bytes = limit_bytes
        self.fetched = 0
        """How many shards were copied."""
        self._open: dict[int, OpenFile] = {}
        self._room = Lock()
        self._turn = count(1)
        folder.mkdir(parents=True, exist_ok=True)

    def read_into(self, shard: int, offset: int, buffer: memoryview) -> None:
        """Fill the buffer from an offset of a shard."""
        file = self._open.get(shard) or self._fetched(shard)
        file.used = next(self._turn)
        if file.read_into(offset, buffer) != len(buffer):
            raise _short(self.pack, shard)

    def expect(self, shard: int, ranges: Sequence[tuple[int, int]]) -> None:
        """Nothing: a shard copied before it is needed would push out one that still is."""

    def close(self) -> None:
        """Close files; the copies stay for the next time."""
        self._open = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return _cached, (self.pack, self.folder, self.limit_bytes)

    def _fetched(self, shard: int) -> OpenFile:
        """The near copy, made where there is none.

        One thread at a time: what another one makes room with is open by then.
        """
        near = self._near(shard)
        with self._room:
            file = self._open.get(shard)
            while file is None:
                file = _opened_near(near)
                if file is None:
                    self._copy(shard, near)
            self._open[shard] = file
        return file

    def _near(self, shard: int) -> Path:
        return self.folder / self.pack.shard_path(shard).name

    def _copy(self, shard: int, near: Path) -> None:
        """Whole and checked, or not at all."""
        origin = self.pack.shard_path(shard)
        unfinished = near.with_name(f"{near.name}.{os.getpid()}.part")
        found = hashlib.sha256()
        try:
            with origin.open("rb") as source:
                self._make_room(os.fstat(source.fileno()).st_size)
                with unfinished.open("wb") as sink:
                    while data := source.read(COPY_BYTES):
                        found.update(data)
                        sink.write(data)
                    sink.flush()
                    os.fsync(sink.fileno())
            if found.hexdigest() != self.pack.header.shards[shard]:
                raise DigestMismatch(
                    f"shard {origin.name} does not hash to its name",
                    subject=str(self.pack.folder),
                    remedy=_AGAIN,
                )
            unfinished.replace(near)
            self.fetched += 1
        except FileNotFoundError as error:
            raise _missing(self.pack, shard) from error
        except OSError as error:
            raise StorageFull(
                f"a shard could not be copied into the cache: {error.strerror}",
                subject=str(self.folder),
                remedy="make room there, or lower the limit of the cache",
            ) from error
        finally:
            unfinished.unlink(missing_ok=True)

    def _make_room(self, size: int) -> None:
        """Let go what was used longest ago: of earlier times first, then of this loader."""
        if size > self.limit_bytes:
            raise InvalidConfig(
                f"a shard has {size} bytes, the cache may hold {self.limit_bytes}",
                subject=str(self.folder),
                remedy="raise the limit of the cache",
            )
        used = {self._near(shard): (file.used, shard) for shard, file in self._open.items()}
        held = []
        for path in self.folder.glob(f"*{SHARD_SUFFIX}"):
            state = path.stat()
            held.append((used.get(path, (0, -1)), state.st_mtime_ns, state.st_size, path))
        total = sum(entry[2] for entry in held)
        for (_, shard), _, length, path in sorted(held):
            if total + size <= self.limit_bytes:
                break
            self._open.pop(shard, None)
            path.unlink(missing_ok=True)
            total -= length
        for path in self.folder.glob("*.part"):
            if _is_gone(path.suffixes[-2][1:]):
                path.unlink(missing_ok=True)


def _is_gone(process: str) -> bool:
    """Whether nobody finishes a copy any more."""
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # somebody else's
        return False
    return False


def _opened_near(near: Path) -> OpenFile | None:
    """A near copy; None where there is none, or another process just let it go."""
    try:
        os.utime(near)
        return OpenFile(near)
    except FileNotFoundError:
        return None


def _cached(pack: Pack, folder: Path, limit_bytes: int) -> CachedShards:
    return CachedShards(pack, folder, limit_bytes=limit_bytes)


def _short(pack: Pack, shard: int) -> DigestMismatch:
    return DigestMismatch(
        f"shard {pack.shard_path(shard).name} ends too early",
        subject=str(pack.folder),
        remedy=_AGAIN,
    )


def _missing(pack: Pack, shard: int) -> SourceMissing:
    return SourceMissing(
        f"shard {pack.shard_path(shard).name} is missing", subject=str(pack.folder), remedy=_AGAIN
    )
