"""The files of one label import: a single file, a folder, or a bundle of either as one artifact."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from ringroad.domain.errors import InputError, InvalidAnnotations

SUFFIXES = frozenset(
    {".json", ".jsonl", ".xml", ".txt", ".yaml", ".yml", ".csv", ".names", ".parquet", ".tar"}
)
"""Files that may hold labels; pictures and the like are passed over."""
MOST_FILES = 2_000_000
SMALL = 64 << 20


class LabelFiles:
    """Files by name, in order; names have forward slashes."""

    def __init__(self, title: str, places: dict[str, tuple[Path, int, int]]) -> None:
        self.title = title
        self._places = places

    @classmethod
    def of(cls, path: Path) -> LabelFiles:
        """A file, or the label files below a folder; links are not followed.

        Raises:
            InputError: nothing is there, or no file that could hold labels.
        """
        if path.is_file():
            return cls(str(path), {path.name: (path, 0, path.stat().st_size)})
        if not path.is_dir():
            raise InputError(
                "no such file or folder",
                subject=str(path),
                remedy="check the path: it is taken from the folder you are in",
            )
        places = {
            file.relative_to(path).as_posix(): (file, 0, file.stat().st_size)
            for file in _below(path)
        }
        if not places:
            raise InputError(
                "holds no label files",
                subject=str(path),
                remedy=f"name a folder with {', '.join(sorted(SUFFIXES))}",
            )
        return cls(str(path), places)

    @classmethod
    def bundled(cls, bundle: Path, title: str) -> LabelFiles:
        """What `bundle` wrote. Raises InvalidAnnotations where it is no such file."""
        places: dict[str, tuple[Path, int, int]] = {}
        try:
            with tarfile.open(bundle, "r:") as tar:
                while (member := tar.next()) is not None:
                    tar.members = []  # type: ignore[attr-defined]  # or it keeps every one of them
                    places[member.name] = (bundle, member.offset_data, member.size)
        except tarfile.TarError as error:
            raise InvalidAnnotations(f"not a bundle of labels: {error}", subject=title) from error
        return cls(title, places)

    def names(self) -> Sequence[str]:
        """All names, ascending."""
        return sorted(self._places)

    def of_kind(self, suffix: str) -> list[str]:
        """Names that end so; a single file whatever it is called.

        Raises:
            InvalidAnnotations: there are several files, and none of that kind.
        """
        names = self.names()
        found = [name for name in names if name.endswith(suffix)] if len(names) > 1 else [*names]
        if not found:
            raise InvalidAnnotations(
                f"holds no {suffix} files", subject=self.title, remedy="name another --format"
            )
        return found

    def head(self, suffix: str, size: int = 1 << 16) -> bytes:
        """The first bytes of the first file that ends so; none where there is no such file."""
        name = next((name for name in self.names() if name.endswith(suffix)), None)
        if name is None:
            return b""
        with self.open(name) as file:
            return file.read(size)

    def size(self, name: str) -> int:
        """Bytes of one file."""
        return self._places[name][2]

    def open(self, name: str) -> BinaryIO:
        """One file, to be read as a stream."""
        path, offset, size = self._places[name]
        file = path.open("rb")
        if offset == 0 and size == path.stat().st_size:
            return file
        file.seek(offset)
        return io.BufferedReader(_Window(file, size), 1 << 18)

    def read(self, name: str, *, limit: int = SMALL) -> bytes:
        """A whole small file. Raises InvalidAnnotations where it is larger."""
        path, offset, size = self._places[name]
        if size > limit:
            raise InvalidAnnotations(
                f"has {size:,} bytes, more than {limit:,}",
                subject=f"{self.title}/{name}",
                remedy="it is no file of this format",
            )
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(size)

    def subject(self, name: str) -> str:
        """How messages call a file."""
        return self.title if len(self._places) == 1 else f"{self.title}/{name}"


class _Window(io.RawIOBase):
    """A stretch of a file, from where it stands."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        super().__init__()
        self._file = file
        self._begin = file.tell()
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = min(max(origin + offset, 0), self._size)
        self._file.seek(self._begin + self._at)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._file.read(min(len(buffer), self._size - self._at))
        self._at += len(data)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


def bundle(files: LabelFiles, to: Path) -> None:
    """All files in one uncompressed tar: equal files, equal bytes."""
    with tarfile.open(to, "w", format=tarfile.GNU_FORMAT) as tar:
        for name in files.names():
            member = tarfile.TarInfo(name)
            member.size = files.size(name)
            with files.open(name) as file:
                tar.addfile(member, file)
            tar.members = []  # type: ignore[attr-defined]  # or it keeps every one of them


def _below(folder: Path) -> Iterator[Path]:
    count = 0
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(root) / name
            wanted = path.suffix.lower() in SUFFIXES and not name.startswith(".")
            if not wanted or path.is_symlink():
                continue
            count += 1
            if count > MOST_FILES:
                raise InputError(
                    f"holds more than {MOST_FILES:,} label files",
                    subject=str(folder),
                    remedy="import it in parts",
                )
            yield path
