"""Where an export goes: files beside their target until they are whole, taken up again by part."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from ringroad.domain.canonical import canonical_json
from ringroad.domain.errors import InputError, StorageFull, UsageError

PROGRESS = "progress.json"


class Sink(Protocol):
    """Takes the bytes of one export."""

    def append(self, data: bytes, name: str = "") -> None:
        """Add to a file; the empty name is the export itself, where it is one file."""
        ...

    def put(self, data: bytes, name: str) -> None:
        """Write a whole small file below the folder of the export."""
        ...


class OpenSink:
    """One open file, for an export that is one file and is not taken up again."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def append(self, data: bytes, name: str = "") -> None:
        """Write on."""
        del name
        self._file.write(data)

    def put(self, data: bytes, name: str) -> None:
        """There is no folder. Raises UsageError."""
        raise UsageError(f"{name} ({len(data)} bytes) does not fit into one open file")


class PathSink:
    """A file or a folder that takes its name once it is whole.

    Until then it lies in `.NAME.unfinished`. After each part the lengths of the files that grow
    are noted, durably; an export of the same key goes on from there, with the same bytes in the
    end. Whole small files are written again where their part was not noted. They are not synced
    one by one: what is kept is safe from a killed process; after a power cut start afresh.
    """

    def __init__(self, target: Path, *, folder: bool, key: str) -> None:
        self.target = target
        self._folder = folder
        self._key = key
        self._work = target.with_name(f".{target.name}.unfinished")
        self._files = self._work / "files"
        self._open: dict[str, BinaryIO] = {}
        self._made: set[Path] = set()

    def begin(self) -> int:
        """The number of the last part that is there; -1 where the export begins.

        Raises:
            UsageError: the target is a folder that holds something.
        """
        if self._folder and self.target.exists() and any(self.target.iterdir()):
            raise UsageError(
                "is there already, and not empty",
                subject=str(self.target),
                remedy="name another folder, or remove it",
            )
        with _told(self.target):
            state = self._state()
            if state is None:
                shutil.rmtree(self._work, ignore_errors=True)
                self._files.mkdir(parents=True)
                return -1
            for name, size in state["sizes"].items():
                os.truncate(self._path(name), size)
            return int(state["part"])

    def append(self, data: bytes, name: str = "") -> None:
        """Add to a file."""
        with _told(self.target):
            if name not in self._open:
                path = self._path(name)
                self._parent(path)
                self._open[name] = path.open("ab")
            self._open[name].write(data)

    def put(self, data: bytes, name: str) -> None:
        """Write a whole small file."""
        with _told(self.target):
            path = self._path(name)
            self._parent(path)
            path.write_bytes(data)

    def note(self, part: int) -> None:
        """All up to this part is there."""
        with _told(self.target):
            for file in self._open.values():
                file.flush()
                os.fsync(file.fileno())
            sizes = {name: file.tell() for name, file in self._open.items()}
            before = self._state() or {"sizes": {}}
            state = {"key": self._key, "part": part, "sizes": before["sizes"] | sizes}
            unfinished = self._work / f".{PROGRESS}"
            unfinished.write_bytes(canonical_json(state))
            unfinished.replace(self._work / PROGRESS)

    def finish(self) -> int:
        """Give the export its name. Returns its bytes."""
        with _told(self.target):
            for file in self._open.values():
                file.flush()
                os.fsync(file.fileno())
                file.close()
            self._open.clear()
            made = self._files if self._folder else self._path("")
            size = sum(path.stat().st_size for path in self._files.rglob("*") if path.is_file())
            if self._folder and self.target.exists():
                self.target.rmdir()
            made.replace(self.target)
            shutil.rmtree(self._work, ignore_errors=True)
            return size

    def close(self) -> None:
        """Close files; what is unfinished stays, to be taken up again."""
        for file in self._open.values():
            file.close()
        self._open.clear()

    def _path(self, name: str) -> Path:
        return self._files / (name or self.target.name)

    def _parent(self, path: Path) -> None:
        if path.parent not in self._made:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(path.parent)

    def _state(self) -> dict[str, Any] | None:
        """What was noted for this very export."""
        try:
            state = json.loads((self._work / PROGRESS).read_bytes())
            known = state["key"] == self._key and isinstance(state["part"], int)
            whole = all(
                self._path(name).stat().st_size >= size for name, size in state["sizes"].items()
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return dict(state) if known and whole else None


@contextmanager
def _told(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        kind = StorageFull if error.errno in {errno.ENOSPC, errno.EDQUOT} else InputError
        raise kind(
            f"cannot be written: {error.strerror or error}",
            subject=str(target),
            remedy="make room or name another place, then start the same command again",
        ) from error
