"""What it takes for bytes to survive a power cut, and how a full file system is told."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ringroad.domain.errors import StorageFull

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""Error numbers that mean: no more bytes (disk, quota, limit on the size of one file)."""


def fsync_path(path: Path) -> None:
    """Make a file's bytes or a folder's entries durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def storage_full(subject: str, error: BaseException) -> StorageFull:
    """The error to raise where the file system took no more bytes."""
    return StorageFull(
        f"the file system took no more bytes ({error})",
        subject=subject,
        remedy="free space or raise the quota, then run the same command again; it goes on",
    )


@contextmanager
def telling_full(subject: str) -> Iterator[None]:
    """Turn the system's ways of saying `full` into `StorageFull`; other errors pass."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise storage_full(subject, error) from error
        raise
