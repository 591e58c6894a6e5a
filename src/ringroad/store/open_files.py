"""A few files kept open between ranged reads, each lent to one reader at a time."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from ringroad.domain.errors import SourceChanged

Identity = tuple[Path, int, int, int, int]


class OpenFiles:
    """At most `limit` descriptors at rest. Two threads that read one file hold one each."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._rest: OrderedDict[Identity, int] = OrderedDict()
        self._lock = Lock()

    def read(self, path: Path, state: os.stat_result, offset: int, length: int) -> bytes:
        """A range of the very file that `state` describes, shorter only at its end.

        Raises:
            SourceChanged: another file stands there by now.
        """
        parts = []
        with self._lend(path, state) as descriptor:
            while length and (part := os.pread(descriptor, length, offset)):
                parts.append(part)
                offset, length = offset + len(part), length - len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    @contextmanager
    def _lend(self, path: Path, state: os.stat_result) -> Iterator[int]:
        identity = _identity(path, state)
        with self._lock:
            descriptor = self._rest.pop(identity, None)
        if descriptor is None:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            if _identity(path, os.fstat(descriptor)) != identity:
                raise SourceChanged(
                    "it was replaced while it was read",
                    subject=str(path),
                    remedy="let the writer finish, then ingest it again",
                )
            yield descriptor
        finally:
            self._put_back(identity, descriptor)

    def close(self) -> None:
        """Close all that rest."""
        with self._lock:
            while self._rest:
                os.close(self._rest.popitem()[1])

    def _put_back(self, identity: Identity, descriptor: int) -> None:
        with self._lock:
            spare = self._rest.pop(identity, None)
            self._rest[identity] = descriptor
            if spare is None and len(self._rest) > self.limit:
                spare = self._rest.popitem(last=False)[1]
        if spare is not None:
            os.close(spare)

    def __del__(self) -> None:
        self.close()


def _identity(path: Path, state: os.stat_result) -> Identity:
    return path, state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns
