"""A folder for what a step needs only while it runs, and which no killed process leaves for good.

Its owner holds a lock (`flock`) on it, which the kernel takes back when the owner ends, however
it ends. Whoever makes the next scratch folder beside it removes those whose lock is free.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

PREFIX = "ringroad-step-"


class Scratch:
    """An empty folder, this process's own until `close`. Raises OSError where none can be made."""

    def __init__(self, near: Path | None = None) -> None:
        near = near or Path(tempfile.gettempdir())
        sweep(near)
        self.path, self._held = _held(near)

    def close(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._held)


def sweep(near: Path) -> list[Path]:
    """Remove the scratch folders in `near` whose owners have ended; those that were removed."""
    return [path for path in near.glob(f"{PREFIX}*") if _removed(path)]


def _held(near: Path) -> tuple[Path, int]:
    while True:
        path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=near))
        try:
            held = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:  # swept in the moment between being made and being held
            continue
        fcntl.flock(held, fcntl.LOCK_EX)
        if path.exists():
            return path, held
        os.close(held)


def _removed(path: Path) -> bool:
    try:
        held = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:  # another user's, or gone meanwhile
        return False
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path)
    except OSError:  # in use
        return False
    finally:
        os.close(held)
    return True
